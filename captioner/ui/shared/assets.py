"""The files that the page is made of: templates, styles and ES modules in assets/."""

import hashlib
import json
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from captioner.paths import ASSETS


def read(*names: str) -> str:
    """The text of one file in assets/, or of several, one after the other."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


def module_names() -> list[str]:
    return sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.js"))


@cache
def modules_path() -> str:
    """Where the modules are served. The version in the path lets browsers cache them for ever; the
    modules import each other by relative paths, so that they always are of one version."""
    version = hashlib.sha256(read(*module_names()).encode()).hexdigest()[:12]
    return f"modules/{version}"


def modules_route() -> Route:
    """Serves the modules at `modules_path`.

    StaticFiles would not find them where a proxy removes the root path of the page.
    """

    known = set(module_names())

    def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in known:
            raise HTTPException(404)
        cached = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(ASSETS / name, media_type="text/javascript", headers=cached)

    return Route(f"/{modules_path()}/{{name:path}}", serve)


def preloads(*folders: str) -> str:
    """HTML that lets the browser fetch the modules of these folders all at once."""
    names = [name for name in module_names() if name.split("/")[0] in folders]
    links = (f'<link rel="modulepreload" href="{modules_path()}/{name}">' for name in names)
    return "\n".join(links)


def mount(module: str, *events: str, **constants) -> str:
    """JavaScript for `js_on_load` of gr.HTML: passes the component to the module's `mount`.

    Args:
        module: Its path in assets/.
        events: Names of the events that it triggers; Gradio lets Python listen to these only.
        constants: Given to `mount`, too. Props are not for them: while a component is hidden, an
            update of one prop removes the others.
    """
    component = ["element", "props", "watch", "trigger", "server"]
    given = [f"{name}: {json.dumps(value)}" for name, value in constants.items()]
    names = ", ".join(json.dumps(event) for event in events)
    return (
        f"{_imported(module)}.then(({{ mount }}) => mount({{ {', '.join(component + given)} }}));"
        f" // events: {names}"
    )


def call(module: str, function: str, *arguments) -> str:
    """JavaScript for an event: calls a function that the module exports with `arguments`, which
    become JSON, and then the event's inputs."""
    first = "".join(f"{json.dumps(argument)}, " for argument in arguments)
    return f"async (...inputs) => (await {_imported(module)}).{function}({first}...inputs)"


def _imported(module: str) -> str:
    # Relative to the page, which a proxy may serve under any path.
    return f'import(new URL("{modules_path()}/{module}", document.baseURI))'
