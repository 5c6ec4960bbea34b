"""What a kept result is called on the page."""

from datetime import datetime
from pathlib import Path

from captioner.evaluation.evaluate import Evaluation


def label(evaluation: Evaluation) -> str:
    """What tells a result from others, on one line."""
    asked = f"{Path(evaluation.data).name} {evaluation.split}"
    count = f"{len(evaluation.photos):,} photos"
    return f"{evaluation.checkpoint} · {asked}, {count} · {decoding(evaluation.sampler)}"


def decoding(sampler: dict) -> str:
    """How words were chosen, in words."""
    match sampler.get("sampler", "greedy"):
        case "beam":
            return f"beam search, {sampler.get('beams')} kept"
        case "sampling":
            told = [f"temperature {sampler.get('temperature')}"]
            told += [f"top k {sampler['top_k']}"] if sampler.get("top_k") else []
            told += [f"top p {sampler['top_p']}"] if sampler.get("top_p", 1) < 1 else []
            return f"sampling, {', '.join(told)}"
        case other:
            return str(other)


def day(evaluation: Evaluation) -> str:
    """When it was found, such as "21 Nov 2026"; as it is written where it is no date."""
    try:
        found = datetime.fromisoformat(evaluation.date)
    except ValueError:
        return evaluation.date
    return f"{found.day} {found:%b %Y}"
