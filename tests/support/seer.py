"""A captioner whose attention is correct: it names coloured things and attends to them.

Its photos have 64 x 64 pixels: black, with cells of 16 pixels in the colours of THINGS. The more of
a thing is visible, the more probable its word is. A `broken` one says the same, but the cells of
every map are shuffled at random.
"""

import json
from itertools import islice
from types import SimpleNamespace

import numpy as np
from PIL import Image

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.photos import open_photo
from captioner.samplers import Greedy
from captioner.vocabulary import standardise

GEOMETRY = Geometry(rows=4, cols=4, size=64, stride=16.0, first=8.0)
CELL = 16  # pixels
THINGS = {"dog": (255, 0, 0), "kite": (0, 255, 0), "boat": (0, 0, 255)}


def picture(**cells) -> Image.Image:
    """`dog=(0, 1)`: a dog in row 0, column 1."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    for thing, (row, col) in cells.items():
        pixels[row * CELL : (row + 1) * CELL, col * CELL : (col + 1) * CELL] = THINGS[thing]
    return Image.fromarray(pixels)


class Seer:
    """Replaces a Captioner in an evaluation."""

    geometry = GEOMETRY

    def __init__(self, broken: bool = False, use_attention: bool = True):
        decoder = SimpleNamespace(config=SimpleNamespace(use_attention=use_attention))
        self.checkpoint = SimpleNamespace(decoder=decoder, config={"made": "by hand"})
        self.broken = broken
        self._rng = np.random.default_rng(3)

    def captions(self, photos, batch_size=32, sampler=Greedy()):
        """Things from top to bottom, "dog and kite"; in reverse with other samplers."""
        waiting = iter(photos)
        while some := list(islice(waiting, batch_size)):
            for photo in some:
                yield self._caption(seen(photo), backwards=sampler != Greedy())

    def forced(self, photos, texts, batch_size=32):
        for photo, of_photo in zip(photos, texts, strict=True):
            shares = seen(photo)
            yield [self._said(shares, standardise(text)) for text in of_photo]

    def probabilities_covered(self, photo, words, covered):
        maps = map_of_each(seen(photo), words)
        return np.array([[m[~hidden].sum() for m in maps] for hidden in covered], np.float32)

    def _caption(self, shares, backwards):
        things = sorted(shares, key=lambda thing: np.argmax(shares[thing]), reverse=backwards)
        return self._said(shares, " and ".join(things).split())

    def _said(self, shares, words):
        maps = map_of_each(shares, words)
        if self.broken:
            maps = [self._rng.permutation(m.ravel()).reshape(m.shape) for m in maps]
        said = zip(words, maps, strict=True)
        return Caption([Word(word, 1.0, m, [(word, 1.0)]) for word, m in said], GEOMETRY)


def seen(photo) -> dict[str, np.ndarray]:
    """Thing in the photo -> its share of each cell (4, 4)."""
    pixels = np.asarray(open_photo(photo).resize((64, 64)), float)
    found = {}
    for thing, colour in THINGS.items():
        is_thing = np.abs(pixels - colour).max(axis=-1) < 100
        cells = is_thing.reshape(4, CELL, 4, CELL).mean(axis=(1, 3))
        if cells.max() > 0.1:
            found[thing] = cells
    return found


def map_of_each(shares, words) -> list[np.ndarray]:
    """A map on the thing that a word names; a uniform one for other words."""
    whole = np.ones((4, 4))
    maps = [shares.get(word, whole) for word in words]
    return [(m / m.sum()).astype(np.float32) for m in maps]


def scenes_folder(folder, photos: int = 60):
    """A data set of such pictures with boxes, all in its dev split. Each shows one thing or two
    different ones at random."""
    rng = np.random.default_rng(8)
    (folder / "images" / "dev").mkdir(parents=True)
    (folder / "annotations").mkdir()
    images, captions, boxes = [], [], []
    for number in range(photos):
        things = rng.permutation(list(THINGS))[: rng.integers(1, 3)]
        places = [divmod(int(cell), 4) for cell in rng.permutation(16)]
        cells = dict(zip(things.tolist(), places, strict=False))
        name = f"{number:03}.png"
        picture(**cells).save(folder / "images" / "dev" / name)
        images.append({"id": number, "file_name": name, "width": 64, "height": 64})
        told = [" and ".join(cells), f"there is {' with '.join(cells)}"]
        captions += [{"image_id": number, "caption": text} for text in told]
        for thing, (row, col) in cells.items():
            box = [col * CELL, row * CELL, CELL, CELL]
            kind = list(THINGS).index(thing)
            boxes.append({"image_id": number, "category_id": kind, "bbox": box})
    kinds = [{"id": number, "name": thing} for number, thing in enumerate(THINGS)]
    written = {
        "captions_dev": {"images": images, "annotations": captions},
        "instances_dev": {"images": images, "annotations": boxes, "categories": kinds},
    }
    for name, content in written.items():
        (folder / "annotations" / f"{name}.json").write_text(json.dumps(content))
    (folder / "scenes.json").write_text("{}")
    return folder
