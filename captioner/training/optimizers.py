"""The optimizer that all trainings share."""

import keras


def adamw(
    peak_rate: float,
    steps: int,
    warmup: int,
    weight_decay: float,
    final_share: float = 1e-3,
    no_decay: tuple[str, ...] = ("bias",),
    **options,
) -> keras.optimizers.AdamW:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with warm-up and cosine decay.

    Args:
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
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay, **options)
    optimizer.exclude_from_weight_decay(var_names=list(no_decay))
    return optimizer
