"""The photo input."""

from threading import BoundedSemaphore

import gradio as gr

PROMPT = "Try your own photo\nDrop or paste it anywhere, or choose one"


# Held while a file is decoded, which takes up to 700 MB for a moment.
READING = BoundedSemaphore(2)


class PhotoInput(gr.Image):
    """An image input whose value is the path of the uploaded file.

    gr.Image would open the file before its size was checked, and show an error of its own.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None
