"""The evaluation tab: what is measured of which captioners, and what was found."""

import gradio as gr

from captioner.ui.evaluate.comparison import MOST
from captioner.ui.evaluate.controls import COUNT, PHOTOS, Evaluator, here
from captioner.ui.evaluate.view import measured_view
from captioner.ui.shared import data_sources, sampler_settings
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, token_field

_QUIET = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
_SPLITS = {"dev": "dev, held out", "test": "test, held out", "train": "train, learnt from"}
_TO_THE_TOP = "() => scrollTo({ top: 0 })"
_ONLY_SCENES = f"""(data) => ({{
  __type__: "update", visible: data === {data_sources.SCENES!r} }})"""
_ONLY_ASKED = """(asks) => ({ __type__: "update", visible: asks })"""


def evaluate_tab(
    tab: gr.Tab,
    tabs: gr.Tabs,
    models: Models,
    permission: Permission,
    explorer: tuple[gr.Dropdown, gr.Image],
) -> None:
    """Puts the components and events of `tab` on the page, which is being built. `explorer` is
    the (model, photo) of the Explore tab, where a photo is opened."""
    evaluator = Evaluator(models, permission)
    with gr.Row(elem_id="evaluate"):
        with gr.Column(elem_id="asked"):
            token = token_field(permission, "evaluate")
            given = _form(permission, models)
        with gr.Column(elem_id="answered"):
            found = _found(evaluator)
    _wire_evaluating(tab, evaluator, token, given, found)
    _wire_results(evaluator, token, found, tabs, explorer)


def _form(permission: Permission, models: Models) -> dict:
    """What is to be measured."""
    on = permission.possible
    given = {}
    with gr.Column(elem_classes="card"):
        gr.Markdown("### What to measure")
        names = models.names()
        given["names"] = gr.Dropdown(
            names, value=names[:1], multiselect=True, label="Checkpoints", interactive=on,
            elem_id="evaluate-names",
        )  # fmt: skip
        given["data"] = gr.Dropdown(
            here(), value=data_sources.SCENES, label="Data", filterable=False, interactive=on,
            elem_id="evaluate-data",
        )  # fmt: skip
        low, high, step = data_sources.COUNTS
        given["count"] = gr.Slider(
            low, high, COUNT, step=step, label="Scenes", interactive=on, elem_id="evaluate-count",
            info="A tenth is dev, a tenth test. What is not there yet is drawn first.",
        )  # fmt: skip
        given["split"] = gr.Dropdown(
            [(label, name) for name, label in _SPLITS.items()], value="dev", label="Split",
            filterable=False, interactive=on, elem_id="evaluate-split",
        )  # fmt: skip
        given["photos"] = gr.Number(
            PHOTOS, precision=0, minimum=0, label="Photos at most", interactive=on,
            info="The first so many of the split; 0 for all.", elem_id="evaluate-photos",
        )  # fmt: skip
        given["asks"] = gr.Checkbox(
            True, label="Ask whether attention tells the truth", interactive=on,
            info="Takes several times as long as the scores alone.", elem_id="evaluate-asks",
        )  # fmt: skip
        given["forced"] = gr.Checkbox(
            True, label="Also while it says what people said", interactive=on,
            info="Forces the references: the same nouns for every captioner.",
            elem_id="evaluate-forced",
        )  # fmt: skip
    with gr.Column(elem_classes="card"):
        given["settings"] = sampler_settings.controls(name="evaluate-settings")
    with gr.Row(elem_id="evaluate-buttons"):
        given["start"] = gr.Button(
            "Evaluate", variant="primary", interactive=on, elem_id="evaluate-start"
        )
        given["stop"] = gr.Button("Stop", visible=False, elem_id="evaluate-stop")
    given["trouble"] = gr.Markdown(
        visible=False, elem_classes="trouble-line", elem_id="evaluate-trouble"
    )
    return given


def _found(evaluator: Evaluator) -> dict:
    """What was found, and what of it is shown."""
    return {
        "fresh": gr.State([]),
        "results": gr.Dropdown(
            [], multiselect=True, max_choices=MOST, label="Results side by side", visible=False,
            elem_id="results",
        ),
        "view": measured_view(evaluator),
        "trouble": gr.Markdown(visible=False, elem_classes="trouble-line"),
    }  # fmt: skip


def _wire_evaluating(tab: gr.Tab, evaluator: Evaluator, token, given: dict, found: dict) -> None:
    view, results, fresh = found["view"], found["results"], found["fresh"]
    tab.select(evaluator.offered, None, [given["names"], given["data"]], **_QUIET)
    _show(tab.select(evaluator.choice, results, results, **_QUIET), evaluator, found)
    given["data"].change(None, given["data"], given["count"], js=_ONLY_SCENES)
    given["asks"].change(None, given["asks"], given["forced"], js=_ONLY_ASKED)
    names = ("names", "data", "count", "split", "photos", "asks", "forced")
    asked = [given[name] for name in names] + given["settings"]
    progress = [view, given["start"], given["stop"], given["trouble"], fresh]
    once = {"trigger_mode": "once", **_QUIET}
    for followed in (
        given["start"].click(evaluator.start, [token, *asked], progress, **once),
        view.begin(evaluator.start_first, token, progress, **once),
        # Whoever comes to the tab while an evaluation goes on follows it, too.
        tab.select(evaluator.follow, None, progress, **once),
    ):
        chosen = followed.then(evaluator.choice, [results, fresh], results, **_QUIET)
        _show(chosen, evaluator, found)
    given["stop"].click(evaluator.stop, token, given["trouble"], **_QUIET)


def _show(chosen, evaluator: Evaluator, found: dict) -> None:
    """Shows results after they were chosen, even if the choice is what it was: a result that was
    found anew has its old name."""
    chosen.then(evaluator.compare, found["results"], found["view"], **_QUIET)


def _wire_results(evaluator: Evaluator, token, found: dict, tabs: gr.Tabs, explorer: tuple) -> None:
    view, results, trouble = found["view"], found["results"], found["trouble"]
    results.change(evaluator.compare, results, view, **_QUIET)
    view.forget(evaluator.delete, [token, results], [trouble, results], api_visibility="private")
    view.explore(
        evaluator.explore, None, [tabs, *explorer, trouble], api_visibility="private"
    ).then(None, None, None, js=_TO_THE_TOP)
