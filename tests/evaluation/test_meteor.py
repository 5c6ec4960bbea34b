"""METEOR: its number, why there is none, and that it can be stopped."""

import shutil
import subprocess
import sys
import time

import pytest

from captioner.evaluation.meteor import NoMeteor, score
from captioner.training.runs.journal import Stopped

HAS_JAVA = pytest.mark.skipif(not shutil.which("java"), reason="METEOR is a Java program")


@pytest.fixture
def begun(monkeypatch) -> list[subprocess.Popen]:
    """The processes that are started."""
    begun, popen = [], subprocess.Popen

    def start(*given, **more):
        begun.append(popen(*given, **more))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return begun


def fake_java(folder, script: str) -> None:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def assert_ended(process: subprocess.Popen) -> None:
    """Nothing of it stays."""
    assert process.returncode is not None
    assert process.stdin.closed and process.stdout.closed and process.stderr.closed


@pytest.mark.slow
@HAS_JAVA
@pytest.mark.parametrize("language", ["de", "ar"])
def test_meteor_is_that_of_its_version_in_every_language(language, monkeypatch):
    """With a word in another form, an empty caption and a reference without a word."""
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", f"-Duser.language={language}")
    said = ["a dog runs", "", "two men"]
    written = [["A dog runs fast.", "the dog is running"], ["a b"], ["two men sit", "..."]]
    assert score(said, written) == pytest.approx(0.28231532, abs=1e-6)


@pytest.mark.parametrize("what", ["java", "pycocoevalcap", "its program"])
def test_where_meteor_cannot_run_it_is_said_why(what, monkeypatch, tmp_path, begun):
    if what == "java":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        fake_java(tmp_path, "exit 1")
        monkeypatch.setenv("PATH", str(tmp_path))
    if what == "pycocoevalcap":
        monkeypatch.setitem(sys.modules, "pycocoevalcap", None)
    with pytest.raises(NoMeteor, match=f"(?i){what}") as raised:
        score(["a dog"], [["a dog"]])
    assert "\n" not in str(raised.value)
    assert len(begun) == (what == "its program")
    for process in begun:
        assert_ended(process)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(None, marks=HAS_JAVA, id="the program itself"),
        pytest.param("exec sleep 600", id="one that never answers"),
        pytest.param("cat > /dev/null\n:", id="a script around it"),
    ],
)
def test_it_is_stopped_at_once_and_no_process_stays(script, monkeypatch, tmp_path, begun):
    if script:
        fake_java(tmp_path, script)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    looks = []  # the answer is yes from the third on

    def should_stop() -> bool:
        looks.append(time.monotonic())
        return len(looks) > 2

    with pytest.raises(Stopped):
        score(["a dog runs"], [["a dog is running"]], should_stop)
    assert time.monotonic() - looks[2] < 5
    (process,) = begun
    assert process.returncode < 0  # killed
    assert_ended(process)


def test_without_a_stop_nothing_is_killed(monkeypatch, tmp_path, begun):
    """The answers of the program, for one photo: statistics, then its score and that of all."""
    fake_java(tmp_path, "read line; sleep 1; echo 1 2; read line; echo 0.5; echo 0.25")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert score(["a dog"], [["a dog"]], lambda: False) == 0.25
