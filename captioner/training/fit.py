"""Training of a decoder on cached features."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import ops

from captioner import checkpoints, decoding, model
from captioner.attention import Geometry
from captioner.backbones import Backbone
from captioner.caption import Caption
from captioner.files import write_text
from captioner.samplers import Greedy, Sampler
from captioner.training import devices, loop, metrics
from captioner.training.batches import CaptionBatches
from captioner.training.datasets import Dataset
from captioner.training.features import PhotoRows
from captioner.vocabulary import Vocabulary


@dataclass(frozen=True)
class FitConfig:
    """Settings of a training; the defaults made the bundled decoder."""

    epochs: int = 12
    batch_size: int = 128  # captions
    peak_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: int = 200  # steps
    dropout: float = 0.3
    label_smoothing: float = 0.1
    doubly_stochastic: float = 0.0  # weight of the penalty on cells looked at too little or much
    min_count: int = 5  # a word seen less often becomes <unk>
    average: int = 6  # epochs: scored and kept is the mean of the weights after the last ones
    grid_units: int = 384
    attention: int = 256
    embedding: int = 256
    units: int = 512
    tune: bool = False  # the backbone learns, too, from pixels instead of cached features
    mixed: bool | None = None  # bfloat16; None: where it is fast
    seed: int = 0
    save_every: float = 120.0  # seconds


class Teaching(keras.Model):
    """A decoder with its loss over captions; see `CaptionBatches` for what it is fed.

    With a `network` it is fed pixels in place of the grid, and the network learns, too; its batch
    norm keeps the statistics it has, since the photos of a batch are few.
    """

    def __init__(
        self, decoder: model.Decoder, config: FitConfig, network: keras.Model | None = None
    ):
        super().__init__()
        self.decoder = decoder
        self.network = network
        self.smoothing = config.label_smoothing
        self.coverage = config.doubly_stochastic
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.per_word = keras.metrics.Mean(name="loss_per_word")  # nats, without smoothing

    def call(self, inputs, training=False):
        if self.network is not None:
            grid = self.network(inputs["grid"], training=False)  # (P, rows, cols, D)
            cells = (-1, self.decoder.config.cells, self.decoder.config.channels)
            inputs = {**inputs, "grid": ops.reshape(grid, cells)}
        return self.decoder(inputs, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean over the words that are there; padding counts for nothing."""
        weights, targets = x["weights"], x["targets"]
        words = ops.maximum(ops.sum(weights), 1.0)
        log_probabilities = ops.log_softmax(y_pred["logits"])  # (N, T, V)
        right = ops.take_along_axis(log_probabilities, targets[:, :, None], axis=-1)[:, :, 0]
        per_word = -ops.sum(right * weights) / words
        spread = -ops.sum(ops.mean(log_probabilities, axis=-1) * weights) / words
        loss = (1 - self.smoothing) * per_word + self.smoothing * spread
        if self.coverage:
            # Doubly stochastic attention (Xu et al. 2015, section 4.2.1), with the sum that a
            # uniform map would give as its aim: with 49 cells and ten words 1 can't be reached.
            given = ops.sum(y_pred["attention"] * weights[:, :, None], axis=1)  # (N, L)
            fair = ops.mean(given, axis=-1, keepdims=True)
            there = ops.max(weights, axis=-1)
            off = ops.sum(ops.square(given - fair), axis=-1) * there
            loss += self.coverage * ops.sum(off) / ops.maximum(ops.sum(there), 1.0)
        self.loss_tracker.update_state(loss)
        self.per_word.update_state(per_word, sample_weight=words)
        return loss


@dataclass
class Data:
    """What a training reads."""

    dataset: Dataset
    vocabulary: Vocabulary
    train: Sequence[PhotoRows]  # features, or pixels to tune on, and the mirrored ones if wanted
    dev: PhotoRows


def split_captions(dataset: Dataset, split: str) -> dict[Path, list[str]]:
    """The captions of the photos of one split."""
    return {photo: dataset.captions[photo] for photo in dataset.split(split)}


def decode_cached(
    decoder: model.Decoder,
    vocabulary: Vocabulary,
    geometry: Geometry,
    cache: PhotoRows,
    photos: Sequence[Path],
    sampler: Sampler = Greedy(),
    batch_size: int = 100,
) -> Iterator[Caption]:
    """Captions of photos whose features are cached, in order."""
    look, step = model.looking(decoder), model.stepping(decoder)
    visible = np.ones((batch_size, geometry.cells), np.float32)
    for first in range(0, len(photos), batch_size):
        rows = [cache.row(photo) for photo in photos[first : first + batch_size]]
        grid = np.asarray(cache.array[rows], np.float32)
        seen = decoding.Seen(*look.predict_on_batch([grid, visible[: len(grid)]]))
        yield from decoding.decode(step.predict_on_batch, seen, vocabulary, geometry, sampler)


def evaluate_cached(
    decoder, vocabulary, geometry, cache, dataset: Dataset, split: str, sampler: Sampler = Greedy()
) -> dict[str, float]:
    """Scores of the captions of a split against its references."""
    photos = [photo for photo in dataset.split(split) if photo in cache]
    found = decode_cached(decoder, vocabulary, geometry, cache, photos, sampler)
    return metrics.scores([c.text for c in found], [dataset.captions[p] for p in photos])


def _seen_by(backbone: Backbone, pixels: PhotoRows, photos: Sequence[Path]) -> PhotoRows:
    """Features of some photos as the backbone sees them now."""
    grids = []
    for first in range(0, len(photos), 50):
        rows = [pixels.row(photo) for photo in photos[first : first + 50]]
        grids.append(backbone.features(pixels.array[rows]))
    return PhotoRows({p.name: i for i, p in enumerate(photos)}, np.concatenate(grids))


def _build(
    config: FitConfig,
    sizes: model.DecoderConfig,
    steps: int,
    example: dict,
    backbone: Backbone | None = None,
    initial: model.Decoder | None = None,
) -> Teaching:
    keras.utils.set_random_seed(config.seed)
    policy = devices.policy(config.mixed)
    decoder, network = model.Decoder(sizes, dtype=policy), None
    if initial is not None:
        decoder.set_weights(initial.get_weights())
    if config.tune:
        network = backbone.copy(policy).network
    teaching = Teaching(decoder, config, network)
    rate = keras.optimizers.schedules.CosineDecay(
        config.peak_rate / 100,
        decay_steps=max(1, steps - config.warmup),
        warmup_target=config.peak_rate,
        warmup_steps=config.warmup,
        alpha=1e-3,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    teaching.compile(optimizer=optimizer, jit_compile=False)
    teaching(example)
    optimizer.build(teaching.trainable_variables)
    return teaching


def average_last(
    folder: Path, epoch: int, decoder: model.Decoder, shown: model.Decoder, count: int
) -> None:
    """Gives `shown` the mean of the weights after the last `count` epochs (Izmailov et al. 2018,
    arXiv:1803.05407). They lie in `folder`, so that a resumed training has them, too."""
    folder.mkdir(exist_ok=True)
    checkpoints.save_weights(decoder, folder / f"{epoch:04d}.weights.h5")
    files = sorted(folder.glob("*.weights.h5"))
    for old in files[:-count]:
        old.unlink()
    weights = []
    for file in files[-count:]:
        checkpoints.load_weights(shown, file)
        weights.append(shown.get_weights())
    shown.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])


def fit(
    data: Data,
    backbone: Backbone,
    out: Path,
    config: FitConfig = FitConfig(),
    record: dict | None = None,
    report: Callable[[str], None] = print,
    initial: model.Decoder | None = None,
) -> Path:
    """Trains a decoder, or goes on with what `out` holds; returns the best checkpoint's folder.

    After every epoch the dev split is captioned greedily and scored; the checkpoint with the
    best CIDEr lies in `out/checkpoints/best`, the newest in `out/checkpoints/last`. `record` is
    written into their config.json: how they were made, from what. `initial` is a decoder whose
    sizes are kept and whose weights are begun with. If `config.tune` is set, `backbone` learns,
    too, and ends up changed.

    Raises StateError if `out` holds the state of another model.
    """
    out.mkdir(parents=True, exist_ok=True)
    batches = CaptionBatches(
        split_captions(data.dataset, "train"),
        data.vocabulary,
        data.train,
        config.batch_size,
        config.seed,
    )
    if initial is not None:
        sizes = replace(initial.config, dropout=config.dropout)
    else:
        sizes = model.DecoderConfig(
            vocabulary=len(data.vocabulary),
            channels=backbone.channels,
            cells=backbone.geometry.cells,
            grid_units=config.grid_units,
            attention=config.attention,
            embedding=config.embedding,
            units=config.units,
            dropout=config.dropout,
        )
    counts = [batches.count(epoch) for epoch in range(config.epochs)]
    example = next(batches.epoch(0))
    teaching = _build(config, sizes, sum(counts), example, backbone, initial)
    progress = loop.resume(out, teaching) or {"step": 0, "epoch": 0, "best": None}
    write_text(out / "config.json", json.dumps(asdict(config), indent=2))

    kept = 1 if config.tune else config.average  # a backbone that learns is another each time
    shown = model.Decoder(sizes)  # float32, as the app will run it: its scores are the true ones

    def publish(step: int) -> None:
        progress["step"] = step
        loop.save(out, teaching, progress)

    for epoch in range(progress["epoch"], config.epochs):
        first, start = sum(counts[:epoch]), progress["step"]
        end = first + counts[epoch]
        coming = loop.ahead(batches.epoch(epoch, start - first))
        loop.run(teaching, coming, start, end, out, publish, report, config.save_every)
        dev = data.dev
        if config.tune:
            backbone.network.set_weights(teaching.network.get_weights())
            dev = _seen_by(backbone, data.dev, data.dataset.split("dev"))
        average_last(out / "epochs", epoch, teaching.decoder, shown, kept)
        scores = evaluate_cached(
            shown, data.vocabulary, backbone.geometry, dev, data.dataset, "dev"
        )
        loop.log(out, {"epoch": epoch + 1, **scores}, report)
        checkpoint = checkpoints.Checkpoint(
            backbone,
            shown,
            data.vocabulary,
            {
                "samplers": {"default": "greedy", "max_words": decoding.MAX_WORDS},
                **(record or {}),
                "settings": asdict(config),
                "epoch": epoch + 1,
                "scores": {"split": "dev", "sampler": "greedy", **scores},
            },
        )
        checkpoints.save(out / "checkpoints" / "last", checkpoint)
        if progress["best"] is None or scores["CIDEr"] > progress["best"]:
            progress["best"] = scores["CIDEr"]
            checkpoints.save(out / "checkpoints" / "best", checkpoint)
        progress["epoch"] = epoch + 1
        publish(end)
    return out / "checkpoints" / "best"


def with_overrides(**settings) -> FitConfig:
    """The defaults with those settings replaced that are not None."""
    return replace(FitConfig(), **{k: v for k, v in settings.items() if v is not None})
