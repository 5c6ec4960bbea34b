"""How decoders are put together: ours, and those of the tutorials and papers that we compare with.

Needs no TensorFlow, so that the command line and the page can offer them at once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from captioner.decoding import MAX_WORDS


@dataclass(frozen=True)
class Design:
    """The structure of a decoder apart from its sizes. The defaults are ours; all but the first are
    of recurrent decoders."""

    transformer: bool = False  # see `transformer`; else a recurrent cell, see `recurrent`
    # Each cell goes through a dense layer, or all cells through an LSTM that reads them both ways.
    bidirectional: bool = False
    # The photo enters the recurrent cell with every word, or only where the next word is chosen.
    merges: bool = False
    first_state: bool = True  # the recurrent state starts from the photo's mean, else from zeros
    # The attention query includes the previous word: without it the map lags one word behind.
    word_in_query: bool = True
    biased_attention: bool = False
    # The last hidden layer reads the state and the context, or the state alone.
    context_in_hidden: bool = True
    hidden_activation: str | None = "relu"
    normalised: bool = False  # batch norm before the last layer
    dropped: tuple[str, ...] = ("grid", "embedding", "hidden")  # where dropout acts


_TUTORIAL = {
    "first_state": False,
    "word_in_query": False,
    "biased_attention": True,
    "context_in_hidden": False,
    "hidden_activation": None,
}

DESIGNS = {
    "compact": Design(),
    "tutorial": Design(dropped=(), **_TUTORIAL),
    "vgg16-flickr8k": Design(
        normalised=True,
        dropped=("hidden",),
        **_TUTORIAL,
    ),
    "merge-lstm": Design(  # Tanti et al. 2018, arXiv:1703.09137
        merges=True,
        first_state=False,
        dropped=("grid", "embedding"),
    ),
    "seq2seq-lstm": Design(bidirectional=True),
    "transformer": Design(transformer=True),
}
CELLS = ("gru", "lstm")

# Settings that had another name when older checkpoints and runs were saved.
RENAMED = {
    "attends": "use_attention",
    "remembers": "carry_state",
    "sharpness": "attention_scale",
}


def current_names(settings: Mapping) -> dict:
    """Saved settings of a decoder or of its training, under the names that they have today."""
    return {RENAMED.get(name, name): value for name, value in settings.items()}


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder and how it is put together. A transformer uses neither `grid_units` nor
    `cell`; a recurrent decoder has no `layers`, `heads` and `positions`.

    Raises:
        ValueError: The design or the cell is unknown, or sizes do not fit together.
    """

    vocabulary: int  # V
    channels: int  # D
    cells: int  # L
    grid_units: int = 384  # G, the size of a projected cell and of the context
    # A, of a transformer the size of a head. Else the tanh over L x A values is the most expensive
    # part of a step.
    attention: int = 256
    embedding: int = 256  # E
    units: int = 512  # U
    dropout: float = 0.0  # where the design has it, while training
    design: str = "compact"  # one of DESIGNS
    cell: str = "gru"  # or "lstm"
    use_attention: bool = True  # else the context is the mean of all cells, for every word
    carry_state: bool = True  # else each word starts empty, see `RecurrentDecoder.step`
    attention_scale: float = 1.0  # multiplies the attention energies of the cells
    gate: bool = False  # scale the context by beta of Show, Attend and Tell (section 4.2.1)
    layers: int = 2
    heads: int = 2  # of each layer
    positions: int = MAX_WORDS  # words that self-attention reaches back, with this one

    def __post_init__(self):
        if (design := DESIGNS.get(self.design)) is None:
            raise ValueError(f"there is no design '{self.design}'")
        if self.cell not in CELLS:
            raise ValueError(f"there is no recurrent cell '{self.cell}'")
        if design.bidirectional and self.grid_units % 2:
            raise ValueError("grid_units must be even: half of them for each direction")
        if design.merges and self.grid_units != self.units:
            raise ValueError(
                f"in the design {self.design} features are as large as hidden states: grid_units "
                "and units must be the same"
            )
        if design.transformer:
            if self.embedding != self.units:
                raise ValueError(
                    f"in the design {self.design} word embeddings are as large as hidden states: "
                    "embedding and units must be the same"
                )
            if not self.use_attention or not self.carry_state or self.gate:
                raise ValueError(
                    f"the design {self.design} always has attention and memory, and no gate: "
                    "use_attention and carry_state must be on, and gate must be off"
                )

    @property
    def state(self) -> int:
        """S of a recurrent decoder."""
        return self.units * (2 if self.cell == "lstm" else 1)

    @classmethod
    def from_json(cls, settings: Mapping) -> "DecoderConfig":
        """Reads what `to_json` wrote, also with the names of older versions."""
        return cls(**current_names(settings))

    def to_json(self) -> dict:
        return asdict(self)
