"""Training of backbone and decoder together, from pixels."""

import json

import keras
import numpy as np
import pytest

from captioner import checkpoints
from captioner.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tuned(data_folder, saved_checkpoint, tmp_path_factory):
    """A run of two epochs that began with a saved checkpoint."""
    out = tmp_path_factory.mktemp("tuned")
    arguments = ["train", "--data", str(data_folder), "--out", str(out), "--tune"]
    settings = ["--epochs", "2", "--batch-size", "8", "--warmup", "1", "--peak-rate", "1e-2"]
    assert main([*arguments, "--start", str(saved_checkpoint), *settings]) == 0
    return out


@pytest.fixture(scope="module")
def self_critical(data_folder, saved_checkpoint, tmp_path_factory):
    """A run of an epoch on sampled captions and crops, two weights averaged."""
    out = tmp_path_factory.mktemp("self_critical")
    arguments = ["train", "--data", str(data_folder), "--out", str(out), "--tune", "--crops", "1"]
    settings = ["--self-critical", "--batch-size", "60", "--peak-rate", "1e-2", "--warmup", "1"]
    settings += ["--epochs", "2", "--average", "2", "--start", str(saved_checkpoint)]
    assert main([*arguments, *settings]) == 0
    return out


def before_and_after(start, run):
    return (checkpoints.load(f) for f in (start, run / "checkpoints" / "last"))


def check_that_kernels_changed(before, after):
    def kernels(checkpoint):
        return [w for w in checkpoint.backbone.network.get_weights() if w.ndim == 4]

    for old, new in zip(kernels(before), kernels(after), strict=True):
        assert not np.allclose(old, new, atol=1e-3)


def test_backbone_and_decoder_both_learn(tuned, saved_checkpoint):
    before, after = before_and_after(saved_checkpoint, tuned)
    check_that_kernels_changed(before, after)
    old, new = before.decoder.get_weights(), after.decoder.get_weights()
    assert not np.allclose(old[0], new[0], atol=1e-3)


def test_statistics_of_batch_norm_stay(tuned, saved_checkpoint):
    before, after = before_and_after(saved_checkpoint, tuned)
    for old, new in zip(
        before.backbone.network.non_trainable_weights,
        after.backbone.network.non_trainable_weights,
        strict=True,
    ):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (old, new)))


def test_the_words_are_those_of_the_start_and_the_record_says_what_was_done(
    tuned, saved_checkpoint
):
    start, last = checkpoints.load(saved_checkpoint), checkpoints.load(tuned / "checkpoints/last")
    assert last.vocabulary.words == start.vocabulary.words
    assert "--tune" in last.config["tuning"]["command"]
    assert last.config["settings"]["tune"] is True


def test_the_loss_falls(tuned):
    lines = [json.loads(line) for line in (tuned / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss_per_word"] for line in lines if "loss_per_word" in line]
    assert losses[-1] < losses[0]


def test_sampled_captions_train_the_backbone_too(self_critical, saved_checkpoint):
    before, after = before_and_after(saved_checkpoint, self_critical)
    check_that_kernels_changed(before, after)


def test_the_backbone_of_a_checkpoint_is_the_mean_of_the_last_epochs(self_critical):
    last = checkpoints.load(self_critical / "checkpoints" / "last").backbone.network
    epochs = sorted((self_critical / "epochs" / "backbone").glob("*.weights.h5"))
    weights = []
    for file in epochs:
        network = keras.models.clone_model(last)
        checkpoints.load_weights(network, file)
        weights.append(network.get_weights())
    assert len(weights) == 2
    for mean, first, second in zip(last.get_weights(), *weights, strict=True):
        np.testing.assert_allclose(mean, (first + second) / 2, atol=2e-3)  # files hold float16


def test_tuning_needs_a_start(data_folder, tmp_path, capsys):
    assert main(["train", "--data", str(data_folder), "--out", str(tmp_path), "--tune"]) == 1
    assert "--start" in capsys.readouterr().err
