"""The data that a captioner can be trained on: drawn scenes, local data sets, and downloads.

A choice is one text: SCENES, the folder of a data set, or "download:NAME".
"""

import re
import shutil
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image

from captioner.data import datasets
from captioner.data.download import archives
from captioner.data.download.downloads import DOWNLOADS, Download, is_unfinished
from captioner.data.overview import Overview, overview
from captioner.data.photo_files import walk
from captioner.paths import DATASETS
from captioner.training.settings import FitConfig

SCENES = "scenes"
SCENE_COUNT = 3000  # by default
SCENE_COUNTS = (200, 10_000, 100)  # from, to, step
EXAMPLES = 8  # photos shown of the chosen data
_DOWNLOAD = "download:"
FLICKR8K = _DOWNLOAD + "flickr8k"


def local(root: Path = DATASETS) -> list[tuple[str, str]]:
    """Returns (label, choice) of the data sets in `root`, no scenes or unfinished downloads."""
    folders = sorted(f for f in root.glob("*") if f.is_dir() and not f.name.startswith("."))
    folders = [f for f in folders if not is_unfinished(f.name, f)]
    return [(f.name, str(f)) for f in folders if not is_scenes(str(f))]


def choices(root: Path = DATASETS) -> list[tuple[str, str]]:
    """Returns (label, choice) of all data; scenes come first."""
    found = local(root)
    names = {Path(folder).name for _, folder in found}
    downloads = [
        (f"{one.title} (download, {one.size / 1e9:.1f} GB)", _DOWNLOAD + name)
        for name, one in DOWNLOADS.items()
        if name not in names
    ]
    return [("Scenes, drawn for you", SCENES), *found, *downloads]


def is_download(choice: str) -> bool:
    """Returns whether the data must be downloaded first."""
    return choice.startswith(_DOWNLOAD)


def is_scenes(choice: str) -> bool:
    """Returns whether the data are drawn scenes."""
    return choice == SCENES or (Path(choice) / "scenes.json").is_file()


def recipe_fields(choice: str, scene_count: int, root: Path = DATASETS) -> dict:
    """Returns the fields of a `Recipe` for this choice.

    Raises:
        ValueError: the choice is unknown, or no folder of this machine.
    """
    if choice == SCENES:
        return {"data": str(root / f"scenes-{scene_count}"), "scenes": scene_count}
    if is_download(choice):
        _download(choice)
        name = choice.removeprefix(_DOWNLOAD)
        return {"data": str(root / name), "download": name}
    if not Path(choice).is_dir():
        raise ValueError(f"{choice} is not a folder on this machine.")
    return {"data": choice}


def unpack(
    files: Sequence[Path], root: Path = DATASETS, report: Callable = lambda done, total: None
) -> Path:
    """Unpacks uploaded zips into a new folder; of several, each with photos has a folder in it.

    Raises:
        ValueError: one is no zip, or they hold no data set; then nothing is left in `root`.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", " ", files[0].stem).strip(" .-_")[:40] or "data"
    folder, number = root / stem, 2
    while folder.exists():
        folder, number = root / f"{stem} {number}", number + 1
    root.mkdir(parents=True, exist_ok=True)
    names = " and ".join(file.name for file in files)
    try:
        for number, file in enumerate(files, 1):
            place = folder / f"{number}-{file.stem[:100]}" if len(files) > 1 else folder
            archives.unpack(file, place, report)
            if len(files) > 1 and not any(walk(place)):  # a zip of captions only
                for path in place.iterdir():
                    if (folder / path.name).exists():
                        raise archives.ArchiveError(
                            f"{names}: two of them hold {path.name}; pack them into one zip."
                        )
                    path.rename(folder / path.name)
        try:
            datasets.read(folder)
        except ValueError as error:
            raise ValueError(f"{names}: {str(error).replace(str(folder), 'it')}") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


@lru_cache(maxsize=16)
def cached_overview(folder: str) -> Overview:
    """Returns the overview of a data set; its photos are opened once. Raises ValueError."""
    return overview(datasets.read(folder), FitConfig.min_count)


def name(choice: str) -> str:
    """Returns the name for the page. Raises ValueError if the data set cannot be read."""
    if choice == SCENES:
        return "Scenes"
    return _download(choice).title if is_download(choice) else cached_overview(choice).name


def size(choice: str, scene_count: int) -> tuple[int, int, int]:
    """Returns (scenes to draw, photos, captions to train on).

    Raises:
        ValueError: the data must be downloaded first, or cannot be read.
    """
    if choice == SCENES:  # five captions each; a tenth is for dev, a tenth for test
        return scene_count, scene_count, round(5 * 0.8 * scene_count)
    if is_download(choice):
        raise ValueError("The training time can be estimated after the download.")
    found = cached_overview(choice)
    return 0, found.photos, found.splits["train"].captions


def describe(choice: str, title: str = "") -> tuple[str, list[tuple[str | Image.Image, str]]]:
    """Describes the data for the page; a data set by its own name if there is no `title`.

    Returns:
        (Markdown, examples as (photo, caption)).

    Raises:
        ValueError: the data set cannot be read.
    """
    if choice == SCENES:
        return "Drawn pictures, with five captions and the box of each thing.", _scene_examples()
    if is_download(choice):  # its terms must be shown before it starts
        one = _download(choice)
        terms = (
            f"**{one.title}**, {one.size / 1e9:.1f} GB, is downloaded first. An interrupted "
            f"download resumes.\n\n{one.licence}\n\n{one.citation}."
        )
        return terms, []
    found = cached_overview(choice)
    splits = ", ".join(f"{s.photos:,} in {name}" for name, s in found.splits.items() if s.photos)
    lines = [
        f"**{title or found.name}**: {found.photos:,} photos ({splits}), {found.captions:,} "
        f"captions. {found.words:,} words occur at least {FitConfig.min_count} times.",
        *(f"**{problem}**" for problem in found.problems),
        "\n".join(f"- {_plain(note[:1].upper() + note[1:])}." for note in found.notes),
    ]
    examples = [(e.photo, e.captions[0]) for s in found.splits.values() for e in s.examples]
    return "\n\n".join(filter(None, lines)), examples[:EXAMPLES]


def _plain(text: str) -> str:
    """Markdown that shows a text as it is, whatever the names in it."""
    return re.sub(r"([\\`*_{}\[\]<>#+!|~$&-])", r"\\\1", text)


@cache
def _scene_examples() -> list[tuple[Image.Image, str]]:
    from captioner import scenes

    drawn = (scenes.draw(0, number) for number in range(EXAMPLES))
    return [(scene.image, scene.captions[0]) for scene in drawn]


def _download(choice: str) -> Download:
    name = choice.removeprefix(_DOWNLOAD)
    if name not in DOWNLOADS:
        raise ValueError(f"There is no download '{name}'.")
    return DOWNLOADS[name]
