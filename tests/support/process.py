"""What a test needs to start a process of its own."""

import os
from pathlib import Path

from captioner.paths import PROJECT


def environment(**more: str) -> dict[str, str]:
    """The environment in which a process finds the project and the helpers of tests."""
    path = os.pathsep.join([str(PROJECT), str(Path(__file__).parent)])
    return {**os.environ, "PYTHONPATH": path, **more}


def program(name: str) -> str:
    """The path of a program beside this file."""
    return str(Path(__file__).with_name(name))
