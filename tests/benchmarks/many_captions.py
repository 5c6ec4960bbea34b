"""`caption FOLDER --out` of many photos beside few: seconds to the first caption, and memory.

The photos are made up: empty files, but for some at the beginning and after nine tenths of them.
To go on with is a file that has the lines of those nine tenths. Memory is the most private memory
until the first captions are there. Linux only.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from captioner.paths import PROJECT
from tests.benchmarks.common import Row, Settings, photos
from tests.support.process import private_memory

FEW, REAL, WANTED = 100, 40, 8  # photos; some can be read, and a few captions are waited for


def measure(settings: Settings) -> list[Row]:
    """From a start, and from a file to go on with."""
    rows = []
    with TemporaryDirectory() as name:
        (source,) = photos(Path(name), 1)
        for count in (FEW, 2 * FEW if settings.quick else settings.photos):
            folder, out = Path(name) / str(count), Path(name) / f"{count}.jsonl"
            names = write(folder, count, source)
            seconds, memory = first_captions(folder, out, settings)
            rows.append(Row(f"{count:,} photos: to the first caption", "s", seconds))
            rows.append(Row(f"{count:,} photos: most memory", "MB", memory))
            captioned(out, names[: count * 9 // 10])
            of = f"{count:,} photos, nine tenths done"
            rows.append(Row(f"{of}: size of their file", "MB", out.stat().st_size / 1e6))
            seconds, memory = first_captions(folder, out, settings)
            rows.append(Row(f"{of}: to the first caption", "s", seconds))
            rows.append(Row(f"{of}: most memory", "MB", memory))
    return rows


def write(folder: Path, count: int, source: Path) -> list[Path]:
    """Fills a folder; returns the paths of its photos, in order."""
    folder.mkdir()
    names = [folder / f"{number:012}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        if number < REAL or 0 <= number - count * 9 // 10 < REAL:
            os.link(source, name)
        else:
            name.touch()
    return names


def captioned(out: Path, names: list[Path]) -> None:
    """Replaces the file by one that has the same caption of each of the photos."""
    line = json.loads(out.read_text("utf-8").partition("\n")[0])
    after = json.dumps(line).partition(json.dumps(line["photo"]))[2]
    with out.open("w", encoding="utf-8") as file:
        file.writelines(f'{{"photo": {json.dumps(str(name))}{after}\n' for name in names)


def first_captions(folder: Path, out: Path, settings: Settings) -> tuple[float, float]:
    """Seconds until the file has another line, and the most megabytes until it has some more."""
    command = [sys.executable, "-m", "captioner", "caption", str(folder), "--out", str(out)]
    if settings.checkpoint:
        command += ["--checkpoint", str(settings.checkpoint)]
    size = out.stat().st_size if out.exists() else 0
    begun, seconds, most = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, private_memory(process.pid))
            if out.exists() and out.stat().st_size > size:
                seconds = seconds or time.perf_counter() - begun
                if lines_after(out, size) >= WANTED:
                    break
            time.sleep(0.02)
        process.kill()
    return seconds, most


def lines_after(path: Path, place: int) -> int:
    with path.open("rb") as file:
        file.seek(place)
        return sum(1 for _ in itertools.islice(file, WANTED))
