"""Tabs of a browser that one test after another uses, so that the browser's caches stay warm.

Opening a context of its own and loading the page there takes three times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

LOCAL = ("127.0.0.1", "localhost")
ABORTED = "AbortError: signal is aborted without reason"  # by Gradio, when its page is left
FORGET = "origin !== 'null' && [localStorage, sessionStorage].map(s => s.clear())"


class Tabs:
    """Tabs, each in a context of its own. `faults` lists errors, and requests to other hosts."""

    def __init__(self, browser):
        self.faults: list[str] = []
        self._browser = browser
        self._free = defaultdict(list)

    @contextmanager
    def lent(self) -> Iterator[Callable]:
        """Yields `open_tab`. Its tabs are given back afterwards, empty and without storage."""
        used = []

        def open_tab(
            width=1440,
            height=960,
            color_scheme="light",
            reduced_motion="no-preference",
            reuse=True,
            **screen,
        ):
            """Opens a tab. A test that replaces the clock must not `reuse` it."""
            key = (reuse, *sorted(screen.items()))
            tab = self._free[key].pop() if self._free[key] else self._new(screen)
            used.append((key, tab))
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
            tab.set_default_timeout(30_000)
            return tab

        try:
            yield open_tab
        finally:
            count = len(self.faults)
            for key, tab in used:
                if key[0]:
                    _empty(tab)
                    self._free[key].append(tab)
                else:
                    tab.context.close()
            del self.faults[count:]  # requests that a page drops while it is left

    def _new(self, screen: dict):
        context = self._browser.new_context(**screen)
        context.on("weberror", self._read_error)
        context.on("console", self._read)
        context.on("request", lambda request: self._check(request.url))
        return context.new_page()

    def _read_error(self, uncaught) -> None:
        self.faults.append(f"error: {uncaught.error}\n{uncaught.error.stack}")

    def _read(self, line) -> None:
        if line.type == "error" and not line.text.startswith(ABORTED):
            self.faults.append(f"{line.text} ({line.location['url']})")

    def _check(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("http", "https") and address.hostname not in LOCAL:
            self.faults.append(url)


def _empty(tab) -> None:
    for other in tab.context.pages:
        if other is not tab:
            other.close()
    tab.unroute_all()
    tab.evaluate(FORGET)
    tab.context.clear_cookies()
    tab.mouse.move(0, 0)
    address = urlsplit(tab.url)
    tab.goto("about:blank")  # the page stores what was not stored yet
    if address.scheme == "http":
        devtools = tab.context.new_cdp_session(tab)
        origin = f"{address.scheme}://{address.netloc}"
        stored = {"origin": origin, "storageTypes": "indexeddb"}
        devtools.send("Storage.clearDataForOrigin", stored)
        devtools.detach()
