"""The photo input and the example photos."""

import gradio as gr

from captioner.paths import ASSETS

_EXAMPLES = ("giraffes.jpg", "kitchen.jpg", "cat.jpg", "night.jpg", "bear.jpg", "cow.jpg")
_WRONG = "panda.jpg"


class PhotoInput(gr.Image):
    """An image input that hands over the path of the file as it was sent.

    gr.Image would open the file itself, before its size was checked, and show its own message
    where it cannot.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None


def example_photos() -> list[str]:
    """Paths of the photos that the bundled captioner describes rightly; assets/examples/README.md
    says whose they are."""
    return [str(ASSETS / "examples" / name) for name in _EXAMPLES]


def wrong_example() -> str:
    """Path of the photo that it gets wrong: a good start for asking why."""
    return str(ASSETS / "examples" / _WRONG)
