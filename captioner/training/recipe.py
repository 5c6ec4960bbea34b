"""A training from data set to checkpoint: what it is made from, and the order of its stages."""

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from captioner.files import write_text
from captioner.paths import FEATURES
from captioner.training.journal import Journal, Stopped
from captioner.training.settings import FitConfig, SettingsError, chosen

CONFIG, LOCK = "config.json", "lock"
_OF_A_BACKBONE = ("distillation", "localisation")  # how it was made, in a checkpoint's config


@dataclass(frozen=True)
class Recipe:
    """All that a training depends on; a run keeps it as its config.json."""

    data: str  # folder of a data set
    more_data: tuple[str, ...] = ()  # folders of others, which are trained on together with it
    scored: tuple[str, ...] = ()  # names or folders of those that are scored on; empty: all
    scenes: int = 0  # so many scenes are drawn into that folder first
    download: str = ""  # data set that is fetched into that folder first, see `downloads`
    preset: str = "compact"  # the system that the settings are of, before they were changed
    backbone: str = "compact"  # name, or folder of a compact one
    stride: int | None = None  # of the compact backbone
    start: str | None = None  # checkpoint that is begun with; its backbone and words stay
    sharpen: float = 1.0  # times so much the scores by which the checkpoint's attention chooses
    new_words: bool = False  # words of these captions that the checkpoint lacks are learnt, too
    vectors: str = ""  # file of word vectors, which are not trained then
    mirror: bool = True  # photos are shown mirrored, too
    features: str = str(FEATURES)
    device: str = "auto"
    command: str = ""  # how it was asked for
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self):
        for asked, what in (
            (self.fit.tune, "Tuning the backbone"),
            (self.fit.self_critical, "Learning from its own sentences"),
        ):
            if asked and not self.start:
                raise SettingsError(
                    f"{what} needs a captioner that has learnt already: begin with one "
                    "(--start, or “Teach … on” in the Train tab)."
                )
        if self.fit.self_critical and self.fit.tune:
            raise SettingsError("Either tune the backbone, or learn from own sentences.")
        if self.fit.tune and self.fit.crops:
            raise SettingsError("The backbone is tuned on whole photos: set crops to 0.")
        if self.sharpen != 1 and not self.start:
            raise SettingsError(
                "Only attention that has learnt already can be sharpened (--start)."
            )
        if self.new_words and (not self.start or self.fit.self_critical):
            raise SettingsError(
                "New words are taught to a captioner that has learnt already (--start), by what "
                "others wrote."
            )
        if self.vectors and self.start:
            raise SettingsError("A captioner that has learnt has word vectors of its own already.")

    def save(self, folder: Path) -> None:
        """Keeps it in a run's folder."""
        write_text(folder / CONFIG, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, folder: Path) -> "Recipe":
        """The one that `folder` keeps. Raises SettingsError if there is none, or a damaged one."""
        try:
            values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            values |= {name: tuple(values.get(name, ())) for name in ("more_data", "scored")}
            return cls(**{**values, "fit": chosen(FitConfig, values["fit"])})
        except FileNotFoundError as error:
            raise SettingsError(f"{folder} holds no training yet: --data is needed.") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{folder / CONFIG} cannot be read: {error}") from error


def train(recipe: Recipe, out: Path, report: Callable[[str], None] = print) -> Path:
    """Carries a recipe out, or goes on with it; returns the folder of the best checkpoint.

    While it goes on, the file `lock` in `out` is locked, so that others can tell whether the
    process lives; the system frees it with the process, however that ends.

    Raises Stopped if it was asked to stop, ValueError or OSError with one sentence that says what
    went wrong; the journal then says it, too.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / LOCK, timeout=3):  # whoever asks whether it lives holds it, too
            journal = Journal(out, report)
            recipe.save(out)
            try:
                best = _stages(recipe, out, journal)
            except Stopped:
                journal.end("stopped")
                raise
            except (Exception, KeyboardInterrupt) as error:
                journal.end("failed", str(error) or type(error).__name__)
                raise
            journal.end("finished")
            return best
    except Timeout as error:
        raise SettingsError(f"{out} is being trained already.") from error


def _stages(recipe: Recipe, out: Path, journal: Journal) -> Path:
    journal.stage("starting")
    from captioner.data import datasets, grounding
    from captioner.training import devices, fit

    team = devices.prepare(recipe.device)
    if recipe.fit.batch_size % team.count:
        raise SettingsError(f"batch_size must be a multiple of the {team.count} devices.")
    journal.note(device=str(team))
    data = Path(recipe.data)
    if recipe.download:
        from captioner.data import downloads

        downloads.fetch(recipe.download, data, _Downloading(journal).report)
    if recipe.scenes:
        from captioner import scenes

        journal.stage("drawing", 0, recipe.scenes, "pictures", "drawing")
        scenes.write(data, recipe.scenes, report=journal.progress)
    folders = [data, *map(Path, recipe.more_data)]
    parts = datasets.read_all(folders)
    dataset = datasets.joined(list(parts.values()))
    scored = _scored(recipe, parts)
    train_captions = fit.split_captions(dataset, "train")
    captions = [caption for some in train_captions.values() for caption in some]
    backbone, vocabulary, initial, record = _begin(recipe, captions)
    vectors = _vectors(recipe, vocabulary, journal)
    made = {
        "preset": recipe.preset,
        "command": recipe.command,
        "data": dataset.name,
        "photos": len(train_captions),
        "captions": len(captions),
    }
    before = {"after": record["tuning"]} if "tuning" in record else {}  # it was taught on before
    record["tuning" if recipe.start else "training"] = made | before
    if recipe.fit.tune:
        rows = _pixel_rows(recipe, out, list(parts.values()), backbone)
    else:
        rows = _feature_rows(recipe, parts, backbone, journal)
    taught = []
    if recipe.fit.attention_supervision or recipe.fit.hallucination_penalty:
        taught = [grounding.read(folder, part, "train") for folder, part in parts.items()]
    each = [part.split("train") for part in parts.values()]
    read = fit.Data(dataset, vocabulary, rows, rows[0], vectors, each, taught, scored)
    return fit.fit(read, backbone, out, recipe.fit, record, journal, initial, team)


def _scored(recipe: Recipe, parts: dict) -> dict:
    """The photos of dev, and what is where in them, of the data sets that are scored on."""
    from captioner.data import grounding

    named = {part.name: folder for folder, part in parts.items()}
    wanted = {name: named.get(name, Path(name)) for name in recipe.scored}
    if unknown := [name for name, folder in wanted.items() if folder not in parts]:
        raise SettingsError(f"There is no data set {unknown[0]}; there are: {', '.join(named)}.")
    return {
        part.name: (part.split("dev"), grounding.read(folder, part, "dev"))
        for folder, part in parts.items()
        if not wanted or folder in wanted.values()
    }


def _vectors(recipe: Recipe, vocabulary, journal: Journal):
    """Vectors of the words (V, E), if a file of them was given."""
    if not recipe.vectors:
        return None
    from captioner.data import word_vectors

    matrix, known = word_vectors.read(recipe.vectors, vocabulary)
    journal.report(f"vectors of {known:,} of {len(vocabulary):,} words, from {recipe.vectors}")
    return matrix


class _Downloading:
    """Tells the journal of a download, which has stages of its own."""

    def __init__(self, journal: Journal):
        self.journal, self.doing = journal, ""

    def report(self, doing: str, done: int, total: int) -> None:
        if doing != self.doing:
            self.doing = doing
            unit = "files" if doing == "unpacking" else "bytes"
            self.journal.stage(f"{doing} the data", done, total, unit)
        self.journal.progress(done, total)


def _begin(recipe: Recipe, captions: list[str]) -> tuple:
    """Backbone, vocabulary, the decoder begun with if there is one, and how they were made."""
    from captioner import checkpoints
    from captioner.vocabulary import Vocabulary

    limits = recipe.fit.min_count, recipe.fit.max_words or None
    if recipe.start:
        start = checkpoints.load(recipe.start)
        # It goes on from the logits that it learnt, not from those that were softened for show.
        start.decoder.soften(1 / start.config.get("temperature", 1.0))
        if recipe.sharpen != 1:
            start.decoder.sharpen(recipe.sharpen)
        vocabulary, decoder = start.vocabulary, start.decoder
        if recipe.new_words:
            found = Vocabulary.from_captions(captions, *limits, vocabulary.clean)
            vocabulary = vocabulary.extended(found)
            decoder = decoder.extended(len(vocabulary) - len(start.vocabulary))
        kept = (*_OF_A_BACKBONE, "training", "settings", "tuning")
        record = {key: start.config[key] for key in kept if key in start.config}
        return start.backbone, vocabulary, decoder, record
    backbone = checkpoints.find_backbone(recipe.backbone, recipe.stride)
    vocabulary = Vocabulary.from_captions(captions, *limits, recipe.fit.clean)
    record = {}
    if (folder := Path(recipe.backbone)).is_dir():
        made = checkpoints.read_config(folder)
        record = {key: made[key] for key in _OF_A_BACKBONE if key in made}
    return backbone, vocabulary, None, record


def _feature_rows(recipe: Recipe, parts: dict, backbone, journal: Journal) -> list:
    """The features of all photos in each view: of several data sets, one cache after the other."""
    from captioner.data.augmentation import View
    from captioner.data.photo_rows import JoinedRows

    rows = []
    for crop, mirrored in itertools.product(range(recipe.fit.crops + 1), _mirrorings(recipe)):
        view = View(mirrored, crop)
        caches = [
            _cached(recipe, folder, part, view, backbone, journal) for folder, part in parts.items()
        ]
        rows.append(caches[0][1] if len(caches) == 1 else JoinedRows(caches))
    return rows


def _cached(recipe: Recipe, data: Path, dataset, view, backbone, journal: Journal) -> tuple:
    """The photos of a data set, and their features in one view; only those of train in other
    views than the plain one."""
    from captioner.data import features
    from captioner.data.augmentation import PLAIN

    files = sorted(dataset.captions) if view == PLAIN else dataset.split("train")
    # A cache for each data set and backbone: whoever wants the same finds it there.
    key = [str(data.resolve()), *(f.name for f in files), view.mirrored]
    key += [view.crop] if view.crop else []
    key = hashlib.blake2b(json.dumps(key).encode(), digest_size=6)
    key.update(features.fingerprint(backbone).encode())
    folder = Path(recipe.features) / f"{dataset.name}-{key.hexdigest()}"
    name = f"looking at the {'mirrored ' * view.mirrored}{'crops' if view.crop else 'photos'}"
    folder.mkdir(parents=True, exist_ok=True)
    kind = f"looking {backbone.geometry.cells}x{backbone.channels}"
    journal.stage(name, 0, len(files), "photos", kind)
    with FileLock(folder / LOCK):  # two trainings do not write one cache
        return files, features.cache(files, backbone, folder, view, report=journal.progress)


def _pixel_rows(recipe: Recipe, out: Path, parts: list, backbone) -> list:
    """The pixels of all photos, as they are and mirrored."""
    from captioner.data.augmentation import View
    from captioner.data.photo_rows import JoinedRows, PhotoRows
    from captioner.data.photo_store import PhotoStore

    files = [[*part.split("train"), *part.split("dev")] for part in parts]
    store = PhotoStore(out, list(itertools.chain(*files)), backbone.geometry.size)
    readable, rows = set(store.files), {mirrored: [] for mirrored in _mirrorings(recipe)}
    first = 0
    for some in files:
        there = [file for file in some if file in readable]
        numbers = {file.name: number for number, file in enumerate(there)}
        pixels = store.pixels[first : first + len(there)]
        first += len(there)
        for mirrored, found in rows.items():
            # A mirrored photo is the same memory read from right to left.
            turned = pixels[:, :, ::-1] if mirrored else pixels
            found.append((there, PhotoRows(numbers, turned, View(mirrored))))
    return [JoinedRows(found) for found in rows.values()]


def _mirrorings(recipe: Recipe) -> tuple[bool, ...]:
    return (False, True) if recipe.mirror else (False,)
