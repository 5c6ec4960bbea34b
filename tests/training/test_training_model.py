"""The loss and the optimizer: learning rate, scheduled sampling, padding, XLA."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from captioner.training import optimizers, training_model
from captioner.training.input.batches import trimmed
from captioner.training.settings import FitConfig
from captioner.vocabulary import START
from tests.support import tiny

CONFIG = FitConfig(mixed=False, dropout=0.0, label_smoothing=0.0, warmup=10, peak_rate=0.01)
CAPTIONS, WORDS = 400, 5


def batch() -> dict:
    rng = np.random.default_rng(1)
    targets = rng.integers(4, len(tiny.vocabulary()), (CAPTIONS, WORDS)).astype(np.int32)
    begin = np.full((CAPTIONS, 1), START, np.int32)
    return {
        "grid": tiny.grids(2),
        "photo": np.zeros(CAPTIONS, np.int32),
        "tokens": np.concatenate([begin, targets[:, :-1]], axis=1),
        "targets": targets,
        "weights": np.ones((CAPTIONS, WORDS), np.float32),
    }


def rates(steps: int, **settings) -> list[float]:
    config = replace(CONFIG, **settings)
    few = {**{name: rows[:2] for name, rows in batch().items()}, "grid": tiny.grids(2)}
    model = training_model.build(config, tiny.decoder().config, steps, few)
    schedule = model.optimizer._learning_rate
    return [float(schedule(step)) for step in range(steps + 1)]


def test_the_rate_rises_to_its_peak_and_falls_along_a_cosine():
    found = rates(60)
    assert found[10] == pytest.approx(0.01) and np.argmax(found) == 10
    assert found[35] == pytest.approx(0.005, rel=0.02)
    assert found[-1] < 1e-4


def test_a_constant_rate_stays_at_its_peak():
    assert rates(60, schedule="constant")[10:] == pytest.approx([0.01] * 51)


def test_of_few_steps_the_warm_up_takes_a_fifth():
    assert np.argmax(rates(20)) == 4


def test_the_share_of_sampled_words_grows():
    config = replace(CONFIG, scheduled_sampling=0.5)
    model = training_model.build(config, tiny.decoder().config, 10, batch())
    given = batch()
    changed = []
    for step in range(11):
        model.step.assign(float(step))
        own = keras.ops.convert_to_numpy(model._with_sampled_tokens(given))
        assert (own[:, 0] == START).all()
        changed.append(float((own != given["tokens"])[:, 1:].mean()))
    assert changed[0] == 0
    assert changed == pytest.approx([0.05 * step for step in range(11)], abs=0.1)
    assert changed[10] > changed[5] > changed[0]


def test_words_are_sampled_by_their_probabilities():
    config = replace(CONFIG, scheduled_sampling=1.0)
    model = training_model.build(config, tiny.decoder().config, 1, batch(), initial=tiny.decoder())
    model.step.assign(1.0)
    given = batch()
    own = keras.ops.convert_to_numpy(model._with_sampled_tokens(given))
    logits = np.array(model.decoder(given)["logits"], np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    first = np.bincount(own[:, 1], minlength=shares.shape[-1]) / CAPTIONS
    assert first == pytest.approx(shares[:, 0].mean(axis=0), abs=0.08)


def test_the_loss_falls_with_scheduled_sampling():
    config = replace(CONFIG, scheduled_sampling=0.5, peak_rate=0.02)
    model = training_model.build(config, tiny.decoder().config, 20, batch())
    losses = [model.train_on_batch(batch(), return_dict=True)["loss"] for _ in range(20)]
    assert losses[-1] < losses[0]


def test_padding_does_not_change_the_training():
    config = replace(CONFIG, label_smoothing=0.1, doubly_stochastic=1.0, warmup=0)
    padded = batch()
    padded["photo"][::2] = 1
    padded["grid"] = tiny.grids(4)  # two of which nobody captions
    counts = np.random.default_rng(2).integers(1, WORDS, CAPTIONS)
    counts[-30:] = 0
    padded["weights"][np.arange(WORDS) >= counts[:, None]] = 0

    def learnt(fed: dict) -> list[np.ndarray]:
        model = training_model.build(config, tiny.decoder().config, 10, fed, initial=tiny.decoder())
        logs = [model.train_on_batch(fed, return_dict=True) for _ in range(3)]
        assert logs[2]["loss"] < logs[0]["loss"]
        return [*(list(log.values()) for log in logs), *model.decoder.get_weights()]

    less = trimmed(padded)
    assert less["tokens"].shape == (CAPTIONS - 30, WORDS - 1) and len(less["grid"]) == 2
    for one, other in zip(learnt(padded), learnt(less), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_batch_of_padding_changes_nothing():
    worthless = {**batch(), "weights": np.zeros((CAPTIONS, WORDS), np.float32)}
    model = training_model.build(CONFIG, tiny.decoder().config, 10, batch(), initial=tiny.decoder())
    begun = model.decoder.get_weights()
    for fed in (worthless, trimmed(worthless)):
        assert model.train_on_batch(fed, return_dict=True)["loss"] == 0
    # What is left is the weights' own decay.
    for one, other in zip(begun, model.decoder.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.slow
def test_steps_compile_with_xla_for_captions_of_any_length(monkeypatch):
    def losses() -> list[float]:
        config = replace(CONFIG, doubly_stochastic=1.0)
        model = training_model.build(
            config, tiny.decoder().config, 10, batch(), initial=tiny.decoder()
        )
        said = []
        for words in (WORDS, 3):
            some = {k: v[:, :words] if v.ndim == 2 else v for k, v in batch().items()}
            said.append(float(model.train_on_batch(some, return_dict=True)["loss"]))
        return said

    plainly = losses()
    monkeypatch.setattr(optimizers, "with_xla", lambda: True)  # as where there is a GPU
    assert losses() == pytest.approx(plainly, rel=1e-4)
