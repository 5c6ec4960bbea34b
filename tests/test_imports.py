"""Imports go down only, and the page is up before any of the heavy packages is imported."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (  # from the ground up; rooms of one floor may use each other
    ("captioner",),
    ("captioner.data", "captioner.scenes"),
    ("captioner.training", "captioner.evaluation", "captioner.distillation"),
    ("captioner.ui",),
)
ENTRIES = ("app", "captioner.cli", "captioner.__main__")  # they may use every floor
HEAVY = ("tensorflow", "keras", "jax", "torch")


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module(path): path for path in [*ROOT.glob("captioner/**/*.py"), ROOT / "app.py"]}


def lies_in(name: str, bases: tuple[str, ...]) -> bool:
    return any(name == base or name.startswith(base + ".") for base in bases)


def floor(name: str) -> int:
    if lies_in(name, ENTRIES):
        return len(FLOORS)
    return max(i for i, bases in enumerate(FLOORS) if lies_in(name, bases))


def imported(name: str) -> set[str]:
    """Modules that a file imports, wherever in the file it does so."""
    found = set()
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(FILES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) + 1 - node.level]
                base = ".".join([*above, base]).rstrip(".")
            within = {f"{base}.{alias.name}" for alias in node.names} & FILES.keys()
            found |= within or {base}
    return found


def test_the_house_is_seen():
    assert {"captioner.decoder.model", "captioner.training.fit", "captioner.ui.page", "app"} <= set(
        FILES
    )
    assert "captioner.samplers" in imported("captioner")
    assert "captioner.decoder.inference" in imported("captioner.batching.networks")


@pytest.mark.parametrize("name", sorted(FILES))
def test_imports_go_down_only(name):
    own = {other for other in imported(name) if other in FILES}
    upwards = {other for other in own if floor(other) > floor(name)}
    assert not upwards


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_decoder_runs_on_every_backend(name):
    """One backend's own package is imported only to read its file format, to prepare its devices
    or to import it fast and quietly, and then late."""
    packages = {other.partition(".")[0] for other in imported(name)}
    devices, workers = (f"captioner.training.machines.{n}" for n in ("devices", "workers"))
    late = "captioner.distillation.teachers", devices, "captioner.imports"
    allowed = {"tensorflow"} if name in late else set()
    if name in (devices, workers):  # joined by JAX
        allowed.add("jax")
    assert not packages & {"tensorflow", "jax", "torch"} - allowed
    top_level = ast.parse(FILES[name].read_text(encoding="utf-8")).body
    names = [a.name for node in top_level if isinstance(node, ast.Import) for a in node.names]
    assert "tensorflow" not in names


def imported_heavy(*lines: str) -> str:
    """Which heavy packages a new process has imported after these lines."""
    code = "\n".join([*lines, "import sys", f"print(sorted(sys.modules.keys() & set({HEAVY})))"])
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


@pytest.mark.parametrize(
    "modules",
    [
        ["captioner", "captioner.decoding", "captioner.photos", "captioner.rendering.render"],
        ["captioner.data.datasets", "captioner.evaluation.evaluate"],
    ],
    ids=["captioner", "evaluation"],
)
def test_importing_is_cheap(modules):
    assert imported_heavy(f"import {', '.join(modules)}") == "[]"


def test_the_page_is_imported_and_built_without_tensorflow():
    modules = ["app", *sorted(name for name in FILES if floor(name) == 3)]
    build = (
        "from pathlib import Path",
        "from captioner.ui.shared.models import Models",
        "from captioner.ui.page import build_page",
        "from captioner.ui.shared.permission import Permission",
        "build_page(Models(None, Path()), Permission(public=False))",
    )
    assert imported_heavy(f"import {', '.join(modules)}", *build) == "[]"


def test_captioning_needs_nothing_of_training():
    needed, waiting = set(), ["captioner.captioner"]
    while waiting:
        if (name := waiting.pop()) not in needed:
            needed.add(name)
            waiting += [other for other in imported(name) if other in FILES]
    assert "captioner.decoder.model" in needed
    assert {floor(name) for name in needed} == {0}
