"""A web server of our own, with the manners of real ones and their bad days."""

import contextlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 14


class Host:
    """Serves `files` by path; its bad days are attributes. `asked` are (path, first byte)."""

    def __init__(self, files: dict[str, bytes]):
        self.files = files
        self.asked: list[tuple[str, int]] = []
        self.ranges = True  # knows "Range"
        self.breaks_after: list[int | None] = []  # bytes of the next answers; None: all of them
        self.lengthened = 0  # bytes that Content-Length promises and never come
        self.chunked = False  # says no length at all
        self.statuses: list[int] = []  # of the next answers, instead of what was asked for
        self.moved: dict[str, str] = {}  # path -> where it is now
        self.address = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        self.asked.append((handler.path, start))
        if handler.path in self.moved:
            handler.send_response(302)
            handler.send_header("Location", self.moved[handler.path])
            handler.send_header("Content-Length", "0")
            return handler.end_headers()
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200 or handler.path not in self.files:
            return handler.send_error(status if status != 200 else 404)
        whole = self.files[handler.path]
        start = start if self.ranges else 0
        handler.send_response(206 if start else 200)
        if start:
            total = len(whole) + self.lengthened
            handler.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if not self.chunked:
            handler.send_header("Content-Length", str(len(whole) - start + self.lengthened))
        handler.end_headers()
        some = self.breaks_after.pop(0) if self.breaks_after else None
        end = len(whole) if some is None else min(len(whole), start + some)
        for at in range(start, end, PIECE):
            handler.wfile.write(whole[at : min(at + PIECE, end)])


@contextlib.contextmanager
def host(files: dict[str, bytes]) -> Iterator[Host]:
    """A host on a free port of this machine, as long as the context lasts."""
    known = Host(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.close_connection = True
            with contextlib.suppress(ConnectionError):  # whoever asked may have gone
                known.answer(self)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
