"""The feature caches in the Train tab: what they take on the disk, and clearing them."""

from collections.abc import Sequence
from datetime import datetime

import gradio as gr

from captioner.data.cache import cache_folders
from captioner.data.cache.cache_folders import Cache, CacheError
from captioner.files import json_text
from captioner.paths import FEATURES
from captioner.training.runs.run import Runs
from captioner.ui.shared import assets
from captioner.ui.shared.events import LATEST, PRIVATE, QUIET
from captioner.ui.shared.permission import Permission, attempt
from captioner.ui.shared.untrusted import Message, checked


class Chosen(Message):
    """The caches to clear."""

    names: list[str]


def stored_features(
    tab: gr.Tab,
    controls: "StoredFeatures",
    token: gr.Textbox,
    run: gr.HTML,
    estimate: Sequence,
) -> None:
    """Adds the list with its events to the page.

    It is read anew when the view of a `run` advances. After clearing, `estimate` is computed anew:
    (function, inputs, output).
    """
    with gr.Column(elem_classes="card", elem_id="stored", visible=controls.permission.possible):
        view = gr.HTML(
            html_template=assets.read("train/features.html"),
            css_template=assets.read("shared/panel.css", "train/features.css"),
            js_on_load=assets.mount("train/features.js", "look", "discard"),
            apply_default_css=False,
            elem_id="features",
        )
        error = gr.Markdown(visible=False, elem_classes="trouble-line")
    if not controls.permission.possible:
        return
    for event in (tab.select, run.advance, view.look):
        event(controls.read, None, view, **LATEST)
    cleared = view.discard(controls.clear, [token], [error, view], **PRIVATE)
    cleared.then(*estimate, **QUIET)


class StoredFeatures:
    """Event handlers of the list."""

    def __init__(self, runs: Runs, permission: Permission):
        self.runs, self.permission = runs, permission

    def read(self):
        """Returns the list."""
        return gr.update(value=json_text({"caches": self._list()}))

    def clear(self, token, event: gr.EventData):
        """Clears the caches that the event names. Returns (error, list)."""

        def clear() -> None:
            names, errors = checked(Chosen, event._data).names, []
            uses = {cache["name"]: cache["use"] for cache in self._list()}
            for name in names:
                try:
                    if use := uses.get(name):
                        raise CacheError(f"The features '{name}' are {use}.")
                    cache_folders.clear(FEATURES, name)
                except CacheError as error:
                    errors.append(error)  # the others are cleared all the same
            if errors:
                raise errors[0]

        return attempt(self.permission, token, clear)[0], self.read()

    def _list(self) -> list[dict]:
        """The caches as the page shows them; `use` is empty where one can be cleared."""
        run = self.runs.training()
        status = run.status if run else {}
        rows = []
        for cache in cache_folders.caches(FEATURES):
            use = "in use" if cache.in_use else ""
            if run and cache.name in status.get("caches", ()):
                use = f"in use by the run “{run.name}”"
            elif run and "caches" not in status:
                use = f"perhaps needed by the run “{run.name}”, which is starting"
            rows.append(
                {
                    "name": cache.name,
                    "data": cache.data,
                    "about": _about(cache),
                    "size": cache.size,
                    "use": use,
                }
            )
        return rows


def _about(cache: Cache) -> list[str]:
    """What a cache holds, in a few short parts."""
    if not cache.backbone:
        return ["damaged, or in parts"]
    photos = f"{cache.photos:,} {'mirrored ' * cache.mirrored}{'crops' if cache.crop else 'photos'}"
    backbone = f"{cache.backbone}, {cache.cells} cells"
    parts = [photos, backbone]
    if cache.done < cache.photos:
        parts = [f"{cache.done:,} of {photos}", backbone, "not finished"]
    if cache.last_used:
        parts.append(f"last used {datetime.fromtimestamp(cache.last_used):%Y-%m-%d}")
    return parts
