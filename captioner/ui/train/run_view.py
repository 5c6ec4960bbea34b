"""The status and the sample captions of a run, read from its folder for the page."""

from captioner.caption import rounded
from captioner.training.runs import snapshots
from captioner.training.runs.run import Run
from captioner.ui.shared.results import file_url

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
    photos = [
        photo | {"src": file_url("image/jpeg", (folder / photo["file"]).read_bytes())}
        for photo in described["photos"]
    ]
    return {
        "run": run.name,
        "photos": photos,
        "grid": described["grid"],
        "attends": described["use_attention"],
        "moments": [_shortened(snapshot) for snapshot in snapshots.read_snapshots(folder)],
    }


def _shortened(snapshot: dict) -> dict:
    """A snapshot with words and rounded maps only."""
    captions = []
    for caption in snapshot["captions"]:
        words = [
            {"text": word["text"], "attention": rounded(word["attention"], _DIGITS)}
            for word in caption["words"]
        ]
        captions.append({"words": words})
    return {"step": snapshot["step"], "epoch": snapshot["epoch"], "captions": captions}
