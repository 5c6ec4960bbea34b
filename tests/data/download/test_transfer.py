"""One file over HTTP: whole and right at the end, resumed wherever it stopped, or one sentence."""

import errno
import hashlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from captioner.data.download import transfer
from captioner.data.download.transfer import DownloadError, Remote, fetch
from tests.support import process, tiny
from tests.support.data.file_server import file_server

CONTENT = random.Random(0).randbytes(300_000)
SHA = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch):
    """No proxy between us and ourselves; no pauses."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(transfer, "PAUSE", 0.0)


@pytest.fixture
def server():
    with file_server({"/a/photos.zip": CONTENT}) as running:
        yield running


@pytest.fixture
def remote(server):
    return Remote(f"{server.address}/a/photos.zip", len(CONTENT), SHA)


@pytest.fixture
def refused(tmp_path):
    """Fetches what can't be had; returns the sentence."""

    def refuse(remote: Remote) -> str:
        with pytest.raises(DownloadError) as error:
            fetch(remote, tmp_path)
        assert "\n" not in str(error.value) and str(error.value).endswith(".")
        assert not (tmp_path / remote.name).exists()
        return str(error.value)

    return refuse


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_file_is_fetched_once(server, tmp_path, kind):
    checksum = f"{kind}:{hashlib.new(kind, CONTENT).hexdigest()}"
    remote = Remote(f"{server.address}/a/photos.zip", len(CONTENT), checksum)
    reported = []
    for _ in range(2):
        file = fetch(remote, tmp_path, lambda *done: reported.append(done))
        assert file == tmp_path / "photos.zip" and file.read_bytes() == CONTENT
    assert server.requests == [("/a/photos.zip", 0)]
    loading = [done for doing, done, total in reported if doing == "downloading"]
    assert loading == sorted(loading) and loading[-1] == len(CONTENT)
    assert reported[-1] == ("checking", len(CONTENT), len(CONTENT))
    assert {total for _, _, total in reported} == {len(CONTENT)}
    assert list(tmp_path.iterdir()) == [file]


def test_redirects_are_followed(server, remote, tmp_path):
    server.files["/new/b"] = server.files.pop("/a/photos.zip")
    server.redirects["/a/photos.zip"] = "/new/b"
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_a_host_that_says_no_length_will_do(server, remote, tmp_path):
    server.chunked = True
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


# --- breaking off and going on ----------------------------------------------------------------


def test_a_connection_that_breaks_goes_on_where_it_was(server, remote, tmp_path):
    server.breaks_after = [100_000, 0, 1, 150_000]
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert [start for _, start in server.requests] == [0, 100_000, 100_000, 100_001, 250_001]


def test_a_host_without_ranges_starts_over(server, remote, tmp_path):
    server.supports_ranges = False
    server.breaks_after = [100_000]
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert [start for _, start in server.requests] == [0, 100_000]


def test_a_host_that_is_busy_is_asked_again(server, remote, tmp_path):
    server.statuses = [503, 429]
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_a_connection_that_brings_nothing_any_more_ends_and_what_came_stays(
    server, remote, tmp_path, refused
):
    server.breaks_after = [100_000, *[0] * 10]
    assert "breaks off" in refused(remote)
    assert len(server.requests) == 1 + transfer.TRIES
    server.breaks_after = []
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests[-1] == ("/a/photos.zip", 100_000)


def test_it_stops_when_asked_and_goes_on_later(server, remote, tmp_path):
    class Stopped(Exception):
        pass

    seen = []

    def stop(stage, done, total):
        seen.append(done)
        if len(seen) > 2:
            raise Stopped

    with pytest.raises(Stopped):
        fetch(remote, tmp_path, stop)
    assert (tmp_path / "photos.zip.part").stat().st_size == seen[-1] < len(CONTENT)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests[-1] == ("/a/photos.zip", seen[-1])
    with pytest.raises(Stopped):  # the check, too
        fetch(remote, tmp_path, stop)


KILLED = """
import os, signal, sys
from pathlib import Path
from captioner.data.download.transfer import Remote, fetch
def report(doing, done, total):
    if done > 60_000:
        os.kill(os.getpid(), signal.SIGKILL)
fetch(Remote(sys.argv[1], int(sys.argv[2]), sys.argv[3]), Path(sys.argv[4]), report)
"""


def test_it_goes_on_after_the_process_was_killed(server, remote, tmp_path):
    arguments = [remote.url, str(remote.size), remote.checksum, str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        env=process.environment(),
        timeout=60,
    )
    assert run.returncode == -signal.SIGKILL
    came = (tmp_path / "photos.zip.part").read_bytes()
    assert came == CONTENT[: len(came)] and 0 < len(came) < len(CONTENT)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests[-1] == ("/a/photos.zip", len(came))


def test_a_part_that_was_whole_is_only_checked(server, remote, tmp_path):
    (tmp_path / "photos.zip.part").write_bytes(CONTENT)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests == []


# --- what comes is wrong ----------------------------------------------------------------------


def test_wrong_bytes_are_removed(server, remote, tmp_path, refused):
    server.files["/a/photos.zip"] = CONTENT[:-1] + b"?"
    assert "damaged" in refused(remote)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_beginning_from_before_is_removed(server, remote, tmp_path, refused):
    for wrong in (b"of another file", bytes(len(CONTENT) + 1)):
        (tmp_path / "photos.zip.part").write_bytes(wrong)
        if len(wrong) < len(CONTENT):
            assert "damaged" in refused(remote)
            assert list(tmp_path.iterdir()) == []
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("change", [b"", CONTENT[:-1], CONTENT + b"?"])
def test_a_file_of_another_length_is_refused_at_once(server, remote, tmp_path, refused, change):
    server.files["/a/photos.zip"] = change
    assert "is not the file of 300,000 bytes" in refused(remote)
    assert list(tmp_path.iterdir()) == []


def test_a_length_that_is_never_kept_ends(server, tmp_path, refused):
    server.extra_length = 1000
    remote = Remote(f"{server.address}/a/photos.zip", len(CONTENT) + 1000, SHA)
    assert "breaks off" in refused(remote)


def test_no_more_is_written_than_there_should_be(server, tmp_path, refused):
    server.chunked = True
    remote = Remote(f"{server.address}/a/photos.zip", 1000, SHA)
    assert "damaged" in refused(remote)
    most = []
    server.files["/a/photos.zip"] = bytes(5_000_000)
    with pytest.raises(DownloadError):
        fetch(remote, tmp_path, lambda doing, done, total: most.append(done))
    assert max(most) == 1000


def test_a_file_put_there_by_hand_is_used_or_refused(server, remote, tmp_path):
    (tmp_path / "photos.zip").write_bytes(CONTENT)
    assert fetch(remote, tmp_path) == tmp_path / "photos.zip" and server.requests == []
    for wrong in (b"short", bytes(len(CONTENT))):
        (tmp_path / "photos.zip").write_bytes(wrong)
        with pytest.raises(DownloadError, match="is not the file of"):
            fetch(remote, tmp_path)
        assert (tmp_path / "photos.zip").read_bytes() == wrong  # it may be dear to somebody


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone_is_said_to_be(server, remote, refused, status):
    server.statuses = [status] * 9
    message = refused(remote)
    assert f"answers {status}" in message and len(server.requests) == 1


# --- offline ----------------------------------------------------------------------------------


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_offline_it_says_so_at_once_and_what_to_do(tmp_path, refused):
    for address in (f"http://127.0.0.1:{closed_port()}", "http://no-such-host.invalid"):
        begun = time.perf_counter()
        message = refused(Remote(f"{address}/photos.zip", 10, SHA))
        assert time.perf_counter() - begun < 5
        assert "cannot be reached" in message
        assert f"put {address}/photos.zip, fetched elsewhere, into {tmp_path}" in message


def test_a_host_that_never_answers_is_given_up_soon(refused, monkeypatch):
    monkeypatch.setattr(transfer, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.perf_counter()
        message = refused(Remote(f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip", 10, SHA))
        assert "cannot be reached" in message and time.perf_counter() - begun < 5


def test_a_host_that_falls_silent_is_asked_again(server, remote, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "SILENCE", 0.3)
    waiting = threading.Event()
    respond = server.respond

    def fall_silent(handler):
        server.respond = respond
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:5000])
        waiting.wait(10)

    server.respond = fall_silent
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    waiting.set()
    assert server.requests == [("/a/photos.zip", 5000)]


def test_a_full_disk_keeps_what_came(server, remote, tmp_path, refused):
    with tiny.full_disk(100_000):
        assert "disk is full" in refused(remote)
    assert (tmp_path / "photos.zip.part").stat().st_size == 100_000
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_other_errors_of_the_file_system_stay_what_they_are(remote, tmp_path, monkeypatch):
    def forbidden(*arguments):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(transfer, "_write", forbidden)
    with pytest.raises(PermissionError):
        fetch(remote, tmp_path)
