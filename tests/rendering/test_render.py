"""Overlays and animations: attention is drawn where it is, at every caption length."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from captioner import Caption, Word
from captioner.attention_maps import Geometry
from captioner.rendering import overlay_style, render

GRID = Geometry(rows=3, cols=5, size=100, stride=20, first=10)
PHOTO = Image.fromarray(np.random.default_rng(0).integers(60, 200, (60, 100, 3), np.uint8))
ACCENT = ImageColor.getrgb(render.ACCENT)


def caption(*texts, maps=None, probability=1.0):
    """A caption whose word i attends to cell i, unless maps are given."""
    if maps is None:
        maps = np.eye(15, dtype=np.float32)[np.arange(len(texts)) % 15].reshape(-1, 3, 5)
    words = [Word(text, probability, one, []) for text, one in zip(texts, maps, strict=True)]
    return Caption(words, GRID)


def numbered(count):
    return caption(*(f"word{i}" for i in range(count)))


def pixels(image):
    return np.asarray(image.convert("RGB"), int)


def accents(image):
    return (pixels(image) == ACCENT).all(axis=-1)


# --- overlay --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(100, 60), (7, 300), (1, 1)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("style", render.STYLES)
@pytest.mark.parametrize("smooth", [True, False])
def test_overlay_has_the_size_of_the_photo(size, mode, style, smooth):
    photo = PHOTO.resize(size).convert(mode)
    shown = render.overlay(photo, caption("a"), 0, style=style, smooth=smooth)
    assert shown.size == size and shown.mode == "RGB"


def test_spotlight_keeps_what_is_attended_and_dims_the_rest():
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, "spotlight", smooth=False))
    # Word 8 attends to row 1, column 3.
    photo = pixels(PHOTO)
    # Rows are centred at 10, 30 and 50 of 100, so row 1 lies at 20 to 40: pixels 12 to 24 of 60.
    inside = (slice(12, 24), slice(60, 80))
    assert (shown[inside] == photo[inside]).all()
    outside = np.ones((60, 100), bool)
    outside[inside] = False
    dimmed = shown[outside].mean(axis=0) / photo[outside].mean(axis=0)
    assert (dimmed > 0.6).all() and (dimmed < 0.66).all()  # the photo stays visible
    assert np.ptp(shown[outside], axis=-1).mean() < 0.3 * np.ptp(photo[outside], axis=-1).mean()


def test_an_even_map_looks_even():
    even = np.full((1, 3, 5), 1 / 15, np.float32)
    shown = render.overlay(PHOTO, caption("a", maps=even), 0, "spotlight")
    assert (pixels(shown) == pixels(PHOTO)).all()


def test_strength():
    for style in render.STYLES:
        shown = render.overlay(PHOTO, numbered(2), 0, style=style, strength=0)
        assert (pixels(shown) == pixels(PHOTO)).all()
    light = [pixels(render.overlay(PHOTO, numbered(2), 0, strength=s)).sum() for s in (0.2, 0.6, 1)]
    assert light == sorted(light, reverse=True)


def test_on_the_common_scale_a_spread_map_is_dimmer():
    sharp, spread = np.eye(15, dtype=np.float32)[0].reshape(3, 5), np.full((3, 5), 1 / 15)
    both = caption("sharp", "spread", maps=[sharp, spread.astype(np.float32)])
    own, common = (render.overlay(PHOTO, both, 1, scale=scale) for scale in ("own", "common"))
    assert pixels(common).sum() < 0.7 * pixels(own).sum()
    own, common = (render.overlay(PHOTO, both, 0, scale=scale) for scale in ("own", "common"))
    assert (pixels(own) == pixels(common)).all()


def test_heat_is_warmest_where_the_attention_is():
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, style="heat"))
    warmth = shown[..., 0] - shown[..., 2]
    assert warmth[15:21, 66:74].mean() > warmth.mean() + 20
    far = (slice(45, None), slice(0, 40))  # nothing is attended: still visible
    luma = (0.299, 0.587, 0.114)
    assert (shown[far] @ luma > 0.6 * (pixels(PHOTO)[far] @ luma)).all()
    strong = pixels(render.overlay(PHOTO, numbered(15), 8, style="heat", strength=0.75))
    assert np.ptp(strong[far], axis=-1).mean() < 0.3 * np.ptp(pixels(PHOTO)[far], axis=-1).mean()


def test_contours_surround_the_attended_cell():
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, style="contours", strength=1))
    lines = (shown != pixels(PHOTO)).any(axis=-1)
    colours = {tuple(colour) for colour in shown[lines]}
    table = overlay_style.colours("inferno")
    assert colours == {tuple(int(c) for c in table[i]) for i in (64, 128, 191, 255)}
    assert not lines[45:].any() and not lines[:, :45].any()  # beyond the neighbouring cells
    row = shown[18, 50:90]  # through the centre of the cell: each line is crossed twice
    brightest = np.flatnonzero((row == table[255]).all(axis=-1))
    darkest = np.flatnonzero((row == table[64]).all(axis=-1))
    assert len(darkest) and darkest[0] < brightest[0] <= 20 <= brightest[-1] < darkest[-1]


def test_cells_have_contours_along_their_borders():
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, style="contours", smooth=False))
    lines = (shown != pixels(PHOTO)).any(axis=-1)
    expected = np.zeros_like(lines)  # one pixel wide, outside of pixels 60..79, 12..23
    expected[12:24, [59, 80]] = expected[[11, 24], 60:80] = True
    assert (lines == expected).all()


@pytest.mark.parametrize(
    "look", [{"style": "x"}, {"scale": "x"}, {"strength": 1.1}, {"palette": "jet"}]
)
def test_an_unknown_look_is_refused(look):
    with pytest.raises(ValueError):
        render.overlay(PHOTO, numbered(1), 0, **look)


def test_a_word_that_is_not_there_is_an_index_error():
    with pytest.raises(IndexError):
        render.overlay(PHOTO, numbered(2), 2)


# --- animation ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 12])
@pytest.mark.parametrize("style", render.STYLES)
def test_an_animation_has_a_frame_for_every_word(count, style, tmp_path):
    file = tmp_path / "words.gif"
    render.gif(PHOTO, numbered(count), file, seconds=0.5, width=320, style=style)
    with Image.open(file) as animation:
        assert animation.n_frames == max(1, count)
        assert animation.width == 320
        durations, marks = [], []
        for frame in range(animation.n_frames):
            animation.seek(frame)
            durations.append(animation.info.get("duration"))
            # The photo, 178 pixels high here, and a margin stand below the sentence.
            marked = np.argwhere(accents(animation)[: -178 - 12])
            if len(marked):
                marks.append(marked.mean(axis=0))
    if count > 1:
        assert durations == [500] * (count - 1) + [1000]
        assert animation.info["loop"] == 0
    # One word is marked in each frame, and they follow in reading order.
    assert len(marks) == count
    places = [(round((y - marks[0][0]) / 19), x) for y, x in marks]  # lines are 19 pixels apart
    assert places == sorted(places)


def test_the_first_word_of_a_sentence_from_right_to_left_is_at_the_right():
    def marked(*texts):
        heading = np.asarray(render._heading(caption(*texts), 20, 400, marked=0), int)
        columns = np.flatnonzero((heading == ImageColor.getrgb(render.ACCENT)).all(2).any(0))
        return columns.mean()

    assert marked("كلب", "يجري") > 300 and marked("a", "dog") < 100


def test_an_animation_that_fails_leaves_the_old_file(tmp_path):
    file = tmp_path / "a.gif"
    file.write_text("old")
    with pytest.raises(ValueError):
        render.gif(PHOTO, numbered(2), file, style="unknown")
    assert file.read_text() == "old"
    with pytest.raises(OSError):
        render.gif(PHOTO, numbered(2), file / "inside.gif")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0, "0 %"),
        (1e-9, "< 1 %"),
        (0.01, "1 %"),
        (0.414, "41 %"),
        (0.985001, "99 %"),
        (0.9999, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_percent(probability, text):
    assert render.percent(probability) == text
