"""Captions as pictures: the overlay of one word, and an animation of all words."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from captioner.caption import Caption
from captioner.files import write_whole
from captioner.rendering import overlay_style
from captioner.rendering.fonts import bold_font
from captioner.rendering.overlay_style import PALETTES, SCALES, STRENGTH, STYLES
from captioner.words import is_right_to_left

GROUND, INK, QUIET = "#ffffff", "#16181d", "#6b7280"
ACCENT, ACCENT_GROUND = "#d9480f", "#fff1e8"


def overlay(
    photo: Image.Image,
    caption: Caption,
    i: int,
    style: str = STYLES[0],
    strength: float = STRENGTH,
    smooth: bool = True,
    scale: str = SCALES[0],
    palette: str = PALETTES[0],
) -> Image.Image:
    """The photo under the attention of word `i`, with the colours that the page shows.

    Args:
        style: "heat" lays colours from dark (no attention) to light (most) on the photo;
            "spotlight" removes light and colour where nothing is attended; "contours" draws lines
            of equal attention.
        strength: From 0, the photo as it is, to 1.
        smooth: Interpolate between cells; otherwise each cell is flat.
        scale: What counts as full attention: the largest weight of this word ("own") or of any
            word of the caption ("common"). Nothing is subtracted, so a uniform map looks uniform.
        palette: Colours of "heat" and "contours".

    Returns:
        An RGB image of the photo's size.

    Raises:
        ValueError: The style, scale or palette is unknown, or the strength is outside 0..1.
        IndexError: The caption has no word `i`.
    """
    if style not in STYLES or scale not in SCALES or palette not in PALETTES:
        raise ValueError(
            f"style must be one of {STYLES}, scale one of {SCALES} and palette one of {PALETTES}"
        )
    if not 0 <= strength <= 1:
        raise ValueError("strength must be between 0 and 1")
    placed = caption.placed_attention(i, photo.size, smooth)
    peak = float((caption.words[i].attention if scale == "own" else caption.maps).max())
    attended = np.clip(placed / max(peak, 1e-12), 0, 1)  # (h, w), 0 to 1
    colour = np.asarray(photo.convert("RGB"), np.float32)  # (h, w, 3), 0 to 255
    grey = np.asarray(photo.convert("L"), np.float32)[..., None]
    faded = colour + (grey - colour) * strength
    if style == "spotlight":
        dimmed = faded * (1 - (1 - overlay_style.SPOTLIGHT_DARKEST) * strength)
        painted = dimmed + (colour - dimmed) * attended[..., None]
    elif style == "heat":
        faint, opaque = overlay_style.HEAT_FAINT, overlay_style.HEAT_OPAQUE
        heat = overlay_style.colours(palette)[np.rint(255 * attended).astype(int)]
        alpha = strength * (faint + (opaque - faint) * attended[..., None])
        painted = faded + (heat - faded) * alpha
    else:
        lines, on_line = _contours(attended, palette)
        painted = colour + (lines - colour) * (strength * on_line[..., None])
    return Image.fromarray((painted + 0.5).astype(np.uint8))


def gif(
    photo: Image.Image,
    caption: Caption,
    path: Path | str,
    seconds: float = 0.8,
    width: int = 640,
    **look,
) -> None:
    """Saves an animation with one frame per word; the file is complete or untouched.

    A frame shows the sentence with its word marked, and below it the overlay of that word. An empty
    caption gives one frame with the photo.

    Args:
        seconds: How long a frame stays; the last one stays twice as long.
        width: Width in pixels.
        **look: Arguments of `overlay`: style, strength, smooth, scale, palette.

    Raises:
        OSError: The file cannot be written.
        FontError: No font has the letters of the caption.
    """
    margin = width // 25
    inner = width - 2 * margin
    small = fitted(photo, inner, inner)
    corners = _rounded(small.size, width // 80)
    frames = []
    for i in range(len(caption.words)) or [None]:
        heading = _heading(caption, width // 26, inner, marked=i)
        top = margin + heading.height + margin // 2
        frame = Image.new("RGB", (width, top + small.height + margin), GROUND)
        frame.paste(heading, (margin, margin))
        picture = small if i is None else overlay(small, caption, i, **look)
        frame.paste(picture, ((width - small.width) // 2, top), corners)
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
    """A probability as text, for example "41 %"; "0 %" and "100 %" only if it is exactly that."""
    if 0 < probability < 0.01:
        return "< 1 %"
    if 0.99 < probability < 1:
        return "> 99 %"
    return f"{probability * 100:.0f} %"


def sentence(caption: Caption) -> list[str]:
    """The texts of the words, or a substitute for an empty caption."""
    return [word.text for word in caption.words] or ["no words"]


def fitted(photo: Image.Image, width: int, height: int) -> Image.Image:
    """The photo in RGB, as large as fits into width x height pixels, at least one pixel a side."""
    share = min(width / photo.width, height / photo.height)
    size = max(1, round(photo.width * share)), max(1, round(photo.height * share))
    return photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _contours(attended: np.ndarray, palette: str) -> tuple[np.ndarray, np.ndarray]:
    """Colours of the contour lines, uint8 (h, w, 3), and which pixels are on a line."""
    levels = overlay_style.CONTOUR_LEVELS
    level = np.minimum((levels * attended).astype(int), levels - 1)
    height, width = level.shape
    reach = max(1, int(width / overlay_style.CONTOUR_WIDTH + 0.5))
    padded = np.pad(level, reach, mode="edge")
    rows, cols = slice(reach, reach + height), slice(reach, reach + width)
    neighbours = (
        padded[rows, :width],
        padded[rows, -width:],
        padded[:height, cols],
        padded[-height:, cols],
    )
    highest = np.maximum.reduce(neighbours)
    colours = overlay_style.colours(palette)
    return colours[np.rint(255 * highest / (levels - 1)).astype(int)], highest > level


def _heading(caption: Caption, size: int, width: int, marked: int | None) -> Image.Image:
    """The sentence in lines of `width` pixels, with one word marked."""
    line, pad, space = round(size * 1.6), round(size * 0.22), size * 0.5
    words, places = sentence(caption), []
    fonts = [bold_font(size, word) for word in words]
    x, y = 0.0, 0
    for word, font in zip(words, fonts, strict=True):
        length = font.getlength(word)
        if x and x + length > width:
            x, y = 0.0, y + line
        places.append((x, y, length))
        x += length + space
    image = Image.new("RGB", (width, y + line), GROUND)
    draw = ImageDraw.Draw(image)
    if is_right_to_left(words[0]):
        places = [(width - x - length, y, length) for x, y, length in places]
    for i, (word, font, (x, y, length)) in enumerate(zip(words, fonts, places, strict=True)):
        if i == marked:
            ground = (round(length) + 2 * pad, line - pad // 2)
            image.paste(ACCENT_GROUND, (round(x) - pad, y), _rounded(ground, pad))
        colour = ACCENT if i == marked else INK if caption.words else QUIET
        draw.text((x, y + round(line * 0.7)), word, colour, font, anchor="ls")
    return image


def _rounded(size: tuple[int, int], radius: float) -> Image.Image:
    """A mask of `size` with round corners; smooth, because it is drawn four times larger."""
    large = Image.new("L", (size[0] * 4, size[1] * 4))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius * 4, fill=255)
    return large.resize(size, Image.Resampling.BOX)


def _quantised(frame: Image.Image) -> Image.Image:
    """256 colours; some are reserved for the text, because a large photo would take them all."""
    reserved = []
    for ground, ink, count in ((GROUND, INK, 7), (ACCENT_GROUND, ACCENT, 5)):
        blend = np.linspace(ImageColor.getrgb(ground), ImageColor.getrgb(ink), count)
        reserved += blend.round().astype(int).ravel().tolist()
    free = 256 - len(reserved) // 3
    # A quarter of the pixels have the same colours, and choosing takes a sixth of the time.
    palette = frame.reduce(2).quantize(free, dither=Image.Dither.NONE)
    colours = palette.getpalette()[: 3 * free]
    palette.putpalette(colours + reserved)
    return frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
