"""Runs a worker in a child process, and says in one sentence why it was aborted.

When a worker is lost, JAX's own watch aborts the process of each other one, with a C++ stack.
"""

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from captioner.training.machines.workers import LOST, NOT_JOINED

_STREAMS = {"stdout": 1, "stderr": 2}


def supervise(work: Callable[[Path], int], aborted: Callable[[str], None]) -> int:
    """Runs `work` in a fork of this process, which must not have imported JAX.

    What C++ code writes to stdout and stderr is shown only if the cause is unknown.

    Args:
        work: gets a folder that is removed at the end, and returns the exit status.
        aborted: is called with a sentence if the child was aborted because of another worker.

    Returns:
        The exit status.
    """
    for stream in _STREAMS:
        getattr(sys, stream).flush()
    with (
        tempfile.TemporaryDirectory(prefix="captioner-") as scratch,
        tempfile.TemporaryFile() as chatter,
    ):
        end, write_end = os.pipe()  # ends when this process ends
        child = os.fork()
        if child == 0:
            os.close(write_end)
            _work(work, Path(scratch), end, chatter)
        os.close(end)
        # Ctrl-C reaches the child as well, which ends in its own way.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(write_end)
        if status >= 0:
            return status
        chatter.seek(0)
        text = chatter.read().decode(errors="replace")
    if status == -signal.SIGABRT and "JAX distributed service" in text:
        aborted(NOT_JOINED if "/RegisterTask" in text else LOST)
        return 1
    if status != -signal.SIGTERM:  # the cause is unknown
        sys.stderr.write(text)
    return 128 - status  # as a shell has it


def _work(work: Callable[[Path], int], scratch: Path, end: int, chatter: BinaryIO) -> None:
    """The child's part; does not return."""
    status = 1
    try:
        for name, number in _STREAMS.items():  # Python's streams stay, C++ writes to the file
            stream = getattr(sys, name)
            copy = os.fdopen(os.dup(number), "w", 1, stream.encoding, stream.errors)
            setattr(sys, name, copy)
            os.dup2(chatter.fileno(), number)
        threading.Thread(target=_end_with_parent, args=(end,), daemon=True).start()
        status = work(scratch)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in _STREAMS:
            getattr(sys, stream).flush()
        os._exit(status)  # at the usual exit, JAX would wait for workers that are lost


def _end_with_parent(end: int) -> None:
    os.read(end, 1)
    os._exit(1)
