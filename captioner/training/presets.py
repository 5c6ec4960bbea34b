"""Presets: the captioners of well-known tutorials and papers, as settings of a training.

To add one, add a `Preset` to PRESETS; command line, Train tab and tests find it there. A decoder of
another structure is a new `Design` in `captioner.decoder.designs`. Needs no TensorFlow.
"""

from dataclasses import dataclass

from captioner.training.settings import FitConfig, chosen


@dataclass(frozen=True)
class Preset:
    """A captioner: its backbone, its decoder and how it is trained."""

    title: str
    about: str  # one or two sentences for the page
    backbone: str
    decoder: dict  # settings that define it
    training: dict  # settings that it was published with; scenes have others
    mirror: bool = False  # train on mirrored photos, too

    @property
    def settings(self) -> dict:
        """All settings that differ from the defaults."""
        return self.decoder | self.training


# Adam with the defaults of Keras: no schedule, no weight decay, no early stopping.
_PLAIN = {
    **{"batch_size": 64, "peak_rate": 1e-3, "schedule": "constant", "warmup": 0},
    **{"weight_decay": 0.0, "label_smoothing": 0.0, "average": 1, "patience": 0},
}
_BAHDANAU = {"grid_units": 256, "attention": 512, "embedding": 256, "units": 512}

PRESETS = {
    "compact": Preset(
        "Compact",
        "As the bundled captioner. Attention is supervised if the data have boxes.",
        "compact",
        {},
        {"attention_supervision": 5.0},
        True,
    ),
    "tutorial": Preset(
        "TensorFlow's tutorial",
        "InceptionV3 with 8 x 8 cells, Bahdanau attention and a GRU; published for COCO. The "
        "published GRU forgets its state: switch “Carry state between words” off to see that.",
        "inceptionv3",
        {"design": "tutorial", "max_words": 5000, "min_count": 1, "dropout": 0.0, **_BAHDANAU},
        {"epochs": 20, **_PLAIN},
    ),
    "vgg16-flickr8k": Preset(
        "VGG16 on Flickr8k",
        "The tutorial's decoder on VGG16 with 7 x 7 cells, with dropout and batch norm before the "
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
        "The mean of InceptionV3's cells is added to the output of an LSTM over the words; GloVe "
        "word vectors can be given and are not trained.",
        "inceptionv3",
        {
            **{"design": "merge-lstm", "cell": "lstm", "use_attention": False, "min_count": 10},
            **{"dropout": 0.5, "grid_units": 256, "embedding": 200, "units": 256},
        },
        {"epochs": 20, **_PLAIN},
    ),
    "seq2seq-lstm": Preset(
        "Sequence to sequence",
        "A bidirectional LSTM encodes VGG16's cells; another LSTM with attention writes the words.",
        "vgg16",
        {
            **{"design": "seq2seq-lstm", "cell": "lstm", "dropout": 0.3},
            **{"grid_units": 512, "attention": 256, "embedding": 256, "units": 512},
        },
        {"epochs": 20, **_PLAIN},
    ),
    "transformer-flickr8k": Preset(
        "TensorFlow's tutorial of today: transformer",
        "MobileNetV3Small with 7 x 7 cells and two layers of self-attention and cross-attention, "
        "each with two heads; published for Flickr8k.",
        "mobilenetv3-small",
        {
            **{"design": "transformer", "layers": 2, "heads": 2, "positions": 50},
            **{"attention": 256, "embedding": 256, "units": 256, "attention_scale": 1.0},
            **{"dropout": 0.5, "max_words": 5000, "min_count": 1},
        },
        {"epochs": 11, **_PLAIN, "batch_size": 32, "peak_rate": 1e-4},
    ),
}


# Scenes train in minutes on two cores: a smaller decoder, smaller batches, no regularisation, and
# attention that soon picks few cells.
FOR_SCENES = {
    **{"epochs": 7, "batch_size": 64, "peak_rate": 3e-3, "warmup": 60, "average": 3},
    **{"dropout": 0.0, "label_smoothing": 0.0, "min_count": 2},
    **{"grid_units": 256, "attention": 128, "embedding": 96, "units": 256, "attention_scale": 20.0},
}


def suited(name: str, scenes: bool) -> dict:
    """Settings of a preset that differ from the defaults; scenes have a training of their own."""
    return FOR_SCENES | PRESETS[name].decoder if scenes else PRESETS[name].settings


def mirrors(name: str, scenes: bool) -> bool:
    """Whether to train on mirrored photos. Scenes are not mirrored: captions say what is where."""
    return PRESETS[name].mirror and not scenes


def settings(name: str, changes: dict, scenes: bool = False) -> FitConfig:
    """The settings of a preset with changes; a change to None is none.

    Raises:
        SettingsError: a setting is unknown, out of its limits or of another type.
    """
    changes = {setting: value for setting, value in changes.items() if value is not None}
    return chosen(FitConfig, suited(name, scenes) | changes)
