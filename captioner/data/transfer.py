"""One large file over HTTP: resumed wherever it stopped, and checked before it counts."""

import hashlib
import os
import queue
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from captioner.data.archives import FULL

PATIENCE = 8.0  # seconds for an answer: looking up the name, connecting, redirects
SILENCE = 15.0  # seconds without a byte after which a connection counts as broken
TRIES, PAUSE = 4, 2.0  # connections in a row that brought nothing, and seconds between them
PIECE = 1 << 20

Report = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


class DownloadError(ValueError):
    """It can't be fetched; one sentence says why and what to do instead."""


class DownloadStopped(DownloadError):
    """Somebody asked it to stop."""


@dataclass(frozen=True)
class Remote:
    """A file at its address."""

    url: str
    size: int  # bytes
    checksum: str  # "sha256:..." or "md5:..."

    @property
    def name(self) -> str:
        """Its file name."""
        return self.url.rpartition("/")[2]


def fetch(
    remote: Remote,
    folder: Path,
    report: Report = lambda doing, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetches a file into `folder`, or goes on with one that was cut off, or takes the one that
    somebody put there. Until all of it is there and checked, its name ends in `.part`.

    `report("downloading" or "checking", bytes, of bytes)` is called for every piece.

    Raises DownloadError if the host can't be reached, goes silent, or sends something else;
    DownloadStopped soon after `should_stop()` is true. What came stays, unless it is wrong.
    """
    target = folder / remote.name
    if target.is_file():
        if not _is_right(target, remote, report, should_stop):
            raise DownloadError(
                f"{target} is not the file of {remote.url} (its checksum differs); delete it and "
                "start again."
            )
        return target
    part = folder / f"{remote.name}.part"
    if _length(part) > remote.size:
        part.unlink()
    _receive(remote, part, report, should_stop)
    if not _is_right(part, remote, report, should_stop):
        part.unlink()
        raise DownloadError(
            f"What came from {remote.url} was damaged (its checksum differs) and is removed; start "
            "again."
        )
    os.replace(part, target)
    return target


def _length(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _is_right(file: Path, remote: Remote, report: Report, should_stop) -> bool:
    if _length(file) != remote.size:
        return False
    kind, _, expected = remote.checksum.partition(":")
    digest = hashlib.new(kind, usedforsecurity=False)
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            stop_if(should_stop)
            digest.update(piece)
            report("checking", content.tell(), remote.size)
    return digest.hexdigest() == expected


def stop_if(should_stop: Callable[[], bool]) -> None:
    """Raises DownloadStopped if it should."""
    if should_stop():
        raise DownloadStopped("The download was stopped; start it again to go on.")


def _receive(remote: Remote, part: Path, report: Report, should_stop) -> None:
    """Connects, and connects again where the connection breaks, until all is there."""
    reached, silent = False, 0
    limits = httpx.Timeout(SILENCE, connect=PATIENCE)
    with httpx.Client(timeout=limits, follow_redirects=True) as client:
        while (begun := _length(part)) < remote.size:
            stop_if(should_stop)
            broken: Exception | None = None
            try:
                with closing(_ask(client, remote, begun)) as answer:
                    reached = True
                    _write(answer, remote, part, begun, report, should_stop)
            except httpx.RequestError as error:
                broken = error
                if not reached:
                    raise DownloadError(
                        f"{urlsplit(remote.url).hostname} cannot be reached: go online and start "
                        f"again, or put {remote.url}, fetched elsewhere, into {part.parent}."
                    ) from error
            except OSError as error:
                if error.errno not in FULL:
                    raise
                raise DownloadError(
                    f"The disk is full at {_length(part) / 1e6:,.0f} of {remote.size / 1e6:,.0f} "
                    f"MB of {remote.name}: free some space and start again, to go on from there."
                ) from error
            silent = 0 if _length(part) > begun else silent + 1
            if silent == TRIES:
                raise DownloadError(
                    f"The connection for {remote.url} breaks off at {_length(part) / 1e6:,.0f} of "
                    f"{remote.size / 1e6:,.0f} MB: start again later, to go on from there."
                ) from broken
            if silent:
                time.sleep(PAUSE)


def _ask(client: httpx.Client, remote: Remote, begun: int) -> httpx.Response:
    """Asks for the bytes from `begun` on. Raises httpx.RequestError if no answer comes in time.

    httpx limits each attempt to connect, but not the look-up of a name, nor the sum over a host's
    many addresses; somebody offline would wait for a minute. So all of it goes into a thread.
    """
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
    request = client.build_request("GET", remote.url, headers=headers)
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def send() -> None:
        try:
            answers.put(client.send(request, stream=True))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=send, daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE)
    except queue.Empty:
        raise httpx.ConnectTimeout("no answer", request=request) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _write(
    answer: httpx.Response, remote: Remote, part: Path, begun: int, report: Report, should_stop
) -> None:
    """Appends what comes, or starts over where the host knows no ranges."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise httpx.ReadError(f"status {answer.status_code}")  # it may be better in a moment
    if answer.status_code not in (200, 206):
        raise DownloadError(
            f"{remote.url} answers {answer.status_code} ({answer.reason_phrase}): it has moved; "
            f"put {remote.name}, fetched elsewhere, into {part.parent}."
        )
    done, total = _place(answer)
    if total not in (remote.size, None) or done not in (0, begun):
        raise DownloadError(
            f"{remote.url} is not the file of {remote.size:,} bytes that it was; put "
            f"{remote.name}, fetched elsewhere, into {part.parent}."
        )
    with part.open("ab" if done else "wb") as out:
        for piece in answer.iter_raw():
            stop_if(should_stop)
            out.write(piece[: remote.size - done])
            done += len(piece)
            report("downloading", min(done, remote.size), remote.size)
            if done >= remote.size:
                break


def _place(answer: httpx.Response) -> tuple[int | None, int | None]:
    """(first byte, bytes of the whole file) as the answer's headers say; None if they don't."""
    if answer.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        return (int(found[1]), int(found[2])) if found else (None, None)
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None
