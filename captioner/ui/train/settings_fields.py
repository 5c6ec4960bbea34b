"""The settings of a training as fields of the page: a few in view, the others folded in groups."""

from functools import partial

import gradio as gr

from captioner.training.settings import FitConfig, kinds

FIRST = ("epochs", "batch_size", "peak_rate", "dropout")  # always in view
GROUPS = {  # what matters most comes first
    "Data": ("min_count", "max_words", "clean", "crops", "balance_data_sets"),
    "Encoder": ("tune",),
    "Decoder": (
        *("units", "embedding", "attention", "grid_units", "cell", "use_attention"),
        *("attention_scale", "gate", "carry_state", "design", "layers", "heads", "positions"),
    ),
    "Optimisation": (
        *("patience", "average", "schedule", "warmup", "scheduled_sampling"),
        *("self_critical", "written_weight", "hallucination_penalty"),
    ),
    "Regularisation": (
        *("label_smoothing", "weight_decay", "attention_supervision", "doubly_stochastic"),
    ),
    "Run": ("seed", "save_every", "mixed"),
}
AUTOMATIC = {"automatic": None, "yes": True, "no": False}  # for a bool that may be None

dropdown = partial(gr.Dropdown, filterable=False)


def first_fields(values: dict) -> dict[str, gr.components.Component]:
    """Adds the fields of FIRST to the page, and returns them by name of the setting.

    Args:
        values: that differ from the defaults.
    """
    with gr.Row(elem_id="first-settings"):
        return {name: _field(name, values) for name in FIRST}


def group_fields(
    values: dict, public: bool
) -> tuple[dict[str, gr.components.Component], gr.Textbox, gr.Dropdown]:
    """Adds the groups to the page.

    Args:
        values: that differ from the defaults.
        public: whether files of this machine must not be named.

    Returns:
        (fields by name of the setting, word vectors, device).
    """
    fields = {}
    with gr.Column(elem_id="groups"):
        for title, names in GROUPS.items():
            with gr.Accordion(title, open=False, elem_classes="group"):
                if title == "Run":
                    device = dropdown(
                        [("automatic", "auto"), ("CPU only", "cpu")], value="auto", label="Device",
                        info="A GPU is used if there is one.", elem_id="device",
                    )  # fmt: skip
                fields |= {name: _field(name, values) for name in names}
                if title == "Decoder":
                    vectors = gr.Textbox(
                        label="Word vectors", placeholder="/home/me/glove.6B.200d.txt",
                        visible=not public, info="A GloVe file. Its vectors are not trained.",
                        elem_id="vectors",
                    )  # fmt: skip
    return fields, vectors, device


def _field(name: str, values: dict) -> gr.components.Component:
    """The field of a setting; its type, limits, label and help are those of FitConfig."""
    kind, field = kinds(FitConfig)[name], FitConfig.__dataclass_fields__[name]
    value = values.get(name, field.default)
    shared = {
        "label": field.metadata["label"],
        "info": field.metadata["help"],
        "elem_id": f"fit-{name}",
    }
    if choices := field.metadata["choices"]:
        return dropdown(list(choices), value=value, **shared)
    if kind is bool and field.default is None:
        return dropdown(list(AUTOMATIC), value="automatic", **shared)
    if kind is bool:
        return gr.Checkbox(value=value, **shared)
    limits = {"minimum": field.metadata["low"], "maximum": field.metadata["high"]}
    return gr.Number(value=value, precision=0 if kind is int else None, **limits, **shared)
