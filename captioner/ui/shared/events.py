"""Options that events of several tabs share."""

PRIVATE = {"api_visibility": "private"}  # only the page itself calls it
QUIET = PRIVATE | {"show_progress": "hidden", "concurrency_limit": None}  # short and cheap
SCROLL_TO_TOP = "() => scrollTo({ top: 0 })"
