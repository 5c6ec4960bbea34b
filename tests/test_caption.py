"""A caption is plain data of any length."""

import json
import math

import numpy as np
import pytest

from captioner import Caption, Word
from captioner.attention_maps import Geometry

GRID = Geometry(rows=3, cols=5, size=100, stride=20, first=10)


def caption(count):
    """Word i has probability 1 / (i + 1) and looks at cell i."""
    words = []
    for i in range(count):
        attention = np.zeros((3, 5), np.float32)
        attention.flat[i % 15] = 1
        words.append(Word(f"w{i}", 1 / (i + 1), attention, [(f"w{i}", 1 / (i + 1)), ("<end>", 0)]))
    return Caption(words, GRID)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 20])
def test_every_length(count):
    made = caption(count)
    assert made.text.split() == [f"w{i}" for i in range(count)]
    assert made.maps.shape == (count, 3, 5) and made.maps.dtype == np.float32
    assert made.maps.reshape(count, 15).argmax(axis=1).tolist() == [i % 15 for i in range(count)]
    expected = math.factorial(count) ** (-1 / count) if count else 0
    assert made.confidence == pytest.approx(expected)
    for i in range(count):
        placed = made.placed_attention(i, size=(50, 30))
        assert placed.shape == (30, 50) and placed.dtype == np.float32
        row, col = divmod(i % 15, 5)
        # Rows are centred at 10, 30 and 50 of 100: at pixels 3, 9 and 15 of 30.
        centre = placed[6 * row + 2 : 6 * row + 4, 10 * col + 4 : 10 * col + 6]
        assert centre.mean() == pytest.approx(placed.max(), abs=0.2) and placed.max() > 0.8


@pytest.mark.parametrize("count", [0, 1, 20])
def test_json(count):
    read = json.loads(json.dumps(caption(count).to_json("dog.jpg")))
    assert read["photo"] == "dog.jpg" and read["caption"] == caption(count).text
    assert len(read["words"]) == count
    for i, word in enumerate(read["words"]):
        assert word.keys() == {"text", "probability", "attention", "alternatives"}
        assert word["text"] == f"w{i}"
        assert word["probability"] == pytest.approx(1 / (i + 1), abs=1e-6)
        assert np.array(word["attention"]).shape == (3, 5)
        assert word["attention"][i % 15 // 5][i % 5] == 1
        assert word["alternatives"][1] == ["<end>", 0]


def test_an_impossible_word_makes_no_nan():
    word = Word("a", 0.0, np.full((3, 5), 1 / 15, np.float32), [])
    assert 0 <= Caption([word, word], GRID).confidence < 1e-6
