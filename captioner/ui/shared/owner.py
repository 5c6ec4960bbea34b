"""What only those may do who may train here: told on the page, and asked before it is done."""

import logging
from collections.abc import Callable

import gradio as gr

from captioner.ui.shared.permission import Permission

log = logging.getLogger(__name__)


def owner_fields(permission: Permission, name: str) -> gr.Textbox:
    """Why one may not train here, or a field for the token; nothing on one's own machine. The
    element ids begin with `name`."""
    reason = permission.refusal()
    if reason and not permission.needs_token:
        if permission.duplicate:
            reason += (
                f"\n\n[Make a copy of this Space]({permission.duplicate}) to train in your own."
            )
        else:
            reason += "\n\nOn your own machine it is on: the README says how to start it there."
    gr.Markdown(
        reason, visible=bool(reason), elem_id=f"{name}-refusal", elem_classes="refusal-line"
    )
    return gr.Textbox(
        label="Owner's token",
        type="password",
        visible=permission.needs_token,
        elem_id=f"{name}-token",
    )


def attempt(permission: Permission, token: str | None, action: Callable):
    """(trouble, what the action returned), if whoever says the token may do it; the trouble is an
    update of the line that tells it."""
    trouble, found = permission.refusal(token or ""), None
    if not trouble:
        try:
            found = action()
        except (ValueError, OSError) as error:
            trouble = str(error)
        except Exception:
            log.exception("an action of the page failed")
            trouble = "This failed for a reason nobody thought of: the server's log tells it."
    return said(trouble), found


def said(trouble: str) -> dict:
    """Shows a sentence in the line that tells of trouble, or hides the line."""
    return gr.update(value=harmless(trouble), visible=bool(trouble))


def harmless(sentence: str) -> str:
    """The sentence as Markdown in which no HTML is left: it may quote what a browser sent."""
    return sentence.replace("<", "&lt;")
