"""The photo input."""

import gradio as gr

PROMPT = "Try your own photo\nDrop or paste it anywhere, or choose one"


class PhotoInput(gr.Image):
    """An image input whose value is the path of the uploaded file.

    gr.Image would open the file before its size was checked, and show an error of its own.
    """

    is_template = True  # in the browser it is gr.Image

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None
