"""What the page asks on its own, answered by a captioner that may still be loading."""

import asyncio

import gradio as gr
from PIL import Image

from captioner.photos import open_photo
from captioner.ui.loading import Loading
from captioner.ui.results import Shown, captioned, error_value
from captioner.ui.settings import Settings


class Answers:
    """The functions behind the events of the Explore tab."""

    def __init__(self, loading: Loading):
        self._loading = loading

    def for_page(self, photo, sampler, temperature, top_k, top_p, seed, beams) -> dict | None:
        """The explorer's value for a photo and settings; nothing without a photo."""
        if photo is None:
            return None
        try:
            upright = open_photo(photo)
            settings = Settings(sampler, temperature, int(top_k), top_p, seed, int(beams))
            captioner = self._loading.captioner()
            seen = captioner.pixels(upright)
            result = captioned(captioner, seen, settings)
        except ValueError as error:
            return error_value(str(error))
        return Shown(result, upright, Image.fromarray(seen), captioner.name).to_json()

    async def when_loaded(self) -> list[dict]:
        """Waits for the captioner and tells both explorers whether there is one."""
        try:
            await asyncio.wrap_future(self._loading.start())
            state = "ready"
        except ValueError as error:
            state = str(error)
        return [gr.update(captioner=state)] * 2
