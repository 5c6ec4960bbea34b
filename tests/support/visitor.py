"""A visitor of the page without a browser: asks the server as the page's own events do."""

import json
import uuid
from pathlib import Path

import httpx

PATIENCE = 120  # seconds until an answer has come


class Visitor:
    """One session, as an open tab is one."""

    def __init__(self, address: str, like: "Visitor | None" = None):
        """A visitor `like` another shares connections with it: much quicker, no less its own."""
        self._client = like._client if like else httpx.Client(base_url=address, timeout=PATIENCE)
        self._config = like._config if like else self._client.get("config").json()
        self._session = uuid.uuid4().hex
        self._events = {event["api_name"]: event for event in self._config["dependencies"]}
        self._parts = {part["id"]: part for part in self._config["components"]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self._client.close()

    def upload(self, photo: Path) -> dict:
        """The photo as the photo input has it."""
        with photo.open("rb") as file:
            answer = self._client.post("gradio_api/upload", files={"files": (photo.name, file)})
        kept = {"path": answer.json()[0], "orig_name": photo.name}
        return {**kept, "meta": {"_type": "gradio.FileData"}}

    def caption(self, photo: dict, **settings) -> dict:
        """The value that the explorer gets for a photo and settings."""
        event = self._events["for_page"]
        names = ("photo", "model", "sampler", "temperature", "top_k", "top_p", "seed", "beams")
        usual = [self._parts[number]["props"].get("value") for number in event["inputs"]]
        given = {**dict(zip(names, usual, strict=True)), "photo": photo, **settings}
        return self._messages(event, list(given.values()))[-1]

    def ask(self, kind: str, **given) -> dict:
        """The answer that the explorer gets to an ask."""
        asked = {"id": uuid.uuid4().hex, "kind": kind, **given}
        said = self._messages(self._events["answer"], [], asked)[-1]["props"]["answer"]
        assert said["id"] == asked["id"]
        return said

    def open(self, text: str) -> dict:
        """The value that the explorer gets for the text of a saved result."""
        return self._messages(self._events["open"], [], {"text": text})[-1]

    def _messages(self, event: dict, data: list, event_data=None) -> list:
        """All that is said until the event is over, its whole output last."""
        joined = {
            "fn_index": event["id"],
            "trigger_id": event["targets"][0][0],
            "session_hash": self._session,
            "data": data,
            "event_data": event_data,
        }
        number = self._client.post("gradio_api/queue/join", json=joined).json()["event_id"]
        said = []
        session = {"session_hash": self._session}
        with self._client.stream("GET", "gradio_api/queue/data", params=session) as lines:
            for line in lines.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("event_id") != number or "output" not in message:
                    continue
                assert message["success"], message
                said += message["output"]["data"]
                if message["msg"] == "process_completed":
                    break
        return said
