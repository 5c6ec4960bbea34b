"""Presets: as large as published, and each from training to captions."""

import functools
import json

import keras
import numpy as np
import pytest

from captioner import Captioner, checkpoints, scenes
from captioner.backbones.backbone import Backbone, keras_backbone
from captioner.backbones.specs import BACKBONE_NAMES, SPECS
from captioner.decoder import architectures, model
from captioner.decoder.designs import DecoderConfig
from captioner.evaluation import evaluate, meteor
from captioner.training import presets, recipe
from captioner.training.presets import PRESETS
from captioner.training.runs.journal import Stopped
from captioner.training.settings import FitConfig, SettingsError, kinds
from captioner.vocabulary import Vocabulary
from tests.benchmarks import tutorial

GRU, LSTM = 3, 4  # gates


def dense(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def decoder_of(name: str, vocabulary: int) -> model.Decoder:
    """At full size, on the grid of its own backbone."""
    fit, spec = presets.settings(name, {}), SPECS[PRESETS[name].backbone]
    sizes = ("grid_units", "attention", "embedding", "units", "design", "cell", "use_attention")
    known = {size: getattr(fit, size) for size in sizes}
    geometry = spec.geometry
    return architectures.build(DecoderConfig(vocabulary, spec.channels, geometry.cells, **known))


def test_the_tutorials_decoder_has_as_many_parameters_as_the_tutorials():
    encoder, theirs = tutorial.Encoder(), tutorial.Decoder()
    cells = encoder(np.zeros((1, tutorial.CELLS, tutorial.CHANNELS), np.float32))
    theirs(np.zeros((1, 1), np.int32), cells, np.zeros((1, tutorial.UNITS), np.float32))
    ours = decoder_of("tutorial", tutorial.WORDS)
    assert ours.count_params() == encoder.count_params() + theirs.count_params()
    assert sorted(tuple(w.shape) for w in ours.weights) == sorted(
        tuple(w.shape) for w in [*encoder.weights, *theirs.weights]
    )


def test_merge_has_as_many_parameters_as_published():
    assert decoder_of("merge-lstm", 1976).count_params() == 1_961_336


def test_vgg16_differs_from_the_tutorial_by_its_grid_and_a_batch_norm():
    ours = decoder_of("vgg16-flickr8k", 5000)
    assert (ours.config.cells, ours.config.channels) == (49, 512)
    fewer = dense(2048, 256) - dense(512, 256)
    assert ours.count_params() == decoder_of("tutorial", 5000).count_params() - fewer + 4 * 512


def test_seq2seq_reads_and_says_with_lstms():
    ours, v = decoder_of("seq2seq-lstm", 3000), 3000
    reader = 2 * LSTM * dense(512 + 256, 256)
    attention = dense(512, 256) + (512 + 256) * 256 + 256
    writer = dense(512, 2 * 512) + LSTM * dense(256 + 512 + 512, 512)
    out = dense(512 + 512, 512) + dense(512, v)
    assert ours.count_params() == reader + attention + writer + 256 * v + out


def test_settings_that_are_given_come_before_the_presets():
    fit = presets.settings("tutorial", {"epochs": 3, "units": None})
    assert (fit.epochs, fit.units, fit.design) == (3, 512, "tutorial")
    with pytest.raises(SettingsError, match="no setting 'colour'"):
        presets.settings("tutorial", {"colour": 3})
    assert presets.settings("compact", {}) == FitConfig(attention_supervision=5.0)
    for name, preset in PRESETS.items():
        supervised = presets.settings(name, {}).attention_supervision
        assert (supervised > 0) == (name == "compact")
        assert preset.settings.keys() <= kinds(FitConfig).keys()
        assert preset.backbone in BACKBONE_NAMES


SMALL = {
    **{"epochs": 2, "batch_size": 10, "grid_units": 16, "attention": 8, "embedding": 8},
    **{"units": 16, "min_count": 1, "save_every": 3},
}
# Their rates are for thousands of steps. The words of a transformer are as large as its layers.
OF_PRESET = {
    "compact": {"peak_rate": 1e-2},
    "transformer-flickr8k": {"embedding": 16, "peak_rate": 1e-3},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Scenes whose captions all have 4 words, so that few graphs are compiled."""
    folder = tmp_path_factory.mktemp("presets") / "scenes"
    scenes.write(folder, 10)
    for file in folder.glob("annotations/captions_*.json"):
        content = json.loads(file.read_text())
        for annotation in content["annotations"]:
            annotation["caption"] = " ".join(annotation["caption"].split()[:4])
        file.write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    return tmp_path_factory.mktemp("features")


folded = functools.cache(Backbone.folded)  # folded and compiled once, for all trainings


@functools.cache
def random_weights(name: str) -> Backbone:
    """Built once: no training here changes its weights."""
    keras.utils.set_random_seed(0)
    return keras_backbone(name, weights=None)


@pytest.fixture
def unpublished(monkeypatch):
    """Backbones of keras.applications with random weights, always the same; and no METEOR, which
    takes half a minute and has a test of its own."""
    monkeypatch.setattr(meteor.shutil, "which", lambda name: None)
    monkeypatch.setattr("captioner.checkpoints.keras_backbone", random_weights)
    monkeypatch.setattr(Backbone, "folded", lambda backbone: folded(backbone))


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_each_is_trained_resumed_saved_loaded_explored_and_evaluated(
    name, data, features, tmp_path, unpublished
):
    asked = recipe.Recipe(
        data=str(data),
        preset=name,
        backbone=PRESETS[name].backbone,
        mirror=False,
        features=str(features),
        fit=presets.settings(name, SMALL | OF_PRESET.get(name, {})),
    )
    out = tmp_path / "run"
    out.mkdir()

    def stop_once(line: str) -> None:
        if line.startswith("epoch 1") and not (out / "stopped").exists():
            (out / "stopped").touch()
            (out / "STOP").touch()

    with pytest.raises(Stopped):
        recipe.train(asked, out, stop_once)
    best = recipe.train(recipe.Recipe.read(out), out, lambda line: None)
    losses = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    epochs = [line["validation_loss"] for line in losses if "epoch" in line]
    config = checkpoints.read_config(best)
    # Better than chance already; batch norm needs more steps than these to know its statistics.
    assert len(epochs) == 2 and epochs[1] < np.log(config["decoder"]["vocabulary"])
    assert config["training"]["preset"] == name
    assert config["decoder"]["design"] == PRESETS[name].decoder.get("design", FitConfig.design)

    captioner = Captioner.load(best)
    photo = next((data / "images").glob("*.png"))
    caption = captioner.caption(photo)
    maps, geometry = caption.maps, captioner.geometry
    assert caption.words and maps.shape[1:] == (geometry.rows, geometry.cols)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), 1, atol=1e-4)
    assert caption.use_attention == (name != "merge-lstm")
    if not caption.use_attention:
        np.testing.assert_allclose(maps, 1 / geometry.cells, atol=1e-6)
    words = [word.text for word in caption.words]
    assert captioner.probabilities(photo, words).shape == (len(words),)

    found = evaluate.evaluate(captioner, name, evaluate.Request(str(data), "train", photos=2))
    assert len(found.photos) == 2 and found.scores["BLEU-1"] >= 0
    if caption.use_attention:
        # How many words so short a training taught differs from one processor to another.
        varied = any(len(set(row["caption"].split())) > 1 for row in found.photos)
        assert {"cover_most", "cover_random"} <= found.faithfulness.keys()
        assert ("maps_within" in found.faithfulness) == varied
    else:
        assert found.faithfulness == {}
        assert found.missing["cover_most"] == "This captioner has no attention."


def test_words_of_a_clean_vocabulary_stay_clean(data, tmp_path):
    words = Vocabulary.from_captions(["a dog 2 dogs t-shirt"] * 2, 1, clean=True)
    assert words.words[4:] == ("dog", "dogs") and len(words.encode("a dog")) == 2
    words.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json").clean
