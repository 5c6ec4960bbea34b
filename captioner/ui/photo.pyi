"""The photo input and the example photos."""

from importlib.util import find_spec
from pathlib import Path

import gradio as gr

# Photos that come with packages which the page needs anyway: (package, path within it).
_EXAMPLES = [
    ("gradio", "media_assets/images/cheetah.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("gradio", "media_assets/images/lion.jpg"),
    ("gradio", "media_assets/images/tower.jpg"),
]

from gradio.events import Dependency

class PhotoInput(gr.Image):
    """An image input that hands over the path of the file as it was sent.

    gr.Image would open the file itself, before its size was checked, and show its own message
    where it cannot.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def example_photos() -> list[str]:
    """Paths of the example photos that are installed here."""
    paths = []
    for package, name in _EXAMPLES:
        spec = find_spec(package)
        if spec and spec.origin:
            path = Path(spec.origin).parent / name
            if path.is_file():
                paths.append(str(path))
    return paths