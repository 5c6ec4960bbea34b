"""Options that events of several tabs share, and what they do in the browser."""

from captioner.ui.shared import assets

PRIVATE = {"api_visibility": "private"}  # only the page itself calls it
QUIET = PRIVATE | {"show_progress": "hidden", "concurrency_limit": None}  # short and cheap
LATEST = QUIET | {"trigger_mode": "always_last"}  # changes that follow quickly: the last counts
SCROLL_TO_TOP = assets.call("shared/events.js", "scrollToTop")


def constant(*value) -> str:
    """JavaScript that sets the outputs to `value`; without one, to the inputs."""
    return assets.call("shared/events.js", "constant", *value)


def reach(selector: str) -> str:
    """JavaScript that scrolls to an element and focuses its first field."""
    return assets.call("shared/events.js", "reach", selector)


def show_when(*accepted) -> str:
    """JavaScript that shows each output whose entry of `accepted` equals the event's input."""
    return assets.call("shared/events.js", "showWhen", accepted)
