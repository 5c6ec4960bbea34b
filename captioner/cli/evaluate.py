"""`evaluate`: measures a captioner on a data set."""

from pathlib import Path

from captioner import checkpoint_folder, paths, samplers
from captioner.cli.options import add_sampling, print_progress
from captioner.files import json_text, write_text


def add_to(commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("evaluate", help="print scores as one JSON object, the last line")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--split", required=True, metavar="NAME")
    parser.add_argument("--photos", type=int, default=0, metavar="N", help="only the first N")
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument(
        "--quick",
        action="store_true",
        help="do not test attention: neither faithfulness nor grounding",
    )
    extent.add_argument(
        "--forced", action="store_true", help="test it on references, too (teacher forcing)"
    )
    parser.add_argument("--save", action="store_true", help="save the result for the app")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one row per photo")
    add_sampling(parser)
    parser.set_defaults(run=run)


def run(options) -> None:
    """Evaluates and prints the result without its photos."""
    from captioner import Captioner
    from captioner.evaluation import evaluate

    sampler = {name: getattr(options, name) for name in samplers.DEFAULTS}
    request = evaluate.Request(
        str(options.data), options.split, sampler, options.photos, options.quick, options.forced
    )
    name = _name(options.checkpoint or paths.BUNDLED)
    captioner = Captioner.load(options.checkpoint)
    result = evaluate.evaluate(captioner, name, request, report=print_progress)
    if options.csv:
        write_text(options.csv, result.to_csv())
    if options.save:
        print(f"saved: {result.save()}")
    summary = {"split": result.split, "photos": len(result.photos), **result.scores}
    values = result.to_json()
    parts = ("captions", "hallucination", "faithfulness", "missing")
    summary |= {part: values[part] for part in parts}
    measures = {**result.hallucination, **result.faithfulness}
    summary["few"] = [name for name, measure in measures.items() if measure.few]
    print(json_text(summary))


def _name(folder: Path) -> str:
    """The name that the app gives to a checkpoint, such as "default" or "myrun/best"."""
    folder = checkpoint_folder.find(folder).resolve()
    of_run = folder.parent.name == "checkpoints" and folder.parent != paths.CHECKPOINTS
    return f"{folder.parents[1].name}/{folder.name}" if of_run else folder.name
