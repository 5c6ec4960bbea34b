"""Training of a decoder on cached features, or of backbone and decoder on pixels."""

from dataclasses import asdict, replace
from pathlib import Path

from captioner.backbones.backbone import Backbone
from captioner.data.photo_captions import NumberedCaptions
from captioner.decoder import architectures, model
from captioner.decoder.designs import DecoderConfig
from captioner.training import loop, training_model
from captioner.training.epoch_end import EpochEnd, Progress
from captioner.training.input.batches import CaptionBatches, Part
from captioner.training.input.supervision import AttentionTargets
from captioner.training.input.training_data import TrainingData, without_effect
from captioner.training.machines.devices import Devices, default_device
from captioner.training.runs import snapshots
from captioner.training.runs.estimate import training_kind
from captioner.training.runs.journal import Journal
from captioner.training.self_critical import SampledCaptions
from captioner.training.settings import FitConfig
from captioner.training.validation import Validator


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

    sizes = _decoder_config(data, backbone, config, initial)
    for sentence in without_effect(data, config, sizes.use_attention):
        journal.warn(sentence)
    captions = data.captions()
    batches = _batches(data, captions, backbone, config, initial, devices.part)
    steps = [batches.count(epoch) for epoch in range(config.epochs)]

    if workers.count > 1:
        workers.check_same(data.facts(backbone, config, steps))
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
        validation = EpochEnd(
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
    part: Part,
) -> CaptionBatches | SampledCaptions:
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
