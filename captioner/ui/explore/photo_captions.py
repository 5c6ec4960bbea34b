"""What the page asks on its own, answered by captioners that may still be loading."""

import asyncio
from pathlib import Path

import gradio as gr
from PIL import Image

from captioner.photos import open_photo
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import Shown, captioned, error_value
from captioner.ui.shared.sampler_settings import Settings

_GONE = "The photo is no longer kept here, as it is only for about an hour: please give it again."


class Answers:
    """The functions behind the events of the Explore tab."""

    def __init__(self, models: Models):
        self._models = models

    def for_page(self, photo, model, *settings) -> dict | None:
        """The explorer's value for a photo, a captioner's name and settings; nothing without a
        photo."""
        if photo is None:
            return None
        try:
            if not Path(photo).is_file():
                raise ValueError(_GONE)
            upright = open_photo(photo)
            sampler, temperature, top_k, top_p, seed, beams = settings
            chosen = Settings(sampler, temperature, int(top_k), top_p, seed, int(beams))
            captioner = self._models.captioner(model or "")
            seen = captioner.pixels(upright)
            result = captioned(captioner, seen, chosen)
        except ValueError as error:
            return error_value(str(error))
        return Shown(result, upright, Image.fromarray(seen), model or "").to_json()

    async def when_loaded(self) -> list[dict]:
        """Waits for the captioner and tells both explorers whether there is one."""
        try:
            await asyncio.wrap_future(self._models.start())
            state = "ready"
        except ValueError as error:
            state = str(error)
        return [gr.update(captioner=state)] * 2
