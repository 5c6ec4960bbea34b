"""A small web server that sends files and can misbehave like real servers."""

import contextlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 14  # bytes


class FileServer:
    """Serves `files` by path. Its attributes make it misbehave."""

    def __init__(self, files: dict[str, bytes]):
        self.files = files
        self.address = ""
        self.requests: list[tuple[str, int]] = []  # (path, first byte)
        self.supports_ranges = True
        self.breaks_after: list[int | None] = []  # bytes of the next responses; None: all
        self.extra_length = 0  # bytes that Content-Length promises but that never come
        self.chunked = False  # whether Content-Length is absent
        self.statuses: list[int] = []  # of the next responses, instead of the file
        self.redirects: dict[str, str] = {}

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        requested = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(requested[1]) if requested else 0
        self.requests.append((handler.path, start))
        if handler.path in self.redirects:
            handler.send_response(302)
            handler.send_header("Location", self.redirects[handler.path])
            handler.send_header("Content-Length", "0")
            return handler.end_headers()
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200 or handler.path not in self.files:
            return handler.send_error(status if status != 200 else 404)
        content = self.files[handler.path]
        start = start if self.supports_ranges else 0
        handler.send_response(206 if start else 200)
        if start:
            total = len(content) + self.extra_length
            handler.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if not self.chunked:
            handler.send_header("Content-Length", str(len(content) - start + self.extra_length))
        handler.end_headers()
        limit = self.breaks_after.pop(0) if self.breaks_after else None
        end = len(content) if limit is None else min(len(content), start + limit)
        for first in range(start, end, PIECE):
            handler.wfile.write(content[first : min(first + PIECE, end)])


@contextlib.contextmanager
def file_server(files: dict[str, bytes]) -> Iterator[FileServer]:
    """Runs a FileServer on a free port of this machine until the context ends."""
    running = FileServer(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.close_connection = True
            with contextlib.suppress(ConnectionError):  # the client may have gone
                running.respond(self)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
