"""How decoders are put together: ours, and those of the tutorials and papers that we compare with.

Needs no TensorFlow, so that the command line and the page can offer them at once.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Design:
    """The parts of a decoder that are no sizes. The defaults are ours."""

    # Cells go through a dense layer each, or through an LSTM that reads them in both directions.
    bidirectional: bool = False
    # Where the photo enters: beside every word, or only where the next word is chosen.
    merges: bool = False
    first_state: bool = True  # the recurrent state begins with the photo's mean; else with zeros
    # The query of attention holds the word just said: without it the map lags one word behind.
    word_in_query: bool = True
    biased_attention: bool = False
    # What the last hidden layer sees: the state alone, or the context, too.
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
}
CELLS = ("gru", "lstm")
