"""The Explore tab: a photo, sampler settings, and the explorer."""

from pathlib import Path

import gradio as gr
import numpy as np
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from captioner.batching.joint_decoding import SIZES
from captioner.paths import BUNDLED
from captioner.ui.explore import examples, opening
from captioner.ui.explore.api import Api
from captioner.ui.explore.explorer import columns, explorer
from captioner.ui.explore.live import CAPTIONS, QUERIES, live_camera
from captioner.ui.explore.model_choice import model_choice, offered
from captioner.ui.explore.photo import PROMPT, PhotoInput
from captioner.ui.explore.photo_captions import PhotoCaptions
from captioner.ui.explore.queries import Queries
from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared import assets, sampler_settings
from captioner.ui.shared.events import PRIVATE, QUIET, constant, show_when
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import error_value
from captioner.ui.shared.sampler_settings import DEFAULTS

_NO_ANSWER = error_value("The server could not answer just now: please try again in a moment.")
TOGETHER = SIZES[-1]  # captions, and queries, that are answered at once: those of one batch
_CAPTION = {
    "api_name": "for_page",  # /caption is the public one, see `Api`
    "trigger_mode": "always_last",
    "show_progress": "minimal",
    "concurrency_id": CAPTIONS,
    **PRIVATE,
}
_QUERY = {
    "show_progress": "hidden",
    "trigger_mode": "multiple",
    "concurrency_id": QUERIES,
    **PRIVATE,
}
# Another sampler is a query that waits in line like a caption.
_RECAPTION = {**_CAPTION, "api_name": "recaption", "trigger_mode": "multiple"}
# In place of the explorer's own value.
_KNOWN = assets.call("explore/photo/pictures.js", "withKnown")
_SECOND = sampler_settings.Settings(sampler="sampling")  # initially, to compare with greedy
_TRANSFORMER = "transformer"  # the bundled captioner of another kind


def explore_tab(page: gr.Blocks, models: Models) -> tuple[gr.Dropdown, PhotoInput]:
    """Adds the tab to the page that is being built. Returns the controls of model and photo."""
    with gr.Row(elem_id="explore"):
        with gr.Column(elem_id="given"):
            photo = PhotoInput(
                label="Your photo",
                sources=["upload"],  # the page itself takes what is pasted, and has a camera
                type="filepath",
                placeholder=PROMPT,
                buttons=[],
                elem_id="photo",
            )
            camera = live_camera(models.names()[0])
            gr.HTML(
                html_template=assets.read("explore/stored/tray.html"),
                apply_default_css=False,
                elem_id="tray",
            )
            gr.HTML(html_template=examples.html(), apply_default_css=False, elem_id="examples")
            with gr.Column(elem_id="choosing"):
                model = model_choice(models)
                settings = sampler_settings.controls()
                comparing = gr.Checkbox(
                    label="Compare with a second caption",
                    info="Two captions of the photo side by side, their words aligned.",
                    elem_id="comparing",
                )
                with gr.Column(visible=False) as second_choices:
                    starts = _start_buttons(models)
                    second_model = model_choice(
                        models, "second-model", "Model of the second caption"
                    )
                    title = "Decoding of the second caption"
                    second_settings = sampler_settings.controls(_SECOND, "second-settings", title)
        with gr.Column(elem_id="seen"):
            view = explorer(models, value=opening.VALUE if opening.is_for(models) else None)
        # Exists only while comparing: tests and the tour expect one stage.
        with gr.Column(elem_id="beside", visible=False) as aligned:
            columns()
        with gr.Column(elem_id="second", visible=False) as second_pane:
            second = explorer(models, "second")
    compared = [model, settings[0], second_model, second_settings[0]]
    for button, values in starts:
        button.click(None, None, compared, js=constant(values))
    sampler_settings.keep_in_address(page, settings)
    sampler_settings.keep_in_address(page, second_settings, _SECOND, "second_")
    from_address = assets.call("shared/settings.js", "comparingFromAddress")
    page.load(None, None, comparing, js=from_address)
    to_address = assets.call("shared/settings.js", "comparingToAddress")
    choices = [comparing, second_model, model]
    gr.on([comparing.change, second_model.change], None, choices, None, js=to_address)
    page.load(None, None, None, js=assets.call("shared/names.js", "nameUploads"))
    model.change(None, model, camera, js=constant())
    # The explorer requests the caption of a new photo. The previous result does not belong to it;
    # the browser removes it at once.
    given = assets.call("explore/stored/photo_again.js", "given")
    photo.change(None, photo, [view, second], js=given)
    comparing.change(
        None, comparing, [second_choices, aligned, second_pane], js=show_when(True, True, True)
    )
    photos = RecentPhotos()
    if opening.is_for(models):
        photos.add(np.asarray(opening.decoded().seen))
    captions = PhotoCaptions(models, photos)
    queries = Queries(models, photos)
    _explorer_events("first", view, photo, model, settings, captions, queries)
    _explorer_events("second", second, photo, second_model, second_settings, captions, queries)
    view.choose(examples.chosen, None, photo, **QUIET)
    names = ["model", *DEFAULTS.to_json(), "second_model"]
    values = assets.call("explore/link/controls.js", "controlValues", names)
    view.controls(None, None, [model, *settings, second_model], js=values)
    Api(models).add_to_page(photo, settings, concurrency_id=CAPTIONS, concurrency_limit=TOGETHER)
    page.load(
        captions.wait_until_loaded,
        None,
        [view, second],
        show_progress="hidden",
        concurrency_limit=None,  # all visitors wait for the same captioner
        **PRIVATE,
    )
    # Trainings add captioners while the page is served.
    gr.on(
        [page.load, comparing.change],
        lambda: [*[gr.update(**offered(models))] * 2, gr.update(models=models.names())],
        None,
        [model, second_model, view],
        show_progress="hidden",
        **PRIVATE,
    )
    return model, photo


def opened(models: Models, name: str, photo: Path | None) -> tuple:
    """Updates of (tabs, model, photo) that open the Explore tab with a captioner and, if there is
    one, a photo. The page serves a copy of the photo, never its folder."""
    model = gr.update(choices=models.names(), value=name, visible=True)
    copy = gr.skip() if photo is None else save_file_to_cache(photo, get_upload_folder())
    return gr.update(selected="explore"), model, copy


def _start_buttons(models: Models) -> list[tuple[gr.Button, list[str]]]:
    """Comparisons to start with: buttons, each with model and sampler of the first caption, then of
    the second."""
    first, names = models.names()[0], models.names()
    starts = {
        "Greedy beside sampling": [first, "greedy", first, "sampling"],
        "Greedy beside beam search": [first, "greedy", first, "beam"],
    }
    if {BUNDLED.name, _TRANSFORMER} <= set(names):
        label = "GRU with Bahdanau attention beside Transformer"
        starts = {label: [BUNDLED.name, "greedy", _TRANSFORMER, "greedy"], **starts}
    with gr.Column(elem_id="starts"):
        gr.Markdown("Start with")
        return [(gr.Button(text, size="sm"), values) for text, values in starts.items()]


def _explorer_events(
    name: str,
    view: gr.HTML,
    photo,
    model,
    settings: list,
    captions: PhotoCaptions,
    queries: Queries,
) -> None:
    """Events of one explorer: captions, queries about its photo, saved results that it opens."""
    inputs, limit = [photo, model, view, *settings], {"concurrency_limit": TOGETHER}
    for listen in (view.wanted, model.change):
        captioned = listen(captions.caption, inputs, view, js=_KNOWN, **_CAPTION, **limit)
        captioned.failure(None, None, view, js=constant(_NO_ANSWER))
    other = assets.call("explore/stored/photo_again.js", "otherCaptioner", name)
    model.change(None, model, None, js=other)
    fields = list(DEFAULTS.to_json())
    again = assets.call("explore/queries/recaption.js", "recaption", name, fields)
    gr.on([control.change for control in settings], None, settings, None, js=again)
    failed = {"__type__": "update", "props": {"answer": {"id": None, **_NO_ANSWER}}}
    for listen, options in ((view.ask, _QUERY), (view.recaption, _RECAPTION)):
        answered = listen(queries.answer, None, view, **options, **limit)
        answered.failure(None, None, view, js=constant(failed))
    opened = view.open(queries.open, None, view, **_QUERY, **limit)
    opened.failure(None, None, view, js=constant(_NO_ANSWER))
