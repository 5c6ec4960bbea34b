"""One checkpoint, one folder: JSON and weights, no pickle."""

import contextlib
import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import h5py
import keras
import numpy as np

from captioner.attention_maps import Geometry
from captioner.backbones.backbone import (
    DESIGNS,
    NAMES,
    SPECS,
    Backbone,
    BackboneError,
    compact_backbone,
    keras_backbone,
)
from captioner.decoder.model import Decoder, DecoderConfig
from captioner.files import reserve, write_text, write_whole
from captioner.paths import BUNDLED
from captioner.vocabulary import Vocabulary, VocabularyError

FORMAT = 1


class CheckpointError(ValueError):
    """The folder is no checkpoint that can be used; one sentence says why."""


@dataclass
class Checkpoint:
    """A captioner as it lies on disk, loaded."""

    backbone: Backbone
    decoder: Decoder
    vocabulary: Vocabulary
    config: dict


def save(folder: Path | str, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint folder; an older one of that name is replaced when all is written.

    Weights are float16 on disk but for vectors (biases, batch statistics), which are small and
    need the range. `checkpoint.config` goes into config.json: how it was made and what it scored;
    sizes, geometry and the format version are written from the models themselves.
    """
    with _replacing(Path(folder)) as fresh:
        decoder = {"decoder": checkpoint.decoder.config.to_json()}
        _write_backbone(fresh, checkpoint.backbone, {**checkpoint.config, **decoder})
        checkpoint.vocabulary.save(fresh / "vocabulary.json")
        save_weights(checkpoint.decoder, fresh / "decoder.weights.h5")


def save_backbone(folder: Path | str, backbone: Backbone, record: dict) -> None:
    """Writes the part of a checkpoint that is known before there is a decoder; `record` says how
    the backbone was made."""
    with _replacing(Path(folder)) as fresh:
        _write_backbone(fresh, backbone, record)


def _write_backbone(folder: Path, backbone: Backbone, config: dict) -> None:
    described = {
        "name": backbone.name,
        "geometry": backbone.geometry.to_json(),
        "preprocessing": "RGB, squashed to size x size, 0..255; scaled inside the network",
    }
    if backbone.compact:
        described["compact"] = asdict(backbone.compact)
        save_weights(backbone.network, folder / "backbone.weights.h5")
    config = {**config, "format": FORMAT, "backbone": described}
    order = ("format", "backbone", "decoder")  # first what a reader looks for
    config = {key: config[key] for key in (*(k for k in order if k in config), *config)}
    write_text(folder / "config.json", json.dumps(config, indent=2, ensure_ascii=False) + "\n")


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A fresh folder beside `folder` that takes its place once the block has ended well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            folder.rename(old / folder.name)
        try:
            fresh.rename(folder)
        except OSError:
            if (old / folder.name).exists():
                (old / folder.name).rename(folder)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def save_weights(model: keras.Model, path: Path) -> None:
    """Writes `.weights.h5`, matrices and kernels as float16."""

    def write(temporary: Path) -> None:
        # HDF5 can crash on a full disk. Both files, and what it needs beside the numbers, fit in:
        reserve(temporary, sum(6 * math.prod(w.shape) + 8192 for w in model.weights))
        model.save_weights(temporary)
        halved = temporary.with_suffix(".half")
        try:
            with h5py.File(temporary) as source, h5py.File(halved, "w") as target:

                def copy(name, item):
                    if isinstance(item, h5py.Group):
                        copied = target.require_group(name)
                    else:
                        wide = item.ndim > 1 and item.dtype == np.float32
                        copied = target.create_dataset(
                            name, data=item[()].astype(np.float16) if wide else item[()]
                        )
                    copied.attrs.update(item.attrs)

                target.attrs.update(source.attrs)
                source.visititems(copy)
            halved.replace(temporary)
        finally:
            halved.unlink(missing_ok=True)

    write_whole(path, write)


def read_config(folder: Path | str) -> dict:
    """`config.json` of a checkpoint. Raises CheckpointError if it cannot be used here."""
    folder = Path(folder)
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint {folder}.")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{folder} is not a checkpoint: config.json is missing.") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} is damaged: config.json cannot be read.") from error
    version = config.get("format") if isinstance(config, dict) else None
    if version != FORMAT:
        raise CheckpointError(
            f"{folder} has format {version}, but this version of the app reads format {FORMAT}."
        )
    return config


def load(folder: Path | str | None = None) -> Checkpoint:
    """Loads a checkpoint folder; `None` is the bundled one.

    Raises CheckpointError, with one sentence, if it is damaged, incomplete or of another
    version, and BackboneError if its backbone's weights must be downloaded and can't be.
    """
    folder = Path(folder) if folder is not None else BUNDLED
    config = read_config(folder)
    try:
        words = Vocabulary.load(folder / "vocabulary.json")
        sizes = DecoderConfig.from_json(config["decoder"])
    except VocabularyError as error:
        raise CheckpointError(f"{folder} is damaged: {error}.") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder} is damaged: config.json lacks {error}.") from error
    if len(words) != sizes.vocabulary:
        raise CheckpointError(
            f"{folder} is damaged: vocabulary.json has {len(words)} words, the decoder "
            f"{sizes.vocabulary}."
        )
    backbone = load_backbone(folder)
    if (sizes.cells, sizes.channels) != (backbone.geometry.cells, backbone.channels):
        raise CheckpointError(f"{folder} is damaged: decoder and backbone do not fit together.")
    try:
        decoder = Decoder(sizes)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{folder} is damaged: no decoder has the sizes it names.") from error
    load_weights(decoder, folder / "decoder.weights.h5")
    return Checkpoint(backbone, decoder, words, config)


def find_backbone(name: str, output_stride: int | None = None) -> Backbone:
    """A backbone ready for use: a registered name, or a folder that holds a compact one.

    `output_stride` 16 or 32 sets that of the compact backbone, whose weights serve both.

    Raises BackboneError if it cannot be had, CheckpointError if the folder is damaged.
    """
    if name in SPECS:
        return keras_backbone(name)
    found = load_backbone(backbone_folder(name))
    if output_stride in (None, found.geometry.stride) or found.compact is None:
        return found
    return found.copy(output_stride=output_stride)


def backbone_folder(name: str) -> Path:
    """Where a compact backbone lies: `compact`, the bundled one, or a folder that holds one.

    Raises BackboneError for anything else.
    """
    found = BUNDLED if name == "compact" else Path(name)
    if name != "compact" and not found.is_dir():
        raise BackboneError(f"There is no backbone '{name}'; there are: {', '.join(NAMES)}.")
    return found


def load_backbone(folder: Path | str) -> Backbone:
    """The backbone of a checkpoint. Raises as `load` does."""
    folder = Path(folder)
    config = read_config(folder)
    try:
        described = config["backbone"]
        if described["name"] != "compact":
            return keras_backbone(described["name"])
        geometry = Geometry(**described["geometry"])
        sizes = described["compact"]
        sizes = {**sizes, **{name: tuple(sizes[name]) for name in ("widths", "depths")}}
        design = DESIGNS[sizes.get("design", "residual")]
        backbone = compact_backbone(design(**sizes), geometry.size)
        usual = backbone.geometry.first  # weights may look beside it, see `training/receptive`
        near = abs(geometry.first - usual) <= geometry.stride
    except BackboneError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{folder} is damaged: its backbone is not described well ({error})."
        ) from error
    if not near or replace(geometry, first=usual) != backbone.geometry:
        raise CheckpointError(f"{folder} is damaged: its grid does not belong to its backbone.")
    load_weights(backbone.network, folder / "backbone.weights.h5")
    return replace(backbone, geometry=geometry)


def load_weights(model: keras.Model, path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(f"{path.parent} is incomplete: {path.name} is missing.")
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for one cause
        raise CheckpointError(
            f"{path.parent} is damaged: {path.name} does not hold the weights it should."
        ) from error
