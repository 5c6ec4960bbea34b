"""README and docs agree with the code: front matter, links, commands and Python examples."""

import re
import shlex

import pytest
import yaml
from PIL import Image

from captioner.cli.main import build_parser
from tests.support.readme import PAGES, README, ROOT, blocks

SPACE = yaml.safe_load(README.split("---\n")[1])
LINES = [line for block in blocks("sh") for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("python -m captioner ")]
EXAMPLES = [block for block in blocks("python") if "gradio_client" not in block]
LINK = re.compile(r'(?:\]\(|src(?:set)?=")(?!https?:)([^)"]+)')
LINKS = [(page, link) for page, text in PAGES.items() for link in LINK.findall(text)]
PATH = re.compile(r"`((?:app\.py|captioner|assets|checkpoints|tests|docs)(?:/[\w./-]*)?)`")
NAMED = {(page, path) for page in PAGES for path in PATH.findall(PAGES[page])}
NAMED |= {("a command", word) for line in LINES for word in line.split() if word[:6] == "tests/"}


def headings(page: str) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", PAGES[page], re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_space_runs_the_gradio_that_is_required():
    required = (ROOT / "requirements.txt").read_text()
    assert f"gradio[mcp]=={SPACE['sdk_version']} " in required


def test_the_space_is_described_as_spaces_demand():
    assert SPACE["sdk"] == "gradio"
    assert (ROOT / SPACE["app_file"]).is_file()
    assert len(SPACE["title"]) and len(SPACE["short_description"]) <= 60


def test_the_readme_is_read_in_a_minute():
    assert len(README.splitlines()) <= 150


def test_links_commands_and_examples_are_found():
    assert len(COMMANDS) >= 8 and len(LINKS) >= 5 and len(EXAMPLES) >= 2


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.is_file()
    if anchor:
        assert anchor in headings(target.resolve().relative_to(ROOT).as_posix())


@pytest.mark.parametrize(("page", "path"), sorted(NAMED))
def test_a_file_that_is_named_exists(page, path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command):
    assert build_parser().parse_args(shlex.split(command, comments=True)[3:]).run


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_each_command_that_sets_itself_up_does_so_on_one_line(name):
    begin = f"python3 -m venv .venv && .venv/bin/pip install -r {name} && .venv/bin/python "
    assert sum(line.startswith(begin) for line in LINES) == 1


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_in_python_runs(example, tmp_path, monkeypatch, capsys):
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    assert capsys.readouterr().out
