"""Captions photos; trains and evaluates captioners with visual attention."""

import argparse
import shlex
import sys

from captioner.cli import caption, data, distillation, evaluate, train
from captioner.cli.exits import exit_status

_GROUPS = (caption, data, train, evaluate, distillation)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status: 0, 1 after an error, which is one line on
    stderr, or 130 after Ctrl-C. `arguments` are by default those of the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows writes files in encodings that lack letters
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    options.command_line = shlex.join(["python", "-m", "captioner", *words])
    return exit_status(options.command, lambda: options.run(options))


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; each command sets `run`, a function of the parsed options."""
    parser = argparse.ArgumentParser(prog="python -m captioner", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add_to(commands)
    return parser
