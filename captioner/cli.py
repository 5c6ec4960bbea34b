"""The command line: `python -m captioner COMMAND`. Each command imports what it needs."""

import argparse
import json
import shlex
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status. Errors a person can mend are one line."""
    options = _parser().parse_args(arguments)
    line = sys.argv[1:] if arguments is None else arguments
    options.line = shlex.join(["python", "-m", "captioner", *line])
    try:
        return options.run(options) or 0
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
    _backbone(cache)
    cache.add_argument("--mirrored", action="store_true", help="of the mirrored photos")
    cache.add_argument("--out", type=Path, required=True, metavar="DIR")
    cache.set_defaults(run=_cache)

    train = commands.add_parser("train", help="train a captioner, or go on with it")
    _backbone(train)
    train.add_argument("--out", type=Path, required=True, metavar="DIR")
    train.add_argument(
        "--start", type=Path, metavar="DIR", help="checkpoint whose weights are begun with"
    )
    train.add_argument(
        "--tune", action="store_true", help="let the backbone of --start learn, too, from pixels"
    )
    train.add_argument("--no-mirror", action="store_true", help="never show a photo mirrored")
    _settings(train, "captioner.training.fit", "FitConfig")
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="scores as one JSON object, the last line")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR")
    evaluate.add_argument("--split", required=True, metavar="NAME")
    _sampling(evaluate)
    evaluate.set_defaults(run=_evaluate)

    distil = commands.add_parser("distil", help="train the compact backbone from a teacher")
    distil.add_argument("--photos", type=Path, nargs="+", required=True, metavar="DIR")
    distil.add_argument("--teacher", required=True, metavar="NAME_OR_FILE")
    distil.add_argument("--start", metavar="DIR", help="backbone whose weights are begun with")
    distil.add_argument("--out", type=Path, required=True, metavar="DIR")
    _settings(distil, "captioner.training.distillation", "DistillationConfig")
    distil.set_defaults(run=_distil)

    scenes = commands.add_parser("scenes", help="draw the built-in data set, or go on with it")
    scenes.add_argument("--out", type=Path, required=True, metavar="DIR")
    scenes.add_argument("--count", type=int, required=True, metavar="N")
    scenes.add_argument("--seed", type=int, required=True, metavar="N")
    scenes.add_argument("--size", type=int, default=224, metavar="PIXELS")
    scenes.set_defaults(run=_scenes)
    return parser


def _sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="default: the bundled one")
    parser.add_argument("--sampler", choices=("greedy", "sampling", "beam"), default="greedy")
    parser.add_argument("--temperature", type=float, default=1.0, metavar="T")
    parser.add_argument("--top-k", type=int, default=0, metavar="K", help="0: all words")
    parser.add_argument("--top-p", type=float, default=1.0, metavar="P")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--beams", type=int, default=3, metavar="N")


def _backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--backbone", default="compact", metavar="NAME_OR_DIR")
    parser.add_argument("--stride", type=int, choices=(16, 32), help="of the compact backbone")


# The settings a person may want to change; names, types and defaults are the dataclasses' own,
# repeated here only so that --help needs no TensorFlow.
_TYPES = {
    "steps": int,
    "epochs": int,
    "batch_size": int,
    "peak_rate": float,
    "weight_decay": float,
    "warmup": int,
    "dropout": float,
    "label_smoothing": float,
    "doubly_stochastic": float,
    "min_count": int,
    "average": int,
    "seed": int,
    "save_every": float,
}
_SETTINGS = {
    "FitConfig": [name for name in _TYPES if name != "steps"],
    "DistillationConfig": (
        "steps", "batch_size", "peak_rate", "weight_decay", "warmup", "seed", "save_every"
    ),
}  # fmt: skip


def _settings(parser: argparse.ArgumentParser, module: str, config: str) -> None:
    group = parser.add_argument_group("settings", f"defaults: {config} in {module}")
    for name in _SETTINGS[config]:
        group.add_argument(f"--{name.replace('_', '-')}", type=_TYPES[name], metavar="X")
    group.add_argument(
        "--mixed",
        action=argparse.BooleanOptionalAction,
        help="compute in bfloat16 (default: where that is faster)",
    )


def _chosen(options, config: str) -> dict:
    return {name: getattr(options, name) for name in (*_SETTINGS[config], "mixed")}


def _caption(options) -> int:
    from captioner import Captioner, photos, render, samplers

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
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} photos", end=end, file=sys.stderr, flush=True)


def _cache(options) -> None:
    from captioner import backbones
    from captioner.training import datasets, features

    files = sorted(datasets.read(options.data).captions)
    backbone = backbones.load(options.backbone, options.stride)
    features.cache(files, backbone, options.out, options.mirrored, report=_progress)


def _train(options) -> None:
    from captioner import backbones, checkpoints
    from captioner.training import datasets, fit
    from captioner.vocabulary import Vocabulary

    if options.tune and not options.start:
        raise ValueError("--tune needs --start: a captioner that has already learnt")
    settings = _chosen(options, "FitConfig") | {"tune": options.tune}
    config = fit.with_overrides(**settings)
    dataset = datasets.read(options.data)
    train = fit.split_captions(dataset, "train")
    captions = [caption for some in train.values() for caption in some]
    record, initial = {}, None
    if options.start:
        start = checkpoints.load(options.start)
        backbone, vocabulary, initial = start.backbone, start.vocabulary, start.decoder
        kept = ("distillation", "training", "settings", "tuning")
        record = {key: start.config[key] for key in kept if key in start.config}
    else:
        backbone = backbones.load(options.backbone, options.stride)
        vocabulary = Vocabulary.from_captions(captions, config.min_count)
        if (folder := Path(options.backbone)).is_dir():
            made = checkpoints.read_config(folder)
            record = {key: made[key] for key in ("distillation",) if key in made}
    record["tuning" if options.start else "training"] = {
        "command": options.line,
        "data": dataset.name,
        "photos": len(train),
        "captions": len(captions),
    }
    views = (False,) if options.no_mirror else (False, True)
    rows = (_pixel_rows if options.tune else _feature_rows)(options, dataset, backbone, views)
    data = fit.Data(dataset, vocabulary, rows, rows[0])
    best = fit.fit(data, backbone, options.out, config, record, initial=initial)
    print(f"best checkpoint: {best}")


def _feature_rows(options, dataset, backbone, views) -> list:
    from captioner.training import features

    caches = []
    for mirrored in views:
        folder = options.out / ("mirrored" if mirrored else "features")
        files = dataset.split("train") if mirrored else sorted(dataset.captions)
        caches.append(features.cache(files, backbone, folder, mirrored, report=_progress))
    return caches


def _pixel_rows(options, dataset, backbone, views) -> list:
    from captioner.training import crops
    from captioner.training.features import PhotoRows

    files = [*dataset.split("train"), *dataset.split("dev")]
    options.out.mkdir(parents=True, exist_ok=True)
    store = crops.PhotoStore(options.out, files, backbone.geometry.size)
    numbers = {file.name: number for number, file in enumerate(store.files)}
    # A mirrored photo is the same memory read from right to left.
    return [PhotoRows(numbers, store.pixels[:, :, :: -1 if m else 1]) for m in views]


def _evaluate(options) -> None:
    from captioner import Captioner, samplers
    from captioner.training import datasets, metrics

    sampler = samplers.from_settings(options)
    dataset = datasets.read(options.data)
    photos = dataset.split(options.split)
    captioner = Captioner.load(options.checkpoint)
    found = []
    for caption in captioner.captions(photos, sampler=sampler):
        found.append(caption.text)
        _progress(len(found), len(photos))
    scores = metrics.scores(found, [dataset.captions[photo] for photo in photos])
    print(json.dumps({"split": options.split, "photos": len(photos), **scores}))


def _distil(options) -> None:
    from captioner import backbones, checkpoints
    from captioner.training import distillation

    config = distillation.with_overrides(**_chosen(options, "DistillationConfig"))
    start, record = None, {"command": options.line}
    if options.start:
        start = backbones.load(options.start)
        before = checkpoints.read_config(options.start).get("distillation")
        record["after"] = before  # what was learnt before, and how
    folder = distillation.distil(
        options.photos, options.teacher, options.out, config, record, start=start
    )
    print(f"backbone: {folder}")


def _scenes(options) -> None:
    from captioner.training import scenes

    scenes.write(options.out, options.count, options.seed, options.size, report=_progress)
