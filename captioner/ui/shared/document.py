"""What Gradio sends, for slow lines: its HTML document with more in it from the first byte on and
compressed, and its files to be kept by browsers.

Gradio adds the `head` of `launch` only when its own scripts run. On a slow line that takes many
seconds, in which a visitor could already read.
"""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from captioner.ui.shared.assets import FOR_EVER, compressed

_HEAD, _BODY = b"</head>", b"<gradio-app"  # what is added comes before these
_FILES = "/assets/"  # scripts and styles of Gradio, whose names change with their content


class Document:
    """ASGI middleware that adds to the HTML document of Gradio's page.

    Args:
        app: The application.
        head: HTML at the end of the head.
        body: Returns HTML that comes before Gradio's own element, at each request.
    """

    def __init__(self, app: ASGIApp, head: str, body: Callable[[], str]):
        self._app = app
        self._head = head
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None  # of an HTML response, held back until it is complete
        parts: list[bytes] = []

        async def edited(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif message["type"] == "http.response.start" and _FILES in scope["path"]:
                MutableHeaders(raw=message["headers"]).update(FOR_EVER)
                await send(message)
            elif start is None:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._answer(start, b"".join(parts), Headers(scope=scope), send)

        await self._app(scope, receive, edited if scope["type"] == "http" else send)

    async def _answer(self, start: Message, text: bytes, request: Headers, send: Send) -> None:
        if _BODY in text:
            text = text.replace(_HEAD, self._head.encode() + _HEAD, 1)
            text = text.replace(_BODY, self._body().encode() + _BODY, 1)
        text, more = compressed(text, request.get("accept-encoding", ""))
        headers = MutableHeaders(raw=start["headers"])
        headers.update({**more, "Content-Length": str(len(text))})
        await send(start)
        await send({"type": "http.response.body", "body": text})


def _is_html(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    is_plain = "content-encoding" not in headers
    return is_plain and headers.get("content-type", "").startswith("text/html")
