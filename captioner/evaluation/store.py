"""The results of evaluations that are kept, by the names of their files."""

from pathlib import Path

from captioner.evaluation.evaluate import Evaluation, EvaluationError
from captioner.paths import RESULTS


class Kept:
    """Reads a result when it is first wanted, and anew when its file has changed."""

    def __init__(self, root: Path = RESULTS):
        self.root = root
        self._read: dict[Path, tuple[int, Evaluation | None]] = {}

    def all(self) -> dict[str, Evaluation]:
        """By name, the newest first; what cannot be read is left out."""
        found = {path.stem: self._evaluation(path) for path in self.root.glob("*.json")}
        self._read = {path: read for path, read in self._read.items() if path.stem in found}
        whole = [(name, one) for name, one in found.items() if one]
        return dict(sorted(whole, key=lambda named: named[1].date, reverse=True))

    def named(self, name: str) -> Evaluation:
        """Raises ValueError if there is none of that name, which need not be trusted."""
        found = self.all()
        if name not in found:
            raise ValueError("This result is not here any more: choose another.")
        return found[name]

    def delete(self, name: str) -> None:
        """Raises ValueError as `named` does."""
        self.named(name)
        (self.root / f"{name}.json").unlink(missing_ok=True)

    def _evaluation(self, path: Path) -> Evaluation | None:
        try:
            written = path.stat().st_mtime_ns
            if self._read.get(path, (None,))[0] != written:
                self._read[path] = written, Evaluation.read(path)
        except EvaluationError:
            self._read[path] = written, None
        except OSError:  # it was deleted meanwhile
            return None
        return self._read[path][1]
