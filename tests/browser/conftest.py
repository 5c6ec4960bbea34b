"""A real Chromium, and the real server that it visits."""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect, sync_playwright

from captioner.ui.explore.examples import PHOTOS
from tests.support.browser.harness import set_up
from tests.support.browser.page import PATIENCE, know_tour, visit
from tests.support.browser.serving import QUIET, Forks
from tests.support.browser.serving import chromium as chromium_path
from tests.support.browser.tabs import Tabs
from tests.support.browser.visitor import Visitor

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def launch():
    """Launches browsers: `launch(*arguments)`."""
    executable = chromium_path()
    if executable is None:
        reason = "There is no Chromium here: install it or set CHROMIUM to its path."
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    with sync_playwright() as playwright:
        yield lambda *arguments: playwright.chromium.launch(
            executable_path=executable, args=[*QUIET, *arguments]
        )


@pytest.fixture(scope="session")
def chromium(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def tabs(chromium):
    return Tabs(chromium)


@pytest.fixture
def open_tab(tabs):
    with tabs.lent() as open_tab:
        yield open_tab


@pytest.fixture(scope="module")
def open_module_tab(tabs):
    """Opens tabs that the tests of a module share."""
    with tabs.lent() as open_tab:
        yield open_tab


@pytest.fixture(autouse=True)
def no_faults(request):
    """No tab may have met an error or asked another host."""
    yield
    if "tabs" in request.fixturenames:
        tabs = request.getfixturevalue("tabs")
        faults, tabs.faults = tabs.faults, []
        assert not faults


@pytest.fixture
def tab(open_tab):
    return open_tab()


@pytest.fixture
def explorer(tab):
    """A tab with an explorer by itself; see harness.py for what can be done with it."""
    return set_up(tab)


@pytest.fixture(scope="session")
def serve():
    """Starts servers more quickly than `serving`, with the same arguments."""
    forks = Forks()
    yield forks.serving
    forks.close()


@pytest.fixture(scope="session")
def server(serve):
    """The address of a page with the bundled captioner, which has captioned a photo: until it can,
    a busy machine takes longer than tests wait."""
    with serve() as address:
        with Visitor(address) as visitor:
            visitor.caption(visitor.upload(PHOTOS / "cat.jpg"))
        yield address


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    """The page of the module's server that its tests share, to a visitor who has seen the tour."""
    tab = open_module_tab()
    know_tour(tab, server)
    return visit(tab, server)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The folder of a module's server, with a data set, unless the module fills one itself."""
    from tests.support import tiny  # TensorFlow: not for modules without a server of their own

    folder = tmp_path_factory.mktemp("place")
    tiny.data_folder(folder / "datasets/dots")
    return folder


@pytest.fixture(scope="session")
def photo(tmp_path_factory) -> Path:
    """A landscape photo that is no square: a red disc on a lawn under a sky."""
    image = Image.new("RGB", (640, 400), (120, 170, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 220, 640, 400), (60, 140, 50))
    draw.ellipse((380, 180, 520, 320), (200, 40, 30))
    path = tmp_path_factory.mktemp("photos") / "ball.jpg"
    image.save(path)
    return path
