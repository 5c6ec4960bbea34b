"""Self-critical training."""

from pathlib import Path

import numpy as np
import pytest

from captioner import checkpoints
from captioner.data.augmentation import View
from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.grounding import Grounding
from captioner.decoder import architectures
from captioner.decoder.model import Decoder
from captioner.decoding import MAX_WORDS
from captioner.training import recipe, training_model
from captioner.training.self_critical import SENTENCES, SampledCaptions
from captioner.training.settings import FitConfig, SettingsError
from captioner.vocabulary import END, PAD, START
from tests.support import tiny

WORDS = tiny.vocabulary()
SAID = {
    Path("one.jpg"): ["a red square", "a red square on white"],
    Path("two.jpg"): ["a green disc", "a green disc on black"],
    Path("three.jpg"): ["a blue square on yellow", "blue square"],
}
CACHE = PhotoRows({p.name: i for i, p in enumerate(SAID)}, tiny.grids(3).astype(np.float16))


def own(decoder, photos: int = 3, caches=(CACHE,), seed: int = 0) -> SampledCaptions:
    return SampledCaptions(SAID, WORDS, caches, decoder, photos * SENTENCES, seed)


def test_a_batch_holds_sampled_captions_weighted_by_their_rewards():
    (batch,) = own(tiny.decoder()).epoch(0)
    targets, weights = batch["targets"], batch["weights"]
    assert batch["grid"].shape == (3, 4, 8) and len(targets) == 3 * SENTENCES
    assert sorted(batch["photo"]) == sorted(list(range(3)) * SENTENCES)
    assert (batch["tokens"][:, 0] == START).all()
    for tokens, said in zip(batch["tokens"], targets, strict=True):
        length = int((said != PAD).sum())
        assert (said[length:] == PAD).all() and END not in said[: length - 1]
        np.testing.assert_array_equal(tokens[1:length], said[: length - 1])
    assert (weights[targets == PAD] == 0).all()
    first = weights[:, 0]
    np.testing.assert_allclose(weights, np.where(targets == PAD, 0, first[:, None]))
    np.testing.assert_allclose(first.reshape(3, SENTENCES).sum(axis=1), 0, atol=1e-5)
    assert len({tuple(row) for row in targets[:SENTENCES]}) > 1  # each drawn for itself


def test_the_same_seed_samples_the_same_and_an_epoch_can_be_resumed():
    batches = list(own(tiny.decoder(), photos=1).epoch(4))
    assert len(batches) == own(tiny.decoder(), photos=1).count(4) == 3
    (again,) = own(tiny.decoder(), photos=1).epoch(4, start=2)
    for name, values in batches[2].items():
        np.testing.assert_array_equal(values, again[name])
    other = next(own(tiny.decoder(), photos=1, seed=1).epoch(4))
    assert any(not np.array_equal(other[name], batches[0][name]) for name in other)


def test_references_have_higher_rewards_than_other_captions():
    batches = own(tiny.decoder())
    file = Path("one.jpg")

    def reward(text: str, end: bool = True, mirrored: bool = False) -> float:
        ids = [*WORDS.ids(text.split()), END] if end else WORDS.ids(text.split())
        return batches._rewards(np.array([[*ids, PAD]]), file, mirrored)[0]

    whole = reward("a red square on white")
    assert whole > reward("a red square on black") > reward("a green disc") >= 0
    assert whole > reward("a red square on white", end=False)


def test_words_are_as_rare_as_in_their_own_data_set():
    one, *others = SAID
    together = SampledCaptions(SAID, WORDS, [CACHE], tiny.decoder())
    apart = SampledCaptions(SAID, WORDS, [CACHE], tiny.decoder(), data_sets=[[one], others])
    alone = SampledCaptions({p: SAID[p] for p in others}, WORDS, [CACHE], tiny.decoder())
    row = np.array([[*WORDS.ids(["a", "green", "square"]), END]])
    found = [batches._rewards(row, others[0], False)[0] for batches in (together, apart, alone)]
    assert found[1] == pytest.approx(found[2]) and abs(found[0] - found[1]) > 0.01


def test_nouns_that_name_nothing_in_the_photo_are_penalised():
    one, two, _ = SAID
    nouns = {"square": "square", "disc": "disc"}
    known = Grounding({one: [], two: []}, nouns, frozenset(nouns), True)  # no boxes: references say
    plain = own(tiny.decoder())
    careful = SampledCaptions(
        SAID, WORDS, [CACHE], tiny.decoder(), groundings=[known], hallucination_penalty=0.5
    )

    def penalty(photo: Path, sentence: str) -> float:
        row = np.array([[*WORDS.ids(sentence.split()), END]])
        return plain._rewards(row, photo, False)[0] - careful._rewards(row, photo, False)[0]

    assert penalty(one, "a red square") == pytest.approx(0)
    assert penalty(one, "a red disc") == pytest.approx(0.5)
    assert penalty(one, "a disc a square a disc") == pytest.approx(1.0)
    assert penalty(two, "a square") == pytest.approx(0.5)
    assert penalty(Path("three.jpg"), "a disc") == 0  # nobody knows what is in it


def test_photos_of_a_small_data_set_come_as_often_as_those_of_a_large_one():
    one, *others = SAID
    batches = SampledCaptions(
        SAID, WORDS, [CACHE], tiny.decoder(), SENTENCES, data_sets=[[one], others],
        balance_data_sets=True,
    )  # fmt: skip
    rows = [CACHE.array[CACHE.row(photo)] for photo in SAID]
    epoch = list(batches.epoch(0))  # a photo each
    counts = [sum(np.array_equal(batch["grid"][0], row) for batch in epoch) for row in rows]
    assert len(epoch) == batches.count(0) == 4 and counts == [2, 1, 1]


def test_left_and_right_change_places_in_a_mirrored_photo():
    from captioner.vocabulary import Vocabulary

    words = Vocabulary(["a", "dog", "left", "right", "cat", "up"])
    said = {Path("one.jpg"): ["a dog left"], Path("two.jpg"): ["a cat up"]}
    cache = PhotoRows({"one.jpg": 0, "two.jpg": 1}, tiny.grids(2))
    batches = SampledCaptions(said, words, [cache], tiny.decoder(vocabulary=len(words)), 10)
    row = np.array([[*words.ids(["a", "dog", "right"]), END]])
    plain = batches._rewards(row, Path("one.jpg"), False)
    assert batches._rewards(row, Path("one.jpg"), True) > plain


def test_written_captions_come_with_them():
    rows = {p.name: i for i, p in enumerate(SAID)}
    views = [CACHE, PhotoRows(rows, CACHE.array[:, ::-1], View(mirrored=True))]
    plain = SampledCaptions(SAID, WORDS, views, tiny.decoder(), 3 * SENTENCES)
    batches = SampledCaptions(
        SAID, WORDS, views, tiny.decoder(), 3 * SENTENCES, written_weight=0.25
    )
    (without,), (batch,) = plain.epoch(0), batches.epoch(0)
    own = len(without["targets"])
    short = without["targets"].shape[1]
    np.testing.assert_array_equal(batch["targets"][:own, :short], without["targets"])
    np.testing.assert_array_equal(batch["weights"][:own, :short], without["weights"])
    assert list(batch["photo"][own:]) == [0, 1, 2]
    rows = [CACHE.array[CACHE.row(photo)] for photo in SAID]
    for slot, targets in enumerate(batch["targets"][own:]):
        seen = batch["grid"][slot]
        said = next(
            SAID[photo]
            for photo, row in zip(SAID, rows, strict=True)
            if np.array_equal(seen, row) or np.array_equal(seen, row[::-1])
        )
        ids = targets[targets != PAD].tolist()
        assert ids in [WORDS.encode(text) for text in said]
        given = batch["weights"][own + slot]
        np.testing.assert_allclose(given, np.where(targets == PAD, 0, 0.25))
        assert batch["tokens"][own + slot][1 : len(ids)].tolist() == ids[:-1]


def test_label_smoothing_has_no_part_in_it():
    """Words of negative weight would be pushed down without an end."""
    decoder = tiny.decoder()
    (batch,) = own(decoder).epoch(0)
    losses = []
    for smoothing in (0.0, 0.5):
        trained = training_model.TrainingModel(
            decoder, FitConfig(self_critical=True, label_smoothing=smoothing, dropout=0.0)
        )
        trained.compile()
        losses.append(trained.test_on_batch(batch, return_dict=True)["loss"])
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.parametrize(
    "sizes",
    [{}, pytest.param(tiny.TRANSFORMER, marks=pytest.mark.slow)],
    ids=["gru", "transformer"],
)
def test_sampled_captions_get_better(sizes):
    keras_config = FitConfig(
        epochs=1, batch_size=15, peak_rate=0.03, warmup=0, dropout=0.0, label_smoothing=0.0,
        schedule="constant", self_critical=True, mixed=False, weight_decay=0.0,
    )  # fmt: skip
    decoder = tiny.decoder(**sizes)
    batches = own(model_like(decoder))
    trained = training_model.build(
        keras_config, decoder.config, 40, padded(next(batches.epoch(0))), initial=decoder
    )
    batches.follow(trained.decoder)
    rewards = []
    for number in range(40):
        (batch,) = batches.epoch(number)
        photos = list(SAID)
        order = np.random.default_rng((0, number)).permutation(3)
        scored = [
            batches._rewards(row[None], photos[order[slot]], 0)[0]
            for row, slot in zip(batch["targets"], batch["photo"], strict=True)
        ]
        rewards.append(np.mean(scored))
        trained.train_on_batch(padded(batch))
    assert np.mean(rewards[-5:]) > 2 * np.mean(rewards[:5])


def padded(batch: dict) -> dict:
    """The batch with room for the longest captions: one graph is compiled for all such batches."""
    missing = MAX_WORDS - batch["targets"].shape[1]
    by_word = ("tokens", "targets", "weights")
    return batch | {name: np.pad(batch[name], ((0, 0), (0, missing))) for name in by_word}


def model_like(decoder: Decoder) -> Decoder:
    """Another with the same weights, to draw from."""
    twin = architectures.build(decoder.config)
    twin.set_weights(decoder.get_weights())
    return twin


def test_a_trained_captioner_is_needed():
    with pytest.raises(SettingsError, match="needs a trained captioner"):
        recipe.Recipe(data="x", fit=FitConfig(self_critical=True))
    with pytest.raises(ValueError, match="batch_size must be"):
        SampledCaptions(SAID, WORDS, [CACHE], tiny.decoder(), SENTENCES - 1)


@pytest.mark.slow
def test_a_captioner_trains_on_sampled_captions_with_sharper_attention(saved_checkpoint, tmp_path):
    small = {"epochs": 1, "min_count": 1, "grid_units": 4, "attention": 4, "embedding": 4}
    small |= {"units": 4, "average": 1, "save_every": 1}
    small |= {"batch_size": 12 * SENTENCES}  # a step of all photos, for which one graph is compiled
    data = str(tiny.data_folder(tmp_path / "data"))
    given = {"data": data, "features": str(tmp_path / "features"), "mirror": False}
    first = recipe.Recipe(**given, backbone=str(saved_checkpoint), fit=FitConfig(**small))
    start = recipe.train(first, tmp_path / "first", lambda line: None)
    small |= {"self_critical": True, "peak_rate": 1e-6}  # so that it stays as it is
    again = recipe.Recipe(**given, start=str(start), sharpen=2.0, fit=FitConfig(**small))
    best = recipe.train(again, tmp_path / "again", lambda line: None)

    config = checkpoints.read_config(best)
    assert config["settings"]["self_critical"] and "training" in config and "tuning" in config
    before, after = (checkpoints.load(folder).decoder for folder in (start, best))
    scores, sharpened = before.score.get_weights()[0], after.score.get_weights()[0]
    np.testing.assert_allclose(sharpened, 2 * scores, rtol=1e-2)  # kept as float16
    words, softened = before.words.get_weights()[0], after.words.get_weights()[0]
    temperature = np.median(words / softened)  # it was not quite sure enough, or too sure
    assert abs(temperature - 1) > 0.01
    np.testing.assert_allclose(softened, words / temperature, atol=1e-3)
    assert config["temperature"] == pytest.approx(temperature, rel=1e-2)

    # A training from it begins with the logits as trained, not with the softened ones.
    third = recipe.Recipe(**given, start=str(best), fit=FitConfig(**small))
    last = checkpoints.load(recipe.train(third, tmp_path / "third", lambda line: None))
    learnt = last.decoder.words.get_weights()[0] * last.config["temperature"]
    np.testing.assert_allclose(learnt, words, atol=3e-3)


def test_only_trained_attention_is_sharpened():
    with pytest.raises(SettingsError, match="sharpen needs a trained captioner"):
        recipe.Recipe(data="x", sharpen=2.0)
