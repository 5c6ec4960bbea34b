"""Training of a decoder: the loss, what is learned and saved, and how it is resumed."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from captioner import Captioner, checkpoints
from captioner.data import datasets
from captioner.data.boxes import Box
from captioner.data.cache import features
from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.grounding import Grounding
from captioner.evaluation import metrics
from captioner.evaluation.pointing import POINTING
from captioner.training import fit, training_model, validation
from captioner.training.input.batches import CaptionBatches
from captioner.training.input.training_data import (
    DevSplit,
    TrainingData,
    split_captions,
    without_effect,
)
from captioner.training.loop import StateError
from captioner.training.runs.journal import Journal
from captioner.training.settings import FitConfig
from captioner.vocabulary import END, PAD, START, Vocabulary
from tests.support import tiny

COPIES = 12
CONFIG = FitConfig(
    epochs=4,
    batch_size=16,
    mixed=False,
    peak_rate=0.02,
    warmup=10,
    weight_decay=0.0,
    dropout=0.03,
    label_smoothing=0.0,
    average=1,
    grid_units=24,
    attention=16,
    embedding=12,
    units=24,
    save_every=10**9,  # at the end of an epoch only
)


@pytest.fixture(scope="module")
def backbone():
    return tiny.backbone()


@pytest.fixture(scope="module")
def caches(data_folder, backbone, tmp_path_factory):
    """The features of the photos of train and of dev."""
    dataset, folder = datasets.read(data_folder), tmp_path_factory.mktemp("features")
    return {
        name: features.cache(dataset.split(name), backbone, folder / name, batch_size=6)
        for name in ("train", "dev")
    }


@pytest.fixture(scope="module")
def data(data_folder, caches, tmp_path_factory):
    return toy_data(data_folder, caches, tmp_path_factory.mktemp("copies"), COPIES)


def toy_data(data_folder, caches, folder, count: int) -> TrainingData:
    """A toy data set with `count` copies of every photo to train on; all words name what is at the
    left of a dev photo."""
    dataset = datasets.read(data_folder)
    photos = dataset.split("train")
    copies = {Path(f"{n}-{photo.name}"): photo for n in range(count) for photo in photos}
    more = {copy: dataset.captions[photo] for copy, photo in copies.items()}
    dataset.captions = {**dataset.captions, **more}
    dataset.splits["train"] = list(copies)

    plain = caches["train"]
    array = np.tile(plain.array, (count, 1, 1))
    np.save(folder / "features.npy", array)
    names = [copy.name for copy in copies]
    manifest = plain.manifest | {"photos": names, "done": len(names), "shape": array.shape}
    (folder / "manifest.json").write_text(json.dumps(manifest))

    texts = [text for photo in dataset.split("train") for text in dataset.captions[photo]]
    words = Vocabulary.from_captions(texts)
    photos, nouns = dataset.split("dev"), dict.fromkeys(words.words, "thing")
    left = {photo: [Box("thing", 0, 0, 0.5, 1)] for photo in photos}
    split = DevSplit(photos, Grounding(left, nouns, frozenset({"thing"}), True))
    copied = [features.FeatureCache(folder)]
    return TrainingData(dataset, words, copied, caches["dev"], scored={"toy": split})


@pytest.fixture(scope="module")
def undisturbed(data, backbone, tmp_path_factory):
    """The folder of a finished training."""
    out = tmp_path_factory.mktemp("undisturbed")
    record = {"training": {"command": "train"}}
    best = fit.fit(data, backbone, out, CONFIG, record, quiet(out))
    assert best == out / "checkpoints" / "best"
    return out


def quiet(out) -> Journal:
    return Journal(out, report=lambda line: None)


def lines(out) -> list[dict]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def epoch_lines(out) -> list[dict]:
    return [line for line in lines(out) if "epoch" in line]


def small_model(smoothing=0.0, coverage=0.0) -> training_model.TrainingModel:
    config = replace(CONFIG, label_smoothing=smoothing, doubly_stochastic=coverage)
    return training_model.TrainingModel(tiny.decoder(), config)


def captions(rows: int, words: int, empty: int = 0, padding: int = 0) -> dict:
    """A batch of `rows` captions of up to `words` words, then `empty` rows and `padding` places."""
    rng = np.random.default_rng(1)
    shape = (rows + empty, words + 1 + padding)
    tokens, targets = np.full(shape, PAD, np.int32), np.full(shape, PAD, np.int32)
    weights = np.zeros(shape, np.float32)
    photo = np.zeros(rows + empty, np.int32)
    for row in range(rows):
        count = words - row % 3
        ids = [*rng.integers(4, len(tiny.vocabulary()), count), END]
        targets[row, : count + 1] = ids
        tokens[row, : count + 1] = [START, *ids[:-1]]
        weights[row, : count + 1] = 1
        photo[row] = row % 2
    tokens[:, 0] = START
    grid = tiny.grids(2)
    return {"grid": grid, "photo": photo, "tokens": tokens, "targets": targets, "weights": weights}


def loss(model, batch) -> float:
    return float(model.compute_loss(x=batch, y_pred=model(batch)))


@pytest.mark.parametrize("smoothing, coverage", [(0.0, 0.0), (0.1, 0.0), (0.1, 0.7)])
def test_padding_does_not_change_the_loss(smoothing, coverage):
    model = small_model(smoothing, coverage)
    expected = loss(model, captions(5, 6))
    for empty, padding in ((0, 4), (3, 0), (7, 5)):
        assert loss(model, captions(5, 6, empty, padding)) == pytest.approx(expected, rel=1e-5)


def test_the_loss_is_the_mean_over_the_words():
    batch = captions(5, 6, empty=1, padding=2)
    model = small_model(smoothing=0.1)
    logits = np.array(model(batch)["logits"], np.float64)
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    there = batch["weights"].astype(bool)
    right = np.take_along_axis(log_p, batch["targets"][..., None], axis=-1)[..., 0][there]
    expected = -(0.9 * right.mean() + 0.1 * log_p[there].mean())
    assert loss(model, batch) == pytest.approx(expected, rel=1e-5)
    assert float(model.loss_per_word.result()) == pytest.approx(-right.mean(), rel=1e-5)


def test_uneven_attention_adds_to_the_loss():
    batch = captions(5, 6)
    model = small_model(coverage=1.0)
    maps = np.array(model(batch)["attention"]) * batch["weights"][..., None]
    given = maps.sum(axis=1)
    off = ((given - given.mean(axis=1, keepdims=True)) ** 2).sum(axis=1).mean()
    assert off > 0.01
    assert loss(model, batch) - loss(small_model(), batch) == pytest.approx(off, rel=1e-4)


def test_the_penalty_of_uneven_attention_does_not_depend_on_the_weights_of_captions():
    batch = captions(5, 6)
    worth = {**batch, "weights": np.where(batch["weights"], -0.3, 0.0).astype(np.float32)}
    prices = [
        loss(small_model(coverage=1.0), one) - loss(small_model(coverage=0.0), one)
        for one in (batch, worth)
    ]
    assert prices[0] == pytest.approx(prices[1], rel=1e-4)


def test_few_graphs_are_compiled_for_all_batches():
    words, texts = tiny.vocabulary(), ("a red disc", "a red square on white")
    photos = [Path(f"{n}.png") for n in range(8)]
    captions = {photo: texts * (1 + n % 3) for n, photo in enumerate(photos)}
    rows = PhotoRows({photo.name: n for n, photo in enumerate(photos)}, tiny.grids(len(photos)))
    batches = CaptionBatches(captions, words, [rows], batch_size=4)
    first = next(batches.epoch(0))
    model = training_model.build(CONFIG, tiny.decoder().config, 100, first)
    traced = []
    compute_loss = model.compute_loss
    model.compute_loss = lambda *args, **kwargs: traced.append(1) or compute_loss(*args, **kwargs)
    lengths = set()
    for epoch in range(3):
        for batch in batches.epoch(epoch):
            model.train_on_batch(batch)
            lengths.add(batch["tokens"].shape[1])
    assert lengths == {4, 8}
    assert 1 <= len(traced) <= len(lengths)


def test_photos_of_dev_are_not_trained_on(data_folder):
    dataset = datasets.read(data_folder)
    train, dev = (split_captions(dataset, split) for split in ("train", "dev"))
    assert len(train) == 12 and len(dev) == 6
    assert not train.keys() & dev.keys()
    assert all(len(captions) == 2 for captions in train.values())  # none went elsewhere


@pytest.mark.slow
def test_a_toy_data_set_is_memorised(data_folder, backbone, caches, tmp_path):
    data = toy_data(data_folder, caches, tmp_path, 8 * COPIES)
    fit.fit(data, backbone, tmp_path, CONFIG, journal=quiet(tmp_path))
    trained = checkpoints.load(tmp_path / "checkpoints" / "last")
    dataset = datasets.read(data_folder)
    photos = dataset.split("train")
    model, words, cached = trained.decoder, trained.vocabulary, caches["train"]
    found = validation.Validator(model, words, backbone.geometry).captions(cached, photos)
    said = {photo: caption.text for photo, caption in zip(photos, found, strict=True)}
    assert len(said) == 12
    assert said == {photo: dataset.captions[photo][0].rstrip(" .") for photo in photos}
    losses = [line["loss_per_word"] for line in lines(tmp_path) if "loss_per_word" in line]
    assert losses[-1] < 0.2 < losses[0]


def test_a_photo_has_the_same_caption_from_cache_and_file(data_folder, caches, undisturbed):
    trained = Captioner.load(undisturbed / "checkpoints" / "last")
    for name, cached in caches.items():
        photos = datasets.read(data_folder).split(name)
        validator = validation.Validator(
            trained.checkpoint.decoder, trained.vocabulary, trained.geometry
        )
        found = validator.captions(cached, photos)
        for photo, caption in zip(photos, found, strict=True):
            direct = trained.caption(photo)
            assert direct.text == caption.text
            np.testing.assert_allclose(direct.maps, caption.maps, atol=0.02)


def test_the_files_of_a_finished_training(undisturbed):
    epochs = epoch_lines(undisturbed)
    assert [line["epoch"] for line in epochs] == [1, 2, 3, 4]
    configs = {
        name: checkpoints.load(undisturbed / "checkpoints" / name).config
        for name in ("best", "last")
    }
    assert configs["last"]["epoch"] == 4
    for config in configs.values():
        line = epochs[config["epoch"] - 1]
        assert config["scores"]["split"] == "dev"
        assert config["scores"]["CIDEr"] == pytest.approx(line["CIDEr"], abs=1e-4)
        assert config["training"] == {"command": "train"}
        assert config["settings"]["epochs"] == 4
    best = max(line["CIDEr"] for line in epochs)
    assert configs["best"]["scores"]["CIDEr"] == pytest.approx(best, abs=1e-4)
    assert sorted(path.name for path in (undisturbed / "checkpoints").iterdir()) == ["best", "last"]


def test_scores_are_those_of_the_captions(undisturbed, data, backbone):
    trained = checkpoints.load(undisturbed / "checkpoints" / "last")
    validator = validation.Validator(trained.decoder, trained.vocabulary, backbone.geometry)
    dev = split_captions(data.dataset, "dev")
    found = [caption.text for caption in validator.captions(data.dev, list(dev))]
    scores = metrics.scores(found, list(dev.values()))
    logged = epoch_lines(undisturbed)[-1]
    # The decoder on disk is rounded to float16: a word of 24 may be another one.
    assert scores["BLEU-1"] == pytest.approx(logged["BLEU-1"], abs=0.1)


def test_attention_is_scored_after_every_epoch_where_boxes_are_known(undisturbed):
    for epoch in epoch_lines(undisturbed):
        assert {*POINTING} <= epoch.keys()
        assert epoch["pointing_uniform"] == pytest.approx(0.5)
        assert 0 < epoch["attention_within"] < 1


def test_a_setting_without_effect_is_named(data):
    known = dict.fromkeys(data.vocabulary.words, "thing")
    boxes = {photo: [Box("thing", 0, 0, 1, 1)] for photo in data.dataset.split("train")}
    there = Grounding(boxes, known, frozenset({"thing"}), True)
    nothing = Grounding({}, known, frozenset(), False)

    def named(use_attention=True, groundings=None, data_sets=(), **settings) -> list[str]:
        some = replace(data, groundings=groundings or {}, data_sets=data_sets)
        sentences = without_effect(some, replace(CONFIG, **settings), use_attention)
        return [sentence.partition(":")[0] for sentence in sentences]

    supervised = {"attention_supervision": 1.0}
    assert named() == named(groundings={"one": there}, **supervised) == []
    for groundings in ({}, {"one": nothing}, {"one": nothing, "two": nothing}):
        assert named(groundings=groundings, **supervised) == ["attention_supervision has no effect"]
    found = named(groundings={"one": there, "two": nothing}, **supervised)
    assert found == ["attention_supervision has no effect on two"]
    found = named(False, {"one": there}, doubly_stochastic=1.0, **supervised)
    assert found == ["attention_supervision has no effect", "doubly_stochastic has no effect"]
    penalty = {"hallucination_penalty": 1.0}
    assert named(groundings={"one": there}, **penalty) == ["hallucination_penalty has no effect"]
    assert named(groundings={"one": there}, self_critical=True, **penalty) == []
    found = named(groundings={"one": nothing}, self_critical=True, **penalty)
    assert found == ["hallucination_penalty has no effect"]
    balanced, photos = {"balance_data_sets": True, "self_critical": True}, list(boxes)
    assert named(data_sets=[photos], **balanced) == ["balance_data_sets has no effect"]
    assert named(data_sets=[photos[:1], photos[1:]], **balanced) == []


def test_the_loss_of_a_split_is_the_mean_over_all_its_words(data, backbone):
    decoder = tiny.decoder(cells=4, channels=backbone.channels)
    validator = validation.Validator(decoder, tiny.vocabulary(), backbone.geometry)
    dev = split_captions(data.dataset, "dev")
    total = words = 0.0
    for photo, texts in dev.items():
        for text in texts:
            ids = tiny.vocabulary().encode(text)
            inputs = {
                "grid": data.dev.array[[data.dev.row(photo)]].astype(np.float32),
                "photo": np.zeros(1, np.int32),
                "tokens": np.array([[START, *ids[:-1]]], np.int32),
            }
            logits = np.array(decoder(inputs)["logits"], np.float64)[0]
            log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
            total -= log_p[range(len(ids)), ids].sum()
            words += len(ids)
    assert validator.loss(data.dev, dev) == pytest.approx(total / words, rel=1e-4)


class Stopped(Exception):
    pass


def stop_at(beginning: str):
    def report(line: str) -> None:
        if line.startswith(beginning):
            raise Stopped

    return report


@pytest.mark.slow
def test_a_resumed_training_equals_an_undisturbed_one(data, backbone, undisturbed, tmp_path):
    often = replace(CONFIG, save_every=1)  # after every step
    for beginning in ("step 20 ", "epoch 2 "):  # within an epoch, and while one is scored
        with pytest.raises(Stopped):
            fit.fit(data, backbone, tmp_path, often, journal=Journal(tmp_path, stop_at(beginning)))
    said = []
    fit.fit(data, backbone, tmp_path, CONFIG, journal=Journal(tmp_path, said.append))
    steps = [line["step"] for line in lines(undisturbed) if "step" in line]
    assert int(said[0].split()[1]) >= steps[-1] // 2  # not from the beginning
    with np.load(undisturbed / "state.npz") as one, np.load(tmp_path / "state.npz") as other:
        assert one.files == other.files
        assert json.loads(str(one["progress"])) == json.loads(str(other["progress"]))
        for name in one.files:
            if name != "progress":
                np.testing.assert_allclose(other[name], one[name], atol=1e-6, rtol=1e-5)
    assert lines(tmp_path)[-1] == lines(undisturbed)[-1]


def test_a_finished_training_is_not_trained_again(data, backbone, undisturbed):
    def report(line):
        raise AssertionError(line)

    before = (undisturbed / "state.npz").stat().st_mtime_ns
    best = fit.fit(data, backbone, undisturbed, CONFIG, journal=Journal(undisturbed, report))
    assert best == undisturbed / "checkpoints" / "best"
    assert (undisturbed / "state.npz").stat().st_mtime_ns == before


def test_the_state_of_another_model_is_refused(data, backbone, undisturbed):
    with pytest.raises(StateError, match="another shape"):
        fit.fit(data, backbone, undisturbed, replace(CONFIG, units=20))


def test_mixed_precision_is_really_used_and_trains():
    batch = captions(5, 6)
    sizes = tiny.decoder().config
    model = training_model.build(
        replace(CONFIG, mixed=True), sizes, 10, batch, tiny.backbone(), None
    )
    assert model.decoder.hidden.compute_dtype == model.decoder.cell.compute_dtype == "bfloat16"
    assert {str(v.dtype) for v in model.trainable_variables} == {"float32"}
    losses = [float(model.train_on_batch(batch, return_dict=True)["loss"]) for _ in range(12)]
    assert losses[-1] < losses[0]
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.slow
def test_the_saved_decoder_is_the_mean_of_the_last_epochs(data, backbone, tmp_path):
    every = replace(CONFIG, epochs=3, average=1)
    last = tmp_path / "every/checkpoints/last"
    seen = []

    def report(line):  # of an epoch, before it is saved: the one before it lies there
        if line.startswith("epoch") and last.is_dir():
            seen.append(checkpoints.load(last).decoder.get_weights())

    fit.fit(data, backbone, tmp_path / "every", every, journal=Journal(tmp_path / "every", report))
    seen.append(checkpoints.load(last).decoder.get_weights())
    fit.fit(data, backbone, tmp_path / "mean", replace(every, average=2))
    mean = checkpoints.load(tmp_path / "mean/checkpoints/last").decoder.get_weights()
    for found, one, other in zip(mean, *seen[-2:], strict=True):
        np.testing.assert_allclose(found, (one + other) / 2, atol=2e-3)  # float16 on disk
    assert any(not np.allclose(a, b, atol=2e-3) for a, b in zip(*seen[-2:], strict=True))
    assert len(list((tmp_path / "mean/epochs").iterdir())) == 2
