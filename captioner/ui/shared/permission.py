"""Who may train here. On a machine of one's own, whoever sees the page; on a public host, nobody
but the owner, and only where the owner wants it: it is their processor and their disk."""

import hmac
import ipaddress
import os
from dataclasses import dataclass

ALLOW = "CAPTIONER_ALLOW_TRAINING"  # "1": the owner may train on a public host
TOKEN = "CAPTIONER_TRAINING_TOKEN"  # what the owner says to be known as such


@dataclass(frozen=True)
class Permission:
    """The rule of this server; every action asks it, whatever the page shows."""

    public: bool
    allowed: bool = False
    token: str = ""
    space: str = ""  # "owner/name" on Hugging Face

    @classmethod
    def here(cls, host: str | None, share: bool) -> "Permission":
        """The rule for a server at `host`, as the environment has it."""
        space = os.environ.get("SPACE_ID", "")
        share = share or os.environ.get("GRADIO_SHARE", "").lower() == "true"
        return cls(
            public=bool(space) or share or not _is_own(host),
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
        return self.public and self.possible

    def refusal(self, token: str = "") -> str:
        """Why whoever says `token` may not train here; empty if they may."""
        if not self.public:
            return ""
        if not self.possible:
            return (
                "Training is off here: this is a public host, and training would take its "
                f"processor from everybody. Its owner can turn it on with {ALLOW}=1 and a secret "
                f"{TOKEN}."
            )
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return "Training here is for the owner: give the owner's token first."
        return ""

    @property
    def duplicate(self) -> str:
        """Where a copy of this Space is made, in which the visitor may train; empty elsewhere."""
        return f"https://huggingface.co/spaces/{self.space}?duplicate=true" if self.space else ""


def _is_own(host: str | None) -> bool:
    """Whether a server at this address is reached from this machine only."""
    host = host or os.environ.get("GRADIO_SERVER_NAME") or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
