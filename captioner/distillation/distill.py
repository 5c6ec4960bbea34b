"""Trains the compact backbone to reproduce a larger one (Hinton et al. 2015, arXiv:1503.02531)."""

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from captioner import checkpoints
from captioner.backbones.backbone import DESIGNS, Backbone, compact_backbone
from captioner.data import datasets
from captioner.data.cache.photo_store import PhotoStore
from captioner.distillation import receptive_field, teachers
from captioner.distillation.crop_batches import crop_batches
from captioner.distillation.distiller import Distiller
from captioner.files import write_text
from captioner.training import loop, optimizers
from captioner.training.machines import devices
from captioner.training.runs.journal import Journal
from captioner.training.settings import DistillationConfig

MEASURED_ON = 16  # photos, for the geometry of the result
CROPS = 512  # for the statistics of the teacher's grid
SIZES = {name: design() for name, design in DESIGNS.items()}
NO_DECAY = ("bias", "beta", "gamma")


def build_distiller(
    config: DistillationConfig, teacher_name: str, start: Backbone | None = None
) -> Distiller:
    """A compiled teacher and student; the student has random weights, or those of `start`.

    Raises:
        DatasetError: The teacher, or `start`, does not fit the student's design.
    """
    keras.utils.set_random_seed(config.seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(devices.policy(config.mixed))
    try:
        teacher, sizes = teachers.load_teacher(teacher_name), SIZES[config.design]
        blocks = getattr(sizes, "blocks", ())  # the residual design has none
        distiller = Distiller(compact_backbone(sizes).network, teacher, blocks)
    finally:
        keras.config.set_dtype_policy(policy)
    if start is not None:
        try:
            distiller.network.set_weights(start.network.get_weights())
        except ValueError as error:
            raise datasets.DatasetError(
                f"The backbone to start from is not of the design {config.design}."
            ) from error
    optimizer = optimizers.AdamW(
        config.peak_rate, config.steps, config.warmup, config.weight_decay, no_decay=NO_DECAY
    )
    example = np.zeros((1, config.sizes[0], config.sizes[0], 3), np.uint8)
    optimizers.compile_model(distiller, optimizer, example)
    return distiller


def distil(
    folders: list[Path],
    teacher: str,
    out: Path,
    config: DistillationConfig = DistillationConfig(),
    record: dict | None = None,
    journal: Journal | None = None,
    start: Backbone | None = None,
) -> Path:
    """Trains until `config.steps`, or resumes the training in `out`.

    Args:
        folders: Folders of photos or of data sets, of which the train split is used.
        teacher: See `teachers.load_teacher`.
        out: Gets `photos.npy`, the files of the journal, and every `save_every` steps `state.npz`
            and `backbone/`.
        record: How the backbone is made; goes into its config.json.
        start: A compact backbone to start from.

    Returns:
        The folder of the backbone, for `checkpoints.find_backbone`.

    Raises:
        Stopped: The journal was asked to stop.
        DatasetError: There are no photos, or the teacher cannot be had or does not fit.
        StateError: `out` holds the state of another model.
    """
    journal = journal or Journal(out)
    files = [file for folder in folders for file in datasets.photo_files(folder)]
    store = PhotoStore(out, files)
    journal.report(f"{len(store)} photos, {len(store.skipped)} unreadable")
    distiller = build_distiller(config, teacher, start)
    if progress := loop.load_state(out, distiller):
        step = progress["step"]
        journal.report(f"resumed after step {step}")
        journal.rewind(step)
    else:
        step = 0
        sample = crop_batches(store, lambda step: (224, 0.5), 64, config.seed + 1)
        batches = (next(sample) for _ in range(CROPS // 64))
        distiller.standardise(*teachers.statistics(distiller.teacher, distiller.names[-1], batches))
        write_text(out / "config.json", json.dumps(asdict(config), indent=2))
    backbone = compact_backbone(SIZES[config.design])
    made = {"teacher": Path(teacher).name, "photos": len(store), "settings": asdict(config)}
    made |= record or {}
    some = store.pixels[:: max(1, len(store) // MEASURED_ON)][:MEASURED_ON]

    def save(step: int) -> None:
        loop.save_state(out, distiller, {"step": step})
        backbone.network.set_weights(distiller.network.get_weights())  # in float32
        result = receptive_field.measured(backbone, some) if step == config.steps else backbone
        checkpoints.save_backbone(out / "backbone", result, {"distillation": made})

    batches = crop_batches(store, config.at, config.batch_size, config.seed, step)
    save_every, per_step = config.save_every, config.batch_size
    steps = loop.Loop(distiller, journal, config.steps, save, save_every, "photos", per_step)
    steps.begin(step, "distilling")
    apart = min(config.apart, config.steps) if len(distiller.blocks) > 1 else 0
    if step < apart:
        distiller.set_apart(True)
        steps.run(batches, step, apart)
        step = apart
        distiller.set_apart(False)
    steps.run(batches, step, config.steps)
    save(config.steps)
    journal.end("finished")
    return out / "backbone"
