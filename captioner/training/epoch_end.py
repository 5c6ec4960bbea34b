"""What follows every epoch of a training: scores of the dev split, checkpoints, snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from captioner import checkpoints, decoding
from captioner.backbones.backbone import Backbone
from captioner.data.cache.photo_rows import JoinedRows, PhotoRows, RowNames, row_names
from captioner.training import calibration, training_model
from captioner.training.input.training_data import DevSplit, TrainingData
from captioner.training.runs import snapshots
from captioner.training.runs.journal import Journal
from captioner.training.settings import FitConfig
from captioner.training.validation import Validator

BATCH = 50  # photos whose features are computed at once


@dataclass
class Progress:
    """How far a training is; saved with its state."""

    step: int = 0
    epoch: int = 0  # that are finished
    best: float | None = None  # CIDEr
    best_epoch: int = 0

    def is_finished(self, config: FitConfig) -> bool:
        """Whether all epochs are done, or the last ones brought no better CIDEr."""
        stalled = 0 < config.patience <= self.epoch - self.best_epoch
        return self.epoch >= config.epochs or stalled


@dataclass(frozen=True)
class EpochEnd:
    """Scores, checkpoints and snapshots of a training."""

    data: TrainingData
    backbone: Backbone
    out: Path
    config: FitConfig
    record: dict
    journal: Journal
    trained: training_model.TrainingModel
    validator: Validator
    splits: Mapping[str, DevSplit]

    @property
    def references(self) -> dict[Path, list[str]]:
        """The captions of all photos to score."""
        captions = self.data.dataset.captions
        return {photo: captions[photo] for split in self.splits.values() for photo in split.photos}

    @property
    def photos(self) -> list[Path]:
        """The photos of the snapshots."""
        return snapshots.choose(list(self.references))

    def save_photos(self) -> None:
        """The photos of the snapshots and their references."""
        references = {photo: self.data.dataset.captions[photo] for photo in self.photos}
        use_attention = self.validator.decoder.config.use_attention
        folder = self.out / "samples"
        snapshots.save_photos(folder, references, self.backbone.geometry, use_attention)

    def snapshot(self, step: int, epoch: float) -> None:
        """Captions of a few photos with the weights of this moment."""
        self.validator.decoder.set_weights(self.trained.decoder.get_weights())
        if self.config.tune:
            self.backbone.network.set_weights(self.trained.network.get_weights())
        self._save_snapshot(self._features(self.photos), step, epoch)

    def run(self, progress: Progress) -> None:
        """Scores the dev split after an epoch and saves the checkpoint."""
        decoder, references = self.validator.decoder, self.references
        epoch, step = progress.epoch + 1, progress.step
        self._average(progress.epoch)
        features = self._features(list(references))
        temperature = 1.0
        if self.config.self_critical:  # which makes a decoder overconfident
            temperature = self.validator.temperature(features, references)
            calibration.soften(decoder, temperature)
        scores = self.validator.scores(features, references, self.splits)
        loss = self.validator.loss(features, references)
        if snapshots.is_due(epoch, self.config.epochs):
            self._save_snapshot(features, step, epoch)
        self.journal.log({"epoch": epoch, "step": step, "validation_loss": loss, **scores})
        made = {
            "samplers": {"default": "greedy", "max_words": decoding.MAX_WORDS},
            **self.record,
            "settings": asdict(self.config),
            "epoch": epoch,
            "temperature": temperature,  # the logits are divided by it
            "scores": {"split": "dev", "sampler": "greedy", **scores},
        }
        checkpoint = checkpoints.Checkpoint(self.backbone, decoder, self.data.vocabulary, made)
        last = self.out / "checkpoints" / "last"
        checkpoints.save(last, checkpoint)
        if progress.best is None or scores["CIDEr"] > progress.best:
            progress.best, progress.best_epoch = scores["CIDEr"], epoch
            checkpoints.copy(last, last.with_name("best"))

    def _average(self, epoch: int) -> None:
        """Sets the decoder, and a backbone that is trained, too, to the mean weights of the last
        epochs (Izmailov et al. 2018, arXiv:1803.05407), which are files: they survive a resumption.
        """
        folder = self.out / "epochs"
        networks = [(folder, self.trained.decoder, self.validator.decoder)]
        if self.config.tune:
            networks.append((folder / "backbone", self.trained.network, self.backbone.network))
        for folder, trained, averaged in networks:
            folder.mkdir(exist_ok=True)
            checkpoints.save_weights(trained, folder / f"{epoch:04d}.weights.h5")
            files = sorted(folder.glob("*.weights.h5"))
            for old in files[: -self.config.average]:
                old.unlink()
            weights = []
            for file in files[-self.config.average :]:
                checkpoints.load_weights(averaged, file)
                weights.append(averaged.get_weights())
            averaged.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])

    def _save_snapshot(self, features: PhotoRows, step: int, epoch: float) -> None:
        captions = list(self.validator.captions(features, self.photos))
        snapshots.save_snapshot(self.out / "samples", step, epoch, captions)

    def _features(self, photos: Sequence[Path]) -> PhotoRows:
        """Features of photos: from the cache, or of the backbone as it is now."""
        if not self.config.tune:
            return self.data.dev
        parts, chosen = [], set(photos)
        for split in self.splits.values():  # two data sets may use the same file names
            if not (files := [photo for photo in split.photos if photo in chosen]):
                continue
            rows = self.data.dev.find(files)
            grids = [
                self.backbone.features(self.data.dev.array[rows[first : first + BATCH]])
                for first in range(0, len(rows), BATCH)
            ]
            names = RowNames(row_names(files), range(len(files)))
            parts.append((files, PhotoRows(names, np.concatenate(grids))))
        return JoinedRows(parts)
