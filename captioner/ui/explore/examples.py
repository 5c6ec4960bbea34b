"""The example photos: their thumbnails as one picture, and the buttons that choose them."""

import filecmp
import io
from functools import cache
from html import escape
from pathlib import Path

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from PIL import Image, ImageOps
from starlette.routing import Route

from captioner.paths import ASSETS
from captioner.photos import open_photo
from captioner.ui.shared import assets

PHOTOS = ASSETS / "examples"
# File -> what is on it, for visitors who do not see it. The bundled captioner describes these well;
# their authors are listed in assets/examples/README.md.
EXAMPLES = {
    "giraffes.jpg": "Two giraffes in front of trees",
    "horse.jpg": "A brown horse in front of mountains",
    "cat.jpg": "A cat with a ball of wool",
    "night.jpg": "A bridge with lights at night",
    "bear.jpg": "A polar bear in the snow",
    "bird.jpg": "A black toucan on a branch",
}
WRONG = {"panda.jpg": "A panda on a rock"}  # the bundled captioner gets this one wrong
_NAMES = [*EXAMPLES, *WRONG]
THUMBNAIL = 144  # pixels of a side
QUALITY = 70


def html() -> str:
    """Two cards with a button for each photo."""

    def buttons(photos: dict[str, str]) -> str:
        return "".join(
            f'<li><button type="button" data-example="{name}" style="--at: {_NAMES.index(name)}" '
            f'aria-label="Example: {escape(text)}"></button></li>'
            for name, text in photos.items()
        )

    style = f"--sheet: url({_sheet()[0]}); --count: {len(_NAMES)}"
    return (
        f'<div class="examples" style="{style}">'
        f"<section><h2>Examples</h2><ul>{buttons(EXAMPLES)}</ul></section>"
        f'<section class="wrong"><h2>It gets this one wrong: find out why</h2>'
        f"<ul>{buttons(WRONG)}</ul></section></div>"
    )


def chosen(event: gr.EventData) -> str:
    """A copy of the example that a visitor clicked: the page serves that, never its folder."""
    name = event._data.get("example") if isinstance(event._data, dict) else None
    if name not in _NAMES:
        raise gr.Error("There is no such example.", print_exception=False)
    return save_file_to_cache(PHOTOS / name, get_upload_folder())


def name_of(photo: str) -> str | None:
    """The name of the example that a file is a copy of, or None."""
    example = PHOTOS / Path(photo).name
    is_one = example.name in _NAMES and filecmp.cmp(photo, example, shallow=False)
    return example.name if is_one else None


def route() -> Route:
    """Serves the thumbnails, side by side in one picture."""
    return _sheet()[1]


@cache
def _sheet() -> tuple[str, Route]:
    """Path and route of the picture of all thumbnails."""
    sheet = Image.new("RGB", (THUMBNAIL * len(_NAMES), THUMBNAIL))
    for at, name in enumerate(_NAMES):
        photo = ImageOps.fit(open_photo(PHOTOS / name), (THUMBNAIL, THUMBNAIL))
        sheet.paste(photo, (at * THUMBNAIL, 0))
    file = io.BytesIO()
    sheet.save(file, "WEBP", quality=QUALITY)
    return assets.served(file.getvalue(), "webp")
