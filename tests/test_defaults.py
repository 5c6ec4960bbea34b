"""The default settings of sampling and beam search have one home; everybody has them from there."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from captioner import Beam, Greedy, Sampling, samplers
from captioner.cli import caption, evaluate
from captioner.cli.main import main
from captioner.ui.page import build_page
from captioner.ui.shared import sampler_settings
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from tests.support.readme import PAGES

OF_THE_PAGE = {**samplers.DEFAULTS, "seed": 1}  # its address draws the same sentence again
CONTROLS = {"settings": "greedy", "second-settings": "sampling", "evaluate-settings": "greedy"}


@pytest.fixture(scope="module")
def page():
    return build_page(Models(None, Path()), Permission(public=False))


def sampler(name: str) -> samplers.Sampler:
    return samplers.from_settings(SimpleNamespace(**{**samplers.DEFAULTS, "sampler": name}))


def test_they_are_these():
    assert samplers.DEFAULTS == {
        "sampler": "greedy",
        "temperature": 0.7,
        "top_k": 0,
        "top_p": 0.9,
        "seed": None,
        "beams": 3,
    }


def test_python_has_them():
    assert [sampler(name) for name in samplers.NAMES] == [Greedy(), Sampling(), Beam()]


@pytest.mark.parametrize(
    ("command", "line"),
    [(caption, "caption photo.jpg"), (evaluate, "evaluate --data photos --split dev")],
)
def test_the_command_line_has_them(command, line, monkeypatch):
    met = {}
    monkeypatch.setattr(command, "run", lambda options: met.update(vars(options)))
    assert main(line.split()) == 0
    assert {name: met[name] for name in samplers.DEFAULTS} == samplers.DEFAULTS


def test_the_docs_tell_them():
    text = " ".join(PAGES["docs/api.md"].split())
    assert f"at temperature {Sampling.temperature} and top-p {Sampling.top_p}:" in text
    assert f"hold {Sampling.top_p:.0%} of".replace("%", " %") in text


@pytest.mark.parametrize("endpoint", ["/caption", "/what_if"])
def test_the_web_api_has_them(page, endpoint):
    parameters = page.get_api_info()["named_endpoints"][endpoint]["parameters"]
    found = {one["parameter_name"]: one.get("parameter_default") for one in parameters}
    assert {name: found[name] for name in OF_THE_PAGE} == OF_THE_PAGE


def test_the_page_has_them(page):
    assert sampler_settings.DEFAULTS.to_json() == OF_THE_PAGE
    parts = {part["id"]: part["props"] for part in page.config["components"]}

    def values(node) -> list:
        """Values of the controls below a node of the page's layout, but for buttons."""
        if "choices" in parts[node["id"]] or "minimum" in parts[node["id"]]:
            return [parts[node["id"]]["value"]]
        return [value for child in node.get("children") or () for value in values(child)]

    def groups(node) -> dict:
        name = parts.get(node["id"], {}).get("elem_id")
        found = {name: values(node)} if name in CONTROLS else {}
        for child in node.get("children") or ():
            found |= groups(child)
        return found

    expected = [OF_THE_PAGE[name] for name in OF_THE_PAGE if name != "sampler"]
    assert groups(page.config["layout"]) == {
        name: [chosen, "varied", *expected] for name, chosen in CONTROLS.items()
    }


def test_the_browser_has_them(page):
    scripts = [part["props"].get("js_on_load") or "" for part in page.config["components"]]
    given = [script.split("usual: ")[1] for script in scripts if "usual: " in script]
    decode = json.JSONDecoder().raw_decode
    assert [decode(text)[0] for text in given] == [OF_THE_PAGE] * 2  # both explorers


def test_the_presets_lie_on_the_sliders_and_the_default_is_one():
    assert list(samplers.SAMPLING_PRESETS) == ["careful", "varied", "wild"]
    assert samplers.SAMPLING_PRESETS["varied"] == Sampling()
    careful, varied, wild = samplers.SAMPLING_PRESETS.values()
    assert careful.temperature < varied.temperature < wild.temperature
    assert careful.top_p < varied.top_p < wild.top_p
    for preset in samplers.SAMPLING_PRESETS.values():
        for name in ("temperature", "top_k", "top_p"):
            least, most, step = sampler_settings.RANGES[name]
            steps = (getattr(preset, name) - least) / step
            assert steps == pytest.approx(round(steps))
            assert least <= getattr(preset, name) <= most
