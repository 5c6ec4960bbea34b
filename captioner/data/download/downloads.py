"""Data sets on the internet: downloaded with resume and checksums, unpacked, ready to read.

An archive from elsewhere is used if it is in the data set's folder.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path, PurePosixPath

from captioner.data.download import archives, transfer
from captioner.data.download.transfer import DownloadError, Remote, Report
from captioner.files import write_text

RECORD = "download.json"  # the source of the data, and which archives are in place
UNPACKED = ".unpacked"


@dataclass(frozen=True)
class Archive(Remote):
    """A zip on the internet, and where its content goes."""

    place: str = ""  # the folder that its content becomes; "" is the data set's own
    wanted: Callable[[PurePosixPath], bool] = archives.is_needed


@dataclass(frozen=True)
class Download:
    """A data set on the internet; its licence and citation are shown before the download."""

    title: str
    licence: str
    citation: str
    archives: tuple[Archive, ...]

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(archive.size for archive in self.archives)


def _has_captions(path: PurePosixPath) -> bool:
    return path.match("captions_*.json")


# The authors of Flickr8k closed their server; the copy's checksums are those of mlverse's
# torchvision for R. COCO publishes no checksums; these are those of Python's torchvision
# (prototype/datasets/_builtin/coco.py). COCO's own host has no certificate for its name; its
# bucket has the same files over HTTPS.
_FLICKR8K = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k"
_COCO = "https://s3.amazonaws.com/images.cocodataset.org"
_COCO_SHA256 = {
    "annotations2014": "031296bbc80c45a1d1f76bf9a90ead27e94e99ec629208449507a4917a3bf009",
    "val2014": "fe9be816052049c34717e077d9e34aa60814a55679f804cd043e3cbee3b9fde0",
    "train2014": "ede4087e640bddba550e090eae701092534b554b42b05ac33f0300b984b31775",
    "annotations2017": "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
    "val2017": "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
    "train2017": "69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
}


def _coco(year: int, annotations: int, val: int, train: int) -> Download:
    """COCO of a year, from the bytes of its archives."""
    url = f"{_COCO}/annotations/annotations_trainval{year}.zip"
    checksum = f"sha256:{_COCO_SHA256[f'annotations{year}']}"
    found = [Archive(url, annotations, checksum, "annotations", _has_captions)]
    for name, size in ((f"val{year}", val), (f"train{year}", train)):
        checksum = f"sha256:{_COCO_SHA256[name]}"
        found.append(Archive(f"{_COCO}/zips/{name}.zip", size, checksum, name))
    return Download(
        f"COCO captions {year}",
        "Captions: Creative Commons Attribution 4.0, COCO Consortium. Photos: their owners' on "
        "Flickr, under Flickr's terms of use. See https://cocodataset.org/#termsofuse",
        "Lin et al. 2014, Microsoft COCO: Common Objects in Context, ECCV; "
        "Chen et al. 2015, Microsoft COCO Captions, arXiv:1504.00325",
        tuple(found),
    )


_TEXT_MD5, _PHOTOS_MD5 = "bf6c1abcb8e4a833b7f922104de18627", "f18a1e2920de5bd84dae7cf08ec78978"
DOWNLOADS = {
    "flickr8k": Download(
        "Flickr8k",
        "For research and teaching that is not commercial. Photos: their owners' on Flickr.",
        "Hodosh, Young and Hockenmaier 2013, Framing Image Description as a Ranking Task, JAIR 47",
        (
            Archive(f"{_FLICKR8K}/Flickr8k_text.zip", 2_340_801, f"md5:{_TEXT_MD5}"),
            Archive(
                f"{_FLICKR8K}/Flickr8k_Dataset.zip", 1_115_419_746, f"md5:{_PHOTOS_MD5}", "Images"
            ),
        ),
    ),
    "coco2014": _coco(2014, annotations=252_872_794, val=6_645_013_297, train=13_510_573_713),
    "coco2017": _coco(2017, annotations=252_907_541, val=815_585_330, train=19_336_861_798),
}


def fetch(
    name: str,
    folder: Path | str,
    report: Report = lambda doing, done, total: None,
) -> Path:
    """Downloads and unpacks a data set, or resumes an interrupted call.

    Each archive is removed when its content is in place.

    Args:
        name: of one of DOWNLOADS.
        folder: where to; `datasets.read` reads it afterwards.
        report: called with "downloading" and bytes of the data set, "checking" and bytes of an
            archive, or "unpacking" and files of an archive; each done and in total. Whatever it
            raises stops the download, which a new call resumes.

    Returns:
        The folder.

    Raises:
        DownloadError: unknown name, no connection, a disk too small, or a folder with other files.
        ArchiveError: an archive cannot be unpacked.
    """
    if name not in DOWNLOADS:
        raise DownloadError(f"There is no download '{name}'; there are: {', '.join(DOWNLOADS)}.")
    download, folder = DOWNLOADS[name], Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    record = _Record(folder, download)
    waiting = [archive for archive in download.archives if archive.name not in record.finished]
    for finished in record.finished:  # an archive left over by a kill
        (folder / finished).unlink(missing_ok=True)
    for archive in waiting:
        if archive.place:
            record.check_free(archive, [folder / archive.place])
    _check_space(download.title, waiting, folder)
    before = download.size - sum(archive.size for archive in waiting)

    def report_download(doing: str, done: int, total: int) -> None:
        if doing == "downloading":
            done, total = before + done, download.size
        report(doing, done, total)

    for archive in waiting:
        file = transfer.fetch(archive, folder, report_download)
        shutil.rmtree(folder / UNPACKED, ignore_errors=True)
        report_files = partial(report, "unpacking")
        unpacked = archives.unpack(file, folder / UNPACKED, report_files, wanted=archive.wanted)
        _put_in_place(unpacked, folder, archive, record)
        file.unlink()
        before += archive.size
    return folder


def is_unfinished(name: str, folder: Path | str) -> bool:
    """Whether a download of that name into this folder was begun and not completed."""
    folder = Path(folder)
    if name not in DOWNLOADS or not folder.is_dir():
        return False
    try:
        record = _Record(folder, DOWNLOADS[name])
    except DownloadError:  # other data of the same name
        return False
    waiting = {one.name for one in DOWNLOADS[name].archives} - record.finished.keys()
    partial_files = {RECORD, *waiting, *(f"{archive}.part" for archive in waiting)}
    found = {path.name for path in folder.iterdir()}
    return bool(waiting) and (not found or bool(found & partial_files))


def _check_space(title: str, waiting: list[Archive], folder: Path) -> None:
    """Raises DownloadError if the disk is too small for the fullest moment.

    Then all earlier archives are unpacked, and one lies beside its content, which is as large:
    photos do not compress.
    """
    sizes = [archive.size for archive in waiting]
    most = max(
        (sum_ + size for sum_, size in zip(accumulate(sizes), sizes, strict=True)), default=0
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
    """download.json, written before and after content is put in place.

    After a kill at any moment it tells whether files come from this download.
    """

    def __init__(self, folder: Path, download: Download):
        self.file = folder / RECORD
        self.about = {
            "title": download.title,
            "licence": download.licence,
            "citation": download.citation,
        }
        self.finished: dict[str, str] = {}  # name of an archive -> its checksum
        self.placing = ""  # name of the archive whose content is being put in place
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
            self.finished, self.placing = dict(found["finished"]), found["placing"]
            title = found["title"]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError) as error:
            raise DownloadError(f"{self.file} is damaged; delete {folder}.") from error
        if title != download.title:
            raise DownloadError(f"{folder} is for {title}; choose another folder.")

    def write(self) -> None:
        """Writes the file."""
        content = {**self.about, "finished": self.finished, "placing": self.placing}
        write_text(self.file, json.dumps(content, indent=2, ensure_ascii=False))

    def check_free(self, archive: Archive, targets: list[Path]) -> None:
        """Raises DownloadError if a target exists that is not from this archive."""
        existing = [target for target in targets if target.exists()]
        if existing and self.placing != archive.name:
            raise DownloadError(
                f"{existing[0]} is there already, and not from this download; choose another "
                "folder."
            )


def _put_in_place(unpacked: Path, folder: Path, archive: Archive, record: _Record) -> None:
    """Moves the unpacked content, and records that it is complete."""
    if archive.place:
        moves = {folder / archive.place: unpacked}
    else:
        moves = {folder / file.name: file for file in sorted(unpacked.iterdir())}
    record.check_free(archive, list(moves))
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
