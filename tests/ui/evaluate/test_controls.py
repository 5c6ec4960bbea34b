"""The event handlers of the Evaluate tab, without a browser."""

import asyncio
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from captioner import Captioner
from captioner.data.download import downloads
from captioner.evaluation import evaluate as evaluation
from captioner.evaluation.store import Evaluation
from captioner.training.runs.journal import Stopped
from captioner.ui.evaluate.controls import EvaluateControls
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from captioner.ui.shared.sampler_settings import DEFAULTS
from tests.support import evaluated, tiny

HERE, OUTSIDE = Permission(public=False), Permission(public=True, allowed=True, token="t")
GREEDY = list(DEFAULTS.to_json().values())
DATA = Path("datasets/dots")
pytestmark = pytest.mark.usefixtures("no_meteor")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.data_folder(DATA)


@pytest.fixture
def controls(saved_checkpoint) -> EvaluateControls:
    return EvaluateControls(Models(Captioner.load, saved_checkpoint), OwnData(HERE))


@pytest.fixture
def public(saved_checkpoint) -> EvaluateControls:
    return EvaluateControls(Models(Captioner.load, saved_checkpoint), OwnData(OUTSIDE))


def start(controls, token="", **changes) -> list[tuple]:
    """All updates from the start to the end of an evaluation."""
    form = {"names": ["tiny"], "data": str(DATA), "scenes": 200, "split": "dev", "photos": 0}
    form |= {"attention": False, "forced": True} | changes
    return updates(controls.start(token, *form.values(), *GREEDY))


def updates(generator) -> list[tuple]:
    async def collect():
        return [update async for update in generator]

    with ThreadPoolExecutor(1) as thread:  # this thread may have a browser's event loop
        return thread.submit(asyncio.run, collect()).result()


def event(**data) -> gr.EventData:
    return gr.EventData(None, data)


def shown(controls, *names) -> dict:
    return json.loads(controls.compare(list(names))["value"])


def test_captioners_are_evaluated_and_the_results_are_stored(controls):
    *running, last = start(controls, attention=True)
    assert running[0][0]["status"]["doing"] and running[0][2]["visible"]
    view, start_button, stop, error, new = last
    assert not view["status"]["doing"] and start_button["interactive"] and not stop["visible"]
    assert error["value"] == ""
    (name,) = new
    stored = Evaluation.read(f"results/{name}.json")
    assert (stored.checkpoint, stored.data, stored.split, len(stored.photos)) == (
        "tiny", str(DATA), "dev", 6,
    )  # fmt: skip

    chosen = controls.choose([], new)
    assert chosen["value"] == [name] and chosen["choices"][0][0].startswith("tiny · dots dev, 6")
    view = shown(controls, name)
    assert view["columns"][0]["state"] == ""  # the checkpoint has not changed
    assert evaluated.row(view, "BLEU-1")["cells"][0]["value"] == stored.scores["BLEU-1"]
    lost = evaluated.row(view, "cover_most")["cells"][0]
    assert lost["low"] <= lost["value"] <= lost["high"]
    for key in ("pointing", "forced_pointing", "CHAIRi"):
        assert "annotations/instances_*.json" in evaluated.row(view, key)["cells"][0]["missing"]


@pytest.mark.parametrize("attention, forced", [(True, True), (True, False), (False, True)])
def test_references_are_forced_only_if_attention_is_measured(
    controls, monkeypatch, attention, forced
):
    requests = []

    def evaluate(captioner, name, request, report, should_stop):
        requests.append(request)
        return evaluated.result(DATA)

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    monkeypatch.setattr(controls.models, "captioner", lambda name: None)
    start(controls, attention=attention, forced=forced)
    assert [(one.quick, one.forced) for one in requests] == [(not attention, attention and forced)]


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"names": []}, "Choose one or more checkpoints"),
        ({"names": ["tiny", "../tiny"]}, "Choose one or more checkpoints"),
        ({"data": "/etc"}, "Choose the data and the split"),
        ({"data": None}, "Choose the data and the split"),
        ({"data": "download:imagenet"}, "Choose the data and the split"),
        ({"split": "all"}, "Choose the data and the split"),
        ({"data": data_sources.SCENES, "scenes": 9}, "The field scenes must be at least 200."),
        ({"photos": 2.5}, "The field photos must be a whole number."),
    ],
)
def test_an_impossible_form_is_refused_in_a_sentence(controls, changed, message):
    (*_, error, new) = start(controls, **changed)[-1]
    assert error["visible"] and message in error["value"] and new == []
    assert controls.job.progress is None and not Path("results").exists()


def test_data_are_downloaded_first(controls, monkeypatch):
    shown = []

    def fetch(name, folder, report):
        report("downloading", 3_000_000, 5_000_000)
        shown.append(controls.job.progress)
        report("unpacking", 2, 9)
        shown.append(controls.job.progress)
        shutil.copytree(DATA, folder)

    monkeypatch.setattr(downloads, "fetch", fetch)
    *_, error, new = start(controls, data=data_sources.FLICKR8K)[-1]
    assert error["value"] == "" and controls.store.get(new[0]).data == "datasets/flickr8k"
    counts = [[one[key] for key in ("doing", "done", "total", "unit")] for one in shown]
    assert counts == [["downloading the data", 3, 5, "MB"], ["unpacking the data", 2, 9, "files"]]


def test_on_a_public_host_nothing_changes_without_the_token(public):
    name = evaluated.result(DATA).save().stem
    (started,) = start(public)
    errors = [started[3], public.stop(""), public.delete("wrong", [name], event(result=name))[0]]
    assert all("owner's token" in error["value"] for error in errors)
    assert public.job.progress is None and list(public.store.all()) == [name]
    assert shown(public, name)["columns"][0]["id"] == name  # reading is free
    assert public.photos({"result": name})["total"] == 18


def test_one_evaluation_runs_at_a_time_and_can_be_stopped(controls):
    running = threading.Event()

    def work(job):
        while True:
            running.set()
            job.report("captioning", 1, 4)

    controls.job.start(work)
    running.wait(5)
    assert "Another evaluation is running" in start(controls)[-1][3]["value"]
    assert controls.stop("")["visible"] is False
    controls.job.wait()
    assert controls.job.progress is None and controls.job.error == ""
    assert controls.job.results == []


def test_an_error_at_once_is_shown_to_who_started_it(controls, monkeypatch):
    monkeypatch.setattr(controls.models, "captioner", lambda name: None)
    job_start = controls.job.start
    monkeypatch.setattr(controls.job, "start", lambda work: (job_start(work), controls.job.wait()))
    error = start(controls, split="test")[-1][3]
    assert error["visible"] and "no photos in split 'test'" in error["value"]


@pytest.mark.parametrize(
    "error, message",
    [
        (ValueError("No photo can be read."), "No photo can be read."),
        (OSError("No space left."), "No space left."),
        (KeyError("captions"), "The evaluation failed unexpectedly"),
        (Stopped(), ""),
    ],
)
def test_a_failed_evaluation_says_why(controls, error, message):
    def work(job):
        raise error

    controls.job.start(work)
    controls.job.wait()
    assert controls.job.progress is None and controls.job.error.startswith(message)
    assert updates(controls.follow())[-1][3] == gr.skip()  # there is nothing to follow later
    controls.job.start(lambda job: None)  # the next one can start


def test_earlier_results_stay_when_the_next_evaluation_fails(controls, monkeypatch):
    def evaluate(captioner, name, request, report, should_stop):
        report("captioning", 1, 1)
        if name == "default":
            raise ValueError("No photo can be read.")
        return evaluated.result(DATA)

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    monkeypatch.setattr(controls.models, "captioner", lambda name: None)
    *_, error, new = start(controls, names=["tiny", "default"])[-1]
    assert error["value"] == "No photo can be read." and new == list(controls.store.all())


@pytest.mark.parametrize(
    "query",
    [None, [], {}, {"result": 3}, {"result": "gone"}, {"result": "../results/NAME"},
     {"result": "NAME", "search": 3}, {"result": "NAME", "first": -1},
     {"result": "NAME", "first": 0.5}, {"result": "NAME", "other": ["NAME"]}],
)  # fmt: skip
def test_a_senseless_request_is_answered_in_a_sentence(controls, query):
    name = evaluated.result(DATA).save().stem
    query = json.loads(json.dumps(query).replace("NAME", name))
    assert controls.photos(query)["error"].endswith(".")
    assert controls.export(query)["error"].endswith(".")


def test_a_photo_opens_with_the_evaluated_captioner(controls):
    name = evaluated.result(DATA).save().stem
    tabs, model, photo, error = controls.explore(event(result=name, number=2))
    assert tabs["selected"] == "explore" and model["value"] == "tiny"
    file = DATA / evaluated.rows(DATA, (1,))[2]["photo"]
    assert Path(photo).read_bytes() == file.read_bytes() and not error["visible"]
    gone = evaluated.result(DATA, "gone").save().stem
    *skipped, error = controls.explore(event(result=gone, number=2))
    assert skipped == [gr.skip()] * 3 and error["visible"]
    assert error["value"].startswith("This checkpoint is not here any more.")


def test_results_are_exported_as_csv_and_json(controls):
    result = evaluated.result(DATA)
    name = result.save().stem
    table = controls.export({"result": name, "kind": "csv"})
    assert (table["name"], table["type"], table["text"]) == (
        f"{name}.csv", "text/csv", result.to_csv(),
    )  # fmt: skip
    whole = controls.export({"result": name, "kind": "json"})
    assert json.loads(whole["text"]) == json.loads(Path(f"results/{name}.json").read_text())


def test_only_the_named_result_is_deleted(controls):
    names = [evaluated.result(DATA, name).save().stem for name in ("one", "two")]
    Path("notes.json").write_text("{}")
    for name in ("../notes", "", None, "gone"):
        error, _ = controls.delete("", names, event(result=name))
        assert error["visible"]
    error, choice = controls.delete("", names, event(result=names[0]))
    assert not error["visible"] and choice["value"] == [names[1]]
    assert Path("notes.json").exists() and list(controls.store.all()) == [names[1]]


def test_chosen_results_stay_and_new_ones_are_added(controls):
    names = [evaluated.result(DATA, f"n{i}", date=f"2026-11-2{i}").save().stem for i in range(6)]
    assert controls.choose(None)["value"] == [names[5]]  # the newest
    assert controls.choose(["gone"])["value"] == [names[5]]
    assert controls.choose(names[:2])["value"] == names[:2]
    assert controls.choose(names[:4], [names[5]])["value"] == [*names[1:4], names[5]]
    assert [value for _, value in controls.choose([])["choices"]] == names[::-1]
    Path("results/damaged.json").write_text("{")
    assert list(controls.store.all()) == names[::-1]
    assert shown(controls)["kept"] == 6 and shown(controls)["columns"] == []


def test_a_replaced_result_is_read_again(controls):
    kept = evaluated.result(DATA)
    path = kept.save()
    assert evaluated.row(shown(controls, path.stem), "CIDEr")["cells"][0]["value"] == pytest.approx(
        0.2
    )
    replace(kept, scores={"CIDEr": 0.9}).save()
    assert evaluated.row(shown(controls, path.stem), "CIDEr")["cells"][0]["value"] == 0.9
