"""Texts as small as the browser can read them. Gradio compresses only what has a file's name, and
that fast rather than small."""

import gzip
from functools import lru_cache

import brotli  # Gradio needs it, too


@lru_cache(16)  # texts are the same for all visitors
def compressed(text: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    """The text and the headers that say how it is encoded.

    Args:
        accepted: The request's header Accept-Encoding.
    """
    if "br" in accepted:
        return brotli.compress(text, quality=9), {"Content-Encoding": "br", **_VARY}
    if "gzip" in accepted:
        return gzip.compress(text), {"Content-Encoding": "gzip", **_VARY}
    return text, _VARY


_VARY = {"Vary": "Accept-Encoding"}
