"""The recipe of a training: everything that it depends on. Needs no TensorFlow until it trains."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from captioner.decoder.designs import current_names
from captioner.files import write_text
from captioner.imports import import_tensorflow
from captioner.paths import FEATURES
from captioner.training.machines.workers import SINGLE, Workers
from captioner.training.runs.journal import Journal, Stopped
from captioner.training.settings import FitConfig, SettingsError, chosen

CONFIG, LOCK = "config.json", "lock"
STARTING = "starting"  # a file: a process wants the lock, or has it and will soon write its status


@dataclass(frozen=True)
class Recipe:
    """Data, backbone, start and settings of a training; a run saves it as its config.json."""

    data: str  # folder of a data set
    more_data: tuple[str, ...] = ()  # folders of other data sets to train on as well
    scored: tuple[str, ...] = ()  # names or folders of the data sets to score; empty: all
    scenes: int = 0  # number of scenes to draw into `data` first
    download: str = ""  # data set to download into `data` first, see `downloads`
    preset: str = "compact"  # system whose settings were the defaults
    backbone: str = "compact"  # name, or folder of a compact one
    stride: int | None = None  # of the compact backbone
    start: str | None = None  # checkpoint to start from, with its backbone and vocabulary
    sharpen: float = 1.0  # factor of the attention scores of `start`
    new_words: bool = False  # add words that `start` does not know to its vocabulary
    vectors: str = ""  # file of word vectors, which are not trained
    mirror: bool = True  # train on mirrored photos, too
    features: str = str(FEATURES)  # folder of the feature caches
    device: str = "auto"
    command: str = ""  # that started the training
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self):
        tune, self_critical = self.fit.tune, self.fit.self_critical
        needs_start = {
            "tune": tune,
            "self_critical": self_critical,
            "sharpen": self.sharpen != 1,
            "new_words": self.new_words,
        }
        for name, used in needs_start.items():
            if used and not self.start:
                raise SettingsError(
                    f"{name} needs a trained captioner: name one with --start, or choose it as the "
                    "image encoder in the Train tab."
                )
        if self_critical and self.new_words:
            raise SettingsError("New words are trained on references: not with self_critical.")
        if self.vectors and self.start:
            raise SettingsError("The captioner to start from has word vectors already.")

    def save(self, folder: Path) -> None:
        """Saves it in the folder of a run."""
        write_text(folder / CONFIG, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, folder: Path) -> "Recipe":
        """The recipe of the run in `folder`.

        Raises:
            SettingsError: there is none, or it is damaged.
        """
        try:
            values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            values |= {name: tuple(values.get(name, ())) for name in ("more_data", "scored")}
            return cls(**{**values, "fit": chosen(FitConfig, current_names(values["fit"]))})
        except FileNotFoundError as error:
            raise SettingsError(
                f"{folder} holds no training to resume: name a data set with --data."
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{folder / CONFIG} cannot be read: {error}") from error


def train(
    recipe: Recipe,
    out: Path,
    report: Callable[[str], None] = print,
    workers: Workers = SINGLE,
) -> Path:
    """Trains by a recipe, or resumes the training in `out`; returns the best checkpoint's folder.

    Meanwhile `lock` in `out` is locked, so that others can tell that the process lives. The file
    `starting` is there until it is, and the first status is written. `report` is called with each
    line of the log. Of several `workers` only the chief writes results.

    Raises:
        Stopped: a stop was requested.
        ValueError, OSError: the training failed; the status says why, too.
    """
    out.mkdir(parents=True, exist_ok=True)
    starting = out / STARTING
    starting.touch()
    try:
        with FileLock(out / LOCK, timeout=3):  # a former process may still be ending
            journal = Journal(out, report)
            recipe.save(out)

            def end(state: str, message: str = "") -> None:
                journal.end(state, message)
                workers.end(state, message)

            try:
                journal.stage("starting")
                starting.unlink(missing_ok=True)
                import_tensorflow()  # takes seconds
                from captioner.training import pipeline

                with workers.noticing_loss():
                    best = pipeline.run(recipe, out, journal, workers)
            except Stopped:
                end("stopped")
                raise
            except (Exception, KeyboardInterrupt) as error:
                end("failed", str(error) or type(error).__name__)
                raise
            end("finished")
            return best
    except Timeout as error:
        raise SettingsError(f"{out} is being trained already: stop it first.") from error
    finally:
        starting.unlink(missing_ok=True)
