"""`distil` and `localise`: train the compact backbone."""

from pathlib import Path

from captioner.cli.options import add_settings, chosen_settings
from captioner.imports import import_tensorflow
from captioner.training import settings
from captioner.training.settings import DistillationConfig, LocalisationConfig


def add_to(commands) -> None:
    """Adds the commands to the parser."""
    parser = commands.add_parser("distil", help="train the compact backbone from a teacher")
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--teacher", required=True, metavar="NAME_OR_FILE")
    parser.add_argument("--start", metavar="DIR", help="backbone whose weights to start from")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_settings(parser, DistillationConfig)
    parser.set_defaults(run=distil)

    parser = commands.add_parser("localise", help="train its cells to know what lies in them")
    add = parser.add_argument
    add("--data", type=Path, action="append", required=True, metavar="DIR", help="can be repeated")
    parser.add_argument("--backbone", default="compact", metavar="NAME_OR_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_settings(parser, LocalisationConfig)
    parser.set_defaults(run=localise)


def distil(options) -> None:
    """Trains a new backbone, or continues with the one of `--start`."""
    import_tensorflow()
    from captioner import checkpoints
    from captioner.distillation import distill

    config = settings.chosen(DistillationConfig, chosen_settings(options, DistillationConfig))
    start, record = None, {"command": options.command_line}
    if options.start:
        start = checkpoints.find_backbone(options.start)
        record["after"] = checkpoints.read_config(options.start).get("distillation")
    folder = distill.distil(
        options.photos, options.teacher, options.out, config, record, start=start
    )
    print(f"backbone: {folder}")


def localise(options) -> None:
    """Trains the backbone on boxes and captions; keeps the record of its distillation."""
    import_tensorflow()
    from captioner import checkpoints
    from captioner.distillation import localisation

    config = settings.chosen(LocalisationConfig, chosen_settings(options, LocalisationConfig))
    start = checkpoints.find_backbone(options.backbone)
    described = checkpoints.read_config(checkpoints.backbone_folder(options.backbone))
    distillation = described.get("distillation")
    before = {"distillation": distillation} if distillation else {}
    record = {"command": options.command_line}
    folder = localisation.localise(options.data, start, options.out, config, record, before)
    print(f"backbone: {folder}")
