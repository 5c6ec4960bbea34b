"""What the training tab's controls do: every function answers with updates of components."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from captioner.training.estimate import estimate
from captioner.training.presets import PRESETS, mirrors
from captioner.training.recipe import Recipe
from captioner.training.runs import Runs
from captioner.training.settings import FitConfig, chosen, kinds
from captioner.ui.explore.tab import opened
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, attempt, escape_html
from captioner.ui.train import run_view
from captioner.ui.train.backbone_choice import labelled, networks
from captioner.ui.train.data_choice import ALL, DataChoice

UNDECIDED = {"where it is faster": None, "yes": True, "no": False}  # of a bool that may be None
UNDER_WAY = ("running", "stopping")
_UNCHANGED = (gr.skip(),) * 7  # the answer to a look at a run that has not moved on


@dataclass(frozen=True)
class Seen:
    """What a visitor has been shown, so that only what is new is sent."""

    run: str = ""
    compared: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    moments: int = -1
    lines: int = -1
    status: str = ""


class Trainer:
    """Starts, stops and watches runs for the page. `permission` is asked before anything is done,
    since whoever can reach the page can call what is behind its buttons."""

    def __init__(self, runs: Runs, models: Models, permission: Permission):
        self.runs, self.models, self.permission = runs, models, permission
        self._named: list[tuple[str, str]] = []  # (label, folder) of this machine, as of a list

    # What is done to runs: each returns (trouble, run that is shown from now on).

    def start(
        self, token, name, data, more, scored, count, preset, backbone, vectors, device, *settings
    ):
        """Starts a run of these settings, in the order of `kinds(FitConfig)`."""

        def begin() -> str:
            given = dict(zip(kinds(FitConfig), settings, strict=True))
            fit = chosen(FitConfig, {k: _as(kinds(FitConfig)[k], v) for k, v in given.items()})
            asked = self._known(data, more, count)
            offered = networks(self.models.folders())
            lists = (preset, PRESETS), (backbone, offered), (device, ("auto", "cpu"))
            if any(choice not in choices for choice, choices in lists):
                raise ValueError("Choose a system, a network and a device from the lists.")
            if vectors and self.permission.public:
                raise ValueError("On a public host no file of the machine can be named.")
            recipe = Recipe(
                **asked.recipe(scored or ALL),
                **offered[backbone].recipe,
                preset=preset,
                vectors=(vectors or "").strip(),  # None where nobody has seen the field
                mirror=mirrors(preset, data == data_sources.SCENES),
                device=device,
            )
            wish = name.strip() or asked.name()
            # Whoever teaches a captioner on wants to hear the words of the own captions.
            taught = replace(
                recipe, fit=fit, new_words=bool(recipe.start) and not fit.self_critical
            )
            return self.runs.start(self.runs.free_name(wish), taught).name

        return self._do(token, begin, "")

    def stop(self, token, name):
        return self._do(token, lambda: self.runs.stop(name), name)

    def resume(self, token, name):
        return self._do(token, lambda: self.runs.resume(name).name, name)

    def rename(self, token, name, new):
        return self._do(token, lambda: self.runs.rename(name, new.strip()).name, name)

    def delete(self, token, name):
        def forget() -> str:
            self.runs.delete(name)
            return next((run.name for run in self.runs), "")

        return self._do(token, forget, name)

    def _do(self, token, action, name: str):
        trouble, found = attempt(self.permission, token, action)
        return trouble, self.choice(found or name)

    # What is seen of them.

    def choice(self, name: str = ""):
        """The list of runs, `name` chosen, or the one that is being trained, or the newest."""
        names = [run.name for run in self.runs]
        if name not in names:
            training = self.runs.training()
            name = training.name if training else (names[0] if names else None)
        return gr.update(choices=names, value=name, visible=bool(names))

    def watch(self, name: str | None, compared: list[str] | None, seen: Seen):
        """(view, stop, resume, explore, runs, others, seen) for a tick of the clock; what has not
        changed is not sent again."""
        names = tuple(run.name for run in self.runs)
        if name not in names:
            return self._nothing(names, seen)
        run = self.runs[name]
        status = run_view.status(run)
        others = [n for n in compared or () if n in names and n != name]
        shown = [run, *(self.runs[other] for other in others)]
        now = Seen(
            name,
            tuple(others),
            names,
            len(list((run.folder / "samples").glob("[0-9]*.json"))),
            sum(len(r.metrics) for r in shown),
            json.dumps(status),
        )
        if now == seen:
            return _UNCHANGED
        view = {"status": status}  # as text the browser keeps the large ones without watching them
        if (now.run, now.moments) != (seen.run, seen.moments):
            view["value"] = json.dumps(run_view.learnt(run))
        if (now.run, now.compared, now.lines) != (seen.run, seen.compared, seen.lines):
            view["curves"] = json.dumps(run_view.curves(shown))
        under_way = status["state"] in UNDER_WAY
        buttons = [
            gr.update(visible=under_way, interactive=status["state"] == "running"),
            gr.update(visible=not under_way and status["state"] != "finished"),
            gr.update(visible=bool(run.checkpoints)),
        ]
        lists = [gr.skip(), gr.skip()]
        if (now.names, now.run) != (seen.names, seen.run):
            lists = [gr.update(choices=list(names)), _others(names, name, others)]
        return gr.update(**view), *buttons, *lists, now

    def _nothing(self, names: tuple[str, ...], seen: Seen):
        if seen == Seen(names=names):
            return _UNCHANGED
        hidden = gr.update(visible=False)
        lists = self.choice(), _others(names, "", [])
        return (
            gr.update(status=None, value=None, curves=None),
            hidden,
            hidden,
            hidden,
            *lists,
            Seen(names=names),
        )

    def log(self, name: str | None) -> str:
        """The last lines that the process printed, the newest first."""
        return "\n".join(reversed(self.runs[name].log(200).split("\n"))) if name else ""

    def explore(self, name: str):
        """(tab, model, photo) with which the Explore tab shows what the run has learnt."""
        run = self.runs[name]
        kept = list(run.checkpoints)
        if not kept:
            return gr.skip(), gr.skip(), gr.skip()
        best = f"{name}/{'best' if 'best' in kept else kept[0]}"
        photos = sorted((run.folder / "samples").glob("*.jpg"))
        return opened(self.models, best, photos[0] if photos else None)

    def estimate(self, choice, more, count, preset, network, epochs, crops, units) -> str:
        """How long a training of these settings will take, in words."""
        try:
            drawn, photos, captions = self._known(choice, more, count).size()
            grid = networks(self.models.folders())[network]
            mirrored = mirrors(preset, choice == data_sources.SCENES)
            told = estimate(
                self.runs,
                drawn=drawn,
                photos=photos,
                captions=captions,
                epochs=int(epochs),
                cells=grid.cells,
                channels=grid.channels,
                units=int(units),
                speed=grid.speed,
                views=(1 + mirrored) * (1 + int(crops)),
            )
        except (ValueError, TypeError, KeyError, OSError) as error:
            return str(error) if isinstance(error, ValueError) else ""
        return str(told)

    # Data.

    def offered(self):
        """(data, networks): the lists, with what has come since the page was built."""
        network_list = labelled(networks(self.models.folders()))
        return gr.update(choices=self._offered()), gr.update(choices=network_list)

    def suit(self, choice: str, preset: str):
        """Values of the settings that depend on data or system, in the order of SUITED."""
        suited = data_sources.settings_for(choice, preset)
        return [gr.update(value=value) for value in suited.values()]

    def choose_system(self, preset: str):
        """(words about it, the network that it looks with)."""
        system = PRESETS[preset]
        return system.about, gr.update(value=system.backbone)

    def others(self, choice: str, more: list[str] | None):
        """The list of data sets that can be trained on beside the one that was chosen."""
        rest = [*data_sources.here(), *self._named]
        rest = [(label, value) for label, value in rest if value != choice]
        known = [value for _, value in rest]
        kept = [value for value in more or () if value in known]
        # What is right already is not sent: it may be changed in the meantime.
        value = {} if kept == (more or []) else {"value": kept}
        return gr.update(choices=rest, visible=bool(rest), **value)

    def choose_data(self, choice: str, more: list[str] | None = None, scored: str = ALL):
        """(words, examples, slider of the count, list of what can be scored on) about the data
        that were chosen."""
        slider = gr.update(visible=choice == data_sources.SCENES)
        try:
            data = self._known(choice, more)
            words, examples = data.described()
            offered = [("All, by their mean", ALL), *data.names()]
            kept = scored if scored in data.all else ALL
            scores = gr.update(choices=offered, value=kept, visible=bool(data.more))
            return words, gr.update(value=examples, visible=bool(examples)), slider, scores
        except (ValueError, OSError) as error:
            hidden = [gr.update(value=value, visible=False) for value in ([], ALL)]
            return escape_html(str(error)), hidden[0], slider, hidden[1]

    def add_zip(self, token, file, progress=gr.Progress()):  # noqa: B008 (Gradio's way)
        """(trouble, choices) after a zip was unpacked."""

        def report(done: int, total: int) -> None:
            progress((done, total), desc="Unpacking")

        def unpack() -> str:
            return str(data_sources.unpack(Path(file), report=report))

        return self._added(token, unpack if file else lambda: "")

    def add_folder(self, token, folder: str):
        """(trouble, choices) after a folder of this machine was named."""

        def look() -> str:
            if self.permission.public:  # whoever reads the page is not to look round its disk
                raise ValueError("A folder can be named on one's own machine only: upload a zip.")
            data_sources.found(folder)
            if folder not in [value for _, value in self._offered()]:
                self._named.append((Path(folder).name, folder))
            return folder

        return self._added(token, look)

    def _known(self, choice: str, more=(), count: float = data_sources.COUNT) -> DataChoice:
        """The choice of data, unless there is a folder that this visitor could not have chosen."""
        data = DataChoice.of(choice, more, count)
        if self.permission.public:
            first = [value for _, value in data_sources.choices()]
            beside = [value for _, value in data_sources.here()]
            if choice not in first or any(one not in beside for one in data.more):
                raise ValueError("Choose data from the list.")
        return data

    def _offered(self) -> list[tuple[str, str]]:
        """(label, value) of all data that can be chosen here."""
        return [*data_sources.choices(), *self._named]

    def _added(self, token, find):
        trouble, value = attempt(self.permission, token, find)
        if not value:
            return trouble, gr.skip()
        return trouble, gr.update(choices=self._offered(), value=value)


def _as(kind: type, value):
    """What the browser sends, as the setting wants it: 3.0 epochs are 3, "yes" is true."""
    if kind is bool and isinstance(value, str):
        return UNDECIDED.get(value, value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _others(names, name: str, chosen: list[str]):
    rest = [n for n in names if n != name]
    return gr.update(choices=rest, value=chosen, visible=bool(rest))
