"""Decoding on toy alphabets, where the right sentence is known exactly."""

import itertools
import json

import numpy as np
import pytest

from captioner.decoding import EncodedPhotos, decode, force, run
from captioner.samplers import Beam, Greedy, Sampling
from captioner.vocabulary import END, PAD, START, UNKNOWN, UnknownWordError, Vocabulary
from tests.support.toy import GEOMETRY, WORDS, A, B, C, D, Toy, chain, random_tables

SAMPLERS = [Greedy(), Sampling(1.3, seed=1), Sampling(1.0, 3, 0.9, seed=2), Beam(1), Beam(4)]


def forced(toy, sentences):
    return run(toy, force(toy.photos(), sentences))


def test_greedy_follows_the_most_probable_words_to_the_end():
    toy = chain(start={A: 0.6, B: 0.4}, a={C: 0.9, END: 0.1}, c={END: 0.7, A: 0.3})
    caption = toy.decode()[0]
    assert caption.text == "a c"
    assert [word.probability for word in caption.words] == pytest.approx([0.6, 0.9])
    assert toy.steps == 3  # and not one more once the end has come
    assert caption.geometry == GEOMETRY


def test_each_word_has_the_map_it_was_chosen_by():
    toy = chain(start={C: 1}, c={A: 1}, a={END: 1})
    caption = toy.decode()[0]
    looked = [int(word.attention.argmax()) for word in caption.words]
    assert looked == [START, C]  # the toy looks at the cell of the word just said
    assert all(word.attention.shape == (2, 4) for word in caption.words)


def test_alternatives_are_the_models_own_best_first():
    toy = chain(
        start={A: 0.5, B: 0.3, C: 0.2}, a={END: 0.4, B: 0.3, D: 0.2, A: 0.06, C: 0.04}, b={END: 1}
    )
    first, second = toy.decode(Sampling(0.01, seed=0), prefix=["a", "b"])[0].words
    assert [text for text, _ in first.alternatives] == ["a", "b", "c"]
    assert [p for _, p in first.alternatives] == pytest.approx([0.5, 0.3, 0.2])
    assert [text for text, _ in second.alternatives] == ["<end>", "b", "d", "a", "c"]
    assert second.probability == pytest.approx(0.3)  # at temperature 1, though it was forced


def test_special_words_never_come_and_their_share_goes_to_the_others():
    never = {PAD: 0.3, UNKNOWN: 0.3, START: 0.2}
    toy = chain(start={**never, A: 0.15, B: 0.05}, a={**never, END: 0.2}, b={**never, END: 0.2})
    for sampler in SAMPLERS:
        caption = toy.decode(sampler)[0]
        assert caption.text in ("a", "b")
        assert dict(caption.words[0].alternatives) == pytest.approx({"a": 0.75, "b": 0.25})


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_no_special_word_and_no_endless_sentence_whatever_the_table(sampler):
    toy = random_tables(photos=40, seed=3)
    for caption in toy.decode(sampler, max_words=5):
        assert 1 <= len(caption.words) <= 5
        assert all(word.text in "abcd" for word in caption.words)
        assert all(word.probability > 0 for word in caption.words)
        for word in caption.words:
            assert {text for text, _ in word.alternatives} <= {"a", "b", "c", "d", "<end>"}
        assert "<end>" not in dict(caption.words[0].alternatives)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_the_first_word_is_never_the_end(sampler):
    toy = chain(start={END: 0.99, A: 0.01}, a={END: 1})
    assert toy.text(sampler) == "a"
    assert toy.decode(sampler)[0].words[0].probability == pytest.approx(1)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_a_sentence_without_end_stops_at_the_most_words(sampler):
    toy = chain(start={A: 1}, a={A: 1})
    assert toy.text(sampler, max_words=7) == " ".join("aaaaaaa")
    assert toy.steps == 7


def test_photos_at_their_end_are_no_longer_computed():
    lengths = [1, 1, 1, 1, 1, 2, 2, 6]  # of the sentences of eight photos
    tables = np.zeros((8, len(WORDS), len(WORDS), len(WORDS)))
    for photo, length in enumerate(lengths):
        # Words come in the order of the alphabet, so the last one tells how long the sentence is.
        for last in range(len(WORDS)):
            tables[photo, :, last, END if length < 6 else A] = 1
        tables[photo, :, START] = np.eye(len(WORDS))[A]
        if length == 2:
            tables[photo, START, A] = np.eye(len(WORDS))[B]
    toy, rows = Toy(tables), []

    def step(inputs):
        rows.append(len(inputs[0]))
        return toy(inputs)

    found = decode(step, toy.photos(), WORDS, GEOMETRY, max_words=6)
    assert [len(caption.words) for caption in found] == lengths
    assert rows == [8, 8, 4, 2, 1, 1]


def test_words_are_told_by_number_not_by_how_they_are_written():
    words = Vocabulary(["end", "pad", "start", "unk"])
    table = np.zeros((8, 8))
    for last, following in ((START, 4), (4, 5), (5, 6), (6, 7), (7, END)):
        table[last, following] = 1
    memory = np.zeros((1, 8, 1), np.float32)
    photos = EncodedPhotos(memory, memory, memory[..., 0], memory[:, 0])
    toy = Toy(np.broadcast_to(table, (1, 8, 8, 8)))
    assert decode(toy, photos, words, GEOMETRY)[0].text == "end pad start unk"


def test_the_step_is_given_its_own_last_state():
    table = np.zeros((1, 8, 8, 8))
    table[0, 0, START, A] = 1
    table[0, START, A, A] = 1
    table[0, A, A, A] = 0.4
    table[0, A, A, B] = 0.6  # only after two times a
    table[0, A, B, END] = 1
    assert Toy(table).text() == "a a b"


def test_sampling_near_temperature_0_is_greedy_and_one_beam_too():
    toy = random_tables(photos=30, seed=4)
    expected = [caption.text for caption in toy.decode(Greedy())]
    assert len(set(expected)) > 5
    for sampler in (Sampling(1e-4, seed=1), Sampling(top_k=1, seed=2), Beam(1)):
        assert [caption.text for caption in toy.decode(sampler)] == expected


def test_the_same_seed_says_the_same_sentence():
    toy = random_tables(photos=20, seed=5)
    texts = [[c.text for c in toy.decode(Sampling(1.0, 0, 1.0, seed))] for seed in (7, 7, 8)]
    assert texts[0] == texts[1] != texts[2]


def test_sentences_come_as_often_as_their_probability():
    toy = chain(start={A: 0.7, B: 0.3}, a={C: 0.5, END: 0.5}, b={C: 0.2, END: 0.8}, c={END: 1})
    count = 1500
    texts = [toy.text(Sampling(1.0, top_p=1.0, seed=seed)) for seed in range(count)]
    expected = {"a c": 0.35, "a": 0.35, "b c": 0.06, "b": 0.24}
    assert set(texts) == set(expected)
    for text, probability in expected.items():
        assert texts.count(text) / count == pytest.approx(probability, abs=0.05)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_a_photo_is_captioned_the_same_in_any_batch(sampler):
    toy = random_tables(photos=12, seed=6)
    together = toy.decode(sampler)
    assert len({caption.text for caption in together}) > 3
    for photo, caption in enumerate(together):
        alone = toy.decode(sampler, photos=[photo])[0]
        assert alone.text == caption.text
        assert np.array_equal(alone.maps, caption.maps)
        assert [w.probability for w in alone.words] == [w.probability for w in caption.words]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_forced_words_come_first_and_the_rest_follows_from_them(sampler):
    toy = chain(start={A: 0.9, B: 0.1}, a={END: 1}, b={C: 0.01, D: 0.99}, c={A: 1}, d={END: 1})
    assert toy.text(sampler, prefix=["b", "c"]) == "b c a"
    assert toy.decode(sampler, prefix=["b"])[0].words[0].probability == pytest.approx(0.1)


@pytest.mark.parametrize("sampler", [Greedy(), Beam(3)], ids=str)
def test_forcing_what_would_be_said_anyway_changes_nothing(sampler):
    toy = chain(start={A: 0.6, B: 0.4}, a={C: 0.9, END: 0.1}, c={END: 0.7, A: 0.3}, b={END: 1})
    said = toy.decode(sampler)[0]
    for count in range(len(said.words) + 1):
        forced = toy.decode(sampler, prefix=[word.text for word in said.words[:count]])[0]
        assert forced.text == said.text
        assert np.array_equal(forced.maps, said.maps)


def test_forced_words_draw_nothing():
    even = {A: 0.25, B: 0.25, C: 0.25, D: 0.25}
    toy = chain(start=even, a=even, b=even, c=even, d=even)
    free = toy.text(Sampling(seed=11), max_words=5).split()
    forced = toy.text(Sampling(seed=11), prefix=["d", "d"], max_words=7).split()
    assert forced == ["d", "d", *free]


def test_all_words_can_be_forced_but_not_more_and_none_unknown():
    toy = chain(start={A: 1}, a={A: 1})
    assert toy.text(prefix=["a"] * 3, max_words=3) == "a a a"
    with pytest.raises(ValueError, match="At most 3 words"):
        toy.decode(prefix=["a"] * 4, max_words=3)
    with pytest.raises(UnknownWordError, match='"zebra"'):
        toy.decode(prefix=["a", "zebra"])


def test_a_sentence_has_the_probabilities_that_it_has_when_it_is_forced():
    toy = random_tables(photos=5, seed=9)
    said = ["b", "d", "a", "a"]
    found, _ = forced(toy, [WORDS.ids(said)] * 5)
    assert found.shape == (5, 4) and found.dtype == np.float32
    for row, caption in zip(found, toy.decode(prefix=said, max_words=4), strict=True):
        assert row.tolist() == pytest.approx([word.probability for word in caption.words])
    assert forced(toy, [[]] * 5)[0].shape == (5, 0)


def test_given_sentences_have_the_words_and_maps_that_they_have_one_by_one():
    toy = random_tables(photos=3, seed=4)
    texts = [["b", "d", "a", "a"], ["c"], []]
    probable, attention = forced(toy, [WORDS.ids(said) for said in texts])
    assert probable.shape == (3, 4) and attention.shape == (3, 4, 8)
    for photo, said in enumerate(texts):
        words = toy.decode(prefix=said, max_words=5, photos=[photo])[0].words[: len(said)]
        row = [word.probability for word in words] + [0] * (4 - len(said))
        assert probable[photo].tolist() == pytest.approx(row)
        maps = [word.attention.ravel() for word in words] + [np.zeros(8)] * (4 - len(said))
        np.testing.assert_array_equal(attention[photo], maps)


def test_the_unknown_word_can_be_forced_in_given_sentences():
    toy = random_tables(photos=1, seed=4)
    probable, attention = forced(toy, [[A, UNKNOWN, B]])
    assert probable[0, 0] > 0 and probable[0, 1] == 0
    assert attention[0].argmax(axis=-1).tolist() == [START, A, UNKNOWN]


def test_beam_finds_the_sentence_that_greedy_misses():
    toy = chain(
        start={A: 0.6, B: 0.4},
        a={B: 0.3, C: 0.4, D: 0.3},
        b={D: 1.0},
        c={END: 1.0},
        d={END: 1.0},
    )
    assert toy.text(Greedy()) == "a c"  # 0.24
    found = toy.decode(Beam(2))[0]
    assert found.text == "b d"  # 0.4
    assert [word.probability for word in found.words] == pytest.approx([0.4, 1.0])
    assert [int(word.attention.argmax()) for word in found.words] == [START, B]


def best_by_trying_all(table: np.ndarray, most: int) -> str:
    """The sentence with the best mean log-probability of its tokens, its end among them."""
    allowed = table.copy()
    allowed[..., [PAD, UNKNOWN, START]] = 0
    allowed[:, START, END] = 0
    allowed /= allowed.sum(axis=-1, keepdims=True)
    best = (-np.inf, "")
    for length in range(1, most + 1):
        for words in itertools.product((A, B, C, D), repeat=length):
            said = [0, START, *words, *([END] if length < most else [])]
            steps = [allowed[said[i], said[i + 1], said[i + 2]] for i in range(len(said) - 2)]
            with np.errstate(divide="ignore"):
                best = max(best, (np.log(steps).mean(), " ".join(WORDS[i] for i in words)))
    return best[1]


def test_a_beam_as_wide_as_all_sentences_finds_the_best_of_them():
    toy = random_tables(photos=6, seed=8)
    found = [caption.text for caption in toy.decode(Beam(400), max_words=4)]
    assert found == [best_by_trying_all(table, 4) for table in toy.tables]
    assert found != [caption.text for caption in toy.decode(Greedy(), max_words=4)]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
def test_a_vocabulary_without_words_gives_an_empty_caption(sampler):
    toy = Toy(np.full((1, 4, 4, 4), 0.25))
    (caption,) = decode(toy, toy.photos(), Vocabulary([]), GEOMETRY, sampler)
    assert caption.text == "" and "NaN" not in json.dumps(caption.to_json())
