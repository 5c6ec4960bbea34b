"""Options that several commands share, and the progress that they print."""

import argparse
import codecs
import sys
from pathlib import Path

from captioner import samplers
from captioner.decoder.designs import RENAMED
from captioner.training import settings


def add_backbone(parser: argparse.ArgumentParser, **details) -> None:
    """`--backbone`, with these details, and `--stride`."""
    parser.add_argument("--backbone", metavar="NAME_OR_DIR", **details)
    parser.add_argument("--stride", type=int, choices=(16, 32), help="of the compact backbone")


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """`--checkpoint`, `--sampler` and the settings of samplers."""
    text = "or a run's folder; default: the bundled one"
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help=text)
    parser.add_argument("--sampler", choices=samplers.NAMES, help="default: %(default)s")
    parser.add_argument("--temperature", type=float, metavar="T", help="default: %(default)s")
    parser.add_argument("--top-k", type=int, metavar="K", help="0: all words; default: %(default)s")
    parser.add_argument("--top-p", type=float, metavar="P", help="default: %(default)s")
    parser.add_argument("--seed", type=int, metavar="N", help="default: a random one")
    parser.add_argument("--beams", type=int, metavar="N", help="default: %(default)s")
    parser.set_defaults(**samplers.DEFAULTS)


def add_settings(parser: argparse.ArgumentParser, config: type) -> None:
    """One option for each setting; help and default are those of the dataclass `config`."""
    group = parser.add_argument_group("settings")
    for name, kind in settings.kinds(config).items():
        field = config.__dataclass_fields__[name]
        text = "{label}. {help}".format(**field.metadata).replace("%", "%%")
        if kind is bool:
            details = {"action": argparse.BooleanOptionalAction, "default": None}
        else:
            text += f" Default: {field.default}"
            details = {"type": kind, "metavar": "X"}
        group.add_argument(f"--{name.replace('_', '-')}", help=text, **details)
        for old in (old for old, new in RENAMED.items() if new == name):  # still understood
            details |= {"dest": name, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
            group.add_argument(f"--{old}", **details)


def chosen_settings(options: argparse.Namespace, config: type) -> dict:
    """Setting -> value for the options of `add_settings`; None where the default applies."""
    return {name: getattr(options, name) for name in settings.kinds(config)}


def shard(text: str) -> tuple[int, int]:
    """Reads I/N, the I-th of N parts."""
    number, parts = text.split("/")  # argparse reports a ValueError as wrong usage
    return int(number), int(parts)


def is_unicode(stream) -> bool:
    """Whether a stream can write every letter."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return codecs.lookup(encoding).name.startswith("utf")


def print_progress(stage: str, done: int, total: int) -> None:
    """Rewrites one line on stderr, such as "captioning 3 of 40"."""
    end = "\n" if done == total else ""
    print(f"\r{stage} {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)
