"""The web API: what programs and MCP clients ask.

The docstrings of its functions are what they read, so each argument is told on one line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
import numpy as np
from gradio.components.api_component import Api as Typed

from captioner.photos import PhotoError
from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.sampler_settings import USUAL, Settings
from captioner.vocabulary import standardise

CELLS = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}


class Api:
    """`/caption`, `/what_if` and `/cover`, answered by captioners that may still be loading."""

    def __init__(self, models: Models):
        self._models = models

    def put_up(self, photo, settings: list[gr.components.Component], **shared) -> None:
        """Adds the endpoints to the page that is being built. `photo` and `settings` are its
        controls: ranges and usual values are theirs."""
        words, cells = gr.Textbox("", visible=False), Typed(None, CELLS, "cells")
        endpoints = {
            "caption": (self.caption, [photo, *settings]),
            "what_if": (self.what_if, [photo, words, *settings]),
            "cover": (self.cover, [photo, cells, words]),
        }
        for name, (function, given) in endpoints.items():
            gr.on([], function, given, gr.JSON(visible=False), api_name=name, **shared)

    def caption(self, photo, sampler, temperature, top_k, top_p, seed, beams) -> dict:
        """Captions a photo and says for every word how probable it was and where it looked.

        Args:
            photo: The photo to caption.
            sampler: "greedy": the likeliest word each time; "sampling": one drawn; "beam": search.
            temperature: For sampling: below 1 likely words gain, above 1 unlikely ones.
            top_k: For sampling: only the k likeliest words; 0 for all.
            top_p: For sampling: only the fewest words that share this much probability.
            seed: For sampling: the same seed draws the same sentence.
            beams: For beam search: how many sentences are kept at every word.
        """
        settings = Settings(sampler, temperature, int(top_k), top_p, seed, int(beams))
        with _refusals():
            return self._captioned(photo, settings)

    def what_if(self, photo, words, sampler, temperature, top_k, top_p, seed, beams) -> dict:
        """Lets a caption begin with given words and go on from there; says for every word how
        probable it was and where it looked.

        Args:
            photo: The photo to caption.
            words: How the sentence begins, for example "a black dog".
            sampler: "greedy": the likeliest word each time; "sampling": one drawn; "beam": search.
            temperature: For sampling: below 1 likely words gain, above 1 unlikely ones.
            top_k: For sampling: only the k likeliest words; 0 for all.
            top_p: For sampling: only the fewest words that share this much probability.
            seed: For sampling: the same seed draws the same sentence.
            beams: For beam search: how many sentences are kept at every word.
        """
        settings = Settings(sampler, temperature, int(top_k), top_p, seed, int(beams))
        with _refusals():
            return self._captioned(photo, settings, prefix=_split(words))

    def cover(self, photo, cells, words) -> dict:
        """Hides some cells of the grid that a captioner sees a photo as, and captions it again.
        Given a sentence, it also says in `kept` how probable each word of it still is.

        Args:
            photo: The photo to caption.
            cells: What to hide: [[row, column], ...], from 0 at the top left; 7 x 7 as delivered.
            words: A sentence to judge, for example the caption of the whole photo; may be empty.
        """
        with _refusals():
            captioner = self._models.captioner()
            shape = (captioner.geometry.rows, captioner.geometry.cols)
            covered = untrusted.cells(cells, "The cells", shape)
            answer = self._captioned(photo, USUAL, covered=covered)
            if said := _split(words):
                kept = captioner.probabilities(photo, said, covered)
                answer["kept"] = np.round(kept.astype(float), 6).tolist()
            return answer

    def _captioned(self, photo, settings: Settings, **how) -> dict:
        if photo is None:
            raise PhotoError("There is no photo to caption.")
        caption = self._models.captioner().caption(photo, settings.chooser, **how)
        return caption.to_json(photo=Path(photo).name)


def _split(sentence: str) -> list[str]:
    return untrusted.words(standardise(sentence), "The words")


@contextmanager
def _refusals() -> Iterator[None]:
    """What cannot be answered is told in the sentence that says why."""
    try:
        yield
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
