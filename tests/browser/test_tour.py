"""The tour in the browser: how the chosen word came about, in six steps with its own numbers."""

import numpy as np
import pytest

from tests.browser.harness import give, one_hot, selected, set_up, stage, uniform, value, word

TITLES = ["Grid", "Attention", "Weighted sum", "Memory", "Choice", "Next word"]
SOMEWHERE = "http://localhost/"  # an address of its own, so that the browser remembers things
CHOICES = [("dog", 0.5), ("cat", 0.3), ("<end>", 0.1)]


def weights(shares: dict):
    return sum(share * one_hot(*cell) for cell, share in shares.items())


DOG = weights({(2, 0): 0.4, (0, 1): 0.3, (1, 3): 0.2, (1, 1): 0.1})
RUNS = weights({(2, 0): 0.4, (0, 0): 0.6})


@pytest.fixture
def dog(explorer):
    """A sentence of four words, of which the second is chosen."""
    show(explorer)
    explorer.click('[data-word-index="1"]')
    return explorer


def show(explorer, words=None, **changes):
    usual = [word("a"), word("dog", DOG, 0.5, CHOICES), word("runs", RUNS, 0.8), word("fast")]
    explorer.evaluate("give", {"value": {**value(words or usual), **changes}})
    explorer.wait_for_selector("[data-caption] button")


def drawn(temperature) -> dict:
    return {"sampler": "sampling", "temperature": temperature}


def start(tab):
    tab.click('[data-part="tour"]')
    tab.wait_for_selector("[role=dialog]")


def go_to(tab, title):
    tab.get_by_label(f"Step {TITLES.index(title) + 1}", exact=True).click()


def page(tab) -> str:
    """What the step on show says, its spaces all alike."""
    return " ".join(tab.inner_text(".tour-pages [data-on-show]").split())


def choice(tab, index) -> str:
    """What is said of how a word was chosen."""
    tab.click(f'[data-word-index="{index}"]')
    start(tab)
    go_to(tab, "Choice")
    said = page(tab)
    tab.keyboard.press("Escape")
    return said


def title(tab) -> str:
    return tab.inner_text(".tour-pages [data-on-show] h3").split("\n")[-1]


def is_on(tab) -> bool:
    return tab.locator("[role=dialog]").is_visible()


def invitation(tab):
    return tab.get_by_text("New here?")


def view(tab) -> dict:
    """All that the tour may change for a while."""
    return tab.evaluate(
        """() => {
          const picture = (canvas) => canvas.toDataURL();
          const text = (part) => document.querySelector(`[data-part="${part}"]`).textContent;
          return {
            canvases: [...document.querySelectorAll("canvas")].map(picture),
            chosen: document.querySelector('[aria-selected="true"]').dataset.wordIndex,
            said: ["text", "region-said", "legend", "facts"].map(text),
            numbers: [...document.querySelectorAll(".tile-number")].map((node) => node.textContent),
            pressed: document.querySelector('[data-part="show-cause"]').ariaPressed,
            states: document.querySelector(".explorer").getAttributeNames(),
            inert: document.querySelectorAll("[inert]").length,
            checked: [...document.querySelectorAll(":checked")].map((node) => node.value),
          };
        }"""
    )


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
        ({"settings": drawn(1)}, "drew “dog”, the likeliest."),
        ({"settings": drawn(1.5)}, "Temperature 1.5 gave unlikely words more of a chance"),
        ({"settings": drawn(0.5)}, "Temperature 0.5 gave likely words more of a chance"),
        ({"settings": {"sampler": "beam", "beams": 5}}, "kept the 5 best sentences"),
        ({"settings": None}, "“dog” is the likeliest."),
        ({"forced": 2}, "“dog” was given, not chosen. The network found it likeliest, too."),
    ]:
        show(explorer, **changes)
        assert expected in choice(explorer, 1)


def test_a_word_that_was_not_the_likeliest(explorer):
    words = [word("cow", probability=0.05, alternatives=[("cat", 0.6), ("<end>", 0.2)])]
    for changes, expected in [
        ({"settings": drawn(1)}, "drew “cow”, though “cat” was likelier."),
        ({"settings": {"sampler": "beam"}}, "“cow” here, though “cat” was likelier."),
        ({"settings": None}, "“cow” was chosen, though “cat” was likelier."),
        ({"forced": 1}, "“cow” was given, not chosen. The network found “cat” likeliest."),
    ]:
        show(explorer, words, **changes)
        said = choice(explorer, 0)
        assert expected in said
        assert "cat 60.0 % end of sentence 20.0 % cow 5.0 %" in said


def test_the_stage_shows_what_is_spoken_of(dog):
    start(dog)
    assert stage(dog).min() > 250  # the white photo as it is
    go_to(dog, "Attention")
    picture = stage(dog).astype(int)
    assert (picture.max(axis=2) - picture.min(axis=2)).max() > 60  # colours of the heat map
    go_to(dog, "Weighted sum")
    outlined = dog.evaluate(
        """() => {
          const { width, height } = document.querySelector("canvas.marks");
          const context = document.querySelector("canvas.marks").getContext("2d");
          const { data } = context.getImageData(0, 0, width, height);
          const cells = new Set();
          for (let i = 3; i < data.length; i += 4) {
            const [x, y] = [((i - 3) / 4) % width, Math.floor((i - 3) / 4 / width)];
            if (data[i] > 200) cells.add(`${Math.floor((3 * y) / height)},${x < width / 2}`);
          }
          return [...cells].sort();
        }"""
    )
    assert {"0,true", "2,true"} <= set(outlined)  # upper and lower row, both in the left half
    assert not {"0,false", "1,false", "2,false"} & set(outlined)
    assert dog.get_attribute(".explorer", "data-region") is None
    go_to(dog, "Next word")
    assert selected(dog) == ["2"]
    go_to(dog, "Grid")
    assert selected(dog) == ["1"]


def test_after_the_last_word_the_whole_sentence_is_on_the_stage(dog):
    dog.click('[data-word-index="3"]')
    start(dog)
    go_to(dog, "Next word")
    assert "“fast” is the last word" in page(dog)
    assert "whole sentence" in dog.get_attribute("[data-stage]", "aria-label")
    assert selected(dog) == ["3"]


def test_keys_go_through_it_and_the_focus_comes_back(dog):
    dog.focus('[data-part="tour"]')
    dog.keyboard.press("Enter")
    assert (
        dog.evaluate("document.activeElement.getAttribute('aria-label')") == "How “dog” came about"
    )
    for key, expected in [
        ("ArrowRight", "Attention"),
        ("ArrowLeft", "Grid"),
        ("ArrowLeft", "Grid"),
        ("End", "Next word"),
        ("ArrowRight", "Next word"),
        ("Home", "Grid"),
    ]:
        dog.keyboard.press(key)
        assert title(dog) == expected
    assert selected(dog) == ["1"]
    dog.keyboard.press("Tab")
    assert dog.evaluate("document.activeElement.ariaLabel") == "Close the tour"
    dog.get_by_role("button", name="Next", exact=True).press(" ")
    assert title(dog) == "Attention"
    dog.get_by_role("button", name="Back", exact=True).press("Enter")
    assert title(dog) == "Grid"
    assert dog.evaluate("document.activeElement.textContent") == "Next"  # Back has been put out
    dog.keyboard.press("Escape")
    assert not is_on(dog)
    assert dog.evaluate("document.activeElement.dataset.part") == "tour"


def test_nothing_plays_meanwhile(dog):
    dog.clock.install()
    dog.click('[data-part="play"]')
    start(dog)
    for key in (" ", "Tab"):
        dog.keyboard.press(key)
    dog.evaluate("document.activeElement.blur()")
    dog.keyboard.press(" ")
    dog.clock.run_for(5000)
    assert selected(dog) == ["1"]
    assert title(dog) == "Grid"


@pytest.mark.parametrize("way", ["Escape", "Close the tour", "Done"])
@pytest.mark.parametrize("overlay", ["Contours", "Spotlight"])
def test_everything_is_as_it_was_afterwards(dog, way, overlay):
    dog.get_by_text(overlay, exact=True).click()
    for label in ("Cells", "All words", "Sentence", "Grid"):
        dog.get_by_text(label, exact=True).click()
    dog.get_by_label("Strength").fill("40")
    dog.locator("canvas.marks").click(position={"x": 10, "y": 10})
    dog.get_by_role("button", name="No, do not ask again").click()
    dog.mouse.move(0, 0)
    before = view(dog)
    start(dog)
    for name in TITLES[:5] if way != "Done" else TITLES:
        go_to(dog, name)
        assert view(dog)["canvases"] != before["canvases"]
    if way == "Escape":
        dog.keyboard.press("Escape")
    else:
        dog.get_by_role("button", name=way, exact=True).click()
    dog.mouse.move(0, 0)
    assert view(dog) == before


def test_cause_is_put_aside_and_comes_back_without_being_asked_for_again(dog):
    dog.get_by_role("button", name="No, do not ask again").click()
    dog.click('[data-part="show-cause"]')
    asked = dog.evaluate("asked.at(-1)")
    maps = [np.eye(3, 4).tolist()] * 4
    dog.evaluate("give", {"answer": {"id": asked["id"], "maps": maps, "agreement": [0.5] * 4}})
    dog.wait_for_selector('[data-part="cause"]')
    before = view(dog)
    start(dog)
    assert not dog.locator('[data-part="cause"]').is_visible()
    dog.keyboard.press("Escape")
    assert view(dog) == before
    assert len(dog.evaluate("asked")) == 1


def test_another_word_chosen_meanwhile_is_told_about_and_stays_chosen(dog):
    start(dog)
    go_to(dog, "Attention")
    dog.click('[data-caption] [data-word="2"]')
    assert title(dog) == "Attention"
    assert "How “runs” came about" in dog.inner_text("[role=dialog]")
    assert "row 1, column 1 60.0 %" in page(dog)
    go_to(dog, "Next word")
    assert selected(dog) == ["3"]
    dog.click('[data-caption] [data-word="0"]')
    assert title(dog) == "Grid"  # after the last step it begins anew
    dog.keyboard.press("Escape")
    assert selected(dog) == ["0"]


@pytest.mark.parametrize("follower", ["caption", "nothing"])
def test_it_ends_with_its_caption(dog, follower):
    before = view(dog)["canvases"]
    start(dog)
    go_to(dog, "Weighted sum")
    if follower == "nothing":
        dog.evaluate("give", {"value": None})
        dog.wait_for_selector(".explorer[data-state=empty]")
    show(dog)
    dog.wait_for_selector("[role=dialog]", state="hidden")
    dog.click('[data-word-index="1"]')
    assert view(dog)["canvases"] == before
    assert dog.locator("[inert]").count() == 0


def test_a_first_visitor_is_invited_and_may_decline_for_good(tab):
    tab.route(SOMEWHERE, lambda route: route.fulfill(body="<!doctype html>"))
    for visit in range(2):
        tab.goto(SOMEWHERE)
        set_up(tab)
        assert not invitation(tab).is_visible()  # nothing to show yet
        show(tab)
        assert invitation(tab).is_visible() == (visit == 0)
        if visit == 0:
            tab.get_by_role("button", name="No, do not ask again").click()
            assert not invitation(tab).is_visible()
            show(tab)
            assert not invitation(tab).is_visible()


def test_who_has_seen_it_is_not_invited_again(tab):
    tab.route(SOMEWHERE, lambda route: route.fulfill(body="<!doctype html>"))
    tab.goto(SOMEWHERE)
    set_up(tab)
    show(tab)
    tab.get_by_role("button", name="Start", exact=True).click()
    assert is_on(tab)
    assert not invitation(tab).is_visible()
    assert tab.evaluate("localStorage.getItem('where-words-look-tour')") is None
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.dataset.part") == "tour"
    tab.goto(SOMEWHERE)
    set_up(tab)
    show(tab)
    assert not invitation(tab).is_visible()
    start(tab)  # but the button is there
    assert title(tab) == "Grid"


def test_a_browser_that_remembers_nothing_breaks_nothing(explorer):
    refused = "() => { try { return !localStorage; } catch { return true; } }"
    assert explorer.evaluate(refused)
    show(explorer)
    start(explorer)
    explorer.keyboard.press("Escape")
    show(explorer)
    assert not invitation(explorer).is_visible()


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


def test_nothing_is_asked(dog):
    requests = []
    dog.on("request", lambda request: requests.append(request.url))
    start(dog)
    for _ in TITLES:
        dog.keyboard.press("ArrowRight")
    dog.keyboard.press("Escape")
    assert (dog.evaluate("asked"), requests) == ([], [])


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900)])
def test_the_photo_stays_visible_beside_or_above_the_card(open_tab, width, height):
    tab = set_up(open_tab(width, height))
    show(tab)
    start(tab)
    for name in TITLES:
        go_to(tab, name)
        card = tab.locator("[role=dialog]").bounding_box()
        photo = tab.locator("[data-stage]").bounding_box()
        apart = (
            card["y"] >= photo["y"] + photo["height"] or card["x"] >= photo["x"] + photo["width"]
        )
        assert apart
        assert min(card["y"], photo["y"]) >= 0
        assert max(box["y"] + box["height"] for box in (card, photo)) <= height
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
