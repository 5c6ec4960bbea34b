"""Queries that the explorer sends about a photo, and their answers.

A query is `{id, kind, ...}`: a number that the browser chose, one of KINDS, and the fields of its
model below. Each answer repeats the id; one that failed is `{id, error}`, interim reports are
`{id, done, total}`, and `{id, unknown}` wants the same query with the photo. Nothing in a query is
trusted.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Literal

import gradio as gr
import numpy as np
from annotated_types import Interval, Len

from captioner.attention_maps import grid_json, rank_agreement
from captioner.caption import rounded
from captioner.decoding import MAX_WORDS
from captioner.rendering import render
from captioner.rendering.strip import FORMATS, save_strip
from captioner.ui.explore import exchange
from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import caption_photo, error_value, file_url, result_of
from captioner.ui.shared.sampler_settings import DEFAULTS, Beams, Settings

PRINT_DPI = 300
MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "gif": "image/gif",
}
_DRAWING = BoundedSemaphore(4)  # pictures that are drawn at once, for their memory
SomeWords = Annotated[list[untrusted.Word], Len(1, MAX_WORDS)]


class Query(untrusted.Message):
    """What all queries have."""

    id: untrusted.line(64)

    def answers(self, models: Models, photos: RecentPhotos) -> Iterator[dict]:
        """The last answer, after interim reports. Raises ValueError with one sentence."""
        raise NotImplementedError


class PhotoQuery(Query):
    """A query that the captioner answers; `words` are prescribed, `covered` cells are hidden.

    `key` names the photo. The browser sends what the network saw of it only if the server wants it.
    """

    checkpoint: untrusted.line(200) = ""
    key: untrusted.line(64) = ""
    seen: exchange.Seen = None
    words: untrusted.Words = []
    covered: untrusted.Cells = []

    def answers(self, models: Models, photos: RecentPhotos) -> Iterator[dict]:
        pixels = photos.find(self.key) if self.seen is None else np.asarray(self.seen)
        if pixels is None:
            yield {"unknown": True}
            return
        captioner = models.captioner(self.checkpoint)
        geometry = captioner.geometry
        if pixels.shape[:2] != (geometry.size, geometry.size):
            raise ValueError("Another captioner made this result: please upload its photo again.")
        if self.seen is not None:
            photos.add(pixels)
        covered = untrusted.mask(self.covered, (geometry.rows, geometry.cols))
        yield from self.compute(captioner, pixels, covered)

    def compute(self, captioner, photo: np.ndarray, covered: np.ndarray) -> Iterator[dict]:
        """`photo` is the backbone's input, uint8 (size, size, 3), `covered` bool (rows, cols)."""
        raise NotImplementedError


class WhatIf(PhotoQuery):
    """A caption with other words at the beginning, covered cells or other settings.

    With `compare`, the answer has in `kept` how probable the words of that sentence still are.
    """

    settings: Settings = DEFAULTS
    compare: SomeWords | None = None

    def compute(self, captioner, photo, covered):
        result = caption_photo(captioner, photo, self.settings, self.words, covered)
        answer = {"result": result.to_json(), "grid": grid_json(captioner.geometry)}
        if self.compare:
            answer["kept"] = rounded(captioner.probabilities(photo, self.compare, covered))
        yield answer


class Cause(PhotoQuery):
    """For each word of a sentence, how much its probability falls when parts of the photo are
    covered, and how well that agrees with its attention on the cells that are not hidden: with the
    mean of a transformer's heads, and with each."""

    words: SomeWords

    def compute(self, captioner, photo, covered):
        for done, total, maps in captioner.occlusions(photo, self.words, covered):
            if maps is None:
                yield {"done": done, "total": total}
        caption = captioner.caption(photo, prefix=self.words, covered=covered)
        pairs = list(zip(caption.words, maps, strict=False))  # it may be longer than these words

        def agreement(attention, falls):
            return rank_agreement(attention[~covered], falls[~covered])

        answer = {
            "maps": rounded(maps),
            "agreement": rounded([agreement(word.attention, falls) for word, falls in pairs]),
        }
        if caption.heads:
            answer["of_heads"] = rounded(
                [
                    [[agreement(head, falls) for head in layer] for layer in word.heads]
                    for word, falls in pairs
                ]
            )
        yield answer


class BeamSearch(PhotoQuery):
    """A beam search and its tree."""

    beams: Beams = DEFAULTS.beams

    def compute(self, captioner, photo, covered):
        settings = Settings(sampler="beam", beams=self.beams)
        start = time.perf_counter()
        caption, tree = captioner.beam_tree(photo, self.beams, self.words, covered)
        result = result_of(captioner, caption, start, settings, self.words, covered)
        nodes = [asdict(node) for node in tree.nodes]
        for node in nodes:
            node.update(probability=rounded(node["probability"]), score=rounded(node["score"]))
        yield {"tree": {"nodes": nodes, "best": tree.best}, "result": result.to_json()}


class Samples(PhotoQuery):
    """Several sampled sentences with consecutive seeds, and the share of the most frequent one."""

    count: Annotated[untrusted.Whole, Interval(ge=1, le=20)]
    settings: Settings = DEFAULTS

    def compute(self, captioner, photo, covered):
        sampler = self.settings.model_copy(update={"sampler": "sampling"}).make_sampler()
        first = self.settings.seed or 0
        samples = []
        for seed in range(first, first + self.count):
            caption = captioner.caption(photo, replace(sampler, seed=seed), self.words, covered)
            samples.append(
                {
                    "caption": caption.text,
                    "confidence": rounded(caption.confidence),
                    "seed": seed,
                    "words": [word.text for word in caption.words],
                }
            )
        ((_, most),) = Counter(sample["caption"] for sample in samples).most_common(1)
        yield {"samples": samples, "equal": rounded(most / self.count)}


class Look(untrusted.Message):
    """How overlays look, as `render.overlay` takes it."""

    style: Literal[render.STYLES] = render.STYLES[0]
    scale: Literal[render.SCALES] = render.SCALES[0]
    palette: Literal[render.PALETTES] = render.PALETTES[0]
    strength: untrusted.Share = render.STRENGTH
    smooth: bool = True


class Shown(exchange.Result):
    """A result; the browser sends its photo only if the server wants it."""

    photo: exchange.Photo = None


class Strip(Query):
    """A picture for print: all words of a result over their maps. `key` names its photo."""

    value: Shown
    key: untrusted.line(64) = ""
    look: Look = Look()
    format: Literal[FORMATS] = "png"

    def answers(self, models, photos):
        caption, look = self.value.to_result().caption, self.look.model_dump()
        photo = self.value.photo or photos.photo(self.key)
        if photo is None:
            yield {"unknown": True}
            return
        with _DRAWING, tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"picture.{self.format}")
            if self.format == "gif":
                render.gif(photo, caption, path, **look)
            else:
                save_strip(photo, caption, path, PRINT_DPI, **look)
            file = path.read_bytes()
        yield {"file": file_url(MEDIA_TYPES[self.format], file)}


class Animation(Strip):
    """An animation instead: the words one after the other."""

    format: Literal["gif"] = "gif"


KINDS = {
    "what_if": WhatIf,
    "cause": Cause,
    "beam": BeamSearch,
    "samples": Samples,
    "strip": Strip,
    "gif": Animation,
}


class Kind(untrusted.Message):
    """Which model a query has."""

    kind: Literal[tuple(KINDS)]


class Queries:
    """Answers queries with captioners that may still be loading. `photos` need not be sent."""

    def __init__(self, models: Models, photos: RecentPhotos):
        self._models = models
        self._photos = photos

    def answer(self, event: gr.EventData) -> Iterator[dict]:
        """The answers to one query, for the explorer's prop `answer`."""
        for answer in self.answers(event._data):
            yield gr.update(answer=answer)

    def answers(self, message) -> Iterator[dict]:
        """The answers to one query, as JSON. Never raises, whatever a browser sends."""
        query_id = None
        try:
            query_id = untrusted.checked(Query, message).id
            model = KINDS[untrusted.checked(Kind, message).kind]
            for answer in untrusted.checked(model, message).answers(self._models, self._photos):
                yield {"id": query_id, **answer}
        except ValueError as error:
            yield {"id": query_id, **error_value(str(error))}

    def open(self, event: gr.EventData) -> dict:
        """The explorer's value from the text of a saved result."""
        message = event._data if isinstance(event._data, dict) else {}
        try:
            value = exchange.parse(message.get("text"))
        except exchange.ExchangeError as error:
            return error_value(str(error))
        self._photos.add(np.asarray(value.seen))
        answer = {**value.to_json(), "saved": True}
        if value.checkpoint not in ("", *self._models.names()):
            answer["silent"] = (
                f"This result is from the captioner “{value.checkpoint}”, which is not here: you "
                "can explore and save it, but not ask anything new."
            )
        return answer
