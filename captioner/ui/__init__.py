"""The page: components, tabs and what is sent to launch(). TensorFlow is not imported here."""
