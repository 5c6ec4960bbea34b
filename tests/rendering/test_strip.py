"""Strips: every word over its attention, readable at every caption length."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, ImageColor

from captioner import Caption, Word
from captioner.attention_maps import Geometry
from captioner.rendering import render, strip
from captioner.rendering.overlay_style import PALETTES, STYLES

GRID = Geometry(rows=3, cols=5, size=100, stride=20, first=10)
PHOTO = Image.fromarray(np.random.default_rng(0).integers(60, 200, (60, 100, 3), np.uint8))


def caption(*texts, probability=1.0):
    """A caption whose word i attends to cell i."""
    maps = np.eye(15, dtype=np.float32)[np.arange(len(texts)) % 15].reshape(-1, 3, 5)
    words = [Word(text, probability, one, []) for text, one in zip(texts, maps, strict=True)]
    return Caption(words, GRID)


def numbered(count):
    return caption(*(f"word{i}" for i in range(count)))


def drawn(figure) -> np.ndarray:
    """Pixels of the figure, int (H, W, 3)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), int)[..., :3]


def panels(figure) -> list:
    return [ax for ax in figure.axes if ax.images]


def texts(figure) -> list:
    """All texts that are drawn."""
    found = list(figure.texts)
    for ax in figure.axes:
        found += [ax.title, ax._left_title, *ax.texts]
    found += figure.axes[-1].get_xticklabels()
    return [text for text in found if text.get_text()]


@pytest.mark.parametrize("size", [(120, 80), (80, 120)], ids=["landscape", "portrait"])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 24])
def test_a_strip_shows_the_photo_and_every_word(count, size):
    figure = strip.strip_figure(PHOTO.resize(size), numbered(count), dpi=72)
    titles = [ax.get_title("left") for ax in panels(figure)]
    assert titles == ["photo", *(f"word{i}" for i in range(count))]
    heading = " ".join(line.get_text() for line in figure.texts)
    assert heading == (" ".join(titles[1:]) or "no words")
    assert all(ax.texts[0].get_text() == "100 %" for ax in panels(figure)[1:])
    image = drawn(figure)
    assert (image[0] == 255).all() and (image[:, -1] == 255).all()


@pytest.mark.parametrize("size", [(120, 80), (80, 120), (1, 1600), (1600, 1)])
@pytest.mark.parametrize("count", [1, 8])
def test_nothing_overlaps_and_all_is_inside_the_figure(count, size):
    long = "donaudampfschifffahrtsgesellschaft"
    words = [f"word{i}" if i % 3 else long for i in range(count)]
    figure = strip.strip_figure(PHOTO.resize(size), caption(*words), dpi=72)
    image = drawn(figure)
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in texts(figure)]
    boxes += [ax.get_window_extent(renderer) for ax in figure.axes if ax.images]
    for box in boxes:
        assert box.x0 >= 14 and box.x1 <= image.shape[1] - 14  # half of the margin
        assert box.y0 >= 10 and box.y1 <= image.shape[0] - 10
    for one, other in combinations(boxes, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert min(width, height) < 1  # pixel


@pytest.mark.parametrize("style", STYLES)
def test_a_panel_is_the_overlay_of_its_word(style):
    figure = strip.strip_figure(PHOTO, numbered(3), dpi=72, style=style)
    image, panel = drawn(figure), panels(figure)[2]
    small = PHOTO.resize((110, 66), Image.Resampling.LANCZOS)
    expected = np.asarray(render.overlay(small, numbered(3), 1, style=style), int)
    assert np.array_equal(panel.images[0].get_array(), expected)
    box = panel.get_window_extent()
    top, left = round(image.shape[0] - box.y1), round(box.x0)
    shown = image[top : top + 66, left : left + 110]
    assert np.median(abs(shown - expected)) <= 3


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(6, 7, 1), (7, 7, 2), (13, 7, 2), (20, 7, 3), (3, 1, 4)]
)
def test_long_captions_wrap_into_rows_of_like_length(count, columns, rows):
    figure = strip.strip_figure(PHOTO, numbered(count), columns=columns)
    places = [ax.get_position() for ax in panels(figure)]
    tops = [round(place.y1, 6) for place in places]
    assert tops == sorted(tops, reverse=True) and len(set(tops)) == rows
    assert max(tops.count(top) for top in tops) == -(-(count + 1) // rows)


@pytest.mark.parametrize("probability", [1.0, 0.5, 0.25])
def test_the_bar_is_as_long_as_the_word_is_probable(probability):
    figure = strip.strip_figure(PHOTO, caption("a", probability=probability), dpi=144)
    bar = (drawn(figure) == ImageColor.getrgb(render.ACCENT)).all(axis=-1)
    assert bar.any(axis=0).sum() == pytest.approx(220 * probability, abs=2)


def test_words_are_not_read_as_formulas():
    drawn(strip.strip_figure(PHOTO, caption("$x_", "$\\frac$"), dpi=72))


@pytest.mark.parametrize("palette", PALETTES)
def test_a_strip_ends_with_the_scale_of_its_colours(palette):
    look = {"style": "heat", "strength": 1, "palette": palette}
    figure = strip.strip_figure(PHOTO, numbered(7), dpi=144, **look)
    image, bar = drawn(figure), figure.axes[-1]
    assert [label.get_text() for label in bar.get_xticklabels()] == ["none", "most"]
    box = bar.get_window_extent()
    row = image[round(image.shape[0] - (box.y0 + box.y1) / 2), round(box.x0) : round(box.x1)]
    luma = row @ (0.299, 0.587, 0.114)
    assert len(row) == 260 and luma[-8] > luma[8] + 60
    assert np.all(np.diff(luma[8:-8]) > -2)


def test_the_common_scale_is_given_in_percent():
    figure = strip.strip_figure(PHOTO, numbered(2), scale="common")
    labels = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert labels == ["0 %", "50 %", "100 %"]


def test_a_strip_for_print_has_more_pixels_and_the_same_layout(tmp_path):
    screen = drawn(strip.strip_figure(PHOTO, numbered(9), dpi=100))
    strip.save_strip(PHOTO, numbered(9), tmp_path / "strip.png", dpi=300)
    with Image.open(tmp_path / "strip.png") as paper:
        assert paper.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        height, width, _ = screen.shape
        assert np.divide(paper.size, (width, height)) == pytest.approx((3, 3), rel=0.02)
        reduced = paper.convert("RGB").resize((width, height), Image.Resampling.BOX)
    assert np.abs(np.asarray(reduced, int) - screen).mean() < 8


def test_vector_files_keep_text_as_text(tmp_path):
    for kind in ("svg", "pdf"):
        strip.save_strip(PHOTO, caption("a", "<b>dog</b>"), tmp_path / f"strip.{kind}")
    svg = ElementTree.parse(tmp_path / "strip.svg")
    found = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a <b>dog</b>", "<b>dog</b>", "100 %", "most"} <= set(found)
    pdf = (tmp_path / "strip.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and b"/FontFile2" in pdf  # TrueType: text can be selected


def test_a_sentence_from_right_to_left_begins_at_the_right(tmp_path):
    figure = strip.strip_figure(PHOTO, caption("كلب", "يجري", "t-shirt"))
    first, *words = sorted(panels(figure), key=lambda ax: -ax.get_position().x0)
    assert first.get_title("right") == "photo"
    assert [ax.get_title("right") for ax in words] == ["كلب", "يجري", "t-shirt"]
    (line,) = figure.texts
    assert line.get_horizontalalignment() == "right" and line.get_position()[0] > 0.9
    strip.save_strip(PHOTO, caption("كلب", "t-shirt"), tmp_path / "strip.svg")
    text = (tmp_path / "strip.svg").read_text(encoding="utf-8")
    assert "\u202bكلب t-shirt\u202c<" in text


@pytest.mark.parametrize("name", ["strip.jpg", "strip", "strip.png.txt"])
def test_other_formats_are_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"as \.png, \.svg or \.pdf"):
        strip.save_strip(PHOTO, numbered(1), tmp_path / name)
    assert not any(tmp_path.iterdir())


def test_a_strip_that_fails_leaves_the_old_file(tmp_path):
    file = tmp_path / "a.png"
    file.write_text("old")
    with pytest.raises(ValueError):
        strip.save_strip(PHOTO, numbered(2), file, style="unknown")
    assert file.read_text() == "old"
    with pytest.raises(OSError):
        strip.save_strip(PHOTO, numbered(2), file / "inside.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_strips_are_drawn_in_several_threads(tmp_path):
    files = [tmp_path / f"{i}.{kind}" for i in range(4) for kind in ("png", "svg")]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda file: strip.save_strip(PHOTO, numbered(3), file, dpi=72), files))
    assert len({file.read_bytes() for file in files if file.suffix == ".png"}) == 1
    for file in files[1::2]:
        assert b"<text" in file.read_bytes()


def test_matplotlib_is_imported_late_and_pyplot_never():
    code = """
import sys
from PIL import Image
from captioner.rendering import strip
from captioner.attention_maps import Geometry
from captioner.caption import Caption
assert "matplotlib" not in sys.modules
strip.strip_figure(Image.new("RGB", (9, 9)), Caption([], Geometry(1, 1, 9, 9, 4.5)))
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
