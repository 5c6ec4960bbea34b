"""Scenes on disk, in COCO's layout, drawn by several processes and resumable.

    scenes.json                        the settings, and whether the folder is finished
    images/000000.png                  lossless; drawings take no more space than as a good JPEG
    annotations/captions_train.json    also dev and test: five captions for each picture
    annotations/instances_train.json   also dev and test: the box of every object

Pictures are drawn in blocks. The captions and boxes of a finished block are in `parts/` until all
blocks are finished; a block without its part is drawn again.
"""

import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from captioner.files import write_text
from captioner.scenes.kinds import OBJECT_KINDS
from captioner.scenes.scene import draw

DRAWINGS_VERSION = 3  # raised when the same seed draws other pictures
BLOCK = 50  # pictures
ONE_PROCESS_UP_TO = 4 * BLOCK  # pictures, drawn before other processes would have started
SPLIT_OF_DIGIT = ("train",) * 8 + ("dev", "test")  # by the last digit of a picture's number
MIN_COUNT, SIZES = 10, range(64, 1025)
LOCK = ".lock"


class ScenesError(ValueError):
    """The scenes cannot be drawn there; the message says why in one sentence."""


def write(
    out: Path | str,
    count: int,
    seed: int = 0,
    size: int = 224,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Draws scenes into a folder, or continues an interrupted call; a finished folder is reused.

    A picture does not depend on `count`, and is always in the same split.

    Args:
        out: the folder.
        count: number of pictures, at least 10.
        seed: of the data set.
        size: width and height of the pictures in pixels, 64 to 1024.
        report: called with the finished and the total number of pictures after every block.

    Returns:
        The folder.

    Raises:
        ScenesError: the folder holds something else, or count or size is out of range.
        OSError: the disk is full; finished blocks stay, and a new call continues.
    """
    if count < MIN_COUNT:
        raise ScenesError(f"At least {MIN_COUNT} scenes are needed for every split to have one.")
    if size not in SIZES:
        raise ScenesError(f"The size must be between {SIZES[0]} and {SIZES[-1]} pixels.")
    out = Path(out)
    settings = {"version": DRAWINGS_VERSION, "seed": seed, "size": size, "count": count}
    if not _prepare(out, settings):
        with FileLock(out / LOCK):  # a second caller waits, and then finds everything finished
            if not _prepare(out, settings):
                _draw_all(out, settings, report)
    report(count, count)
    return out


def is_scenes_folder(folder: Path) -> bool:
    """Whether the data set in the folder was drawn by `write`."""
    return (folder / "scenes.json").is_file()


def _draw_all(out: Path, settings: dict, report: Callable[[int, int], None]) -> None:
    """Draws the missing blocks, and writes the annotations."""
    count, seed, size = (settings[name] for name in ("count", "seed", "size"))
    blocks = [range(count)[start : start + BLOCK] for start in range(0, count, BLOCK)]
    missing = [block for block in blocks if not _part(out, block).is_file()]
    done = count - sum(map(len, missing))
    for drawn in _draw_blocks(out, missing, seed, size):
        done += drawn
        if done < count:
            report(done, count)
    _write_annotations(out, blocks, size)
    write_text(out / "scenes.json", json.dumps({**settings, "finished": True}))
    shutil.rmtree(out / "parts", ignore_errors=True)


def _prepare(out: Path, settings: dict) -> bool:
    """Checks and prepares the folder; returns whether it is finished."""
    manifest = out / "scenes.json"
    # Listed before the manifest is looked for: another process may write it at any moment.
    is_used = out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir())
    if not manifest.is_file():
        if is_used:
            raise ScenesError(f"{out} holds something else than scenes; choose another folder.")
        write_text(manifest, json.dumps({**settings, "finished": False}))
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        different = [key for key in settings if found[key] != settings[key]]
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


def _draw_blocks(out: Path, blocks: list[range], seed: int, size: int) -> Iterator[int]:
    """Draws blocks, in several processes if there are many; yields the pictures of each block."""
    if sum(map(len, blocks)) <= ONE_PROCESS_UP_TO:
        yield from (_draw_block(out, block, seed, size) for block in blocks)
        return
    # Spawned, not forked: a fork would break the caller's threads.
    context = multiprocessing.get_context("spawn")
    processes = min(os.cpu_count() or 1, len(blocks))
    with ProcessPoolExecutor(processes, context, _exit_with_parent) as pool:
        try:
            futures = [pool.submit(_draw_block, out, block, seed, size) for block in blocks]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _exit_with_parent() -> None:
    """Makes this process exit when its parent does, even if the parent is killed."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _draw_block(out: Path, block: range, seed: int, size: int) -> int:
    records = []
    for number in block:
        scene, name = draw(seed, number, size), f"{number:06}.png"
        scene.image.save(out / "images" / name, compress_level=3)
        things = [asdict(thing) for thing in scene.objects]
        records.append(
            {"id": number, "file_name": name, "captions": scene.captions, "things": things}
        )
    write_text(_part(out, block), json.dumps(records))
    return len(block)


def _part(out: Path, block: range) -> Path:
    return out / "parts" / f"{block.start:06}.json"


def _write_annotations(out: Path, blocks: list[range], size: int) -> None:
    """Writes COCO's files from the parts."""
    parts = [json.loads(_part(out, block).read_text(encoding="utf-8")) for block in blocks]
    category_ids = {noun: number for number, noun in enumerate(OBJECT_KINDS, 1)}
    categories = [
        {"id": category_ids[noun], "name": noun, "supercategory": kind.family}
        for noun, kind in OBJECT_KINDS.items()
    ]
    for split in dict.fromkeys(SPLIT_OF_DIGIT):
        of_split = [r for part in parts for r in part if SPLIT_OF_DIGIT[r["id"] % 10] == split]
        images = [
            {"id": r["id"], "file_name": r["file_name"], "width": size, "height": size}
            for r in of_split
        ]
        captions = [
            {"id": 10 * r["id"] + i, "image_id": r["id"], "caption": text}
            for r in of_split
            for i, text in enumerate(r["captions"])
        ]
        instances = [
            _instance(100 * r["id"] + i, r["id"], category_ids[thing["noun"]], thing)
            for r in of_split
            for i, thing in enumerate(r["things"])
        ]
        for kind, content in (
            ("captions", {"images": images, "annotations": captions}),
            ("instances", {"images": images, "annotations": instances, "categories": categories}),
        ):
            write_text(out / "annotations" / f"{kind}_{split}.json", json.dumps(content))


def _instance(number: int, image_id: int, category_id: int, thing: dict) -> dict:
    left, top, right, bottom = thing["box"]
    width, height = right - left, bottom - top
    return {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [left, top, width, height],
        "area": width * height,
        "iscrowd": 0,
        "colour": thing["colour"],
    }
