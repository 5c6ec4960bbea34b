"""The explorer: the component that shows a caption and where its words looked, and its value.

All looking happens in the browser (assets/explorer); the value is plain JSON:
`{"photo", "width", "height", "caption", "confidence", "milliseconds", "words", "grid"}`, or
`{"error": sentence}`, or nothing while there is no photo.
"""

import base64
import io

import gradio as gr
from PIL import Image

from captioner.caption import Caption
from captioner.ui import assets

# They share one scope, in this order.
SCRIPTS = (
    *("elements", "colours", "maps", "painter", "state", "words", "stage", "marks"),
    *("playing", "asking", "aligned", "changes", "cause", "more", "similarity", "tour"),
    *("branches", "samples", "saving", "explorer"),
)
STYLES = ("explorer", "more", "tour")
JPEG_QUALITY = 88


def explorer() -> gr.HTML:
    """The component, without a value; its prop `captioner` says how far loading has come."""
    return gr.HTML(
        html_template=assets.read("explorer/explorer.html"),
        css_template=assets.read(*(f"explorer/{name}.css" for name in STYLES)),
        js_on_load=assets.read(*(f"explorer/{name}.js" for name in SCRIPTS)),
        apply_default_css=False,
        elem_id="explorer",
        captioner="loading",
    )


def caption_value(caption: Caption, photo: Image.Image, milliseconds: float) -> dict:
    """What the explorer shows: a caption, the upright RGB photo it is of, and how long it took."""
    if not caption.words:
        return error_value("The captioner found no words for this photo.")
    geometry = caption.geometry
    return {
        **caption.to_json(photo=_data_url(photo)),
        "width": photo.width,
        "height": photo.height,
        "confidence": round(caption.confidence, 6),
        "milliseconds": round(milliseconds, 1),
        "grid": {
            "x": geometry.centres(geometry.cols).tolist(),
            "y": geometry.centres(geometry.rows).tolist(),
        },
    }


def error_value(sentence: str) -> dict:
    """What the explorer shows where there is no caption."""
    return {"error": sentence}


def _data_url(photo: Image.Image) -> str:
    """The photo within the value itself: nothing of it stays on the server."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
