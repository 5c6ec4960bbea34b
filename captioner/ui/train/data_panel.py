"""The data panel of the Train tab: what to train on."""

from typing import NamedTuple

import gradio as gr

from captioner.ui.shared import data_sources
from captioner.ui.shared.events import LATEST, QUIET
from captioner.ui.shared.own_data import OwnData, own_data_panel
from captioner.ui.shared.permission import escape_html
from captioner.ui.train.data_choice import ALL, DataChoice

_ALL = ("All (mean score)", ALL)


class DataFields(NamedTuple):
    """The components that hold the choice of data."""

    first: gr.Dropdown
    more: gr.Dropdown
    scored: gr.Dropdown
    scene_count: gr.Slider


def data_panel(tab: gr.Tab, controls: "DataControls", token: gr.Textbox) -> DataFields:
    """Adds the panel with its events to the page."""
    with gr.Column(elem_classes="card"):
        gr.Markdown("### Data")
        first = gr.Dropdown(
            data_sources.choices(), value=data_sources.SCENES, label="Train on", filterable=False,
            elem_id="data",
        )  # fmt: skip
        low, high, step = data_sources.SCENE_COUNTS
        scene_count = gr.Slider(
            low, high, data_sources.SCENE_COUNT, step=step, label="Scenes", elem_id="count",
            info="More scenes give better captions and take longer.",
        )  # fmt: skip
        more = gr.Dropdown(
            [], value=[], multiselect=True, label="Also train on", visible=False,
            elem_id="more-data", info="Scenes together with photos use the settings for photos.",
        )  # fmt: skip
        scored = gr.Dropdown(
            [_ALL], value=ALL, label="Validate on", filterable=False, visible=False,
            elem_id="scored", info="The best epoch is chosen by the scores on these data.",
        )  # fmt: skip
        about = gr.Markdown(elem_classes="about")
        # Not visible until the tab is opened: Gradio loads a video player with it.
        examples = gr.Gallery(
            visible=False,
            columns=4, rows=2, height="auto", object_fit="cover", show_label=False,
            interactive=False, preview=False, buttons=[], elem_id="data-examples",
        )  # fmt: skip
        own_data_panel(controls.own, token, first, "data")

    # The data are described when the tab is opened, not while the page loads.
    tab.select(controls.refresh, None, first, **QUIET)
    gr.on([tab.select, first.change], controls.offer_more, [first, more], more, **LATEST)
    gr.on(
        [tab.select, first.change, more.change],
        controls.describe,
        [first, more, scored],
        [about, examples, scene_count, scored],
        **LATEST,
    )
    return DataFields(first, more, scored, scene_count)


class DataControls:
    """Event handlers of the panel; they return updates of its components."""

    def __init__(self, own: OwnData):
        self.own = own

    def chosen(self, first: str, more, scene_count: float = data_sources.SCENE_COUNT) -> DataChoice:
        """Returns the chosen data.

        Raises:
            ValueError: on a public host, a folder was named that is not in the lists.
        """
        data = DataChoice.from_controls(first, more, scene_count)
        if self.own.permission.public:
            listed = [choice for _, choice in data_sources.choices()]
            local = [choice for _, choice in data_sources.local()]
            if first not in listed or any(folder not in local for folder in data.more):
                raise ValueError("Choose data from the list.")
        return data

    def refresh(self):
        """Lists the data sets that exist now."""
        return gr.update(choices=self.own.choices())

    def offer_more(self, first: str, more: list[str] | None):
        """Lists the data sets that can be added to the first one."""
        choices = [*data_sources.local(), *self.own.folders]
        choices = [(label, folder) for label, folder in choices if folder != first]
        folders = [folder for _, folder in choices]
        remaining = [folder for folder in more or () if folder in folders]
        # An unchanged value is not sent: the visitor may have changed it in the meantime.
        value = {} if remaining == (more or []) else {"value": remaining}
        return gr.update(choices=choices, visible=bool(choices), **value)

    def describe(self, first: str, more: list[str] | None = None, scored: str = ALL):
        """Returns (description, examples, scene count, validation data)."""
        slider = gr.update(visible=first == data_sources.SCENES)
        try:
            data = self.chosen(first, more)
            text, examples = data.describe()
            choices = [_ALL, *data.names()]
        except (ValueError, OSError) as error:
            hidden = gr.update(value=[], visible=False), slider, gr.update(value=ALL, visible=False)
            return escape_html(str(error)), *hidden
        # An unchanged value is not sent, as above.
        value = {} if scored in (ALL, *data.all) else {"value": ALL}
        scores = gr.update(choices=choices, visible=bool(data.more), **value)
        return text, gr.update(value=examples, visible=bool(examples)), slider, scores
