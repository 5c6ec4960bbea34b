"""Data sets that visitors add: a zip that they upload, or a folder on this machine."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from captioner.ui.shared import data_sources
from captioner.ui.shared.events import PRIVATE
from captioner.ui.shared.permission import Permission, attempt


class OwnData:
    """The data that can be chosen, with what visitors have added. All tabs share one."""

    def __init__(self, permission: Permission):
        self.permission = permission
        self.folders: list[tuple[str, str]] = []  # (label, folder) added by path

    def choices(self) -> list[tuple[str, str]]:
        """Returns (label, choice) of all data."""
        return [*data_sources.choices(), *self.folders]

    def add_zips(self, token, files, progress=gr.Progress()):  # noqa: B008 (Gradio's way)
        """Unpacks the uploaded zips of one data set. Returns (error, data)."""

        def report(done: int, total: int) -> None:
            progress((done, total), desc="Unpacking")

        def unpack() -> str:
            return str(data_sources.unpack(list(map(Path, files)), report=report)) if files else ""

        return self._add(token, unpack)

    def add_folder(self, token, folder: str):
        """Adds a folder of this machine to the list. Returns (error, data)."""

        def add() -> str:
            if self.permission.public:  # visitors must not explore the host's disk
                raise ValueError("Folders work on your own machine only. Upload a zip instead.")
            data_sources.describe(folder)
            if folder not in [choice for _, choice in self.choices()]:
                self.folders.append((Path(folder).name, folder))
            return folder

        return self._add(token, add)

    def _add(self, token, action: Callable[[], str]):
        error, folder = attempt(self.permission, token, action)
        return error, gr.update(choices=self.choices(), value=folder) if folder else gr.skip()


def own_data_panel(
    own: OwnData, token: gr.Textbox, data: gr.Dropdown, name: str, is_open: bool = False
) -> gr.Accordion:
    """Adds the panel with its events to the page; what is added becomes the choice of `data`.

    The element ids of its fields begin with `name`.
    """
    possible = own.permission.possible
    with gr.Accordion(
        "Use your own data", open=is_open, visible=possible, elem_id=f"{name}-own"
    ) as panel:
        gr.Markdown(
            "Upload a zip of the photos and their captions, or several zips that belong together. "
            "The captions are a table (`captions.txt`, CSV: image,caption), a text beside each "
            "photo, or files of Flickr8k, Flickr30k, COCO, Karpathy or Hugging Face.",
            elem_classes="about",
        )
        upload = gr.File(
            label="Zip", file_types=[".zip"], type="filepath", file_count="multiple", height=130,
            elem_id=f"{name}-zip",
        )  # fmt: skip
        folder = gr.Textbox(
            label="Or a folder on this machine", elem_id=f"{name}-folder",
            placeholder="/home/me/photos, then press Enter", visible=not own.permission.public,
        )  # fmt: skip
        error = gr.Markdown(visible=False, elem_classes="trouble-line")
    upload.upload(own.add_zips, [token, upload], [error, data], **PRIVATE)
    folder.submit(own.add_folder, [token, folder], [error, data], **PRIVATE)
    return panel
