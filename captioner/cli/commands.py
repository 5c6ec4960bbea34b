"""The command line: `python -m captioner COMMAND`. Each command imports what it needs."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from captioner import paths, samplers
from captioner.files import write_text
from captioner.training import presets, settings
from captioner.training.journal import Stopped


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status. Errors a person can mend are one line."""
    options = _parser().parse_args(arguments)
    line = sys.argv[1:] if arguments is None else arguments
    options.line = shlex.join(["python", "-m", "captioner", *line])
    try:
        return options.run(options) or 0
    except Stopped:
        print("stopped; call it again to go on")
        return 0
    except (ValueError, OSError) as error:  # all our own errors are ValueErrors
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command}: stopped; call it again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m captioner", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    caption = commands.add_parser("caption", help="caption photos, one line each")
    caption.add_argument("photos", nargs="+", metavar="PHOTO")
    caption.add_argument("--json", action="store_true", help="one JSON object a line")
    caption.add_argument("--strip", type=Path, metavar="FILE.png", help="words over their maps")
    caption.add_argument("--gif", type=Path, metavar="FILE.gif", help="the words one by one")
    _sampling(caption)
    caption.set_defaults(run=_caption)

    cache = commands.add_parser("cache", help="build or resume a feature cache")
    cache.add_argument("--data", type=Path, required=True, metavar="DIR")
    _backbone(cache, default="compact")
    cache.add_argument("--mirrored", action="store_true", help="of the mirrored photos")
    cache.add_argument("--crop", type=int, default=0, metavar="N", help="of their N-th crops")
    cache.add_argument("--out", type=Path, required=True, metavar="DIR")
    cache.add_argument(
        "--shard", type=_shard, metavar="I/N", help="only part I of N; then call it without"
    )
    cache.set_defaults(run=_cache)

    train = commands.add_parser("train", help="train a captioner, or go on with it")
    train.add_argument(
        "--data", type=Path, action="append", metavar="DIR", help="a data set; can be repeated"
    )
    train.add_argument(
        "--score-on",
        action="append",
        default=[],
        metavar="NAME",
        help="data set whose dev split chooses the best epoch; default: the mean of all",
    )
    train.add_argument(
        "--preset", choices=tuple(presets.PRESETS), default="compact", help="a known system"
    )
    _backbone(train, help="default: the preset's")
    train.add_argument(
        "--vectors", metavar="FILE", help="word vectors as GloVe's, which are not trained"
    )
    train.add_argument("--out", type=Path, required=True, metavar="DIR")
    train.add_argument("--scenes", type=int, default=0, metavar="N", help="draw N scenes there")
    train.add_argument("--features", metavar="DIR", help="where feature caches are kept")
    train.add_argument("--device", choices=("auto", "cpu"), default="auto")
    train.add_argument(
        "--start", type=Path, metavar="DIR", help="checkpoint whose weights are begun with"
    )
    train.add_argument(
        "--sharpen", type=float, default=1.0, metavar="X", help="its attention, by this factor"
    )
    train.add_argument(
        "--new-words", action="store_true", help="words that it lacks are learnt, too"
    )
    train.add_argument("--no-mirror", action="store_true", help="never show a photo mirrored")
    _settings(train, settings.FitConfig)
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="scores as one JSON object, the last line")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR")
    evaluate.add_argument("--split", required=True, metavar="NAME")
    evaluate.add_argument("--photos", type=int, default=0, metavar="N", help="only the first N")
    asked = evaluate.add_mutually_exclusive_group()
    asked.add_argument("--quick", action="store_true", help="not whether attention is faithful")
    asked.add_argument(
        "--forced", action="store_true", help="where it points while it says the references, too"
    )
    evaluate.add_argument("--save", action="store_true", help="keep the result for the page")
    evaluate.add_argument("--csv", type=Path, metavar="FILE", help="one row per photo")
    _sampling(evaluate)
    evaluate.set_defaults(run=_evaluate)

    distil = commands.add_parser("distil", help="train the compact backbone from a teacher")
    distil.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR")
    distil.add_argument("--teacher", required=True, metavar="NAME_OR_FILE")
    distil.add_argument("--start", metavar="DIR", help="backbone whose weights are begun with")
    distil.add_argument("--out", type=Path, required=True, metavar="DIR")
    _settings(distil, settings.DistillationConfig)
    distil.set_defaults(run=_distil)

    localise = commands.add_parser(
        "localise", help="teach the compact backbone what lies in each of its cells"
    )
    localise.add_argument(
        "--data", type=Path, action="append", required=True, metavar="DIR", help="can be repeated"
    )
    localise.add_argument("--backbone", default="compact", metavar="NAME_OR_DIR")
    localise.add_argument("--out", type=Path, required=True, metavar="DIR")
    _settings(localise, settings.LocalisationConfig)
    localise.set_defaults(run=_localise)

    download = commands.add_parser("download", help="fetch a data set, or go on with it")
    download.add_argument("name", metavar="NAME", help="flickr8k, coco2014 or coco2017")
    download.add_argument("--out", type=Path, required=True, metavar="DIR")
    download.set_defaults(run=_download)

    scenes = commands.add_parser("scenes", help="draw the built-in data set, or go on with it")
    scenes.add_argument("--out", type=Path, required=True, metavar="DIR")
    scenes.add_argument("--count", type=int, required=True, metavar="N")
    scenes.add_argument("--seed", type=int, required=True, metavar="N")
    scenes.add_argument("--size", type=int, default=224, metavar="PIXELS")
    scenes.set_defaults(run=_scenes)
    return parser


def _shard(text: str) -> tuple[int, int]:
    number, parts = text.split("/")  # argparse makes its ValueError a line of usage
    return int(number), int(parts)


def _backbone(parser: argparse.ArgumentParser, **given) -> None:
    parser.add_argument("--backbone", metavar="NAME_OR_DIR", **given)
    parser.add_argument("--stride", type=int, choices=(16, 32), help="of the compact backbone")


def _sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="default: the bundled one")
    parser.add_argument("--sampler", choices=samplers.NAMES, help="default: %(default)s")
    parser.add_argument("--temperature", type=float, metavar="T", help="default: %(default)s")
    parser.add_argument("--top-k", type=int, metavar="K", help="0: all words; default: %(default)s")
    parser.add_argument("--top-p", type=float, metavar="P", help="default: %(default)s")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--beams", type=int, metavar="N", help="default: %(default)s")
    parser.set_defaults(**samplers.DEFAULTS)


def _settings(parser: argparse.ArgumentParser, config: type) -> None:
    """An option for every setting, its help and default those of the dataclass."""
    group = parser.add_argument_group("settings")
    for name, kind in settings.kinds(config).items():
        field = config.__dataclass_fields__[name]
        text = field.metadata["help"].replace("%", "%%")
        if kind is bool:
            given = {"action": argparse.BooleanOptionalAction, "default": None}
        else:
            text += f" Default: {field.default}"
            given = {"type": kind, "metavar": "X"}
        group.add_argument(f"--{name.replace('_', '-')}", help=text, **given)


def _given(options, config: type) -> dict:
    return {name: getattr(options, name) for name in settings.kinds(config)}


def _caption(options) -> int:
    from captioner import Captioner, photos, render

    sampler = samplers.from_settings(options)
    captioner = Captioner.load(options.checkpoint)
    status = 0
    several = len(options.photos) > 1
    for name in options.photos:
        try:
            photo = photos.open_photo(name)
        except photos.PhotoError as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
            continue
        caption = captioner.caption(photo, sampler=sampler)
        if options.json:
            print(json.dumps(caption.to_json(name), ensure_ascii=False), flush=True)
        else:
            print(f"{name}: {caption.text}" if several else caption.text, flush=True)
        if options.strip:
            render.save_strip(photo, caption, _numbered(options.strip, name, several))
        if options.gif:
            render.gif(photo, caption, _numbered(options.gif, name, several))
    return status


def _numbered(path: Path, photo: str, several: bool) -> Path:
    """One file per photo: strip.png becomes strip-PHOTO.png where there are several."""
    return path.with_stem(f"{path.stem}-{Path(photo).stem}") if several else path


def _progress(done: int, total: int) -> None:
    _stage("photos:", done, total)


def _stage(doing: str, done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{doing} {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


def _cache(options) -> None:
    from captioner import checkpoints
    from captioner.data import datasets, features, views

    files = sorted(datasets.read(options.data).captions)
    backbone = checkpoints.find_backbone(options.backbone, options.stride)
    view = views.View(options.mirrored, options.crop)
    features.cache(files, backbone, options.out, view, report=_progress, shard=options.shard)


def _train(options) -> None:
    from captioner.training import recipe

    preset = presets.PRESETS[options.preset]
    if options.data is None:  # go on with what was begun
        asked = recipe.Recipe.read(options.out)
    else:
        asked = recipe.Recipe(
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
            mirror=not options.no_mirror and presets.mirrors(options.preset, bool(options.scenes)),
            features=options.features or str(paths.FEATURES),
            device=options.device,
            command=options.line,
            fit=presets.settings(
                options.preset, _given(options, settings.FitConfig), bool(options.scenes)
            ),
        )
    print(f"best checkpoint: {recipe.train(asked, options.out)}")


def _evaluate(options) -> None:
    from captioner import Captioner
    from captioner.evaluation import evaluate

    sampler = {name: getattr(options, name) for name in samplers.DEFAULTS}
    data = str(options.data)
    asked = evaluate.Request(
        data, options.split, sampler, options.photos, options.quick, options.forced
    )
    folder = (options.checkpoint or paths.BUNDLED).resolve()
    of_run = folder.parent.name == "checkpoints" and folder.parent != paths.CHECKPOINTS
    name = f"{folder.parents[1].name}/{folder.name}" if of_run else folder.name  # as on the page
    found = evaluate.evaluate(Captioner.load(options.checkpoint), name, asked, report=_stage)
    if options.csv:
        write_text(options.csv, found.to_csv())
    if options.save:
        print(f"kept: {found.save()}")
    told = {"split": found.split, "photos": len(found.photos), **found.scores}
    parts = ("captions", "hallucination", "faithfulness", "missing")
    told |= {part: found.to_json()[part] for part in parts}
    measured = {**found.hallucination, **found.faithfulness}
    told["few"] = [name for name, one in measured.items() if one.few]  # of under 100 answers
    print(json.dumps(told))


def _distil(options) -> None:
    from captioner import checkpoints
    from captioner.distillation import distill

    config = settings.chosen(
        settings.DistillationConfig, _given(options, settings.DistillationConfig)
    )
    start, record = None, {"command": options.line}
    if options.start:
        start = checkpoints.find_backbone(options.start)
        before = checkpoints.read_config(options.start).get("distillation")
        record["after"] = before  # what was learnt before, and how
    folder = distill.distil(
        options.photos, options.teacher, options.out, config, record, start=start
    )
    print(f"backbone: {folder}")


def _localise(options) -> None:
    from captioner import checkpoints
    from captioner.distillation import localisation

    config = settings.chosen(
        settings.LocalisationConfig, _given(options, settings.LocalisationConfig)
    )
    start = checkpoints.find_backbone(options.backbone)
    made = checkpoints.read_config(checkpoints.backbone_folder(options.backbone)).get(
        "distillation"
    )
    before = {"distillation": made} if made else {}
    record = {"command": options.line}
    folder = localisation.localise(options.data, start, options.out, config, record, before)
    print(f"backbone: {folder}")


def _download(options) -> None:
    from captioner.data import downloads

    if one := downloads.DOWNLOADS.get(options.name):
        print(f"{one.title}, {one.size / 1e9:.1f} GB. {one.licence}\n{one.citation}")
    downloads.fetch(options.name, options.out, report=_stage)


def _scenes(options) -> None:
    from captioner import scenes

    scenes.write(options.out, options.count, options.seed, options.size, report=_progress)
