"""A visitor's mistake is one line of the server's log; Gradio would print a traceback."""

import logging
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
from gradio import queueing, routes

from captioner.paths import PROJECT

log = logging.getLogger(__name__)

_OURS, _GRADIO = str(PROJECT / "captioner"), str(Path(gr.__file__).parent)


def log_in_one_line() -> None:
    """Shortens what Gradio and its server log of requests that they refuse."""
    shorter = SimpleNamespace(**{**vars(traceback), "print_exc": _print_exception})
    queueing.traceback = routes.traceback = shorter
    logging.getLogger("uvicorn.error").addFilter(_shortened)


def _print_exception() -> None:
    error = sys.exception()
    # It arose in this project, or in what that called.
    is_ours = any(frame.filename.startswith(_OURS) for frame in _frames(error))
    if isinstance(error, gr.Error) or not is_ours:
        log.warning("A request was refused: %s", _first_line(error))
    else:
        traceback.print_exc()


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def _shortened(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    # Gradio itself raises where a request names no event.
    if error and _frames(error)[-1].filename.startswith(_GRADIO):
        record.msg, record.args = "A request was refused: %s", (_first_line(error),)
        record.exc_info = record.exc_text = None
    return True


def _first_line(error: BaseException) -> str:
    text = str(getattr(error, "message", None) or error or type(error).__name__)
    return text.splitlines()[0] if text else type(error).__name__
