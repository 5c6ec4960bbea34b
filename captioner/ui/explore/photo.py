"""The photo input and the example photos."""

import gradio as gr

from captioner.paths import ASSETS

# File -> what is on it, for who does not see it.
_EXAMPLES = {
    "giraffes.jpg": "Two giraffes in front of trees",
    "kitchen.jpg": "A kitchen with a stove and a sink",
    "cat.jpg": "The face of a cat",
    "night.jpg": "A bridge with lights at night",
    "bear.jpg": "A polar bear in the snow",
    "cow.jpg": "Cows on a meadow",
}
_WRONG = {"panda.jpg": "A panda on a rock"}


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
    (name,) = _WRONG
    return str(ASSETS / "examples" / name)


def example_names() -> dict[str, list[str]]:
    """What screen readers call the example photos, by the selector of their gallery."""
    galleries = {"#examples": _EXAMPLES, "#wrong-example": _WRONG}
    return {
        selector: [f"Example: {text}" for text in photos.values()]
        for selector, photos in galleries.items()
    }
