"""Fonts with the letters of a text: DejaVu, which comes with matplotlib, else those of the system.

matplotlib and Pillow shape letters and set them from right to left themselves, where a script needs
it. matplotlib is imported late: the page must not wait for it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

FAMILY = "DejaVu Sans"
_UNUSUAL = re.compile("italic|oblique|mono|condensed|serif|thin|light|black|semi|extra")


class FontError(ValueError):
    """No font has the letters of a text; one sentence says which."""


def families(text: str) -> list[str]:
    """The families from which matplotlib can take all letters of a text.

    Raises:
        FontError: no font has them.
    """
    found, missing = [FAMILY], _letters(text) - _letters_of_dejavu()
    while missing:
        path, letters = _best(frozenset(missing))
        found.append(_family(path))
        missing -= letters
    return found


def bold_font(pixels: int, text: str = "") -> ImageFont.FreeTypeFont:
    """A font for Pillow that has all letters of a text: DejaVu Sans Bold if it has them.

    Raises:
        FontError: no font has them.
    """
    path, letters = _dejavu(), _letters(text)
    if letters - _letters_of_dejavu():
        path, found = _best(frozenset(letters))
        if letters - found:
            raise _error(letters - found)
    return _loaded(path, pixels)


def _letters(text: str) -> set[str]:
    """The characters that are drawn."""
    drawn = (letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc"))
    return {letter for letter in drawn if not letter.isspace()}


def _dejavu() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf")


@cache
def _letters_of_dejavu() -> frozenset[str]:
    return frozenset(_charmap(_dejavu()))


def _charmap(path: Path) -> Iterable[str]:
    from matplotlib.ft2font import FT2Font

    return map(chr, FT2Font(str(path)).get_charmap())


@lru_cache(maxsize=256)
def _best(letters: frozenset[str]) -> tuple[Path, frozenset[str]]:
    """The font of the system with the most of these letters, and those that it has."""
    best: tuple[Path, frozenset[str]] | None = None
    for path in sorted(_system_fonts(), key=_rank):
        try:
            found = letters.intersection(_charmap(path))
        except (RuntimeError, OSError):  # a font of bitmaps, or a damaged one
            continue
        if found and (best is None or len(found) > len(best[1])):
            best = path, found
        if found == letters:
            break
    if best is None:
        raise _error(letters)
    return best


def _system_fonts() -> list[Path]:
    from matplotlib.font_manager import findSystemFonts

    return [Path(path) for path in findSystemFonts()]


def _rank(path: Path) -> tuple:
    """Bold, upright fonts without serifs come first, as the rest of a picture has them."""
    name = path.stem.lower()
    return len(set(_UNUSUAL.findall(name))), "bold" not in name, "sans" not in name, name


@cache
def _family(path: Path) -> str:
    from matplotlib.font_manager import FontProperties, fontManager

    fontManager.addfont(path)
    return FontProperties(fname=path).get_name()


@lru_cache(maxsize=16)
def _loaded(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels)


def _error(letters: Iterable[str]) -> FontError:
    first = "".join(sorted(letters)[:10])
    return FontError(
        f"No font on this machine has the letters {first}: install one that has them, for example "
        "a Noto font (https://fonts.google.com/noto)."
    )
