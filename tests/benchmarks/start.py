"""From `python app.py` to its page, and to the first caption."""

import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio_client import Client, handle_file

from tests.benchmarks.common import Row, Settings, photos

APP = Path(__file__).resolve().parents[2] / "app.py"
RUNS, PATIENCE = 5, 120  # seconds


def measure(settings: Settings) -> list[Row]:
    """Median seconds over several starts of the server."""
    with TemporaryDirectory() as folder:
        photo = photos(Path(folder), 1)[0]
        runs = [start(settings, photo) for _ in range(1 if settings.quick else RUNS)]
    to_page, to_caption = (statistics.median(times) for times in zip(*runs, strict=True))
    return [Row("server start to page", "s", to_page), Row("to its first caption", "s", to_caption)]


def start(settings: Settings, photo: Path) -> tuple[float, float]:
    """Seconds to the first 200 of the page, and to the first caption from the web API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(APP), "--host", "127.0.0.1", "--port", str(port)]
    if settings.checkpoint:
        command += ["--checkpoint", str(settings.checkpoint)]
    address = f"http://127.0.0.1:{port}/"
    begun = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not answers(address):
            if server.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise RuntimeError("The server did not come up.")
            time.sleep(0.02)
        to_page = time.perf_counter() - begun
        Client(address, verbose=False).predict(photo=handle_file(photo), api_name="/caption")
        return to_page, time.perf_counter() - begun
    finally:
        server.terminate()
        server.wait(timeout=20)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
