"""The tour in the browser: going through it, what the stage shows, and what is there afterwards."""

import numpy as np
import pytest

from tests.support.browser.harness import selected, set_up, stage
from tests.support.browser.tour import (
    TITLES,
    go_to,
    is_on,
    page,
    show,
    show_dog,
    start,
    title,
    view,
)


@pytest.fixture
def dog(explorer):
    return show_dog(explorer)


def test_the_stage_shows_what_is_spoken_of(dog):
    assert dog.get_by_text("Point to see which words attend there").is_visible()
    start(dog)
    assert stage(dog).min() > 250  # the white photo as it is
    assert not dog.get_by_text("Point to see which words attend there").is_visible()
    assert not dog.get_by_role("button", name="See what mattered").is_visible()
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
    assert "whole caption" in dog.get_attribute("[data-stage]", "aria-label")
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


def test_nothing_plays_meanwhile(open_tab):
    dog = show_dog(set_up(open_tab(reuse=False)))
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


@pytest.mark.parametrize(
    ("way", "overlay"),
    [("Escape", "Contours"), ("Close the tour", "Spotlight"), ("Done", "Contours")],
)
def test_everything_is_as_it_was_afterwards(dog, way, overlay):
    dog.get_by_text(overlay, exact=True).click()
    for label in ("Cells", "Same for all", "Whole caption", "Grid"):
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
