"""The live camera, with a photo of a cat before Chromium's fake camera."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from captioner.photos import squashed
from captioner.ui.explore.examples import PHOTOS
from tests.support.browser.page import PHOTO_INPUT, RESULT, visit
from tests.support.browser.tabs import Tabs

CAT = str(PHOTOS / "cat.jpg")
SIZE = (640, 426)
VIEW = "#camera dialog"
WORDS = f"{VIEW} [data-word]:visible"
CHOSEN = f"{VIEW} [data-word][aria-current=true]"
# Notes down each camera that the page opens and each frame that it sends. There seem to be two
# cameras; both are the same.
NOTE = """if (navigator.mediaDevices && !window.streams) {
window.streams = [];
window.wanted = [];
window.bodies = [];
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
const list = devices.enumerateDevices.bind(devices);
const send = fetch;
devices.enumerateDevices = async () => [...await list(), { kind: "videoinput", deviceId: "other" }];
devices.getUserMedia = async ({ video }) => {
  wanted.push(video);
  const stream = await open({ video: true });
  streams.push(stream);
  return stream;
};
window.fetch = (address, options) => {
  if (options?.body instanceof Blob) bodies.push(options.body);
  return send(address, options);
};
}"""
FRAME = """async () => {
  const bytes = new Uint8Array(await bodies.at(-1).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
REFUSE = """name => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); };
}"""
STATES = "streams.map((stream) => stream.getVideoTracks()[0].readyState)"


def cat() -> Image.Image:
    """The photo at a size that the fake camera can have: even numbers of pixels."""
    return Image.open(CAT).convert("RGB").resize(SIZE)


@pytest.fixture(scope="module")
def tabs(launch, tmp_path_factory):
    """Tabs of a browser with a camera that sees the cat."""
    film = tmp_path_factory.mktemp("camera") / "cat.mjpeg"
    file = io.BytesIO()
    cat().save(file, "JPEG", quality=95)
    film.write_bytes(4 * file.getvalue())
    browser = launch(
        "--use-fake-ui-for-media-stream",  # whoever asks for a camera gets one
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    yield Tabs(browser)
    browser.close()


def open_camera(tab, server):
    tab.add_init_script(NOTE)
    visit(tab, server)
    tab.get_by_role("button", name="Live camera").click()
    tab.wait_for_selector(f"{VIEW}[data-captioned]", timeout=120_000)
    return tab


def await_captions(tab, count):
    """Waits for the next captions."""
    for _ in range(count):
        with tab.expect_response("**/live?*") as answer:
            pass
        assert "words" in answer.value.json()


def painted(tab) -> bool:
    """Whether the picture shows anything."""
    return tab.evaluate(
        """() => {
          const picture = document.querySelector("#camera canvas");
          const { width, height } = picture;
          const { data } = picture.getContext("2d").getImageData(0, 0, width, height);
          return picture.checkVisibility() && data.some((value, i) => i % 4 < 3 && value > 60);
        }"""
    )


def test_words_can_be_chosen_while_the_picture_moves_and_a_frame_be_explored(tab, server):
    open_camera(tab, server)
    expect(tab.locator(CHOSEN)).to_have_text("cat")
    tab.wait_for_function("document.querySelector('#camera canvas').width > 300")
    assert painted(tab)
    tab.keyboard.press("ArrowRight")
    after = int(tab.get_attribute(CHOSEN, "data-word"))
    await_captions(tab, 2)
    assert int(tab.get_attribute(CHOSEN, "data-word")) == after
    expect(tab.locator(f"{VIEW} .facts")).to_contain_text(f"word {after + 1}")
    tab.locator(WORDS).first.click()
    expect(tab.locator(CHOSEN)).to_have_attribute("data-word", "0")
    tab.get_by_role("button", name="Choose automatically").click()
    expect(tab.locator(CHOSEN)).to_have_text("cat")

    tab.keyboard.press(" ")
    tab.wait_for_selector(RESULT)
    expect(tab.locator(VIEW)).to_be_hidden()
    expect(tab.locator("[data-caption]")).to_contain_text("cat")
    assert tab.evaluate("document.querySelector('#photo img').naturalWidth") == SIZE[0]
    assert tab.evaluate(STATES) == ["ended"]
    word = tab.locator("[data-caption] [data-chosen]")
    index = int(word.get_attribute("data-word"))
    tab.keyboard.press("ArrowRight")
    assert int(word.get_attribute("data-word")) == index + 1


def test_a_frame_is_the_whole_picture_at_the_captioner_s_size(tab, server):
    open_camera(tab, server)
    sent = base64.b64decode(tab.evaluate(FRAME))
    assert len(sent) < 30_000
    frame = np.asarray(Image.open(io.BytesIO(sent)).convert("RGB"), float)
    expected = squashed(cat(), 224).astype(float)
    assert frame.shape == expected.shape
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]  # pixels
    distances = [np.abs(frame - np.roll(expected, shift, (0, 1))).mean() for shift in shifts]
    assert shifts[np.argmin(distances)] == (0, 0)
    assert min(distances) < 10  # the camera's film has other colours: limited range


def test_it_sends_nothing_while_hidden_or_closed_and_tells_who_comes_first(tab, server):
    open_camera(tab, server)
    sent = []
    tab.on("request", lambda request: "/live?" in request.url and sent.append(request))
    with tab.expect_response("**/live?*"):
        tab.evaluate(HIDE, True)
    tab.wait_for_timeout(400)
    before = len(sent)
    tab.wait_for_timeout(400)
    assert len(sent) == before
    tab.evaluate(HIDE, False)
    await_captions(tab, 1)

    sentence = "Somebody waits for a caption."
    tab.route("**/live?*", lambda route: route.fulfill(json={"error": sentence, "retry": True}))
    tab.get_by_text(sentence).wait_for()
    tab.unroute("**/live?*")
    tab.get_by_text(sentence).wait_for(state="hidden")

    tab.get_by_role("button", name="Switch camera").click()
    tab.wait_for_function("streams.length === 2")
    await_captions(tab, 1)
    assert tab.evaluate(STATES) == ["ended", "live"]
    assert tab.evaluate("wanted[1].deviceId.exact") == "other"

    tab.keyboard.press("Escape")
    tab.wait_for_selector(VIEW, state="hidden")
    tab.wait_for_function(f"{STATES}.every((state) => state === 'ended')")
    before = len(sent)
    tab.wait_for_timeout(400)
    assert len(sent) == before


def test_a_photo_is_taken_without_any_frame_being_sent(tab, server):
    tab.add_init_script(NOTE)
    visit(tab, server)
    expect(tab.locator("#photo").get_by_role("button")).to_have_count(1)  # to choose a file
    tab.get_by_role("button", name="Take a photo").click()
    shutter = tab.get_by_role("dialog", name="Take a photo").get_by_role(
        "button", name="Take photo"
    )
    tab.wait_for_function("!document.querySelector('#camera [data-part=freeze]').disabled")
    assert tab.evaluate("document.querySelector('#camera video').videoWidth") == SIZE[0]
    shutter.click()
    tab.wait_for_selector(RESULT)
    expect(tab.locator("[data-caption]")).to_contain_text("cat")
    assert tab.evaluate("bodies.length") == 0
    assert tab.evaluate(STATES) == ["ended"]


def test_on_a_phone_its_camera_app_takes_the_photo(open_tab, server):
    tab = visit(open_tab(390, 844, has_touch=True, is_mobile=True), server)
    for name, capture in (("Take a photo", "environment"), ("Choose another photo", None)):
        with tab.expect_file_chooser() as chooser:
            tab.get_by_role("button", name=name).tap()
        assert chooser.value.element.get_attribute("capture") == capture
        chooser.value.set_files(CAT)
        tab.wait_for_selector(RESULT)
        tab.wait_for_selector("#photo img")


def test_on_a_phone_all_of_it_fits_the_screen(open_tab, server):
    tab = open_tab(390, 844, "dark", has_touch=True, is_mobile=True)
    open_camera(tab, server)
    for scheme in ("dark", "light"):
        tab.emulate_media(color_scheme=scheme)
        for selector in (f"{VIEW} canvas", CHOSEN, f"{VIEW} [data-part=freeze]"):
            box = tab.locator(selector).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390
            assert box["y"] >= 0 and box["y"] + box["height"] <= 844
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate("wanted[0].facingMode.ideal") == "environment"
    tab.locator(f"{VIEW} [data-part=freeze]").tap()
    tab.wait_for_selector(RESULT)
    assert tab.locator("[data-caption]").bounding_box()["y"] < 844


def test_why_there_is_no_camera_is_one_sentence(tab, server):
    visit(tab, server)
    tab.wait_for_selector(PHOTO_INPUT, state="attached")
    for name, words in (
        ("NotAllowedError", "allow it"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "other programs"),
        (None, "https"),
    ):
        if name:
            tab.evaluate(REFUSE, name)
        else:
            tab.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
        tab.get_by_role("button", name="Live camera").click()
        notice = tab.locator(f"{VIEW} [role=status]", has_text=words)
        notice.wait_for()
        assert notice.inner_text().count(".") == 1
        expect(tab.locator(f"{VIEW} [data-part=freeze]")).to_be_disabled()
        tab.get_by_role("button", name="Close").click()
        tab.wait_for_selector(VIEW, state="hidden")
