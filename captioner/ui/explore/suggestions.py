"""Words to choose from while a visitor types one: those that begin so, or the nearest."""

from functools import lru_cache
from pathlib import Path

from captioner.ui.shared import untrusted
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import error_value
from captioner.vocabulary import Vocabulary

COUNT = 6  # words at most


class Typed(untrusted.Message):
    """What was typed, and the name of the captioner that should know it."""

    checkpoint: untrusted.line(200) = ""
    text: untrusted.Word


def suggest(models: Models, request) -> dict:
    """Returns {words, nearest} for a `Typed`, or {error}; never raises.

    `nearest` tells that no word of the vocabulary is or begins as typed.
    """
    try:
        typed = untrusted.checked(Typed, request)
        folders = models.folders()
        name = typed.checkpoint or next(iter(folders))
        if name not in folders:
            raise ValueError(f"There is no captioner “{name}” here any more.")
        file = folders[name] / "vocabulary.json"
        vocabulary = _vocabulary(file, file.stat().st_mtime_ns)
    except (ValueError, OSError) as error:
        return error_value(str(error))
    text = typed.text.strip().lower()
    words = vocabulary.completions(text, COUNT)
    nearest = not words and text not in vocabulary
    return {"words": vocabulary.nearest(text, COUNT) if nearest else words, "nearest": nearest}


@lru_cache(maxsize=8)
def _vocabulary(file: Path, modified: int) -> Vocabulary:
    """The vocabulary of a checkpoint, read without the rest; `modified` tells versions apart."""
    return Vocabulary.load(file)
