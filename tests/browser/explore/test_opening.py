"""The page opens on a result, before Gradio and the captioner are there."""

import base64

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from captioner.ui.explore import opening
from tests.support.browser.harness import stage
from tests.support.browser.page import PHOTO_INPUT, RESULT, picture, selected, settled, visit, words

SIZES = [(1440, 900), (390, 844)]
DROP = '"Drop it anywhere"'
STORED = opening.read()
# A photo as a browser gives it, dropped or pasted on an element of this selector.
GIVE = """([type, selector, name, kind, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: kind }));
  const more = type === "paste" ? { clipboardData: files } : { dataTransfer: files };
  const Kind = type === "paste" ? ClipboardEvent : DragEvent;
  document.querySelector(selector)
    .dispatchEvent(new Kind(type, { bubbles: true, cancelable: true, ...more }));
}"""


def give(page, way, selector, path, kind="image/jpeg"):
    data = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(GIVE, [way, selector, path.name, kind, data])


@pytest.fixture
def early(open_tab, server):
    """Opens the page without Gradio's own scripts; `let_in` is called to let them in."""

    def early(width=1440, height=900, query=""):
        tab = open_tab(width, height, has_touch=width < 500, is_mobile=width < 500)
        held = []
        tab.route("**/assets/index-*.js", lambda route: held.append(route))
        tab.goto(server + query, wait_until="commit")
        tab.wait_for_selector("#opening [data-caption] button")

        def let_in():
            while held:
                held.pop().continue_()
            tab.wait_for_selector("#opening", state="detached")

        return tab, let_in

    return early


def chosen(page) -> str:
    return page.inner_text("[data-caption] [data-chosen]")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_result_is_explored_before_gradio_is_there_and_stays_as_it_is(early, width, height):
    page, let_in = early(width, height)
    assert words(page) == STORED["caption"].split()
    assert chosen(page) == STORED["words"][STORED["chosen"]]["text"]
    expect(page.locator(".lead")).to_contain_text(
        f"While saying {chosen(page)}, the network looked"
    )
    assert np.ptp(stage(page), axis=-1).max() > 100  # the heat map
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    own = page.get_by_text("Try your own photo").bounding_box()
    assert own["y"] + own["height"] < height
    page.get_by_role("button", name="Next word").click()
    page.get_by_text("Contours", exact=True).click()
    before = selected(page), picture(page)
    places = [page.locator(".explorer").bounding_box()]
    let_in()
    places.append(page.locator(".explorer").bounding_box())
    assert (selected(page), picture(page)) == before
    assert abs(places[0]["y"] - places[1]["y"]) < 4 and abs(places[0]["x"] - places[1]["x"]) < 4
    page.keyboard.press("ArrowLeft")
    assert chosen(page) == STORED["words"][STORED["chosen"]]["text"]
    page.get_by_role("button", name="Start", exact=True).click()
    tour = page.locator("[role=dialog]:visible")
    expect(tour).to_have_attribute("aria-label", f"How “{chosen(page)}” came about")


def test_what_is_asked_early_is_answered_later(early):
    page, let_in = early()
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.wait_for_selector("[data-asking]")
    let_in()
    page.wait_for_selector(".explorer:not([data-asking])")
    assert page.locator("[data-changed]").count() >= 1
    page.get_by_role("button", name="Undo").click()
    assert words(page) == STORED["caption"].split()
    page.get_by_role("button", name="See what mattered").click()
    page.locator('[data-part="cause"]').wait_for()
    with page.expect_download() as download:
        page.locator("summary", has_text="Save").click()
        page.locator('[data-save="json"]').click()
    assert '"seen":"data:image/png' in download.value.path().read_text()


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_photo_given_early_is_captioned_later(early, photo, way):
    page, let_in = early()
    if way == "choose":
        page.set_input_files("#opening input[type=file]", photo)
    else:
        give(page, way, "#opening .masthead", photo)
    expect(page.locator("#opening .pending")).to_have_count(1)
    let_in()
    page.wait_for_selector(RESULT)
    shape = page.locator("[data-stage]").bounding_box()
    assert shape["width"] / shape["height"] == pytest.approx(640 / 400, rel=0.01)


def test_a_camera_chosen_early_is_opened_now_or_later(early):
    page, _ = early(390, 844)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    assert chooser.value.element.get_attribute("capture") == "environment"
    page, let_in = early()
    page.get_by_role("button", name="Take a photo").click()
    let_in()
    page.get_by_role("dialog", name="Take a photo").wait_for()


def test_another_tab_chosen_early_is_opened_later(early):
    page, let_in = early()
    page.get_by_role("button", name="Evaluate").click()
    let_in()
    page.locator("#evaluate").wait_for()


def test_a_photo_is_dropped_and_pasted_anywhere_and_nothing_else_is(
    open_tab, server, photo, tmp_path
):
    page = visit(open_tab(), server)
    give(page, "paste", "body", photo)
    page.wait_for_selector(RESULT)
    settled(page)
    turned = tmp_path / "turned.jpg"
    with Image.open(photo) as image:
        image.rotate(90, expand=True).save(turned)
    give(page, "dragover", "#choosing", turned)
    assert page.evaluate("getComputedStyle(document.body, '::after').content") == DROP
    page.locator("body:not([data-dragging])").wait_for()
    give(page, "drop", "#choosing", turned)
    page.wait_for_function(
        "() => { const { width, height } = document.querySelector('[data-stage]');"
        " return height > width; }"
    )
    settled(page)
    notes = tmp_path / "notes.txt"
    notes.write_text("milk")
    give(page, "drop", ".masthead", notes, "text/plain")
    page.get_by_text("“notes.txt” is not a photo").wait_for()
    page.get_by_role("tab", name="Train").click()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    give(page, "paste", "body", photo)
    page.wait_for_timeout(300)
    assert not [url for url in asked if "upload" in url]


def is_shape(page, width, height):
    """Waits until the photo on show has this shape."""
    page.wait_for_function(
        """shape => {
          const { width, height } = document.querySelector("[data-stage]");
          return Math.abs(width / height - shape) < 0.02;
        }""",
        arg=width / height,
    )


def test_other_settings_caption_the_photo_of_the_opening_result_without_sending_it(
    open_tab, server
):
    page = visit(open_tab(), server)
    sizes = []
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    page.get_by_label("Beam search", exact=True).check(force=True)
    page.wait_for_selector(RESULT)
    settled(page)
    assert max(sizes) < 1000
    page.wait_for_function("location.search.includes('sampler=beam')")
    expect(page.get_by_text("Try your own photo")).to_be_visible()
    assert words(page)


@pytest.mark.parametrize("query", ["?sampler=beam", "?compare=1"])
def test_a_photo_given_at_once_counts_more_than_the_settings_of_the_address(early, photo, query):
    page, let_in = early(query=query)
    page.set_input_files("#opening input[type=file]", photo)
    let_in()
    page.wait_for_selector(RESULT)
    is_shape(page, 640, 400)
    page.wait_for_function("!document.querySelector('#explore :is([data-asking], .pending)')")
    is_shape(page, 640, 400)


def test_a_photo_given_meanwhile_is_not_replaced_by_that_of_the_opening_result(
    open_tab, server, photo
):
    page = visit(open_tab(), server)
    held = []

    def hold_first(route):
        is_first = STORED["example"] in route.request.post_data and not held
        held.append(route) if is_first else route.continue_()

    page.route("**/queue/join*", hold_first)
    page.get_by_label("Compare with a second caption").check()
    while not held:  # the page asks for the photo of the result
        page.wait_for_timeout(20)
    give(page, "paste", "body", photo)
    page.wait_for_selector(RESULT)
    settled(page)
    with page.expect_request("**/upload*"):
        held[0].continue_()
    settled(page)
    is_shape(page, 640, 400)
    page.locator("#aligned button").first.wait_for()


def test_a_file_that_cannot_be_read_is_not_left_in_the_input(open_tab, server, tmp_path):
    page = visit(open_tab(), server)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo")
    page.set_input_files(PHOTO_INPUT, broken)
    page.get_by_text("broken.jpg is not an image that can be read").wait_for()
    page.get_by_text("Try your own photo").wait_for()
    page.get_by_text("broken.jpg is not an image that can be read").wait_for()


def test_heat_map_and_spotlight_leave_all_controls_in_their_place(open_tab, server):
    page = visit(open_tab(), server)
    places = "[...document.querySelectorAll('#explorer .options > *, #explorer .strip')]"
    places += ".map((node) => JSON.stringify(node.getBoundingClientRect()))"
    found = []
    for overlay in ("Heat map", "Spotlight", "Contours"):
        page.get_by_text(overlay, exact=True).click()
        found.append(page.evaluate(places))
        assert page.get_by_label("Viridis").is_enabled() == (overlay != "Spotlight")
    assert found[0] == found[1] == found[2]
