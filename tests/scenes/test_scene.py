"""Scenes are the same everywhere, boxed tightly, and various."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageChops

from captioner import scenes
from captioner.scenes.kinds import COLOURS, OBJECT_KINDS
from captioner.scenes.layout import overlap
from captioner.scenes.places import PLACES
from captioner.scenes.render import render
from captioner.scenes.scene import describe

SEED, SIZE = 3, 96


@pytest.fixture(scope="module")
def layouts():
    return [describe(SEED, number)[0] for number in range(700)]


DIGEST = """
import hashlib, json
from captioner import scenes
digest = hashlib.sha256()
for number in range(6):
    scene = scenes.draw(5, number, 96)
    boxes = [(thing.noun, thing.colour, thing.box) for thing in scene.objects]
    digest.update(scene.image.tobytes() + json.dumps([scene.captions, boxes]).encode())
print(digest.hexdigest())
"""


def test_a_scene_is_the_same_in_every_process(pytestconfig):
    runs = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=pytestconfig.rootpath,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_scenes_are_those_of_this_version():
    """Another digest means other scenes from the same seed: raise `DRAWINGS_VERSION` with it."""
    texts = json.dumps([describe(0, number)[1] for number in range(50)])
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == "74a44d54f2391869"


def test_another_number_or_seed_is_another_scene():
    images = {scenes.draw(*which, 64).image.tobytes() for which in ((0, 0), (0, 1), (1, 0))}
    assert len(images) == 3


def test_size_changes_neither_what_is_shown_nor_what_is_said():
    for number in range(5):
        small, large = (scenes.draw(SEED, number, size) for size in (96, 192))
        assert (small.image.size, large.image.size) == ((96, 96), (192, 192))
        assert small.captions == large.captions
        for one, other in zip(small.objects, large.objects, strict=True):
            assert (one.noun, one.colour) == (other.noun, other.colour)
            assert np.allclose(np.array(one.box) * 2, other.box, atol=2.5)
        shrunk = large.image.reduce(2)
        difference = np.abs(np.asarray(small.image, int) - np.asarray(shrunk, int))
        assert difference.mean() < 6


def test_boxes_are_tight_around_what_is_seen():
    """A thing's pixels are those that change when it is left out (its shadow stays)."""
    checked = 0
    for number in range(25):
        layout, _ = describe(SEED, number)
        image, boxes = render(layout, SIZE, Random(number))
        items = [item for group in layout.groups for item in group.items]
        for item, box in zip(items, boxes, strict=True):
            without, others = render(layout, SIZE, Random(number), without=item)
            assert others[items.index(item)] is None
            changed = np.asarray(ImageChops.difference(image, without)).max(axis=2)
            left, top, right, bottom = box
            outside = changed.copy()
            outside[top:bottom, left:right] = 0
            assert not outside.any()
            found = Image.fromarray((changed > 8).astype(np.uint8)).getbbox()
            assert np.allclose(found, box, atol=1)
            checked += 1
    assert checked > 75


def test_every_thing_is_in_the_picture_and_well_visible():
    for number in range(60):
        layout, _ = describe(SEED, number)
        scene = scenes.draw(SEED, number, SIZE)
        items = [item for group in layout.groups for item in group.items]
        assert len(items) == len(scene.objects)
        for item, thing in zip(items, scene.objects, strict=True):
            left, top, right, bottom = thing.box
            assert 0 <= left < right <= SIZE and 0 <= top < bottom <= SIZE
            assert min(right - left, bottom - top) >= 0.03 * SIZE
            whole = np.array(item.bounds) * SIZE
            assert overlap(thing.box, whole) > 0.55


def test_colours_are_those_that_are_named():
    """The mean colour of a ball by day is nearer to its own than to most others."""
    ranks = []
    for number in range(120):
        layout, _ = describe(SEED, number)
        if layout.light in ("night", "sunset", "rain"):
            continue
        scene = scenes.draw(SEED, number, SIZE)
        for thing in scene.objects:
            if thing.noun in ("balloon", "kite", "car", "fish", "sofa", "bus"):
                left, top, right, bottom = thing.box
                width, height = right - left, bottom - top
                middle = (
                    left + width // 3,
                    top + height // 3,
                    right - width // 3,
                    bottom - height // 3,
                )
                mean = np.asarray(scene.image.crop(middle)).reshape(-1, 3).mean(axis=0)
                distances = {name: np.abs(mean - rgb).sum() for name, rgb in COLOURS.items()}
                ranks.append(sorted(distances, key=distances.get).index(thing.colour))
    assert len(ranks) > 25
    assert np.mean(np.array(ranks) <= 2) > 0.8


def test_scenes_are_various(layouts):
    seen = Counter(group.kind.noun for layout in layouts for group in layout.groups)
    assert seen.keys() == OBJECT_KINDS.keys()
    assert {layout.place for layout in layouts} == PLACES.keys()
    assert {layout.light for layout in layouts} >= {
        "sun",
        "clouds",
        "rain",
        "snow",
        "sunset",
        "night",
    }
    counts = Counter(group.count for layout in layouts for group in layout.groups)
    assert all(counts[count] > 20 for count in (1, 2, 3)) and counts[4]
    words = Counter(relation.word for layout in layouts for relation in layout.relations)
    assert min(words[word] for word in ("left", "right", "above", "on", "under", "front")) > 10
    assert all(words[word] > 10 for word in ("holds", "rides", "flies"))
    poses = {group.pose for layout in layouts for group in layout.groups}
    assert poses >= {pose for kind in OBJECT_KINDS.values() for pose in kind.poses}


def test_things_are_where_they_can_be(layouts):
    places = {}
    for layout in layouts:
        for group in layout.groups:
            places.setdefault(group.kind.noun, set()).add((layout.place, group.zone))
    assert {place for place, _ in places["turtle"]} == {"water"}
    assert {place for place, _ in places["fish"]} <= {"water", "sea", "lake"}
    assert {place for place, _ in places["sofa"]} == {"room"}
    assert {zone for _, zone in places["plane"]} == {zone for _, zone in places["cloud"]} == {"sky"}
    assert not {place for place, _ in places["sun"]} & {"room", "water"}
    assert {zone for _, zone in places["boat"]} <= {"water", "far", "near"}


def test_no_two_groups_are_called_the_same(layouts):
    for layout in layouts:
        names = [(group.kind.noun, group.colour) for group in layout.groups]
        assert len(names) == len(set(names))
