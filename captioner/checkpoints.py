"""Checkpoints: folders of JSON and weights, without pickle."""

import contextlib
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import h5py
import keras
import numpy as np

from captioner import checkpoint_folder
from captioner.attention_maps import Geometry
from captioner.backbones.backbone import (
    DESIGNS,
    SPECS,
    Backbone,
    BackboneError,
    compact_backbone,
    keras_backbone,
    unknown_backbone,
)
from captioner.checkpoint_folder import BACKBONE, CHECKPOINT_FORMAT, CheckpointError, read_config
from captioner.decoder import architectures
from captioner.decoder.designs import DecoderConfig
from captioner.decoder.model import Decoder
from captioner.files import json_text, reserve, write_text, write_whole
from captioner.paths import BUNDLED
from captioner.vocabulary import Vocabulary

__all__ = ["CHECKPOINT_FORMAT", "CheckpointError", "read_config"]


@dataclass
class Checkpoint:
    """A captioner as it is stored on disk. `config` is its config.json."""

    backbone: Backbone
    decoder: Decoder
    vocabulary: Vocabulary
    config: dict


def save(folder: Path | str, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint folder, and replaces an older one only when all is written.

    Weights are float16 on disk, except vectors (biases, batch statistics), which are small and
    need the range. config.json holds `checkpoint.config` (training, scores); sizes, geometry and
    the format version come from the models themselves.

    Raises:
        OSError: The folder cannot be written; the old one is unchanged.
    """
    with _replacing(Path(folder)) as fresh:
        decoder = {"decoder": checkpoint.decoder.config.to_json()}
        _write_backbone(fresh, checkpoint.backbone, {**checkpoint.config, **decoder})
        checkpoint.vocabulary.save(fresh / "vocabulary.json")
        save_weights(checkpoint.decoder, fresh / "decoder.weights.h5")


def copy(source: Path | str, folder: Path | str) -> None:
    """Copies a checkpoint folder, and replaces an older one only when all is copied. Raises as
    `save` does."""
    with _replacing(Path(folder)) as fresh:
        shutil.copytree(source, fresh, dirs_exist_ok=True)


def share_backbone(folder: Path | str, other: str) -> None:
    """Removes the backbone's weights from a checkpoint folder: it uses those of the checkpoint
    `other` beside it, which must be the same.

    Raises:
        CheckpointError: one of the two is damaged, or the backbones differ.
    """
    folder = Path(folder)
    config, beside = read_config(folder), folder.resolve().parent / other
    backbones = [
        (found.config, found.geometry, found.network.get_weights())
        for found in map(load_backbone, (folder, beside))
    ]
    (*sizes, weights), (*other_sizes, other_weights) = backbones
    if sizes != other_sizes or not all(map(np.array_equal, weights, other_weights)):
        raise CheckpointError(f"{folder} and {beside} have different backbones.")
    digest = checkpoint_folder.weights_digest(beside / BACKBONE)
    config["backbone"]["shared"] = {"checkpoint": other, "blake2b": digest}
    _write_config(folder, config)
    (folder / BACKBONE).unlink(missing_ok=True)


def save_backbone(folder: Path | str, backbone: Backbone, record: dict) -> None:
    """Writes a checkpoint folder without a decoder; `record` (how the backbone was made) goes into
    its config.json. Raises as `save` does."""
    with _replacing(Path(folder)) as fresh:
        _write_backbone(fresh, backbone, record)


def _write_backbone(folder: Path, backbone: Backbone, config: dict) -> None:
    described = {
        "name": backbone.name,
        "geometry": backbone.geometry.to_json(),
        "preprocessing": "RGB, squashed to size x size, 0..255; scaled inside the network",
    }
    if backbone.config:
        described["compact"] = asdict(backbone.config)
        save_weights(backbone.network, folder / BACKBONE)
    config = {**config, "format": CHECKPOINT_FORMAT, "backbone": described}
    first = [key for key in ("format", "backbone", "decoder") if key in config]
    _write_config(folder, {key: config[key] for key in (*first, *config)})


def _write_config(folder: Path, config: dict) -> None:
    write_text(folder / "config.json", json_text(config, indent=2, ensure_ascii=False) + "\n")


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when the block ends without an error."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
    ) as parent:
        fresh, old = Path(parent, "fresh"), Path(parent, "old")
        fresh.mkdir()
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise


def save_weights(model: keras.Model, path: Path) -> None:
    """Writes weights to a `.weights.h5` file, matrices and kernels as float16."""

    def write(temporary: Path) -> None:
        # HDF5 can crash on a full disk: reserve room for both files and HDF5's own data first.
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


def load(folder: Path | str | None = None) -> Checkpoint:
    """Loads a checkpoint folder, or the best checkpoint of a run's folder; `None` is the bundled
    one.

    Raises:
        CheckpointError: The folder is damaged, incomplete or of another format.
        BackboneError: The weights of its backbone must be downloaded, which fails.
    """
    folder = checkpoint_folder.find(folder) if folder is not None else BUNDLED
    config, words = read_config(folder), checkpoint_folder.read_vocabulary(folder)
    try:
        sizes = DecoderConfig.from_json(config["decoder"])
    except (AttributeError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder} is damaged: config.json lacks {error}.") from error
    checkpoint_folder.check_size(folder, words, sizes.vocabulary)
    backbone = load_backbone(folder)
    if (sizes.cells, sizes.channels) != (backbone.geometry.cells, backbone.channels):
        raise CheckpointError(f"{folder} is damaged: decoder and backbone do not fit together.")
    try:
        decoder = architectures.build(sizes)
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"{folder} is damaged: no decoder has the sizes in config.json."
        ) from error
    load_weights(decoder, folder / "decoder.weights.h5")
    return Checkpoint(backbone, decoder, words, config)


def find_backbone(name: str, output_stride: int | None = None) -> Backbone:
    """Loads a backbone.

    Args:
        name: one of BACKBONE_NAMES, or a folder that holds a compact backbone.
        output_stride: 16 or 32, of a compact backbone, whose weights serve both; None keeps it.

    Raises:
        BackboneError: The name is unknown, or its weights cannot be downloaded.
        CheckpointError: The folder is damaged.
    """
    if name in SPECS:
        return keras_backbone(name)
    found = load_backbone(backbone_folder(name))
    if output_stride in (None, found.geometry.stride) or found.config is None:
        return found
    return found.copy(output_stride=output_stride)


def backbone_folder(name: str) -> Path:
    """The folder of a compact backbone: the bundled one for `compact`, else `name` itself.

    Raises:
        BackboneError: There is no such folder.
    """
    if name == "compact":
        return BUNDLED
    if not Path(name).is_dir():
        raise unknown_backbone(name)
    return checkpoint_folder.find(name)


def load_backbone(folder: Path | str) -> Backbone:
    """Loads the backbone of a checkpoint. Raises as `load` does."""
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
        default_first = backbone.geometry.first  # trained weights may be centred beside it
        weights = checkpoint_folder.backbone_weights(folder, config)
        is_near = abs(geometry.first - default_first) <= geometry.stride
    except (BackboneError, CheckpointError):
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{folder} is damaged: the description of its backbone is not valid ({error})."
        ) from error
    if not is_near or replace(geometry, first=default_first) != backbone.geometry:
        raise CheckpointError(f"{folder} is damaged: its grid does not belong to its backbone.")
    load_weights(backbone.network, weights)
    return replace(backbone, geometry=geometry)


def load_weights(model: keras.Model, path: Path) -> None:
    """Reads weights that `save_weights` wrote. Raises CheckpointError if they do not fit."""
    if not path.is_file():
        raise checkpoint_folder.missing(path)
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for one cause
        raise checkpoint_folder.damaged(path) from error
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise CheckpointError(f"{path.parent} is damaged: weights in {path.name} are not finite.")
