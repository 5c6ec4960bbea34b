"""How a stored result is labelled on the page."""

from datetime import datetime
from pathlib import Path

from captioner.evaluation.store import Evaluation
from captioner.ui.evaluate.origin import Origin


def label(result: Evaluation, origin: Origin) -> str:
    """Returns one line that identifies a result in a list."""
    photos = f"{len(result.photos):,} photos"
    return f"{name(result, origin)} · {data(result)}, {photos} · {decoding(result.sampler)}"


def name(result: Evaluation, origin: Origin) -> str:
    """Returns the name of the checkpoint, such as "mine/best (deleted)"."""
    return f"{result.checkpoint} ({origin.state})" if origin.state else result.checkpoint


def data(result: Evaluation) -> str:
    """Returns the data set and split, such as "flickr8k dev"."""
    return f"{Path(result.data).name} {result.split}"


def decoding(sampler: dict) -> str:
    """Describes the settings of a sampler."""
    match sampler.get("sampler", "greedy"):
        case "beam":
            return f"beam search, width {sampler.get('beams')}"
        case "sampling":
            parts = [f"temperature {sampler.get('temperature')}"]
            parts += [f"top k {sampler['top_k']}"] if sampler.get("top_k") else []
            parts += [f"top p {sampler['top_p']}"] if sampler.get("top_p", 1) < 1 else []
            return f"sampling, {', '.join(parts)}"
        case other:
            return str(other)


def date(result: Evaluation) -> str:
    """Returns the day, such as "21 Nov 2026", or the stored text if it is no date."""
    try:
        day = datetime.fromisoformat(result.date)
    except ValueError:
        return result.date
    return f"{day.day} {day:%b %Y}"
