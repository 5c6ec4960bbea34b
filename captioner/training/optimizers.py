"""The optimizer that all trainings share."""

import keras


def adamw(
    peak_rate: float,
    steps: int,
    warmup: int,
    weight_decay: float,
    left: float = 1e-3,
    spared: tuple[str, ...] = ("bias",),
    **more,
) -> keras.optimizers.AdamW:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) whose rate rises to `peak_rate` in
    `warmup` steps, then falls as a cosine to the share `left` of it at the last of `steps`.

    Weights whose names hold one of `spared` do not decay. `more` goes to Keras.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        peak_rate / 100,
        decay_steps=max(1, steps - warmup),
        warmup_target=peak_rate,
        warmup_steps=warmup,
        alpha=left,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay, **more)
    optimizer.exclude_from_weight_decay(var_names=list(spared))
    return optimizer
