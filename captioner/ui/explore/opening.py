"""The result that the page opens on, made in advance: visitors see it before the captioner, and
even before Gradio, is there.

It is a saved result like any other, of one of the example photos: `python -m docs.opening` makes it
again when the bundled captioner or the examples have changed.
"""

import json
from functools import cache
from string import Template

from PIL import Image

from captioner.caption import rounded
from captioner.paths import ASSETS, BUNDLED
from captioner.photos import open_photo
from captioner.rendering.overlay_style import page_style
from captioner.ui.explore import examples, exchange
from captioner.ui.explore.live import ENTRIES
from captioner.ui.explore.photo import PROMPT
from captioner.ui.shared import assets
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import ExplorerValue, caption_photo, data_url
from captioner.ui.shared.sampler_settings import DEFAULTS

FILE = ASSETS / "explore/opening/opening.json"
SIDE, QUALITY = 560, 75  # of the photo: pixels of its longer side, about as the page shows it
DIGITS = 4  # of weights
VALUE = {"opening": True}  # what Gradio gives the explorer: the document has the result itself


def make(captioner, example: str) -> dict:
    """The bundled captioner's saved result of an example photo, as small as the page needs it."""
    photo = open_photo(examples.PHOTOS / example)
    seen = captioner.pixels(photo)
    result = caption_photo(captioner, seen)
    photo.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    value = ExplorerValue(result, photo, Image.fromarray(seen), BUNDLED.name).to_json()
    del value["keys"]  # the photo's is another after JPEG
    for word in value["words"]:
        word["attention"] = rounded(word["attention"], DIGITS)
    return value | {
        "example": example,
        "milliseconds": 0,  # of the machine that made it
        "photo": data_url(photo, "jpeg", quality=QUALITY, optimize=True, progressive=True),
        "seen": data_url(Image.fromarray(seen), "png", optimize=True),
    }


@cache
def read() -> dict:
    """The stored result."""
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def decoded() -> ExplorerValue:
    """The same, with its pictures decoded."""
    return exchange.read(read())


def is_for(models: Models) -> bool:
    """Whether the page opens on the stored result: with the captioner that made it."""
    return models.first.resolve() == BUNDLED.resolve() and FILE.is_file()


class Opening:
    """The opening result as a part of the page, whose captioners may still be loading."""

    def __init__(self, models: Models):
        self._models = models
        result = {**read(), "keys": decoded().keys}
        # Only saving needs what the network saw, and few visitors open with it.
        rest = json.dumps({"seen": result.pop("seen")}).encode()
        path, self.route = assets.served(rest, "json")
        self._result = {**result, "rest": path}

    def html(self) -> str:
        """What the document shows until Gradio's page is there: header, example photos, result."""
        explorer = assets.read("explore/explorer.html")
        explorer = explorer.replace('data-state="empty"', 'data-state="caption"', 1)
        explorer = explorer.replace("data-caption>", f"data-caption>{read()['caption']}", 1)
        given = {
            "result": self._result,
            "seconds": self._models.seconds_left(),
            "style": page_style(),
            "usual": DEFAULTS.to_json(),
        }
        return Template(assets.read("explore/opening/opening.html")).substitute(
            header=assets.header(),
            entries=ENTRIES,
            tray=assets.read("explore/stored/tray.html"),
            examples=examples.html(),
            prompt=PROMPT,
            explorer=explorer,
            module=assets.bundle_path("explore/opening/opening.js"),
            given=json.dumps(given, separators=(",", ":")).replace("<", "\\u003c"),
        )
