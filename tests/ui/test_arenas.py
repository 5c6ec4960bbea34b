"""How many arenas of malloc the threads of a server have."""

import platform
import subprocess
import sys

import pytest

from tests.support.process import environment

PROGRAM = """
import ctypes, sys, tempfile, threading
from captioner.ui import machine
if sys.argv[1] == "shared":
    machine.share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
ready = threading.Barrier(9)
def allocate():
    libc.malloc(1000)
    ready.wait()
    ready.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
ready.wait()
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count("<heap nr="))
ready.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_threads_share_two_arenas():
    def count(how: str) -> int:
        program = [sys.executable, "-c", PROGRAM, how]
        return int(subprocess.run(program, capture_output=True, env=environment()).stdout)

    assert count("shared") <= 2 < count("own")
