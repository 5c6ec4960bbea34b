"""Settings of trainings: defaults, limits and help texts. Needs no TensorFlow, so that the command
line and the page show them at once."""

from dataclasses import dataclass, field, fields
from typing import get_args, get_type_hints

from captioner.decoder.designs import CELLS, DESIGNS, DecoderConfig


class SettingsError(ValueError):
    """A setting is unknown, out of its limits or in conflict with another; one sentence says so."""


def setting(default, label: str, help: str, low=None, high=None, choices: tuple = ()):
    """A field that a person may set, from `low` to `high` or one of `choices`. `label` is the
    field's standard term, `help` one sentence about it, for the command line and the page."""
    metadata = {"label": label, "help": help, "low": low, "high": high, "choices": choices}
    return field(default=default, metadata=metadata)


_STEPS = "Steps", "How many batches are trained on."
_BATCH = "Batch size"
_RATE = "Learning rate", "Its highest value, reached after the warm-up."
_WARMUP = "Warm-up steps", "Steps in which the learning rate rises to its highest value."
_WEIGHT_DECAY = "Weight decay", "How strongly AdamW pulls the weights towards 0."
_MIXED = "Mixed precision", "Compute in bfloat16 where possible; by default where that is faster."
_SEED = "Seed", "The same seed gives the same training."
_SAVE_EVERY = "Steps between saves", "A stopped training resumes from the last save."


class _Settings:
    """Raises SettingsError if a setting is out of its limits or of another type."""

    def __post_init__(self):
        types = kinds(type(self))
        for f in fields(self):
            value, limits = getattr(self, f.name), f.metadata
            if f.name not in types or (value is None and f.default is None):
                continue
            kind = types[f.name]
            right = (int, float) if kind is float else kind
            if not isinstance(value, right) or (isinstance(value, bool) and kind is not bool):
                raise SettingsError(f"{f.name} must be of type {kind.__name__}, not {value!r}.")
            low, high, choices = limits["low"], limits["high"], limits["choices"]
            if choices and value not in choices:
                raise SettingsError(f"{f.name} must be one of {', '.join(choices)}, not {value!r}.")
            if low is not None and not low <= value <= high:
                raise SettingsError(f"{f.name} must be between {low} and {high}, not {value}.")


@dataclass(frozen=True)
class FitConfig(_Settings):
    """Settings of the training of a decoder."""

    epochs: int = setting(12, "Epochs", "How often each caption is trained on.", 1, 1000)
    batch_size: int = setting(128, _BATCH, "Captions per step.", 1, 4096)
    peak_rate: float = setting(1e-3, *_RATE, 1e-6, 0.1)
    schedule: str = setting(
        "cosine",
        "Learning-rate schedule",
        "How the learning rate falls after the warm-up, if at all.",
        choices=("cosine", "constant"),
    )
    warmup: int = setting(200, *_WARMUP, 0, 100_000)
    weight_decay: float = setting(0.01, *_WEIGHT_DECAY, 0.0, 1.0)
    dropout: float = setting(
        0.3, "Dropout", "Share of activations dropped during training.", 0.0, 0.9
    )
    label_smoothing: float = setting(
        0.1, "Label smoothing", "Share of the target spread over all words.", 0.0, 0.9
    )
    doubly_stochastic: float = setting(
        0.0,
        "Attention regularisation",
        "Weight of the penalty for cells that get too little or too much attention in a caption "
        "(doubly stochastic attention).",
        0.0,
        100.0,
    )
    attention_supervision: float = setting(
        0.0,
        "Attention supervision",
        "Weight of the loss for attention outside of a noun's boxes; needs boxes.",
        0.0,
        100.0,
    )
    scheduled_sampling: float = setting(
        0.0,
        "Scheduled sampling",
        "Share of input words sampled from the decoder at the end of training.",
        0.0,
        1.0,
    )
    self_critical: bool = setting(
        False,
        "Self-critical training (SCST)",
        "Train a trained captioner on the CIDEr of its own sampled captions.",
    )
    written_weight: float = setting(
        0.2,
        "Cross-entropy weight",
        "Weight of the loss on a reference beside sampled captions; for SCST.",
        0.0,
        10.0,
    )
    balance_data_sets: bool = setting(
        False, "Balance data sets", "Show photos of small data sets more often; for SCST."
    )
    hallucination_penalty: float = setting(
        0.0,
        "Hallucination penalty",
        "Subtracted from CIDEr for each noun without an object in the photo; for SCST.",
        0.0,
        10.0,
    )
    crops: int = setting(
        0, "Random crops", "Random parts of each photo to train on as well.", 0, 100
    )
    min_count: int = setting(
        5, "Min word frequency", "Rarer words are left out of the vocabulary.", 1, 10_000
    )
    max_words: int = setting(
        0, "Vocabulary size", "Largest number of words, the most frequent; 0: no limit.", 0, 10**6
    )
    clean: bool = setting(
        False, "Clean captions", "Remove single letters and words with digits from captions."
    )
    average: int = setting(
        6, "Checkpoint averaging", "Number of last epochs whose weights are averaged.", 1, 1000
    )
    patience: int = setting(
        5,
        "Early-stopping patience",
        "Epochs without a better CIDEr before training stops; 0: it does not stop early.",
        0,
        1000,
    )
    grid_units: int = setting(
        384, "Feature size", "Size of a cell's features in the decoder.", 1, 8192
    )
    attention: int = setting(
        256,
        "Attention size",
        "Hidden size of the network that scores the cells; in a transformer, size of each head.",
        1,
        8192,
    )
    embedding: int = setting(
        256, "Word embedding size", "Size of the vector that stands for a word.", 1, 8192
    )
    units: int = setting(
        512,
        "Hidden size",
        "Size of the recurrent cell's state, its memory; in a transformer, size of its layers.",
        1,
        8192,
    )
    design: str = setting(
        "compact", "Decoder architecture", "How its layers are connected.", choices=tuple(DESIGNS)
    )
    cell: str = setting(
        "gru", "Recurrent cell", "What carries the sentence from word to word.", choices=CELLS
    )
    use_attention: bool = setting(
        True,
        "Use attention",
        "Attend to a part of the photo for every word, not to the mean of all cells.",
    )
    carry_state: bool = setting(
        True,
        "Carry state between words",
        "Pass the recurrent state from word to word; the tutorial's GRU does not.",
    )
    attention_scale: float = setting(
        1.0,
        "Attention scale",
        "Multiplies the attention scores; above 1 attention soon picks few cells.",
        0.01,
        100.0,
    )
    gate: bool = setting(
        False,
        "Gated context (beta)",
        "A learned gate says for every word how much the photo matters.",
    )
    layers: int = setting(2, "Layers", "Layers of a transformer.", 1, 48)
    heads: int = setting(
        2,
        "Attention heads",
        "Heads in each layer of a transformer: each can attend to other cells.",
        1,
        64,
    )
    positions: int = setting(
        DecoderConfig.positions,
        "Positions",
        "How many words back a transformer can attend to.",
        1,
        1000,
    )
    tune: bool = setting(
        False, "Fine-tune encoder", "Train the compact backbone as well, from pixels."
    )
    mixed: bool | None = setting(None, *_MIXED)
    seed: int = setting(0, *_SEED, 0, 2**31 - 1)
    save_every: int = setting(200, *_SAVE_EVERY, 1, 10**9)

    def __post_init__(self):
        super().__post_init__()
        try:
            DecoderConfig(vocabulary=1, channels=1, cells=1, **self.decoder)
        except ValueError as error:
            message = str(error)
            raise SettingsError(f"{message[0].upper()}{message[1:]}.") from error

    @property
    def decoder(self) -> dict:
        """The settings that are sizes of the decoder, or how it is put together."""
        names = (f.name for f in fields(DecoderConfig))
        return {name: getattr(self, name) for name in names if hasattr(self, name)}


class _CropSchedule(_Settings):
    """Small crops first, since they cost less; needs `steps`, `sizes`, `until`, `min_areas`."""

    def at(self, step: int) -> tuple[int, float]:
        """(crop size in pixels, smallest share of the photo's area) at a step."""
        stage = sum(step >= share * self.steps for share in self.until[:-1])
        return self.sizes[stage], self.min_areas[stage]


@dataclass(frozen=True)
class DistillationConfig(_CropSchedule):
    """Settings of a distillation; the bundled backbone was trained with the defaults."""

    design: str = setting(
        "inverted",
        "Architecture",
        "How the backbone's layers are connected.",
        choices=("inverted", "residual"),
    )
    apart: int = setting(
        2600,
        "Block-wise steps",
        "First steps, in which each block of the inverted design trains alone.",
        0,
        10**9,
    )
    steps: int = setting(3600, *_STEPS, 1, 10**9)
    batch_size: int = setting(48, _BATCH, "Photos per step.", 1, 4096)
    peak_rate: float = setting(2e-3, *_RATE, 1e-6, 0.1)
    warmup: int = setting(200, *_WARMUP, 0, 100_000)
    weight_decay: float = setting(0.02, *_WEIGHT_DECAY, 0.0, 1.0)
    sizes: tuple[int, ...] = (128, 160, 224)  # pixels; small crops first: they cost a third
    until: tuple[float, ...] = (0.5, 0.92, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.25, 0.25, 0.5)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, *_MIXED)
    seed: int = setting(0, *_SEED, 0, 2**31 - 1)
    save_every: int = setting(200, *_SAVE_EVERY, 1, 10**9)


@dataclass(frozen=True)
class LocalisationConfig(_CropSchedule):
    """Settings of the training that localises objects in the cells of a backbone; the bundled one
    was trained with the defaults."""

    steps: int = setting(2800, *_STEPS, 1, 10**9)
    batch_size: int = setting(32, _BATCH, "Photos per step.", 1, 4096)
    peak_rate: float = setting(3e-4, *_RATE, 1e-6, 0.1)
    warmup: int = setting(150, *_WARMUP, 0, 100_000)
    weight_decay: float = setting(0.01, *_WEIGHT_DECAY, 0.0, 1.0)
    frozen: int = setting(
        4, "Frozen blocks", "First blocks of the backbone that are not trained.", 0, 100
    )
    sizes: tuple[int, ...] = (160, 224)  # crops of about half of a photo show it at its own scale
    until: tuple[float, ...] = (0.6, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.35, 0.6)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, *_MIXED)
    seed: int = setting(0, *_SEED, 0, 2**31 - 1)
    save_every: int = setting(200, *_SAVE_EVERY, 1, 10**9)


def kinds(config: type) -> dict[str, type]:
    """Type of every setting that a person may set; bool for `bool | None`."""
    hints = get_type_hints(config)
    names = (f.name for f in fields(config) if "help" in f.metadata)
    return {name: next(iter(get_args(hints[name])), hints[name]) for name in names}


def chosen(config: type, settings: dict):
    """A `config` of these settings; one that is missing or None has its default.

    Raises:
        SettingsError: a setting is unknown, out of its limits or of another type.
    """
    known = {f.name for f in fields(config)}
    if unknown := sorted(settings.keys() - known):
        raise SettingsError(f"There is no setting '{unknown[0]}'.")
    return config(**{name: value for name, value in settings.items() if value is not None})
