"""Fonts are found for every script, or one sentence says that there is none."""

import warnings

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.rendering import fonts, render, strip
from captioner.rendering.fonts import FontError, bold_font, families


def make_font(path, name, letters):
    """A font whose letters are black squares."""
    pen = TTGlyphPen(None)
    for start, *points in [[(0, 0), (0, 700), (700, 700), (700, 0)]]:
        pen.moveTo(start)
        for point in points:
            pen.lineTo(point)
        pen.closePath()
    square, empty = pen.glyph(), TTGlyphPen(None).glyph()
    names = [f"u{ord(letter):04X}" for letter in letters]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap({ord(letter): n for letter, n in zip(letters, names, strict=True)})
    builder.setupGlyf({".notdef": empty, **dict.fromkeys(names, square)})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (800, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Bold", "psName": name})
    builder.setupOS2(sTypoAscender=800, usWeightClass=700)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A system with these fonts: file name -> letters."""

    def install(**letters):
        made = [
            make_font(tmp_path / f"{n}.ttf", f"{n}{tmp_path.name}", s) for n, s in letters.items()
        ]
        broken = tmp_path / "bitmaps.ttf"
        broken.write_bytes(b"no font")
        monkeypatch.setattr(fonts, "_system_fonts", lambda: [broken, *made])
        fonts._best.cache_clear()
        return made

    yield install
    fonts._best.cache_clear()


def sentence(*texts):
    grid = Geometry(rows=1, cols=1, size=32, stride=32, first=16)
    return Caption([Word(text, 0.5, np.ones((1, 1), np.float32), []) for text in texts], grid)


def test_dejavu_has_the_letters_of_many_scripts(system):
    system()
    for text in ("a dog's t-shirt", "Ärger", "собака", "σκύλος", "كلب", "כלב", "می\u200cرود"):
        assert families(text) == ["DejaVu Sans"]
        assert bold_font(20, text).getname() == ("DejaVu Sans", "Bold")


def test_the_systems_fonts_have_the_others(system):
    system(Serif="犬猫", Sans="犬猫", Other="ก", ThinSans="犬猫ก")
    assert [name[:5] for name in families("a 犬 ก")] == ["DejaV", "ThinS"]
    assert families("犬猫")[1].startswith("Sans")
    assert bold_font(20, "犬").getname()[0].startswith("Sans")


def test_letters_of_several_fonts(system):
    system(One="犬猫", Two="ก")
    assert [name[:3] for name in families("犬ก")] == ["Dej", "One", "Two"]
    with pytest.raises(FontError, match="ก"):
        bold_font(20, "犬ก")


def test_a_caption_without_a_font_is_one_sentence_and_no_picture(system, tmp_path):
    system(Other="ก")
    photo, caption = Image.new("RGB", (40, 30)), sentence("犬", "a")
    for save, name in (
        (strip.save_strip, "s.png"),
        (strip.save_strip, "s.svg"),
        (render.gif, "g.gif"),
    ):
        with pytest.raises(FontError, match="No font on this machine has the letters 犬: install"):
            save(photo, caption, tmp_path / name)
    assert not list(tmp_path.glob("[sg].*"))


def test_no_letter_is_an_empty_box(system, tmp_path):
    system(Sans="犬")
    photo, caption = Image.new("RGB", (40, 30)), sentence("犬", "a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of missing letters
        strip.save_strip(photo, caption, tmp_path / "strip.png")
    render.gif(photo, caption, tmp_path / "steps.gif")
    assert Image.open(tmp_path / "steps.gif").n_frames == 2
