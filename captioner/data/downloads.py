"""Data sets to be had on the internet: fetched with resume and checksums, unpacked, ready to read.

An archive that was fetched by other means is used when it lies in the data set's folder.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath

from captioner.data import archives, transfer
from captioner.data.transfer import DownloadError, Remote, Report
from captioner.files import write_text

RECORD = "download.json"  # where the data are from, and which archives are in place
UNPACKED = ".unpacked"


@dataclass(frozen=True)
class Archive(Remote):
    """A zip at its address, and what becomes of it."""

    place: str = ""  # the folder that its content becomes; "" is the data set's own
    wanted: Callable[[PurePosixPath], bool] = archives.is_needed


@dataclass(frozen=True)
class Download:
    """A data set, as it is offered; `licence` and `citation` are to be shown before it starts."""

    title: str
    licence: str
    citation: str
    archives: tuple[Archive, ...]

    @property
    def size(self) -> int:
        """Bytes to be fetched."""
        return sum(archive.size for archive in self.archives)


def _captions(path: PurePosixPath) -> bool:
    return path.match("captions_*.json")


# COCO's own host has no certificate of its own name; its bucket is the same files over HTTPS.
_COCO = "https://s3.amazonaws.com/images.cocodataset.org"
_COCO_LICENCE = (
    "Captions: Creative Commons Attribution 4.0, COCO Consortium. Photos: their owners' on Flickr, "
    "under Flickr's terms of use. See https://cocodataset.org/#termsofuse"
)
_COCO_CITATION = (
    "Lin et al. 2014, Microsoft COCO: Common Objects in Context, ECCV; "
    "Chen et al. 2015, Microsoft COCO Captions, arXiv:1504.00325"
)
_JB = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k"

# COCO publishes no checksums; these are torchvision's (prototype/datasets/_builtin/coco.py).
# Flickr8k's authors gave up their own server; the checksums of the copy are those in mlverse's
# torchvision for R.
DOWNLOADS = {
    "flickr8k": Download(
        "Flickr8k",
        "For research and teaching that is not commercial. Photos: their owners' on Flickr.",
        "Hodosh, Young and Hockenmaier 2013, Framing Image Description as a Ranking Task, JAIR 47",
        (
            Archive(
                f"{_JB}/Flickr8k_text.zip", 2_340_801, "md5:bf6c1abcb8e4a833b7f922104de18627", ""
            ),
            Archive(
                f"{_JB}/Flickr8k_Dataset.zip",
                1_115_419_746,
                "md5:f18a1e2920de5bd84dae7cf08ec78978",
                "Images",
            ),
        ),
    ),
    "coco2014": Download(
        "COCO captions 2014",
        _COCO_LICENCE,
        _COCO_CITATION,
        (
            Archive(
                f"{_COCO}/annotations/annotations_trainval2014.zip",
                252_872_794,
                "sha256:031296bbc80c45a1d1f76bf9a90ead27e94e99ec629208449507a4917a3bf009",
                "annotations",
                _captions,
            ),
            Archive(
                f"{_COCO}/zips/val2014.zip",
                6_645_013_297,
                "sha256:fe9be816052049c34717e077d9e34aa60814a55679f804cd043e3cbee3b9fde0",
                "val2014",
            ),
            Archive(
                f"{_COCO}/zips/train2014.zip",
                13_510_573_713,
                "sha256:ede4087e640bddba550e090eae701092534b554b42b05ac33f0300b984b31775",
                "train2014",
            ),
        ),
    ),
    "coco2017": Download(
        "COCO captions 2017",
        _COCO_LICENCE,
        _COCO_CITATION,
        (
            Archive(
                f"{_COCO}/annotations/annotations_trainval2017.zip",
                252_907_541,
                "sha256:113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
                "annotations",
                _captions,
            ),
            Archive(
                f"{_COCO}/zips/val2017.zip",
                815_585_330,
                "sha256:4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
                "val2017",
            ),
            Archive(
                f"{_COCO}/zips/train2017.zip",
                19_336_861_798,
                "sha256:69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
                "train2017",
            ),
        ),
    ),
}


def fetch(
    name: str,
    folder: Path | str,
    report: Report = lambda doing, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetches and unpacks one of DOWNLOADS into `folder`, or goes on where it was cut off.

    Returns the folder, which `datasets.read` reads. An archive is removed once its content is in
    place. `report(doing, done, total)`: "downloading" and bytes of the whole data set, "checking"
    and bytes of an archive, "unpacking" and files of an archive.

    Raises DownloadError if there is no such data set, the host can't be reached, the disk has too
    little room, or the folder holds something else; DownloadStopped soon after `should_stop()` is
    true; ArchiveError if an archive can't be unpacked.
    """
    if name not in DOWNLOADS:
        raise DownloadError(f"There is no download '{name}'; there are: {', '.join(DOWNLOADS)}.")
    download, folder = DOWNLOADS[name], Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    record = _Record(folder, download)
    waiting = []
    for archive in download.archives:
        if archive.name not in record.finished:
            waiting.append(archive)
        else:
            (folder / archive.name).unlink(missing_ok=True)  # killed before it was removed
    for archive in waiting:
        if archive.place:
            record.refuse_others(archive, [folder / archive.place])
    _check_room(download.title, waiting, folder)
    before = download.size - sum(archive.size for archive in waiting)

    def tell(doing: str, done: int, total: int) -> None:
        if doing == "downloading":
            done, total = before + done, download.size
        report(doing, done, total)

    def tell_unpacking(done: int, total: int) -> None:
        transfer.stop_if(should_stop)
        report("unpacking", done, total)

    for archive in waiting:
        file = transfer.fetch(archive, folder, tell, should_stop)
        shutil.rmtree(folder / UNPACKED, ignore_errors=True)
        unpacked = archives.unpack(file, folder / UNPACKED, tell_unpacking, wanted=archive.wanted)
        _put(unpacked, folder, archive, record)
        file.unlink()
        before += archive.size
    return folder


def _check_room(title: str, waiting: list[Archive], folder: Path) -> None:
    """Raises DownloadError if the disk is too small for the fullest moment: when the archives
    before are unpacked, and an archive lies beside its content. Photos pack no smaller."""
    sizes = [archive.size for archive in waiting]
    most = max(
        (both + size for both, size in zip(accumulate(sizes), sizes, strict=True)), default=0
    )
    files = [folder / name for a in waiting for name in (a.name, f"{a.name}.part")]
    needed = most - sum(file.stat().st_size for file in files if file.is_file())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{title} needs {needed / 1e9:.1f} GB while it is unpacked, and the disk of {folder} "
            f"has {free / 1e9:.1f} GB free: free some space or choose another disk."
        )


class _Record:
    """download.json: written before and after an archive's content is put in place, so that
    after a kill at any moment it is known whose the files are."""

    def __init__(self, folder: Path, download: Download):
        self.folder = folder
        self.about = {
            "title": download.title,
            "licence": download.licence,
            "citation": download.citation,
        }
        self.finished: dict[str, str] = {}  # name of an archive -> its checksum
        self.placing = ""  # name of the archive whose content is being put in place
        try:
            found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            self.finished, self.placing = dict(found["finished"]), found["placing"]
            title = found["title"]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError) as error:
            raise DownloadError(f"{folder / RECORD} is damaged; delete {folder}.") from error
        if title != download.title:
            raise DownloadError(f"{folder} is for {title}; choose another folder.")

    def write(self) -> None:
        content = {**self.about, "finished": self.finished, "placing": self.placing}
        write_text(self.folder / RECORD, json.dumps(content, indent=2, ensure_ascii=False))

    def refuse_others(self, archive: Archive, targets: list[Path]) -> None:
        """Raises DownloadError if something that is not ours is where the content shall be."""
        there = [target for target in targets if target.exists()]
        if there and self.placing != archive.name:
            raise DownloadError(
                f"{there[0]} is there already, and not from this download; choose another folder."
            )


def _put(unpacked: Path, folder: Path, archive: Archive, record: _Record) -> None:
    """Moves what was unpacked to its place, and writes down that it is there."""
    if archive.place:
        moves = {folder / archive.place: unpacked}
    else:
        moves = {folder / file.name: file for file in sorted(unpacked.iterdir())}
    record.refuse_others(archive, list(moves))
    record.placing = archive.name
    record.write()
    for target, source in moves.items():
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(source, target)
    shutil.rmtree(unpacked, ignore_errors=True)
    record.finished[archive.name] = archive.checksum
    record.placing = ""
    record.write()
