"""Captions are true: read by a grammar of the tests' own, and held against what is drawn."""

import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from captioner import scenes
from captioner.scenes.kinds import COLOURS, OBJECT_KINDS
from captioner.scenes.scene import describe
from captioner.vocabulary import standardise

SIZE, FEW, MANY = 112, range(150), range(700)
COUNTS = {"a": 1, "an": 1, "two": 2, "three": 3, "four": 4}
SINGULAR = {kind.plural: noun for noun, kind in OBJECT_KINDS.items() if kind.plural}
NOUNS = "|".join(sorted({*OBJECT_KINDS, *SINGULAR}, key=len, reverse=True))
HUES = "|".join(COLOURS)
PHRASE = (
    rf"(?:the (?:sun|moon)|(?:an?|two|three|four)(?: small| big)?(?: (?:{HUES}))?"
    rf" (?:{NOUNS})(?: in (?:{HUES}))?)"
)
SIDES = r"to the left of|to the right of|above|in front of|behind|on|under"
PLACES = {
    "meadow": "in the meadow",
    "lake": "by the lake|on the lake",
    "beach": "on the beach|on the sea",
    "sea": "on the sea|in the sea",
    "water": "under water",
    "snow": "in the snow",
    "street": "on the street|down the street",
    "room": "in the room",
}
ANYWHERE = "in the sky|on the wall|out of the sea|out of the lake"
WHERE = "|".join([*PLACES.values(), ANYWHERE])
LIGHTS = {
    "rain": "in the rain",
    "sunset": "at sunset",
    "night": "at night",
    "sun": "on a sunny day",
    "clouds": "on a cloudy day",
}
WHEN = "|".join(LIGHTS.values())
FORMS = [
    rf"there (?P<verb>is|are) (?P<a>{PHRASE}) (?:(?P<where>{WHERE})|(?P<side>on) (?P<b>{PHRASE}))",
    rf"(?P<a>{PHRASE}) (?P<verb>holds|rides|flies) (?P<b>{PHRASE})(?: (?P<where>{WHERE}))?",
    rf"(?P<a>{PHRASE}) (?P<verb>\w+)(?: grass)? (?:(?P<where>{WHERE})|(?P<when>{WHEN}))",
    rf"(?P<a>{PHRASE}) (?P<verb>\w+) (?P<side>{SIDES}) (?P<b>{PHRASE})",
    rf"(?P<a>{PHRASE}) and (?P<b>{PHRASE}) (?P<where>{WHERE})",
    rf"(?:a|the) (?P<place>\w+) with (?P<a>{PHRASE}) and (?P<b>{PHRASE})",
    r"the (?:sun|moon) (?P<verb>shines) over the (?P<place>\w+)",
    rf"(?P<when>snow) falls on (?P<a>{PHRASE})",
]  # fmt: skip


def parse(caption):
    """The parts of a caption, by name."""
    found = [match for form in FORMS if (match := re.fullmatch(form, caption))]
    assert found, f"no form fits: {caption}"
    return {name: part for name, part in found[0].groupdict().items() if part}


def phrase(text):
    """What a noun phrase says: (noun, count, colour, size)."""
    if text in ("the sun", "the moon"):
        return text[4:], 1, "", ""
    first, *words = text.split()
    colour = next((word for word in words if word in COLOURS), "")
    size = next((word for word in words if word in ("small", "big")), "")
    noun = next(word for word in words if word in SINGULAR or word in OBJECT_KINDS)
    singular = COUNTS[first] == 1
    assert (noun in OBJECT_KINDS) if singular else (noun in SINGULAR), text
    assert first not in ("a", "an") or (first == "an") == (words[0][0] in "aeiou"), text
    return noun if singular else SINGULAR[noun], COUNTS[first], colour, size


class Picture:
    """A scene with what it is made of, which answers whether a caption is true of it."""

    def __init__(self, seed, number):
        self.layout, _ = describe(seed, number)
        self.scene = scenes.draw(seed, number, SIZE)

    def boxes(self, text):
        """The boxes of the things that are meant: exactly as many as the caption names."""
        noun, count, colour, size = phrase(text)
        groups = [group for group in self.layout.groups if group.kind.noun == noun]
        assert size in ("", *(group.size for group in groups if group.colour == colour)), text
        meant = [t for t in self.scene.objects if t.noun == noun and colour in ("", t.colour)]
        assert len(meant) == count, f"{text}: there are {len(meant)}"
        return np.array([thing.box for thing in meant])

    def check(self, caption):
        """Asserts that the caption is true, and returns what it was about."""
        parts = parse(caption)
        for text in (parts[key] for key in "ab" if key in parts):
            self.boxes(text)
        if "where" in parts:
            allowed = f"{PLACES[self.layout.place]}|{ANYWHERE}".split("|")
            assert parts["where"] in allowed, caption
        if "place" in parts:
            assert parts["place"] == self.layout.place, caption
        if "when" in parts:
            assert parts["when"] == LIGHTS.get(self.layout.light, self.layout.light), caption
        if "verb" in parts and "a" in parts:
            self.check_verb(parts, caption)
        side = parts.get("side") or parts.get("verb")
        if "b" in parts and side in RELATIONS:
            one, other = (union(self.boxes(parts[key])) for key in "ab")
            assert RELATIONS[side](one, other), caption
            return side
        return next(iter(parts.keys() & {"when", "place", "where"}), "")

    def check_verb(self, parts, caption):
        noun, count, colour, _ = phrase(parts["a"])
        verb = parts["verb"]
        assert verb in (ONE if count == 1 else SEVERAL), caption
        if verb in ("is", "are", "flies") or "b" in parts and verb in ("holds", "rides"):
            return
        groups = [group for group in self.layout.groups if group.kind.noun == noun]
        poses = {group.pose for group in groups if colour in ("", group.colour)}
        poses |= {"stands"} if "holds" in poses else set()
        assert (verb if count == 1 else {v: k for k, v in VERBS.items()}[verb]) in poses, caption


VERBS = {
    "is": "are", "stands": "stand", "runs": "run", "sits": "sit",
    "sleeps": "sleep", "eats": "eat", "jumps": "jump", "flies": "fly", "swims": "swim",
    "drives": "drive", "sails": "sail", "floats": "float", "lies": "lie", "shines": "shine",
    "hangs": "hang", "holds": "hold", "rides": "ride",
}  # fmt: skip
ONE, SEVERAL = set(VERBS), set(VERBS.values())


def union(boxes):
    return (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))


def touching(a, b):
    return min(a[2], b[2]) >= max(a[0], b[0]) and min(a[3], b[3]) >= max(a[1], b[1])


def within(a, b):
    """Whether the middle of `a` is between the left and the right of `b`."""
    return b[0] < (a[0] + a[2]) / 2 < b[2]


RELATIONS = {  # of two boxes (left, top, right, bottom), y downwards
    "to the left of": lambda a, b: a[2] <= b[0],
    "to the right of": lambda a, b: a[0] >= b[2],
    "above": lambda a, b: a[3] <= b[1] and a[0] < b[2] and b[0] < a[2],
    "in front of": lambda a, b: touching(a, b) and a[3] >= b[3],
    "behind": lambda a, b: touching(a, b) and a[3] <= b[3],
    "on": lambda a, b: a[1] < b[1] <= a[3] <= b[3] and within(a, b) or sunk(a, b),
    "under": lambda a, b: a[1] > b[1] + (b[3] - b[1]) * 0.2 and within(a, b),
    "holds": lambda a, b: touching((a[0] - 9, a[1] - 20, a[2] + 9, a[3]), b) and b[3] < a[3],
    "rides": lambda a, b: touching(a, b) and a[1] < b[1] and a[3] <= b[3] and within(a, b),
    "flies": lambda a, b: b[3] < a[3] and b[1] < a[1],
}


def sunk(a, b):
    """Whether `a` sits in `b`, which has a back: its lower side is halfway up."""
    return within(a, b) and b[1] < a[3] < b[3] - 0.25 * (b[3] - b[1])


@pytest.fixture(scope="module")
def pictures():
    return [Picture(3, number) for number in FEW]


@pytest.fixture(scope="module")
def described():
    return [describe(3, number) for number in MANY]


def test_every_caption_is_true_of_its_picture(pictures):
    about = Counter()
    for picture in pictures:
        about.update(picture.check(caption) for caption in picture.scene.captions)
    assert about.keys() >= {*RELATIONS, "when", "place", "where"}


def test_a_false_caption_is_noticed(pictures):
    """The test above can fail: each sentence is changed into one that is not true."""
    changed = 0
    for picture in pictures[:60]:
        for caption in picture.scene.captions:
            for word, wrong in (
                ("left", "right"),
                ("above", "behind"),
                ("two", "three"),
                ("red", "grey"),
            ):
                false = re.sub(rf"\b{word}\b", wrong, caption)
                if false != caption:
                    with pytest.raises(AssertionError):
                        picture.check(false)
                    changed += 1
    assert changed > 40


def test_small_and_big_are_told_apart_by_sight(described):
    heights = defaultdict(list)
    for layout, _ in described:
        for group in layout.groups:
            tall = [bottom - top for _, top, _, bottom in (item.bounds for item in group.items)]
            heights[group.kind.noun, group.size] += tall
    sized = {noun for noun, size in heights if size == "small"}
    assert sized == {"fish", "tree"}
    for noun in sized:
        assert max(heights[noun, "small"]) < min(heights[noun, "big"])


def test_captions_are_five_different_sentences_of_4_to_14_words(described):
    for _, captions in described:
        assert len(captions) == len(set(captions)) == 5
        assert all(4 <= len(caption.split()) <= 14 for caption in captions)
        assert all(standardise(caption) == caption.split() for caption in captions)


def test_there_is_much_to_say_in_few_words(described):
    captions = [caption for _, five in described for caption in five]
    words = Counter(word for caption in captions for word in caption.split())
    assert 100 <= len(words) <= 150
    assert len(set(captions)) > 0.6 * len(captions)
    assert len({tuple(five) for _, five in described}) > 0.9 * len(described)
    named = {noun for noun in OBJECT_KINDS if words[noun] or words[OBJECT_KINDS[noun].plural]}
    assert named == set(OBJECT_KINDS)
    assert all(words[colour] for colour in COLOURS)
    openings = Counter(" ".join(caption.split()[:3]) for caption in captions)
    assert openings.most_common(1)[0][1] < 0.15 * len(captions)
