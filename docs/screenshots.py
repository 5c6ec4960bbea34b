"""Takes the screenshots of README and docs: python -m docs.screenshots --help

It starts the real server, uploads a photo and chooses a word, as a visitor would.
"""

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from captioner.ui.explore.examples import EXAMPLES, PHOTOS
from tests.support.browser import page as support
from tests.support.browser.serving import QUIET, chromium, serving

FOLDER = Path(__file__).parent / "screenshots"
VIEWS = {
    "explore-desk": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "explore-dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "explore-phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots")
    parser.add_argument("--photo", type=Path, help="default: the page's first example")
    parser.add_argument("--word", type=int, default=2, help="which word to choose, from 1 on")
    parser.add_argument("--checkpoint", type=Path, help="default: the bundled captioner")
    parser.add_argument(
        "--run",
        type=Path,
        help="runs/NAME for the picture of the Train tab; results/ beside runs/ for that of the "
        "Evaluate tab",
    )
    options = parser.parse_args()
    photo = options.photo or PHOTOS / next(iter(EXAMPLES))
    FOLDER.mkdir(exist_ok=True)
    with serving(options.checkpoint) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for name, settings in VIEWS.items():
            take(browser, address, photo, options.word - 1, FOLDER / f"{name}.png", settings)
            print(f"{name}.png")
        cause(browser, address, photo, options.word - 1, FOLDER / "cause.png")
        print("cause.png")
        if options.run:
            with serving(folder=options.run.resolve().parents[1]) as address:
                train(browser, address, options.run.name, FOLDER / "train.png")
                evaluate(browser, address, FOLDER / "evaluate.png")
            print("train.png, evaluate.png")


def visit(browser: Browser, address: str, photo: Path, word: int, settings: dict) -> Page:
    """Opens the page with a caption of the photo and chooses a word."""
    page = browser.new_context(reduced_motion="reduce", **settings).new_page()
    page.set_default_timeout(120_000)  # the captioner has to be loaded first
    page.add_init_script("localStorage.setItem('where-words-look-tour', 'seen')")
    support.send(support.visit(page, address), photo)
    tiles = page.locator("[data-word-index]")
    tiles.nth(min(word, tiles.count() - 1)).click()
    return page


def take(
    browser: Browser, address: str, photo: Path, word: int, file: Path, settings: dict
) -> None:
    """A picture of the Explore tab after a click on a word."""
    finish(visit(browser, address, photo, word, settings), file)


def finish(page: Page, file: Path) -> None:
    """Takes a picture of the top of the page and closes the page."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_timeout(1000)  # until transitions are over
    page.screenshot(path=file)
    page.context.close()


def tab(browser: Browser, address: str, name: str) -> Page:
    """Opens one tab of the page."""
    page = browser.new_context(viewport={"width": 1440, "height": 1240}).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.get_by_role("tab", name=name).click()
    return page


def train(browser: Browser, address: str, run: str, file: Path) -> None:
    """A picture of the Train tab with a run."""
    page = tab(browser, address, "Train")
    page.wait_for_selector("#data-examples img")
    page.click("#run input")
    page.get_by_role("option", name=run, exact=True).click()
    page.wait_for_selector("#learning polyline")
    finish(page, file)


def evaluate(browser: Browser, address: str, file: Path) -> None:
    """A picture of the Evaluate tab with the two newest results."""
    page = tab(browser, address, "Evaluate")
    page.wait_for_selector("#measured table")
    page.click("#results input")
    page.locator("#results").get_by_role("option").nth(1).click()
    page.keyboard.press("Escape")
    finish(page, file)


def cause(browser: Browser, address: str, photo: Path, word: int, file: Path) -> None:
    """A picture of attention and cause side by side."""
    page = visit(browser, address, photo, word, VIEWS["explore-desk"])
    page.get_by_text("Heat map", exact=True).click()
    page.get_by_role("button", name="Occlusion: what mattered").click()
    page.locator('[data-part="cause"]').wait_for()
    page.mouse.move(0, 0)
    page.locator('[data-part="stage"]').screenshot(path=file)
    page.context.close()


if __name__ == "__main__":
    main()
