"""The captioners of well-known tutorials and papers, each as settings of one training.

Needs no TensorFlow, so that the command line and the page can offer them at once.
"""

from dataclasses import dataclass

from captioner.training.settings import FitConfig, chosen


@dataclass(frozen=True)
class Preset:
    """A system: the network that looks, the decoder, and how it is taught."""

    title: str
    about: str  # one or two sentences for those who choose
    backbone: str
    decoder: dict  # settings that make it what it is
    teaching: dict  # and those that it was published with, which other data may not suit
    mirror: bool = False

    @property
    def settings(self) -> dict:
        """All settings that differ from the defaults, by name."""
        return self.decoder | self.teaching


# Adam as Keras has it, as long as it takes: no schedule, no weight decay, nothing held back.
_PLAIN = {
    **{"batch_size": 64, "peak_rate": 1e-3, "schedule": "constant", "warmup": 0},
    **{"weight_decay": 0.0, "label_smoothing": 0.0, "average": 1, "patience": 0},
}
_BAHDANAU = {"grid_units": 256, "attention": 512, "embedding": 256, "units": 512}

PRESETS = {
    "compact": Preset(
        "Compact",
        "The default: the bundled captioner.",
        "compact",
        {},
        {"attention_supervision": 5.0},
        True,
    ),
    "tutorial": Preset(
        "TensorFlow's tutorial",
        "InceptionV3's 8 x 8 cells, Bahdanau attention and a GRU; taught on COCO. As published its "
        "GRU forgets: turn “carry state” off to see that.",
        "inceptionv3",
        {"design": "tutorial", "max_words": 5000, "min_count": 1, "dropout": 0.0, **_BAHDANAU},
        {"epochs": 20, **_PLAIN},
    ),
    "vgg16-flickr8k": Preset(
        "VGG16 on Flickr8k",
        "The tutorial's decoder on VGG16's 7 x 7 cells, with dropout and batch norm before the "
        "last layer; captions without single letters and words with digits.",
        "vgg16",
        {
            **{"design": "vgg16-flickr8k", "max_words": 5000, "min_count": 1, "clean": True},
            **{"dropout": 0.5, **_BAHDANAU},
        },
        {"epochs": 20, **_PLAIN},
    ),
    "merge-lstm": Preset(
        "Merge, without attention",
        "InceptionV3's mean joins an LSTM's reading of the words; word vectors from GloVe, which "
        "are not trained, if their file is given.",
        "inceptionv3",
        {
            **{"design": "merge-lstm", "cell": "lstm", "use_attention": False, "min_count": 10},
            **{"dropout": 0.5, "grid_units": 256, "embedding": 200, "units": 256},
        },
        {"epochs": 20, **_PLAIN},
    ),
    "seq2seq-lstm": Preset(
        "Sequence to sequence",
        "An LSTM reads VGG16's cells in both directions, another says the words and attends.",
        "vgg16",
        {
            **{"design": "seq2seq-lstm", "cell": "lstm", "dropout": 0.3},
            **{"grid_units": 512, "attention": 256, "embedding": 256, "units": 512},
        },
        {"epochs": 20, **_PLAIN},
    ),
}


# Scenes are learnt in minutes on two cores: a smaller decoder, smaller batches, nothing to hold it
# back, and attention that decides before they are over.
FOR_SCENES = {
    **{"epochs": 7, "batch_size": 64, "peak_rate": 3e-3, "warmup": 60, "average": 3},
    **{"dropout": 0.0, "label_smoothing": 0.0, "min_count": 2},
    **{"grid_units": 256, "attention": 128, "embedding": 96, "units": 256, "attention_scale": 20.0},
}


def suited(name: str, scenes: bool) -> dict:
    """Settings of a preset, by name; on scenes it is taught as suits them."""
    return FOR_SCENES | PRESETS[name].decoder if scenes else PRESETS[name].settings


def mirrors(name: str, scenes: bool) -> bool:
    """Whether photos are shown mirrored, too. Scenes never are: what is said of them is where
    things stand."""
    return PRESETS[name].mirror and not scenes


def settings(name: str, given: dict, scenes: bool = False) -> FitConfig:
    """Those of a preset, but for what is given (a value of None is not). Raises SettingsError."""
    given = {setting: value for setting, value in given.items() if value is not None}
    return chosen(FitConfig, suited(name, scenes) | given)
