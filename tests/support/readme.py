"""The project's pages for readers, and the blocks of code in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "checkpoints/default/README.md",
    ROOT / "assets/examples/README.md",
]
PAGES = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in FILES}
README = PAGES["README.md"]


def blocks(language: str) -> list[str]:
    """The code of every block in that language, on all pages."""
    pattern = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [code for page in PAGES.values() for code in pattern.findall(page)]
