"""Teaches a network block by block, from a teacher that is put together of as many, as wide blocks.

First apart: every block learns what the teacher's does with what the teacher's block before it
hands on, so all learn at once and none waits for those before it (Wang et al. 2018, "Progressive
Blockwise Knowledge Distillation"; Li et al. 2020, arXiv:1911.13053). Then together: each is given
what the student's own block before it makes, and learns to make up for its faults.
"""

import keras
from keras import layers, ops

from captioner.data.datasets import DatasetError

DEVIATION = 0.4  # of a channel of the grid; the largest from which attention learnt well on scenes
POSITIONS = 12_800  # of a map that a block learns from at most while it is taught apart


class BlockDistiller(keras.Model):
    """Blocks of a student beside those of a frozen teacher; its loss needs pixels only."""

    def __init__(self, student: keras.Model, teacher: keras.Model, names: list[str]):
        """`names`: the layers in which a block of the student ends, outputs of the teacher.

        Raises DatasetError if the teacher has no such blocks, or wider or narrower ones.
        """
        super().__init__()
        for name in names:
            width = student.get_layer(name).output.shape[-1]
            if name not in teacher.output or teacher.output[name].shape[-1] != width:
                raise DatasetError(
                    f"The teacher has no {name} of {width} channels to learn from: "
                    "the inverted design needs a MobileNetV2 in a TensorFlow Lite file, "
                    "others can teach the residual one (--design residual)."
                )
        self.network, self.teacher, self.names = student, teacher, names
        begins = [student.inputs[0], *(student.get_layer(name).output for name in names[:-1])]
        self.blocks = [
            keras.Model(begin, student.get_layer(name).output)
            for begin, name in zip(begins, names, strict=True)
        ]
        self.shown = keras.Model(teacher.inputs, [teacher.output[name] for name in names])
        # Decoders learn better where to look from cells of small numbers around 0.
        self.standardised = names[-1:]
        self.scale = layers.BatchNormalization(
            center=False,
            epsilon=0.0,
            gamma_initializer=keras.initializers.Constant(DEVIATION),
            moving_variance_initializer=keras.initializers.Constant(DEVIATION**2),
            trainable=False,
            dtype="float32",
            name="scale",
        )
        self.scale.build((None, None, None, teacher.output[names[-1]].shape[-1]))
        self.apart = False
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.explained_tracker = keras.metrics.Mean(name="explained")

    def standardise_by(self, statistics: dict) -> None:
        """Takes what `teachers.standardisation` measured of the last block: the grid is learnt with
        mean 0 and deviation `DEVIATION` in every channel."""
        ((mean, deviation),) = statistics.values()
        self.scale.moving_mean.assign(mean)
        self.scale.moving_variance.assign(deviation**2)

    def teach(self, apart: bool) -> None:
        """Blocks are taught apart from now on, or together."""
        self.apart = apart
        self.make_train_function(force=True)

    def call(self, pixels, training=False):
        """Pixels (B, H, W, 3) -> for every block (what it makes, what the teacher's makes)."""
        pairs, given = [], pixels
        *before, last = self.shown(pixels, training=False)
        for block, theirs in zip(self.blocks, [*before, self.scale(last)], strict=True):
            theirs = wanted = ops.stop_gradient(theirs)
            if self.apart:  # one photo has places enough to learn from where maps are large
                shape = ops.shape(theirs)
                photos = ops.maximum(POSITIONS // (shape[1] * shape[2]), 1)
                given, wanted = given[:photos], theirs[:photos]
            ours = block(given, training=training)
            pairs.append((ops.cast(ours, "float32"), ops.cast(wanted, "float32")))
            given = theirs if self.apart else ours
        return pairs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The mean over the blocks of the squared error, each channel's by its variance.

        Logged beside it as `explained`: of the variance of what the teacher makes, the share that
        the student gets right; of the last block, or apart of all in the mean.
        """
        losses, explained = [], []
        for ours, theirs in y_pred:
            error = ops.square(ours - theirs)
            variance = ops.var(theirs, axis=(0, 1, 2))
            total = ops.mean(variance)
            # Channels that hardly ever change must not rule.
            losses.append(ops.mean(error / (variance + 1e-3 * total + 1e-6)))
            explained.append(1 - ops.mean(error) / (total + 1e-6))
        loss = sum(losses) / len(losses)
        self.loss_tracker.update_state(loss)
        share = sum(explained) / len(explained) if self.apart else explained[-1]
        self.explained_tracker.update_state(share)
        return loss
