"""Draws docs/attention.svg, the five steps from photo to word: python docs/figure.py

The scene and its numbers are made up; the steps are those of captioner/decoder/recurrent.py.
"""

from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

FILE = Path(__file__).parent / "attention.svg"
WIDTH, HEIGHT = 1100, 424  # units of all coordinates; y grows downwards
INK, MUTED, LINE, FAINT = "#15171c", "#5d636f", "#d5d9df", "#eef0f3"
CARD, ACCENT, SOFT = "#ffffff", "#c63f0c", "#fff0e6"

CELLS, SIDE = 7, 182  # the photo's grid, the photo's width
BALL = (0.66, 0.735)  # centre, as shares of the photo
CELL = SIDE / CELLS
TOP = 146  # of the photo and of what stands beside it
MIDDLE = TOP + SIDE / 2


def attention() -> np.ndarray:
    """Weights of the cells (7, 7) for the word "ball"; they sum to 1."""
    centres = (np.arange(CELLS) + 0.5) / CELLS
    away = (centres[None] - BALL[0]) ** 2 + (centres[:, None] - BALL[1]) ** 2
    weights = np.exp(-away / (2 * 0.11**2)) + 0.01
    return weights / weights.sum()


class Drawing:
    """A canvas in the figure's units."""

    def __init__(self):
        figure = plt.figure(figsize=(WIDTH / 100, HEIGHT / 100))
        self.axes = figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.axis("off")

    def add(self, patch):
        return self.axes.add_patch(patch)

    def text(self, x, y, words, size=10.5, colour=INK, **how):
        self.axes.text(x, y, words, size=size, color=colour, **{"va": "center", **how})

    def box(self, x, y, width, height, fill=CARD, edge=LINE, radius=8, line=1.2):
        style = f"round,pad=0,rounding_size={radius}"
        shape = FancyBboxPatch((x, y), width, height, style, fc=fill, ec=edge, lw=line)
        return self.add(shape)

    def arrow(self, start, end, colour=MUTED, line=1.5):
        self.add(
            FancyArrowPatch(
                start,
                end,
                arrowstyle="-|>,head_length=4.5,head_width=2.6",
                color=colour,
                lw=line,
                shrinkA=0,
                shrinkB=0,
                capstyle="round",
                joinstyle="miter",
            )
        )

    def step(self, x, number, title, *lines):
        """A numbered heading over a step."""
        self.add(Circle((x + 9, 86), 9.5, fc=INK, ec="none"))
        self.text(x + 9, 86.5, str(number), 9.5, CARD, ha="center", weight="bold")
        self.text(x + 25, 86, title, 11.5, weight="bold")
        for row, line in enumerate(lines):
            self.text(x, 109 + 16 * row, line, 9.2, MUTED)

    def sentence(self, x, y, words, now):
        """The words so far, the word that is being chosen, and the words to come."""
        for number, word in enumerate(words):
            colour = INK if number < now else ACCENT if number == now else "#b3b9c3"
            label = self.axes.text(x, y, word, size=18, color=colour, weight="bold", va="center")
            width = label.get_window_extent().width * 100 / self.axes.figure.dpi
            if number == now:
                self.box(x - 6, y - 17, width + 12, 33, SOFT, "none", 7)
            x += width + 15

    def scene(self, x, y, veil=None):
        """The photo, its cells darkened where `veil` (7, 7), 0 to 1, is large."""
        frame = Rectangle((x, y), SIDE, SIDE, fc="#d8e6f0", ec="none")
        self.add(frame)

        def at(u, v):
            return x + u * SIDE, y + v * SIDE

        parts = [
            Circle(at(0.82, 0.17), 0.075 * SIDE, fc="#f4c95d"),
            Polygon([at(-0.1, 0.62), at(0.2, 0.4), at(0.62, 0.62)], fc="#a9bccb"),
            Polygon([at(0.35, 0.62), at(0.74, 0.46), at(1.15, 0.62)], fc="#bccbd7"),
            Rectangle(at(0, 0.56), SIDE, 0.44 * SIDE, fc="#a8c686"),
            Rectangle(at(0.2, 0.42), 0.045 * SIDE, 0.3 * SIDE, fc="#7d5a44"),
            Circle(at(0.15, 0.36), 0.12 * SIDE, fc="#5f8f57"),
            Circle(at(0.29, 0.34), 0.12 * SIDE, fc="#6a9c60"),
            Circle(at(0.22, 0.24), 0.13 * SIDE, fc="#73a668"),
            Polygon([at(0.5, 0.86), at(0.6, 0.835), at(0.84, 0.85), at(0.74, 0.885)], fc="#86a768"),
            Circle(at(*BALL), 0.13 * SIDE, fc="#d8412f"),
            Circle(at(BALL[0] - 0.045, BALL[1] - 0.05), 0.032 * SIDE, fc="#f08a7a"),
        ]
        for part in parts:
            part.set(ec="none", clip_path=None)
            self.add(part).set_clip_path(frame)
        for row in range(CELLS):
            for column in range(CELLS):
                corner = (x + column * CELL, y + row * CELL)
                if veil is not None:
                    shade = Rectangle(corner, CELL, CELL, fc="#14161b", ec="none")
                    shade.set_alpha(float(veil[row, column]))
                    self.add(shade)
                self.add(Rectangle(corner, CELL, CELL, fc="none", ec="white", lw=0.6, alpha=0.7))


def vector(drawing, x, y, values, colour, width=15, height=9):
    """A column of numbers as shades; returns its height."""
    for number, value in enumerate(values):
        cell = Rectangle((x, y + number * height), width, height, fc=FAINT, ec="white", lw=0.8)
        drawing.add(cell)
        shade = Rectangle((x, y + number * height), width, height, fc=colour, ec="white", lw=0.8)
        shade.set_alpha(float(value))
        drawing.add(shade)
    return len(values) * height


def draw() -> Drawing:
    weights = attention()
    drawing = Drawing()
    drawing.box(1, 1, WIDTH - 2, HEIGHT - 2, CARD, LINE, 14)
    drawing.text(WIDTH - 28, 41, "how one word is chosen", 12, MUTED, ha="right")
    drawing.sentence(28, 40, ["a", "red", "ball", "lies", "in", "the", "grass"], now=2)

    one, two, three, four, five = 28, 238, 448, 660, 880
    drawing.step(one, 1, "Grid", "a network describes each", "cell by 320 numbers")
    drawing.scene(one, TOP)

    drawing.step(two, 2, "Attention", "how much does each cell", "matter now?  sum = 1")
    drawing.scene(two, TOP, veil=0.78 * (1 - weights / weights.max()))
    drawing.arrow((one + SIDE + 5, MIDDLE), (two - 5, MIDDLE))
    best = np.unravel_index(weights.argmax(), weights.shape)
    corner = (two + best[1] * CELL, TOP + best[0] * CELL)
    drawing.add(Rectangle(corner, CELL, CELL, fc="none", ec=ACCENT, lw=2))

    drawing.step(three, 3, "Weighted sum", "the cells' numbers, added", "up by weight")
    rng = np.random.default_rng(3)
    shares = weights[best[0], 3:7]  # the cells of the ball's row
    columns = rng.uniform(0.1, 0.9, (4, 9))
    drawing.arrow((two + SIDE + 5, MIDDLE), (three - 5, MIDDLE))
    for number, (share, column) in enumerate(zip(shares, columns, strict=True)):
        x = three + 2 + 24 * number
        strength = 0.15 + 0.85 * share / max(shares)
        vector(drawing, x, MIDDLE - 41, column * strength, ACCENT)
        drawing.text(x + 7.5, MIDDLE + 54, f"{share:.2f}"[1:], 9, MUTED, ha="center")
    drawing.text(three + 101, MIDDLE, "...", 11, MUTED)
    drawing.arrow((three + 122, MIDDLE), (three + 144, MIDDLE))
    mixed = np.average(columns, axis=0, weights=shares)
    vector(drawing, three + 152, MIDDLE - 41, mixed, ACCENT)
    drawing.text(three + 159, MIDDLE + 54, "context", 9, MUTED, ha="center")

    drawing.step(four, 4, "GRU", "reads the sum and updates", "its state, the memory")
    drawing.box(four + 22, MIDDLE - 42, 122, 84, SOFT, ACCENT, 10, 1.6)
    drawing.text(four + 83, MIDDLE, "GRU", 17, ACCENT, ha="center", weight="bold")
    drawing.text(four + 83, TOP + 6, "previous word:  red", 9.6, ha="center")
    drawing.arrow((four + 83, TOP + 18), (four + 83, MIDDLE - 46))
    drawing.arrow((four - 26, MIDDLE), (four + 18, MIDDLE), ACCENT, line=1.8)
    drawing.arrow((four + 148, MIDDLE), (five - 6, MIDDLE), ACCENT, line=1.8)

    drawing.step(five, 5, "Word", "how probable is each word?", "one of them is chosen")
    words = [("ball", 0.81), ("frisbee", 0.07), ("toy", 0.05), ("apple", 0.02), ("balloon", 0.01)]
    for number, (word, share) in enumerate(words):
        y, chosen = MIDDLE - 62 + 31 * number, number == 0
        weight = "bold" if chosen else "normal"
        drawing.text(five + 2, y, word, 10.5, ACCENT if chosen else INK, weight=weight)
        drawing.box(five + 64, y - 5, 88, 10, FAINT, "none", 5)
        drawing.box(
            five + 64, y - 5, max(88 * share, 4), 10, ACCENT if chosen else "#aab1bc", "none", 2
        )
        label = f"{100 * share:.0f} %"
        drawing.text(
            five + 192, y, label, 9.6, ACCENT if chosen else MUTED, ha="right", weight=weight
        )

    below = TOP + SIDE + 32  # the way back: the next word starts from here
    back, memory, chosen = two + SIDE / 2, four + 83, five + 104
    for x, start in ((memory, MIDDLE + 46), (chosen, TOP + SIDE - 4)):
        drawing.axes.plot([x, x, back], [start, below, below], color=MUTED, lw=1.5)
    drawing.arrow((back, below), (back, TOP + SIDE + 6))
    note = "state and word decide where attention goes for the next word"
    drawing.text((back + chosen) / 2, below + 21, note, 10.2, ha="center")
    return drawing


def main() -> None:
    # Letters as outlines, so that it looks the same everywhere; no date, so that it stays the same.
    plt.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "captioner"})
    draw().axes.figure.savefig(FILE, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
