"""The networks that make a grid of features of a photo."""
