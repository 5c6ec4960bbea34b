"""What visitors of the whole page do and see."""

import pytest

WIDE, NARROW = {"width": 1440, "height": 960}, {"width": 390, "height": 844}
NARROW |= {"has_touch": True, "is_mobile": True}  # a phone
SCREENS = pytest.mark.parametrize("screen", [WIDE, NARROW], ids=["wide", "narrow"])
SLOW_ON_A_PHONE = pytest.mark.parametrize(
    "screen", [WIDE, pytest.param(NARROW, marks=pytest.mark.slow)], ids=["wide", "narrow"]
)
LOST = "The connection to the server is lost. The page goes on by itself as soon as it is back."
PATIENCE = 120_000  # milliseconds; the machine may be busy
PHOTO_INPUT = "#photo input[type=file]"
RESULT = '#explorer [data-state="caption"]:not([data-opening]) [data-caption] button'  # a visitor's


def visit(tab, server):
    tab.goto(server)
    tab.wait_for_selector(PHOTO_INPUT, state="attached")
    tab.wait_for_selector("#opening", state="detached")
    return tab


def visit_train(tab, server, ready: str = "#data-examples img"):
    """The Train tab, once the element `ready` is there."""
    tab.set_default_timeout(PATIENCE)
    tab.goto(server)
    tab.get_by_role("tab", name="Train").click()
    tab.wait_for_selector(ready)
    return tab


def choose_data(page, name: str) -> None:
    """Chooses the data set to train on."""
    page.click("#data input")
    page.get_by_role("option", name=name).click()


def know_tour(tab, server):
    """The visitor has been invited to the tour before."""
    tab.goto(f"{server}robots.txt")  # small, and of the same origin
    tab.evaluate("localStorage.setItem('where-words-look-tour', 'seen')")


def clear(page):
    """Removes the photo, and with it all that was done with its caption."""
    if page.get_by_label("Remove Image").is_visible():
        page.get_by_label("Remove Image").click()
    page.wait_for_selector(RESULT, state="hidden")
    page.evaluate("scrollTo(0, 0)")
    return page


def recaptioned(page, photo):
    """The same page with a new caption of the photo."""
    send(clear(page), photo)
    settled(page)
    return page


def send(page, photo):
    page.set_input_files(PHOTO_INPUT, photo)
    page.wait_for_selector(RESULT)


def captioned(tab, server, photo):
    """The page with a caption on show, to a visitor who has seen the tour."""
    know_tour(tab, server)
    visit(tab, server)
    send(tab, photo)
    settled(tab)
    return tab


ANSWERED = "!document.querySelector('#explore :is([data-asking], .pending)')"


def answered(page, work):
    """Does something that asks the server, and waits for the answer."""
    with page.expect_request("**/queue/join*"):
        work()
    page.wait_for_function(ANSWERED)


IN_VIEW = """selectors => selectors.every((selector) => {
  const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  return right > left && left >= 0 && right <= clientWidth && top >= 0 && bottom <= clientHeight;
})"""


def in_view(page, *selectors):
    """Waits until all of each element is within the screen."""
    page.wait_for_function(IN_VIEW, arg=list(selectors), timeout=5000)


def words(page) -> list[str]:
    return page.inner_text("[data-caption]").split()


def selected(page) -> str:
    return page.get_attribute('[data-word-index][aria-selected="true"]', "data-word-index")


def picture(page) -> str:
    return page.evaluate("document.querySelector('[data-stage]').toDataURL()")


def settled(page) -> None:
    page.wait_for_function("!document.querySelector('#explorer .pending')")


# Whether the browser has stored what is on show.
STORED = """() => new Promise((resolve) => {
  const opening = indexedDB.open("where-words-look");
  opening.onsuccess = () => {
    const reading = opening.result.transaction("results").objectStore("results").getAll();
    reading.onsuccess = () => {
      opening.result.close();
      const found = reading.result.find(({ key }) => key === history.state?.stored);
      const chosen = document.querySelector("#explorer .tile[data-chosen]").dataset.wordIndex;
      const root = document.querySelector("#explorer .explorer");
      resolve(found?.chosen === Number(chosen) && found.look.overlay === root.dataset.overlay &&
        Boolean(found.region) === root.hasAttribute("data-region"));
    };
  };
})"""


def edit(page):
    """Another word, another chosen word, another overlay, and a picked cell."""
    before = words(page)
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.wait_for_selector("[data-changed]")
    page.click('[data-word-index="1"]')
    page.locator("#explorer").get_by_text("Contours", exact=True).click()
    page.locator("#explorer canvas.marks").click(position={"x": 30, "y": 30})
    return before


def shown(page) -> tuple:
    page.mouse.move(0, 0)
    return words(page), selected(page), page.inner_text('[data-part="region-said"]')


def stored(page):
    page.wait_for_function(STORED)
    page.wait_for_selector("#tray [aria-current=true]")


def reload(page):
    page.reload()
    page.wait_for_selector("#opening", state="detached")
    page.wait_for_selector(RESULT)
