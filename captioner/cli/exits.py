"""How a command ends."""

import sys
from collections.abc import Callable

from captioner.training.journal import Stopped

_STOPPED = "stopped; run the same command again to continue"


def exit_status(command: str, run: Callable[[], int | None]) -> int:
    """Runs a command and returns its exit status: its own, 1 after an error, which is one line on
    stderr, or 130 after Ctrl-C."""
    try:
        return run() or 0
    except Stopped:
        print(_STOPPED)
        return 0
    except (ValueError, OSError) as error:  # all errors of this project are ValueErrors
        print(f"{command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{command}: {_STOPPED}", file=sys.stderr)
        return 130
