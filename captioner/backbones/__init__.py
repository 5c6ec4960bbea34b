"""Backbones: the networks that turn a photo into a grid of features."""
