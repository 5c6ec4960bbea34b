"""How overlays look: colours and strengths, for the pictures that Python draws and for the page.

This module is quick to import, because the page needs it at once: it holds the colours as a table
instead of importing matplotlib.
"""

import numpy as np

STYLES = ("heat", "spotlight", "contours")  # the first is the default
SCALES = ("own", "common")

# Default. What is not attended then keeps 72 % of its brightness under a heat map, 61 % under a
# spotlight.
STRENGTH = 0.55
SPOTLIGHT_DARKEST = 0.3  # brightness that full strength leaves where nothing is attended
HEAT_FAINT, HEAT_OPAQUE = 0.5, 0.9  # opacity at full strength, without and with full attention
CONTOUR_LEVELS = 5  # lines lie at each fifth of the peak
CONTOUR_WIDTH = 250  # an image is as wide as this many lines

# 33 colours, evenly spaced from dark to light, of matplotlib's colour maps (public domain). They
# are perceptually uniform and readable with every kind of colour blindness.
_COLOURS = {
    "inferno": (
        "000004 040312 0b0724 150b37 210c4a 2e0a5a 3c0965 4a0c6b 57106d 63146e 70196e "
        "7d1e6d 89226a 962766 a32b61 af315c bb3755 c63e4d d14644 db4f3b e35932 eb6528 "
        "f1711e f67f14 f98d0a fb9c06 fcab0f fbba1f f9ca32 f5d949 f2e865 f3f586 fcffa4"
    ),
    "viridis": (
        "440154 470d60 48186a 482374 472d7b 453681 424086 3f4989 3b528b 375a8d 33638d "
        "2f6a8e 2c728e 297a8e 26818e 23898e 21908c 1f988b 1f9f88 21a685 28ae80 31b57b "
        "3ebc74 4cc26c 5dc963 6ece58 82d34c 96d83f abdc32 c0df24 d5e21a eae51a fde725"
    ),
    "cividis": (
        "00224e 00285b 002e6a 043371 1a386f 273e6e 32436d 3b496c 434e6c 4b546c 52596d "
        "5a5f6e 61656f 686a71 6f7073 757676 7c7b78 848179 8b8778 938d78 9b9376 a39a75 "
        "aba072 b3a670 bbad6c c3b469 ccba64 d4c15f ddc958 e6d051 efd748 f8df3c fee838"
    ),
}
PALETTES = tuple(_COLOURS)  # the first is the default

# For the difference of two maps: blue, white where they are equal, orange. Made in OKLCH so that
# both ends are equally dark; blue and orange differ with every kind of colour blindness.
_DIFFERENCE = (
    "1761b9 296bbe 3874c3 457ec7 5387cc 6090d1 6d99d5 7aa3d9 87acdd 94b5e1 a1bee5 "
    "afc7e9 bcd0ec cadaef d8e3f2 e6ecf4 f6f6f6 f3eae5 f0dfd6 ecd4c8 e9c9ba e4beab "
    "e0b49e dba990 d79f82 d29475 cc8a67 c77f5a c2754c bc6a3d b65f2e b0551b aa4900"
)


def _steps(colours: str) -> np.ndarray:
    return np.array([list(bytes.fromhex(colour)) for colour in colours.split()])


def colours(palette: str) -> np.ndarray:
    """The 256 colours of a palette from no attention to full attention, uint8 (256, 3)."""
    steps = _steps(_COLOURS[palette])
    position = np.linspace(0, len(steps) - 1, 256)
    channels = [np.interp(position, np.arange(len(steps)), channel) for channel in steps.T]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def page_style() -> dict:
    """All of this as JSON, for the scripts of the page (assets/shared/maps/painter.js)."""
    return {
        "overlay": STYLES[0],
        "palettes": {name: _steps(colours).tolist() for name, colours in _COLOURS.items()},
        "difference": _steps(_DIFFERENCE).tolist(),
        "strength": STRENGTH,
        "spotlight": {"darkest": SPOTLIGHT_DARKEST},
        "heat": {"faint": HEAT_FAINT, "opaque": HEAT_OPAQUE},
        "contours": {"levels": CONTOUR_LEVELS, "width": CONTOUR_WIDTH},
    }
