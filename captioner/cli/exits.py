"""How a command ends."""

import sys
from collections.abc import Callable

from captioner.training.runs.journal import Stopped


def exit_status(command: str, run: Callable[[], int | None]) -> int:
    """Runs a command and returns its exit status: its own, 1 after an error, which is one line on
    stderr, or 130 after Ctrl-C."""
    try:
        return run() or 0
    except Stopped as stopped:
        print(stopped)
        return 0
    except (ValueError, OSError) as error:  # all errors of this project are ValueErrors
        print(f"{command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{command}: {Stopped()}", file=sys.stderr)
        return 130
