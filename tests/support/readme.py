"""The README, and the blocks of code in it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code of every block in that language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
