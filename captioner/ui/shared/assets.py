"""The files that the page is made of: templates, styles and ES modules in assets/."""

import gzip
import hashlib
import json
from functools import cache, lru_cache
from pathlib import PurePosixPath

import brotli  # Gradio needs it, too
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from captioner.paths import ASSETS
from captioner.ui.shared.bundle import bundle

# For what has a name made of its content.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_MEDIA_TYPES = {"js": "text/javascript", "json": "application/json", "webp": "image/webp"}


def read(*names: str) -> str:
    """The text of one file in assets/, or of several, one after the other."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


def header() -> str:
    """The page's header, with its icon."""
    return read("shared/header.html").replace("{{{icon}}}", read("shared/icon.svg"))


def module_names() -> list[str]:
    return sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.js"))


@lru_cache(16)  # texts are the same for all visitors
def compressed(text: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    """A text as small as the browser can read it, and the headers that say how it is encoded.

    Gradio compresses only what has a file's name, and that fast rather than small.

    Args:
        accepted: The request's header Accept-Encoding.
    """
    vary = {"Vary": "Accept-Encoding"}
    if "br" in accepted:
        return brotli.compress(text, quality=9), {"Content-Encoding": "br", **vary}
    if "gzip" in accepted:
        return gzip.compress(text), {"Content-Encoding": "gzip", **vary}
    return text, vary


def served(content: bytes, kind: str) -> tuple[str, Route]:
    """The path of a file, relative to the page, and the route that serves it.

    Args:
        kind: "js", "json" or "webp".
    """
    path = f"modules/{hashlib.sha256(content).hexdigest()[:12]}.{kind}"

    def serve(request: Request) -> Response:
        body, headers = content, {}
        if kind != "webp":  # which is compressed
            body, headers = compressed(content, request.headers.get("accept-encoding", ""))
        return Response(body, media_type=_MEDIA_TYPES[kind], headers={**FOR_EVER, **headers})

    return path, Route(f"/{path}", serve)


@cache
def _bundles() -> dict[bool, tuple[str, Route]]:
    """Path and route of the bundle for the first tab (True), and for the others (False)."""
    bundles = {}
    for first in (True, False):
        names = [name for name in module_names() if _is_first(name) == first]
        base = None if first else f"./{PurePosixPath(bundles[True][0]).name}"
        bundles[first] = served(bundle(ASSETS, names, base).encode(), "js")
    return bundles


def _is_first(module: str) -> bool:
    return module.startswith(("shared/", "explore/"))


def bundle_path(module: str) -> str:
    """Where the bundle with a module is served, relative to the page."""
    return _bundles()[_is_first(module)][0]


def modules_routes() -> list[Route]:
    """Serve the modules, as bundles."""
    return [route for _, route in _bundles().values()]


def mount(module: str, *events: str, **constants) -> str:
    """JavaScript for `js_on_load` of gr.HTML: passes the component to the module's `mount`.

    Args:
        module: Its path in assets/.
        events: Names of the events that it triggers; Gradio lets Python listen to these only.
        constants: Given to `mount`, too. Props are not for them: while a component is hidden, an
            update of one prop removes the others.
    """
    fields = ["element", "props", "watch", "trigger", "server"]
    fields += [f"{name}: {json.dumps(value)}" for name, value in constants.items()]
    names = ", ".join(json.dumps(event) for event in events)
    return (
        f"{_imported(module)}.then(({{ mount }}) => mount({{ {', '.join(fields)} }}));"
        f" // events: {names}"
    )


def call(module: str, function: str, *arguments) -> str:
    """JavaScript for an event: calls a function that the module exports with `arguments`, which
    become JSON, and then the event's inputs."""
    first = "".join(f"{json.dumps(argument)}, " for argument in arguments)
    return f"async (...inputs) => (await {_imported(module)}).{function}({first}...inputs)"


def _imported(module: str) -> str:
    # Relative to the page, which a proxy may serve under any path.
    bundled = f'import(new URL("{bundle_path(module)}", document.baseURI))'
    return f'{bundled}.then(({{ default: modules }}) => modules["{module}"])'
