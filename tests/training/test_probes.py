"""Every measure tells an attention that is right from one whose maps are shuffled."""

import numpy as np
import pytest
from seer import Seer, picture, scenes_folder

from captioner.training import boxes, datasets, mosaic, nouns, probes, scenes


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What is found of a Seer, and of one whose maps are shuffled."""
    folder = scenes_folder(tmp_path_factory.mktemp("scenes"))
    dataset = datasets.read(folder)
    photos = dataset.split("dev")
    references = {photo: dataset.captions[photo] for photo in photos}
    there = boxes.read(folder, "dev")

    def ask(captioner, known=there, step=lambda *progress: None):
        captions = dict(zip(photos, captioner.captions(photos), strict=True))
        return probes.ask(captioner, captions, references, scenes.NOUNS, known, step)

    return ask


@pytest.fixture(scope="module")
def right(asked):
    return asked(Seer())[0]


@pytest.fixture(scope="module")
def shuffled(asked):
    return asked(Seer(broken=True))[0]


def is_chance(measure):
    """Within about four standard errors."""
    return abs(measure.value - measure.chance) < measure.high - measure.low


def test_all_is_measured(right, shuffled):
    assert right.keys() == shuffled.keys() == set(probes.NAMES)


@pytest.mark.parametrize("name", ["pointing", "pointing_near", "attention_within", "mosaic"])
def test_right_maps_lie_on_their_things_and_shuffled_ones_anywhere(name, right, shuffled):
    assert right[name].low > max(shuffled[name].high, right[name].chance) + 0.2
    assert is_chance(shuffled[name])


def test_covering_marked_cells_costs_most_unless_maps_are_shuffled(right, shuffled):
    names = ("cover_most", "cover_random", "cover_least")
    most, some, least = (right[name] for name in names)
    assert most.low > some.high + 0.3 and some.low > least.high
    values = [shuffled[name].value for name in names]
    assert max(values) - min(values) < 0.1 and max(values) < most.low


def test_the_same_word_has_the_same_map_unless_maps_are_shuffled(right, shuffled):
    within, between = right["maps_within"], right["maps_between"]
    assert between.high < 0.01 < between.chance / 10 and between.high < within.low
    assert is_chance(shuffled["maps_between"])


def test_every_part_of_the_work_is_reported_and_can_be_stopped(asked):
    told = {}
    asked(Seer(), step=lambda doing, done, total: told.update({doing: (done, total)}))
    assert told.keys() == {"mosaics", "covering cells", "other captions"}
    assert all(done == total for done, total in told.values())

    def stop(doing, done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        asked(Seer(), step=stop)


def test_without_boxes_nothing_is_pointed_at(asked):
    found, missing = asked(Seer(), known={})
    assert (
        missing.keys()
        == {"pointing", "pointing_near", "attention_within"}
        == (set(probes.NAMES) - found.keys())
    )
    assert all("boxes" in reason for reason in missing.values())


def test_without_attention_nothing_is_asked(asked):
    found, missing = asked(Seer(attends=False))
    assert not found and missing.keys() == set(probes.NAMES)
    assert set(missing.values()) == {"This captioner has no attention."}


def test_one_photo_has_no_other_to_stand_beside(tmp_path):
    picture(dog=(0, 0)).save(tmp_path / "dog.png")
    photo = tmp_path / "dog.png"
    captions = dict(zip([photo], Seer().captions([photo]), strict=True))
    found, missing = probes.ask(Seer(), captions, {photo: ["dog"]}, scenes.NOUNS, {})
    assert {"mosaic", "maps_within", "maps_between"} <= missing.keys()
    assert found.keys() == {"cover_most", "cover_random", "cover_least"}


def test_pairs_share_no_noun_and_no_photo_is_in_two():
    rng = np.random.default_rng(2)
    named = [set(rng.choice(list("abcdefgh"), rng.integers(0, 3)).tolist()) for _ in range(60)]
    pairs = mosaic.pairs(named, 20, seed=1)
    assert len(pairs) == 20 and len({i for pair in pairs for i in pair}) == 40
    assert all(named[i] and named[j] and not named[i] & named[j] for i, j in pairs)
    assert mosaic.pairs(named, 20, seed=1) == pairs != mosaic.pairs(named, 20, seed=2)
    assert mosaic.pairs([{"dog"}, {"dog", "cat"}, set()], 20) == []


def test_a_mosaic_has_the_whole_of_both_photos(tmp_path):
    """Squeezed: what is in column 3 of the left photo is left of the middle."""
    left, right = picture(dog=(0, 3)), picture(kite=(3, 0))
    pixels = mosaic.side_by_side(left, right, 64)
    assert pixels.shape == (64, 64, 3) and pixels.dtype == np.uint8
    assert pixels[8, 28].tolist() == [255, 0, 0] and pixels[56, 36].tolist() == [0, 255, 0]
    assert mosaic.side_by_side(left, right, 33).shape == (33, 33, 3)


def test_nouns_are_told_by_what_they_stand_for():
    told = ["Two MEN ride bikes .", "A child's puppy, by the lake"]
    assert mosaic.nouns_in(told, nouns.NOUNS) == {"person", "bicycle", "dog", "water"}
    assert mosaic.nouns_in(["three wolves watching", ""], nouns.NOUNS) == set()


def test_the_list_of_nouns_agrees_with_itself():
    assert 300 <= len(set(nouns.NOUNS.values())) <= 400
    assert all(nouns.NOUNS[noun] == noun for noun in nouns.NOUNS.values())
    several = {"dogs": "dog", "leaves": "leaf", "benches": "bench", "men": "person", "run": None}
    assert {word: nouns.NOUNS.get(word) for word in several} == several
