"""The photo input and the example photos."""

from importlib.util import find_spec
from pathlib import Path

import gradio as gr

from captioner.ui import assets

_OURS = ["cat.jpg", "photographer.jpg"]
# Others come with packages which the page needs anyway: (package, path within it).
_INSTALLED = [
    ("gradio", "media_assets/images/tower.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("gradio", "media_assets/images/lion.jpg"),
    ("gradio", "media_assets/images/cheetah.jpg"),
]


class PhotoInput(gr.Image):
    """An image input that hands over the path of the file as it was sent.

    gr.Image would open the file itself, before its size was checked, and show its own message
    where it cannot.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None


def example_photos() -> list[str]:
    """Paths of the example photos: ours, and those that are installed here."""
    paths = [str(assets.FOLDER / "examples" / name) for name in _OURS]
    for package, name in _INSTALLED:
        spec = find_spec(package)
        if spec and spec.origin:
            path = Path(spec.origin).parent / name
            if path.is_file():
                paths.append(str(path))
    return paths
