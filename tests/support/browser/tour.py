"""The tour of how a word came about: how a test gives it a sentence, goes through it, reads it."""

from tests.support.browser.harness import one_hot, value, word

TITLES = ["Grid", "Attention", "Weighted sum", "Memory", "Choice", "Next word"]
CHOICES = [("dog", 0.5), ("cat", 0.3), ("<end>", 0.1)]


def weights(shares: dict):
    return sum(share * one_hot(*cell) for cell, share in shares.items())


DOG = weights({(2, 0): 0.4, (0, 1): 0.3, (1, 3): 0.2, (1, 1): 0.1})
RUNS = weights({(2, 0): 0.4, (0, 0): 0.6})


def show(explorer, words=None, **changes):
    usual = [word("a"), word("dog", DOG, 0.5, CHOICES), word("runs", RUNS, 0.8), word("fast")]
    explorer.evaluate("give", {"value": {**value(words or usual), **changes}})
    explorer.wait_for_selector("[data-caption] button")


def show_dog(explorer):
    """A sentence of four words, of which the second is chosen."""
    show(explorer)
    explorer.click('[data-word-index="1"]')
    return explorer


def start(tab):
    tab.click('[data-part="tour"]')
    tab.wait_for_selector("[role=dialog]")


def go_to(tab, title):
    tab.get_by_label(f"Step {TITLES.index(title) + 1}", exact=True).click()


def page(tab) -> str:
    """What the step on show says, its spaces all alike."""
    return " ".join(tab.inner_text(".tour-pages [data-on-show]").split())


def title(tab) -> str:
    return tab.inner_text(".tour-pages [data-on-show] h3").split("\n")[-1]


def is_on(tab) -> bool:
    return tab.locator("[role=dialog]").is_visible()


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
