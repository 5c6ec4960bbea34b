"""What the tour tells of a word, in six steps with its own numbers."""

import pytest

from tests.support.browser.harness import give, selected, uniform, value, word
from tests.support.browser.tour import TITLES, go_to, is_on, page, show, show_dog, start, title


@pytest.fixture
def dog(explorer):
    return show_dog(explorer)


def drawn(temperature, **more) -> dict:
    return {"sampler": "sampling", "temperature": temperature, **more}


def choice(tab, index) -> str:
    """What is said of how a word was chosen."""
    tab.click(f'[data-word-index="{index}"]')
    start(tab)
    go_to(tab, "Choice")
    said = page(tab)
    tab.keyboard.press("Escape")
    return said


def test_six_steps_tell_the_numbers_of_the_word(dog):
    start(dog)
    said = {}
    for number, expected in enumerate(TITLES):
        assert title(dog) == expected
        assert dog.text_content('[data-part="live"]').startswith(
            f"Step {number + 1} of 6, {expected}. "
        )
        said[expected] = page(dog)
        dog.get_by_role("button", name="Next" if number < 5 else "Done", exact=True).click()
    assert not is_on(dog)
    assert "3 rows × 4 columns = 12 cells" in said["Grid"]
    assert "once, for all 4 words" in said["Grid"]
    assert "With “a” just said" in said["Attention"]
    assert "12 weights, which sum to 100 %" in said["Attention"]
    largest = "row 3, column 1 40.0 % row 1, column 2 30.0 % row 2, column 4 20.0 %"
    assert largest in said["Attention"]
    assert "An even share would be 8.3 %" in said["Attention"]
    assert "2 outlined 70 % 10 others 30 %" in said["Weighted sum"]
    assert "the last word “a”" in said["Memory"]
    assert "dog 50.0 % cat 30.0 % end of sentence 10.0 %" in said["Choice"]
    assert "the next word “runs”, 80 %" in said["Next word"]
    assert "overlap with “dog” 0.40 of 1" in said["Next word"]


def test_the_memory_holds_the_words_before(dog):
    found = {}
    for index in range(4):
        dog.click(f'[data-word-index="{index}"]')
        start(dog)
        go_to(dog, "Memory")
        found[index] = page(dog)
        dog.keyboard.press("Escape")
    assert "none yet: a mark for the start" in found[0]
    assert "no word yet the last word “a”" in found[1]
    assert "until then “a” the last word “dog”" in found[2]
    assert "until then “a dog” the last word “runs”" in found[3]
    assert "a new memory: “a dog runs”" in found[3]


def test_how_the_word_was_chosen(explorer):
    for changes, expected in [
        ({"settings": {"sampler": "greedy"}}, "Greedy decoding takes the largest: “dog”."),
        ({"settings": drawn(1)}, "drew “dog”, the most probable."),
        ({"settings": drawn(1.5)}, "Temperature 1.5 gave improbable words more of a chance"),
        ({"settings": drawn(0.5)}, "Temperature 0.5 gave probable words more of a chance"),
        ({"settings": drawn(0.7, top_k=0, top_p=0.9)}, "The least probable words were left out."),
        ({"settings": drawn(1, top_k=9, top_p=1)}, "The least probable words were left out."),
        ({"settings": {"sampler": "beam", "beams": 5}}, "kept the 5 best sentences"),
        ({"settings": None}, "“dog” is the most probable."),
        (
            {"forced": 2},
            "“dog” was given, not chosen. The network found it the most probable, too.",
        ),
    ]:
        show(explorer, **changes)
        assert expected in choice(explorer, 1)
    show(explorer, settings=drawn(1, top_k=0, top_p=1))
    assert "left out" not in choice(explorer, 1)


def test_a_word_that_was_not_the_likeliest(explorer):
    words = [word("cow", probability=0.05, alternatives=[("cat", 0.6), ("<end>", 0.2)])]
    for changes, expected in [
        ({"settings": drawn(1)}, "drew “cow”, though “cat” was more probable."),
        ({"settings": {"sampler": "beam"}}, "“cow” here, though “cat” was more probable."),
        ({"settings": None}, "“cow” was chosen, though “cat” was more probable."),
        ({"forced": 1}, "“cow” was given, not chosen. The network found “cat” the most probable."),
    ]:
        show(explorer, words, **changes)
        said = choice(explorer, 0)
        assert expected in said
        assert "cat 60.0 % end of sentence 20.0 % cow 5.0 %" in said


@pytest.mark.parametrize("length", [1, 24])
def test_captions_of_any_length(explorer, length):
    give(explorer, [word(f"word{i}", uniform()) for i in range(length)])
    for index in (0, length - 1):
        explorer.click(f'[data-word-index="{index}"]')
        start(explorer)
        for name in TITLES:
            assert title(explorer) == name
            assert page(explorer)
            explorer.keyboard.press("ArrowRight")
        assert f"“word{index}” is the last word" in page(explorer) or length > index + 1
        explorer.keyboard.press("Escape")
        assert selected(explorer) == [str(index)]


def test_hidden_cells_are_told(explorer):
    show(explorer, covered=[[0, 0], [1, 2]])
    start(explorer)
    assert "covered 2 cells, which the network does not see" in page(explorer)


def test_hostile_words_stay_text(explorer):
    hostile = ["<img src=x onerror=alert(1)>", "</p><b>x</b>", "${alert(1)}"]
    words = [word(text, alternatives=[(text, 0.5), ("<i>y</i>", 0.1)]) for text in hostile]
    given = value(words)
    given["settings"].update(sampler="beam", beams="<b>3</b>")
    explorer.evaluate("give", {"value": given})
    explorer.wait_for_selector("[data-caption] button")
    for index, text in enumerate(hostile):
        explorer.click(f'[data-word-index="{index}"]')
        start(explorer)
        for _ in TITLES:
            explorer.keyboard.press("ArrowRight")
        assert f"“{text}”" in " ".join(explorer.locator("[role=dialog]").text_content().split())
        assert explorer.locator("[role=dialog] :is(img, b, i)").count() == 0
        explorer.keyboard.press("Escape")
