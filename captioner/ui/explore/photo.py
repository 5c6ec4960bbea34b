"""The photo input and the example photos."""

import gradio as gr

from captioner.paths import ASSETS

_EXAMPLES = ("giraffes.jpg", "kitchen.jpg", "cat.jpg", "night.jpg", "bear.jpg", "cow.jpg")
_WRONG = "panda.jpg"


class PhotoInput(gr.Image):
    """An image input whose value is the path of the uploaded file.

    gr.Image would open the file before its size was checked, and show an error of its own.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None


def example_photos() -> list[str]:
    """Paths of photos that the bundled captioner describes correctly; their authors are listed in
    assets/examples/README.md."""
    return [str(ASSETS / "examples" / name) for name in _EXAMPLES]


def wrong_example() -> str:
    """Path of a photo that the bundled captioner gets wrong."""
    return str(ASSETS / "examples" / _WRONG)
