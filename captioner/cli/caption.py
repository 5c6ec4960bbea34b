"""`caption`: captions photos."""

import glob
import itertools
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from PIL.Image import Image

from captioner import photos, samplers
from captioner.caption import Caption
from captioner.cli.caption_file import CaptionFile
from captioner.cli.options import add_sampling, is_unicode, print_progress, shard
from captioner.data import photo_files
from captioner.data.shards import shard_rows
from captioner.files import json_text

_AT_ONCE = 16  # photos that are read and captioned at the same time


def add_to(commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("caption", help="caption photos, one line each")
    add = parser.add_argument
    add("photos", nargs="+", metavar="PHOTO", help="or folder of photos")
    add("--json", action="store_true", help="print one JSON object per line")
    text = (
        "write these objects here, or go on where a call was interrupted; the exit status is 1 if "
        "a photo could not be read in this call"
    )
    add("--out", type=Path, metavar="FILE.jsonl", help=text)
    add("--shard", type=shard, metavar="I/N", help="only part I of N of the photos")
    add("--strip", type=Path, metavar="FILE.png", help="all words on their maps (PNG, SVG, PDF)")
    add("--gif", type=Path, metavar="FILE.gif", help="the words one by one")
    add_sampling(parser)
    parser.set_defaults(run=run)


def run(options) -> int:
    """Returns 1 if a photo could not be read or drawn now, not if an earlier call has noted that
    in its file; the others are captioned all the same."""
    sampler = samplers.from_settings(options)
    names = list(itertools.chain.from_iterable(map(_expanded, options.photos)))
    several = len(names) > 1 or os.path.isdir(names[0])
    found, total = _found(names), 0
    if options.out or options.shard:
        count = sum(1 for _ in found)
        first, last = shard_rows(count, *(options.shard or (1, 1)))
        found, total = itertools.islice(_found(names), first, last), last - first
    with CaptionFile(options.out) if options.out else nullcontext() as file:
        return _run(options, sampler, found, total, several, file)


def _run(
    options,
    sampler: samplers.Sampler,
    names: Iterator[str],
    total: int,
    several: bool,
    file: CaptionFile | None,
) -> int:
    from captioner import Captioner
    from captioner.rendering import fonts, render, strip

    captioner, status, done = Captioner.load(options.checkpoint), 0, 0
    if file:
        names, done = file.remaining(names), file.done
    after_progress = "\n" if file else ""
    for photo in _captioned(captioner, sampler, names, bool(options.strip or options.gif)):
        name, caption, done = photo.name, photo.caption, done + 1
        if photo.note:
            print(f"{after_progress}{name}: {photo.note}", file=sys.stderr)
        if file:
            file.write(caption.to_json(name) if caption else {"photo": name, "error": photo.note})
            print_progress("captions:", done, total)
        if caption is None:
            status = 1
            continue
        if options.json and not file:
            encode = not is_unicode(sys.stdout)
            print(json_text(caption.to_json(name), ensure_ascii=encode), flush=True)
        elif not file:
            print(f"{name}: {caption.text}" if several else caption.text, flush=True)
        try:
            if options.strip:
                strip.save_strip(photo.image, caption, _file_for(options.strip, name, several))
            if options.gif:
                render.gif(photo.image, caption, _file_for(options.gif, name, several))
        except fonts.FontError as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
    if file and file.failed:
        print(
            f"photos that could not be read and are not tried again, listed in {file.path}: "
            f"{file.failed}",
            file=sys.stderr,
        )
    return status


class _Photo(NamedTuple):
    """A photo and its caption, or None and why the photo cannot be read."""

    name: str
    caption: Caption | None
    note: str = ""  # why it cannot be read, or that a part of it is missing
    image: Image | None = None


def _captioned(
    captioner, sampler: samplers.Sampler, names: Iterator[str], with_image: bool
) -> Iterator[_Photo]:
    """Captions photos in order, several at a time if there are many."""

    def captioned(name: str) -> _Photo:
        try:
            image = photos.open_photo(name)
        except photos.PhotoError as error:
            return _Photo(name, None, str(error))
        caption = captioner.caption(image, sampler=sampler)
        return _Photo(name, caption, image.info.get("note", ""), image if with_image else None)

    first = list(itertools.islice(names, _AT_ONCE))
    # What few photos would save is less than it takes to compile for larger batches.
    pool = ThreadPoolExecutor(_AT_ONCE if len(first) == _AT_ONCE else 1)
    waiting: deque[Future[_Photo]] = deque()
    try:
        for name in itertools.chain(first, names):
            waiting.append(pool.submit(captioned, name))
            if len(waiting) > _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _found(names: Iterable[str]) -> Iterator[str]:
    """The photos, and in place of a folder those in it; if it holds none, its name."""
    for name in names:
        inside = photo_files.walk_names(Path(name)) if os.path.isdir(name) else iter(())
        yield from itertools.chain([next(inside, name)], inside)


def _expanded(name: str) -> list[str]:
    """The photos that a pattern such as *.jpg means, where the shell has not replaced it."""
    if not glob.has_magic(name) or Path(name).exists():
        return [name]
    return sorted(glob.glob(name)) or [name]


def _file_for(path: Path, photo: str, several: bool) -> Path:
    """One file per photo: strip.png becomes strip-PHOTO.png if there are several photos."""
    return path.with_stem(f"{path.stem}-{Path(photo).stem}") if several else path
