"""The page: components, tabs and what is sent to launch(). TensorFlow is not imported here."""

from captioner.ui import machine

machine.choose_upload_folder()  # before Gradio is imported
