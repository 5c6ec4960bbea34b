"""Word vectors from a file."""

import numpy as np
import pytest

from captioner.data import word_vectors
from captioner.training import recipe
from captioner.training.settings import FitConfig, SettingsError
from captioner.vocabulary import Vocabulary
from tests.support import tiny

WORDS = Vocabulary(["dog", "café", "kite"])


def test_words_get_their_vectors_and_the_others_zeros(tmp_path):
    file = tmp_path / "glove.txt"
    file.write_text("the 9 9 9\ncafé 0.5 -1 2e-1\ndog 1 2 3\n<unk> 7 7 7\n", encoding="utf-8")
    matrix, known = word_vectors.read(file, WORDS)
    assert known == 2 and matrix.dtype == np.float32
    expected = [[0, 0, 0]] * 4 + [[1, 2, 3], [0.5, -1, 0.2], [0, 0, 0]]
    np.testing.assert_allclose(matrix, np.float32(expected))


@pytest.mark.parametrize(
    "text",
    [
        "{}",  # GloVe
        "5 3\n{}",  # fastText and word2vec
        "5 3 \n{}",
    ],
)
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"])
def test_words_with_blanks_and_files_with_a_header_are_read_from_the_right(tmp_path, text, end):
    file = tmp_path / "vectors.txt"
    lines = "the 9 9 9\n. . . 1 1 1\nat name@domain.com 2 2 2\ndog 1 2 3\ncafe\u0301 4 5 6\n"
    lines += "kite\u0085x 5 5 5\n3 7 7 7\n"
    file.write_bytes(text.format(lines).replace("\n", end).encode())
    matrix, known = word_vectors.read(file, Vocabulary(["dog", "café", "kite", "5", "at", "3"]))
    assert known == 3
    assert matrix[4:].tolist() == [[1, 2, 3], [4, 5, 6], [0] * 3, [0] * 3, [0] * 3, [7] * 3]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "none of the words"),
        (b"cat 1 2\n", "none of the words"),
        (b"<html>\n", "no lines of a word and its numbers"),
        (b"dog 1 2\nkite 1\n", "several lengths"),
        (b"cat 1 2\ndog 1 x\n", "at line 2"),
        (b"cat 1 2\ndog nan 1\n", "no numbers"),
        (b"cat 1 2\n\xff\xfe 1 2\n", "cannot be read"),
    ],
)
def test_what_is_no_file_of_vectors_is_said_in_a_sentence(tmp_path, content, message):
    file = tmp_path / "glove.txt"
    file.write_bytes(content)
    with pytest.raises(word_vectors.VectorsError, match=message):
        word_vectors.read(file, WORDS)


def test_a_missing_file_says_where_to_find_it(tmp_path):
    with pytest.raises(word_vectors.VectorsError, match="nlp.stanford.edu"):
        word_vectors.read(tmp_path / "glove.txt", WORDS)


@pytest.mark.slow
def test_vectors_are_not_trained(saved_checkpoint, tmp_path):
    file = tmp_path / "glove.txt"
    rng = np.random.default_rng(0)
    file.write_text(
        "".join(
            f"{word} {' '.join(f'{n:.4f}' for n in rng.normal(size=3))}\n" for word in tiny.WORDS
        )
    )
    small = {"epochs": 1, "batch_size": 8, "min_count": 1, "grid_units": 4, "attention": 4}
    asked = recipe.Recipe(
        data=str(tiny.data_folder(tmp_path / "data")),
        backbone=str(saved_checkpoint),
        vectors=str(file),
        mirror=False,
        features=str(tmp_path / "features"),
        fit=FitConfig(**small, units=4, average=1),
    )
    best = recipe.train(asked, tmp_path / "run", lambda line: None)
    from captioner import checkpoints

    made = checkpoints.load(best)
    (learnt,) = made.decoder.embed.get_weights()
    expected, _ = word_vectors.read(file, made.vocabulary)
    np.testing.assert_allclose(learnt, expected, atol=2e-3)  # float16 on disk
    assert made.decoder.config.embedding == 3


def test_a_captioner_that_has_learnt_has_vectors_of_its_own():
    with pytest.raises(SettingsError, match="has word vectors already"):
        recipe.Recipe(data="x", start="checkpoints/default", vectors="glove.txt")


def test_vectors_that_do_not_fit_a_transformer_end_the_training_before_features(tmp_path):
    file = tmp_path / "glove.txt"
    file.write_text("".join(f"{word} 0.1 0.2 0.3\n" for word in tiny.WORDS))
    sizes = {"design": "transformer", "units": 4, "embedding": 4, "min_count": 1}
    asked = recipe.Recipe(
        data=str(tiny.data_folder(tmp_path / "data")),
        backbone="compact",
        vectors=str(file),
        features=str(tmp_path / "features"),
        fit=FitConfig(**sizes),
    )
    with pytest.raises(SettingsError, match="embedding and units must be the same"):
        recipe.train(asked, tmp_path / "run", lambda line: None)
    assert not (tmp_path / "features").exists()
