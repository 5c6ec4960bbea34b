"""From a recipe to a trained captioner, stage by stage."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from captioner import checkpoints, scenes
from captioner.backbones.backbone import Backbone
from captioner.checkpoints import Checkpoint
from captioner.data import datasets, grounding, word_vectors
from captioner.data.augmentation import View, views
from captioner.data.cache import cache_folders
from captioner.data.cache.photo_rows import JoinedRows, PhotoRows, RowNames, row_names
from captioner.data.cache.photo_store import PhotoStore
from captioner.data.datasets import Dataset
from captioner.data.download import downloads
from captioner.data.photo_captions import NumberedCaptions
from captioner.decoder.designs import DESIGNS
from captioner.decoder.model import Decoder
from captioner.training import calibration
from captioner.training.fit import fit
from captioner.training.input import cached_features
from captioner.training.input.cached_features import Wanted
from captioner.training.input.training_data import DevSplit, TrainingData, split_captions
from captioner.training.machines import devices
from captioner.training.machines.workers import SINGLE, Workers
from captioner.training.recipe import Recipe
from captioner.training.runs.estimate import Work, estimate, usual_speed
from captioner.training.runs.journal import Journal, Planned
from captioner.training.runs.run import Runs
from captioner.training.settings import SettingsError
from captioner.vocabulary import Vocabulary, too_few_words
from captioner.words import split_note

_BACKBONE_RECORDS = ("distillation", "localisation")  # keys of a checkpoint's config

DataSets = Mapping[Path, Dataset]  # by folder


class Start(NamedTuple):
    """What a training starts from."""

    backbone: Backbone
    vocabulary: Vocabulary
    decoder: Decoder | None  # None: new weights
    record: dict  # how backbone and decoder came about


def run(recipe: Recipe, out: Path, journal: Journal, workers: Workers = SINGLE) -> Path:
    """Trains by a recipe, or resumes; returns the folder of the best checkpoint. See `train`."""
    if workers.count > 1:
        if recipe.fit.self_critical:
            raise SettingsError("self_critical trains in one process only, not on several workers.")
        journal.stage(f"waiting for {workers.count} workers")
        workers.join(journal.end, journal.check)
    used = devices.prepare(recipe.device, workers=workers)
    if recipe.fit.batch_size % used.count:
        raise SettingsError(f"batch_size must be a multiple of the {used.count} devices.")
    journal.note(device=str(used))

    data_sets = _read_data(recipe, journal)
    dev_splits = _dev_splits(recipe, data_sets)
    dataset = datasets.joined(list(data_sets.values()))
    checkpoint = checkpoints.load(recipe.start) if recipe.start else None
    clean = checkpoint.vocabulary.clean if checkpoint else recipe.fit.clean
    captions = NumberedCaptions(split_captions(dataset, "train"), clean)
    counts = captions.words.counts
    if not checkpoint and (trouble := too_few_words(counts, recipe.fit.min_count)):
        raise SettingsError(trouble)
    if note := split_note(counts):
        journal.warn(note)
    start = _start(recipe, checkpoint, counts)
    vectors = None
    if recipe.vectors:
        vectors, known = word_vectors.read(recipe.vectors, start.vocabulary)
        replace(recipe.fit, embedding=vectors.shape[1])  # raises where they do not fit the decoder
        words = len(start.vocabulary)
        journal.report(f"word vectors of {known:,} of {words:,} words, from {recipe.vectors}")
    total = int(captions.counts.sum())
    wanted = [] if recipe.fit.tune else cached_features.wanted(recipe, data_sets, start.backbone)
    journal.plan(_plan(recipe, out, wanted, total, start))
    made = {
        "preset": recipe.preset,
        "command": recipe.command,
        "data": dataset.name,
        "photos": len(captions),
        "captions": total,
    }
    if "tuning" in start.record:  # the start was itself trained from another captioner
        made["after"] = start.record["tuning"]
    record = start.record | {"tuning" if checkpoint else "training": made}

    with cache_folders.used(one.folder for one in wanted):
        journal.note(caches=[one.folder.name for one in wanted])
        if recipe.fit.tune:
            rows = _pixels(recipe, out, data_sets.values(), start.backbone, journal)
        else:
            rows = cached_features.rows(wanted, start.backbone, journal)
        groundings = {}
        if recipe.fit.attention_supervision or recipe.fit.hallucination_penalty:
            for folder, one in data_sets.items():
                groundings[one.name] = grounding.read(folder, one, "train")
        data = TrainingData(
            dataset,
            start.vocabulary,
            rows,
            rows[0],
            dev_splits,
            vectors,
            [one.split("train") for one in data_sets.values()],
            groundings,
            captions,
        )
        return fit(data, start.backbone, out, recipe.fit, record, journal, start.decoder, used)


def _read_data(recipe: Recipe, journal: Journal) -> DataSets:
    """Downloads or draws the data if wanted, and reads all data sets."""
    folder, stage = Path(recipe.data), ""

    def report(doing: str, done: int, total: int) -> None:
        nonlocal stage
        if doing != stage:
            stage = doing
            unit = "files" if doing == "unpacking" else "bytes"
            journal.stage(f"{doing} the data", done, total, unit)
        journal.progress(done, total)

    if recipe.download:
        downloads.fetch(recipe.download, folder, report)
    if recipe.scenes:
        journal.stage("drawing", 0, recipe.scenes, "pictures", "drawing")
        scenes.write(folder, recipe.scenes, report=journal.progress)
    data_sets = datasets.read_all([folder, *map(Path, recipe.more_data)])
    for one in data_sets.values():
        for note in one.named_notes:
            journal.warn(f"{one.name}: {note}.")
    return data_sets


def _dev_splits(recipe: Recipe, data_sets: DataSets) -> dict[str, DevSplit]:
    """The dev splits to score, by name of the data set."""
    folders = {one.name: folder for folder, one in data_sets.items()}
    wanted = {name: folders.get(name, Path(name)) for name in recipe.scored}
    for name, folder in wanted.items():
        if folder not in data_sets:
            raise SettingsError(f"There is no data set {name}; there are: {', '.join(folders)}.")
    return {
        one.name: DevSplit(one.split("dev"), grounding.read(folder, one, "dev"))
        for folder, one in data_sets.items()
        if not wanted or folder in wanted.values()
    }


def _start(recipe: Recipe, checkpoint: Checkpoint | None, counts: Mapping[str, int]) -> Start:
    """From the checkpoint, or with a backbone and a new vocabulary of the words counted."""
    limits = recipe.fit.min_count, recipe.fit.max_words or None
    if not checkpoint:
        backbone = checkpoints.find_backbone(recipe.backbone, recipe.stride)
        vocabulary = Vocabulary.from_counts(counts, *limits, recipe.fit.clean)
        folder = Path(recipe.backbone)
        config = checkpoints.read_config(folder) if folder.is_dir() else {}
        return Start(backbone, vocabulary, None, _some(config, *_BACKBONE_RECORDS))
    decoder, vocabulary = checkpoint.decoder, checkpoint.vocabulary
    # Training continues with the logits as trained, without the calibration for display.
    calibration.soften(decoder, 1 / checkpoint.config.get("temperature", 1.0))
    if recipe.sharpen != 1:
        calibration.sharpen(decoder, recipe.sharpen)
    if recipe.new_words:
        found = Vocabulary.from_counts(counts, *limits, vocabulary.clean)
        extended = vocabulary.extended(found)
        decoder = calibration.extended(decoder, len(extended) - len(vocabulary))
        vocabulary = extended
    record = _some(checkpoint.config, *_BACKBONE_RECORDS, "training", "settings", "tuning")
    return Start(checkpoint.backbone, vocabulary, decoder, record)


def _some(config: dict, *keys: str) -> dict:
    return {key: config[key] for key in keys if key in config}


def _plan(
    recipe: Recipe, out: Path, wanted: Sequence[Wanted], captions: int, start: Start
) -> list[Planned]:
    """The stages from here on, with the times that earlier runs suggest."""
    backbone, sizes = start.backbone, start.decoder.config if start.decoder else recipe.fit
    work = Work(
        photos=tuple(len(one.files) for one in wanted),
        captions=recipe.fit.epochs * captions,
        cells=backbone.geometry.cells,
        channels=backbone.channels,
        speed=usual_speed(backbone.name, backbone.geometry.stride),
        units=sizes.units,
        self_critical=recipe.fit.self_critical,
        transformer=DESIGNS[sizes.design].transformer,
    )
    return estimate(Runs(out.parent), work).stages


def _pixels(
    recipe: Recipe,
    out: Path,
    data_sets: Collection[Dataset],
    backbone: Backbone,
    journal: Journal,
) -> list[PhotoRows]:
    """The pixels of all photos in each view: those of crops on disk, mirrored ones in memory."""
    files = [[*one.split("train"), *one.split("dev")] for one in data_sets]
    everything, size = list(itertools.chain(*files)), backbone.geometry.size
    stores = {}
    for crop in range(recipe.fit.crops + 1):
        folder = out / f"crop{crop}" if crop else out
        journal.stage("cropping photos" if crop else "decoding photos")
        stores[crop] = PhotoStore(folder, everything, size, View(crop=crop))
    data, skipped = " + ".join(one.name for one in data_sets), stores[0].skipped
    cached_features.warn_of_unreadable(data, [Path(name).name for name in skipped], journal)
    rows = []
    for view in views(recipe.mirror, recipe.fit.crops):
        store, first, parts = stores[view.crop], 0, []
        readable = set(store.files)
        for some in files:
            some = [file for file in some if file in readable]
            # A mirrored photo is a view of the same memory.
            pixels = store.pixels[first : first + len(some), :, :: -1 if view.mirrored else 1]
            names = RowNames(row_names(some), range(len(some)))
            parts.append((some, PhotoRows(names, pixels, view)))
            first += len(some)
        rows.append(JoinedRows(parts))
    return rows
