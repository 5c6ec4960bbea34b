"""The web API for programs and MCP clients.

Clients read the docstrings of the endpoints, in which each argument must be on one line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import numpy as np
from gradio.components.api_component import Api as Typed

from captioner.caption import rounded
from captioner.photos import PhotoError
from captioner.ui.explore.photo import READING
from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.sampler_settings import DEFAULTS, Settings
from captioner.vocabulary import standardise

CELLS = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}


class Api:
    """`/caption`, `/what_if` and `/cover`, with captioners that may still be loading."""

    def __init__(self, models: Models):
        self._models = models

    def add_to_page(self, photo, settings: list[gr.components.Component], **shared) -> None:
        """Adds the endpoints to the page that is being built.

        Args:
            photo: The photo control.
            settings: The controls of the sampler settings: their ranges and defaults hold here.
            **shared: Options of all events.
        """
        words, cells = gr.Textbox("", visible=False), Typed(None, CELLS, "cells")
        endpoints = {
            "caption": (self.caption, [photo, *settings]),
            "what_if": (self.what_if, [photo, words, *settings]),
            "cover": (self.cover, [photo, cells, words]),
        }
        for name, (function, inputs) in endpoints.items():
            gr.on([], function, inputs, gr.JSON(visible=False), api_name=name, **shared)

    def caption(self, photo, sampler, temperature, top_k, top_p, seed, beams) -> dict:
        """Captions a photo. Returns for each word its probability, its attention as a grid of
        weights on the photo, and the most probable alternatives.

        Args:
            photo: The photo to caption.
            sampler: "greedy" (the most probable word), "sampling" (random) or "beam" (beam search).
            temperature: For sampling: below 1 favours probable words, above 1 improbable words.
            top_k: For sampling: choose from the k most probable words; 0 means all words.
            top_p: For sampling: choose from the fewest words with this total probability.
            seed: For sampling: the same seed gives the same sentence.
            beams: For beam search: the number of sentences that are kept at each step.
        """
        return self.what_if(photo, "", sampler, temperature, top_k, top_p, seed, beams)

    def what_if(self, photo, words, sampler, temperature, top_k, top_p, seed, beams) -> dict:
        """Captions a photo with a sentence that begins with the given words. Returns the same as
        `caption`.

        Args:
            photo: The photo to caption.
            words: The beginning of the sentence, for example "a black dog".
            sampler: "greedy" (the most probable word), "sampling" (random) or "beam" (beam search).
            temperature: For sampling: below 1 favours probable words, above 1 improbable words.
            top_k: For sampling: choose from the k most probable words; 0 means all words.
            top_p: For sampling: choose from the fewest words with this total probability.
            seed: For sampling: the same seed gives the same sentence.
            beams: For beam search: the number of sentences that are kept at each step.
        """
        with _errors_for_clients():
            settings = Settings.from_controls(sampler, temperature, top_k, top_p, seed, beams)
            prefix = _split(words)
            pixels = self._pixels(photo)
            caption = self._models.captioner().caption(pixels, settings.make_sampler(), prefix)
            return caption.to_json(photo=Path(photo).name)

    def cover(self, photo, cells, words) -> dict:
        """Captions a photo with some cells of its grid hidden. If a sentence is given, also returns
        in "kept" how probable each of its words still is.

        Args:
            photo: The photo to caption.
            cells: [[row, column], ...] from 0 at the top left; the bundled captioner has 7 x 7.
            words: The sentence, for example the caption of the whole photo; may be empty.
        """
        with _errors_for_clients():
            captioner = self._models.captioner()
            shape = (captioner.geometry.rows, captioner.geometry.cols)
            covered = untrusted.mask(untrusted.checked(untrusted.Cells, cells, "The cells"), shape)
            pixels = self._pixels(photo)
            caption = captioner.caption(pixels, DEFAULTS.make_sampler(), covered=covered)
            answer = caption.to_json(photo=Path(photo).name)
            if sentence := _split(words):
                answer["kept"] = rounded(captioner.probabilities(pixels, sentence, covered))
            return answer

    def _pixels(self, photo) -> np.ndarray:
        if photo is None:
            raise PhotoError("There is no photo to caption.")
        captioner = self._models.captioner()
        with READING:
            return captioner.pixels(photo)


def _split(sentence: str) -> list[str]:
    return untrusted.checked(untrusted.Words, standardise(sentence), "The words")


@contextmanager
def _errors_for_clients() -> Iterator[None]:
    """Clients get the sentence of a ValueError; `mistakes` logs it."""
    try:
        yield
    except ValueError as error:
        raise gr.Error(str(error)) from error
