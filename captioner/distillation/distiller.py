"""A student that learns block by block from a teacher, whose blocks are as many and as wide.

First apart: the input of each block is what the teacher's previous block outputs, so all blocks
learn at once and none waits for those before it (Wang et al. 2018, "Progressive Blockwise Knowledge
Distillation"; Li et al. 2020, arXiv:1911.13053). Then together: the input is what the student's
own previous block outputs, and each block learns to correct its errors.
"""

from collections.abc import Sequence

import keras
from keras import layers, ops

from captioner.data.datasets import DatasetError

DEVIATION = 0.4  # of each channel of the grid; the largest with which attention learned well
POSITIONS = 12_800  # of a map: a block learns from at most so many per step while blocks are apart


class Distiller(keras.Model):
    """The blocks of a student and of a frozen teacher; a batch is pixels only."""

    def __init__(self, student: keras.Model, teacher: keras.Model, blocks: Sequence[str] = ()):
        """
        Args:
            student: Pixels (B, H, W, 3) -> grid.
            teacher: Pixels -> {name: feature map}, see `teachers`.
            blocks: Layers at the ends of the student's blocks, and the teacher's outputs of the
                same names. If empty, the whole student is one block that learns the teacher's
                "features" through a 1x1 convolution, which is not part of the result.

        Raises:
            DatasetError: The teacher has no such blocks, or wider or narrower ones.
        """
        super().__init__()
        for name in blocks:
            width = student.get_layer(name).output.shape[-1]
            if name not in teacher.output or teacher.output[name].shape[-1] != width:
                raise DatasetError(
                    f"The teacher has no {name} of {width} channels to learn from: the inverted "
                    "design needs a MobileNetV2 in a TensorFlow Lite file; from other teachers "
                    "only the residual design can learn (--design residual)."
                )
        self.network, self.teacher = student, teacher
        if blocks:
            ends = [student.get_layer(name).output for name in blocks]
            starts = [student.inputs[0], *ends[:-1]]
            self.blocks = [keras.Model(*pair) for pair in zip(starts, ends, strict=True)]
        else:
            width = teacher.output["features"].shape[-1]
            head = layers.Conv2D(width, 1, dtype="float32", name="head")
            self.blocks = [keras.Model(student.inputs, head(student.outputs[0]))]
        self.names = list(blocks or ["features"])  # the teacher's outputs that are learned
        outputs = {name: teacher.output[name] for name in self.names}
        self.targets = keras.Model(teacher.inputs, outputs)
        # Attention learns better from grids of small numbers around 0.
        self.scale = layers.BatchNormalization(
            center=False,
            epsilon=0.0,
            gamma_initializer=keras.initializers.Constant(DEVIATION),
            moving_variance_initializer=keras.initializers.Constant(DEVIATION**2),
            trainable=False,
            dtype="float32",
            name="scale",
        )
        self.scale.build((None, None, None, teacher.output[self.names[-1]].shape[-1]))
        self.apart = False
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.explained_tracker = keras.metrics.Mean(name="explained")

    def standardise(self, mean, deviation) -> None:
        """From now on each channel of the last target has mean 0 and deviation DEVIATION.

        `mean` and `deviation` (channels,) are those of the teacher's output `names[-1]`.
        """
        self.scale.moving_mean.assign(mean)
        self.scale.moving_variance.assign(deviation**2)

    def set_apart(self, apart: bool) -> None:
        """Blocks learn apart from now on, or together."""
        self.apart = apart
        self.make_train_function(force=True)

    def call(self, pixels, training=False):
        """Pixels (B, H, W, 3) -> a pair (output, target) of each block, float32."""
        pairs, inputs = [], pixels
        outputs = self.targets(pixels, training=False)
        *before, last = (outputs[name] for name in self.names)
        for block, features in zip(self.blocks, [*before, self.scale(last)], strict=True):
            features = target = ops.stop_gradient(features)
            if self.apart:  # one photo has enough positions where maps are large
                shape = ops.shape(features)
                photos = ops.maximum(POSITIONS // (shape[1] * shape[2]), 1)
                inputs, target = inputs[:photos], features[:photos]
            output = ops.cast(block(inputs, training=training), "float32")
            target = ops.cast(target, "float32")
            if output.shape[1:3] != target.shape[1:3]:  # other teachers have other grids
                target = ops.image.resize(target, output.shape[1:3])
            pairs.append((output, target))
            inputs = features if self.apart else output
        return pairs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The squared error, relative to each channel's variance: the mean over the blocks.

        The metric `explained` is the share of the target's variance that the student reproduces: in
        the last block, or the mean over all blocks while they are apart.
        """
        losses, explained = [], []
        for output, target in y_pred:
            error = ops.square(output - target)
            variance = ops.var(target, axis=(0, 1, 2))
            total = ops.mean(variance)
            # The addends keep channels that hardly ever change from dominating.
            losses.append(ops.mean(error / (variance + 1e-3 * total + 1e-6)))
            explained.append(1 - ops.mean(error) / (total + 1e-6))
        loss = sum(losses) / len(losses)
        self.loss_tracker.update_state(loss)
        share = sum(explained) / len(explained) if self.apart else explained[-1]
        self.explained_tracker.update_state(share)
        return loss
