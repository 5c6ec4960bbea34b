"""The files that the page is made of."""

from captioner.paths import ASSETS


def read(*names: str) -> str:
    """The text of one file in assets/, or of several, one after the other."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)
