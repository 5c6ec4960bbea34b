"""`cache`, `download` and `scenes`: prepare data."""

from functools import partial
from pathlib import Path

from captioner.cli.options import add_backbone, print_progress, shard
from captioner.imports import import_tensorflow
from captioner.paths import FEATURES
from captioner.training.recipe import Recipe
from captioner.training.settings import FitConfig


def add_to(commands) -> None:
    """Adds the commands to the parser."""
    parser = commands.add_parser("cache", help="build or resume a feature cache")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    add_backbone(parser, default="compact")
    parser.add_argument("--mirrored", action="store_true", help="of the mirrored photos")
    parser.add_argument("--crop", type=int, default=0, metavar="N", help="of their N-th crops")
    text = "default: where a training looks for it"
    parser.add_argument("--out", type=Path, metavar="DIR", help=text)
    parser.add_argument(
        "--shard", type=shard, metavar="I/N", help="only part I of N; at the end run it without"
    )
    parser.set_defaults(run=cache)

    parser = commands.add_parser("download", help="download or resume a data set")
    parser.add_argument("name", metavar="NAME", help="flickr8k, coco2014 or coco2017")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.set_defaults(run=download)

    parser = commands.add_parser("scenes", help="draw or resume the built-in data set")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--count", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, required=True, metavar="N")
    parser.add_argument("--size", type=int, default=224, metavar="PIXELS")
    parser.set_defaults(run=scenes)


def cache(options) -> None:
    """Computes the features of all photos of a data set."""
    import_tensorflow()
    from captioner import checkpoints
    from captioner.data import augmentation, datasets
    from captioner.data.cache import cache_folders, features
    from captioner.training.input import cached_features

    dataset = datasets.read(options.data)
    backbone = checkpoints.find_backbone(options.backbone, options.stride)
    view = augmentation.View(options.mirrored, options.crop)
    files, folder = sorted(dataset.captions), options.out
    if folder is None:
        recipe = Recipe(
            str(options.data),
            backbone=options.backbone,
            stride=options.stride,
            mirror=view.mirrored,
            fit=FitConfig(crops=view.crop),
        )
        found = cached_features.wanted(recipe, {options.data: dataset}, backbone)
        files, folder = next((one.files, one.folder) for one in found if one.view == view)
    report = partial(print_progress, "photos:")
    is_listed = folder.resolve().parent == FEATURES.resolve()  # the page could clear it
    with cache_folders.used([folder] if is_listed else []):
        features.cache(files, backbone, folder, view, report=report, shard=options.shard)


def download(options) -> None:
    """Downloads a data set, after its licence and citation were printed."""
    from captioner.data.download import downloads

    if source := downloads.DOWNLOADS.get(options.name):
        print(f"{source.title}, {source.size / 1e9:.1f} GB. {source.licence}\n{source.citation}")
    downloads.fetch(options.name, options.out, report=print_progress)


def scenes(options) -> None:
    """Draws the built-in data set."""
    from captioner import scenes

    report = partial(print_progress, "photos:")
    scenes.write(options.out, options.count, options.seed, options.size, report=report)
