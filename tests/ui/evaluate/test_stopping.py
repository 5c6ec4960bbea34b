"""Stop in the Evaluate tab while METEOR's program computes."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from captioner import Captioner
from captioner.evaluation.evaluate import Request, evaluate
from captioner.ui.evaluate.job import EvaluationJob
from tests.support import tiny


@pytest.fixture
def java(tmp_path, monkeypatch) -> Path:
    """The file into which a Java that never answers writes its process's number."""
    program, number = tmp_path / "java", tmp_path / "number"
    program.write_text(
        f"#!/bin/sh\necho $$ > {number}.new; mv {number}.new {number}\nexec sleep 600\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return number


def test_the_evaluation_ends_with_the_results_that_were_complete(java, tmp_path, saved_checkpoint):
    data, job = tiny.data_folder(tmp_path / "data"), EvaluationJob()
    captioner = Captioner.load(saved_checkpoint)

    def work(job: EvaluationJob) -> None:
        job.results.append("the one before")
        request = Request(str(data), quick=True)
        evaluate(captioner, "tiny", request, job.report, job.should_stop)
        job.results.append("this one")

    job.start(work)
    with ThreadPoolExecutor(1) as waiting:
        while not java.is_file():
            assert job.progress, job.error
            time.sleep(0.01)
        assert job.progress["doing"] == "METEOR"
        job.stop()
        assert job.progress is None or job.progress["doing"] == "stopping"
        waiting.submit(job.wait).result(timeout=10)
    assert (job.results, job.error, job.progress) == (["the one before"], "", None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(java.read_text()), 0)
