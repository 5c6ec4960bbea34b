"""Decoding: the settings of samplers, their ranges, their controls, their place in the address."""

from typing import Annotated, Literal

import gradio as gr
from pydantic import Field

from captioner import samplers
from captioner.ui.shared import assets, untrusted
from captioner.ui.shared.events import show_when

# Minimum, maximum, step; for the controls, the checks and the address.
RANGES = {
    "temperature": (0.1, 2.0, 0.05),
    "top_k": (0, 100, 1),
    "top_p": (0.05, 1.0, 0.05),
    "seed": (0, 1_000_000_000, 1),
    "beams": (1, 8, 1),
}


def _in_range(name: str):
    low, high, _ = RANGES[name]
    return Field(ge=low, le=high)


Beams = Annotated[untrusted.Whole, _in_range("beams")]


class Settings(untrusted.Message, frozen=True):
    """What a visitor can set; each sampler uses its own part."""

    sampler: Literal[samplers.NAMES] = samplers.DEFAULTS["sampler"]
    temperature: Annotated[float, _in_range("temperature")] = samplers.Sampling.temperature
    top_k: Annotated[untrusted.Whole, _in_range("top_k")] = samplers.Sampling.top_k
    top_p: Annotated[float, _in_range("top_p")] = samplers.Sampling.top_p
    # The default is reproducible, so that an address gives the same sentence; None is random.
    seed: Annotated[untrusted.Whole, _in_range("seed")] | None = 1
    beams: Beams = samplers.Beam.beams

    @classmethod
    def from_controls(cls, *values) -> "Settings":
        """Settings from the values of `controls`. Raises ValueError with one sentence."""
        return untrusted.checked(cls, dict(zip(cls.model_fields, values, strict=True)))

    def make_sampler(self) -> samplers.Sampler:
        return samplers.from_settings(self)

    def to_json(self) -> dict:
        return self.model_dump()


DEFAULTS = Settings()
_NAMES = {"beam": "Beam search", "beams": "Beam width"}  # on the page, where they differ
PRESETS = {
    name: [sampling.temperature, sampling.top_k, sampling.top_p]
    for name, sampling in samplers.SAMPLING_PRESETS.items()
}


def controls(
    initial: Settings = DEFAULTS, name: str = "settings", label: str = "Decoding"
) -> list[gr.components.Component]:
    """One control for each setting, in the order of the fields of `Settings`.

    Controls that belong to one sampler are visible only with it.

    Args:
        initial: The values at the beginning.
        name: Prefix of the element ids.
        label: Label of the group.
    """
    with gr.Column(elem_id=name, elem_classes="settings"):
        sampler = gr.Radio(
            [(_NAMES.get(one, one.capitalize()), one) for one in samplers.NAMES],
            value=initial.sampler,
            label=label,
            info="How words are chosen: the most probable one, one drawn by chance, or those of "
            "the most probable sentence.",
            elem_id=f"{name}-sampler",
            elem_classes="segmented",
        )
        is_sampling, is_beam = initial.sampler == "sampling", initial.sampler == "beam"
        with gr.Column(
            visible=is_sampling, elem_id=f"{name}-sampling", elem_classes="sampling"
        ) as sampling_part:
            preset = gr.Radio(
                [(one.capitalize(), one) for one in samplers.SAMPLING_PRESETS],
                value=_preset_of(initial),
                label="Preset",
                info="From nearly greedy to surprising.",
                elem_id=f"{name}-preset",
                elem_classes="segmented",
            )
            another = gr.Button("New sample", elem_id=f"{name}-another", elem_classes="another")
            temperature = _slider(
                "temperature", "Below 1 probable words gain, above 1 improbable ones."
            )
            top_k = _slider("top_k", "Only the k most probable words; 0 for all.")
            top_p = _slider("top_p", "Only the fewest words that share this much probability.")
            seed = gr.Number(
                value=initial.seed,
                precision=0,
                minimum=RANGES["seed"][0],
                maximum=RANGES["seed"][1],
                label="Seed",
                info="The same seed draws the same sentence.",
            )
        with gr.Column(
            visible=is_beam, elem_id=f"{name}-beam", elem_classes="sampling"
        ) as beam_part:
            beams = _slider("beams", "How many sentences are kept at every word.")
    sampler.change(None, sampler, [sampling_part, beam_part], js=show_when("sampling", "beam"))
    another.click(None, None, seed, js=_call("randomSeed"))
    sliders = [temperature, top_k, top_p]  # PRESETS has their values in this order
    preset.input(None, preset, sliders, js=_call("valuesOfPreset", PRESETS))
    gr.on(
        [one.change for one in sliders], None, sliders, preset, js=_call("presetOfValues", PRESETS)
    )
    return [sampler, temperature, top_k, top_p, seed, beams]


def _preset_of(settings: Settings) -> str | None:
    """The name of the preset with these values, or None."""
    values = [settings.temperature, settings.top_k, settings.top_p]
    return next((name for name, preset in PRESETS.items() if preset == values), None)


def _slider(name: str, info: str) -> gr.Slider:
    low, high, step = RANGES[name]
    label = _NAMES.get(name, name.capitalize().replace("_", " "))
    return gr.Slider(low, high, getattr(DEFAULTS, name), step=step, label=label, info=info)


def keep_in_address(
    page: gr.Blocks,
    settings: list[gr.components.Component],
    initial: Settings = DEFAULTS,
    prefix: str = "",
) -> None:
    """The settings are read from the address of the page, and changes are written into it.

    Args:
        page: The page that is being built.
        settings: The controls.
        initial: Values that the address does not mention.
        prefix: Of the names in the address.
    """
    options = {
        "prefix": prefix,
        "names": list(initial.to_json()),
        "defaults": initial.to_json(),
        "ranges": RANGES,
        "samplers": samplers.NAMES,
    }
    page.load(None, settings, settings, js=_call("fromAddress", options))
    gr.on([one.change for one in settings], None, settings, None, js=_call("toAddress", options))


def _call(function: str, *arguments) -> str:
    return assets.call("shared/settings.js", function, *arguments)
