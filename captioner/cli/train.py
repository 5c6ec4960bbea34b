"""`train`: trains a captioner."""

import sys
from functools import partial
from pathlib import Path

from captioner import paths
from captioner.cli.exits import exit_status
from captioner.cli.options import add_backbone, add_settings, chosen_settings, shard
from captioner.training import presets, recipe
from captioner.training.machines import supervisor, workers
from captioner.training.machines.workers import Workers
from captioner.training.recipe import Recipe
from captioner.training.runs import journal
from captioner.training.settings import FitConfig


def add_to(commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("train", help="train a captioner, or resume a training")
    add = parser.add_argument
    add("--data", type=Path, action="append", metavar="DIR", help="data set; can be repeated")
    text = "data set whose dev split chooses the best epoch; default: the mean of all"
    add("--score-on", action="append", default=[], metavar="NAME", help=text)
    add(
        "--preset",
        choices=tuple(presets.PRESETS),
        default="compact",
        help="a known architecture, with its settings",
    )
    add_backbone(parser, help="image encoder; default: the preset's")
    add("--vectors", metavar="FILE", help="word vectors (GloVe, fastText), not trained")
    add("--out", type=Path, required=True, metavar="DIR")
    add("--scenes", type=int, default=0, metavar="N", help="draw N scenes into --data first")
    add("--features", metavar="DIR", help="folder of feature caches")
    add("--device", choices=("auto", "cpu"), default="auto")
    add("--start", type=Path, metavar="DIR", help="checkpoint whose weights to start from")
    text = "factor of the attention scores of --start"
    add("--sharpen", type=float, default=1.0, metavar="X", help=text)
    add("--new-words", action="store_true", help="also train words that --start does not know")
    add("--no-mirror", action="store_true", help="do not train on mirrored photos")
    several = parser.add_argument_group("several workers", "See docs/several-machines.md.")
    text = "address of the first worker, which the others reach"
    several.add_argument("--coordinator", metavar="HOST:PORT", help=text)
    text = "this process is worker I of N, from 1; SLURM's tasks know it themselves"
    several.add_argument("--worker", type=shard, metavar="I/N", help=text)
    add_settings(parser, FitConfig)
    parser.set_defaults(run=run)


def run(options) -> int | None:
    """Trains, or resumes the training that `--out` holds if no data set is given."""
    together = workers.chosen(options.coordinator, options.worker)
    if together.count == 1:
        return _train(options, options.out)

    def aborted(sentence: str) -> None:
        print(f"{options.command}: {sentence}", file=sys.stderr)
        if together.is_chief:
            journal.mark_failed(options.out, sentence)

    def work(scratch: Path) -> int:
        out = options.out if together.is_chief else scratch
        return exit_status(options.command, partial(_train, options, out, together))

    return supervisor.supervise(work, aborted)


def _train(options, out: Path, together: Workers = workers.SINGLE) -> None:
    chosen = Recipe.read(options.out) if options.data is None else _recipe(options)
    report = print if together.is_chief else lambda line: None
    best = recipe.train(chosen, out, report, together)
    print(f"best checkpoint: {best}")


def _recipe(options) -> Recipe:
    preset, scenes = presets.PRESETS[options.preset], bool(options.scenes)
    return Recipe(
        data=str(options.data[0]),
        more_data=tuple(map(str, options.data[1:])),
        scored=tuple(options.score_on),
        scenes=options.scenes,
        preset=options.preset,
        backbone=options.backbone or preset.backbone,
        stride=options.stride,
        vectors=options.vectors or "",
        start=str(options.start) if options.start else None,
        sharpen=options.sharpen,
        new_words=options.new_words,
        mirror=not options.no_mirror and presets.mirrors(options.preset, scenes),
        features=options.features or str(paths.FEATURES),
        device=options.device,
        command=options.command_line,
        fit=presets.settings(options.preset, chosen_settings(options, FitConfig), scenes),
    )
