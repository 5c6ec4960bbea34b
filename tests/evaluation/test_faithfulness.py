"""Every measure tells an attention that is right from one whose maps are shuffled."""

from dataclasses import replace

import numpy as np
import pytest

from captioner import Caption, Captioner, Sampling, scenes
from captioner.data import datasets, grounding, nouns
from captioner.data.boxes import Box
from captioner.evaluation import faithfulness
from captioner.evaluation.faithfulness import Sample, measure
from captioner.evaluation.pointing import BASELINES, POINTING, pointing
from tests.support import tiny
from tests.support.seer import Seer, picture, scenes_folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What is found of a Seer, and of one whose maps are shuffled."""
    folder = scenes_folder(tmp_path_factory.mktemp("scenes"))
    dataset = datasets.read(folder)
    photos = dataset.split("dev")
    references = {photo: dataset.captions[photo] for photo in photos}
    there = grounding.read(folder, dataset, "dev")

    def run(captioner, step=lambda *progress: None, forced=True, **known):
        captions = dict(zip(photos, captioner.captions(photos), strict=True))
        return measure(
            Sample(captioner, captions, references, replace(there, **known), step), forced
        )

    run.boxes = there.boxes
    return run


@pytest.fixture(scope="module")
def right(measured):
    return measured(Seer())[0]


@pytest.fixture(scope="module")
def shuffled(measured):
    return measured(Seer(broken=True))[0]


def test_the_other_captions_of_a_photo_are_drawn_alike_whatever_the_default_is():
    assert [Sampling(1.0, 0, 0.9, seed) for seed in range(3)] == faithfulness.SAMPLERS


def is_chance(measure):
    """Within about four standard errors."""
    return abs(measure.value - measure.chance) < measure.high - measure.low


def test_all_is_measured(right, shuffled):
    assert right.keys() == shuffled.keys() == set(faithfulness.NAMES)


@pytest.mark.parametrize("name", [*POINTING, *faithfulness.FORCED, "mosaic"])
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
    assert between.value < 0.01 < between.chance / 10 and between.high < within.low
    assert is_chance(shuffled["maps_between"])


def test_references_are_forced_if_that_is_asked_for(measured, right):
    """Two of each photo, which name the same things as the captions do."""
    for name in POINTING:
        own, forced = right[name], right[f"forced_{name}"]
        assert forced.count == 2 * own.count and forced.value == pytest.approx(own.value)
        assert forced.chance == pytest.approx(own.chance)
    found, missing = measured(Seer(), forced=False)
    assert missing.keys() == set(faithfulness.FORCED) == set(faithfulness.NAMES) - found.keys()
    assert all("not asked for" in reason for reason in missing.values())


def test_pointing_comes_with_its_baselines(right, shuffled):
    for found in (right, shuffled):
        for name in (*POINTING, *faithfulness.FORCED):
            assert list(found[name].baselines) == list(BASELINES)
    # Maps that belong to their photo are beyond those of others; shuffled ones are not.
    assert right["pointing"].low > right["pointing"].baselines["shuffled"] + 0.5
    assert shuffled["pointing"].low < shuffled["pointing"].baselines["shuffled"]


def test_what_a_detector_missed_is_asked_about_nowhere(measured, right):
    """In drawn scenes, all of whose boxes are known, it is a miss."""
    known = {photo: boxes[:1] for photo, boxes in measured.boxes.items()}
    found, _ = measured(Seer(), boxes=known, complete=False)
    assert found["pointing"].value == found["forced_pointing"].value == 1
    assert found["pointing"].count == len(known) < right["pointing"].count
    assert found["forced_pointing"].count == 2 * len(known)
    found, _ = measured(Seer(), boxes=known)
    assert found["pointing"].count == right["pointing"].count
    assert found["pointing"].value == pytest.approx(len(known) / found["pointing"].count)
    assert found["forced_pointing"].value == 1


def test_photos_that_nobody_looked_at_are_not_asked_about(measured, right):
    known = dict(list(measured.boxes.items())[:20])
    found, _ = measured(Seer(), boxes=known)
    assert found["pointing"].count == sum(map(len, known.values()))
    assert found["mosaic"] == right["mosaic"]


def test_every_part_of_the_work_is_reported_and_can_be_stopped(measured):
    told = {}
    measured(Seer(), step=lambda doing, done, total: told.update({doing: (done, total)}))
    assert told.keys() == {"forcing references", "mosaics", "covering cells", "other captions"}
    assert all(done == total for done, total in told.values())

    def stop(doing, done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        measured(Seer(), step=stop)


def test_without_boxes_nothing_is_pointed_at(measured):
    found, missing = measured(Seer(), boxes={})
    pointing = {*POINTING, *faithfulness.FORCED}
    assert missing.keys() == pointing == set(faithfulness.NAMES) - found.keys()
    assert all("annotations/instances_*.json" in reason for reason in missing.values())


def test_without_attention_nothing_is_asked(measured):
    found, missing = measured(Seer(use_attention=False))
    assert not found and missing.keys() == set(faithfulness.NAMES)
    assert set(missing.values()) == {"This captioner has no attention."}


def test_one_photo_has_no_other_to_stand_beside(tmp_path):
    picture(dog=(0, 0)).save(tmp_path / "dog.png")
    photo = tmp_path / "dog.png"
    captions = dict(zip([photo], Seer().captions([photo]), strict=True))
    known = grounding.Grounding({}, scenes.NOUNS, frozenset(), True)
    found, missing = measure(Sample(Seer(), captions, {photo: ["dog"]}, known))
    assert {"mosaic", "maps_within", "maps_between"} <= missing.keys()
    assert found.keys() == {"cover_most", "cover_random", "cover_least"}


def test_the_list_of_nouns_agrees_with_itself():
    assert 300 <= len(set(nouns.NOUNS.values())) <= 400
    assert all(nouns.NOUNS[noun] == noun for noun in nouns.NOUNS.values())
    several = {"dogs": "dog", "leaves": "leaf", "benches": "bench", "men": "person", "run": None}
    assert {word: nouns.NOUNS.get(word) for word in several} == several


def test_forced_references_have_the_attention_of_forced_words(tmp_path):
    """The same as one by one with forced words; "zebra" is a word that it lacks."""
    captioner = Captioner(tiny.checkpoint())
    data = list(tiny.photo_files(tmp_path).items())[:4]
    references = {photo: [text, f"{text} beside a zebra", "a red"] for photo, text in data}
    box = {noun: Box(noun, 0.0, 0.0, 0.5, 0.5) for noun in ("square", "disc", "zebra")}
    nouns_ = {noun: noun for noun in box}
    shapes = {photo: next(word for word in text.split() if word in box) for photo, text in data}
    known = {photo: [box["zebra"], box[shape]] for photo, shape in shapes.items()}
    there = grounding.Grounding(known, nouns_, frozenset(box), False)
    captions = dict(zip(references, captioner.captions(references), strict=True))
    found, _ = measure(Sample(captioner, captions, references, there), forced=True)
    said = [captioner.caption(photo, prefix=text.split()) for photo, text in data]
    said = [Caption(caption.words[:3], caption.geometry) for caption in said]
    expected = pointing(said, known.values(), nouns_)
    for name, own in expected.items():
        forced = found[f"forced_{name}"]
        assert forced.count == 2 * own.count == 8
        assert forced.value == pytest.approx(own.value, abs=1e-5)
        assert forced.baselines == pytest.approx(own.baselines, abs=1e-5)


class TwoHeads(Seer):
    """A Seer of one layer with two heads: the first looks at the thing, the second beside it."""

    def captions(self, *arguments, **settings):
        for caption in super().captions(*arguments, **settings):
            yield self._divided(caption)

    def forced(self, *arguments):
        for captions in super().forced(*arguments):
            yield [self._divided(caption) for caption in captions]

    def _divided(self, caption):
        words = [
            replace(word, heads=np.stack([[word.attention, np.roll(word.attention, 2, axis=1)]]))
            for word in caption.words
        ]
        return replace(caption, words=words)


def test_each_head_points_for_itself(measured, right):
    found, _ = measured(TwoHeads())
    for name in ("pointing", "forced_pointing"):
        heads = {key: found[key].value for key in found if key.startswith(f"{name}/")}
        assert heads[f"{name}/1.1"] == found[name].value == right[name].value
        assert heads[f"{name}/1.2"] < 0.5 * heads[f"{name}/1.1"] and len(heads) == 2
