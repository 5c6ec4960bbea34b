"""The photos and captions of a training, and which settings they leave without effect."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from captioner.backbones.backbone import Backbone
from captioner.data.cache import features
from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.datasets import Dataset, DatasetError
from captioner.data.grounding import Grounding
from captioner.data.photo_captions import CaptionsOf, NumberedCaptions
from captioner.files import json_hash
from captioner.training.settings import FitConfig
from captioner.vocabulary import Vocabulary


class DevSplit(NamedTuple):
    """The photos of a data set that are scored, and the objects in them if known."""

    photos: Sequence[Path]
    grounding: Grounding | None


@dataclass(frozen=True)
class TrainingData:
    """The photos and captions of a training."""

    dataset: Dataset  # of several, all their photos
    vocabulary: Vocabulary
    train: Sequence[PhotoRows]  # features, or pixels to tune the backbone, one for each view
    dev: PhotoRows
    scored: Mapping[str, DevSplit]  # by data set
    word_vectors: np.ndarray | None = None  # (V, E), not trained
    data_sets: Sequence[Sequence[Path]] = ()  # photos to train on of each data set
    groundings: Mapping[str, Grounding] = field(default_factory=dict)  # of train, by data set
    numbered: NumberedCaptions | None = None  # the captions to train on, if they were split

    def captions(self) -> NumberedCaptions:
        """The captions to train on."""
        if self.numbered is not None:
            return self.numbered
        return NumberedCaptions(split_captions(self.dataset, "train"), self.vocabulary.clean)

    def dev_splits(self) -> dict[str, DevSplit]:
        """The photos to score that can be read, by data set.

        Raises:
            DatasetError: a data set has none.
        """
        splits = {
            name: DevSplit(list(itertools.compress(photos, self.dev.find(photos) >= 0)), grounding)
            for name, (photos, grounding) in self.scored.items()
        }
        if not all(split.photos for split in splits.values()):
            raise DatasetError("No photo of the dev split can be read, so nothing can be scored.")
        return splits

    def facts(self, backbone: Backbone, config: FitConfig, steps: Sequence[int]) -> dict[str, str]:
        """Hashes of what several workers must have in common; `steps` of each epoch."""
        captions = hashlib.blake2b(json.dumps(self.vocabulary.words).encode(), digest_size=12)
        for photo, texts in split_captions(self.dataset, "train").items():
            for text in (photo.name, *texts):
                captions.update(text.encode(errors="surrogatepass"))
        return {
            "settings": json_hash(asdict(config)),
            "backbones": features.fingerprint(backbone),
            "captions": captions.hexdigest(),
            "readable photos": json_hash(list(steps)),
        }


def split_captions(dataset: Dataset, split: str) -> Mapping[Path, list[str]]:
    """The captions of the photos of one split."""
    return CaptionsOf(dataset.captions, dataset.split(split))


def without_effect(data: TrainingData, config: FitConfig, use_attention: bool) -> Iterator[str]:
    """A sentence for every setting that has no effect in this training."""
    for name in ("attention_supervision", "doubly_stochastic"):
        if getattr(config, name) and not use_attention:
            yield f"{name} has no effect: this decoder has no attention."
    for name in ("hallucination_penalty", "balance_data_sets"):
        if getattr(config, name) and not config.self_critical:
            yield f"{name} has no effect: it needs self_critical."
    if config.balance_data_sets and len(data.data_sets) < 2:
        yield "balance_data_sets has no effect: there is one data set."
    useless = [
        name
        for name, grounding in data.groundings.items()
        if not any(grounding.nouns.get(w) in grounding.categories for w in data.vocabulary.words)
    ]
    where = f" on {' and '.join(useless)}" if len(useless) < len(data.groundings) else ""
    for name, used in (
        ("attention_supervision", config.attention_supervision and use_attention),
        ("hallucination_penalty", config.hallucination_penalty and config.self_critical),
    ):
        if used and (useless or not data.groundings):
            yield (
                f"{name} has no effect{where}: no words of the captions have boxes in the "
                "training photos (annotations/instances_train*.json)."
            )
