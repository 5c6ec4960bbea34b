"""Teaches the compact backbone from a larger one (Hinton et al. 2015, arXiv:1503.02531).

The same random crop goes through both. A student of the inverted design learns block by block, see
`blocks`. One of the residual design learns the teacher's last feature map, standardised per
channel, its softened logits, and the feature maps on the way (FitNets, Romero et al. 2015,
arXiv:1412.6550) through 1x1 convolutions that are thrown away afterwards.
"""

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from captioner import checkpoints
from captioner.backbones.backbone import DESIGNS, Backbone, compact_backbone
from captioner.backbones.inverted import InvertedConfig
from captioner.data import datasets
from captioner.data.photo_store import PhotoStore
from captioner.distillation import receptive_field, teachers
from captioner.distillation.blocks import BlockDistiller
from captioner.distillation.crop_batches import crop_batches
from captioner.files import write_text
from captioner.training import devices, loop, optimizers
from captioner.training.journal import Journal
from captioner.training.settings import DistillationConfig

PLACED_BY = 16  # photos, from which is found at the end where the cells look
SIZES = {name: design() for name, design in DESIGNS.items()}


class Distiller(keras.Model):
    """Student, frozen teacher and the heads between them; its loss needs pixels only."""

    def __init__(self, student: keras.Model, teacher: keras.Model, temperature: float):
        super().__init__()
        self.standardised = names = [
            n for n in (*teachers.LEVELS, "features") if n in teacher.output
        ]
        stages = {n: student.get_layer(n).output for n in names if n in teachers.LEVELS}
        self.network = student
        self.student = keras.Model(student.inputs, {**stages, "features": student.outputs[0]})
        self.teacher = teacher
        self.temperature = temperature
        self.heads = {
            n: layers.Conv2D(teacher.output[n].shape[-1], 1, dtype="float32", name=f"head_{n}")
            for n in names
        }
        self.has_logits = "logits" in teacher.output
        if self.has_logits:
            self.classifier = layers.Dense(
                teacher.output["logits"].shape[-1], dtype="float32", name="classifier"
            )
        self.statistics = {
            n: [
                self.add_weight(
                    shape=(teacher.output[n].shape[-1],),
                    initializer=initial,
                    trainable=False,
                    autocast=False,
                    name=f"{what}_{n}",
                )
                for what, initial in (("mean", "zeros"), ("deviation", "ones"))
            ]
            for n in names
        }
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.cosine_tracker = keras.metrics.Mean(name="cosine")

    def standardise_by(self, statistics: dict) -> None:
        """Takes what `teachers.standardisation` measured."""
        for name, values in statistics.items():
            for weight, value in zip(self.statistics[name], values, strict=True):
                weight.assign(value)

    def call(self, pixels, training=False):
        """Pixels (B, H, W, 3) -> {name: (student's maps, teacher's maps)}, float32."""
        seen = self.student(pixels, training=training)
        shown = self.teacher(pixels, training=False)
        pairs = {}
        for name in self.standardised:
            ours = self.heads[name](seen[name])
            mean, deviation = self.statistics[name]
            theirs = (ops.cast(shown[name], "float32") - mean) / deviation
            if ours.shape[1:3] != theirs.shape[1:3]:
                theirs = ops.image.resize(theirs, ours.shape[1:3])
            pairs[name] = (ours, ops.stop_gradient(theirs))
        if self.has_logits:
            pooled = ops.mean(ops.cast(seen["features"], "float32"), axis=(1, 2))
            pairs["logits"] = (self.classifier(pooled), ops.stop_gradient(shown["logits"]))
        return pairs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean squared error of standardised maps, and the divergence of softened logits."""
        loss = 0.0
        for name in self.standardised:
            ours, theirs = y_pred[name]
            # A few channels of a ReLU network are almost always 0: their rare peaks would rule.
            loss += ops.mean(ops.square(ours - ops.clip(theirs, -6.0, 6.0)))
        if self.has_logits:
            ours, theirs = (logits / self.temperature for logits in y_pred["logits"])
            divergence = ops.sum(
                ops.softmax(theirs) * (ops.log_softmax(theirs) - ops.log_softmax(ours)), axis=-1
            )
            loss += ops.mean(divergence) * self.temperature
        ours, theirs = y_pred["features"]
        cosine = ops.sum(ours * theirs, axis=-1) / (
            ops.norm(ours, axis=-1) * ops.norm(theirs, axis=-1) + 1e-6
        )
        self.loss_tracker.update_state(loss)
        self.cosine_tracker.update_state(ops.mean(cosine))
        return loss


def build_distiller(
    config: DistillationConfig, teacher_name: str, start: Backbone | None = None
) -> Distiller | BlockDistiller:
    """Teacher and a new student, or one that begins with the weights of `start`, compiled.

    Raises DatasetError if the teacher does not fit the student's design.
    """
    keras.utils.set_random_seed(config.seed)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(devices.policy(config.mixed))
    try:
        teacher = teachers.load_teacher(teacher_name)
        sizes = SIZES[config.design]
        student = compact_backbone(sizes).network
        if isinstance(sizes, InvertedConfig):
            distiller = BlockDistiller(student, teacher, sizes.blocks)
        else:
            distiller = Distiller(student, teacher, config.temperature)
    finally:
        keras.config.set_dtype_policy(policy)
    if start is not None:
        try:
            distiller.network.set_weights(start.network.get_weights())
        except ValueError as error:
            raise datasets.DatasetError(
                f"The backbone begun with is not of the design {config.design}."
            ) from error
    optimizer = optimizers.adamw(
        config.peak_rate,
        config.steps,
        config.warmup,
        config.weight_decay,
        spared=("bias", "beta", "gamma"),
    )
    distiller.compile(optimizer=optimizer, jit_compile=devices.with_xla())
    distiller(np.zeros((1, config.sizes[0], config.sizes[0], 3), np.uint8))
    optimizer.build(distiller.trainable_variables)
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
    """Trains until `config.steps`, or goes on from what `out` holds; returns the backbone's folder.

    `out` gets `photos.npy`, what the journal writes, and every few hundred steps `state.npz` and
    `backbone/`, which `checkpoints.find_backbone` reads; `record` goes into its config.json.
    `start` is a compact backbone that has learnt before.

    Raises Stopped if the journal was asked for it, DatasetError for folders without photos or a
    teacher that cannot be had, StateError if `out` holds the state of another model.
    """
    journal = journal or Journal(out)
    files = [file for folder in folders for file in datasets.photo_files(folder)]
    store = PhotoStore(out, files)
    journal.report(f"{len(store)} photos, {len(store.skipped)} unreadable")
    distiller = build_distiller(config, teacher, start)
    if progress := loop.load_state(out, distiller):
        step = progress["step"]
        journal.report(f"going on from step {step}")
        journal.rewind(step)
    else:
        step = 0
        sample = crop_batches(store, lambda step: (224, 0.5), 64, config.seed + 1)
        batches = (next(sample) for _ in range(8))
        distiller.standardise_by(
            teachers.standardisation(distiller.teacher, distiller.standardised, batches)
        )
        write_text(out / "config.json", json.dumps(asdict(config), indent=2))
    backbone = compact_backbone(SIZES[config.design])
    made = {"teacher": Path(teacher).name, "photos": len(store), "settings": asdict(config)}
    made |= record or {}

    some = store.pixels[:: max(1, len(store) // PLACED_BY)][:PLACED_BY]

    def publish(step: int) -> None:
        loop.save_state(out, distiller, {"step": step})
        backbone.network.set_weights(distiller.network.get_weights())  # float32, to be of use
        done = step == config.steps
        placed = receptive_field.measured(backbone, some) if done else backbone
        checkpoints.save_backbone(out / "backbone", placed, {"distillation": made})

    batches = crop_batches(store, config.at, config.batch_size, config.seed, step)
    save_every, per_step = config.save_every, config.batch_size
    steps = loop.Loop(distiller, journal, config.steps, publish, save_every, "photos", per_step)
    steps.begin(step, "distilling")
    if isinstance(distiller, BlockDistiller) and step < config.apart:
        distiller.teach(apart=True)
        steps.run(batches, step, config.apart)
        step = config.apart
        distiller.teach(apart=False)
    steps.run(batches, step, config.steps)
    publish(config.steps)
    journal.end("finished")
    return out / "backbone"
