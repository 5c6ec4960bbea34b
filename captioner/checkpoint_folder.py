"""The folder of a checkpoint, as far as it can be understood without TensorFlow."""

import hashlib
import json
from pathlib import Path

from captioner.vocabulary import Vocabulary, VocabularyError

CHECKPOINT_FORMAT = 1
BACKBONE = "backbone.weights.h5"


class CheckpointError(ValueError):
    """The folder is not a usable checkpoint; the message is one sentence that says why."""


def find(folder: Path | str) -> Path:
    """The folder of the checkpoint that is meant: of a run's folder, that of its best epoch.

    Raises:
        CheckpointError: the run has no checkpoint yet.
    """
    folder = Path(folder)
    if (folder / "decoder.weights.h5").is_file() or not (folder / "status.json").is_file():
        return folder
    best = folder / "checkpoints" / "best"
    if not best.is_dir():
        raise CheckpointError(f"{folder} is a training without a checkpoint: let it train longer.")
    return best


def read_config(folder: Path | str) -> dict:
    """Reads config.json of a checkpoint. Raises CheckpointError if this version cannot use it."""
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
    if version != CHECKPOINT_FORMAT:
        raise CheckpointError(
            f"{folder} has format {version}, but this version of the app reads format "
            f"{CHECKPOINT_FORMAT}."
        )
    return config


def backbone_weights(folder: Path | str, config: dict) -> Path:
    """The file with the weights of a compact backbone: in the folder itself, or in the checkpoint
    beside it whose backbone it shares.

    Raises:
        CheckpointError: the file is missing, or is not the one that was shared.
    """
    folder = Path(folder)
    shared = config["backbone"].get("shared")
    if shared is None:
        return folder / BACKBONE
    name, digest = str(shared["checkpoint"]), shared["blake2b"]
    if Path(name).name != name or name == "..":
        raise CheckpointError(f"{folder} is damaged: '{name}' is no checkpoint beside it.")
    path = folder.resolve().parent / name / BACKBONE
    if not path.is_file():
        raise CheckpointError(f"{folder} is incomplete: it shares {path}, which is missing.")
    if weights_digest(path) != digest:
        raise CheckpointError(
            f"{folder} cannot be used: it shares {path}, which holds other weights now."
        )
    return path


def weights_digest(path: Path) -> str:
    """Identifies the content of a file with weights."""
    return hashlib.blake2b(path.read_bytes()).hexdigest()


def read_vocabulary(folder: Path) -> Vocabulary:
    """Reads the vocabulary of a checkpoint. Raises CheckpointError."""
    try:
        return Vocabulary.load(folder / "vocabulary.json")
    except VocabularyError as error:
        raise CheckpointError(f"{folder} is damaged: {error}.") from error


def check(folder: Path) -> None:
    """Raises CheckpointError if the folder is incomplete or damaged in a way that can be found
    within milliseconds."""
    import h5py  # not at the top: the page with the bundled captioner does not wait for it

    config, words = read_config(folder), read_vocabulary(folder)
    try:
        size, backbone = config["decoder"]["vocabulary"], config["backbone"]["name"]
        weights = [folder / "decoder.weights.h5"]
        if backbone == "compact":
            weights.append(backbone_weights(folder, config))
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{folder} is damaged: config.json lacks {error}.") from error
    check_size(folder, words, size)
    for path in weights:
        if not path.is_file():
            raise missing(path)
        try:
            h5py.File(path).close()
        except OSError as error:
            raise damaged(path) from error


def check_size(folder: Path, words: Vocabulary, size: int) -> None:
    """Raises CheckpointError if the decoder is not of that many words."""
    if len(words) != size:
        raise CheckpointError(
            f"{folder} is damaged: vocabulary.json has {len(words)} words, the decoder {size}."
        )


def missing(path: Path) -> CheckpointError:
    """The error of weights that are missing."""
    return CheckpointError(f"{path.parent} is incomplete: {path.name} is missing.")


def damaged(path: Path) -> CheckpointError:
    """The error of weights that cannot be read."""
    return CheckpointError(
        f"{path.parent} is damaged: {path.name} does not hold the weights it should."
    )
