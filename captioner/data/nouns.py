"""Nouns of everyday photo captions: the one list that training and evaluation use.

`nouns.txt` is written by hand, not by a tagger. It holds concrete objects that can be pointed at
in a photo. Words that captions often use as verbs or colours ("watch", "orange") and words that
name no object ("group", "picture") are left out. Words for one and the same object are one noun:
"man", "boy" and "climber" are all a person, "ocean" and "lake" are water. Two captions about
different photos can thus be told apart by their nouns.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

# Word of a caption -> its noun in the singular. A line of the file is a noun and the other words
# for it, first its plural.
NOUNS: Mapping[str, str] = {
    word: line.split()[0]
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    for word in line.split()
}

_CATEGORY_NOUNS = {  # of COCO's categories whose name is not their noun
    "dining table": "table",
    "couch": "sofa",
    "tv": "television",
    "cell phone": "phone",
    "sports ball": "ball",
    "baseball bat": "bat",
    "baseball glove": "glove",
    "tennis racket": "racket",
    "fire hydrant": "hydrant",
    "handbag": "purse",
    "teddy bear": "teddy",
}


# Words of captions that name nothing by themselves.
_FUNCTION_WORDS = """
a an the this that these those some several many few two three four five other another each it its
he his she her they their them him who which there and or but while as of in on at to by for from
with without into onto out up down off over under through across along around behind beside between
near next above below inside outside against is are was were be been being has have having do does
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())

_ANIMALS = ("bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "sheep", "zebra")
_NO_ANIMALS = {("hot", "dog"), ("hot", "dogs"), ("teddy", "bear"), ("teddy", "bears")}


def of_category(category: str) -> str | None:
    """The noun for objects of a COCO category, or of a category named by a word of NOUNS.

    None if no single word names the category reliably: captions use "light", "orange", "mouse" and
    "glass" for other objects, too.
    """
    return _CATEGORY_NOUNS.get(category) or NOUNS.get(category)


def changes_meaning(before: str, word: str, after: str) -> bool:
    """Whether a neighbour makes a word no object of its own: "hot dog", "baby elephant".

    The pairs are those of CHAIR (Rohrbach et al. 2018, arXiv:1809.02156).
    """
    of_animal = word in ("baby", "adult") and NOUNS.get(after) in _ANIMALS
    return of_animal or (before, word) in _NO_ANIMALS


def first_noun(words: Sequence[str]) -> int | None:
    """Index of the first word of a caption that names an object; None if no word does.

    "baby" in "a baby elephant" names none, see `changes_meaning`.
    """
    around = ["", *words, ""]
    for i, word in enumerate(words):
        if word in NOUNS and not changes_meaning(around[i], word, around[i + 2]):
            return i
    return None
