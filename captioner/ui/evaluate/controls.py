"""What the evaluation tab's controls do: every function answers with updates of components, or,
where the view asks by itself, with JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import gradio as gr

from captioner.data.datasets import SPLITS
from captioner.evaluation import evaluate
from captioner.evaluation.store import Kept
from captioner.paths import RESULTS
from captioner.ui.evaluate.comparison import MOST, compared
from captioner.ui.evaluate.job import Evaluating
from captioner.ui.evaluate.labels import label
from captioner.ui.evaluate.photos import chosen_photo, page
from captioner.ui.explore.tab import opened
from captioner.ui.shared import data_sources, untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, attempt, error_line
from captioner.ui.shared.results import error_value
from captioner.ui.shared.sampler_settings import USUAL, Settings

COUNT = 2000  # scenes: a tenth of them, enough to measure with, is in dev
PHOTOS = 200  # evaluated, unless others are asked for
_MOST_PHOTOS = 1_000_000
_IDLE = {"doing": ""}  # None would not reach the browser: of what follows, differences are sent
_LOOK = 0.4  # seconds between two looks at how far it is
_KINDS = {"csv": "text/csv", "json": "application/json"}


class Evaluator:
    """Evaluates captioners for the page and shows what is kept. `permission` is asked before
    anything is done, since whoever can reach the page can call what is behind its buttons."""

    def __init__(self, models: Models, permission: Permission, root: Path = RESULTS):
        self.models, self.permission, self.root = models, permission, root
        self.kept = Kept(root)
        self.evaluating = Evaluating()

    # What is done.

    async def start(
        self, token, names, data, count, split, photos, asks, forced, *settings
    ) -> AsyncIterator[tuple]:
        """Evaluates captioners, one after the other, and tells how far it is as `follow` does;
        `settings` are how words are chosen, in the order of `Settings`, `asks` whether their
        attention is judged, too, and `forced` whether on the references as well."""

        def begin() -> bool:
            how = _sampler(settings)
            return self._begin(names, data, count, split, photos, asks, forced, how)

        async for told in self._begun(token, begin):
            yield told

    async def start_first(self, token) -> AsyncIterator[tuple]:
        """Evaluates what is most useful where there is no result yet, as `start` does: the
        captioner that the page begins with, on scenes."""

        def begin() -> bool:
            first = self.models.names()[:1]
            how = USUAL.to_json()
            return self._begin(first, data_sources.SCENES, COUNT, "dev", PHOTOS, True, True, how)

        async for told in self._begun(token, begin):
            yield told

    async def _begun(self, token, begin: Callable[[], bool]) -> AsyncIterator[tuple]:
        trouble, begun = attempt(self.permission, token, begin)
        if not begun:
            yield *(gr.skip(),) * 3, trouble, []
            return
        async for told in self._followed():
            yield told

    def stop(self, token):
        """Trouble, if there is any."""
        return attempt(self.permission, token, self.evaluating.stop)[0]

    def delete(self, token, shown: list[str] | None, event: gr.EventData):
        """(trouble, choice of results) after a result was deleted."""

        def forget() -> None:
            given = untrusted.record(event._data, "The choice")
            self.kept.delete(untrusted.text(given.get("result"), "The result", 200))

        trouble, _ = attempt(self.permission, token, forget)
        return trouble, self.choice(shown)

    def _begin(self, names, data, count, split, photos, asks, forced, sampler: dict) -> bool:
        known = self.models.names()
        names = list(dict.fromkeys(names or ()))
        if not names or any(name not in known for name in names):
            raise ValueError("Choose one or more checkpoints from the list.")
        if data not in [value for _, value in here()] or split not in SPLITS:
            raise ValueError("Choose data and a split from the lists.")
        low, high, _ = data_sources.COUNTS
        count = untrusted.whole(count, "The number of scenes", low, high)
        photos = untrusted.whole(photos, "The number of photos", 0, _MOST_PHOTOS)
        folder = data_sources.recipe_of(data, count)["data"]
        forced = bool(asks and forced)
        request = evaluate.Request(folder, split, sampler, photos, not asks, forced)
        drawn = count if data == data_sources.SCENES else 0
        self.evaluating.begin(lambda job: self._evaluate(job, names, request, drawn))
        return True

    def _evaluate(
        self, job: Evaluating, names: list[str], request: evaluate.Request, drawn: int
    ) -> None:
        if drawn:
            from captioner import scenes

            scenes.write(request.data, drawn, report=partial(job.report, "drawing scenes"))
        for number, name in enumerate(names, 1):
            place = f"{name} ({number} of {len(names)})" if len(names) > 1 else name
            report = partial(job.report, of=place)
            report("loading", 0, 0)
            captioner = self.models.captioner(name)
            found = evaluate.evaluate(captioner, name, request, report, job.should_stop)
            job.found.append(found.save(self.root).stem)

    # What is seen of it.

    async def follow(self) -> AsyncIterator[tuple]:
        """(view, evaluate, stop, trouble, fresh) again and again while an evaluation goes on, and
        once it has ended; `fresh` are the results that it brought, to be shown."""
        if not self.evaluating.progress:
            yield gr.update(status=_IDLE), *self._buttons(False), gr.skip(), []
            return
        async for told in self._followed():
            yield told

    async def _followed(self) -> AsyncIterator[tuple]:
        before = None
        while progress := self.evaluating.progress:
            if progress != before:
                before = progress
                view = gr.update(status=progress.to_json())
                yield view, *self._buttons(True, progress.stopping), error_line(""), []
            await asyncio.sleep(_LOOK)
        trouble = error_line(self.evaluating.trouble)
        yield gr.update(status=_IDLE), *self._buttons(False), trouble, self.evaluating.found

    def _buttons(self, busy: bool, stopping: bool = False) -> tuple:
        """Updates of (evaluate, stop)."""
        possible = self.permission.possible
        return (
            gr.update(interactive=possible and not busy),
            gr.update(visible=busy, interactive=possible and not stopping),
        )

    def offered(self):
        """(checkpoints, data): the lists, with what has come since the page was built."""
        return gr.update(choices=self.models.names()), gr.update(choices=here())

    def choice(self, shown: list[str] | None, fresh: list[str] = ()):
        """The list of results: of those `shown` and those that are `fresh` the last MOST are
        chosen; the newest where none is left of them."""
        kept = self.kept.all()
        wanted = [*(one for one in shown or () if one not in fresh), *fresh]
        chosen = [one for one in wanted if one in kept][-MOST:] or list(kept)[:1]
        choices = [(label(one), name) for name, one in kept.items()]
        return gr.update(choices=choices, value=chosen, visible=bool(kept))

    def compare(self, shown: list[str] | None):
        """The view of the chosen results, side by side."""
        kept = self.kept.all()
        chosen = {name: kept[name] for name in (shown or ())[:MOST] if name in kept}
        value = compared(chosen, self.models.folders())
        return gr.update(value=json.dumps({**value, "kept": len(kept)}))

    def explore(self, event: gr.EventData):
        """(tabs, model, photo, trouble) that open a photo of a result in the Explore tab, with the
        captioner that was evaluated."""
        try:
            found, file = chosen_photo(self.kept, event._data)
            if found.checkpoint not in self.models.names():
                raise ValueError(f"There is no captioner “{found.checkpoint}” here any more.")
        except ValueError as error:
            return gr.skip(), gr.skip(), gr.skip(), error_line(str(error))
        return *opened(self.models, found.checkpoint, file), error_line("")

    # What the view asks by itself.

    def photos(self, wish) -> dict:
        """A page of photos, see `photos.page`, or {error}."""
        return _answer(lambda: page(self.kept, wish))

    def export(self, wish) -> dict:
        """{name, type, text} of the file for a {result, kind}, csv or json, or {error}."""

        def find() -> dict:
            given = untrusted.record(wish, "The wish")
            name = untrusted.text(given.get("result"), "The result", 200)
            found = self.kept.named(name)
            if given.get("kind") not in _KINDS:
                raise ValueError("A result is saved as CSV or JSON.")
            kind = given["kind"]
            text = found.to_csv() if kind == "csv" else json.dumps(found.to_json(), indent=1)
            return {"name": f"{name}.{kind}", "type": _KINDS[kind], "text": text}

        return _answer(find)


def here() -> list[tuple[str, str]]:
    """(label, value) of the data that a captioner can be evaluated on at once."""
    return [one for one in data_sources.choices() if not data_sources.is_download(one[1])]


def _sampler(settings: tuple) -> dict:
    return Settings.of(dict(zip(asdict(USUAL), settings, strict=True))).to_json()


def _answer(find: Callable[[], dict]) -> dict:
    try:
        return find()
    except ValueError as error:
        return error_value(str(error))
