"""Many at once: programs that call the web API, and visitors with what-ifs.

The web API is measured beside the same server as it was before: it computes one caption at a time,
and each call describes all components of the page to itself.
"""

import itertools
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.benchmarks.common import Row, Settings, photos
from tests.support.browser.serving import serving
from tests.support.browser.visitor import Visitor
from tests.support.process import server_memory

CLIENTS, VISITORS = 32, 64
PHOTOS = 200  # more than a server remembers: each caption needs new features
TURNS, ALONE, TOGETHER = 5, 3, 6  # turns of each server, seconds of one client and of all
ROUNDS = 20  # what-ifs of each visitor
TIMEOUT = 300  # seconds
ONE_BY_ONE = """
from captioner.batching import joint_decoding
joint_decoding.SIZES = (1,)
from captioner.ui import calls
calls.make_cheap = lambda: setattr(calls.utils, "MatplotlibBackendMananger", calls.nullcontext)
import app
app.main()
"""
SETTINGS = (
    {"sampler": "greedy"},
    {"sampler": "sampling", "seed": 1},
    {"sampler": "beam", "beams": 3},
)


def measure(settings: Settings) -> list[Row]:
    """Medians; the slowest wait is that of all."""
    with TemporaryDirectory() as folder, ExitStack() as servers:
        files = photos(Path(folder), 8 if settings.quick else PHOTOS)
        before = servers.enter_context(serving(settings.checkpoint, ("-c", ONE_BY_ONE)))
        after = servers.enter_context(serving(settings.checkpoint))
        return [*of_api(before, after, files, settings), *of_visitors(after, files, settings)]


def of_api(before: str, after: str, files: list[Path], settings: Settings) -> list[Row]:
    """The servers take turns, since the speed of a machine wanders."""
    data, number = [file.read_bytes() for file in files], itertools.count()
    seconds = (1, 1) if settings.quick else (ALONE, TOGETHER)

    def caption(client: httpx.Client) -> None:
        call(client, data[next(number) % len(data)])

    waits, rates = {before: [], after: []}, {before: [], after: []}
    for turn in range(-1, 1 if settings.quick else TURNS):
        for address in (before, after):
            alone, _ = repeated(caption, [address], seconds[0])
            _, rate = repeated(caption, [address] * CLIENTS, seconds[1])
            if turn >= 0:  # not the first, in which shapes are compiled
                waits[address] += alone
                rates[address].append(rate)
    old_wait, wait = (1000 * statistics.median(waits[address]) for address in (before, after))
    old_rate, rate = (statistics.median(rates[address]) for address in (before, after))
    ratios = [new / old for old, new in zip(rates[before], rates[after], strict=True)]
    return [
        Row("web API, one client", "ms", wait),
        Row("the same, captions one at a time", "ms", old_wait),
        Row(f"web API, {CLIENTS} clients", "captions/s", rate, more_is_better=True),
        Row("the same, captions one at a time", "captions/s", old_rate, more_is_better=True),
        Row("how many times as many, turn by turn", "x", statistics.median(ratios)),
    ]


def call(client: httpx.Client, photo: bytes) -> None:
    """A caption from the web API, without a client of Gradio's, which takes longer than the
    server."""
    api = "gradio_api"
    path = client.post(f"{api}/upload", files={"files": ("photo.jpg", photo)}).json()[0]
    given = {"path": path, "meta": {"_type": "gradio.FileData"}}
    data = {"data": [given, "greedy", 0.7, 0, 0.9, None, 3]}
    event = client.post(f"{api}/call/caption", json=data).json()["event_id"]
    answer = client.get(f"{api}/call/caption/{event}").text
    assert "event: complete" in answer, answer


def repeated(
    action: Callable[[httpx.Client], None], addresses: list[str], seconds: float
) -> tuple[list[float], float]:
    """Has a client for each address repeat the action. Returns the seconds of each, and how many
    there were a second."""
    with ExitStack() as stack, ThreadPoolExecutor(len(addresses)) as pool:
        # Without certificates, whose reading takes as long as several captions.
        clients = [httpx.Client(base_url=a, timeout=TIMEOUT, verify=False) for a in addresses]
        for client in clients:
            stack.enter_context(client)
        begun = time.perf_counter()

        def work(client: httpx.Client) -> list[float]:
            ends = [time.perf_counter()]
            while len(ends) == 1 or ends[-1] < begun + seconds:
                action(client)
                ends.append(time.perf_counter())
            return [after - before for before, after in itertools.pairwise(ends)]

        times = [each for some in pool.map(work, clients) for each in some]
        return times, len(times) / (time.perf_counter() - begun)


def of_visitors(address: str, files: list[Path], settings: Settings) -> list[Row]:
    """Each visitor has a photo, and asks for one what-if after the other."""
    with ExitStack() as stack, ThreadPoolExecutor(VISITORS) as pool:
        visitors = [stack.enter_context(Visitor(address)) for _ in range(VISITORS)]
        photo = {one: files[number % len(files)] for number, one in enumerate(visitors)}
        values = list(pool.map(lambda one: one.caption(one.upload(photo[one])), visitors))

        def ask(visitor: Visitor, value: dict, rounds: int) -> list[float]:
            words = [word["text"] for word in value["words"]]
            waits = []
            for number in range(rounds):
                query = {"key": value["keys"]["seen"], "words": words[: number % 3]}
                query |= {"covered": [[number % 7, 3]], "settings": SETTINGS[number % 3]}
                begun = time.perf_counter()
                answer = visitor.query("what_if", **query)
                waits.append(time.perf_counter() - begun)
                assert "result" in answer, answer
            return waits

        def all_ask(rounds: int) -> list[float]:
            asked = pool.map(ask, visitors, values, [rounds] * VISITORS)
            return [wait for waits in asked for wait in waits]

        all_ask(3)
        memory, begun = server_memory(address), time.perf_counter()
        waits = all_ask(3 if settings.quick else ROUNDS)
        rate = len(waits) / (time.perf_counter() - begun)
        return [
            Row(f"{VISITORS} visitors with what-ifs", "answers/s", rate, more_is_better=True),
            Row("the median wait", "ms", 1000 * statistics.median(waits)),
            Row("the slowest wait", "ms", 1000 * max(waits)),
            Row("memory of the server before them", "MB", memory),
            Row("and after them", "MB", server_memory(address)),
        ]
