"""How words are chosen: the settings, their ranges, their controls, their place in the address."""

import json
from dataclasses import asdict, dataclass

import gradio as gr

from captioner import samplers
from captioner.ui.shared import untrusted

# From, to, step. Here alone: controls, checks and the address all look it up.
RANGES = {
    "temperature": (0.1, 2.0, 0.05),
    "top_k": (0, 100, 1),
    "top_p": (0.05, 1.0, 0.05),
    "seed": (0, 1_000_000_000, 1),
    "beams": (1, 8, 1),
}


@dataclass(frozen=True)
class Settings:
    """What a visitor may set; each sampler looks at its own."""

    sampler: str = samplers.DEFAULTS["sampler"]
    temperature: float = samplers.Sampling.temperature
    top_k: int = samplers.Sampling.top_k
    top_p: float = samplers.Sampling.top_p
    seed: int | None = 1  # an address draws its sentence again; None draws another each time
    beams: int = samplers.Beam.beams

    @classmethod
    def of(cls, given: dict) -> "Settings":
        """Settings from outside, by name; what is not given is as usual. Raises ValueError with
        one sentence for what cannot be set so."""
        checked = {}
        for name, usual in asdict(cls()).items():
            value = given.get(name, usual)
            if name == "sampler":
                if value not in samplers.NAMES:
                    raise ValueError(f"The sampler must be one of {', '.join(samplers.NAMES)}.")
            elif name != "seed" or value is not None:
                check = untrusted.whole if isinstance(usual, int) else untrusted.number
                value = check(value, f"The setting {name}", *RANGES[name][:2])
            checked[name] = value
        return cls(**checked)

    @property
    def chooser(self) -> samplers.Sampler:
        return samplers.from_settings(self)

    def to_json(self) -> dict:
        return asdict(self)


USUAL = Settings()
PRESETS = {
    name: [sampling.temperature, sampling.top_k, sampling.top_p]
    for name, sampling in samplers.SAMPLING_PRESETS.items()
}


def controls(
    usual: Settings = USUAL, name: str = "settings", label: str = "How words are chosen"
) -> list[gr.components.Component]:
    """A control for each setting, in the order of the settings, beginning as `usual`; the
    samplers' own are seen with their sampler only. The element ids begin with `name`."""
    with gr.Column(elem_id=name, elem_classes="settings"):
        sampler = gr.Radio(
            [(one.capitalize(), one) for one in samplers.NAMES],
            value=usual.sampler,
            label=label,
            info="Greedy takes the likeliest word each time; sampling draws one; beam search "
            "looks for the likeliest sentence.",
            elem_id=f"{name}-sampler",
            elem_classes="segmented",
        )
        drawn, kept = usual.sampler == "sampling", usual.sampler == "beam"
        with gr.Column(visible=drawn, elem_id=f"{name}-sampling", elem_classes="sampling") as more:
            preset = gr.Radio(
                [(one.capitalize(), one) for one in samplers.SAMPLING_PRESETS],
                value=_preset_of(usual),
                label="Preset",
                info="From nearly greedy to surprising.",
                elem_id=f"{name}-preset",
                elem_classes="segmented",
            )
            another = gr.Button("Another one", elem_id=f"{name}-another", elem_classes="another")
            temperature = _slider(
                "temperature", "Below 1 likely words gain, above 1 unlikely ones."
            )
            top_k = _slider("top_k", "Only the k likeliest words; 0 for all.")
            top_p = _slider("top_p", "Only the fewest words that share this much probability.")
            seed = gr.Number(
                value=usual.seed,
                precision=0,
                minimum=RANGES["seed"][0],
                maximum=RANGES["seed"][1],
                label="Seed",
                info="The same seed draws the same sentence.",
            )
        with gr.Column(visible=kept, elem_id=f"{name}-beam", elem_classes="sampling") as width:
            beams = _slider("beams", "So many sentences are kept at every word.")
    sampler.change(None, sampler, [more, width], js=_SHOW)
    another.click(None, None, seed, js=_NEW_SEED)
    sliders = [temperature, top_k, top_p]  # PRESETS has their values in this order
    preset.input(None, preset, sliders, js=_SET_SLIDERS)
    gr.on([one.change for one in sliders], None, sliders, preset, js=_NAME_SLIDERS)
    return [sampler, temperature, top_k, top_p, seed, beams]


def _preset_of(settings: Settings) -> str | None:
    """The name of the preset that these settings are, if they are one."""
    values = [settings.temperature, settings.top_k, settings.top_p]
    return next((name for name, preset in PRESETS.items() if preset == values), None)


def _slider(name: str, info: str) -> gr.Slider:
    least, most, step = RANGES[name]
    label = name.capitalize().replace("_", " ")
    return gr.Slider(least, most, getattr(USUAL, name), step=step, label=label, info=info)


def keep_in_address(page: gr.Blocks, settings: list[gr.components.Component]) -> None:
    """An address opens the page with its settings, and changes are written into it."""
    page.load(None, settings, settings, js=_FROM_ADDRESS)
    gr.on([part.change for part in settings], None, settings, None, js=_TO_ADDRESS)


# What runs in the browser

_NEW_SEED = "() => Math.floor(Math.random() * 1e6)"
_SHOW = """(sampler) => ["sampling", "beam"].map(
    (name) => ({ __type__: "update", visible: sampler === name }))"""

_SET_SLIDERS = f"(preset) => ({json.dumps(PRESETS)})[preset]"
_NAME_SLIDERS = f"""(...now) => Object.entries({json.dumps(PRESETS)}).find(
    ([, values]) => values.every((value, i) => value === now[i]))?.[0] ?? null"""

_KNOWN = f"""
    const names = {json.dumps(list(USUAL.to_json()))};
    const usual = {json.dumps(USUAL.to_json())};
    const ranges = {json.dumps(RANGES)};
    const samplers = {json.dumps(samplers.NAMES)};
"""

_FROM_ADDRESS = f"""(...now) => {{ {_KNOWN}
    const said = new URLSearchParams(location.search);
    return names.map((name, i) => {{
        const text = said.get(name);
        if (name === "sampler") return samplers.includes(text) ? text : now[i];
        const [least, most, step] = ranges[name];
        const value = text?.trim() ? Number(text) : NaN;
        const fits = value >= least && value <= most && (step !== 1 || Number.isInteger(value));
        return fits ? value : now[i];
    }});
}}"""

_TO_ADDRESS = f"""(...now) => {{ {_KNOWN}
    const address = new URL(location);
    names.forEach((name, i) => {{
        if (now[i] === usual[name] || now[i] === null) address.searchParams.delete(name);
        else address.searchParams.set(name, now[i]);
    }});
    history.replaceState(history.state, "", address);
}}"""
