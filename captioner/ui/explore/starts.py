"""Three comparisons to start with: buttons that set the controls of both captions."""

import gradio as gr

from captioner.paths import BUNDLED
from captioner.ui.shared.models import Models

TRANSFORMER = "transformer"  # the bundled captioner of another kind


def start_buttons(models: Models) -> list[tuple[gr.Button, list[str]]]:
    """Adds the buttons to the page that is being built.

    Returns:
        Each button with the values that it sets: model and sampler of the first caption, then those
        of the second.
    """
    first, names = models.names()[0], models.names()
    starts = {
        "Greedy beside sampling": [first, "greedy", first, "sampling"],
        "Greedy beside beam search": [first, "greedy", first, "beam"],
    }
    if {BUNDLED.name, TRANSFORMER} <= set(names):
        label = "GRU with Bahdanau attention beside Transformer"
        starts = {label: [BUNDLED.name, "greedy", TRANSFORMER, "greedy"], **starts}
    with gr.Column(elem_id="starts"):
        gr.Markdown("Start with")
        return [(gr.Button(text, size="sm"), values) for text, values in starts.items()]
