"""Proxies of the machine: downloads go through them, the page's own address around them."""

import os

_LOCAL = ("localhost", "127.0.0.1", "::1")


def go_around(host: str | None) -> None:
    """Has this process reach itself without a proxy: Gradio asks its own server at the start."""
    for name in ("no_proxy", "NO_PROXY"):
        known = [one for one in os.environ.get(name, "").split(",") if one]
        new = [one for one in (*_LOCAL, host) if one and one not in known]
        os.environ[name] = ",".join([*known, *new])
