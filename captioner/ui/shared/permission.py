"""Who may train and evaluate on this server, and how the page enforces it.

On a private machine everyone may. On a public host only the owner may, and only after the owner
has turned training on, because it uses the host's processor and disk.
"""

import hmac
import ipaddress
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

log = logging.getLogger(__name__)

ALLOW = "CAPTIONER_ALLOW_TRAINING"  # "1" lets the owner train on a public host
TOKEN = "CAPTIONER_TRAINING_TOKEN"  # the secret by which the owner is recognised


@dataclass(frozen=True)
class Permission:
    """The rule of this server. Every action checks it: hidden buttons stop nobody."""

    public: bool
    allowed: bool = False
    token: str = ""
    space: str = ""  # "owner/name" on Hugging Face

    @classmethod
    def from_environment(cls, host: str | None, share: bool) -> "Permission":
        """Returns the rule for a server at `host`, as the environment variables set it."""
        space = os.environ.get("SPACE_ID", "")
        share = share or os.environ.get("GRADIO_SHARE", "").lower() == "true"
        return cls(
            public=bool(space) or share or not _is_loopback(host),
            allowed=os.environ.get(ALLOW) == "1",
            token=os.environ.get(TOKEN, ""),
            space=space,
        )

    @property
    def possible(self) -> bool:
        """Whether anybody may train here."""
        return not self.public or (self.allowed and bool(self.token))

    @property
    def needs_token(self) -> bool:
        """Whether training is for the owner only."""
        return self.public and self.possible

    @property
    def duplicate_url(self) -> str:
        """Where a visitor can duplicate this Space to train in the copy; empty elsewhere."""
        return f"https://huggingface.co/spaces/{self.space}?duplicate=true" if self.space else ""

    def refusal(self, token: str = "") -> str:
        """Returns why a visitor with this token may not train here; empty if they may."""
        if not self.public:
            return ""
        if not self.possible:
            return (
                "Training is off here: this is a public host, and training would slow it down for "
                f"everybody. Its owner can turn it on with {ALLOW}=1 and a secret {TOKEN}."
            )
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return "Only the owner can train here. Enter the owner's token."
        return ""


def token_field(permission: Permission, prefix: str) -> gr.Textbox:
    """Adds the reason why training is off, and the field for the owner's token, to the page.

    Both are hidden on a private machine. Their element ids begin with `prefix`.
    """
    reason = permission.refusal()
    if permission.duplicate_url and not permission.possible:
        reason += f"\n\n[Duplicate this Space]({permission.duplicate_url}) to train in your copy."
    elif not permission.possible:
        reason += "\n\nOn your own machine training is on. The README says how to start the app."
    gr.Markdown(
        reason, visible=bool(reason), elem_id=f"{prefix}-refusal", elem_classes="refusal-line"
    )
    return gr.Textbox(
        label="Owner's token",
        type="password",
        visible=permission.needs_token,
        elem_id=f"{prefix}-token",
    )


def disable(block: gr.blocks.Block) -> None:
    """Disables all inputs inside a part of the page."""
    if hasattr(block, "interactive"):
        block.interactive = False
    for child in getattr(block, "children", ()):
        disable(child)


def attempt(permission: Permission, token: str | None, action: Callable) -> tuple:
    """Runs `action()` if this token permits it.

    Returns:
        (update of the error line, what the action returned or None).
    """
    error, result = permission.refusal(token or ""), None
    if not error:
        try:
            result = action()
        except (ValueError, OSError) as exception:
            error = str(exception)
        except Exception:
            log.exception("An action of the page failed")
            error = "This failed for an unexpected reason. The server's log has the details."
    return error_line(error), result


def error_line(error: str) -> dict:
    """Returns an update that shows this error in its line, or hides the line if it is empty."""
    return gr.update(value=escape_html(error), visible=bool(error))


def escape_html(text: str) -> str:
    """Returns Markdown without HTML, for texts that may quote what a browser sent."""
    return text.replace("<", "&lt;")


def _is_loopback(host: str | None) -> bool:
    """Whether only this machine reaches a server at this address."""
    host = host or os.environ.get("GRADIO_SERVER_NAME") or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
