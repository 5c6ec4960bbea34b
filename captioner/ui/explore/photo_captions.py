"""Captions for the Explore tab, by captioners that may still be loading."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import gradio as gr
from annotated_types import MaxLen
from PIL import Image

from captioner.photos import open_photo
from captioner.ui.explore import examples
from captioner.ui.explore.photo import READING
from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import ExplorerValue, caption_photo, error_value
from captioner.ui.shared.sampler_settings import Settings

Keys = Annotated[list[untrusted.line(64)], MaxLen(100)]
_GONE = "The photo was deleted from the server after about an hour: please upload it again."


class PhotoCaptions:
    """The handlers of the Explore tab's events. `photos` are for the queries that follow."""

    def __init__(self, models: Models, photos: RecentPhotos):
        self._models = models
        self._photos = photos

    def caption(self, photo, model, known, *settings) -> dict:
        """The explorer's value for a photo's path, a captioner's name and settings.

        Pictures whose keys are `known` are not sent again. Without a photo the explorer stays as it
        is: it may show a stored or saved result.
        """
        if photo is None:
            return gr.skip()
        if not Path(photo).is_file():
            return {**error_value(_GONE), "gone": True}  # the page gives it again if it has it
        try:
            with READING:
                upright = open_photo(photo)
            if note := upright.info.get("note"):
                gr.Info(note)
            captioner = self._models.captioner(model or "")
            seen = captioner.pixels(upright)
            known = untrusted.checked(Keys, known or [], "The known pictures")
            result = caption_photo(captioner, seen, Settings.from_controls(*settings))
        except ValueError as error:
            return error_value(str(error))
        self._photos.add(seen)
        value = ExplorerValue(result, upright, Image.fromarray(seen), model or "").to_json(known)
        self._photos.add_file(value["keys"]["photo"], photo)
        return value | {"example": examples.name_of(photo)}

    async def wait_until_loaded(self) -> AsyncIterator[list[dict]]:
        """Updates for both explorers: that the captioner is loading, or for how many seconds it
        will, and then that it is loaded, or has failed to load."""
        seconds = self._models.seconds_left()
        if seconds != 0:
            yield [gr.update(captioner=seconds or "loading")] * 2
        try:
            await asyncio.wrap_future(self._models.start())
            state = "ready"
        except ValueError as error:
            state = str(error)
        yield [gr.update(captioner=state)] * 2
