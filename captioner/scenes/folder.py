"""Scenes on disk: a data set laid out as COCO is, drawn by several processes, resumable.

    scenes.json                        what was asked for, and whether it is finished
    images/000000.png                  lossless, so that the pixels are those that were drawn;
                                       drawings are smooth, so this takes no more than a good JPEG
    annotations/captions_train.json    and dev, test: five captions a picture
    annotations/instances_train.json   and dev, test: the box of every thing

Blocks of pictures are drawn at a time. A block's captions and boxes are kept in `parts/` until all
are there: a block with a part is whole, any other is drawn again.
"""

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from filelock import FileLock

from captioner.files import write_text
from captioner.scenes.kinds import KINDS
from captioner.scenes.scene import Scene, draw

VERSION = 3  # of the drawings; another version draws other pictures from the same seed
BLOCK = 50  # pictures
FEW = 4 * BLOCK  # so many are drawn at once, before other processes would have started
TENTHS = ("train",) * 8 + ("dev", "test")  # the split by a number's last digit
LEAST, SIZES = 10, range(64, 1025)
LOCK = ".lock"


class ScenesError(ValueError):
    """The scenes cannot be drawn there; one sentence says why."""


def write(
    out: Path | str,
    count: int,
    seed: int = 0,
    size: int = 224,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Draws `count` scenes into the folder `out`, or goes on with what was cut off there.

    Picture i is the same for every count, and always of the same split. `report(done, total)` is
    called after every block of pictures. Where all is there, nothing is done.

    Raises ScenesError if the folder holds anything else, or for a count or size out of range, and
    OSError if the disk is full; what was finished stays and a new call goes on.
    """
    if count < LEAST:
        raise ScenesError(f"At least {LEAST} scenes are needed for every split to have one.")
    if size not in SIZES:
        raise ScenesError(f"The size must be between {SIZES[0]} and {SIZES[-1]} pixels.")
    out = Path(out)
    wanted = {"version": VERSION, "seed": seed, "size": size, "count": count}
    if not _begin(out, wanted):
        with FileLock(out / LOCK):  # whoever wants the same waits, and finds it there
            if not _begin(out, wanted):
                _finish(out, wanted, report)
    report(count, count)
    return out


def _finish(out: Path, wanted: dict, report: Callable[[int, int], None]) -> None:
    """Draws what is not there yet."""
    count, seed, size = (wanted[name] for name in ("count", "seed", "size"))
    starts = range(0, count, BLOCK)
    blocks = [(out, start, min(start + BLOCK, count), seed, size) for start in starts]
    waiting = [block for block in blocks if not _part(out, block[1]).is_file()]
    done = count - sum(last - first for _, first, last, *_ in waiting)
    for drawn in _drawn(waiting):
        done += drawn
        if done < count:
            report(done, count)
    _annotate(out, [_part(out, start) for start in starts], size)
    write_text(out / "scenes.json", json.dumps({**wanted, "finished": True}))
    shutil.rmtree(out / "parts", ignore_errors=True)


def are_in(folder: Path) -> bool:
    """Whether the folder's data set was drawn here."""
    return (folder / "scenes.json").is_file()


def _begin(out: Path, wanted: dict) -> bool:
    """Prepares the folder; whether everything in it is finished."""
    manifest = out / "scenes.json"
    if not manifest.is_file():
        if out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir()):
            raise ScenesError(f"{out} holds something else than scenes; choose another folder.")
        write_text(manifest, json.dumps({**wanted, "finished": False}))
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        different = [key for key in wanted if found[key] != wanted[key]]
        finished = found["finished"]
    except (ValueError, KeyError, TypeError) as error:
        raise ScenesError(f"{manifest} is damaged; delete the folder.") from error
    if different:
        raise ScenesError(
            f"{out} holds scenes of another {' and '.join(different)}; "
            "choose another folder or delete it."
        )
    for name in ("images", "parts", "annotations"):
        (out / name).mkdir(exist_ok=True)
    if finished:
        shutil.rmtree(out / "parts", ignore_errors=True)
    return finished is True


def _drawn(blocks: list[tuple]) -> Iterator[int]:
    """Draws blocks, several at a time where there are many, and yields how many pictures each
    has."""
    if sum(last - first for _, first, last, *_ in blocks) <= FEW:
        yield from (_draw_block(*block) for block in blocks)
        return
    # Started afresh rather than forked: whoever calls may have threads, which a fork would break.
    context = multiprocessing.get_context("spawn")
    processes = min(os.cpu_count() or 1, len(blocks))
    with ProcessPoolExecutor(processes, context, _end_with_parent) as pool:
        try:
            for future in as_completed([pool.submit(_draw_block, *block) for block in blocks]):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """Ends this process when its parent is gone, even killed: nobody else would."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _draw_block(out: Path, first: int, last: int, seed: int, size: int) -> int:
    records = []
    for number in range(first, last):
        scene = draw(seed, number, size)
        name = f"{number:06}.png"
        scene.image.save(out / "images" / name, compress_level=3)
        records.append(_record(number, name, scene))
    write_text(_part(out, first), json.dumps(records))
    return len(records)


def _record(number: int, name: str, scene: Scene) -> dict:
    things = [
        {"noun": thing.noun, "colour": thing.colour, "box": thing.box} for thing in scene.objects
    ]
    return {"id": number, "file_name": name, "captions": scene.captions, "things": things}


def _part(out: Path, first: int) -> Path:
    return out / "parts" / f"{first:06}.json"


def _annotate(out: Path, parts: list[Path], size: int) -> None:
    """Writes COCO's files from the parts."""
    records = [record for part in parts for record in json.loads(part.read_text(encoding="utf-8"))]
    numbers = {noun: number for number, noun in enumerate(KINDS, 1)}
    categories = [
        {"id": numbers[noun], "name": noun, "supercategory": kind.family}
        for noun, kind in KINDS.items()
    ]
    for split in dict.fromkeys(TENTHS):
        of_split = [record for record in records if TENTHS[record["id"] % 10] == split]
        images = [
            {"id": r["id"], "file_name": r["file_name"], "width": size, "height": size}
            for r in of_split
        ]
        captions = [
            {"id": 10 * r["id"] + i, "image_id": r["id"], "caption": text}
            for r in of_split
            for i, text in enumerate(r["captions"])
        ]
        boxes = [
            _instance(100 * r["id"] + i, r["id"], numbers[thing["noun"]], thing)
            for r in of_split
            for i, thing in enumerate(r["things"])
        ]
        found = {"captions": {}, "instances": {"categories": categories}}
        for kind, annotations in (("captions", captions), ("instances", boxes)):
            content = {"images": images, "annotations": annotations, **found[kind]}
            write_text(out / "annotations" / f"{kind}_{split}.json", json.dumps(content))


def _instance(number: int, image: int, category: int, thing: dict) -> dict:
    left, top, right, bottom = thing["box"]
    width, height = right - left, bottom - top
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [left, top, width, height],
        "area": width * height,
        "iscrowd": 0,
        "colour": thing["colour"],
    }
