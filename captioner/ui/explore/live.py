"""The live camera: its view, and the endpoint that takes its frames.

Frames pass neither Gradio's queue nor its file cache: these take half as much processor time as the
caption itself, and three requests. Nothing of a frame is stored, neither pixels nor features.
"""

import asyncio
import io
from urllib.parse import urlsplit

import gradio as gr
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from captioner.attention_maps import grid_json
from captioner.caption import Caption, rounded
from captioner.photos import PhotoError
from captioner.rendering.overlay_style import page_style
from captioner.ui.shared import assets
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import error_value, opening_word

ENTRIES = assets.read("explore/camera/entries.html")  # buttons, also of the page's document
MAX_BYTES = 200_000  # a frame of 224 x 224 pixels has 10,000 to 20,000
MAX_SIDE = 1024  # pixels of a frame
MAX_WAITING = 4  # frames at once, the one that is captioned included
MEDIA_TYPES = {"image/jpeg": "JPEG", "image/webp": "WEBP"}
# Gradio's queues whose visitors come before any live camera.
CAPTIONS, QUERIES = "captioner", "queries"

# Status and sentences for the visitor if the next frame may be captioned. The status is no error's:
# browsers would log one for every frame.
NOT_NOW = 200
LOADING = "The captioner is still loading: the live camera starts as soon as it is ready."
OTHERS_FIRST = "Somebody waits for a caption: the live camera goes on as soon as it is done."
TOO_MANY = "Other visitors use the live camera: yours goes on as soon as there is room."


def live_camera(checkpoint: str) -> gr.HTML:
    """Ways to give a photo, and the camera's view. The value is the captioner's name."""
    return gr.HTML(
        checkpoint,
        html_template=assets.read("explore/camera/camera.html").replace("$entries", ENTRIES),
        css_template=assets.read("explore/camera/camera.css"),
        js_on_load=assets.mount("explore/camera/camera.js", style=page_style()),
        apply_default_css=False,
        elem_id="camera",
    )


class LiveCamera:
    """Captions frames one at a time, and only while nobody waits in the queue of the page."""

    def __init__(self, models: Models, page: gr.Blocks):
        self._models = models
        self._page = page
        self._lock = asyncio.Lock()
        self._waiting = 0

    def route(self) -> Route:
        """The endpoint: POST with a JPEG or WebP as its body; `?checkpoint=NAME` as in the page."""
        return Route("/live", self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> Response:
        try:
            _check_origin(request)
            image = _opened(await _body(request), request.headers.get("content-type", ""))
            caption = await self._caption(request.query_params.get("checkpoint", ""), image)
        except HTTPException as refusal:
            answer = {**error_value(refusal.detail), "retry": refusal.status_code == NOT_NOW}
            return JSONResponse(answer, refusal.status_code)
        return JSONResponse(to_json(caption), headers={"Cache-Control": "no-store"})

    async def _caption(self, checkpoint: str, image: Image.Image) -> Caption:
        captioner = self._captioner(checkpoint)
        if self._waiting >= MAX_WAITING:
            raise HTTPException(NOT_NOW, TOO_MANY)
        self._waiting += 1
        try:
            async with self._lock:
                if others_wait(self._page):
                    raise HTTPException(NOT_NOW, OTHERS_FIRST)
                # `captions` rather than `caption`, which would keep the features of each frame
                # and forget those of visitors' photos.
                return await run_in_threadpool(lambda: next(captioner.captions([image], 1)))
        except PhotoError as error:
            raise HTTPException(400, str(error)) from error
        finally:
            self._waiting -= 1

    def _captioner(self, name: str):
        """The captioner if it is loaded: a frame does not wait for it."""
        try:
            loading = self._models.start(name)
            if not loading.done():
                raise HTTPException(NOT_NOW, LOADING)
            return loading.result()
        except ValueError as error:
            raise HTTPException(400, str(error)) from error


def others_wait(page: gr.Blocks) -> bool:
    """Whether a visitor waits for a caption, or for an answer about one."""
    queues = page._queue.event_queue_per_concurrency_id
    waiting = (queues[name] for name in (CAPTIONS, QUERIES) if name in queues)
    return any(queue.queue or queue.current_concurrency for queue in waiting)


def to_json(caption: Caption) -> dict:
    """A caption in few bytes: no alternatives, four digits. `chosen` is the word that a result
    opens on, `size` the side of the frames that the captioner takes as they are."""
    return {
        "words": [word.text for word in caption.words],
        "probabilities": [round(word.probability, 4) for word in caption.words],
        "maps": rounded(caption.maps, 4),
        "chosen": opening_word(caption),
        "grid": grid_json(caption.geometry),
        "attends": caption.use_attention,
        "size": caption.geometry.size,
    }


def _check_origin(request: Request) -> None:
    """Only the page itself may send frames, not a page of another site in a visitor's browser."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("x-forwarded-host") or request.headers.get("host")
    foreign = site != "same-origin" if site else origin and urlsplit(origin).netloc != host
    if foreign:
        raise HTTPException(403, "Only this page itself may send frames of the camera.")


async def _body(request: Request) -> bytes:
    """The body, of which no more is read than a frame may have."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_BYTES:
            limit = f"{MAX_BYTES // 1000} KB"
            raise HTTPException(413, f"The frame is too large: at most {limit} are read.")
    if not data:
        raise HTTPException(400, "The frame is empty.")
    return bytes(data)


def _opened(data: bytes, media_type: str) -> Image.Image:
    """The frame, of which only the header was read."""
    if media_type not in MEDIA_TYPES:
        raise HTTPException(415, f"A frame must be {' or '.join(MEDIA_TYPES)}.")
    try:
        image = Image.open(io.BytesIO(data), formats=[MEDIA_TYPES[media_type]])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise HTTPException(400, "The frame is not an image that can be read.") from error
    if max(image.size) > MAX_SIDE:
        raise HTTPException(400, f"The frame is too large: at most {MAX_SIDE} x {MAX_SIDE} pixels.")
    return image
