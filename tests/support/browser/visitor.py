"""A visitor of the page without a browser: sends the same events as the page."""

import json
import uuid
from pathlib import Path

import httpx

from captioner.ui.shared.sampler_settings import DEFAULTS

TIMEOUT = 120  # seconds


class Visitor:
    """One session, like one open tab."""

    def __init__(self, address: str, like: "Visitor | None" = None):
        """Opens the page. A visitor `like` another one shares its connections, which is quicker."""
        self._client = like._client if like else httpx.Client(base_url=address, timeout=TIMEOUT)
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
        """Returns the value of the photo input after an upload."""
        with photo.open("rb") as file:
            response = self._client.post("gradio_api/upload", files={"files": (photo.name, file)})
        uploaded = {"path": response.json()[0], "orig_name": photo.name}
        return {**uploaded, "meta": {"_type": "gradio.FileData"}}

    def caption(self, photo: dict, **settings) -> dict:
        """Returns the explorer's value for a photo and settings."""
        event = self._events["for_page"]
        names = ("photo", "model", "known", *DEFAULTS.to_json())
        usual = [self._parts[number]["props"].get("value") for number in event["inputs"]]
        values = {**dict(zip(names, usual, strict=True)), "photo": photo, "known": [], **settings}
        return self._messages(event, list(values.values()))[-1]

    def query(self, kind: str, **fields) -> dict:
        """Returns the answer to a query of the explorer."""
        query = {"id": uuid.uuid4().hex, "kind": kind, **fields}
        answer = self._messages(self._events["answer"], [], query)[-1]["props"]["answer"]
        assert answer["id"] == query["id"]
        return answer

    def open(self, text: str) -> dict:
        """Returns the explorer's value for the text of a saved result."""
        return self._messages(self._events["open"], [], {"text": text})[-1]

    def _messages(self, event: dict, data: list, event_data=None) -> list:
        """Returns all output of an event, the final output last."""
        request = {
            "fn_index": event["id"],
            "trigger_id": event["targets"][0][0],
            "session_hash": self._session,
            "data": data,
            "event_data": event_data,
        }
        number = self._client.post("gradio_api/queue/join", json=request).json()["event_id"]
        outputs = []
        session = {"session_hash": self._session}
        with self._client.stream("GET", "gradio_api/queue/data", params=session) as lines:
            for line in lines.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("event_id") != number or "output" not in message:
                    continue
                assert message["success"], message
                outputs += message["output"]["data"]
                if message["msg"] == "process_completed":
                    break
        return outputs
