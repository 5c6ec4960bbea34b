"""The README says what is so: front matter, links and commands."""

import re
import shlex

import pytest
import yaml
from readme import README, ROOT, blocks

from captioner.cli.commands import commands

SPACE = yaml.safe_load(README.split("---\n")[1])
LINES = [line for block in blocks("sh") for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("python -m captioner ")]
LINKS = re.findall(r'(?:\]\(|src(?:set)?=")(?!https?:)([^)"]+)', README)


def test_the_space_runs_the_gradio_that_is_required():
    required = (ROOT / "requirements.txt").read_text()
    assert f"gradio[mcp]=={SPACE['sdk_version']} " in required


def test_the_space_is_described_as_spaces_demand():
    assert SPACE["sdk"] == "gradio"
    assert (ROOT / SPACE["app_file"]).is_file()
    assert len(SPACE["title"]) and len(SPACE["short_description"]) <= 60


def test_links_and_commands_are_seen():
    assert len(COMMANDS) >= 8 and len(LINKS) >= 5


@pytest.mark.parametrize("link", LINKS)
def test_what_is_linked_is_there(link):
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command):
    assert commands._parser().parse_args(shlex.split(command, comments=True)[3:]).run


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_each_command_that_sets_itself_up_does_so_on_one_line(name):
    begin = f"python3 -m venv .venv && .venv/bin/pip install -r {name} && .venv/bin/python "
    assert sum(line.startswith(begin) for line in LINES) == 1
