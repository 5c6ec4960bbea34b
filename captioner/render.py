"""Captions as pictures to keep: an overlay, a strip of all words, an animation.

Lengths are in points (1/72 inch); `dpi` says how many pixels that is, so that a strip for a
screen and one for print look alike. Text is set in the DejaVu fonts that come with matplotlib:
no font of the system is needed.
"""

import math
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.files import write_whole

STYLES = ("spotlight", "heat")
SCALES = ("own", "common")
# Perceptually even, and told apart with any kind of colour blindness.
PALETTES = ("inferno", "viridis", "cividis")
DARKEST = 0.2  # the light that a spotlight of full strength leaves where nothing is attended
OPAQUE = 0.75  # how much of the photo a heat map of full strength hides

GROUND, INK, QUIET, RAIL = "#ffffff", "#16181d", "#6b7280", "#e6e8ec"
ACCENT, ACCENT_GROUND = "#d9480f", "#fff1e8"
NO_WORDS = "no words"  # what stands in place of an empty sentence

Font = ImageFont.FreeTypeFont


def overlay(
    photo: Image.Image,
    caption: Caption,
    i: int,
    style: str = "spotlight",
    strength: float = 0.8,
    smooth: bool = True,
    scale: str = "own",
    palette: str = PALETTES[0],
) -> Image.Image:
    """The photo under the attention of word `i`: an RGB image of the photo's size.

    `style`: "spotlight" takes light and colour from what is not attended; "heat" lays colours
    of `palette`, dark (no attention) to light (most), on the photo in grey.
    `strength`: from 0, the photo as it is (or in grey), to 1.
    `smooth`: interpolate between cells, or show each cell flat.
    `scale`: what counts as full attention: the largest weight of this word ("own") or of any
    word of the caption ("common"). Nothing is subtracted, so an even map looks even.

    Raises ValueError for an unknown style, scale or palette or a strength outside 0..1,
    IndexError if there is no such word.
    """
    if style not in STYLES or scale not in SCALES:
        raise ValueError(f"style is one of {STYLES} and scale one of {SCALES}")
    if palette not in PALETTES:
        raise ValueError(f"palette is one of {PALETTES}")
    if not 0 <= strength <= 1:
        raise ValueError("strength lies between 0 and 1")
    placed = caption.placed_attention(i, photo.size, smooth)
    full = float((caption.words[i].attention if scale == "own" else caption.maps).max())
    attended = np.clip(placed / max(full, 1e-12), 0, 1)[..., None]  # (h, w, 1), 0 to 1
    colours = np.asarray(photo.convert("RGB"), np.float32)  # (h, w, 3), 0 to 255
    grey = np.asarray(photo.convert("L"), np.float32)[..., None]
    if style == "spotlight":
        lost = strength * (1 - attended)
        shown = (colours + (grey - colours) * lost) * (1 - (1 - DARKEST) * lost)
    else:
        heat = matplotlib.colormaps[palette](attended[..., 0])[..., :3].astype(np.float32) * 255
        shown = grey + (heat - grey) * (OPAQUE * strength)
    return Image.fromarray((shown + 0.5).astype(np.uint8))


def strip(
    photo: Image.Image, caption: Caption, dpi: int = 150, columns: int = 7, **look
) -> Image.Image:
    """All words in reading order, each above its overlay, its probability beneath; at the foot
    the scale of the colours.

    At most `columns` words stand in a row, and rows are of like length. `look` is handed to
    `overlay`: style, strength, smooth, scale, palette. At 300 dpi the picture is fit for print.
    """

    def px(points: float) -> int:
        return max(1, round(points * dpi / 72))

    count = len(caption.words)
    rows = max(1, -(-count // columns))
    across = max(1, -(-count // rows))
    margin, gap, cell = px(28), px(16), px(108)
    small = _fitted(photo, cell, px(120))
    row, between = px(20) + small.height + px(26), px(20)  # word, photo, probability
    title = _font(px(19), bold=True)
    longest = max(title.getlength(word) for word in _sentence(caption))
    inner = max(across * (cell + gap) - gap, math.ceil(longest))
    heading = _set(caption, title, inner)
    top = margin + heading.height + px(16)
    foot = top + (rows * (row + between) - between if count else small.height)
    height = foot + (px(30) if count else 0) + margin

    page = Image.new("RGB", (inner + 2 * margin, height), GROUND)
    page.paste(heading, (margin, margin))
    corners = _rounded(small.size, px(4))
    if not count:
        page.paste(small, (margin, top), corners)
    draw = ImageDraw.Draw(page)
    for i, word in enumerate(caption.words):
        left = margin + i % across * (cell + gap)
        upper = top + i // across * (row + between)
        middle = left + cell // 2
        font = _fitting(word.text, px(11), cell)
        draw.text((middle, upper + px(11)), word.text, INK, font, anchor="ms")
        x, y = middle - small.width // 2, upper + px(20)
        page.paste(overlay(small, caption, i, **look), (x, y), corners)
        y += small.height + px(7)
        _bar(page, (x, y, small.width, px(3)), word.probability)
        number = percent(word.probability)
        draw.text((middle, y + px(16)), number, QUIET, _font(px(8.5)), anchor="ms")
    if count:
        _colour_bar(page, (margin, foot + px(22)), px(48), caption, **look)
    return page


def save_strip(
    photo: Image.Image, caption: Caption, path: Path | str, dpi: int = 150, **look
) -> None:
    """Writes `strip` as a PNG that knows its resolution, whole or not at all. `look` as there.

    Raises OSError if it cannot be written.
    """
    page = strip(photo, caption, dpi, **look)
    write_whole(path, lambda file: page.save(file, "PNG", dpi=(dpi, dpi), optimize=True))


def gif(
    photo: Image.Image,
    caption: Caption,
    path: Path | str,
    seconds: float = 0.8,
    width: int = 640,
    **look,
) -> None:
    """Writes an animation, one frame a word, whole or not at all.

    A frame shows the sentence with its word marked, above the overlay of that word; it stays for
    `seconds`, the last one longer. `width` is in pixels; `look` is handed to `overlay`. An empty
    caption gives one frame, the plain photo.

    Raises OSError if it cannot be written.
    """
    margin = width // 25
    inner = width - 2 * margin
    shown = _fitted(photo, inner, inner)
    corners = _rounded(shown.size, width // 80)
    font = _font(width // 26, bold=True)
    frames = []
    for i in range(len(caption.words)) or [None]:
        heading = _set(caption, font, inner, marked=i)
        top = margin + heading.height + margin // 2
        frame = Image.new("RGB", (width, top + shown.height + margin), GROUND)
        frame.paste(heading, (margin, margin))
        picture = shown if i is None else overlay(shown, caption, i, **look)
        frame.paste(picture, ((width - shown.width) // 2, top), corners)
        frames.append(_quantised(frame))
    durations = [round(seconds * 1000)] * len(frames)
    durations[-1] *= 2
    write_whole(
        path,
        lambda file: frames[0].save(
            file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0
        ),
    )


def percent(probability: float) -> str:
    """A probability for people: "41 %", and neither 0 nor 100 unless it is so."""
    if 0 < probability < 0.01:
        return "< 1 %"
    if 0.99 < probability < 1:
        return "> 99 %"
    return f"{probability * 100:.0f} %"


def _fitted(photo: Image.Image, width: int, height: int) -> Image.Image:
    """The photo as large as fits into width x height pixels; a sliver keeps one pixel."""
    share = min(width / photo.width, height / photo.height)
    size = max(1, round(photo.width * share)), max(1, round(photo.height * share))
    return photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _quantised(frame: Image.Image) -> Image.Image:
    """256 colours, some kept for the sentence: a large photo would leave it none of its own."""
    kept = [_blend(GROUND, INK, step / 6) for step in range(7)]
    kept += [_blend(ACCENT_GROUND, ACCENT, step / 4) for step in range(5)]
    palette = frame.quantize(256 - len(kept), dither=Image.Dither.NONE)
    colours = palette.getpalette()[: 3 * (256 - len(kept))]
    palette.putpalette(colours + [value for colour in kept for value in colour])
    return frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _blend(one: str, other: str, share: float) -> list[int]:
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return [round(a + (b - a) * share) for a, b in pairs]


@lru_cache(maxsize=64)
def _font(pixels: int, bold: bool = False) -> Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), pixels)


def _fitting(text: str, pixels: int, width: int) -> Font:
    """The bold font of `pixels`, or a smaller one in which `text` is no wider than `width`."""
    wide = _font(pixels, bold=True).getlength(text)
    return _font(max(4, int(pixels * min(1, width / max(wide, 1)))), bold=True)


def _sentence(caption: Caption) -> list[str]:
    return [word.text for word in caption.words] or [NO_WORDS]


def _set(caption: Caption, font: Font, width: int, marked: int | None = None) -> Image.Image:
    """The sentence broken into lines of `width` pixels, one word marked if told."""
    line, pad, space = round(font.size * 1.6), round(font.size * 0.22), font.size * 0.5
    at, x, y = [], 0.0, 0
    words = _sentence(caption)
    for word in words:
        long = font.getlength(word)
        if x and x + long > width:
            x, y = 0.0, y + line
        at.append((x, y, long))
        x += long + space
    page = Image.new("RGB", (width, y + line), GROUND)
    draw = ImageDraw.Draw(page)
    for i, (word, (x, y, long)) in enumerate(zip(words, at, strict=True)):
        if i == marked:
            ground = (round(long) + 2 * pad, line - pad // 2)
            page.paste(ACCENT_GROUND, (round(x) - pad, y), _rounded(ground, pad))
        colour = ACCENT if i == marked else INK if caption.words else QUIET
        draw.text((x, y + round(line * 0.7)), word, colour, font, anchor="ls")
    return page


def _bar(page: Image.Image, box: tuple[int, int, int, int], share: float) -> None:
    """A rail (left, top, width, height), filled from the left by `share`."""
    left, top, width, height = box
    page.paste(RAIL, (left, top), _rounded((width, height), height / 2))
    filled = min(width, max(height, round(width * share)))  # a dot at least
    page.paste(ACCENT, (left, top), _rounded((filled, height), height / 2))


def _colour_bar(
    page: Image.Image, at: tuple[int, int], width: int, caption: Caption, **look
) -> None:
    """What the colours stand for, from left to right: a bar of `width` at (left, middle)."""
    left, middle = at
    height, font = width // 10, _font(width // 6)
    if look.get("scale") == "common":
        least, most = "0 %", percent(float(caption.maps.max()))
    else:
        least, most = "none", "most"
    left += round(font.getlength(least)) + width // 8
    draw = ImageDraw.Draw(page)
    draw.text((left - width // 8, middle), least, QUIET, font, anchor="rm")
    growing = Word("", 1, np.linspace(0, 1, 64, dtype=np.float32)[None], [])
    bar = overlay(
        Image.new("RGB", (width, height), "#d8d8d8"),
        Caption([growing], Geometry(1, 64, 64, 1, 0.5)),
        0,
        **{**look, "scale": "own"},
    )
    page.paste(bar, (left, middle - height // 2), _rounded(bar.size, height / 2))
    draw.text((left + width + width // 8, middle), most, QUIET, font, anchor="lm")


def _rounded(size: tuple[int, int], radius: float) -> Image.Image:
    """A mask of `size` with round corners; drawn four times larger, so that edges are smooth."""
    large = Image.new("L", (size[0] * 4, size[1] * 4))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius * 4, fill=255)
    return large.resize(size, Image.Resampling.BOX)
