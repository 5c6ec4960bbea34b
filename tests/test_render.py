"""Pictures of captions: right where the attention is, whole at every length."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from captioner import Caption, Word, render
from captioner.attention_maps import Geometry

GRID = Geometry(rows=3, cols=5, size=100, stride=20, first=10)
PHOTO = Image.fromarray(np.random.default_rng(0).integers(60, 200, (60, 100, 3), np.uint8))
ACCENT = ImageColor.getrgb(render.ACCENT)


def caption(*texts, maps=None, probability=1.0):
    """A caption whose word i looks at cell i, unless maps are given."""
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
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, smooth=False))  # row 1, column 3
    photo = pixels(PHOTO)
    # Rows are centred at 10, 30 and 50 of 100, so row 1 lies at 20 to 40: pixels 12 to 24 of 60.
    inside = (slice(12, 24), slice(60, 80))
    assert (shown[inside] == photo[inside]).all()
    outside = np.ones((60, 100), bool)
    outside[inside] = False
    assert (shown[outside].sum(axis=-1) < 0.6 * photo[outside].sum(axis=-1)).all()
    assert shown[outside].sum() > 0.2 * photo[outside].sum()  # still to be seen
    assert np.ptp(shown[outside], axis=-1).mean() < 0.3 * np.ptp(photo[outside], axis=-1).mean()


def test_an_even_map_looks_even():
    even = np.full((1, 3, 5), 1 / 15, np.float32)
    shown = render.overlay(PHOTO, caption("a", maps=even), 0)
    assert (pixels(shown) == pixels(PHOTO)).all()


def test_strength():
    assert (pixels(render.overlay(PHOTO, numbered(2), 0, strength=0)) == pixels(PHOTO)).all()
    light = [pixels(render.overlay(PHOTO, numbered(2), 0, strength=s)).sum() for s in (0.2, 0.6, 1)]
    assert light == sorted(light, reverse=True)


def test_on_the_common_scale_a_spread_map_is_dimmer():
    sharp, spread = np.eye(15, dtype=np.float32)[0].reshape(3, 5), np.full((3, 5), 1 / 15)
    both = caption("sharp", "spread", maps=[sharp, spread.astype(np.float32)])
    own, common = (render.overlay(PHOTO, both, 1, scale=scale) for scale in ("own", "common"))
    assert pixels(common).sum() < 0.6 * pixels(own).sum()
    own, common = (render.overlay(PHOTO, both, 0, scale=scale) for scale in ("own", "common"))
    assert (pixels(own) == pixels(common)).all()


def test_heat_is_warmest_where_the_attention_is():
    shown = pixels(render.overlay(PHOTO, numbered(15), 8, style="heat"))
    warmth = shown[..., 0] - shown[..., 2]
    assert warmth[15:21, 66:74].mean() > warmth.mean() + 20
    assert np.ptp(shown[45:, :40], axis=-1).max() < 12  # where nothing is attended: grey
    grey = pixels(render.overlay(PHOTO, numbered(15), 8, style="heat", strength=0))
    assert (grey == pixels(PHOTO.convert("L"))).all()


@pytest.mark.parametrize(
    "look", [{"style": "x"}, {"scale": "x"}, {"strength": 1.1}, {"palette": "jet"}]
)
def test_an_unknown_look_is_refused(look):
    with pytest.raises(ValueError):
        render.overlay(PHOTO, numbered(1), 0, **look)


def test_a_word_that_is_not_there_is_an_index_error():
    with pytest.raises(IndexError):
        render.overlay(PHOTO, numbered(2), 2)


# --- strip ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 20])
@pytest.mark.parametrize("style", render.STYLES)
def test_a_strip_shows_every_word(count, style):
    strip = render.strip(PHOTO, numbered(count), style=style)
    assert strip.mode == "RGB" and strip.getpixel((0, 0)) == (255, 255, 255)
    # A bar stands under every word and, at certainty, is full: nothing else has its colour.
    one = accents(render.strip(PHOTO, numbered(1), style=style)).sum()
    assert one > 0 and accents(strip).sum() == count * one


def test_an_empty_caption_shows_the_photo():
    strip = pixels(render.strip(PHOTO, numbered(0), dpi=67))  # the photo at about its own size
    assert ((strip != 255).any(axis=-1)).sum() > 0.9 * 60 * 100


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(7, 7, 1), (8, 7, 2), (14, 7, 2), (20, 7, 3), (4, 1, 4)]
)
def test_long_captions_wrap_into_rows_of_like_length(count, columns, rows):
    bars = accents(render.strip(PHOTO, numbered(count), columns=columns))
    starts = bars.any(axis=1).astype(int)
    assert (np.diff(starts, prepend=0) == 1).sum() == rows
    across = -(-count // rows)
    starts = bars.any(axis=0).astype(int)
    assert (np.diff(starts, prepend=0) == 1).sum() == across


def test_the_bar_is_as_long_as_the_word_is_probable():
    full, half = (
        accents(render.strip(PHOTO, caption("a", probability=p))).any(axis=0).sum()
        for p in (1.0, 0.5)
    )
    assert half == pytest.approx(full / 2, abs=2)


def test_the_words_are_written():
    first, second = (pixels(render.strip(PHOTO, caption(word))) for word in ("dog", "cat"))
    assert first.shape == second.shape and (first != second).any()


def test_a_very_long_word_stays_inside_the_page():
    strip = pixels(render.strip(PHOTO, caption("a", "donaudampfschifffahrtsgesellschaft" * 2)))
    assert (strip[:, :20] == 255).all() and (strip[:, -20:] == 255).all()


@pytest.mark.parametrize("size", [(1, 1600), (1600, 1), (300, 900)])
def test_a_strip_of_any_photo(size):
    assert accents(render.strip(PHOTO.resize(size), numbered(3))).any()


def test_a_strip_for_print_has_more_pixels_and_the_same_layout(tmp_path):
    screen = render.strip(PHOTO, numbered(9), dpi=100)
    render.save_strip(PHOTO, numbered(9), tmp_path / "strip.png", dpi=300)
    with Image.open(tmp_path / "strip.png") as paper:
        assert paper.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert np.divide(paper.size, screen.size) == pytest.approx((3, 3), rel=0.02)
        reduced = pixels(paper.resize(screen.size, Image.Resampling.BOX))
    assert np.abs(reduced - pixels(screen)).mean() < 8


# --- animation ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 20])
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


def test_a_picture_that_fails_leaves_the_old_file(tmp_path):
    for save, name in ((render.gif, "a.gif"), (render.save_strip, "a.png")):
        file = tmp_path / name
        file.write_text("old")
        with pytest.raises(ValueError):
            save(PHOTO, numbered(2), file, style="unknown")
        assert file.read_text() == "old"
        with pytest.raises(OSError):
            save(PHOTO, numbered(2), file / "inside.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "a.png"]


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


@pytest.mark.parametrize("palette", render.PALETTES)
def test_a_strip_ends_with_the_scale_of_its_colours(palette):
    page = np.asarray(
        render.strip(PHOTO, numbered(7), dpi=144, style="heat", strength=1, palette=palette), int
    )
    foot = page[-(28 + 20) * 2 : -28 * 2]  # between the last number and the margin, in pixels
    inked = (foot.min(axis=2) < 250).T  # (width, height): the bar is the longest run of a row
    rows = [max(np.split(row, np.flatnonzero(~row)), key=len) for row in inked.T]
    middle = max(range(len(rows)), key=lambda y: rows[y].sum())
    runs = np.split(np.arange(foot.shape[1]), np.flatnonzero(~inked.T[middle]))
    row = foot[middle, max(runs, key=len)]
    luma = row @ (0.299, 0.587, 0.114)
    assert len(row) > 60 and luma[-8] > luma[8] + 60
    assert np.all(np.diff(luma[8:-8]) > -2)
