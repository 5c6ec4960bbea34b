"""The named choices of how freely words are drawn, on the real page with real clicks."""

import pytest

from captioner.samplers import SAMPLING_PRESETS
from tests.browser.explore.test_address import STORED, field, query, until
from tests.support.browser.page import captioned, settled, visit, words

NUMBERS = ("Temperature", "Top k", "Top p")


@pytest.fixture(scope="module")
def shared(open_module_tab, server, photo):
    return sampling(captioned(open_module_tab(), server, photo))


@pytest.fixture
def page(shared):
    click(shared, "preset", "Varied")
    wait_for(shared, of("varied"), "varied")
    settled(shared)
    return shared


def sampling(page):
    click(page, "sampler", "Sampling")
    page.locator("#settings-preset").wait_for()
    settled(page)
    return page


def click(page, group: str, name: str) -> None:
    page.locator(f"#settings-{group} label", has_text=name).click()


def numbers(page) -> list[float]:
    return [float(field(page, name).input_value()) for name in NUMBERS]


def chosen(page) -> list[str]:
    """Names of the chosen preset: one or none."""
    return page.locator("#settings-preset label:has(input:checked)").all_inner_texts()


def wait_for(page, numbers, preset: str | None) -> None:
    """Until the sliders have these values and this preset is the chosen one."""
    page.wait_for_function(
        """([names, numbers, preset]) => {
          const is = (name, i) => Number(document.querySelector(
            `#settings input[aria-label="number input for ${name}"]`)?.value) === numbers[i];
          const checked = document.querySelector("#settings-preset input:checked");
          return names.every(is) && (checked?.value ?? null) === preset;
        }""",
        arg=[NUMBERS, numbers, preset],
    )


def of(preset: str) -> list[float]:
    sampling = SAMPLING_PRESETS[preset]
    return [sampling.temperature, sampling.top_k, sampling.top_p]


def test_sampling_begins_varied(tab, server):
    page = sampling(visit(tab, server))
    assert chosen(page) == ["Varied"]
    assert numbers(page) == of("varied") == [0.7, 0, 0.9]
    until(page, sampler="sampling", example=STORED["example"])  # of the result on show
    assert query(page).keys() - {"example", "word"} == {"sampler"}  # what is as usual is left out


def test_a_choice_sets_the_sliders_and_the_sentence_follows(page):
    texts = {}
    for name in ("wild", "careful", "varied"):
        click(page, "preset", name.capitalize())
        wait_for(page, of(name), name)
        page.wait_for_timeout(300)
        settled(page)
        assert chosen(page) == [name.capitalize()]
        texts[name] = " ".join(words(page))
    assert texts["wild"] != texts["careful"]
    assert query(page) == {"sampler": "sampling"}  # the default is left out


def test_a_moved_slider_leaves_no_preset_chosen(page):
    click(page, "preset", "Wild")
    wait_for(page, of("wild"), "wild")
    page.locator('#settings input[aria-label="range slider for Temperature"]').press("ArrowRight")
    wait_for(page, [round(of("wild")[0] + 0.05, 2), *of("wild")[1:]], None)
    click(page, "preset", "Wild")
    wait_for(page, of("wild"), "wild")
    field(page, "Top k").fill("5")
    field(page, "Top k").press("Tab")
    wait_for(page, [of("wild")[0], 5, of("wild")[2]], None)
    click(page, "preset", "Careful")
    wait_for(page, of("careful"), "careful")


def test_a_choice_is_made_with_the_keyboard(page):
    page.locator("#settings-preset input:checked").focus()
    page.keyboard.press("Tab")  # each of Gradio's radio buttons is a stop of its own
    page.keyboard.press("Space")
    wait_for(page, of("wild"), "wild")


@pytest.mark.parametrize(
    ("address", "preset", "numbers"),
    [
        ("?sampler=sampling&temperature=0.9&top_p=0.95", "wild", [0.9, 0, 0.95]),
        ("?sampler=sampling&temperature=1&top_p=1", None, [1, 0, 1]),
        ("?sampler=sampling&temperature=0.45&top_k=12", None, [0.45, 12, 0.9]),
    ],
)
def test_an_address_with_the_numbers_of_a_preset_chooses_it(tab, server, address, preset, numbers):
    page = visit(tab, server + address)
    wait_for(page, numbers, preset)


@pytest.fixture(scope="module")
def phone(open_module_tab, server):
    tab = open_module_tab(360, 740, has_touch=True, is_mobile=True)
    return visit(tab, server + "?sampler=sampling")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_they_fit_beside_each_other(phone, scheme):
    page = phone
    page.emulate_media(color_scheme=scheme)
    labels = page.locator("#settings-preset label")
    labels.first.wait_for()
    # Measured all at once: what stands above them may still come and push them down.
    boxes = labels.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert len(boxes) == 3
    assert len({box["y"] for box in boxes}) == 1
    assert all(box["left"] >= 0 and box["right"] <= 360 for box in boxes)
    for label in labels.all():  # no name is cut off
        assert label.evaluate("one => one.scrollWidth <= one.clientWidth")
