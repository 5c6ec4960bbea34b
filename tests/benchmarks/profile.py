"""What a step of training on a processor spends its time on, by TensorFlow's profiler."""

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from tests.benchmarks.common import Row, Settings
from tests.benchmarks.training import GRIDS, PHOTOS, our_steps

STEPS = 28
PRODUCTS = "products of matrices: "
# The first group counts whose words are in the name of an operation; all words of a tuple.
GROUPS = {
    PRODUCTS + "words": [("/words", "MatMul")],
    PRODUCTS + "loop over words": [("while", "MatMul")],
    PRODUCTS + "others": [("MatMul",)],
    "gradients of weights added up after each word": [("while", "AddN")],
    "cross-entropy": [("softmax_cross_entropy",), ("one_hot",)],
    "optimizer": [("adam",), ("clip",)],
    "tanh of the attention": [("while", "Tanh")],
    "all else in the loop": [("while",)],
}
REST = "reading of words, dropout, sums, others"


def measure(settings: Settings) -> list[Row]:
    """The share of each group in the time of all operations."""
    captions = settings.captions()
    some = dict(itertools.islice(captions.items(), 12 if settings.quick else PHOTOS))
    with TemporaryDirectory() as folder:
        steps = our_steps(some, captions, Path(folder) / "own", *GRIDS["own"])
        next(steps)  # compiles
        with tf.profiler.experimental.Profile(folder):
            sum(itertools.islice(steps, 1 if settings.quick else STEPS))
        shares = Counter()
        for path in Path(folder).rglob("*.xplane.pb"):
            for name, time in own_times(path):
                shares[group(name)] += time
    whole = sum(shares.values())
    return [
        Row(f"time of a training step: {name}", "%", 100 * shares[name] / whole)
        for name in (*GROUPS, REST)
    ]


def group(operation: str) -> str:
    for name, choices in GROUPS.items():
        if any(all(word in operation for word in words) for words in choices):
            return name
    return REST


def own_times(path: Path) -> Iterator[tuple[str, int]]:
    """Names of operations and the picoseconds of each, without those of operations in it."""
    space = xplane_pb2.XSpace()
    space.ParseFromString(path.read_bytes())
    for plane in space.planes:
        if "CPU" not in plane.name:
            continue
        for line in plane.lines:
            open_now: list[list] = []  # [end, name, own time], outermost first
            for event in sorted(line.events, key=lambda e: (e.offset_ps, -e.duration_ps)):
                while open_now and open_now[-1][0] <= event.offset_ps:
                    yield tuple(open_now.pop()[1:])
                if open_now:
                    open_now[-1][2] -= event.duration_ps
                name = plane.event_metadata[event.metadata_id].name
                if ":" in name:  # an operation; others are what runs them
                    end = event.offset_ps + event.duration_ps
                    open_now.append([end, name, event.duration_ps])
            while open_now:
                yield tuple(open_now.pop()[1:])
