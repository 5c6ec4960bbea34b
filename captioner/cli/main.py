"""Captions photos; trains and evaluates captioners with visual attention."""

import argparse
import shlex
import sys

from captioner.cli import caption, data, distillation, evaluate, train
from captioner.training.journal import Stopped

_GROUPS = (caption, data, train, evaluate, distillation)
_STOPPED = "stopped; run the same command again to continue"


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status: 0, 1 after an error, which is one line on
    stderr, or 130 after Ctrl-C. `arguments` are by default those of the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows writes files in encodings that lack letters
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    options.command_line = shlex.join(["python", "-m", "captioner", *words])
    try:
        return options.run(options) or 0
    except Stopped:
        print(_STOPPED)
        return 0
    except (ValueError, OSError) as error:  # all errors of this project are ValueErrors
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command}: {_STOPPED}", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; each command sets `run`, a function of the parsed options."""
    parser = argparse.ArgumentParser(prog="python -m captioner", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add_to(commands)
    return parser
