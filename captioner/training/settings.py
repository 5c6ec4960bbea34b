"""Settings of trainings: defaults, limits and help texts. Needs no TensorFlow, so that the command
line and the page show them at once."""

from dataclasses import dataclass, field, fields
from typing import get_args, get_type_hints

from captioner.decoder.designs import CELLS, DESIGNS


class SettingsError(ValueError):
    """A setting is unknown, out of its limits or in conflict with another; one sentence says so."""


def setting(default, help: str, low=None, high=None, choices: tuple = ()):
    """A field that a person may set, from `low` to `high` or one of `choices`; `help` is one
    sentence for the command line and the page."""
    limits = {"low": low, "high": high, "choices": choices}
    return field(default=default, metadata={"help": help, **limits})


_PEAK_RATE = "Learning rate at its peak, after warm-up."
_WARMUP = "Steps in which the learning rate rises to its peak."
_WEIGHT_DECAY = "Weight decay of AdamW."
_MIXED = "Compute in bfloat16 mixed precision; by default where that is faster."
_SEED = "Seed of all random numbers: the same seed gives the same training."
_SAVE_EVERY = "Steps between two saved states, from which a training is resumed."


class _Settings:
    """Base class: checks the settings."""

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class FitConfig(_Settings):
    """Settings of the training of a decoder."""

    epochs: int = setting(12, "Epochs: how often each caption is trained on.", 1, 1000)
    batch_size: int = setting(128, "Captions per step.", 1, 4096)
    peak_rate: float = setting(1e-3, _PEAK_RATE, 1e-6, 0.1)
    schedule: str = setting("cosine", "Rate after the peak.", choices=("cosine", "constant"))
    warmup: int = setting(200, _WARMUP, 0, 100_000)
    weight_decay: float = setting(0.01, _WEIGHT_DECAY, 0.0, 1.0)
    dropout: float = setting(0.3, "Share of activations dropped during training.", 0.0, 0.9)
    label_smoothing: float = setting(0.1, "Share of the target spread over all words.", 0.0, 0.9)
    doubly_stochastic: float = setting(
        0.0, "Weight of the penalty for uneven attention over the cells.", 0.0, 100.0
    )
    attention_supervision: float = setting(
        0.0, "Weight of the loss for attention outside of a noun's boxes; needs boxes.", 0.0, 100.0
    )
    scheduled_sampling: float = setting(
        0.0, "Share of input words sampled from the decoder at the end of training.", 0.0, 1.0
    )
    self_critical: bool = setting(
        False, "Train a trained captioner on the CIDEr of its own sampled captions."
    )
    written_weight: float = setting(
        0.1, "Weight of a reference beside sampled captions (self-critical).", 0.0, 10.0
    )
    balance_data_sets: bool = setting(
        False, "Show photos of small data sets more often (self-critical training)."
    )
    hallucination_penalty: float = setting(
        0.0, "Penalty per noun without an object in the photo (self-critical, boxes).", 0.0, 10.0
    )
    crops: int = setting(0, "Random crops of each photo to train on as well.", 0, 100)
    min_count: int = setting(5, "Least count of a word to enter the vocabulary.", 1, 10_000)
    max_words: int = setting(0, "Largest size of the vocabulary; 0 for no limit.", 0, 10**6)
    clean: bool = setting(False, "Remove single letters and words with digits from captions.")
    average: int = setting(6, "Epochs whose weights are averaged; not if tuning.", 1, 1000)
    patience: int = setting(5, "Early stopping: epochs without a better CIDEr; 0: off.", 0, 1000)
    grid_units: int = setting(384, "Size of a cell's features in the decoder.", 1, 8192)
    attention: int = setting(256, "Hidden size of the attention.", 1, 8192)
    embedding: int = setting(256, "Size of a word's embedding.", 1, 8192)
    units: int = setting(512, "Hidden size of the recurrent cell.", 1, 8192)
    design: str = setting("compact", "Architecture of the decoder.", choices=tuple(DESIGNS))
    cell: str = setting("gru", "Type of the recurrent cell.", choices=CELLS)
    use_attention: bool = setting(
        True, "Attend to a part of the photo for every word, not to the mean of all cells."
    )
    carry_state: bool = setting(
        True, "Pass the recurrent state from word to word; the tutorial's GRU does not."
    )
    attention_scale: float = setting(
        1.0, "Multiplies the attention scores; above 1 attention soon picks few cells.", 0.01, 100.0
    )
    gate: bool = setting(False, "Scale the context of every word by a learned gate (beta).")
    tune: bool = setting(False, "Train the compact backbone as well, from pixels.")
    mixed: bool | None = setting(None, _MIXED)
    seed: int = setting(0, _SEED, 0, 2**31 - 1)
    save_every: int = setting(200, _SAVE_EVERY, 1, 10**9)


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
        "inverted", "Architecture of the backbone.", choices=("inverted", "residual")
    )
    apart: int = setting(
        2600, "First steps, in which the blocks of the inverted design train apart.", 0, 10**9
    )
    steps: int = setting(3600, "Steps of the training.", 1, 10**9)
    batch_size: int = setting(48, "Photos per step.", 1, 4096)
    peak_rate: float = setting(2e-3, _PEAK_RATE, 1e-6, 0.1)
    warmup: int = setting(200, _WARMUP, 0, 100_000)
    weight_decay: float = setting(0.02, _WEIGHT_DECAY, 0.0, 1.0)
    sizes: tuple[int, ...] = (128, 160, 224)  # pixels; small crops first: they cost a third
    until: tuple[float, ...] = (0.5, 0.92, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.25, 0.25, 0.5)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, _MIXED)
    seed: int = setting(0, _SEED, 0, 2**31 - 1)
    save_every: int = setting(200, _SAVE_EVERY, 1, 10**9)


@dataclass(frozen=True)
class LocalisationConfig(_CropSchedule):
    """Settings of the training that localises objects in the cells of a backbone; the bundled one
    was trained with the defaults."""

    steps: int = setting(2800, "Steps of the training.", 1, 10**9)
    batch_size: int = setting(32, "Photos per step.", 1, 4096)
    peak_rate: float = setting(3e-4, _PEAK_RATE, 1e-6, 0.1)
    warmup: int = setting(150, _WARMUP, 0, 100_000)
    weight_decay: float = setting(0.01, _WEIGHT_DECAY, 0.0, 1.0)
    frozen: int = setting(4, "First blocks of the backbone that are not trained.", 0, 100)
    sizes: tuple[int, ...] = (160, 224)  # crops of about half of a photo show it at its own scale
    until: tuple[float, ...] = (0.6, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.35, 0.6)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, _MIXED)
    seed: int = setting(0, _SEED, 0, 2**31 - 1)
    save_every: int = setting(200, _SAVE_EVERY, 1, 10**9)


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


def check(config) -> None:
    """Raises SettingsError if a setting is out of its limits or of another type."""
    types = kinds(type(config))
    for f in fields(config):
        value, limits = getattr(config, f.name), f.metadata
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
