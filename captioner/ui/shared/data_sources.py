"""What a captioner can be taught from: drawn scenes, data sets that are here, downloads."""

import re
import shutil
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image

from captioner.data import archives, datasets
from captioner.data.downloads import DOWNLOADS
from captioner.data.overview import Overview, overview
from captioner.paths import DATASETS
from captioner.training.presets import FOR_SCENES, PRESETS, suited
from captioner.training.settings import FitConfig, kinds

SCENES = "scenes"
COUNT = 3000  # scenes, unless others are asked for
COUNTS = (200, 10_000, 100)  # scenes that can be asked for: from, to, step
SUITED = tuple(  # the settings that data or systems have a say in
    name
    for name in kinds(FitConfig)
    if any(name in given for given in (FOR_SCENES, *(p.settings for p in PRESETS.values())))
)
_DOWNLOAD = "download:"
_SEED = 0  # of the scenes; another would draw others of the same kind
_EXAMPLES = 8
_MIN_COUNT = 5  # at which the size of a vocabulary is told


def here(root: Path = DATASETS) -> list[tuple[str, str]]:
    """(label, value) of the data sets that lie in `root`; drawn scenes are not among them."""
    folders = sorted(f for f in root.glob("*") if f.is_dir() and not f.name.startswith("."))
    return [(f.name, str(f)) for f in folders if not (f / "scenes.json").is_file()]


def choices(root: Path = DATASETS) -> list[tuple[str, str]]:
    """(label, value) of all that can be chosen; scenes first."""
    there = here(root)
    taken = {Path(value).name for _, value in there}
    offered = [
        (f"{one.title} (download, {one.size / 1e9:.1f} GB)", _DOWNLOAD + name)
        for name, one in DOWNLOADS.items()
        if name not in taken
    ]
    return [("Scenes, drawn for you", SCENES), *there, *offered]


def settings_for(choice: str, preset: str) -> dict:
    """The settings SUITED, by name, for these data and this system."""
    given = suited(preset, scenes=choice == SCENES)
    return {name: given.get(name, getattr(FitConfig(), name)) for name in SUITED}


def is_download(choice: str) -> bool:
    """Whether the choice has to be fetched first."""
    return choice.startswith(_DOWNLOAD)


def recipe_of(choice: str, count: int, root: Path = DATASETS) -> dict:
    """What a recipe says of the data that was chosen. Raises ValueError if it is not to be had."""
    if choice == SCENES:
        return {"data": str(root / f"scenes-{count}"), "scenes": count}
    if is_download(choice):
        name = choice.removeprefix(_DOWNLOAD)
        if name not in DOWNLOADS:
            raise ValueError(f"There is no download '{name}'.")
        return {"data": str(root / name), "download": name}
    if not Path(choice).is_dir():
        raise ValueError(f"{choice} is not a folder on this machine.")
    return {"data": choice}


def unpack(file: Path, root: Path = DATASETS, report: Callable = lambda done, total: None) -> Path:
    """Unpacks an uploaded zip into a folder of its own. Raises ValueError, and leaves nothing, if
    it cannot be unpacked or holds no data set."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", " ", file.stem).strip(" .-_")[:40] or "data"
    folder, number = root / stem, 2
    while folder.exists():
        folder, number = root / f"{stem} {number}", number + 1
    root.mkdir(parents=True, exist_ok=True)
    archives.unpack(file, folder, report)
    try:
        datasets.read(folder)
    except ValueError as error:
        shutil.rmtree(folder)
        raise ValueError(f"{file.name}: {str(error).replace(str(folder), 'it')}") from error
    return folder


@cache
def drawn() -> list[tuple[Image.Image, str]]:
    """A few scenes, each with one of its captions."""
    from captioner import scenes

    found = (scenes.draw(_SEED, number) for number in range(_EXAMPLES))
    return [(scene.image, scene.captions[0]) for scene in found]


@lru_cache(maxsize=16)
def looked_at(folder: str) -> Overview:
    """What a data set holds; its photos are opened once. Raises ValueError if it is none."""
    return overview(datasets.read(folder))


def found(folder: str, called: str = "") -> tuple[str, list[tuple[str, str]]]:
    """What a data set holds, in words, and examples as (photo file, caption); `called` is how it is
    named, if not by its own name. Raises ValueError if it cannot be read."""
    seen = looked_at(folder)
    splits = ", ".join(f"{s.photos:,} in {name}" for name, s in seen.splits.items() if s.photos)
    known, title = seen.vocabulary.get(_MIN_COUNT, 0), called or seen.name
    lines = [
        f"**{title}**: {seen.photos:,} photos ({splits}), {seen.captions:,} captions; "
        f"{known:,} words are seen at least {_MIN_COUNT} times.",
        *(f"**{problem}**" for problem in seen.problems),
        *seen.notes,
    ]
    examples = [e for split in seen.splits.values() for e in split.examples]
    return "\n\n".join(lines), [(e.photo, e.captions[0]) for e in examples[:_EXAMPLES]]


def described(choice: str, called: str = "") -> tuple[str, list]:
    """What was chosen, in words, and examples as (photo, caption), as of `found`."""
    if choice == SCENES:
        words = "Pictures that are drawn here, with five captions and the box of each thing."
        return words, drawn()
    return (terms(choice), []) if is_download(choice) else found(choice, called)


def name(choice: str) -> str:
    """What it is called. Raises ValueError if it is a data set that cannot be read."""
    if choice == SCENES:
        return "Scenes"
    if is_download(choice):
        return DOWNLOADS[choice.removeprefix(_DOWNLOAD)].title
    return looked_at(choice).name


def size(choice: str, count: int) -> tuple[int, int, int]:
    """(drawn, photos, captions) of the data that was chosen; the captions are those to train on.
    Raises ValueError if that is not known yet."""
    if choice == SCENES:
        return count, count, round(5 * 0.8 * count)  # every tenth is for dev, every tenth for test
    if is_download(choice):
        raise ValueError("How long it will take is known once the data are here.")
    seen = looked_at(choice)
    return 0, seen.photos, seen.splits["train"].captions


def terms(choice: str) -> str:
    """Licence and source of a download, to be read before it starts."""
    one = DOWNLOADS[choice.removeprefix(_DOWNLOAD)]
    return (
        f"**{one.title}**, {one.size / 1e9:.1f} GB, is downloaded when the training starts; it "
        f"goes on where it was if it is cut off.\n\n{one.licence}\n\n{one.citation}."
    )
