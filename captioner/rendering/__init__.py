"""Captions as pictures: overlays, animations, strips, and the fonts and colours they need."""
