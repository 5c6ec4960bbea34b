"""The explorer by itself, given values as the page would give them; what it asks is noted down."""

import base64
import io
import threading
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.paths import ASSETS
from captioner.rendering.overlay_style import page_style
from captioner.ui.explore.explorer import STYLES
from captioner.ui.shared import assets
from captioner.ui.shared.results import CaptionResult, ExplorerValue
from captioner.ui.shared.sampler_settings import DEFAULTS

SHIFTED = Geometry(rows=3, cols=4, size=240, stride=60, first=20)  # cells up and left of even ones

HEAD = '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
SANDBOXED = "sandboxed"  # here the page may not use localStorage

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
  window.suggest = () => ({ words: [] });
  const server = { suggest: async (request) => window.suggest(request) };
  (await import(module)).mount({ element, props, watch, trigger, server, usual, style });
  window.give = (changes) => {
    Object.assign(props, changes);
    watching.forEach(([name, callback]) => name in changes && callback());
  };
}"""


class Files(SimpleHTTPRequestHandler):
    """Serves assets/ and a page for one explorer. Tabs cache both."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(ASSETS))

    def do_GET(self):
        if self.path == "/favicon.ico":  # a browser may ask for it before it reads HEAD
            self.send_response(204)
            return self.end_headers()
        if self.path.partition("?")[0] not in ("/", f"/{SANDBOXED}"):
            return super().do_GET()
        content = document().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if SANDBOXED in self.path:
            self.send_header("Content-Security-Policy", "sandbox allow-scripts")
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=3600, immutable")
        self.send_header("Access-Control-Allow-Origin", "*")  # the sandboxed page has no origin
        super().end_headers()

    def log_message(self, *arguments):
        pass


@cache
def address() -> str:
    """Where this process serves `Files`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def document() -> str:
    style = assets.read(*(f"explore/{name}" for name in STYLES))
    style = assets.read("shared/page.css") + "#harness {" + style + "}"
    return f"<!doctype html>{HEAD}<style>{style}</style><div id=harness></div>"


def set_up(tab, path: str = ""):
    """Loads an explorer."""
    tab.goto(address() + path)
    html, module = assets.read("explore/explorer.html"), f"{address()}explore/explorer.js"
    tab.evaluate(HARNESS, [html, module, DEFAULTS.to_json(), page_style()])
    return tab


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
