"""The optimizer, against that of Keras."""

import keras
import numpy as np

from captioner.training import optimizers


def test_steps_are_those_of_adamw_in_keras():
    ours = optimizers.AdamW(0.1, steps=8, warmup=2, weight_decay=0.3, global_clipnorm=1.0)
    theirs = keras.optimizers.AdamW(ours._learning_rate, weight_decay=0.3, global_clipnorm=1.0)
    theirs.exclude_from_weight_decay(var_names=["bias"])
    found = []
    for optimizer in (ours, theirs):
        rng = np.random.default_rng(0)
        weights = [keras.Variable(np.ones(3), name=name) for name in ("kernel", "bias")]
        for _ in range(6):
            gradients = [keras.ops.convert_to_tensor(rng.normal(size=3)) for _ in weights]
            optimizer.apply(gradients, weights)
        found.append([keras.ops.convert_to_numpy(w) for w in weights])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
    assert not np.allclose(found[0][0], found[0][1])
