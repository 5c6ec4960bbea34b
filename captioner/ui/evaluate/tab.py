"""The Evaluate tab: a form for what to evaluate, and the results side by side."""

import gradio as gr

from captioner.ui.evaluate.comparison import MAX_RESULTS
from captioner.ui.evaluate.controls import IDLE, EvaluateControls
from captioner.ui.evaluate.data_panel import data_panel, follow_data
from captioner.ui.shared import assets, data_sources, sampler_settings
from captioner.ui.shared.events import PRIVATE, QUIET, SCROLL_TO_TOP, constant, reach, show_when
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import disable, token_field

_SPLITS = [("dev (validation)", "dev"), ("test", "test"), ("train (seen in training)", "train")]


def evaluate_tab(
    tab: gr.Tab, models: Models, own: OwnData, explorer: list[gr.blocks.Block]
) -> None:
    """Adds the tab's components and events to the page, which is being built.

    `own` has the data to choose from. `explorer`, [tabs, model, photo], opens a photo of a result
    in the Explore tab.
    """
    controls = EvaluateControls(models, own)
    with gr.Row(elem_id="evaluate"):
        left, right = gr.Column(elem_id="asked"), gr.Column(elem_id="answered")
    with left:
        token = token_field(own.permission, "evaluate")
    with right:
        chosen, view = _results_panel(controls, token, explorer)
    with left:
        _form_panel(tab, controls, token, chosen, view)
    if not own.permission.possible:
        disable(left)


def _form_panel(
    tab: gr.Tab,
    controls: EvaluateControls,
    token: gr.Textbox,
    chosen: gr.Dropdown,
    view: gr.HTML,
) -> None:
    """What to evaluate, with which sampler, and the buttons."""
    with gr.Column(elem_classes="card"):
        gr.Markdown("### What to evaluate")
        fields = data_panel(controls.data, token)
        split = gr.Dropdown(
            _SPLITS, value="dev", label="Split", filterable=False, elem_id="evaluate-split"
        )
        photos = gr.Number(
            200, precision=0, minimum=0, label="Maximum number of photos",
            info="The first photos of the split; 0 for all.", elem_id="evaluate-photos",
        )  # fmt: skip
        attention = gr.Checkbox(
            True, label="Attention: faithfulness and grounding", elem_id="evaluate-asks",
            info="Does a word depend on what it attends to, and is that the thing it names? Takes "
            "several times as long as the scores alone.",
        )  # fmt: skip
        forced = gr.Checkbox(
            True, label="Also on the references (teacher forcing)", elem_id="evaluate-forced",
            info="Every captioner is then measured on the same nouns: those of the references.",
        )  # fmt: skip
    with gr.Column(elem_classes="card"):
        sampler = sampler_settings.controls(name="evaluate-settings")
    with gr.Row(elem_id="evaluate-buttons"):
        start = gr.Button("Evaluate", variant="primary", elem_id="evaluate-start")
        stop = gr.Button("Stop", visible=False, elem_id="evaluate-stop")
    error = gr.Markdown(visible=False, elem_classes="trouble-line", elem_id="evaluate-trouble")
    new = gr.State([])

    attention.change(None, attention, forced, js=show_when(True))
    stop.click(controls.stop, token, error, **QUIET)
    listed = [tab.select(controls.choose, chosen, chosen, **QUIET)]
    refreshed = [tab.select]
    inputs = [token, *fields[:3], split, photos, attention, forced, *sampler]
    progress, once = [view, start, stop, error, new], QUIET | {"trigger_mode": "once"}
    for followed in (
        start.click(controls.start, inputs, progress, **once),
        view.begin(controls.start, inputs, progress, **once),
        # Whoever opens the tab during an evaluation sees its progress, too.
        tab.select(controls.follow, None, progress, **once),
    ):
        refreshed.append(followed.then)
        listed.append(followed.then(controls.choose, [chosen, new], chosen, **QUIET))
    # A repeated evaluation keeps its name, so the choice need not change for the view to change.
    for event in listed:
        event.then(controls.compare, chosen, view, **QUIET)
    follow_data(controls.data, fields, view, refreshed)
    # The choices of the empty view.
    view.download(None, None, fields.data, js=constant(data_sources.FLICKR8K))
    opened = view.own(None, None, fields.own, js=constant(gr.update(open=True)))
    opened.then(None, None, None, js=reach("#evaluate-own"))


def _results_panel(
    controls: EvaluateControls, token: gr.Textbox, explorer: list[gr.blocks.Block]
) -> tuple[gr.Dropdown, gr.HTML]:
    """The chosen results, side by side and photo by photo."""
    chosen = gr.Dropdown(
        [], multiselect=True, max_choices=MAX_RESULTS, label="Results side by side", visible=False,
        elem_id="results",
    )  # fmt: skip
    view = _results_view(controls)
    error = gr.Markdown(visible=False, elem_classes="trouble-line")
    chosen.change(controls.compare, chosen, view, **QUIET)
    view.forget(controls.delete, [token, chosen], [error, chosen], **PRIVATE)
    opened = view.explore(controls.explore, None, [*explorer, error], **PRIVATE)
    opened.then(None, None, None, js=SCROLL_TO_TOP)
    return chosen, view


def _results_view(controls: EvaluateControls) -> gr.HTML:
    """The results as table and charts, and photo by photo; without a result at first.

    It is drawn in the browser (assets/evaluate). Its value is what `comparison.compare` returns,
    as JSON text, with the number of stored results; its prop `status` is `EvaluationJob.progress`,
    or IDLE; its prop `offer` is that of `EvaluateData.offer`. Its event "begin" starts an
    evaluation, "own" and "download" choose data, "explore" carries {result, number} of a photo,
    "forget" the {result} to delete. It requests photos and files itself, with `server_functions`.
    """

    def photos(query):  # Gradio sets an attribute on these functions, which methods do not allow
        return controls.photos(query)

    def export(query):
        return controls.export(query)

    styles = ("shared/panel.css", "evaluate/evaluation.css", "evaluate/photos.css")
    return gr.HTML(
        html_template=assets.read("evaluate/evaluation.html"),
        css_template=assets.read(*styles),
        js_on_load=assets.mount(
            "evaluate/evaluation.js",
            *("begin", "own", "download", "explore", "forget"),
            permitted=controls.permission.possible,
            folders=not controls.permission.public,
        ),
        server_functions=[photos, export],
        apply_default_css=False,
        elem_id="measured",
        status=IDLE,
        offer=controls.data.offer(*controls.data.first()),
    )
