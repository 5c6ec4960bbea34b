"""Training of a decoder on cached features, or of backbone and decoder on pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from captioner import checkpoints, decoding
from captioner.backbones.backbone import Backbone
from captioner.caption import Caption
from captioner.data.datasets import Dataset, DatasetError
from captioner.data.grounding import Grounding
from captioner.data.photo_rows import PhotoRows
from captioner.decoder import model
from captioner.evaluation import faithfulness, metrics
from captioner.training import devices, loop, loss, snapshots
from captioner.training.batches import CaptionBatches
from captioner.training.journal import Journal
from captioner.training.self_critical import OwnCaptions
from captioner.training.settings import FitConfig
from captioner.training.supervision import AttentionTargets
from captioner.training.validation import Examiner
from captioner.vocabulary import Vocabulary


@dataclass
class Data:
    """What a training reads."""

    dataset: Dataset
    vocabulary: Vocabulary
    train: Sequence[PhotoRows]  # features, or pixels to tune on, and the mirrored ones if wanted
    dev: PhotoRows
    vectors: np.ndarray | None = None  # (V, E) of the words, which are not trained then
    data_sets: Sequence[Sequence[Path]] = ()  # the photos to train on of each, if there are several
    taught: Sequence[Grounding] = ()  # where things are in photos of train
    # Those that are scored on: the photos of dev and, where that is known, what is where in them.
    scored: Mapping[str, tuple[Sequence[Path], Grounding | None]] = field(default_factory=dict)


_OF_THE_DECODER = (
    *("grid_units", "attention", "embedding", "units", "dropout"),
    *("design", "cell", "attends", "remembers", "sharpness", "gate"),
)


def split_captions(dataset: Dataset, split: str) -> dict[Path, list[str]]:
    """The captions of the photos of one split."""
    return {photo: dataset.captions[photo] for photo in dataset.split(split)}


def _seen_by(backbone: Backbone, pixels: PhotoRows, photos: Sequence[Path]) -> PhotoRows:
    """Features of some photos as the backbone sees them now."""
    grids = []
    for first in range(0, len(photos), 50):
        rows = [pixels.row(photo) for photo in photos[first : first + 50]]
        grids.append(backbone.features(pixels.array[rows]))
    return PhotoRows({p.name: i for i, p in enumerate(photos)}, np.concatenate(grids))


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
    journal: Journal | None = None,
    initial: model.Decoder | None = None,
    team: devices.Devices | None = None,
) -> Path:
    """Trains a decoder, or goes on with what `out` holds; returns the best checkpoint's folder.

    After every epoch the dev split is captioned greedily and scored; the checkpoint with the
    best CIDEr lies in `out/checkpoints/best`, the newest in `out/checkpoints/last`. `record` is
    written into their config.json: how they were made, from what. `initial` is a decoder whose
    sizes are kept and whose weights are begun with. If `config.tune` is set, `backbone` learns,
    too, and ends up changed. What it says of a few dev photos is kept in `out/samples`.

    Raises Stopped if the journal was asked for it, DatasetError if no photo to score on can be
    read, StateError if `out` holds the state of another model.
    """
    journal = journal or Journal(out)
    return _Fitting(data, backbone, out, config, record or {}, journal, initial, team).run()


class _Fitting:
    """One training; its parts in the order in which they are needed."""

    def __init__(self, data, backbone, out, config, record, journal, initial, team):
        self.data, self.backbone, self.out, self.config = data, backbone, out, config
        self.record, self.journal = record, journal
        captions = split_captions(data.dataset, "train")
        given = captions, data.vocabulary, data.train
        where = None
        if config.attention_supervision and data.taught:
            where = AttentionTargets(data.taught, data.vocabulary, backbone.geometry)
        if config.self_critical:
            drawn = model.Decoder(replace(initial.config, dropout=0.0))
            drawn.set_weights(initial.get_weights())
            self.batches = OwnCaptions(
                *given,
                drawn,
                config.batch_size,
                config.seed,
                config.written_weight,
                where,
                data.data_sets,
                data.taught,
                config.hallucination_penalty,
            )
        else:
            self.batches = CaptionBatches(*given, config.batch_size, config.seed, where)
        self.counts = [self.batches.count(epoch) for epoch in range(config.epochs)]
        sizes = self._sizes(initial)
        self.team = team or devices.one()
        self.teaching = loss.build(
            config, sizes, sum(self.counts), next(self.batches.epoch(0)), backbone, initial, team,
            data.vectors,
        )  # fmt: skip
        if config.self_critical:
            self.batches.follow(self.teaching.decoder)
        begun = {"step": 0, "epoch": 0, "best": None, "best_epoch": 0}
        self.progress = begun | (loop.resume(out, self.teaching) or {})
        self.steps = loop.Loop(
            self.teaching, journal, sum(self.counts), self._publish, config.save_every
        )
        self.steps.scope, self.steps.unit = self.team.scope, "captions"
        self.steps.per_step = sum(map(len, captions.values())) / self.counts[0]
        self.shown = model.Decoder(sizes)  # float32, as the app runs it: its scores are true
        self.examiner = Examiner(self.shown, data.vocabulary, backbone.geometry)
        # A backbone that learns is another each time: weights of its decoders don't mix.
        self.averaged = 1 if config.tune else config.average
        scored = data.scored or {data.dataset.name: (data.dataset.split("dev"), None)}
        self.scored = {
            name: ([photo for photo in photos if photo in data.dev], there)
            for name, (photos, there) in scored.items()
        }
        self.dev = {
            photo: data.dataset.captions[photo]
            for photos, _ in self.scored.values()
            for photo in photos
        }
        if not all(photos for photos, _ in self.scored.values()):
            raise DatasetError("No photo of the dev split can be read: nothing can be scored on.")
        self.samples = snapshots.choose(list(self.dev))

    def _sizes(self, initial: model.Decoder | None) -> model.DecoderConfig:
        if initial is not None:
            return replace(initial.config, dropout=self.config.dropout)
        chosen = {name: getattr(self.config, name) for name in _OF_THE_DECODER}
        if self.data.vectors is not None:
            chosen["embedding"] = self.data.vectors.shape[1]
        return model.DecoderConfig(
            vocabulary=len(self.data.vocabulary),
            channels=self.backbone.channels,
            cells=self.backbone.geometry.cells,
            **chosen,
        )

    def run(self) -> Path:
        """Epoch after epoch, each followed by an exam."""
        progress, config = self.progress, self.config
        best = self.out / "checkpoints" / "best"
        if progress["epoch"] >= config.epochs or self._has_stalled():
            return best
        self.journal.rewind(progress["step"])
        if progress["step"] == 0:
            folder = self.out / "samples"
            said = {photo: self.dev[photo] for photo in self.samples}
            snapshots.keep_photos(folder, said, self._geometry, self.shown.config.attends)
            self._keep_moment(self.data.dev)
        self.journal.note(epochs=config.epochs, epoch=progress["epoch"])
        self.steps.begin(
            progress["step"],
            "training",
            f"learning {self._geometry.cells} {self.shown.config.units}",
        )
        while progress["epoch"] < config.epochs and not self._has_stalled():
            self._train(progress["epoch"])
            self._examine(progress["epoch"])
            progress["epoch"] += 1
            self._publish(progress["step"])
            self.journal.note(epoch=progress["epoch"])
            self.journal.check()
        return best

    @property
    def _geometry(self):
        return self.backbone.geometry

    def _has_stalled(self) -> bool:
        """Whether the last epochs brought nothing better."""
        waited = self.progress["epoch"] - self.progress["best_epoch"]
        return 0 < self.config.patience <= waited

    def _publish(self, step: int) -> None:
        self.progress["step"] = step
        loop.save(self.out, self.teaching, self.progress)

    def _train(self, epoch: int) -> None:
        first, start = sum(self.counts[:epoch]), self.progress["step"]
        end = first + self.counts[epoch]
        early = {int(share * self.counts[0]) for share in snapshots.EARLY} if epoch == 0 else set()

        def after(step: int) -> None:
            if step in early:
                self.progress["step"] = step
                self.shown.set_weights(self.teaching.decoder.get_weights())
                self._keep_moment(self.data.dev)

        self.steps.after = after
        batches = map(self.team.spread, self.batches.epoch(epoch, start - first))
        # What it says itself is drawn when it is needed, from the weights as they are then.
        self.steps.run(batches if self.config.self_critical else loop.ahead(batches), start, end)
        self.progress["step"] = end

    def _keep_moment(self, cache: PhotoRows) -> None:
        if self.config.tune:
            cache = self._seen(self.samples)
        captions = list(self.examiner.captions(cache, self.samples))
        step = self.progress["step"]
        epoch = step / self.counts[0] if step < self.counts[0] else self.progress["epoch"] + 1
        snapshots.keep_moment(self.out / "samples", step, epoch, captions)

    def _seen(self, photos: Sequence[Path]) -> PhotoRows:
        self.backbone.network.set_weights(self.teaching.network.get_weights())
        return _seen_by(self.backbone, self.data.dev, photos)

    def _scores(self, dev: PhotoRows) -> dict[str, float]:
        """Those of the captions, and of their maps where it is known where things are. Of several
        data sets the mean, and each by its name."""
        captions = dict(zip(self.dev, self.examiner.captions(dev, list(self.dev)), strict=True))
        found = {
            name: self._scores_of({photo: captions[photo] for photo in photos}, there)
            for name, (photos, there) in self.scored.items()
        }
        if len(found) == 1:
            return next(iter(found.values()))
        measures = set.intersection(*(set(scores) for scores in found.values()))
        means = {m: sum(scores[m] for scores in found.values()) / len(found) for m in measures}
        each = {f"{m}/{name}": scores[m] for name, scores in found.items() for m in sorted(scores)}
        return dict(sorted(means.items())) | each

    def _scores_of(
        self, captions: Mapping[Path, Caption], there: Grounding | None
    ) -> dict[str, float]:
        texts = [caption.text for caption in captions.values()]
        scores = metrics.scores(texts, [self.dev[photo] for photo in captions])
        if there and there.boxes:
            boxes = [there.boxes.get(photo, []) for photo in captions]
            found = faithfulness.pointing(captions.values(), boxes, there.nouns, there.complete)
            scores |= {name: measure.value for name, measure in found.items()}
            if found:
                scores["pointing_uniform"] = found["pointing"].chance
        return scores

    def _examine(self, epoch: int) -> None:
        """Scores the dev split and keeps the checkpoint; the best one, too."""
        dev = self._seen(list(self.dev)) if self.config.tune else self.data.dev
        average_last(self.out / "epochs", epoch, self.teaching.decoder, self.shown, self.averaged)
        temperature = 1.0
        if self.config.self_critical:  # it comes to be far too sure of what it says itself
            temperature = self.examiner.temperature(dev, self.dev)
            self.shown.soften(temperature)
        scores = self._scores(dev)
        loss = self.examiner.loss(dev, self.dev)
        if snapshots.is_kept(epoch + 1, self.config.epochs):
            self._keep_moment(dev)
        line = {"epoch": epoch + 1, "step": self.progress["step"], "validation_loss": loss}
        self.journal.log({**line, **scores})
        checkpoint = checkpoints.Checkpoint(
            self.backbone,
            self.shown,
            self.data.vocabulary,
            {
                "samplers": {"default": "greedy", "max_words": decoding.MAX_WORDS},
                **self.record,
                "settings": asdict(self.config),
                "epoch": epoch + 1,
                "temperature": temperature,  # that its logits are divided by
                "scores": {"split": "dev", "sampler": "greedy", **scores},
            },
        )
        checkpoints.save(self.out / "checkpoints" / "last", checkpoint)
        if self.progress["best"] is None or scores["CIDEr"] > self.progress["best"]:
            self.progress |= {"best": scores["CIDEr"], "best_epoch": epoch + 1}
            checkpoints.save(self.out / "checkpoints" / "best", checkpoint)
