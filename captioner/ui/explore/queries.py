"""What the explorer asks about a photo, and the answers.

An ask is `{id, kind, seen, ...}`: the browser's number for it, one of the kinds below, and the
picture that the network saw. Each answer carries the id; one that failed is `{id, error}`, and on
the way there may be some with `{id, done, total}`. Nothing in an ask is taken on trust.
"""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

import gradio as gr
import numpy as np

from captioner import render
from captioner.attention_maps import rank_agreement
from captioner.strip import save_strip
from captioner.ui.explore import exchange
from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import captioned, error_value, file_url, result_of
from captioner.ui.shared.sampler_settings import USUAL, Settings

MOST_SAMPLES = 20
PRINT = 300  # dots per inch of a strip


class Ask:
    """One question, read with suspicion: each field raises ValueError with one sentence."""

    def __init__(self, given: dict, models: Models):
        self.given = given
        self._models = models

    @cached_property
    def captioner(self):
        name = self.given.get("checkpoint", "")
        return self._models.captioner(untrusted.text(name, "The checkpoint", 200))

    @cached_property
    def photo(self) -> np.ndarray:
        """What the network saw, uint8 (size, size, 3)."""
        size = self.captioner.geometry.size
        seen = untrusted.picture(self.given.get("seen"), "The photo", "png", exchange.LARGEST_SEEN)
        if seen.size != (size, size):
            raise ValueError("This result is another captioner's: give the page its photo anew.")
        return np.asarray(seen)

    def words(self, name: str = "words", least: int = 0) -> list[str]:
        return untrusted.words(self.given.get(name, []), "The words", least)

    @property
    def covered(self) -> np.ndarray:
        """bool (rows, cols)"""
        geometry = self.captioner.geometry
        cells = self.given.get("covered", [])
        return untrusted.cells(cells, "The covered cells", (geometry.rows, geometry.cols))

    @property
    def settings(self) -> Settings:
        return Settings.of(untrusted.record(self.given.get("settings", {}), "The settings"))


class Asks:
    """Answers what the explorer asks, with captioners that may still be loading."""

    def __init__(self, models: Models):
        self._models = models

    def answer(self, event: gr.EventData) -> Iterator[dict]:
        """The answer to one ask, for the explorer's prop `answer`."""
        for said in self.answers(event._data):
            yield gr.update(answer=said)

    def answers(self, given) -> Iterator[dict]:
        """What is said to one ask, as JSON; never raises for what a browser may send."""
        number = None
        try:
            given = untrusted.record(given, "An ask")
            number = untrusted.text(given.get("id"), "The id of an ask", 64)
            kind = untrusted.text(given.get("kind"), "The kind of an ask", 64)
            if kind not in KINDS:
                raise ValueError(f"There is no ask of that kind; there are: {', '.join(KINDS)}.")
            for said in KINDS[kind](Ask(given, self._models)):
                yield {"id": number, **said}
        except ValueError as error:
            yield {"id": number, **error_value(str(error))}

    def open(self, event: gr.EventData) -> dict:
        """The explorer's value from the text of a saved result."""
        given = event._data if isinstance(event._data, dict) else {}
        try:
            shown = exchange.parse(given.get("text"))
        except exchange.ExchangeError as error:
            return error_value(str(error))
        if shown.checkpoint in ("", *self._models.names()):
            return shown.to_json()
        silent = (
            f"This result is from the captioner “{shown.checkpoint}”, which is not here: it can be "
            "looked at and saved, but not asked anything new."
        )
        return {**shown.to_json(), "silent": silent}


def what_if(ask: Ask) -> Iterator[dict]:
    """Other words at the beginning, covered cells, other settings. With `compare`, how probable
    the words of that sentence still are."""
    result = captioned(ask.captioner, ask.photo, ask.settings, ask.words(), ask.covered)
    answer = {"result": result.to_json()}
    if ask.given.get("compare") is not None:
        kept = ask.captioner.probabilities(ask.photo, ask.words("compare", 1), ask.covered)
        answer["kept"] = rounded(kept)
    yield answer


def cause(ask: Ask) -> Iterator[dict]:
    """For each word of a sentence, what covering parts of the photo takes from its probability,
    and how well that agrees with its attention on the cells that are not hidden."""
    photo, words, covered = ask.photo, ask.words(least=1), ask.covered
    for done, total, maps in ask.captioner.occlusions(photo, words, covered):
        if maps is None:
            yield {"done": done, "total": total}
    looked = ask.captioner.caption(photo, prefix=words, covered=covered).maps
    pairs = zip(looked, maps, strict=False)  # it may go on after these words
    agreement = [rank_agreement(one[~covered], other[~covered]) for one, other in pairs]
    yield {"maps": rounded(maps), "agreement": rounded(agreement)}


def beam(ask: Ask) -> Iterator[dict]:
    """A beam search and its tree."""
    settings = Settings.of({"sampler": "beam", "beams": ask.given.get("beams", USUAL.beams)})
    photo, words, covered = ask.photo, ask.words(), ask.covered
    begun = time.perf_counter()
    caption, tree = ask.captioner.beam_tree(photo, settings.beams, words, covered)
    milliseconds = 1000 * (time.perf_counter() - begun)
    result = result_of(ask.captioner, caption, milliseconds, settings, words, covered)
    nodes = [asdict(branch) for branch in tree.branches]
    for node in nodes:
        node.update(probability=rounded(node["probability"]), score=rounded(node["score"]))
    yield {"tree": {"nodes": nodes, "best": tree.best}, "result": result.to_json()}


def samples(ask: Ask) -> Iterator[dict]:
    """Several sentences drawn with seeds that follow each other, and how large a share of them
    are the most frequent one."""
    count = untrusted.whole(ask.given.get("count"), "The number of samples", 1, MOST_SAMPLES)
    settings, words, covered = replace(ask.settings, sampler="sampling"), ask.words(), ask.covered
    drawn = []
    for seed in range(settings.seed or 0, (settings.seed or 0) + count):
        chooser = replace(settings, seed=seed).chooser
        caption = ask.captioner.caption(ask.photo, chooser, words, covered)
        drawn.append(
            {
                "caption": caption.text,
                "confidence": rounded(caption.confidence),
                "seed": seed,
                "words": [word.text for word in caption.words],
            }
        )
    ((_, most),) = Counter(sample["caption"] for sample in drawn).most_common(1)
    yield {"samples": drawn, "equal": rounded(most / count)}


def strip(ask: Ask) -> Iterator[dict]:
    """All words over their maps, fit for print."""
    shown = exchange.read(ask.given.get("value"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "words.png")
        save_strip(shown.photo, shown.result.caption, path, dpi=PRINT, **look(ask.given))
        yield {"name": file_name(shown, "png"), "file": file_url("image/png", path.read_bytes())}


def gif(ask: Ask) -> Iterator[dict]:
    """The words one after the other."""
    shown = exchange.read(ask.given.get("value"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "words.gif")
        render.gif(shown.photo, shown.result.caption, path, **look(ask.given))
        yield {"name": file_name(shown, "gif"), "file": file_url("image/gif", path.read_bytes())}


KINDS = {kind.__name__: kind for kind in (what_if, cause, beam, samples, strip, gif)}


def look(given: dict) -> dict:
    """How overlays are to look, as `render.overlay` takes it."""
    wanted = untrusted.record(given.get("look", {}), "The look")
    choices = {"style": render.STYLES, "scale": render.SCALES, "palette": render.PALETTES}
    found = {name: wanted.get(name, known[0]) for name, known in choices.items()}
    for name, known in choices.items():
        if found[name] not in known:
            raise ValueError(f"The {name} of a picture must be one of {', '.join(known)}.")
    found["strength"] = untrusted.number(
        wanted.get("strength", render.STRENGTH), "The strength", 0, 1
    )
    found["smooth"] = bool(wanted.get("smooth", True))
    return found


def file_name(shown, kind: str) -> str:
    """A name for a file made from the caption: letters, digits and hyphens only."""
    words = re.sub(r"[^a-z0-9]+", "-", shown.result.caption.text.lower())[:60].strip("-")
    return f"{words or 'caption'}.{kind}"


def rounded(numbers):
    """Six digits, as JSON."""
    return np.round(np.asarray(numbers, float), 6).tolist()
