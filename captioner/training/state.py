"""The whole state of a training run in one file: a resumed run equals an undisturbed one."""

import json
import zipfile
from pathlib import Path

import keras
import numpy as np

from captioner.files import write_whole


class StateError(ValueError):
    """The saved state does not belong to this model."""


def _variables(model: keras.Model) -> list:
    # Model.variables holds weights, batch statistics, metrics and the seeds of dropout layers;
    # the optimizer's own (moments, step) come after them.
    return [*model.variables, *model.optimizer.variables]


def save_state(path: Path | str, model: keras.Model, progress: dict) -> None:
    """Writes all variables of a compiled, built `model` and `progress` (JSON) as one .npz."""
    arrays = {
        f"v{number:04d}": keras.ops.convert_to_numpy(variable)
        for number, variable in enumerate(_variables(model))
    }
    write_whole(
        path, lambda temporary: np.savez(temporary, progress=json.dumps(progress), **arrays)
    )


def load_state(path: Path | str, model: keras.Model) -> dict:
    """Puts a saved state back into `model` and returns its progress.

    Raises StateError if the file is damaged or was written by another model.
    """
    variables = _variables(model)
    try:
        with np.load(path, allow_pickle=False) as saved:
            arrays = [saved[f"v{number:04d}"] for number in range(len(saved.files) - 1)]
            progress = json.loads(str(saved["progress"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StateError(f"{path} is damaged: {error}") from error
    if [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        raise StateError(f"{path} was written by a model of another shape; choose another folder")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return progress
