"""What-ifs in the browser: what is asked, and what is done with the answer."""

import pytest

from tests.support.browser.harness import (
    SHIFTED,
    answer,
    give,
    last_ask,
    one_hot,
    selected,
    uniform,
    value,
    word,
)


def result(*words, **more) -> dict:
    """The part of a value that an answer holds."""
    whole = value(words)
    kept = ("caption", "confidence", "milliseconds", "words", "vectors", "settings")
    return {"forced": 0, "covered": [], **{key: whole[key] for key in kept}, **more}


def node(text, score, parent=-1, kept=True, ended=False) -> dict:
    """A node of a beam search's tree."""
    found = {"parent": parent, "text": text, "probability": 0.5, "score": score}
    return {**found, "kept": kept, "ended": ended}


def caption(explorer) -> str:
    return explorer.inner_text("[data-caption]")


def marked(explorer) -> list[str]:
    return explorer.locator("[data-caption] [data-changed]").all_inner_texts()


@pytest.fixture
def dog(explorer):
    """A sentence of three words, of which the second could have been another."""
    choices = [("dog", 0.5), ("cat", 0.3), ("<end>", 0.1)]
    words = [word("a", one_hot(0, 0)), word("dog", one_hot(1, 1), 0.5, choices), word("runs")]
    give(explorer, words)
    explorer.click('[data-word-index="1"]')
    return explorer


def say_cat(dog):
    dog.click('[data-alternative="cat"]')
    answer(dog, result=result(word("a"), word("cat", probability=0.3), word("sleeps"), forced=2))


def test_a_click_on_an_alternative_lets_the_sentence_go_on_from_it(dog):
    dog.click('[data-alternative="cat"]')
    asked = last_ask(dog)
    assert (asked["event"], asked["kind"], asked["words"]) == ("ask", "what_if", ["a", "cat"])
    answer(dog, result=result(word("a"), word("cat", probability=0.3), word("sleeps"), forced=2))
    assert caption(dog) == "a cat sleeps"
    assert selected(dog) == ["1"]
    assert marked(dog) == ["cat", "sleeps"]


def test_the_chosen_word_itself_asks_nothing(dog):
    dog.click('[data-alternative="dog"]')
    assert dog.evaluate("asked") == []


def test_undo_redo_and_back(dog):
    history = dog.locator('[data-part="history"]')
    assert not history.is_visible()
    say_cat(dog)
    dog.get_by_role("button", name="Undo").click()
    assert caption(dog) == "a dog runs" and marked(dog) == []
    dog.keyboard.press("Control+Shift+Z")
    assert caption(dog) == "a cat sleeps"
    dog.keyboard.press("Control+Z")
    assert caption(dog) == "a dog runs"
    dog.get_by_role("button", name="Redo").click()
    dog.get_by_role("button", name="Back to the original").click()
    assert caption(dog) == "a dog runs"
    dog.get_by_role("button", name="Undo").click()
    assert caption(dog) == "a cat sleeps"


def test_another_photo_has_a_history_of_its_own(dog):
    say_cat(dog)
    give(dog, [word("two"), word("birds")])
    assert not dog.locator('[data-part="history"]').is_visible()
    dog.keyboard.press("Control+Z")
    assert caption(dog) == "two birds"


def test_a_word_can_be_typed(dog):
    field = dog.get_by_placeholder("or type a word")
    field.fill("  Big  horse ")
    field.press("Enter")
    assert last_ask(dog)["words"] == ["a", "big", "horse"]
    answer(dog, error='The captioner does not know the word "horse".')
    notice = dog.locator('[data-part="notice"]')
    assert notice.inner_text() == 'The captioner does not know the word "horse".'
    assert caption(dog) == "a dog runs"
    assert field.input_value() == "  Big  horse "
    field.press("Enter")
    answer(dog, result=result(word("a"), word("big"), word("horse"), forced=3))
    assert caption(dog) == "a big horse"
    assert field.input_value() == "" and not notice.is_visible()


def test_keys_in_the_field_stay_in_the_field(dog):
    dog.get_by_placeholder("or type a word").press_sequentially("a b")
    dog.keyboard.press("ArrowLeft")
    assert selected(dog) == ["1"]
    assert dog.get_by_placeholder("or type a word").input_value() == "a b"


def test_the_sentence_can_end_early_without_asking(dog):
    dog.get_by_text("end of sentence").click()
    assert caption(dog) == "a"
    assert dog.evaluate("asked") == []
    dog.get_by_role("button", name="Undo").click()
    assert caption(dog) == "a dog runs"


def test_an_answer_that_is_no_longer_wanted_changes_nothing(dog):
    dog.click('[data-alternative="cat"]')
    late = last_ask(dog)["id"]
    give(dog, [word("two"), word("birds")])
    dog.evaluate("give", {"answer": {"id": late, "result": result(word("no"))}})
    assert caption(dog) == "two birds"


def test_what_a_word_looked_at_is_covered(dog):
    dog.get_by_role("button", name="Cover attended cells").click()
    asked = last_ask(dog)
    assert (asked["kind"], asked["covered"], asked["words"]) == ("what_if", [[1, 1]], [])
    assert asked["compare"] == ["a", "dog", "runs"]
    after = result(word("a"), word("lawn"), covered=[[1, 1]])
    answer(dog, result=after, kept=[0.5, 0.02, 0.55])
    assert caption(dog) == "a lawn"
    said = dog.inner_text('[data-part="covered-said"]')
    assert "1 cell covered" in said and "“a dog runs”" in said
    rows = [
        text.split("\n") for text in dog.locator('[data-part="covered-words"] li').all_inner_texts()
    ]
    assert rows == [
        ["a", "50 % → 50 %", "±0.0"],
        ["dog", "50 % → 2 %", "−48.0"],
        ["runs", "50 % → 55 %", "+5.0"],
    ]
    dog.get_by_role("button", name="Undo").click()
    assert not dog.locator('[data-part="covered"]').is_visible()


def test_a_region_is_covered_together_with_what_is_covered_already(dog):
    box = dog.locator("[data-stage]").bounding_box()

    def click(row, col):
        x, y = SHIFTED.centres(4)[col], SHIFTED.centres(3)[row]
        dog.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    click(0, 0)
    dog.get_by_role("button", name="Cover these cells").click()
    assert last_ask(dog)["covered"] == [[0, 0]]
    answer(dog, result=result(word("a"), word("dog"), covered=[[0, 0]]), kept=[0.5, 0.5, 0.5])
    click(2, 3)
    dog.get_by_role("button", name="Cover these cells").click()
    assert sorted(last_ask(dog)["covered"]) == [[0, 0], [2, 3]]


def test_the_cause_stands_beside_attention_and_is_asked_once(dog):
    button = dog.get_by_role("button", name="Occlusion: what mattered")
    button.click()
    assert last_ask(dog)["words"] == ["a", "dog", "runs"]
    dog.evaluate("give", {"answer": {"id": last_ask(dog)["id"], "done": 7, "total": 28}})
    assert "25 %" in dog.inner_text('[data-part="show-cause"]')
    maps = [(0.0 * one_hot(0, 0)).tolist(), (0.4 * one_hot(2, 3)).tolist(), uniform().tolist()]
    answer(dog, maps=maps, agreement=[0.0, -0.5, 0.9])
    canvas = dog.locator('[data-part="cause"]')
    assert canvas.is_visible()
    assert "takes 40.0 percentage points from “dog”" in dog.inner_text('[data-part="cause-said"]')
    assert dog.inner_text('[data-part="agreement"]') == "−0.50"
    assert dog.inner_text('[data-part="agreement-said"]') == "they contradict each other"
    dog.click('[data-word-index="0"]')
    assert "No covered part" in dog.inner_text('[data-part="cause-said"]')
    dog.get_by_role("button", name="Occlusion: what mattered").click()
    assert not canvas.is_visible()
    dog.get_by_role("button", name="Occlusion: what mattered").click()
    assert canvas.is_visible()
    assert len(dog.evaluate("asked")) == 1


def test_another_sentence_has_a_cause_of_its_own(dog):
    def answer_cause(points):
        maps = [(points / 100 * one_hot(1, 1)).tolist()] * 3
        answer(dog, maps=maps, agreement=[1.0, 1.0, 1.0])

    dog.get_by_role("button", name="Occlusion: what mattered").click()
    answer_cause(40)
    assert "takes 40.0 percentage points from “dog”" in dog.inner_text('[data-part="cause-said"]')
    say_cat(dog)
    assert last_ask(dog)["words"] == ["a", "cat", "sleeps"]
    assert not dog.locator('[data-part="cause"]').is_visible()
    answer_cause(20)
    assert "takes 20.0 percentage points from “cat”" in dog.inner_text('[data-part="cause-said"]')
    dog.get_by_role("button", name="Undo").click()
    assert "takes 40.0 percentage points from “dog”" in dog.inner_text('[data-part="cause-said"]')
    assert [asked["kind"] for asked in dog.evaluate("asked")] == ["cause", "what_if", "cause"]


def test_a_cause_is_found_for_the_sentence_that_came_while_another_was_looked_into(dog):
    button = dog.locator('[data-part="show-cause"]')
    button.click()
    first = last_ask(dog)["id"]
    dog.evaluate("give", {"answer": {"id": first, "done": 7, "total": 28}})
    say_cat(dog)
    assert last_ask(dog)["kind"] == "cause"
    assert button.inner_text() == "Occlusion: what mattered"
    give_first = {"id": first, "maps": [uniform().tolist()] * 3, "agreement": [0.0] * 3}
    dog.evaluate("give", {"answer": give_first})
    assert not dog.locator('[data-part="cause"]').is_visible()
    answer(dog, maps=[(0.2 * one_hot(1, 1)).tolist()] * 3, agreement=[1.0] * 3)
    assert "takes 20.0 percentage points from “cat”" in dog.inner_text('[data-part="cause-said"]')


def test_another_photo_ends_what_was_being_found(dog):
    button = dog.locator('[data-part="show-cause"]')
    button.click()
    dog.evaluate("give", {"answer": {"id": last_ask(dog)["id"], "done": 7, "total": 28}})
    give(dog, [word("a"), word("cat")])
    assert button.inner_text() == "Occlusion: what mattered"
    assert last_ask(dog)["words"] == ["a", "cat"]  # it is still wanted
    dog.evaluate("give", {"value": None})
    give(dog, [word("a"), word("bird")])
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert last_ask(dog)["words"] == ["a", "bird"]
    answer(dog, maps=[uniform().tolist()] * 2, agreement=[0.0] * 2)
    assert button.inner_text() == "Occlusion: what mattered"


def test_the_tree_of_beam_search(dog):
    dog.get_by_role("button", name="Beam search").click()
    asked = last_ask(dog)
    assert (asked["kind"], asked["beams"]) == ("beam", 3)
    nodes = [node("a", -0.1), node("the", -2.3, kept=False), node("cat", -0.6, 0)]
    nodes.append(node("<end>", -1.3, 2, ended=True))
    answer(dog, tree={"nodes": nodes, "best": [0, 2, 3]}, result=result(word("a"), word("cat")))
    branches = dog.locator("[data-branch]")
    assert [text.split("\n")[0] for text in branches.all_inner_texts()] == [
        "a",
        "the",
        "cat",
        "end",
    ]
    assert dog.locator("[data-best]").count() == 3
    assert dog.locator("[data-dropped]").all_inner_texts()[0].startswith("the")
    branches.nth(3).click()
    assert last_ask(dog)["words"] == ["a", "cat"]
    answer(dog, result=result(word("a"), word("cat"), word("sleeps"), forced=2))
    assert caption(dog) == "a cat"  # it ended there
    asks = len(dog.evaluate("asked"))
    dog.get_by_role("button", name="Beam search").click()
    dog.get_by_role("button", name="Beam search").click()
    assert dog.locator("[data-branch]").count() == 4
    assert len(dog.evaluate("asked")) == asks
    dog.get_by_label("Beam width").select_option("5")
    assert last_ask(dog)["beams"] == 5


def test_a_late_tree_does_not_take_the_place_of_the_one_that_was_asked_for(dog):
    dog.get_by_role("button", name="Beam search").click()
    first = last_ask(dog)["id"]
    dog.get_by_label("Beam width").select_option("5")
    tree = {"nodes": [node("a", -0.1)], "best": [0]}
    dog.evaluate("give", {"answer": {"id": first, "tree": tree}})
    assert dog.locator("[data-branch]").count() == 0
    answer(dog, tree=tree)
    assert "the 5 best sentences" in dog.locator('[data-part="more-beam"]').inner_text()
    asks = len(dog.evaluate("asked"))
    dog.get_by_label("Beam width").select_option("3")
    assert dog.locator("[data-branch]").count() == 1 and len(dog.evaluate("asked")) == asks


def test_words_of_answers_stay_text(dog):
    hostile = "<img src=x onerror=alert(1)>"
    dog.click('[data-alternative="cat"]')
    answer(dog, result=result(word("a"), word(hostile)), kept=None)
    dog.get_by_role("button", name="Beam search").click()
    answer(dog, tree={"nodes": [node(hostile, 0)], "best": [0]})
    dog.get_by_role("button", name="Samples").click()
    sample = {"caption": hostile, "confidence": 0.4, "seed": 1, "words": [hostile]}
    answer(dog, samples=[sample], equal=1)
    assert hostile in dog.locator('[data-part="more-samples"]').inner_text()
    assert dog.locator(".explorer img").count() == 0
