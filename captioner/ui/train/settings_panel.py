"""The settings panel of the Train tab: preset, backbone, settings, and the start of a run."""

import gradio as gr

from captioner.data.augmentation import views
from captioner.training.presets import PRESETS, mirrors, suited
from captioner.training.recipe import Recipe
from captioner.training.runs.run import Runs
from captioner.training.settings import FitConfig, chosen, kinds
from captioner.ui.shared import assets, data_sources
from captioner.ui.shared.events import LATEST, PRIVATE, QUIET
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission, attempt
from captioner.ui.train.backbone_choice import backbone_choices
from captioner.ui.train.data_choice import ALL, DataChoice
from captioner.ui.train.data_panel import DataControls, DataFields
from captioner.ui.train.forecast import device_text, forecast
from captioner.ui.train.run_panel import run_list
from captioner.ui.train.settings_fields import AUTOMATIC, dropdown, first_fields, group_fields

SUGGESTED = tuple(  # settings that depend on the preset or on the data
    name
    for name in kinds(FitConfig)
    if any(name in suited(preset, scenes) for preset in PRESETS for scenes in (True, False))
)
# Settings that the time depends on.
TIMED = ("epochs", "crops", "units", "tune", "self_critical", "design")
# On a phone the run stands above the settings; an error stands beside the button.
_SCROLL_TO_RUN = assets.call("shared/events.js", "scrollToTop", "#trouble")


def settings_panel(
    tab: gr.Tab,
    controls: "SettingsControls",
    token: gr.Textbox,
    data: DataFields,
    run: gr.Dropdown,
    view: gr.HTML,
) -> tuple:
    """Adds the panel with its events to the page. A started run is chosen in the list `run`; when
    its `view` advances, features may be cached and times be known.

    Returns:
        What computes time and features beside Start anew: (function, inputs, output).
    """
    usual = next(iter(PRESETS))
    suggestion = suggested_settings(DataChoice(data_sources.SCENES), usual)
    with gr.Column(elem_classes="card"):
        gr.Markdown("### Training")
        presets = [(preset.title, key) for key, preset in PRESETS.items()]
        preset = dropdown(presets, value=usual, label="Architecture", elem_id="preset")
        about = gr.Markdown(PRESETS[usual].about, elem_classes="about")
        choices = controls.backbones()
        backbone = dropdown(
            choices, value=choices[0][1], label="Image encoder (backbone)", elem_id="backbone",
            info="The network that turns the photo into a grid of features.",
        )  # fmt: skip
        settings = first_fields(suggestion)
        more, vectors, device = group_fields(suggestion, controls.permission.public)
        settings |= more
        name = gr.Textbox(
            label="Name of the run", placeholder="scenes", max_length=60, elem_id="run-name"
        )
        machine = gr.Markdown(elem_classes="about", elem_id="machine")
        time = gr.Markdown(elem_classes="about", elem_id="estimate")
        start = gr.Button("Start", variant="primary", elem_id="start")
        error = gr.Markdown(visible=False, elem_classes="trouble-line", elem_id="trouble")
    last = gr.State(suggestion)

    tab.select(lambda: gr.update(choices=controls.backbones()), None, backbone, **QUIET)
    preset.change(controls.choose_preset, preset, [about, backbone], **QUIET)
    gr.on(
        [data.first.change, data.more.change, preset.change],
        controls.suggest,
        [data.first, data.more, preset, last],
        [*(settings[key] for key in SUGGESTED), last],
        **LATEST,
    )
    timed = [data.first, data.more, data.scene_count, preset, backbone]
    timed += [settings[key] for key in TIMED]
    estimated = [controls.estimate, timed, time]
    gr.on([tab.select, *(field.change for field in timed)], *estimated, **LATEST)
    view.advance(*estimated, **LATEST)
    gr.on([tab.select, device.change], device_text, device, machine, **QUIET)
    inputs = [token, name, *data, preset, backbone, vectors, device]
    inputs += [settings[key] for key in kinds(FitConfig)]
    started = start.click(controls.start, inputs, [error, run], **PRIVATE)
    started.then(None, None, None, js=_SCROLL_TO_RUN)
    return tuple(estimated)


def suggested_settings(data: DataChoice, preset: str) -> dict:
    """Returns the values of SUGGESTED that suit all chosen data and the preset, by name."""
    values = suited(preset, scenes=data.only_scenes)
    return {name: values.get(name, getattr(FitConfig, name)) for name in SUGGESTED}


class SettingsControls:
    """Event handlers of the panel; they return updates of its components."""

    def __init__(self, runs: Runs, models: Models, permission: Permission, data: DataControls):
        self.runs, self.models, self.permission, self.data = runs, models, permission, data

    def backbones(self) -> list[tuple[str, str]]:
        """Returns (label, key) of the backbones and checkpoints that exist now."""
        choices = backbone_choices(self.models.folders())
        return [(choice.label, key) for key, choice in choices.items()]

    def choose_preset(self, preset: str):
        """Returns (description, backbone) of a preset."""
        return PRESETS[preset].about, gr.update(value=PRESETS[preset].backbone)

    def suggest(self, first: str, more: list[str] | None, preset: str, last: dict):
        """Returns (a value for each of SUGGESTED, suggestion).

        What the visitor changed stays, unless the suggestion differs from the last one.
        """
        suggestion = suggested_settings(DataChoice.from_controls(first, more), preset)
        if suggestion == last:
            return [gr.skip()] * (len(SUGGESTED) + 1)
        return [*(gr.update(value=value) for value in suggestion.values()), suggestion]

    def estimate(self, first, more, scene_count, preset, backbone, *timed) -> str:
        """Returns Markdown: the time of the training and its features.

        `timed` are the values of TIMED.
        """
        try:
            epochs, crops, units, *kind = timed
            data = self.data.chosen(first, more, scene_count)
            encoder = backbone_choices(self.models.folders())[backbone]
            extracted = views(mirrors(preset, data.has_scenes), int(crops))
            return forecast(self.runs, data, encoder, extracted, int(epochs), int(units), *kind)
        except ValueError as error:
            return str(error)
        except (TypeError, KeyError, OSError, ArithmeticError):  # a field is empty
            return ""

    def start(
        self,
        token, name, first, more, scored, scene_count, preset, backbone, vectors, device,
        *settings,
    ):  # fmt: skip
        """Starts a run. `settings` are in the order of `kinds(FitConfig)`.

        Returns:
            (error, list of runs).
        """

        def start() -> str:
            values = [AUTOMATIC.get(str(value), value) for value in settings]
            fit = chosen(FitConfig, dict(zip(kinds(FitConfig), values, strict=True)))
            data = self.data.chosen(first, more, scene_count)
            backbones = backbone_choices(self.models.folders())
            if preset not in PRESETS or backbone not in backbones or device not in ("auto", "cpu"):
                raise ValueError(
                    "Choose the architecture, the encoder and the device from the lists."
                )
            if vectors and self.permission.public:
                raise ValueError("Word vectors cannot be read on a public host.")
            fields = data.recipe_fields(scored or ALL) | backbones[backbone].recipe_fields
            recipe = Recipe(
                **fields,
                fit=fit,
                preset=preset,
                vectors=(vectors or "").strip(),
                mirror=mirrors(preset, data.has_scenes),
                device=device,
                # A trained checkpoint also learns the words of the new captions.
                new_words="start" in fields and not fit.self_critical,
            )
            run_name = self.runs.free_name(name.strip() or data.run_name())
            return self.runs.start(run_name, recipe).name

        error, started = attempt(self.permission, token, start)
        return error, run_list(self.runs, started or "")
