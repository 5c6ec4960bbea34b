"""What the page and the web API ask, answered by a captioner that may still be loading."""

import asyncio
import time
from pathlib import Path

import gradio as gr
from PIL import Image

from captioner.caption import Caption
from captioner.photos import PhotoError, open_photo
from captioner.samplers import Greedy, Sampling
from captioner.ui.explorer import caption_value, error_value
from captioner.ui.loading import Loading


class _Refused(Exception):
    """There is no answer; the message is one sentence for who asked."""


class Answers:
    """The functions behind the events of the Explore tab and behind `/caption`."""

    def __init__(self, loading: Loading):
        self._loading = loading

    def for_page(self, photo, sampler, temperature, top_k, top_p, seed) -> dict | None:
        """The explorer's value for a photo and settings; nothing without a photo."""
        if photo is None:
            return None
        try:
            return caption_value(*self._caption(photo, sampler, temperature, top_k, top_p, seed))
        except _Refused as refused:
            return error_value(str(refused))

    def caption(self, photo, sampler, temperature, top_k, top_p, seed) -> dict:
        """Captions a photo and says for every word how probable it was and where it looked.

        Args:
            photo: The photo to caption.
            sampler: "greedy" takes the likeliest word each time, "sampling" draws one.
            temperature: For sampling: below 1 likely words gain, above 1 unlikely ones.
            top_k: For sampling: only the k likeliest words; 0 for all.
            top_p: For sampling: only the fewest words that share this much probability.
            seed: For sampling: the same seed draws the same sentence.
        """
        try:
            caption, *_ = self._caption(photo, sampler, temperature, top_k, top_p, seed)
        except _Refused as refused:
            raise gr.Error(str(refused), print_exception=False) from refused
        return caption.to_json(photo=Path(photo).name)

    async def when_loaded(self) -> dict:
        """Waits for the captioner and tells the explorer whether there is one."""
        try:
            await asyncio.wrap_future(self._loading.start())
            return gr.update(captioner="ready")
        except ValueError as error:
            return gr.update(captioner=str(error))

    def _caption(
        self, photo, sampler, temperature, top_k, top_p, seed
    ) -> tuple[Caption, Image.Image, float]:
        """A caption, the upright photo it is of, and the milliseconds it took.

        Raises _Refused for a photo or settings that cannot be used, or without a captioner.
        """
        try:
            if photo is None:
                raise PhotoError("There is no photo to caption.")
            upright = open_photo(photo)
            sampling = sampler == "sampling"
            chooser = Sampling(temperature, int(top_k), top_p, seed) if sampling else Greedy()
            captioner = self._loading.captioner()
        except ValueError as error:
            raise _Refused(str(error)) from error
        begun = time.perf_counter()
        caption = captioner.caption(upright, chooser)
        return caption, upright, 1000 * (time.perf_counter() - begun)
