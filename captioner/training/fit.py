"""Training of a decoder on cached features, or of backbone and decoder on pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np

from captioner import checkpoints, decoding
from captioner.backbones.backbone import Backbone
from captioner.data.photo_captions import NumberedCaptions
from captioner.data.photo_rows import JoinedRows, PhotoRows, row_names
from captioner.decoder import architectures, model
from captioner.decoder.designs import DecoderConfig
from captioner.training import calibration, loop, snapshots, training_model
from captioner.training.batches import CaptionBatches, Part
from captioner.training.devices import Devices, default_device
from captioner.training.estimate import training_kind
from captioner.training.journal import Journal
from captioner.training.self_critical import SampledCaptions
from captioner.training.settings import FitConfig
from captioner.training.supervision import AttentionTargets
from captioner.training.training_data import (
    DevSplit,
    TrainingData,
    without_effect,
)
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


def fit(
    data: TrainingData,
    backbone: Backbone,
    out: Path,
    config: FitConfig = FitConfig(),
    record: dict | None = None,
    journal: Journal | None = None,
    initial: model.Decoder | None = None,
    devices: Devices | None = None,
) -> Path:
    """Trains a decoder, or resumes the training in `out`.

    After every epoch the dev split is captioned greedily and scored. The checkpoint with the best
    CIDEr is in `out/checkpoints/best`, the newest in `out/checkpoints/last`; captions of a few dev
    photos are in `out/samples`.

    Args:
        data: photos and captions.
        backbone: computed the features; if `config.tune` is set, it is trained, too, and changed.
        out: folder of the run.
        config: settings.
        record: how this training came about, for the config.json of its checkpoints.
        journal: status and log; by default in `out`.
        initial: a decoder whose sizes and weights are the first ones.
        devices: to compute on.

    Returns:
        The folder of the best checkpoint.

    Raises:
        Stopped: a stop was requested.
        DatasetError: no photo of the dev split can be read.
        StateError: `out` holds the state of another model.
    """
    journal, devices = journal or Journal(out), devices or default_device()
    workers = devices.workers

    captions = data.captions()
    batches = _batches(data, captions, backbone, config, initial, journal, devices.part)
    steps = [batches.count(epoch) for epoch in range(config.epochs)]

    if workers.count > 1:
        workers.check_same(data.facts(backbone, config, steps))
    sizes = _decoder_config(data, backbone, config, initial)
    example, vectors = next(batches.epoch(0)), data.word_vectors
    trained = training_model.build(
        config, sizes, sum(steps), example, backbone, initial, devices, vectors
    )
    if config.self_critical:
        batches.follow(trained.decoder, trained.network)
    progress = _loaded(out, trained, devices)

    splits = data.dev_splits()
    validation = None
    if workers.is_chief:
        averaged = architectures.build(sizes)  # float32, as in the app: its scores hold there
        validator = Validator(averaged, data.vocabulary, backbone.geometry)
        validation = _Validation(
            data, backbone, out, config, record or {}, journal, trained, validator, splits
        )

    def save(step: int) -> None:
        progress.step = step
        if workers.is_chief:
            loop.save_state(out, trained, asdict(progress))

    per_step = captions.counts.sum() / steps[0]
    trainer = loop.Loop(
        trained, journal, sum(steps), save, config.save_every, "captions", per_step, devices.scope
    )
    best = out / "checkpoints" / "best"
    if progress.is_finished(config):
        return best

    journal.rewind(progress.step)
    if progress.step == 0 and validation:
        validation.save_photos()
        validation.snapshot(0, 0.0)
    journal.note(epochs=config.epochs, epoch=progress.epoch)
    kind = training_kind(
        sizes.cells, sizes.units, config.self_critical, trained.decoder.design.transformer
    )
    trainer.begin(progress.step, "training", kind)
    early = {int(share * steps[0]) for share in snapshots.EARLY}

    def after_step(step: int) -> None:
        if step in early and validation:
            validation.snapshot(step, step / steps[0])

    while not progress.is_finished(config):
        epoch = progress.epoch
        first, end = sum(steps[:epoch]), sum(steps[: epoch + 1])
        inputs = map(devices.distribute, batches.epoch(epoch, progress.step - first))
        # Sentences must be sampled with the newest weights, so never in advance.
        inputs = inputs if config.self_critical else loop.prefetch(inputs)
        workers.wait()
        trainer.run(inputs, progress.step, end, after_step)
        progress.step = end
        if validation:
            validation.run(progress)
        progress.best, progress.best_epoch = workers.from_chief(
            (progress.best, progress.best_epoch)
        )
        progress.epoch += 1
        save(end)
        journal.note(epoch=progress.epoch)
        journal.check()
    return best


def _loaded(out: Path, trained: training_model.TrainingModel, devices: Devices) -> Progress:
    """Loads the state that was saved last, if any; several workers all have the chief's."""
    workers, state = devices.workers, out / loop.STATE
    if workers.count > 1:
        if workers.is_chief and not state.is_file():
            loop.save_state(out, trained, asdict(Progress()))
        workers.fetch(state)
    progress = Progress(**(loop.load_state(out, trained) or {}))
    devices.replicate([*loop.variables(trained), *trained.metrics_variables])
    return progress


def _batches(
    data: TrainingData,
    captions: NumberedCaptions,
    backbone: Backbone,
    config: FitConfig,
    initial: model.Decoder | None,
    journal: Journal,
    part: Part,
) -> CaptionBatches | SampledCaptions:
    use_attention = initial.config.use_attention if initial else config.use_attention
    for sentence in without_effect(data, config, use_attention):
        journal.warn(sentence)
    groundings = list(data.groundings.values())
    targets = None
    if config.attention_supervision and groundings:
        targets = AttentionTargets(groundings, data.vocabulary, backbone.geometry)
    source, size = (captions, data.vocabulary, data.train), (config.batch_size, config.seed)
    if not config.self_critical:
        return CaptionBatches(*source, *size, targets, part)
    decoder = architectures.build(replace(initial.config, dropout=0.0))
    decoder.set_weights(initial.get_weights())
    rewards = data.data_sets, groundings, config.hallucination_penalty, config.balance_data_sets
    network = backbone.copy().network if config.tune else None
    return SampledCaptions(
        *source, decoder, *size, config.written_weight, targets, *rewards, network
    )


def _decoder_config(
    data: TrainingData, backbone: Backbone, config: FitConfig, initial: model.Decoder | None
) -> DecoderConfig:
    if initial is not None:
        return replace(initial.config, dropout=config.dropout)
    sizes = config.decoder
    if data.word_vectors is not None:
        sizes["embedding"] = data.word_vectors.shape[1]
    return DecoderConfig(
        vocabulary=len(data.vocabulary),
        channels=backbone.channels,
        cells=backbone.geometry.cells,
        **sizes,
    )


@dataclass(frozen=True)
class _Validation:
    """What happens after an epoch: scores of the dev split, checkpoints, snapshots."""

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
        references = {photo: self.references[photo] for photo in self.photos}
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
        decoder, references, epoch = self.validator.decoder, self.references, progress.epoch + 1
        self._average(progress.epoch)
        features = self._features(list(references))
        temperature = 1.0
        if self.config.self_critical:  # which makes a decoder overconfident
            temperature = self.validator.temperature(features, references)
            calibration.soften(decoder, temperature)
        scores = self.validator.scores(features, references, self.splits)
        loss = self.validator.loss(features, references)
        if snapshots.is_due(epoch, self.config.epochs):
            self._save_snapshot(features, progress.step, epoch)
        line = {"epoch": epoch, "step": progress.step, "validation_loss": loss}
        self.journal.log({**line, **scores})
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
        """Sets the decoder, and a backbone that is trained, too, to the mean of the last epochs."""
        count, folder = self.config.average, self.out / "epochs"
        _average_last(folder, epoch, self.trained.decoder, self.validator.decoder, count)
        if self.config.tune:
            of_backbone = self.trained.network, self.backbone.network
            _average_last(folder / "backbone", epoch, *of_backbone, count)

    def _save_snapshot(self, features: PhotoRows, step: int, epoch: float) -> None:
        captions = list(self.validator.captions(features, self.photos))
        snapshots.save_snapshot(self.out / "samples", step, epoch, captions)

    def _features(self, photos: Sequence[Path]) -> PhotoRows:
        """Features of photos: from the cache, or of the backbone as it is now."""
        if not self.config.tune:
            return self.data.dev
        parts, wanted = [], set(photos)
        for split in self.splits.values():  # two data sets may use the same file names
            files = [photo for photo in split.photos if photo in wanted]
            numbers = {name: number for number, name in enumerate(row_names(files))}
            rows = [self.data.dev.row(file) for file in files]
            grids = [
                self.backbone.features(self.data.dev.array[rows[first : first + BATCH]])
                for first in range(0, len(rows), BATCH)
            ]
            if files:
                parts.append((files, PhotoRows(numbers, np.concatenate(grids))))
        return JoinedRows(parts)


def _average_last(
    folder: Path, epoch: int, trained: keras.Model, averaged: keras.Model, count: int
) -> None:
    """Sets `averaged` to the mean weights of the last `count` epochs (Izmailov et al. 2018,
    arXiv:1803.05407), which are files in `folder`, so that they survive a resumption."""
    folder.mkdir(exist_ok=True)
    checkpoints.save_weights(trained, folder / f"{epoch:04d}.weights.h5")
    files = sorted(folder.glob("*.weights.h5"))
    for old in files[:-count]:
        old.unlink()
    weights = []
    for file in files[-count:]:
        checkpoints.load_weights(averaged, file)
        weights.append(averaged.get_weights())
    averaged.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])
