"""The status and the sample captions of a run, read from its folder for the page."""

import base64

from captioner.training.runs import snapshots
from captioner.training.runs.run import Run

_DIGITS = 4  # of an attention weight


def status(run: Run) -> dict:
    """Returns the state of a run; after a failure with the last lines of its log."""
    found = run.status | {"name": run.name}
    if found["state"] in ("died", "failed"):
        found["log"] = run.log(12)
    return found


def samples(run: Run) -> dict:
    """Returns a few photos and their captions at each snapshot of the training."""
    folder = run.folder / "samples"
    described = snapshots.read_photos(folder)
    photos = []
    for photo in described["photos"]:
        data = base64.b64encode((folder / photo["file"]).read_bytes()).decode("ascii")
        photos.append({**photo, "src": f"data:image/jpeg;base64,{data}"})
    return {
        "run": run.name,
        "photos": photos,
        "grid": described["grid"],
        "attends": described["use_attention"],
        "moments": [_shortened(one) for one in snapshots.read_snapshots(folder)],
    }


def _shortened(snapshot: dict) -> dict:
    """A snapshot with words and rounded maps only."""
    captions = [
        {
            "words": [
                {
                    "text": word["text"],
                    "attention": [[round(w, _DIGITS) for w in row] for row in word["attention"]],
                }
                for word in caption["words"]
            ]
        }
        for caption in snapshot["captions"]
    ]
    return {"step": snapshot["step"], "epoch": snapshot["epoch"], "captions": captions}
