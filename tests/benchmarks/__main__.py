"""Runs measurements by name: `python -m tests.benchmarks --help`."""

import argparse
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.common import Row, Settings, in_new_process, measure

NAMES = (
    "training",
    "profile",
    "convergence",
    "captioning",
    "what_if",
    "stepping",
    "camera",
    "visitors",
    "opening",
    "cache",
    "start",
    "memory",
    "scale",
    "many_captions",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measures this project beside TensorFlow's tutorial on captioning.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES) + " (all)")
    parser.add_argument("--data", type=Path, help="Flickr8k, for training, convergence, memory")
    parser.add_argument("--checkpoint", type=Path, help="captioner (default: the bundled one)")
    parser.add_argument(
        "--photos", type=int, default=100_000, metavar="N", help="of scale and many_captions"
    )
    parser.add_argument("--out", type=Path, help="also write the numbers as JSON")
    parser.add_argument("--quick", action="store_true", help="only check that everything runs")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"unknown measurement: {', '.join(sorted(unknown))}")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    settings = Settings(options.data, options.checkpoint, options.quick, options.photos)
    rows: list[Row] = []
    for name in options.names or NAMES:
        print(f"measuring {name} ...", flush=True)
        rows += in_new_process(measure, name, settings)
    print(table(rows))
    if options.out:
        options.out.write_text(json.dumps(report(rows, settings), indent=2) + "\n")


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, for docs/benchmarks.md."""
    lines = ["| | tutorial | ours | ratio |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        theirs = "" if row.tutorial is None else f"{number(row.tutorial)} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}x"
        lines.append(f"| {row.what} | {theirs} | {number(row.ours)} {row.unit} | {ratio} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """A number with three digits, or with all digits before the decimal point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def report(rows: list[Row], settings: Settings) -> dict:
    """The rows with the machine and the versions that they were measured on."""
    return {
        "quick": settings.quick,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        **{package: version(package) for package in ("tensorflow", "keras", "gradio")},
        "rows": [{**asdict(row), "ratio": row.ratio} for row in rows],
    }


if __name__ == "__main__":
    main()
