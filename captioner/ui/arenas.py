"""Memory that threads have freed is used again by other threads."""

import contextlib
import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def share() -> None:
    """Has all threads share two arenas of glibc's malloc; elsewhere nothing changes.

    It would have eight for each core, and keep what is freed in each: with 64 visitors 300 MB.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
