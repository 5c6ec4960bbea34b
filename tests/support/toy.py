"""A decoder over a toy alphabet, for which the right sentence is known exactly.

Its `step` is a table: the probabilities of the next word after the last two, one table a photo.
Its attention is all on the cell whose number is the last word's.
"""

import numpy as np

from captioner.attention_maps import Geometry
from captioner.decoding import EncodedPhotos, decode, run, search
from captioner.samplers import Greedy
from captioner.vocabulary import START, Vocabulary

WORDS = Vocabulary(["a", "b", "c", "d"])
A, B, C, D = WORDS.ids("abcd")
GEOMETRY = Geometry(rows=2, cols=4, size=64, stride=16.0, first=8.0)


class Toy:
    """`tables` (P, V, V, V): photo, word before last, last word, next word -> probability."""

    def __init__(self, tables):
        self.tables = np.asarray(tables, np.float64)
        self.steps = 0

    def __call__(self, inputs):
        token, state, _, keys, _ = inputs
        self.steps += 1
        photo, before = keys[:, 0, 0].astype(int), state[:, 0].astype(int)
        table = np.maximum(self.tables[photo, before, token], 1e-60)  # a network's are finite
        logits = np.log(table).astype(np.float32)
        attention = np.eye(GEOMETRY.cells, dtype=np.float32)[token]
        return logits + 3, token[:, None].astype(np.float32), attention

    def photos(self, numbers=None) -> EncodedPhotos:
        numbers = np.arange(len(self.tables)) if numbers is None else np.array(numbers)
        memory = np.zeros((len(numbers), GEOMETRY.cells, 1), np.float32)
        return EncodedPhotos(memory, memory + numbers[:, None, None], memory[..., 0], memory[:, 0])

    def decode(self, sampler=Greedy(), prefix=(), max_words=6, photos=None):
        return decode(self, self.photos(photos), WORDS, GEOMETRY, sampler, prefix, max_words)

    def search(self, sampler, prefix=(), max_words=6):
        return run(self, search(self.photos(), sampler, WORDS.ids(prefix), max_words))

    def text(self, *arguments, **settings):
        return self.decode(*arguments, **settings)[0].text


def chain(**rows) -> Toy:
    """A table of one photo in which only the last word counts: `start={A: 0.6, B: 0.4}`."""
    table = np.zeros((len(WORDS), len(WORDS)))
    for name, row in rows.items():
        last = START if name == "start" else WORDS.ids([name])[0]
        for word, probability in row.items():
            table[last, word] = probability
    return Toy(np.broadcast_to(table, (1, len(WORDS), *table.shape)))


def random_tables(photos: int, seed: int) -> Toy:
    rng = np.random.default_rng(seed)
    tables = rng.dirichlet(np.full(len(WORDS), 0.5), (photos, len(WORDS), len(WORDS)))
    return Toy(tables)
