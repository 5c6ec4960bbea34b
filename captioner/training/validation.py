"""How good a decoder is while it is trained: captions, scores and loss from cached features."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from captioner import decoding
from captioner.attention_maps import Geometry
from captioner.caption import Caption
from captioner.data.features import PhotoRows
from captioner.decoder import model
from captioner.decoder.inference import Compiled
from captioner.samplers import Greedy, Sampler
from captioner.training import calibration
from captioner.training.batches import CaptionBatches
from captioner.training.loss import Teaching
from captioner.training.settings import FitConfig
from captioner.vocabulary import Vocabulary

BATCH = 100  # photos
ENOUGH = 1000  # photos to see by how sure it is


class Examiner:
    """Captions photos from cached features, and judges others' captions of them; compiled once.

    It follows the weights of its decoder.
    """

    def __init__(self, decoder: model.Decoder, vocabulary: Vocabulary, geometry: Geometry):
        self.decoder, self.vocabulary, self.geometry = decoder, vocabulary, geometry
        self._compiled = Compiled(decoder)
        self._judge: Teaching | None = None

    def captions(
        self, cache: PhotoRows, photos: Sequence[Path], sampler: Sampler = Greedy()
    ) -> Iterator[Caption]:
        """Captions of photos whose features are cached, in order."""
        for first in range(0, len(photos), BATCH):
            rows = [cache.row(photo) for photo in photos[first : first + BATCH]]
            step, seen = self._compiled.step, self._compiled.see(cache.array[rows])
            yield from decoding.decode(step, seen, self.vocabulary, self.geometry, sampler)

    def loss(self, cache: PhotoRows, captions: dict[Path, list[str]]) -> float:
        """Mean over the words of captions of their negative log-probability, in nats."""
        if self._judge is None:
            plain = replace(FitConfig(), label_smoothing=0.0)
            self._judge = Teaching(self.decoder, plain)
            self._judge.compile()
        return held_out_loss(self._judge, CaptionBatches(captions, self.vocabulary, [cache]))

    def temperature(self, cache: PhotoRows, captions: dict[Path, list[str]]) -> float:
        """What `Decoder.soften` should be given for the words that people wrote to be likeliest;
        told from one caption each of the first photos."""
        some = {photo: captions[photo][:1] for photo in list(captions)[:ENOUGH]}
        logits, targets = [], []
        for batch in CaptionBatches(some, self.vocabulary, [cache]).epoch(0):
            there = batch["weights"] > 0
            logits.append(self.decoder.predict_on_batch(batch)["logits"][there])
            targets.append(batch["targets"][there])
        return calibration.temperature(np.concatenate(logits), np.concatenate(targets))


def held_out_loss(teaching: Teaching, batches: CaptionBatches) -> float:
    """Mean over all words of the batches of an epoch, in nats; nothing is learnt."""
    total = words = 0.0
    for batch in batches.epoch(0):  # Keras forgets its metrics with every batch
        count = float(batch["weights"].sum())
        total += count * teaching.test_on_batch(batch, return_dict=True)["loss_per_word"]
        words += count
    return float(total / words)
