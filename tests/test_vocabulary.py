"""Words and their numbers."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.vocabulary import (
    END,
    PAD,
    SPECIAL,
    START,
    UNKNOWN,
    UnknownWordError,
    Vocabulary,
    VocabularyError,
    standardise,
)
from captioner.words import NumberedWords

WORDS = ["a", "dog", "runs", "t-shirt", "dog's"]


@pytest.mark.parametrize(
    "caption, words",
    [
        ("A black Dog runs .", ["a", "black", "dog", "runs"]),
        ("A man 's hat , red", ["a", "man's", "hat", "red"]),
        ("the dog’s T-shirt!", ["the", "dog's", "t-shirt"]),
        ('"Hi," she said - twice...', ["hi", "she", "said", "twice"]),
        ("two dogs ' toys", ["two", "dogs", "toys"]),
        ("snake_case and 3 bears", ["snake", "case", "and", "3", "bears"]),
        ("Straße, çà et là", ["straße", "çà", "et", "là"]),
        ("<start> a <unk> <end>", ["start", "a", "unk", "end"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_standardise(caption, words):
    assert standardise(caption) == words


@given(st.text())
def test_standardised_words_stay_as_they_are(caption):
    words = standardise(caption)
    assert standardise(" ".join(words)) == words
    assert all(word and not any(c.isspace() for c in word) for word in words)


@given(st.text())
def test_special_tokens_cannot_come_from_a_caption(caption):
    assert not set(SPECIAL) & set(standardise(caption + " <end> <pad> <unk> <start>"))


def test_words_are_ranked_by_count_then_alphabet():
    captions = ["b b a", "c a b", "d c"]  # b 3, a 2, c 2, d 1
    assert Vocabulary.from_captions(captions, min_count=1).words == (*SPECIAL, "b", "a", "c", "d")
    assert Vocabulary.from_captions(captions, min_count=2).words == (*SPECIAL, "b", "a", "c")
    assert Vocabulary.from_captions(captions, 1, max_size=2).words == (*SPECIAL, "b", "a")


def test_encode_ends_with_end_and_marks_unknown_words():
    words = Vocabulary(WORDS)
    assert words.encode("A dog sleeps.") == [4, 5, UNKNOWN, END]
    assert words.encode("") == [END]


def test_many_captions_are_encoded_as_each_is():
    captions = ["A dog sleeps.", "", "The t-shirt's dog", "ein Hündchen", "dog . dog"] * 500
    captions += [f"photo{number}" for number in range(300)]  # more words than a byte can number
    for words in (Vocabulary(WORDS), Vocabulary(["dog", *map(str, range(300))], clean=True)):
        numbered = NumberedWords(iter(captions), words.clean)
        found = words.encode_all(numbered.words)[numbered.numbers]
        assert found.tolist() == [i for caption in captions for i in words.encode(caption)]
    assert not len(NumberedWords([]).numbers)


def test_numbered_words_are_counted():
    assert NumberedWords(["A dog", "dog."]).counts == {"a": 1, "dog": 2}
    assert NumberedWords(["A dog 2"], clean=True).counts == {"dog": 1}
    assert NumberedWords(["", "."]).counts == {}


@given(st.lists(st.sampled_from(WORDS)))
def test_known_words_come_back(chosen):
    words = Vocabulary(WORDS)
    assert [words[i] for i in words.encode(" ".join(chosen))[:-1]] == chosen
    assert words.ids(chosen) == words.encode(" ".join(chosen))[:-1]


def test_special_tokens_come_first_and_are_no_words():
    words = Vocabulary(WORDS)
    assert [words[i] for i in (PAD, UNKNOWN, START, END)] == ["<pad>", "<unk>", "<start>", "<end>"]
    assert len(words) == 9
    assert "dog" in words and "cat" not in words
    assert not any(special in words for special in SPECIAL)


@pytest.mark.parametrize("word", ["cat", "<end>", "<start>", "<pad>", "<unk>", ""])
def test_only_words_can_be_forced(word):
    with pytest.raises(UnknownWordError, match=f'"{word}"'):
        Vocabulary(WORDS).ids(["a", word])


def test_forced_words_are_taken_as_people_type_them():
    assert Vocabulary(WORDS).ids([" Dog ", "T-Shirt"]) == [5, 7]


@pytest.mark.parametrize("words", [["dog", "dog"], ["dog", "<end>"]])
def test_a_word_stands_once(words):
    with pytest.raises(VocabularyError, match="twice"):
        Vocabulary(words)


def test_saved_as_plain_json(tmp_path):
    file = tmp_path / "vocabulary.json"
    Vocabulary(["dog", "straße"]).save(file)
    assert json.loads(file.read_text(encoding="utf-8")) == {"words": ["dog", "straße"]}


@given(st.lists(st.text(min_size=1).filter(lambda word: word not in SPECIAL), unique=True))
def test_round_trip(tmp_path_factory, words):
    file = tmp_path_factory.getbasetemp() / "vocabulary.json"
    Vocabulary(words).save(file)
    assert Vocabulary.load(file).words == Vocabulary(words).words


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"words": ["a"',
        b"\xff\xfe",
        b"[1]",
        b"5",
        b'{"word": []}',
        b'{"words": 3}',
        b'{"words": "abc"}',
        b'{"words": [1]}',
        b'{"words": ["a", "a"]}',
        pickle.dumps({"words": ["a"]}),
    ],
)
def test_what_is_no_vocabulary_is_refused(tmp_path, content):
    file = tmp_path / "vocabulary.json"
    file.write_bytes(content)
    with pytest.raises(VocabularyError, match="vocabulary.json is not a vocabulary"):
        Vocabulary.load(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(VocabularyError, match="vocabulary.json"):
        Vocabulary.load(tmp_path / "vocabulary.json")


def test_new_words_come_after_those_that_are_known():
    known = Vocabulary(["dog", "a"], clean=True)
    assert known.extended(Vocabulary(["cat", "a", "zebra"])).words[4:] == (
        "dog",
        "a",
        "cat",
        "zebra",
    )
    assert known.extended(Vocabulary(["cat"])).clean and len(known) == 6


def test_words_are_completed_the_most_frequent_first():
    vocabulary = Vocabulary(["horses", "a", "horse", "hot", "<b>"])
    assert vocabulary.completions("hor", 9) == ["horses", "horse"]
    assert vocabulary.completions("ho", 2) == ["horses", "horse"]
    assert vocabulary.completions("horse", 9) == ["horses"]
    assert vocabulary.completions("<", 9) == ["<b>"]  # no special tokens
    assert vocabulary.completions("x", 9) == []


def test_the_nearest_words_are_those_spelled_alike():
    vocabulary = Vocabulary(["giraffe", "a", "horse", "horses", "unk"])
    assert vocabulary.nearest("girafe", 3) == ["giraffe"]
    assert vocabulary.nearest("hores", 3) == ["horses", "horse"]
    assert vocabulary.nearest("<unk>", 1) == ["unk"]
    assert vocabulary.nearest("xylophone", 3) == []
