"""The optimizer that all trainings share."""

import keras
from keras import ops

from captioner.training.machines.devices import with_xla


class AdamW(keras.optimizers.Adam):
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with warm-up and cosine decay.

    Keras's own computes the learning rate again for each weight that decays: a fifth of the time
    that the first step takes to compile.
    """

    def __init__(
        self,
        peak_rate: float,
        steps: int,
        warmup: int,
        weight_decay: float,
        final_share: float = 1e-3,
        no_decay: tuple[str, ...] = ("bias",),
        **options,
    ):
        """Args:
        peak_rate: learning rate after the warm-up.
        steps: of the whole training.
        warmup: steps until the peak.
        weight_decay: as in AdamW.
        final_share: of the peak rate at the last step; 1 keeps the rate constant.
        no_decay: weights whose names contain one of these do not decay.
        options: for Keras, such as `global_clipnorm`.
        """
        rate = keras.optimizers.schedules.CosineDecay(
            peak_rate / 100,
            decay_steps=max(1, steps - warmup),
            warmup_target=peak_rate,
            warmup_steps=warmup,
            alpha=final_share,
        )
        super().__init__(rate, **options)
        self.decay = weight_decay
        self.exclude_from_weight_decay(var_names=list(no_decay))

    def update_step(self, gradient, variable, learning_rate):
        if self._use_weight_decay(variable):
            share = ops.cast(learning_rate * self.decay, variable.dtype)
            self.assign_sub(variable, ops.multiply(variable, share))
        super().update_step(gradient, variable, learning_rate)


def compile_model(model: keras.Model, optimizer: AdamW, example) -> None:
    """Compiles a model for its training and creates all its variables; `example` is a batch."""
    model.compile(optimizer=optimizer, jit_compile=with_xla())
    model(example)
    optimizer.build(model.trainable_variables)
