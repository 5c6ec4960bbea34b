"""Words of the vocabulary for the one that is being typed."""

import pytest

from tests.support.browser.harness import give, last_ask, set_up, word

# What a server would answer; it notes down what was asked.
SERVER = """() => {
  const words = { hor: ["horse", "horses"], hores: ["horse", "<b>shore</b>"] };
  window.typed = [];
  window.suggest = ({ checkpoint, text }) => {
    window.typed.push([checkpoint, text]);
    return { words: words[text] ?? [], nearest: text === "hores" };
  };
}"""


# Letter by letter without a pause, however busy the machine is.
TYPE_FAST = """(field, text) => {
  field.focus();
  for (const letter of text) {
    field.value += letter;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}"""


@pytest.fixture(params=[390, 1440])
def explorer(open_tab, request):
    explorer = set_up(open_tab(request.param, 900))
    explorer.evaluate(SERVER)
    give(explorer, [word("a"), word("dog")])
    explorer.click('[data-word-index="1"]')
    return explorer


def field(explorer):
    return explorer.get_by_role("combobox")


def options(explorer) -> list[str]:
    return explorer.get_by_role("option").and_(explorer.locator("li")).all_inner_texts()


def test_a_word_is_completed_by_click(explorer):
    field(explorer).evaluate(TYPE_FAST, "big hor")
    explorer.get_by_role("option", name="horse", exact=True).wait_for()
    assert options(explorer) == ["horse", "horses"]
    assert field(explorer).get_attribute("aria-expanded") == "true"
    width = explorer.viewport_size["width"]
    assert explorer.evaluate("document.documentElement.scrollWidth") <= width
    explorer.get_by_role("option", name="horses").click()
    assert field(explorer).input_value() == "big horses" and options(explorer) == []
    assert explorer.evaluate("typed") == [["tiny", "hor"]]  # not for every letter
    explorer.keyboard.press("Enter")  # the field has the focus still
    assert last_ask(explorer)["words"] == ["a", "big", "horses"]


def test_a_word_is_completed_by_keys(explorer):
    field(explorer).fill("hor")
    explorer.get_by_role("option", name="horses").wait_for()
    for key, chosen in (("ArrowDown", "horse"), ("ArrowDown", "horses"), ("ArrowUp", "horse")):
        explorer.keyboard.press(key)
        active = field(explorer).get_attribute("aria-activedescendant")
        assert explorer.inner_text(f"#{active}") == chosen
    explorer.keyboard.press("Escape")
    assert options(explorer) == [] and field(explorer).input_value() == "hor"
    field(explorer).press("s")
    field(explorer).press("Backspace")
    explorer.get_by_role("option", name="horses").wait_for()
    explorer.keyboard.press("ArrowUp")
    explorer.keyboard.press("Enter")
    assert field(explorer).input_value() == "horses"
    assert explorer.evaluate("asked") == []  # only the next Enter asks
    assert explorer.locator('[aria-selected="true"]').get_attribute("data-word-index") == "1"


def test_the_nearest_words_are_offered_for_an_unknown_one(explorer):
    field(explorer).fill("hores")
    explorer.get_by_text("“hores” is not in the vocabulary. Nearest words:").first.wait_for()
    assert options(explorer) == ["horse", "<b>shore</b>"]  # text, not HTML
    heard = explorer.text_content('[data-part="live"]')
    assert heard.endswith("Nearest words: horse, <b>shore</b>")
    explorer.get_by_role("option", name="horse", exact=True).click()
    assert field(explorer).input_value() == "horse"
    field(explorer).fill("dog")
    explorer.wait_for_function("typed.length === 2")
    assert options(explorer) == []


def test_a_late_answer_and_a_server_that_fails_show_nothing(explorer):
    late = "() => { window.suggest = () => new Promise((answer) => { window.late = answer; }); }"
    explorer.evaluate(late)
    field(explorer).fill("hor")
    explorer.wait_for_function("Boolean(window.late)")
    explorer.click('[data-word-index="0"]')
    explorer.evaluate("late({ words: ['horse'], nearest: false })")
    assert options(explorer) == []
    fail = "() => { window.suggest = () => { window.failed = true; throw new Error(); }; }"
    explorer.evaluate(fail)
    field(explorer).fill("ho")
    explorer.wait_for_function("window.failed")
    assert options(explorer) == []
