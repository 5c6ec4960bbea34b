"""The explorer by itself, given values as the page would give them; what it asks is noted down."""

import base64
import io

import numpy as np
from PIL import Image

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.overlay_style import page_style
from captioner.paths import ASSETS
from captioner.ui.explore.explorer import STYLES
from captioner.ui.shared import assets
from captioner.ui.shared.results import CaptionResult, ExplorerValue
from captioner.ui.shared.sampler_settings import DEFAULTS

SHIFTED = Geometry(rows=3, cols=4, size=240, stride=60, first=20)  # cells up and left of even ones
SERVED_AT = "http://localhost/assets/"  # the modules, for a tab without a server

# What gr.HTML does for a component: template, scoped style, script, and calls on a new value.
HARNESS = """async ([html, module, usual, style]) => {
  const element = document.querySelector("#harness");
  element.innerHTML = html;
  window.listeners = 0;
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (...given) {
    window.listeners += 1;
    return add.apply(this, given);
  };
  const props = { value: null, answer: null, captioner: "ready" };
  const watching = [];
  const watch = (name, callback) => watching.push([name, callback]);
  window.asked = [];
  const trigger = (event, data) => window.asked.push({ event, ...data });
  (await import(module)).mount({ element, props, watch, trigger, usual, style });
  window.give = (changes) => {
    Object.assign(props, changes);
    watching.forEach(([name, callback]) => name in changes && callback());
  };
}"""


def set_up(tab):
    """Puts an explorer into an empty tab."""
    style = assets.read(*(f"explore/{name}" for name in STYLES))
    style = assets.read("shared/page.css") + "#harness {" + style + "}"
    tab.set_content(f"<style>{style}</style><div id=harness></div>")
    html, module = assets.read("explore/explorer.html"), serve_modules(tab, "explore/explorer.js")
    tab.evaluate(HARNESS, [html, module, DEFAULTS.to_json(), page_style()])
    return tab


def serve_modules(tab, name: str) -> str:
    """Serves the page's modules to an empty tab; returns the address of one of them."""

    def answer(route):
        path = ASSETS / route.request.url.removeprefix(SERVED_AT)
        headers = {"Access-Control-Allow-Origin": "*"}  # an empty tab has no origin
        route.fulfill(path=path, content_type="text/javascript", headers=headers)

    tab.route(f"{SERVED_AT}**", answer)
    return SERVED_AT + name


def one_hot(row, col, geometry=SHIFTED):
    attention = np.zeros((geometry.rows, geometry.cols), np.float32)
    attention[row, col] = 1
    return attention


def uniform(geometry=SHIFTED):
    return np.full((geometry.rows, geometry.cols), 1 / geometry.cells, np.float32)


def word(text, attention=None, probability=0.5, alternatives=None):
    attention = uniform() if attention is None else attention
    return Word(text, probability, attention, alternatives or [(text, probability)])


def value(words, photo=None, geometry=SHIFTED, **more) -> dict:
    """What the page would give the explorer for a caption of these words."""
    photo = photo or Image.new("RGB", (400, 200), "white")
    result = CaptionResult(Caption(words, geometry), 12.4, np.eye(len(words)), **more)
    return ExplorerValue(result, photo, photo.resize((64, 64)), "tiny").to_json()


def give(explorer, words, photo=None, geometry=SHIFTED):
    explorer.evaluate("give", {"value": value(words, photo, geometry)})
    explorer.wait_for_selector("[data-caption] button")


def stage(explorer) -> np.ndarray:
    """The pixels of the stage, uint8 (H, W, 3)."""
    url = explorer.evaluate("document.querySelector('[data-stage]').toDataURL()")
    data = base64.b64decode(url.split(",")[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def selected(explorer) -> list[str]:
    tiles = explorer.locator('[aria-selected="true"]').all()
    return [tile.get_attribute("data-word-index") for tile in tiles]


def last_ask(explorer) -> dict:
    """What the explorer asked last, as soon as it has asked anything."""
    explorer.wait_for_function("asked.length > 0")
    return explorer.evaluate("asked.at(-1)")


def answer(explorer, **given):
    """Answers the last ask."""
    explorer.evaluate("give", {"answer": {"id": last_ask(explorer)["id"], **given}})
