"""Batches of captions: each once, each with its own photo's features, in shapes that repeat."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from captioner.data.cache.features import FeatureCache
from captioner.decoding import MAX_WORDS
from captioner.training.input.batches import STEP, CaptionBatches, trimmed
from captioner.vocabulary import END, PAD, START, Vocabulary

PHOTOS = 60
MIRRORED = 100  # added to the features of mirrored photos
VOCABULARY = Vocabulary([*(f"p{i}" for i in range(PHOTOS)), "left", "right", "of", "a", "dog"])
LEFT, RIGHT = VOCABULARY.ids(["left", "right"])


def write_cache(folder: Path, added: int = 0, broken: tuple[str, ...] = ()) -> FeatureCache:
    """A cache as it lies on disk; all features of photo `i` are `i + added`."""
    folder.mkdir()
    rows = np.arange(PHOTOS)[::-1] + added  # rows are not in the order of the captions
    np.save(
        folder / "features.npy", np.broadcast_to(rows[:, None, None], (PHOTOS, 4, 3)).astype("f2")
    )
    manifest = {
        "backbone": "compact",
        "fingerprint": "0",
        "mirrored": bool(added),
        "shape": [PHOTOS, 4, 3],
        "photos": [f"{i}.jpg" for i in reversed(range(PHOTOS))],
        "done": PHOTOS,
        "broken": list(broken),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return FeatureCache(folder)


@pytest.fixture(scope="module")
def caches(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caches")
    return write_cache(folder / "plain"), write_cache(folder / "mirrored", MIRRORED)


@pytest.fixture(scope="module")
def captions():
    """Five captions a photo, of 2 to 30 words; the first word tells the photo."""
    rng = np.random.default_rng(0)
    words = ["left", "right", "of", "a", "dog", "zebra"]  # the last is in no vocabulary
    return {
        Path(f"{photo}.jpg"): [
            " ".join([f"p{photo}", *rng.choice(words, max(1, min(29, int(rng.normal(9, 6)))))])
            for _ in range(5)
        ]
        for photo in range(PHOTOS)
    }


@pytest.fixture(scope="module")
def batches(captions, caches):
    return CaptionBatches(captions, VOCABULARY, caches[:1], batch_size=16)


def sentences(batch) -> list[tuple[int, ...]]:
    """The captions in a batch, as ids with their end."""
    counts = batch["weights"].sum(axis=1).astype(int)
    return [tuple(row[:n]) for row, n in zip(batch["targets"].tolist(), counts, strict=True) if n]


def test_every_caption_comes_once_an_epoch(batches, captions):
    expected = Counter(
        tuple(VOCABULARY.encode(text)[:MAX_WORDS]) for texts in captions.values() for text in texts
    )
    assert max(map(len, expected)) == MAX_WORDS  # some captions are cut
    for epoch in range(3):
        found = [sentence for batch in batches.epoch(epoch) for sentence in sentences(batch)]
        assert Counter(found) == expected


def test_every_caption_has_the_features_of_its_own_photo(batches):
    for batch in batches.epoch(0):
        for row, sentence in enumerate(sentences(batch)):
            photo = int(VOCABULARY[sentence[0]][1:])
            assert (batch["grid"][batch["photo"][row]] == photo).all()


def test_photos_share_a_row_within_a_batch(batches):
    for batch in batches.epoch(0):
        used = batch["photo"][: len(sentences(batch))]
        shown = batch["grid"][:, 0, 0][np.unique(used)]
        assert len(set(shown.tolist())) == len(shown)  # no photo stands in two rows
    pieces = defaultdict(set)
    for number, batch in enumerate(batches.epoch(0)):
        for sentence in sentences(batch):
            pieces[sentence[0], batch["tokens"].shape[1]].add(number)
    assert max(map(len, pieces.values())) <= 2  # cut once at most, where a batch was full
    assert np.mean([len(numbers) for numbers in pieces.values()]) < 1.3


def test_words_go_in_one_place_later_than_they_come_out(batches):
    for batch in batches.epoch(0):
        there = batch["weights"] == 1
        assert set(np.unique(batch["weights"])) <= {0, 1}
        assert (batch["tokens"][:, 0] == START).all()
        np.testing.assert_array_equal(
            batch["tokens"][:, 1:][there[:, 1:]], batch["targets"][:, :-1][there[:, 1:]]
        )
        assert (batch["targets"][~there] == PAD).all()
        assert (batch["tokens"][:, 1:][~there[:, 1:]] == PAD).all()
        for sentence in sentences(batch):
            assert END not in sentence[:-1]
            assert sentence[-1] == END or len(sentence) == MAX_WORDS


def test_shapes_depend_on_the_length_group_alone(batches):
    shapes = defaultdict(set)
    for epoch in range(3):
        for batch in batches.epoch(epoch):
            length = batch["tokens"].shape[1]
            shapes[length].add(tuple((name, a.shape, a.dtype) for name, a in batch.items()))
            assert batch["tokens"].shape[0] == 16
    assert set(shapes) <= set(range(STEP, MAX_WORDS + 1, STEP))
    assert all(len(seen) == 1 for seen in shapes.values())


def test_little_is_padding(captions, caches):
    many = {photo: texts * 8 for photo, texts in captions.items()}
    words = places = 0
    for batch in CaptionBatches(many, VOCABULARY, caches[:1], batch_size=32).epoch(0):
        counts = batch["weights"].sum(axis=1)
        assert (counts[counts > 0] > batch["tokens"].shape[1] - STEP).all()
        words, places = words + counts.sum(), places + batch["weights"].size
    assert words / places > 0.75  # padded to the longest of all captions it would be 0.4


def test_a_trimmed_batch_has_all_words_and_hardly_any_padding(batches):
    for batch in batches.epoch(0):
        less = trimmed(batch)
        assert sentences(less) == sentences(batch)
        there = less["weights"] != 0
        assert there.any(axis=1).all() and there.any(axis=0).all()
        np.testing.assert_array_equal(less["places"], np.flatnonzero(there))
        assert set(less["photo"]) == set(range(len(less["grid"])))  # no photo without a caption
        for name in ("tokens", "targets", "weights"):
            np.testing.assert_array_equal(less[name], batch[name][: len(there), : there.shape[1]])
        kept = batch["grid"][batch["photo"][: len(there)]]
        np.testing.assert_array_equal(less["grid"][less["photo"]], kept)


def test_a_batch_in_which_no_word_counts_can_be_trimmed(batches):
    batch = next(batches.epoch(0))
    less = trimmed({**batch, "weights": np.zeros_like(batch["weights"])})
    assert less["tokens"].shape == (1, 1) and len(less["grid"]) == 1 and not len(less["places"])


def test_batches_are_the_same_for_the_same_seed_and_others_for_others(captions, caches):
    def epoch(seed, number, start=0):
        made = CaptionBatches(captions, VOCABULARY, caches, batch_size=16, seed=seed)
        assert made.count(number) == len(list(made.epoch(number)))
        return list(made.epoch(number, start))

    def same(one, other):
        return len(one) == len(other) and all(
            np.array_equal(a[name], b[name]) for a, b in zip(one, other, strict=True) for name in a
        )

    whole = epoch(0, 1)
    assert same(whole, epoch(0, 1))
    assert not same(whole, epoch(0, 2)) and not same(whole, epoch(1, 1))
    for start in (1, 7, len(whole) - 1, len(whole)):
        assert same(whole[start:], epoch(0, 1, start))


def test_left_and_right_change_places_in_mirrored_photos(captions, caches):
    both = CaptionBatches(captions, VOCABULARY, caches, batch_size=16)
    known = {
        (photo.name, tuple(VOCABULARY.encode(text)[:MAX_WORDS]))
        for photo, texts in captions.items()
        for text in texts
    }
    views = Counter()
    swapped = {LEFT: RIGHT, RIGHT: LEFT}
    for epoch in range(4):
        for batch in both.epoch(epoch):
            for row, sentence in enumerate(sentences(batch)):
                shown = int(batch["grid"][batch["photo"][row], 0, 0])
                mirrored, photo = divmod(shown, MIRRORED)
                said = tuple(swapped.get(i, i) for i in sentence) if mirrored else sentence
                assert (f"{photo}.jpg", said) in known
                assert tuple(batch["tokens"][row, 1 : len(sentence)].tolist()) == sentence[:-1]
                views[photo, mirrored] += 1
    assert all(views[photo, mirrored] for photo in range(PHOTOS) for mirrored in (0, 1))


def test_captions_without_features_are_left_out(captions, tmp_path):
    part = write_cache(tmp_path / "part", broken=("3.jpg", "4.jpg"))
    made = CaptionBatches(captions, VOCABULARY, [part], batch_size=16)
    shown = {VOCABULARY[s[0]] for batch in made.epoch(0) for s in sentences(batch)}
    assert shown == {f"p{i}" for i in range(PHOTOS)} - {"p3", "p4"}
    with pytest.raises(ValueError, match="features"):
        CaptionBatches({Path("3.jpg"): ["a dog"]}, VOCABULARY, [part])
