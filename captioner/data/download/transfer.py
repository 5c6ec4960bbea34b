"""One large file over HTTP: resumed after every interruption, and checked at the end.

Own code, since the libraries for data sets (pooch, keras.utils.get_file) start again from zero
after a broken connection, and files here have up to 19 GB.
"""

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from captioner.data.download.archives import DISK_FULL, PIECE

PATIENCE = 8.0  # seconds until a response begins, with the look-up of the name and redirects
SILENCE = 15.0  # seconds without a byte after which a connection counts as broken
TRIES, PAUSE = 4, 2.0  # connections in a row without a byte, and seconds between them

Report = Callable[[str, int, int], None]  # stage, how much is done, of how much


class DownloadError(ValueError):
    """The download failed; one sentence says why and what to do."""


@dataclass(frozen=True)
class Remote:
    """A file on the internet."""

    url: str
    size: int  # bytes
    checksum: str  # "sha256:..." or "md5:..."

    @property
    def name(self) -> str:
        """The file name."""
        return self.url.rpartition("/")[2]


def fetch(
    remote: Remote,
    folder: Path,
    report: Report = lambda stage, done, total: None,
) -> Path:
    """Downloads a file, resumes a partial download, or checks the file that exists already.

    Args:
        remote: the file.
        folder: where to; the name ends in `.part` until the file is complete and checked.
        report: called with "downloading" or "checking", bytes done, and bytes in total; whatever it
            raises stops the download, and the partial file stays.

    Returns:
        The path of the file.

    Raises:
        DownloadError: the host cannot be reached or fails, or the content is wrong.
    """
    target = folder / remote.name
    if target.is_file():
        if not _is_correct(target, remote, report):
            raise DownloadError(
                f"{target} is not the file of {remote.url} (its checksum differs); delete it and "
                "start again."
            )
        return target
    part = folder / f"{remote.name}.part"
    if _length(part) > remote.size:
        part.unlink()
    _receive(remote, part, report)
    if not _is_correct(part, remote, report):
        part.unlink()
        raise DownloadError(
            f"The download of {remote.url} was damaged (its checksum differs) and is removed; "
            "start again."
        )
    os.replace(part, target)
    return target


def _length(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _is_correct(file: Path, remote: Remote, report: Report) -> bool:
    """Whether a file has the size and the checksum."""
    if _length(file) != remote.size:
        return False
    algorithm, _, expected = remote.checksum.partition(":")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            digest.update(piece)
            report("checking", content.tell(), remote.size)
    return digest.hexdigest() == expected


def _receive(remote: Remote, part: Path, report: Report) -> None:
    """Connects, and again after each broken connection, until all bytes are there."""
    reached, failures = False, 0
    timeout = httpx.Timeout(SILENCE, connect=PATIENCE)
    with httpx.Client(timeout=timeout, follow_redirects=True) as client:
        while (start := _length(part)) < remote.size:
            failure: Exception | None = None
            try:
                with closing(_request(client, remote, start)) as response:
                    reached = True
                    _write(response, remote, part, start, report)
            except httpx.RequestError as error:
                failure = error
                if not reached:
                    raise DownloadError(
                        f"{urlsplit(remote.url).hostname} cannot be reached: go online and start "
                        f"again, or put {remote.url}, fetched elsewhere, into {part.parent}."
                    ) from error
            except OSError as error:
                if error.errno not in DISK_FULL:
                    raise
                raise DownloadError(
                    f"The disk is full at {_progress(part, remote)} of {remote.name}: free some "
                    "space and start again, to go on from there."
                ) from error
            failures = 0 if _length(part) > start else failures + 1
            if failures == TRIES:
                raise DownloadError(
                    f"The connection for {remote.url} breaks off at {_progress(part, remote)}: "
                    "start again later, to go on from there."
                ) from failure
            if failures:
                time.sleep(PAUSE)


def _progress(part: Path, remote: Remote) -> str:
    return f"{_length(part) / 1e6:,.0f} of {remote.size / 1e6:,.0f} MB"


def _request(client: httpx.Client, remote: Remote, start: int) -> httpx.Response:
    """Requests the bytes from `start` on. Raises httpx.RequestError if no response begins in time.

    In a thread, since httpx limits neither the look-up of the name nor the sum over a host's
    addresses: offline, it would take a minute.
    """
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    request = client.build_request("GET", remote.url, headers=headers)
    response: Future[httpx.Response] = Future()

    def send() -> None:
        try:
            response.set_result(client.send(request, stream=True))
        except Exception as error:
            response.set_exception(error)

    threading.Thread(target=send, daemon=True).start()
    try:
        return response.result(timeout=PATIENCE)
    except TimeoutError:
        raise httpx.ConnectTimeout("no response", request=request) from None


def _write(
    response: httpx.Response, remote: Remote, part: Path, start: int, report: Report
) -> None:
    """Appends the bytes, or starts from zero if the host does not support ranges."""
    if response.status_code >= 500 or response.status_code == 429:
        raise httpx.ReadError(f"status {response.status_code}")  # perhaps temporary: try again
    if response.status_code not in (200, 206):
        raise DownloadError(
            f"{remote.url} answers {response.status_code} ({response.reason_phrase}): it has "
            f"moved; put {remote.name}, fetched elsewhere, into {part.parent}."
        )
    done, total = _range(response)
    if total not in (remote.size, None) or done not in (0, start):
        raise DownloadError(
            f"{remote.url} is not the file of {remote.size:,} bytes that it was; put "
            f"{remote.name}, fetched elsewhere, into {part.parent}."
        )
    with part.open("ab" if done else "wb") as out:
        for piece in response.iter_raw():
            out.write(piece[: remote.size - done])
            done += len(piece)
            report("downloading", min(done, remote.size), remote.size)
            if done >= remote.size:
                break


def _range(response: httpx.Response) -> tuple[int | None, int | None]:
    """(first byte, bytes of the whole file) according to the headers; None if not given."""
    if response.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        return (int(found[1]), int(found[2])) if found else (None, None)
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None
