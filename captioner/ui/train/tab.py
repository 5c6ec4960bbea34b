"""The Train tab: panels for the data, the settings, the cached features and the runs."""

import gradio as gr

from captioner.paths import RUNS
from captioner.training.runs.run import Runs
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import disable, token_field
from captioner.ui.train.data_panel import DataControls, data_panel
from captioner.ui.train.run_panel import RunControls, run_panel
from captioner.ui.train.settings_panel import SettingsControls, settings_panel
from captioner.ui.train.stored_features import StoredFeatures, stored_features


def train_tab(
    tab: gr.Tab,
    others: list[gr.Tab],
    models: Models,
    own: OwnData,
    explorer: list[gr.blocks.Block],
) -> None:
    """Adds the panels to the page, which is being built.

    The view of a run is not updated while one of the `others` is open. `own` has the data to choose
    from. `explorer`, [tabs, model, photo], opens a trained captioner in the Explore tab.
    """
    runs, data, permission = Runs(RUNS), DataControls(own), own.permission
    with gr.Row(elem_id="train"):
        left, right = gr.Column(elem_id="recipe"), gr.Column(elem_id="watched")
    with left:
        token = token_field(permission, "train")
        fields = data_panel(tab, data, token)
    with right:
        run, view = run_panel(tab, others, RunControls(runs, models, permission), token, explorer)
    with left:
        estimate = settings_panel(
            tab, SettingsControls(runs, models, permission, data), token, fields, run, view
        )
        stored_features(tab, StoredFeatures(runs, permission), token, view, estimate)
    if not permission.possible:
        disable(left)
