"""Event handlers of the Evaluate tab; they return updates of its components."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Literal

import gradio as gr
from annotated_types import Interval

from captioner.data.datasets import SPLITS
from captioner.data.download import downloads
from captioner.evaluation import evaluate
from captioner.evaluation.store import ResultStore
from captioner.files import json_text
from captioner.ui.evaluate.comparison import MAX_RESULTS, compare
from captioner.ui.evaluate.data_panel import EvaluateData
from captioner.ui.evaluate.job import EvaluationJob
from captioner.ui.evaluate.labels import label
from captioner.ui.evaluate.origin import Origins
from captioner.ui.evaluate.photos import ResultChoice, chosen_photo, photo_page
from captioner.ui.explore.tab import opened
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import attempt, error_line
from captioner.ui.shared.results import error_value
from captioner.ui.shared.sampler_settings import Settings
from captioner.ui.shared.untrusted import Message, Whole, checked

IDLE = {"doing": ""}  # not None: Gradio sends changes of a dict only
_POLL = 0.4  # seconds between two updates of the progress
_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}
_FROM, _TO, _ = data_sources.SCENE_COUNTS


class Counts(Message):
    """Numbers of the form."""

    scenes: Annotated[Whole, Interval(ge=_FROM, le=_TO)]
    photos: Annotated[Whole, Interval(ge=0, le=1_000_000)]


class Export(ResultChoice):
    kind: Literal["csv", "json"]


class EvaluateControls:
    """Evaluates captioners and shows stored results."""

    def __init__(self, models: Models, own: OwnData):
        self.models, self.permission = models, own.permission
        self.data = EvaluateData(models, own)
        self.store = ResultStore()
        self.job = EvaluationJob()

    # The evaluation. Generators yield (view, evaluate, stop, error, new results).

    async def start(self, token, *form) -> AsyncIterator[tuple]:
        """Starts an evaluation with the arguments of `_start` and reports its progress."""
        error, started = attempt(self.permission, token, lambda: self._start(*form))
        if not started:
            yield *(gr.skip(),) * 3, error, []
            return
        async for update in self._progress():
            yield update

    async def follow(self) -> AsyncIterator[tuple]:
        """Reports the progress of an evaluation that somebody else may have started."""
        if not self.job.progress:
            yield gr.update(status=IDLE), *self._buttons(False), gr.skip(), []
            return
        async for update in self._progress():
            yield update

    def stop(self, token):
        """Returns the error, if there is one."""
        return attempt(self.permission, token, self.job.stop)[0]

    def _start(self, names, data, scenes, split, photos, attention, forced, *sampler) -> bool:
        """Starts to evaluate the checkpoints `names`, one after the other.

        `attention` tells whether to measure if attention is faithful, `forced` whether with forced
        references, too; `sampler` are the values of `Settings` in their order.
        """
        settings = Settings.from_controls(*sampler)
        names, known = list(dict.fromkeys(names or ())), self.models.names()
        if not names or any(name not in known for name in names):
            raise ValueError("Choose one or more checkpoints from the list.")
        if data not in [choice for _, choice in self.data.own.choices()] or split not in SPLITS:
            raise ValueError("Choose the data and the split from the lists.")
        counts = checked(Counts, {"scenes": scenes, "photos": photos})
        fields = data_sources.recipe_fields(data, counts.scenes)
        request = evaluate.Request(
            data=fields["data"],
            split=split,
            sampler=settings.to_json(),
            photos=counts.photos,
            quick=not attention,
            forced=bool(attention and forced),
        )
        self.job.start(lambda job: self._evaluate(job, names, request, fields))
        return True

    def _evaluate(
        self, job: EvaluationJob, names: list[str], request: evaluate.Request, fields: dict
    ) -> None:
        """`fields` are those of the data, see `data_sources.recipe_fields`."""
        _fetch(job, **fields)
        for number, name in enumerate(names, 1):
            place = f"{name} ({number} of {len(names)})" if len(names) > 1 else name
            report = partial(job.report, checkpoint=place)
            report("loading", 0, 0)
            captioner = self.models.captioner(name)
            result = evaluate.evaluate(captioner, name, request, report, job.should_stop)
            job.results.append(result.save().stem)

    async def _progress(self) -> AsyncIterator[tuple]:
        before = None
        while progress := self.job.progress:
            if progress != before:
                before = progress
                stopping = progress["doing"] == "stopping"
                view = gr.update(status=progress)
                yield view, *self._buttons(True, stopping), error_line(""), []
            await asyncio.sleep(_POLL)
        error = error_line(self.job.error)
        yield gr.update(status=IDLE), *self._buttons(False), error, self.job.results

    def _buttons(self, busy: bool, stopping: bool = False) -> tuple:
        """Updates of (evaluate, stop)."""
        possible = self.permission.possible
        return (
            gr.update(interactive=possible and not busy),
            gr.update(visible=busy, interactive=possible and not stopping),
        )

    # The lists and the results.

    def choose(self, chosen: list[str] | None, new: list[str] = ()):
        """Returns the list of results. The last of the chosen and new ones are chosen; the newest
        where none of them exists."""
        results = self.store.all()
        wanted = [*(name for name in chosen or () if name not in new), *new]
        value = [name for name in wanted if name in results][-MAX_RESULTS:] or list(results)[:1]
        origins = Origins(self.models.folders())
        options = [(label(one, origins.of(one)), name) for name, one in results.items()]
        return gr.update(choices=options, value=value, visible=bool(results))

    def compare(self, chosen: list[str] | None):
        """Returns the view of the chosen results."""
        results = self.store.all()
        shown = {name: results[name] for name in (chosen or ())[:MAX_RESULTS] if name in results}
        value = compare(shown, self.models.folders()) | {"kept": len(results)}
        return gr.update(value=json_text(value))

    def delete(self, token, chosen: list[str] | None, event: gr.EventData):
        """Deletes the `ResultChoice` of the event. Returns (error, list of results)."""

        def delete() -> None:
            self.store.delete(checked(ResultChoice, event._data).result)

        return attempt(self.permission, token, delete)[0], self.choose(chosen)

    def explore(self, event: gr.EventData):
        """Opens the `PhotoChoice` of the event in the Explore tab, with the captioner that was
        evaluated. Returns (tabs, model, photo, error)."""
        try:
            result, file = chosen_photo(self.store, event._data)
            origin = Origins(self.models.folders()).of(result)
            if not origin.name:
                raise ValueError(f"{origin.sentence} Its photos cannot be explored.")
        except ValueError as error:
            return gr.skip(), gr.skip(), gr.skip(), error_line(str(error))
        return *opened(self.models, origin.name, file), error_line("")

    # What the view requests by itself: JSON, or {error}.

    def photos(self, request) -> dict:
        """Returns a page of photos, see `photo_page`."""
        try:
            return photo_page(self.store, request)
        except ValueError as error:
            return error_value(str(error))

    def export(self, request) -> dict:
        """Returns the file {name, type, text} of an `Export`."""
        try:
            query = checked(Export, request)
            result, kind = self.store.get(query.result), query.kind
        except ValueError as error:
            return error_value(str(error))
        text = result.to_csv() if kind == "csv" else json_text(result.to_json(), indent=1)
        return {"name": f"{query.result}.{kind}", "type": _MEDIA_TYPES[kind], "text": text}


def _fetch(job: EvaluationJob, data: str, scenes: int = 0, download: str = "") -> None:
    """Draws or downloads the data, unless they are there."""
    if scenes:
        from captioner.scenes import write

        write(data, scenes, report=partial(job.report, "drawing scenes"))

    def report(doing: str, done: int, total: int) -> None:
        unit, size = ("files", 1) if doing == "unpacking" else ("MB", 1_000_000)
        job.report(f"{doing} the data", done // size, total // size, unit=unit)

    if download:
        downloads.fetch(download, data, report)
