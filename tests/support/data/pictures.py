"""A picture that shows how it was turned, and any picture as a file."""

import io

import numpy as np

RED, GREEN, BLUE, GREY = (220, 30, 40), (30, 160, 60), (40, 60, 200), (120, 120, 120)


def quadrants(width=96, height=64):
    """Red and green above blue and grey: shows every turn and mirroring."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = GREY
    return pixels


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()
