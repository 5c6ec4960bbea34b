"""The tree of a beam search holds what was kept and dropped, on toys whose tree is known."""

import math

import numpy as np
import pytest

from captioner import beam_tree
from captioner.samplers import Beam, Greedy
from captioner.vocabulary import END
from tests.support.toy import GEOMETRY, WORDS, A, B, C, D, chain, random_tables


def tree(toy, beams, **settings):
    return beam_tree.build(toy.search(Beam(beams), **settings), 0, WORDS)


def path(grown, number) -> str:
    """The words up to a node."""
    node = grown.nodes[number]
    before = path(grown, node.parent) + " " if node.parent >= 0 else ""
    return before + node.text


def told(grown, **wanted) -> dict[str, float]:
    """Sentences of the nodes that are so, and their probabilities; impossible ones left out."""
    return {
        path(grown, number): math.exp(node.score)
        for number, node in enumerate(grown.nodes)
        if node.score > -50 and all(getattr(node, name) == is_ for name, is_ in wanted.items())
    }


def test_the_tree_of_a_search_that_greedy_would_have_lost():
    toy = chain(
        start={A: 0.6, B: 0.4}, a={B: 0.3, C: 0.4, D: 0.3}, b={D: 1}, c={END: 1}, d={END: 1}
    )
    grown = tree(toy, 2)
    assert told(grown, kept=True) == pytest.approx(
        {"a": 0.6, "b": 0.4, "b d": 0.4, "a c": 0.24, "b d <end>": 0.4, "a c <end>": 0.24}
    )
    assert told(grown, kept=False) == pytest.approx({"a b": 0.18, "a d": 0.18})
    assert told(grown, ended=True) == pytest.approx({"b d <end>": 0.4, "a c <end>": 0.24})
    assert [grown.nodes[number].text for number in grown.best] == ["b", "d", "<end>"]
    chances = [grown.nodes[number].probability for number in grown.best]
    assert chances == pytest.approx([0.4, 1, 1])


def test_a_sentence_that_has_ended_stays_while_others_go_on():
    toy = chain(start={A: 0.5, B: 0.5}, a={END: 1}, b={C: 1}, c={D: 1}, d={END: 1})
    grown = tree(toy, 2)
    ended = told(grown, ended=True, kept=True)
    assert ended == pytest.approx({"a <end>": 0.5, "b c d <end>": 0.5})
    assert sum(node.text == "<end>" and node.score > -50 for node in grown.nodes) == 2


def test_a_sentence_that_others_drive_out_is_kept_no_longer():
    toy = chain(
        start={A: 0.9, B: 0.1}, a={C: 0.9, END: 0.1}, b={END: 1}, c={A: 0.5, D: 0.5}, d={END: 1}
    )
    grown = tree(toy, 2, max_words=3)
    assert told(grown, ended=True) == pytest.approx({"a <end>": 0.09, "b <end>": 0.1})
    assert told(grown, ended=True, kept=True) == {}
    assert set(told(grown, kept=True)) == {"a", "b", "a c", "a c a", "a c d"}


def test_forced_words_are_one_node():
    toy = chain(start={A: 0.9, B: 0.1}, a={END: 1}, b={C: 0.3, D: 0.7}, c={END: 1}, d={END: 1})
    grown = tree(toy, 3, prefix=["b"])
    first = [node for node in grown.nodes if node.parent == -1]
    assert [(node.text, node.kept) for node in first] == [("b", True)]
    assert first[0].probability == pytest.approx(0.1)
    assert path(grown, grown.best[-1]) == "b d <end>"


@pytest.mark.parametrize("beams", [1, 2, 3, 8])
@pytest.mark.parametrize("prefix", [(), ("c", "a")], ids=str)
def test_whatever_the_table_the_tree_is_that_of_the_caption(beams, prefix):
    for seed in range(12):
        toy = random_tables(photos=2, seed=seed)
        found = toy.search(Beam(beams), prefix=prefix, max_words=5)
        for photo, caption in enumerate(toy.decode(Beam(beams), prefix=prefix, max_words=5)):
            grown = beam_tree.build(found, photo, WORDS)
            best = [grown.nodes[number] for number in grown.best]
            said = [node for node in best if not node.ended]
            assert " ".join(node.text for node in said) == caption.text
            assert [node.probability for node in said] == pytest.approx(
                [word.probability for word in caption.words]
            )
            assert all(node.kept for node in best)
            for number, node in enumerate(grown.nodes):
                before = grown.nodes[node.parent].score if node.parent >= 0 else 0
                assert node.parent < number
                assert node.parent < 0 or not grown.nodes[node.parent].ended
                gained = math.log(node.probability)
                assert node.score == pytest.approx(before + gained, abs=1e-5)
                assert node.ended == (node.text == "<end>")


@pytest.mark.parametrize("beams", [1, 2, 3])
def test_what_was_dropped_was_worse_than_what_was_kept_and_as_much_at_most(beams):
    for seed in range(12):
        found = random_tables(photos=1, seed=seed).search(Beam(beams), max_words=1)
        grown = beam_tree.build(found, 0, WORDS).nodes
        kept = [node.score for node in grown if node.kept]
        dropped = [node.score for node in grown if not node.kept]
        assert len(kept) == beams and 1 <= len(dropped) <= beams
        assert min(kept) >= max(dropped)


def test_the_caption_of_a_search_is_that_of_decoding():
    toy = random_tables(photos=3, seed=1)
    found = toy.search(Greedy())
    for photo, caption in enumerate(toy.decode()):
        again = found.caption(photo, WORDS, GEOMETRY)
        assert again.text == caption.text and np.array_equal(again.maps, caption.maps)
