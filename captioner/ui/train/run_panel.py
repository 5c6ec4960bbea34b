"""The run panel of the Train tab: the list of runs, their buttons, and the view of a run."""

import gradio as gr

from captioner.files import json_text
from captioner.rendering.overlay_style import page_style
from captioner.training.runs import metrics_files
from captioner.training.runs.run import ACTIVE, Runs
from captioner.ui.explore.tab import opened
from captioner.ui.shared import assets
from captioner.ui.shared.events import LATEST, PRIVATE, QUIET, constant
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, attempt
from captioner.ui.train import charts, run_view

_POLL = 2.0  # seconds between two updates of the view; each costs a tenth of one
_LOG_LINES = 200


def run_panel(
    tab: gr.Tab,
    others: list[gr.Tab],
    controls: "RunControls",
    token: gr.Textbox,
    explorer: list[gr.blocks.Block],
) -> tuple[gr.Dropdown, gr.HTML]:
    """Adds the panel with its events to the page; it is updated while `tab` is open.

    Returns:
        (list of runs, view of the chosen run).
    """
    state = gr.State({})
    with gr.Row(elem_id="runs"):
        run = gr.Dropdown([], label="Run", filterable=False, visible=False, elem_id="run", scale=3)
        stop = gr.Button("Stop", visible=False, elem_id="stop")
        resume = gr.Button("Resume", visible=False, elem_id="resume")
        explore = gr.Button(
            "Explore with this model", variant="primary", visible=False, elem_id="explore-model"
        )
    view = _view(controls)
    compared = gr.Dropdown(
        [], multiselect=True, label="Compare with", visible=False, elem_id="compared"
    )
    with gr.Accordion("Log, rename, delete", open=False, elem_id="more-of-run"):
        log = gr.Textbox(
            label="Log (newest line first)", autoscroll=False, lines=8, max_lines=8,
            interactive=False, elem_id="log",
        )  # fmt: skip
        show_log = gr.Button("Refresh the log", size="sm")
        with gr.Row(elem_id="renaming"):
            new_name = gr.Textbox(label="New name", max_length=60, elem_id="new-name")
            rename = gr.Button("Rename", elem_id="rename")
            delete = gr.Button("Delete …", elem_id="delete")
        with gr.Row(visible=False, elem_id="sure") as confirmation:
            gr.Markdown("Delete this run and its checkpoints?")
            yes = gr.Button("Delete", variant="stop", elem_id="sure-yes")
            no = gr.Button("Keep", elem_id="sure-no")
    error = gr.Markdown(visible=False, elem_classes="trouble-line")

    stop.click(controls.stop, [token, run], [error, run], **PRIVATE)
    resume.click(controls.resume, [token, run], [error, run], **PRIVATE)
    rename.click(controls.rename, [token, run, new_name], [error, run], **PRIVATE)
    for button, shown in ((delete, True), (no, False), (yes, False)):
        show = constant(gr.update(visible=shown))
        button.click(None, None, confirmation, js=show)
    yes.click(controls.delete, [token, run], [error, run], **PRIVATE)
    show_log.click(controls.log, run, log, **QUIET)
    explore.click(controls.explore, run, explorer, **PRIVATE)

    clock = gr.Timer(_POLL, active=False)
    tab.select(lambda: run_list(controls.runs), None, run, **QUIET)
    tab.select(lambda: gr.Timer(active=True), None, clock, **QUIET)
    gr.on([one.select for one in others], lambda: gr.Timer(active=False), None, clock, **QUIET)
    gr.on(
        [clock.tick, run.change, compared.change],
        controls.poll,
        [run, compared, state],
        [view, stop, resume, explore, run, compared, state],
        **LATEST,
    )
    return run, view


def _view(controls: "RunControls") -> gr.HTML:
    """How far a run is, and its captions of a few photos as it learns; without a run at first.

    It is drawn in the browser (assets/train). Its value (the samples of each snapshot) and its prop
    `curves` are JSON texts, its prop `status` is a dict. Its event "advance" says that the run is
    at another stage.
    """

    def metrics(query):  # Gradio needs a function with the name that the browser calls
        return controls.metrics(query)

    return gr.HTML(
        html_template=assets.read("train/run.html"),
        css_template=assets.read("shared/panel.css", "train/run.css"),
        js_on_load=assets.mount("train/run.js", "advance", style=page_style()),
        server_functions=[metrics],
        apply_default_css=False,
        elem_id="learning",
        status=None,
        curves=None,
    )


def run_list(runs: Runs, name: str = ""):
    """Returns the list of runs, in which `name` is chosen, or the active run, or the newest."""
    names = [run.name for run in runs]
    if name not in names:
        active = runs.training()
        name = active.name if active else next(iter(names), None)
    return gr.update(choices=names, value=name, visible=bool(names))


class RunControls:
    """Event handlers of the panel. Those that change a run return (error, list of runs)."""

    def __init__(self, runs: Runs, models: Models, permission: Permission):
        self.runs, self.models, self.permission = runs, models, permission

    def stop(self, token, name: str):
        return self._change(token, name, lambda: self.runs.stop(name))

    def resume(self, token, name: str):
        return self._change(token, name, lambda: self.runs.resume(name))

    def rename(self, token, name: str, new: str):
        return self._change(token, name, lambda: self.runs.rename(name, new.strip()))

    def delete(self, token, name: str):
        return self._change(token, name, lambda: self.runs.delete(name))

    def _change(self, token, name: str, action):
        error, run = attempt(self.permission, token, action)
        return error, run_list(self.runs, run.name if run else name)

    def poll(self, name: str | None, compared: list[str] | None, before: dict):
        """Returns (view, stop, resume, explore, list of runs, compared runs, view state).

        The view state is what the page shows, so that only changes are sent.
        """
        runs = {run.name: run for run in self.runs}
        names, run = list(runs), runs.get(name)
        others = [other for other in compared or () if run and other in runs and other != name]
        shown = [run, *(runs[other] for other in others)] if run else []
        now = {
            "status": run_view.status(run) if run else None,
            "value": run and (name, len(list((run.folder / "samples").glob("[0-9]*.json")))),
            "curves": [(one.name, len(one.metrics)) for one in shown],
            "lists": (names, run and name),
        }
        if now == before:
            return (gr.skip(),) * 7
        changed = {key for key in now if key not in before or now[key] != before[key]}
        status = now["status"]
        view = {"status": status} if "status" in changed else {}
        # As text: the browser need not watch the parts of large values.
        if "value" in changed:
            view["value"] = json_text(run_view.samples(run)) if run else None
        if "curves" in changed:
            view["curves"] = json_text(charts.curves(shown)) if run else None
        lists = gr.skip(), gr.skip()
        if "lists" in changed:
            rest = [other for other in names if other != name]
            comparison = gr.update(choices=rest, value=others, visible=bool(rest))
            lists = gr.update(choices=names) if run else run_list(self.runs), comparison
        state = status["state"] if run else ""
        active = state in ACTIVE
        return (
            gr.update(**view),
            gr.update(visible=active, interactive=state == "running"),
            gr.update(visible=bool(run) and not active and state != "finished"),
            gr.update(visible=bool(run and run.checkpoints)),
            *lists,
            now,
        )

    def metrics(self, query) -> dict:
        """Returns {text}, the metrics of the runs named in {runs} as CSV, or {error}."""
        try:
            runs = [self.runs[name] for name in query["runs"]]
            lines = [{"run": run.name, **line} for run in runs for line in run.metrics]
            return {"text": metrics_files.table(lines)}
        except (ValueError, TypeError, KeyError):  # what a browser sends may be anything
            return {"error": "There is no such run any more."}

    def log(self, name: str | None) -> str:
        """Returns the last lines of the log, the newest first."""
        return "\n".join(reversed(self.runs[name].log(_LOG_LINES).split("\n"))) if name else ""

    def explore(self, name: str):
        """Returns (tab, model, photo) that open the run's best checkpoint in the Explore tab."""
        run = self.runs[name]
        checkpoints = list(run.checkpoints)
        if not checkpoints:
            return gr.skip(), gr.skip(), gr.skip()
        best = "best" if "best" in checkpoints else checkpoints[0]
        photos = sorted((run.folder / "samples").glob("*.jpg"))
        return opened(self.models, f"{name}/{best}", next(iter(photos), None))
