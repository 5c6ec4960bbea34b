"""Validation of a decoder during training: captions, scores and loss from cached features."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from captioner import decoding
from captioner.attention_maps import Geometry
from captioner.caption import Caption
from captioner.data.cache.photo_rows import PhotoRows
from captioner.decoder import model
from captioner.decoder.inference import CompiledDecoder
from captioner.evaluation import metrics
from captioner.evaluation.pointing import pointing
from captioner.samplers import Greedy
from captioner.training import calibration
from captioner.training.input.batches import CaptionBatches
from captioner.training.input.training_data import DevSplit
from captioner.training.settings import FitConfig
from captioner.training.training_model import TrainingModel
from captioner.vocabulary import Vocabulary

BATCH = 100  # photos
CALIBRATED_ON = 1000  # photos

References = Mapping[Path, Sequence[str]]  # photo -> its captions


class Validator:
    """Captions photos from cached features and measures a decoder; follows its weights."""

    def __init__(self, decoder: model.Decoder, vocabulary: Vocabulary, geometry: Geometry):
        self.decoder, self.vocabulary, self.geometry = decoder, vocabulary, geometry
        self._compiled = CompiledDecoder(decoder)
        self._model = TrainingModel(decoder, FitConfig(label_smoothing=0.0))
        self._model.compile()

    def captions(self, rows: PhotoRows, photos: Sequence[Path]) -> Iterator[Caption]:
        """Greedy captions of photos, in order."""
        for first in range(0, len(photos), BATCH):
            grid = rows.array[[rows.row(photo) for photo in photos[first : first + BATCH]]]
            encoded = self._compiled.encode(grid)
            yield from decoding.decode(
                self._compiled.step, encoded, self.vocabulary, self.geometry, Greedy()
            )

    def loss(self, rows: PhotoRows, references: References) -> float:
        """Mean negative log-probability of the references' words, in nats."""
        return validation_loss(self._model, CaptionBatches(references, self.vocabulary, [rows]))

    def temperature(self, rows: PhotoRows, references: References) -> float:
        """The temperature at which the references are most likely, from one of each of the first
        CALIBRATED_ON photos."""
        some = {photo: references[photo][:1] for photo in list(references)[:CALIBRATED_ON]}
        logits, targets = [], []
        for batch in CaptionBatches(some, self.vocabulary, [rows]).epoch(0):
            present = batch["weights"] > 0
            logits.append(self.decoder.predict_on_batch(batch)["logits"][present])
            targets.append(batch["targets"][present])
        return calibration.temperature(np.concatenate(logits), np.concatenate(targets))

    def scores(
        self, rows: PhotoRows, references: References, splits: Mapping[str, DevSplit]
    ) -> dict[str, float]:
        """Scores of greedy captions, and of their attention where boxes are known.

        Args:
            rows: features of the photos.
            references: captions of all photos to score.
            splits: the photos by name of their data set.

        Returns:
            The scores by name. With several data sets: their means, and each as "CIDEr/NAME".
        """
        photos = list(references)
        captions = dict(zip(photos, self.captions(rows, photos), strict=True))
        scores = {
            name: _scores({photo: captions[photo] for photo in split.photos}, references, split)
            for name, split in splits.items()
        }
        if len(scores) == 1:
            return next(iter(scores.values()))
        shared = set.intersection(*(set(some) for some in scores.values()))
        means = {
            measure: sum(some[measure] for some in scores.values()) / len(scores)
            for measure in sorted(shared)
        }
        each = {f"{m}/{name}": some[m] for name, some in scores.items() for m in sorted(some)}
        return means | each


def _scores(
    captions: Mapping[Path, Caption], references: References, split: DevSplit
) -> dict[str, float]:
    texts = [caption.text for caption in captions.values()]
    scores = metrics.scores(texts, [references[photo] for photo in captions])
    grounding = split.grounding
    if grounding and grounding.boxes:
        boxes = [grounding.boxes.get(photo, []) for photo in captions]
        measures = pointing(captions.values(), boxes, grounding.nouns, grounding.complete)
        scores |= {name: measure.value for name, measure in measures.items()}
        if measures:
            scores["pointing_uniform"] = measures["pointing"].chance
    return scores


def validation_loss(training_model: TrainingModel, batches: CaptionBatches) -> float:
    """Mean loss per word over the batches of an epoch, in nats; nothing is trained."""
    total = words = 0.0
    for batch in batches.epoch(0):  # Keras resets its metrics for every batch
        count = float(batch["weights"].sum())
        total += count * training_model.test_on_batch(batch, return_dict=True)["loss_per_word"]
        words += count
    return float(total / words)
