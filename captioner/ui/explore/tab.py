"""The Explore tab: a photo, how words are chosen, and the explorer."""

import json
from pathlib import Path

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from captioner.ui.explore.api import Api
from captioner.ui.explore.explorer import columns, explorer
from captioner.ui.explore.photo import PhotoInput, example_photos, wrong_example
from captioner.ui.explore.photo_captions import Answers
from captioner.ui.explore.queries import Asks
from captioner.ui.shared import sampler_settings
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import error_value

_NO_ANSWER = error_value("The server could not answer just now: please try again in a moment.")
_ONE_AT_A_TIME = {"concurrency_limit": 1, "concurrency_id": "captioner"}  # there is one model
_CAPTIONS = {
    "trigger_mode": "always_last",
    "show_progress": "minimal",
    "api_visibility": "private",
    **_ONE_AT_A_TIME,
}
_UNANSWERED = f"() => ({json.dumps(_NO_ANSWER)})"
_ASKS = 4  # that are answered at once: a long one does not keep short ones waiting
_SECOND = sampler_settings.Settings(sampler="sampling")  # what greedy is compared with at first
_COMPARE = "(on) => [1, 2, 3].map(() => ({ __type__: 'update', visible: on }))"


def explore_tab(page: gr.Blocks, models: Models) -> tuple[gr.Dropdown, PhotoInput]:
    """Puts the tab's components and events on the page, which is being built; returns those of
    the model and the photo."""
    with gr.Row(elem_id="explore"):
        with gr.Column(elem_id="given"):
            photo = _photo()
            with gr.Column(elem_id="choosing"):
                model = _models(models)
                chosen = sampler_settings.controls()
                comparing = gr.Checkbox(
                    label="Compare with a second caption",
                    info="Two captions of the photo side by side, their words aligned.",
                    elem_id="comparing",
                )
                with gr.Column(visible=False) as choosing_second:
                    other = _models(models, "second-model", "Model of the second")
                    title = "How words of the second are chosen"
                    others = sampler_settings.controls(_SECOND, "second-settings", title)
        with gr.Column(elem_id="seen"):
            view = explorer()
        # Only there while comparing: scripts that look for the stage find the one.
        with gr.Column(elem_id="beside", visible=False) as both:
            columns()
        with gr.Column(elem_id="second", visible=False) as pane_second:
            second = explorer("second")
    sampler_settings.keep_in_address(page, chosen)
    # What was shown before is not the new photo's: it goes at once, in the browser.
    photo.change(None, None, [view, second], js="() => [null, null]")
    comparing.change(None, comparing, [choosing_second, both, pane_second], js=_COMPARE)
    first, beside = [photo, model, *chosen], [photo, other, *others]
    for_page = Answers(models).for_page
    captioned = [
        gr.on(_changes(*first), for_page, first, view, **_CAPTIONS),
        gr.on(_changes(*beside[1:]), for_page, beside, second, **_CAPTIONS),
        second.wanted(for_page, beside, second, **_CAPTIONS),
    ]
    for event, pane in zip(captioned, (view, second, second), strict=True):
        event.failure(None, None, pane, js=_UNANSWERED)
    Api(models).put_up(photo, chosen, **_ONE_AT_A_TIME)
    for pane in (view, second):
        _asks(pane, models)
    page.load(
        Answers(models).when_loaded,
        None,
        [view, second],
        show_progress="hidden",
        concurrency_limit=None,  # every visitor waits for the same captioner
        api_visibility="private",
    )
    # Trainings bring new ones while the page is served.
    gr.on(
        [page.load, comparing.change],
        lambda: [gr.update(**_offered(models))] * 2,
        None,
        [model, other],
        show_progress="hidden",
        api_visibility="private",
    )
    return model, photo


def opened(models: Models, name: str, photo: Path | None) -> tuple:
    """Updates of (tabs, model, photo): the photo, if there is one, is captioned by the captioner
    of that name in the Explore tab. Only a copy of it is served, wherever the photo lies."""
    model = gr.update(choices=models.names(), value=name, visible=True)
    copy = gr.skip() if photo is None else save_file_to_cache(photo, get_upload_folder())
    return gr.update(selected="explore"), model, copy


def _changes(*parts) -> list:
    return [part.change for part in parts]


def _asks(view, models: Models) -> None:
    """What the explorer asks about the photo that it shows. The captioner computes for one at a
    time whatever happens, and takes turns: a caption need not wait for a long ask to end."""
    asks = Asks(models)
    shared = {
        "show_progress": "hidden",
        "trigger_mode": "multiple",
        "api_visibility": "private",
        "concurrency_limit": _ASKS,
        "concurrency_id": "asks",
    }
    answered = view.ask(asks.answer, None, view, **shared)
    failed = {"__type__": "update", "props": {"answer": {"id": None, **_NO_ANSWER}}}
    answered.failure(None, None, view, js=f"() => ({json.dumps(failed)})")
    opened = view.open(asks.open, None, view, **shared)
    opened.failure(None, None, view, js=_UNANSWERED)


def _models(models: Models, name: str = "model", label: str = "Model") -> gr.Dropdown:
    """Which captioner; seen where there are several."""
    return gr.Dropdown(
        **_offered(models),
        value=models.names()[0],
        label=label,
        filterable=False,
        elem_id=name,
        elem_classes="model",
    )


def _offered(models: Models) -> dict:
    names = models.names()
    return {"choices": names, "visible": len(names) > 1}


def _photo() -> PhotoInput:
    photo = PhotoInput(
        label="Your photo: drop, paste or take one",
        sources=["upload", "clipboard", "webcam"],
        type="filepath",
        placeholder="Drop a photo here\nor click to choose one",
        buttons=[],
        elem_id="photo",
    )
    _examples(example_photos(), photo, "Examples", "examples")
    _examples([wrong_example()], photo, "It gets this one wrong: find out why", "wrong-example")
    return photo


def _examples(photos: list[str], photo: PhotoInput, label: str, elem_id: str) -> None:
    gr.Examples(
        photos,
        photo,
        label=label,
        cache_examples=False,
        api_visibility="private",
        elem_id=elem_id,
    )
