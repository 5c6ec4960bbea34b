"""python -m tests.benchmarks [NAME...] [--data DIR] [--checkpoint DIR] [--out FILE] [--quick]"""

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.common import Row, Settings, alone, measure

NAMES = ("training", "learning", "captioning", "asking", "stepping", "cache", "start", "memory")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measures us beside the TensorFlow tutorial's way of captioning.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES) + " (all)")
    parser.add_argument("--data", type=Path, help="Flickr8k; training, learning and memory need it")
    parser.add_argument("--checkpoint", type=Path, help="the captioner (default: the bundled one)")
    parser.add_argument("--out", type=Path, help="write the numbers as JSON, too")
    parser.add_argument("--quick", action="store_true", help="only see that all of it runs")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    settings = Settings(given.data, given.checkpoint, given.quick)
    rows: list[Row] = []
    for name in given.names or NAMES:
        print(f"measuring {name} ...", flush=True)
        rows += alone(measure, name, settings)
    print(table(rows))
    if given.out:
        given.out.write_text(json.dumps(report(rows, settings), indent=2) + "\n")


def table(rows: list[Row]) -> str:
    """Markdown, so that it can go into the README as it is."""
    lines = ["| | tutorial | ours | ratio |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        theirs = "" if row.tutorial is None else f"{number(row.tutorial)} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}x"
        lines.append(f"| {row.what} | {theirs} | {number(row.ours)} {row.unit} | {ratio} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def report(rows: list[Row], settings: Settings) -> dict:
    """The rows and what they were measured on."""
    return {
        "quick": settings.quick,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        **{package: version(package) for package in ("tensorflow", "keras", "gradio")},
        "rows": [{**asdict(row), "ratio": row.ratio} for row in rows],
    }


if __name__ == "__main__":
    main()
