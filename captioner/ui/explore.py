"""The Explore tab: a photo, how words are chosen, and the explorer."""

import json

import gradio as gr

from captioner.samplers import Sampling
from captioner.ui.answers import Answers
from captioner.ui.explorer import error_value, explorer
from captioner.ui.loading import Loading
from captioner.ui.photo import PhotoInput, example_photos

_NO_ANSWER = "The server could not answer just now: please try again in a moment."
_NEW_SEED = "() => Math.floor(Math.random() * 1e6)"
_SHOW_SAMPLING = "(sampler) => ({__type__: 'update', visible: sampler === 'sampling'})"


def explore_tab(page: gr.Blocks, loading: Loading) -> None:
    """Puts the tab's components and events on the page, which is being built."""
    with gr.Row(elem_id="explore"):
        with gr.Column(elem_id="given"):
            photo = _photo()
            settings = _settings()
        with gr.Column(elem_id="seen"):
            view = explorer()
    given = [photo, *settings]
    answers = Answers(loading)
    shared = {"concurrency_limit": 1, "concurrency_id": "captioner"}  # one model, one at a time

    # What was shown before is not the new photo's: it goes at once, in the browser.
    photo.change(None, None, view, js="() => null")
    captioned = gr.on(
        [part.change for part in given],
        answers.for_page,
        given,
        view,
        trigger_mode="always_last",
        show_progress="minimal",
        api_visibility="private",
        **shared,
    )
    captioned.failure(None, None, view, js=f"() => ({json.dumps(error_value(_NO_ANSWER))})")
    gr.on([], answers.caption, given, gr.JSON(visible=False), api_name="caption", **shared)
    page.load(
        answers.when_loaded,
        None,
        view,
        show_progress="hidden",
        concurrency_limit=None,  # every visitor waits for the same captioner
        api_visibility="private",
    )


def _photo() -> PhotoInput:
    photo = PhotoInput(
        label="Your photo: drop, paste or take one",
        sources=["upload", "clipboard", "webcam"],
        type="filepath",
        placeholder="Drop a photo here\nor click to choose one",
        buttons=[],
        elem_id="photo",
    )
    if examples := example_photos():
        gr.Examples(
            examples,
            photo,
            cache_examples=False,
            api_visibility="private",
            elem_id="examples",
        )
    return photo


def _settings() -> list[gr.components.Component]:
    """Sampler, temperature, top-k, top-p and seed; the last four are seen for sampling only."""
    usual = Sampling()
    with gr.Column(elem_id="settings"):
        sampler = gr.Radio(
            [("Greedy", "greedy"), ("Sampling", "sampling")],
            value="greedy",
            label="How words are chosen",
            info="Greedy takes the likeliest word each time; sampling draws one.",
            elem_id="sampler",
        )
        with gr.Column(visible=False, elem_id="sampling") as sampling:
            another = gr.Button("Another one", elem_id="another")
            temperature = gr.Slider(
                0.1,
                2.0,
                value=usual.temperature,
                step=0.05,
                label="Temperature",
                info="Below 1 likely words gain, above 1 unlikely ones.",
            )
            top_k = gr.Slider(
                0,
                100,
                value=usual.top_k,
                step=1,
                label="Top k",
                info="Only the k likeliest words; 0 for all.",
            )
            top_p = gr.Slider(
                0.05,
                1.0,
                value=usual.top_p,
                step=0.05,
                label="Top p",
                info="Only the fewest words that share this much probability.",
            )
            seed = gr.Number(
                value=1,
                precision=0,
                minimum=0,
                label="Seed",
                info="The same seed draws the same sentence.",
            )
    sampler.change(None, sampler, sampling, js=_SHOW_SAMPLING)
    another.click(None, None, seed, js=_NEW_SEED)
    return [sampler, temperature, top_k, top_p, seed]
