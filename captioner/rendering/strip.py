"""A strip: the figure of a caption with every word over its attention, for screen and print."""

import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.files import write_whole
from captioner.rendering.fonts import bold_font, families
from captioner.rendering.render import (
    ACCENT,
    GROUND,
    INK,
    QUIET,
    fitted,
    overlay,
    percent,
    sentence,
)
from captioner.words import is_right_to_left, join

# matplotlib is imported where it is used: the page must not wait for it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
RAIL = "#e6e8ec"  # behind the bars

# The layout, in points (1/72 inch).
_MARGIN, _GAP = 28, 14  # around the figure; between columns
_PANEL = (110, 124)  # the largest width and height of an overlay
_NARROWEST = 72  # column
_HEADING, _LINE = 18, 26  # font size and line height of the sentence
_WORD, _NUMBER = 11, 8.5  # font sizes
_ABOVE, _BELOW = 26, 28  # around an overlay: its word; its probability
_SIDES = "left", "right"
# Unicode's marks around a line from right to left; in SVG a line is from left to right otherwise.
_EMBEDDING, _END_OF_IT = "\u202b", "\u202c"
_COLOUR_BAR, _FOOT = (130, 6), 46  # the colour bar; the area at the foot that it stands in

# Text stays text in vector files. These settings are global, hence the lock.
_TEXT_AS_TEXT = {"svg.fonttype": "none", "pdf.fonttype": 42}
_SAVING = threading.Lock()


def strip_figure(
    photo: Image.Image, caption: Caption, dpi: int = 150, columns: int = 7, **look
) -> "Figure":
    """A figure of the sentence, the photo, and every word with its overlay and probability.

    Args:
        dpi: Resolution of the overlays.
        columns: The largest number of panels in a row; rows are about equally long.
        **look: Arguments of `overlay`: style, strength, smooth, scale, palette.

    Raises:
        FontError: No font has the letters of the caption.
    """
    from matplotlib.figure import Figure  # not pyplot, which is not thread-safe

    panels = 1 + len(caption.words)
    rows = math.ceil(panels / columns)
    across = math.ceil(panels / rows)
    small = fitted(photo, *(round(side * dpi / 72) for side in _PANEL))
    panel = (max(small.width, round(_NARROWEST * dpi / 72)), small.height)  # pixels
    column, height = (side * 72 / dpi for side in panel)
    grid = across * (column + _GAP) - _GAP
    inner = max(grid, *(_text_width(word, _HEADING) for word in sentence(caption)))
    lines = _wrapped(sentence(caption), inner)
    top = _MARGIN + _LINE * len(lines) + _ABOVE
    bottom = _MARGIN + _BELOW + (_FOOT if caption.words else 0)
    full_width = inner + 2 * _MARGIN
    full_height = top + rows * height + (rows - 1) * (_BELOW + _ABOVE) + bottom

    figure = Figure((full_width / 72, full_height / 72), dpi=dpi, facecolor=GROUND)
    axes = figure.subplots(
        rows,
        across,
        squeeze=False,
        gridspec_kw={
            "left": _MARGIN / full_width,
            "right": (_MARGIN + grid) / full_width,
            "top": 1 - top / full_height,
            "bottom": bottom / full_height,
            "wspace": _GAP / column,
            "hspace": (_BELOW + _ABOVE) / height,
        },
    )
    side = 1 if is_right_to_left(caption.text) else 0  # where lines begin
    axes = list((axes[:, ::-1] if side else axes).flat)
    for ax in axes:
        ax.set_axis_off()
    for number, line in enumerate(lines):
        y = 1 - (_MARGIN + _LINE * (number + 0.6)) / full_height
        x = abs(side - _MARGIN / full_width)
        colour = INK if caption.words else QUIET
        font = _font_of(_HEADING, text=line)
        line = f"{_EMBEDDING}{line}{_END_OF_IT}" if side else line
        figure.text(x, y, line, color=colour, horizontalalignment=_SIDES[side], **font)
    _show(axes[0], small, panel, side)
    font = _font_of(_WORD, "normal")
    axes[0].set_title("photo", loc=_SIDES[side], pad=7, color=QUIET, **font)
    for i, (ax, word) in enumerate(zip(axes[1:], caption.words, strict=False)):
        _show(ax, overlay(small, caption, i, **look), panel, side)
        _label(ax, word, column, side)
    if caption.words:
        box = np.array([_MARGIN, _MARGIN + 12, *_COLOUR_BAR])
        _colour_bar(figure.add_axes(box / ([full_width, full_height] * 2)), caption, look)
    return figure


def save_strip(
    photo: Image.Image, caption: Caption, path: Path | str, dpi: int = 150, **look
) -> None:
    """Saves `strip_figure` as PNG, SVG or PDF, by the suffix; the file is complete or untouched.

    Raises:
        ValueError: The suffix is another one, or no font has the letters of the caption.
        OSError: The file cannot be written.
    """
    import matplotlib

    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"A strip is saved as .png, .svg or .pdf: rename {Path(path).name}.")
    figure = strip_figure(photo, caption, dpi, **look)
    with _SAVING, matplotlib.rc_context(_TEXT_AS_TEXT):
        write_whole(path, lambda file: figure.savefig(file, dpi=dpi, format=kind))


def _font_of(size: float, weight: str = "bold", text: str = "") -> dict:
    """Text properties; a "$" in a word does not begin a formula."""
    family = families(text)
    return {"fontsize": size, "fontweight": weight, "fontfamily": family, "parse_math": False}


def _text_width(text: str, size: float) -> float:
    """Width of bold text in points."""
    words = text.split(" ")
    width = sum(bold_font(100, word).getlength(word) for word in words)
    return (width + (len(words) - 1) * bold_font(100).getlength(" ")) * size / 100


def _wrapped(words: list[str], width: float) -> list[str]:
    """The sentence of a strip in lines of at most `width` points."""
    lines = [words[0]]
    for word in words[1:]:
        longer = join([lines[-1], word])
        if _text_width(longer, _HEADING) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _show(ax: "Axes", image: Image.Image, size: tuple[int, int], side: int) -> None:
    """An image at one side of a panel of `size` pixels."""
    ax.imshow(ImageOps.pad(image, size, color=GROUND, centering=(side, 0)))


def _label(ax: "Axes", word: Word, column: float, side: int) -> None:
    """The word above its panel, its probability below, as a bar and a number."""
    from matplotlib.transforms import ScaledTranslation

    size = _WORD * min(1, column / max(_text_width(word.text, _WORD), 1))
    ax.set_title(word.text, loc=_SIDES[side], pad=7, color=INK, **_font_of(size, text=word.text))
    below = ax.transAxes + ScaledTranslation(0, -7 / 72, ax.figure.dpi_scale_trans)
    for share, colour in ((1, RAIL), (word.probability, ACCENT)):
        ax.plot(
            [side, abs(side - share)],
            [0, 0],
            transform=below,
            color=colour,
            linewidth=3,
            solid_capstyle="butt",
            clip_on=False,
        )
    ax.annotate(
        percent(word.probability),
        (side, 0),
        xytext=(0, -13),
        xycoords="axes fraction",
        textcoords="offset points",
        horizontalalignment=_SIDES[side],
        verticalalignment="top",
        color=QUIET,
        **_font_of(_NUMBER, "normal"),
    )


def _colour_bar(ax: "Axes", caption: Caption, look: dict) -> None:
    """What the colours of the overlays mean."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap

    steps = 30 if look.get("style") == "contours" else 256  # a line is one step wide
    gradient = Word("", 1, np.linspace(0, 1, steps, dtype=np.float32)[None], [])
    sample = Caption([gradient], Geometry(1, steps, steps, 1, 0.5))
    grey = Image.new("RGB", (steps, 1), "#d8d8d8")
    colours = np.asarray(overlay(grey, sample, 0, **{**look, "scale": "own"}))[0] / 255
    if look.get("scale") == "common":
        peak = float(caption.maps.max())
        title, ticks = "attention on one cell, same scale for all words", (0, 0.5, 1)
        labels = [percent(tick * peak) for tick in ticks]
    else:
        title, ticks, labels = "attention, each word on its own scale", (0, 1), ("none", "most")
    bar = ax.figure.colorbar(
        ScalarMappable(cmap=ListedColormap(colours)), cax=ax, orientation="horizontal"
    )
    bar.set_ticks(ticks, labels=labels, color=QUIET, **_font_of(_NUMBER, "normal"))
    bar.outline.set_visible(False)
    ax.tick_params(length=0, pad=4)
    for label, side in ((ax.get_xticklabels()[0], "left"), (ax.get_xticklabels()[-1], "right")):
        label.set_horizontalalignment(side)
    ax.set_title(title, loc="left", pad=5, color=QUIET, **_font_of(_NUMBER, "normal"))
