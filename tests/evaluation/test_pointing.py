"""Maps whose answer is known exactly: in the box, beside it, everywhere, of another photo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.attention_maps import Geometry
from captioner.data.boxes import Box
from captioner.evaluation.pointing import BASELINES, POINTING, TOLERANCE, pointing
from tests.support.maps import GRID, UNIFORM, caption, one_hot

NOUNS = {"dog": "dog", "dogs": "dog", "kite": "kite"}
UPPER_LEFT = Box("dog", 0.0, 0.0, 0.25, 0.25)  # of cell (0, 0)
LOWER_RIGHT = Box("dog", 0.5, 0.5, 1.0, 1.0)  # of the four cells from (2, 2) on
KITE = Box("kite", 0.5, 0.0, 1.0, 0.5)


def asked(said, boxes):
    """Captions, the boxes of each -> measures of pointing."""
    return pointing(said, boxes, NOUNS)


def hits(attention, boxes, noun="dog", geometry=GRID):
    return asked([caption((noun, attention), geometry=geometry)], [boxes])["pointing"].value


def test_a_map_in_the_box_is_a_hit():
    found = asked([caption(("dog", one_hot(0, 0)))], [[UPPER_LEFT]])
    assert (found["pointing"].value, found["pointing"].count) == (1, 1)
    assert found["pointing"].chance == found["attention_within"].chance == 1 / 16


def test_a_map_beside_the_box_is_a_miss():
    found = asked([caption(("dog", one_hot(1, 2)))], [[UPPER_LEFT]])
    assert list(found) == list(POINTING)
    assert all((measure.value, measure.count) == (0, 1) for measure in found.values())


def test_mass_is_that_of_the_map_as_it_is_shown():
    """One cell's weight falls linearly to the next centres: three quarters of it lie within half a
    cell of its centre along each axis."""
    box = Box("dog", 0.25, 0.25, 0.5, 0.5)  # of cell (1, 1)
    found = asked([caption(("dog", one_hot(1, 1)))], [[box]])
    assert found["attention_within"].value == pytest.approx(0.75**2, abs=1e-3)


def test_a_uniform_map_gets_its_chance():
    for boxes in ([UPPER_LEFT], [LOWER_RIGHT], [UPPER_LEFT, LOWER_RIGHT]):
        found = asked([caption(("dog", UNIFORM))], [boxes])
        area = sum((box.right - box.left) * (box.bottom - box.top) for box in boxes)
        for measure in (found["pointing"], found["attention_within"]):
            assert measure.value == pytest.approx(measure.chance) == pytest.approx(area)


def test_shuffled_maps_get_their_chance_on_average():
    """Every cell in turn: as often a hit as the box has cells."""
    maps = [one_hot(row, col) for row in range(4) for col in range(4)]
    found = asked([caption(*(("dog", attention) for attention in maps))], [[LOWER_RIGHT]])
    assert found["pointing"].value == found["pointing"].chance == 4 / 16


def test_any_object_of_the_kind_will_do_and_no_other():
    both = [UPPER_LEFT, KITE, LOWER_RIGHT]
    for cell, hit in (((0, 0), 1), ((3, 2), 1), ((0, 3), 0), ((1, 0), 0)):
        assert hits(one_hot(*cell), both, "dogs") == hit
    assert hits(one_hot(0, 3), both, "kite") == 1


def test_boxes_that_overlap_count_once():
    found = asked([caption(("dog", UNIFORM))], [[LOWER_RIGHT, LOWER_RIGHT]])
    assert (found["pointing"].value, found["attention_within"].chance) == (0.25, 0.25)


def test_a_noun_that_names_nothing_there_is_a_miss():
    said = caption(("a", UNIFORM), ("kite", one_hot(0, 0)), ("above", UNIFORM), ("dogs", UNIFORM))
    for measure in asked([said], [[UPPER_LEFT]]).values():
        assert measure.count == 2
        assert (measure.value, measure.chance) == pytest.approx((1 / 32, 1 / 32))


def test_photos_keep_their_own_boxes():
    said = [caption(("dog", one_hot(0, 0))), caption(("dog", one_hot(0, 0)))]
    found = asked(said, [[UPPER_LEFT], [LOWER_RIGHT]])["pointing"]
    assert (found.value, found.low, found.high) == (0.5, 0, 1)
    with pytest.raises(ValueError):
        asked(said, [[UPPER_LEFT]])


def test_without_nouns_there_is_nothing_to_say():
    assert asked([caption(("a", UNIFORM)), caption()], [[KITE], []]) == {}


def test_the_peak_is_where_the_cell_looks():
    """A grid whose first centre is at the rim, as ResNet50's: the box is held against that."""
    shifted = Geometry(rows=4, cols=4, size=64, stride=16.0, first=0.0)
    assert hits(one_hot(1, 1), [Box("dog", 0.2, 0.2, 0.3, 0.3)], geometry=shifted) == 1
    assert hits(one_hot(1, 1), [Box("dog", 0.3, 0.3, 0.45, 0.45)], geometry=shifted) == 0


def test_near_is_a_distance_from_the_box():
    beside = TOLERANCE / np.hypot(3, 4)
    for factor, near in ((0.99, 1), (1.01, 0)):
        x, y = 3 / 8 - 3 * beside * factor, 3 / 8 - 4 * beside * factor  # left of and above (1, 1)
        found = asked([caption(("dog", one_hot(1, 1)))], [[Box("dog", 0.0, 0.0, x, y)]])
        assert (found["pointing"].value, found["pointing_near"].value) == (0, near)
        assert found["pointing_near"].chance == (3 + near) / 16  # above and left of it, too


def test_without_misses_only_what_is_there_is_asked_about():
    """Of boxes that a detector found, some of which it did not."""
    said = caption(("kite", one_hot(0, 0)), ("dogs", one_hot(0, 0)), ("a", UNIFORM))
    found = pointing([said, said], [[UPPER_LEFT], []], NOUNS, misses=False)
    assert (found["pointing"].value, found["pointing"].count) == (1, 1)
    assert pointing([said], [[]], NOUNS, misses=False) == {}
    assert pointing([said], [[]], NOUNS)["pointing"].count == 2


def test_captions_of_a_photo_hang_together():
    """Five captions each of four photos are not twenty photos."""
    said = [caption(("dog", one_hot(row, 0))) for row in (0, 3) for _ in range(10)]
    boxes = [[UPPER_LEFT]] * 20
    apart = pointing(said, boxes, NOUNS)["pointing"]
    together = pointing(said, boxes, NOUNS, photos=[n // 5 for n in range(20)])["pointing"]
    assert (together.value, together.count) == (apart.value, apart.count) == (0.5, 20)
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


MIDDLE = Box("dog", 0.25, 0.25, 0.75, 0.75)
BESIDE_MIDDLE = Box("dog", 0.51, 0.0, 1.0, 1.0)  # the centre of the photo is near, not within


def baselines(said, boxes, **asked):
    """name of a measure -> its baselines"""
    found = pointing(said, boxes, NOUNS, **asked)
    assert all(measure.chance == measure.baselines["uniform"] for measure in found.values())
    return {name: measure.baselines for name, measure in found.items()}


def test_the_middle_hits_what_lies_in_the_middle_whatever_the_maps():
    said = [caption(("dog", one_hot(row, 0))) for row in range(4)]
    boxes = [[MIDDLE], [MIDDLE], [BESIDE_MIDDLE], [UPPER_LEFT]]
    found = baselines(said, boxes)
    assert [found[name]["middle"] for name in POINTING] == [2 / 4, 3 / 4, 2 / 4]


def test_the_uniform_baseline_is_the_boxes_share_of_the_photo():
    found = baselines([caption(("dog", one_hot(0, 0)))], [[MIDDLE]])
    for name in POINTING:
        assert found[name] == {"uniform": pytest.approx(1 / 4), "middle": 1}  # no other photo


def test_with_two_photos_each_gets_the_maps_of_the_other():
    """The first photo's noun gets the two maps of the second, one of them in its box; the nouns of
    the second get that of the first, which is in the box of neither."""
    first = caption(("dog", one_hot(3, 0)))
    second = caption(("dog", one_hot(0, 0)), ("kite", one_hot(0, 3)))
    found = baselines([first, second], [[UPPER_LEFT], [LOWER_RIGHT, KITE]])
    assert found["pointing"]["shuffled"] == pytest.approx((1 / 2 + 0 + 0) / 3)
    # Of a corner cell's weight, what lies within half a cell of its centre or nearer to the rim:
    corner = (0.25 - 0.125**2 / 0.25 / 2) ** 2 / 0.25**2
    assert found["attention_within"]["shuffled"] == pytest.approx(corner / 2 / 3, abs=1e-3)
    assert list(found["pointing"]) == list(BASELINES)


def test_maps_of_the_same_photo_are_not_those_of_others():
    """Two captions of one photo, and one of another."""
    said = [caption(("dog", one_hot(*cell))) for cell in ((0, 0), (0, 0), (3, 3))]
    found = baselines(said, [[UPPER_LEFT]] * 3, photos=["a", "a", "b"])
    assert found["pointing"]["shuffled"] == pytest.approx((0 + 0 + 1) / 3)


def test_equal_maps_are_no_better_than_shuffled_ones():
    """However well they point: what they know is not about their photo."""
    said = [caption(("dog", one_hot(1, 1))) for _ in range(5)]
    found = pointing(said, [[MIDDLE]] * 5, NOUNS)
    for name, measure in found.items():
        assert measure.value == pytest.approx(measure.baselines["shuffled"]), name
    assert found["pointing"].value == 1


def test_what_names_nothing_is_a_miss_with_any_map():
    said = [caption(("dog", UNIFORM), ("kite", UNIFORM)), caption(("dog", UNIFORM))]
    whole = [Box("dog", 0.0, 0.0, 1.0, 1.0)]
    for shares in baselines(said, [whole, whole]).values():
        assert shares == {name: pytest.approx(2 / 3) for name in BASELINES}
    for shares in baselines(said[:1], [[]]).values():
        assert shares == {"uniform": 0, "middle": 0}


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_shuffled_is_the_mean_over_the_maps_of_other_photos(seed, photos):
    """As it is found the long way, for maps that are random or uniform, which have many peaks."""
    rng = np.random.default_rng(seed)

    def attention():
        return UNIFORM if rng.random() < 0.3 else rng.dirichlet(np.ones(16)).reshape(4, 4)

    def box(category):
        (left, right), (top, bottom) = np.sort(rng.random((2, 2)))
        return Box(category, left, top, right, bottom)

    said = [caption(*(("dog", attention()) for _ in range(2))) for _ in range(photos)]
    boxes = [[box("dog"), box("kite"), box("dog")] for _ in said]
    means = []
    for i, present in enumerate(boxes):
        other = [word for j, caption_ in enumerate(said) if j != i for word in caption_.words]
        with_others = pointing([caption(*((w.text, w.attention) for w in other))], [present], NOUNS)
        means.append([with_others[name].value for name in POINTING])
    found = baselines(said, boxes)
    assert [found[name]["shuffled"] for name in POINTING] == pytest.approx(np.mean(means, axis=0))


edges = st.tuples(*[st.floats(0, 1)] * 2).map(sorted)


@given(edges, edges, st.integers(0, 2**32 - 1))
def test_shares_are_shares(across, down, seed):
    attention = np.random.default_rng(seed).dirichlet(np.ones(16)).reshape(4, 4)
    box = Box("dog", across[0], down[0], across[1], down[1])
    found = asked([caption(("dog", attention.astype(np.float32)))], [[box]])
    assert found["pointing"].value in (0, 1)
    assert found["pointing_near"].value in (found["pointing"].value, 1)
    within = found["attention_within"]
    assert 0 <= within.value <= 1 + 1e-6
    area = (box.right - box.left) * (box.bottom - box.top)
    assert within.chance == pytest.approx(area, abs=0.01)
