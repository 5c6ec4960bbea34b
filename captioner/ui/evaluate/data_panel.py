"""The data of an evaluation: data that suit the chosen captioners, or how to get such data."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import gradio as gr

from captioner.paths import DATASETS
from captioner.ui.evaluate import suited_data
from captioner.ui.shared import data_sources
from captioner.ui.shared.events import LATEST, QUIET, show_when
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData, own_data_panel
from captioner.ui.shared.permission import escape_html

SCENE_COUNT = 2000  # by default: a tenth of them is in the dev split, enough to measure with
_MINUTES = "This takes some minutes."


class DataFields(NamedTuple):
    """The components that hold the choice, and those around it."""

    names: gr.Dropdown
    data: gr.Dropdown
    scene_count: gr.Slider
    about: gr.Markdown
    own: gr.Accordion


def data_panel(controls: "EvaluateData", token: gr.Textbox) -> DataFields:
    """Adds the panel to the page."""
    known = controls.models.names()
    first, chosen = controls.first()
    names = gr.Dropdown(
        known, value=first, multiselect=True, label="Checkpoints", elem_id="evaluate-names"
    )
    data = gr.Dropdown(
        controls.own.choices(), value=chosen, label="Data", filterable=False,
        elem_id="evaluate-data",
    )  # fmt: skip
    text = escape_html(controls.about(first, chosen))
    about = gr.Markdown(text, visible=bool(text), elem_classes="about", elem_id="evaluate-about")
    own = own_data_panel(controls.own, token, data, "evaluate", is_open=chosen is None)
    low, high, step = data_sources.SCENE_COUNTS
    scene_count = gr.Slider(
        low, high, SCENE_COUNT, step=step, label="Scenes", elem_id="evaluate-count",
        visible=chosen == data_sources.SCENES,
        info="A tenth is dev, a tenth is test. Missing scenes are drawn first.",
    )  # fmt: skip
    data.change(None, data, scene_count, js=show_when(data_sources.SCENES))
    return DataFields(names, data, scene_count, about, own)


def follow_data(
    controls: "EvaluateData", fields: DataFields, view: gr.HTML, refreshed: Sequence
) -> None:
    """Adds the events that keep the data suited to the captioners, and `view` to both.

    The lists are read again after the events `refreshed`, functions that take a handler.
    """
    names, data, about = fields.names, fields.data, fields.about
    described = [names, data], [about, view]
    for listen in refreshed:
        lists = listen(controls.refresh, [names, data], [names, data], **QUIET)
        lists.then(controls.describe, *described, **QUIET)
    suited = names.change(controls.suit, [names, data], data, **LATEST)
    suited.then(controls.describe, *described, **QUIET)
    data.change(controls.describe, *described, **LATEST)


class EvaluateData:
    """Event handlers of the panel; they return updates of its components."""

    def __init__(self, models: Models, own: OwnData):
        self.models, self.own = models, own

    def first(self) -> tuple[list[str], str | None]:
        """Returns the first captioner, as a list, and data for it."""
        names = self.models.names()[:1]
        return names, self.default(names)

    def refresh(self, names: list[str] | None, data: str | None):
        """Lists what exists now, and replaces what is gone. Returns (checkpoints, data)."""
        known, choices = self.models.names(), self.own.choices()
        remaining = [name for name in names or () if name in known] or known[:1]
        available, chosen = [choice for _, choice in choices], data
        if data not in available:
            # A download that is complete by now is a folder.
            folder = str(DATASETS / (data or "").rpartition(":")[2])
            chosen = folder if folder in available else self.default(remaining)
        # An unchanged value is not sent: the visitor may have changed it in the meantime.
        new_names = {} if remaining == names else {"value": remaining}
        new_data = {} if chosen == data else {"value": chosen}
        return gr.update(choices=known, **new_names), gr.update(choices=choices, **new_data)

    def suit(self, names: list[str] | None, data: str | None):
        """Returns other data if they suit none of the captioners."""
        names = names or []
        if not names or any(suited_data.suits(trained, data) for trained in self._trained(names)):
            return gr.skip()
        return gr.update(value=self.default(names))

    def describe(self, names: list[str] | None, data: str | None):
        """Returns (description, view) of what would be evaluated on what."""
        text = self.about(names or [], data)
        about = gr.update(value=escape_html(text), visible=bool(text))
        return about, gr.update(offer=self.offer(names or [], data))

    def default(self, names: list[str]) -> str | None:
        """Returns data that suit the first captioner; None if there are none."""
        trained = next(iter(self._trained(names)), [])
        return suited_data.default_data(trained, [choice for _, choice in self.own.choices()])

    def about(self, names: list[str], data: str | None) -> str:
        """Returns what a visitor should know before the evaluation, as Markdown, or ""."""
        if not names:
            return ""
        if data is None:
            return (
                f"“{names[0]}” was trained on photos. It needs photos with references, the "
                "captions that people wrote."
            )
        lines = [data_sources.describe(data)[0]] if data_sources.is_download(data) else []
        lines += [
            suited_data.mismatch(name, trained, data)
            for name, trained in zip(names, self._trained(names), strict=True)
        ]
        return "\n\n".join(line for line in lines if line)

    def offer(self, names: list[str], data: str | None) -> dict:
        """Returns what the view offers as long as there are no results.

        {begin, hint}: the label of the button that starts, "" if data are missing, and what is
        beside it.
        """
        hint = self.about(names, data).replace("**", "").replace("\n\n", "\n")
        if not names or data is None:
            return {"begin": "", "hint": hint}
        who = f"“{names[0]}”" if len(names) == 1 else f"{len(names)} checkpoints"
        if data_sources.is_download(data):
            begin = f"Download {data_sources.name(data)} and evaluate {who}"
        else:
            on = "drawn scenes" if data == data_sources.SCENES else Path(data).name
            begin = f"Evaluate {who} on {on}"
        return {"begin": begin, "hint": hint or _MINUTES}

    def _trained(self, names: Sequence[str]) -> list[list[str]]:
        """What each captioner was trained on."""
        folders = self.models.folders()
        return [suited_data.trained_on(folders[name]) if name in folders else [] for name in names]
