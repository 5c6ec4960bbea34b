"""Captions of a few dev photos during a training, kept in `samples/` of a run.

samples/photos.json     the photos: file, size, references; where the cells of a map lie
samples/0.jpg, ..       small copies of them
samples/00000420.json   after step 420: {step, epoch, captions}, each caption as its JSON
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from captioner import photos
from captioner.attention_maps import Geometry, grid_json
from captioner.caption import Caption
from captioner.decoder.designs import current_names
from captioner.files import json_text, write_text, write_whole

SIDE = 320  # pixels of the longer side of a copy
SNAPSHOTS = 40  # about as many epochs have one: more would be slow to show
EARLY = (1 / 32, 1 / 8, 1 / 2)  # shares of the first epoch, when most changes
_REFERENCES = 5  # of a photo


def choose(candidates: Sequence[Path], count: int = 6) -> list[Path]:
    """`count` photos, evenly from the first to the last."""
    if len(candidates) <= count:
        return list(candidates)
    return [candidates[i * (len(candidates) - 1) // (count - 1)] for i in range(count)]


def is_due(epoch: int, epochs: int) -> bool:
    """Whether a snapshot is saved after this epoch, counted from 1."""
    return epoch % -(-epochs // SNAPSHOTS) == 0 or epoch in (1, epochs)


def save_photos(
    folder: Path,
    references: Mapping[Path, Sequence[str]],
    geometry: Geometry,
    use_attention: bool = True,
) -> None:
    """Saves small copies of the photos, their references, where the cells of attention maps lie on
    them, and whether the captions will have such maps."""
    described = []
    for number, (file, captions) in enumerate(references.items()):
        photo = photos.open_photo(file)
        photo.thumbnail((SIDE, SIDE))
        name = f"{number}.jpg"
        write_whole(folder / name, lambda temporary, p=photo: p.save(temporary, quality=88))
        size = {"width": photo.width, "height": photo.height}
        described.append({"file": name, **size, "said": list(captions[:_REFERENCES])})
    content = {"photos": described, "grid": grid_json(geometry), "use_attention": use_attention}
    write_text(folder / "photos.json", json_text(content))


def save_snapshot(folder: Path, step: int, epoch: float, captions: Sequence[Caption]) -> None:
    """Saves the captions of the photos after a step; `epoch` may be a fraction."""
    content = {"step": step, "epoch": epoch, "captions": [c.to_json() for c in captions]}
    write_text(folder / f"{step:08d}.json", json_text(content))


def read_photos(folder: Path) -> dict:
    """What `save_photos` wrote; no photos if it has not been called yet."""
    try:
        content = json.loads((folder / "photos.json").read_text(encoding="utf-8"))
        return {"use_attention": True} | current_names(content)
    except (OSError, ValueError):
        return {"photos": [], "grid": {"x": [], "y": []}, "use_attention": True}


def read_snapshots(folder: Path) -> list[dict]:
    """All snapshots, in order of their steps."""
    files = sorted(folder.glob("[0-9]*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]
