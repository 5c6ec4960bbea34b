"""What a captioner says of a few photos as it learns, moment by moment: `samples/` of a run.

samples/photos.json     the photos: file, size, and what people said of them
samples/0.jpg, ..       small copies of them
samples/00000420.json   after step 420: {step, epoch, captions}, a caption as its JSON
"""

import json
from collections.abc import Sequence
from pathlib import Path

from captioner import photos
from captioner.attention_maps import Geometry, grid_json
from captioner.caption import Caption
from captioner.files import write_text, write_whole

SIDE = 320  # pixels of the longer side of a copy
MOMENTS = 40  # of the epochs, about: more are not looked at, and would be slow to show
EARLY = (0.0, 1 / 32, 1 / 8, 1 / 2)  # shares of the first epoch: it is then that most changes


def choose(candidates: Sequence[Path], count: int = 6) -> list[Path]:
    """`count` photos, evenly from the first to the last."""
    if len(candidates) <= count:
        return list(candidates)
    return [candidates[i * (len(candidates) - 1) // (count - 1)] for i in range(count)]


def is_kept(epoch: int, epochs: int) -> bool:
    """Whether what is said after this epoch, counted from 1, is kept."""
    return epoch % -(-epochs // MOMENTS) == 0 or epoch in (1, epochs)


def keep_photos(
    folder: Path, said: dict[Path, list[str]], geometry: Geometry, attends: bool = True
) -> None:
    """Keeps small copies of the photos, where the cells of a map lie on them, and whether what is
    said of them comes with maps."""
    described = []
    for number, (file, references) in enumerate(said.items()):
        photo = photos.open_photo(file)
        photo.thumbnail((SIDE, SIDE))
        name = f"{number}.jpg"
        write_whole(folder / name, lambda temporary, p=photo: p.save(temporary, quality=88))
        described.append(
            {"file": name, "width": photo.width, "height": photo.height, "said": references[:5]}
        )
    kept = {"photos": described, "grid": grid_json(geometry), "attends": attends}
    write_text(folder / "photos.json", json.dumps(kept))


def keep_moment(folder: Path, step: int, epoch: float, captions: Sequence[Caption]) -> None:
    """Keeps what was said after a step."""
    moment = {"step": step, "epoch": epoch, "captions": [c.to_json() for c in captions]}
    write_text(folder / f"{step:08d}.json", json.dumps(moment))


def read_photos(folder: Path) -> dict:
    """What `keep_photos` wrote; without photos where there are none yet."""
    try:
        return json.loads((folder / "photos.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"photos": [], "grid": {"x": [], "y": []}, "attends": True}


def read_moments(folder: Path, after: int = -1) -> list[dict]:
    """The moments after step `after`, in order."""
    files = sorted(folder.glob("[0-9]*.json"))
    return [json.loads(f.read_text(encoding="utf-8")) for f in files if int(f.stem) > after]
