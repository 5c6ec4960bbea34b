"""Several sentences drawn at once: how they are asked for, and the list of them."""

import pytest

from captioner.ui.shared.sampler_settings import DEFAULTS, Settings
from tests.browser.explorer.test_queries import result
from tests.support.browser.harness import answer, give, last_ask, one_hot, value, word


@pytest.fixture
def dog(explorer):
    """A greedy sentence of three words, of which the second is chosen."""
    give(explorer, [word("a", one_hot(0, 0)), word("dog", one_hot(1, 1)), word("runs")])
    explorer.click('[data-word-index="1"]')
    return explorer


def test_several_samples_to_choose_from(dog):
    dog.get_by_role("button", name="Samples").click()
    asked = last_ask(dog)
    assert asked["kind"] == "samples"  # with the default settings: the sentence is greedy
    assert asked["settings"] == {**DEFAULTS.to_json(), "sampler": "sampling"}
    drawn = [("a cat", 3), ("a dog", 4), ("a cat", 5)]
    samples = [
        {"caption": text, "confidence": 0.4, "seed": seed, "words": text.split()}
        for text, seed in drawn
    ]
    answer(dog, samples=samples, equal=2 / 3)
    panel = dog.locator('[data-part="more-samples"]')
    assert "drawn at temperature 0.7, top p 0.9." in panel.inner_text()
    assert "2 are different; 67 % are the most frequent one." in panel.inner_text()
    assert [text.split("\n")[:2] for text in panel.locator("li").all_inner_texts()] == [
        ["a cat", "2 times"],
        ["a dog", "40 %"],
    ]
    panel.locator("[data-sample]").nth(1).click()
    asked = last_ask(dog)
    assert (asked["kind"], asked["words"], asked["settings"]["seed"]) == ("what_if", [], 4)


def test_they_are_drawn_as_the_sentence_was(explorer):
    settings = Settings(sampler="sampling", temperature=1.3, top_k=40, top_p=1.0, seed=9)
    explorer.evaluate("give", {"value": value([word("a")], settings=settings)})
    explorer.get_by_role("button", name="Samples").click()
    assert last_ask(explorer)["settings"] == {**settings.to_json(), "seed": 1}
    answer(explorer, samples=[{"caption": "a", "confidence": 1, "seed": 1}], equal=1)
    panel = explorer.locator('[data-part="more-samples"]')
    assert "drawn at temperature 1.3, top k 40. " in panel.inner_text()


def test_they_are_of_the_photo_as_it_is_covered(dog):
    def drawn(text):
        return [{"caption": text, "confidence": 0.4, "seed": 1, "words": text.split()}]

    panel = dog.locator('[data-part="more-samples"]')
    dog.get_by_role("button", name="Samples").click()
    assert last_ask(dog)["covered"] == []
    answer(dog, samples=drawn("a dog"), equal=1)
    dog.get_by_role("button", name="Cover attended cells").click()
    cells = last_ask(dog)["covered"]
    answer(dog, result=result(word("a"), word("cat"), covered=cells), kept=[0.5, 0.5, 0.5])
    asked = last_ask(dog)
    assert (asked["kind"], asked["covered"]) == ("samples", cells)
    answer(dog, samples=drawn("a cat"), equal=1)
    assert panel.locator("li").all_inner_texts()[0].startswith("a cat")
    panel.locator("[data-sample]").click()
    assert last_ask(dog)["covered"] == cells
    dog.get_by_role("button", name="Undo").click()
    assert panel.locator("li").all_inner_texts()[0].startswith("a dog")
