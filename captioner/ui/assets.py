"""The files that the page is made of."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "assets"


def read(*names: str) -> str:
    """The text of one file in assets/, or of several, one after the other."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
