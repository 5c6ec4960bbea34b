"""The training tab: what to learn from and how, the runs, and what they have learnt."""

import gradio as gr

from captioner.paths import RUNS
from captioner.training.presets import FOR_SCENES, PRESETS
from captioner.training.runs import Runs
from captioner.training.settings import FitConfig, kinds
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, token_field
from captioner.ui.train.backbone_choice import labelled, networks
from captioner.ui.train.controls import UNDECIDED, Seen, Trainer
from captioner.ui.train.data_choice import ALL
from captioner.ui.train.progress import learning_view

_TICK = 2.0  # seconds between two looks at a run; each takes a tenth of one on server and page
_FIRST = ("epochs", "batch_size", "peak_rate", "dropout")  # settings that most people change
_QUIET = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
# On a phone the run stands above what it was started with; trouble is told beside the button.
_TO_THE_TOP = """() => {
  if (!document.querySelector("#trouble")?.innerText.trim()) scrollTo({ top: 0 });
}"""


def train_tab(
    tab: gr.Tab,
    others: list[gr.Tab],
    tabs: gr.Tabs,
    models: Models,
    permission: Permission,
    explorer: tuple[gr.Dropdown, gr.Image],
) -> None:
    """Puts the components and events of `tab` on the page, which is being built; nothing is
    watched while one of the `others` is seen. `explorer` is the (model, photo) of the Explore tab:
    what a run has learnt is shown there."""
    runs = Runs(RUNS)
    trainer = Trainer(runs, models, permission)
    with gr.Row(elem_id="train"):
        with gr.Column(elem_id="recipe"):
            token = token_field(permission, "train")
            given = _recipe(permission, models)
        with gr.Column(elem_id="watched"):
            watched = _watched()
    _wire_recipe(tab, trainer, token, given, watched)
    _wire_runs(trainer, token, watched)
    _wire_clock(tab, others, trainer, watched)
    watched["explore"].click(
        trainer.explore, watched["run"], [tabs, *explorer], api_visibility="private"
    )


def _recipe(permission: Permission, models: Models) -> dict:
    """What to learn from, and how."""
    on = permission.possible
    given = {}
    with gr.Column(elem_classes="card"):
        gr.Markdown("### What to learn from")
        given["data"] = gr.Dropdown(
            data_sources.choices(), value=data_sources.SCENES, label="Data", filterable=False,
            interactive=on, elem_id="data",
        )  # fmt: skip
        low, high, step = data_sources.COUNTS
        given["count"] = gr.Slider(
            low, high, data_sources.COUNT, step=step, label="Pictures", interactive=on,
            elem_id="count", info="More pictures are learnt better and take longer.",
        )  # fmt: skip
        given["more"] = gr.Dropdown(
            [], value=[], multiselect=True, label="Also train on", visible=False, interactive=on,
            elem_id="more-data",
        )  # fmt: skip
        given["scored"] = gr.Dropdown(
            [("All, by their mean", ALL)], value=ALL, label="Score on", filterable=False,
            visible=False, interactive=on, elem_id="scored",
            info="The data whose held-out photos choose the best epoch.",
        )  # fmt: skip
        given["about"] = gr.Markdown(elem_classes="about")
        given["examples"] = gr.Gallery(
            columns=4, rows=2, height="auto", object_fit="cover", show_label=False,
            interactive=False, preview=False, buttons=[], elem_id="data-examples",
        )  # fmt: skip
        with gr.Accordion("Data of your own", open=False, visible=on):
            gr.Markdown(
                "A zip with COCO's JSON, `Flickr8k.token.txt` or `captions.txt` (image,caption), "
                "and the photos in `Images/`.",
                elem_classes="about",
            )
            given["zip"] = gr.File(
                label="Zip", file_types=[".zip"], type="filepath", height=90, elem_id="data-zip"
            )
            given["folder"] = gr.Textbox(
                label="Or a folder on this machine", placeholder="/home/me/photos, then Enter",
                visible=not permission.public, elem_id="data-folder",
            )  # fmt: skip
            given["data_trouble"] = gr.Markdown(visible=False, elem_classes="trouble-line")
    with gr.Column(elem_classes="card"):
        gr.Markdown("### How")
        given["name"] = gr.Textbox(
            label="Name", placeholder="scenes", max_length=60, interactive=on, elem_id="run-name"
        )
        systems = [(preset.title, key) for key, preset in PRESETS.items()]
        given["preset"] = gr.Dropdown(
            systems, value=systems[0][1], label="System", filterable=False,
            interactive=on, elem_id="preset",
        )  # fmt: skip
        given["system"] = gr.Markdown(PRESETS[systems[0][1]].about, elem_classes="about")
        offered = labelled(networks(models.folders()))
        given["backbone"] = gr.Dropdown(
            offered, value=offered[0][1], label="Network that looks", filterable=False,
            interactive=on, elem_id="backbone",
        )  # fmt: skip
        with gr.Row(elem_id="first-settings"):
            controls = {name: _setting(name, on) for name in _FIRST}
        with gr.Accordion("More settings", open=False):
            rest = [name for name in kinds(FitConfig) if name not in _FIRST]
            controls |= {name: _setting(name, on) for name in rest}
            given["vectors"] = gr.Textbox(
                label="Word vectors", placeholder="/home/me/glove.6B.200d.txt", interactive=on,
                info="A file of GloVe's: these vectors are kept as they are.",
                visible=not permission.public, elem_id="vectors",
            )  # fmt: skip
            given["device"] = gr.Dropdown(
                [("automatic", "auto"), ("processor only", "cpu")],
                value="auto",
                label="Device",
                info="A GPU is used where there is one.",
                filterable=False,
                interactive=on,
                elem_id="device",
            )
        given["settings"] = [controls[name] for name in kinds(FitConfig)]
        given["estimate"] = gr.Markdown(elem_classes="about", elem_id="estimate")
        given["start"] = gr.Button("Start", variant="primary", interactive=on, elem_id="start")
        given["trouble"] = gr.Markdown(
            visible=False, elem_classes="trouble-line", elem_id="trouble"
        )
    return given


def _setting(name: str, on: bool) -> gr.components.Component:
    """A control for a setting: its type, limits and help are those of FitConfig."""
    kind, field = kinds(FitConfig)[name], FitConfig.__dataclass_fields__[name]
    value = FOR_SCENES.get(name, field.default)
    said = {
        "label": name.replace("_", " ").capitalize(),
        "info": field.metadata["help"],
        "interactive": on,
        "elem_id": f"fit-{name}",
    }
    if choices := field.metadata["choices"]:
        return gr.Dropdown(list(choices), value=value, filterable=False, **said)
    if kind is bool and field.default is None:
        options = list(UNDECIDED)
        return gr.Dropdown(options, value=options[0], filterable=False, **said)
    if kind is bool:
        return gr.Checkbox(value=value, **said)
    limits = {"minimum": field.metadata["low"], "maximum": field.metadata["high"]}
    return gr.Number(value=value, precision=0 if kind is int else None, **limits, **said)


def _watched() -> dict:
    """The runs, what is done to them, and what they have learnt."""
    parts = {"seen": gr.State(Seen())}
    with gr.Row(elem_id="runs"):
        parts["run"] = gr.Dropdown(
            [], label="Run", filterable=False, visible=False, elem_id="run", scale=3
        )
        parts["stop"] = gr.Button("Stop", visible=False, elem_id="stop")
        parts["resume"] = gr.Button("Go on", visible=False, elem_id="resume")
        parts["explore"] = gr.Button(
            "Explore with this model", variant="primary", visible=False, elem_id="explore-model"
        )
    parts["view"] = learning_view()
    parts["others"] = gr.Dropdown(
        [], multiselect=True, label="Compare with", visible=False, elem_id="compared"
    )
    with gr.Accordion("Log, name, delete", open=False, elem_id="more-of-run"):
        parts["log"] = gr.Textbox(
            label="Log, the newest line first",
            autoscroll=False,
            lines=8,
            max_lines=8,
            interactive=False,
            elem_id="log",
        )
        parts["show_log"] = gr.Button("Show the newest lines", size="sm")
        with gr.Row(elem_id="renaming"):
            parts["new_name"] = gr.Textbox(label="New name", max_length=60, elem_id="new-name")
            parts["rename"] = gr.Button("Rename", elem_id="rename")
            parts["delete"] = gr.Button("Delete …", elem_id="delete")
        with gr.Row(visible=False, elem_id="sure") as parts["sure"]:
            gr.Markdown("Delete this run and all that it has learnt?")
            parts["yes"] = gr.Button("Delete", variant="stop", elem_id="sure-yes")
            parts["no"] = gr.Button("Keep", elem_id="sure-no")
    parts["trouble"] = gr.Markdown(visible=False, elem_classes="trouble-line")
    return parts


def _wire_recipe(tab: gr.Tab, trainer: Trainer, token, given: dict, watched: dict) -> None:
    data, private = given["data"], {"api_visibility": "private"}
    settings = dict(zip(kinds(FitConfig), given["settings"], strict=True))
    more, scored = given["more"], given["scored"]
    described = [given["about"], given["examples"], given["count"], scored]
    timed = [given[name] for name in ("data", "more", "count", "preset", "backbone")]
    timed += [settings["epochs"], settings["crops"], settings["units"]]
    # What is offered is described when the tab is seen, not while the page loads.
    tab.select(trainer.offered, None, [data, given["backbone"]], **_QUIET)
    gr.on(
        [tab.select, data.change],
        trainer.others,
        [data, more],
        more,
        trigger_mode="always_last",
        **_QUIET,
    )
    gr.on(
        [tab.select, data.change, more.change],
        trainer.choose_data,
        [data, more, scored],
        described,
        trigger_mode="always_last",
        **_QUIET,
    )
    suited, system = [settings[name] for name in data_sources.SUITED], given["preset"]
    gr.on([data.change, system.change], trainer.suit, [data, system], suited, **_QUIET)
    system.change(trainer.choose_system, system, [given["system"], given["backbone"]], **_QUIET)
    gr.on(
        [tab.select, *(one.change for one in timed)],
        trainer.estimate,
        timed,
        given["estimate"],
        trigger_mode="always_last",
        **_QUIET,
    )
    added = [given["data_trouble"], data]
    given["zip"].upload(trainer.add_zip, [token, given["zip"]], added, **private)
    given["folder"].submit(trainer.add_folder, [token, given["folder"]], added, **private)
    asked = ("name", "data", "more", "scored", "count", "preset", "backbone", "vectors", "device")
    chosen = [given[name] for name in asked]
    started = given["start"].click(
        trainer.start,
        [token, *chosen, *given["settings"]],
        [given["trouble"], watched["run"]],
        **private,
    )
    started.then(None, None, None, js=_TO_THE_TOP)


def _wire_runs(trainer: Trainer, token, parts: dict) -> None:
    private = {"api_visibility": "private"}
    answer = [parts["trouble"], parts["run"]]
    for name in ("stop", "resume"):
        parts[name].click(getattr(trainer, name), [token, parts["run"]], answer, **private)
    parts["rename"].click(
        trainer.rename, [token, parts["run"], parts["new_name"]], answer, **private
    )
    for button, shown in (("delete", True), ("no", False), ("yes", False)):
        js = f"() => ({{ __type__: 'update', visible: {str(shown).lower()} }})"
        parts[button].click(None, None, parts["sure"], js=js)
    parts["yes"].click(trainer.delete, [token, parts["run"]], answer, **private)
    parts["show_log"].click(trainer.log, parts["run"], parts["log"], **_QUIET)


def _wire_clock(tab: gr.Tab, others: list[gr.Tab], trainer: Trainer, parts: dict) -> None:
    """Looks at the run again and again while the tab is open."""
    clock = gr.Timer(_TICK, active=False)
    looked = ["view", "stop", "resume", "explore", "run", "others", "seen"]
    given = [parts["run"], parts["others"], parts["seen"]]
    outputs = [parts[name] for name in looked]
    gr.on(
        [clock.tick, parts["run"].change, parts["others"].change],
        trainer.watch,
        given,
        outputs,
        trigger_mode="always_last",
        **_QUIET,
    )
    tab.select(trainer.choice, None, parts["run"], **_QUIET)
    tab.select(lambda: gr.Timer(active=True), None, clock, **_QUIET)
    gr.on([one.select for one in others], lambda: gr.Timer(active=False), None, clock, **_QUIET)
