"""The view of stored results: side by side as table and charts, and photo by photo."""

import gradio as gr

from captioner.ui.evaluate.controls import EvaluateControls
from captioner.ui.shared import assets


def measured_view(controls: EvaluateControls) -> gr.HTML:
    """The component, without a result.

    It is drawn in the browser (assets/evaluate). Its value is what `comparison.compare` returns,
    as JSON text, with the number of stored results; its prop `status` is `EvaluationJob.progress`,
    or {doing: ""}; its prop `offer` is that of `EvaluateData.offer`. Its event "begin" starts an
    evaluation, "own" and "download" choose data, "explore" carries {result, number} of a photo,
    "forget" the {result} to delete. It requests photos and files itself, with `server_functions`.
    """

    def photos(query):  # Gradio sets an attribute on these functions, which methods do not allow
        return controls.photos(query)

    def export(query):
        return controls.export(query)

    return gr.HTML(
        html_template=assets.read("evaluate/evaluation.html"),
        css_template=assets.read(
            "shared/panel.css", "evaluate/evaluation.css", "evaluate/photos.css"
        ),
        js_on_load=assets.mount(
            "evaluate/evaluation.js",
            *("begin", "own", "download", "explore", "forget"),
            permitted=controls.permission.possible,
            folders=not controls.permission.public,
        ),
        server_functions=[photos, export],
        apply_default_css=False,
        elem_id="measured",
        status={"doing": ""},
        offer=controls.data.offer(*controls.data.first()),
    )
