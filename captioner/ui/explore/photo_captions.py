"""Captions for the Explore tab, by captioners that may still be loading."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import gradio as gr
from PIL import Image

from captioner.photos import open_photo
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import ExplorerValue, caption_photo, error_value
from captioner.ui.shared.sampler_settings import Settings

_GONE = "The photo was deleted from the server after about an hour: please upload it again."


class PhotoCaptions:
    """The handlers of the Explore tab's events."""

    def __init__(self, models: Models):
        self._models = models

    def caption(self, photo, model, *settings) -> dict | None:
        """The explorer's value for a photo's path, a captioner's name and settings; None without a
        photo."""
        if photo is None:
            return None
        try:
            if not Path(photo).is_file():
                raise ValueError(_GONE)
            upright = open_photo(photo)
            captioner = self._models.captioner(model or "")
            seen = captioner.pixels(upright)
            result = caption_photo(captioner, seen, Settings.from_controls(*settings))
        except ValueError as error:
            return error_value(str(error))
        return ExplorerValue(result, upright, Image.fromarray(seen), model or "").to_json()

    def again(self, photo, model, *settings):
        """The same after another setting. Without a photo the explorer may show a saved result,
        which stays."""
        return gr.skip() if photo is None else self.caption(photo, model, *settings)

    async def wait_until_loaded(self) -> AsyncIterator[list[dict]]:
        """Updates for both explorers: how long the captioner will still load, and then that it is
        loaded, or has failed to load."""
        if seconds := self._models.seconds_left():
            yield [gr.update(captioner=seconds)] * 2
        try:
            await asyncio.wrap_future(self._models.start())
            state = "ready"
        except ValueError as error:
            state = str(error)
        yield [gr.update(captioner=state)] * 2
