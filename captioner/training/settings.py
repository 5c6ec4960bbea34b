"""The settings of a training: defaults, limits, and what each does. Needs no TensorFlow, so that
the command line and the page can show them at once."""

from dataclasses import dataclass, field, fields
from typing import get_args, get_type_hints

from captioner.decoder.designs import CELLS, DESIGNS


class SettingsError(ValueError):
    """A setting is unknown or out of its limits; one sentence says which and how."""


def setting(default, help: str, low=None, high=None, choices: tuple = ()):
    """A field of a dataclass of settings; `help` is one line for those who choose."""
    limits = {"low": low, "high": high, "choices": choices}
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True)
class FitConfig:
    """Settings of the training of a decoder; the defaults made the bundled one."""

    epochs: int = setting(12, "How often every caption is seen.", 1, 1000)
    batch_size: int = setting(128, "Captions a step.", 1, 4096)
    peak_rate: float = setting(1e-3, "The learning rate after the warm-up.", 1e-6, 0.1)
    schedule: str = setting("cosine", "What the rate does then.", choices=("cosine", "constant"))
    warmup: int = setting(200, "Steps in which the rate rises to its peak.", 0, 100_000)
    weight_decay: float = setting(0.01, "Pulls weights towards 0 (AdamW).", 0.0, 1.0)
    dropout: float = setting(0.3, "Share of the numbers hidden while it learns.", 0.0, 0.9)
    label_smoothing: float = setting(0.1, "Share of the target given to all words.", 0.0, 0.9)
    doubly_stochastic: float = setting(
        0.0, "Penalty on cells that get too little attention or too much.", 0.0, 100.0
    )
    attention_supervision: float = setting(
        0.0,
        "Weight of a loss that draws attention into the box of what a word names, if there is one.",
        0.0,
        100.0,
    )
    scheduled_sampling: float = setting(
        0.0, "Share of the words before that are its own guesses at the end.", 0.0, 1.0
    )
    self_critical: bool = setting(
        False, "Learn from the CIDEr of its own sentences, once it has learnt from others'."
    )
    written_weight: float = setting(
        0.1, "What a caption that people wrote counts beside its own sentences.", 0.0, 10.0
    )
    hallucination_penalty: float = setting(
        0.0, "Penalty for each noun that names nothing in the photo (self-critical).", 0.0, 10.0
    )
    crops: int = setting(0, "Random crops of every photo that are looked at as well.", 0, 100)
    min_count: int = setting(5, "A word seen less often is not learnt.", 1, 10_000)
    max_words: int = setting(0, "Learn only so many words, the most frequent; 0: all.", 0, 10**6)
    clean: bool = setting(False, "Leave single letters and words with digits out of captions.")
    average: int = setting(6, "Epochs whose mean of weights is kept.", 1, 1000)
    patience: int = setting(5, "Epochs without a better CIDEr before it ends; 0: never.", 0, 1000)
    grid_units: int = setting(384, "Numbers that a cell is described by.", 1, 8192)
    attention: int = setting(256, "Units that compare a cell with what is wanted.", 1, 8192)
    embedding: int = setting(256, "Numbers that a word is described by.", 1, 8192)
    units: int = setting(512, "Units of the recurrent cell, its memory of the sentence.", 1, 8192)
    design: str = setting("compact", "How the decoder is put together.", choices=tuple(DESIGNS))
    cell: str = setting("gru", "The recurrent cell.", choices=CELLS)
    use_attention: bool = setting(
        True, "Attend to a part of the photo for every word, not to the mean of all cells."
    )
    carry_state: bool = setting(
        True, "Pass the recurrent state from word to word; the tutorial's GRU does not."
    )
    attention_scale: float = setting(
        1.0, "Multiplies the attention scores; above 1 attention soon picks few cells.", 0.01, 100.0
    )
    gate: bool = setting(False, "Let it weigh, word by word, how much what it sees counts (beta).")
    tune: bool = setting(False, "Let the compact backbone learn, too, from pixels.")
    mixed: bool | None = setting(None, "Compute in bfloat16; by default where that is faster.")
    seed: int = setting(0, "The same seed, the same training.", 0, 2**31 - 1)
    save_every: int = setting(200, "Steps after which all is saved, to go on from.", 1, 10**9)

    def __post_init__(self):
        check(self)


class _CropSchedule:
    """Small crops first: they cost less. For settings with `steps`, `sizes`, `until` and
    `min_areas`."""

    def at(self, step: int) -> tuple[int, float]:
        """(crop size, smallest area) of a step."""
        stage = sum(step >= share * self.steps for share in self.until[:-1])
        return self.sizes[stage], self.min_areas[stage]


@dataclass(frozen=True)
class DistillationConfig(_CropSchedule):
    """Settings of a distillation; with the defaults the bundled backbone was made."""

    design: str = setting(
        "inverted", "How the network is put together.", choices=("inverted", "residual")
    )
    apart: int = setting(
        2600, "First steps, in which blocks of the inverted design learn apart.", 0, 10**9
    )
    steps: int = setting(3600, "Batches in all.", 1, 10**9)
    batch_size: int = setting(48, "Photos a step.", 1, 4096)
    peak_rate: float = setting(2e-3, "The learning rate after the warm-up.", 1e-6, 0.1)
    warmup: int = setting(200, "Steps in which the rate rises to its peak.", 0, 100_000)
    weight_decay: float = setting(0.02, "Pulls weights towards 0 (AdamW).", 0.0, 1.0)
    sizes: tuple[int, ...] = (128, 160, 224)  # small crops first: they cost a third
    until: tuple[float, ...] = (0.5, 0.92, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.25, 0.25, 0.5)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, "Compute in bfloat16; by default where that is faster.")
    seed: int = setting(0, "The same seed, the same training.", 0, 2**31 - 1)
    save_every: int = setting(200, "Steps after which all is saved, to go on from.", 1, 10**9)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class LocalisationConfig(_CropSchedule):
    """Settings of teaching a backbone what lies in its cells; the bundled one was made by them."""

    steps: int = setting(2800, "Batches in all.", 1, 10**9)
    batch_size: int = setting(32, "Photos a step.", 1, 4096)
    peak_rate: float = setting(3e-4, "The learning rate after the warm-up.", 1e-6, 0.1)
    warmup: int = setting(150, "Steps in which the rate rises to its peak.", 0, 100_000)
    weight_decay: float = setting(0.01, "Pulls weights towards 0 (AdamW).", 0.0, 1.0)
    frozen: int = setting(4, "First blocks that keep their weights.", 0, 100)
    sizes: tuple[int, ...] = (160, 224)  # crops of about half of a photo show it at its own scale
    until: tuple[float, ...] = (0.6, 1.0)  # share of the steps at which each size ends
    min_areas: tuple[float, ...] = (0.35, 0.6)  # smallest crop; the app shows whole photos
    mixed: bool | None = setting(None, "Compute in bfloat16; by default where that is faster.")
    seed: int = setting(0, "The same seed, the same training.", 0, 2**31 - 1)
    save_every: int = setting(200, "Steps after which all is saved, to go on from.", 1, 10**9)

    def __post_init__(self):
        check(self)


def kinds(config: type) -> dict[str, type]:
    """Type of every setting that a person may choose; `bool | None` counts as bool."""
    hints = get_type_hints(config)
    chosen = (f.name for f in fields(config) if "help" in f.metadata)
    return {name: next(iter(get_args(hints[name])), hints[name]) for name in chosen}


def chosen(config: type, settings: dict):
    """A `config` with the defaults where a setting is missing or None.

    Raises SettingsError for a setting that is unknown, out of its limits or of another type.
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
        if "help" not in limits or (value is None and f.default is None):
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
