"""What the evaluation tab's controls do, without a browser."""

import asyncio
import base64
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
import tiny
from PIL import Image

from captioner import Captioner
from captioner.evaluation import evaluate
from captioner.training.journal import Stopped
from captioner.ui.evaluate.controls import Evaluator
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from captioner.ui.shared.sampler_settings import USUAL
from tests import evaluated

HERE, OUTSIDE = Permission(public=False), Permission(public=True, allowed=True, token="t")
GREEDY = list(USUAL.to_json().values())
DATA = Path("datasets/dots")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.data_folder(DATA)


@pytest.fixture
def desk(saved_checkpoint) -> Evaluator:
    return Evaluator(Models(Captioner.load, saved_checkpoint), HERE)


@pytest.fixture
def public(saved_checkpoint) -> Evaluator:
    return Evaluator(Models(Captioner.load, saved_checkpoint), OUTSIDE)


def start(desk, token="", **changes) -> list[tuple]:
    """All that is told from the start to the end of an evaluation."""
    asked = {"names": ["tiny"], "data": str(DATA), "count": 200, "split": "dev", "photos": 0}
    asked |= {"asks": False, "forced": True} | changes
    return told(desk.start(token, *asked.values(), *GREEDY))


def told(answers) -> list[tuple]:
    async def all_of_it():
        return [answer async for answer in answers]

    with ThreadPoolExecutor(1) as elsewhere:  # here a browser's loop may be running
        return elsewhere.submit(asyncio.run, all_of_it()).result()


def event(**data) -> gr.EventData:
    return gr.EventData(None, data)


def shown(desk, *names) -> dict:
    return json.loads(desk.compare(list(names))["value"])


def test_captioners_are_evaluated_and_the_results_kept(desk):
    *under_way, last = start(desk, asks=True)
    assert under_way[0][0]["status"]["doing"] and under_way[0][2]["visible"]
    view, start_again, stop, trouble, fresh = last
    assert not view["status"]["doing"] and start_again["interactive"] and not stop["visible"]
    assert trouble["value"] == ""
    (name,) = fresh
    kept = evaluate.Evaluation.read(f"results/{name}.json")
    assert (kept.checkpoint, kept.data, kept.split, len(kept.photos)) == (
        "tiny", str(DATA), "dev", 6,
    )  # fmt: skip

    chosen = desk.choice([], fresh)
    assert chosen["value"] == [name] and chosen["choices"][0][0].startswith("tiny · dots dev, 6")
    seen = shown(desk, name)
    assert seen["columns"][0]["state"] == ""  # it is of the checkpoint that is here
    assert evaluated.row(seen, "BLEU-1")["cells"][0]["value"] == kept.scores["BLEU-1"]
    lost = evaluated.row(seen, "cover_most")["cells"][0]
    assert lost["low"] <= lost["value"] <= lost["high"]
    for key in ("pointing", "forced_pointing", "CHAIRi"):
        assert "annotations/instances_*.json" in evaluated.row(seen, key)["cells"][0]["missing"]


@pytest.mark.parametrize("asks, forced", [(True, True), (True, False), (False, True)])
def test_references_are_forced_only_where_attention_is_asked(desk, monkeypatch, asks, forced):
    asked = []

    def evaluate(captioner, name, request, report, should_stop):
        asked.append(request)
        return evaluated.result(DATA)

    monkeypatch.setattr(evaluate, "evaluate", evaluate)
    monkeypatch.setattr(desk.models, "captioner", lambda name: None)
    start(desk, asks=asks, forced=forced)
    assert [(one.quick, one.forced) for one in asked] == [(not asks, asks and forced)]


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"names": []}, "Choose one or more checkpoints"),
        ({"names": ["tiny", "../tiny"]}, "Choose one or more checkpoints"),
        ({"data": "/etc"}, "Choose data and a split"),
        ({"data": "download:flickr8k"}, "Choose data and a split"),
        ({"split": "all"}, "Choose data and a split"),
        ({"data": data_sources.SCENES, "count": 9}, "number of scenes must be a number from 200"),
        ({"photos": 2.5}, "number of photos must be a whole number"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_a_sentence(desk, changed, said):
    (*_, trouble, fresh) = start(desk, **changed)[-1]
    assert trouble["visible"] and said in trouble["value"] and fresh == []
    assert desk.evaluating.progress is None and not Path("results").exists()


def test_without_the_token_nothing_is_done_on_a_public_host(public):
    name = evaluated.result(DATA).save().stem
    begun = [start(public), told(public.start_first(""))]
    answers = [answer[3] for (answer,) in begun]
    answers += [public.stop(""), public.delete("wrong", [name], event(result=name))[0]]
    assert all("owner's token" in answer["value"] for answer in answers)
    assert public.evaluating.progress is None and list(public.kept.all()) == [name]
    assert shown(public, name)["columns"][0]["id"] == name  # looking is free
    assert public.photos({"result": name})["total"] == 18


def test_one_evaluation_at_a_time_which_can_be_stopped(desk):
    going_on = threading.Event()

    def work(job):
        while True:
            going_on.set()
            job.report("captioning", 1, 4)

    desk.evaluating.begin(work)
    going_on.wait(5)
    assert "one at a time" in start(desk)[-1][3]["value"]
    assert desk.stop("")["visible"] is False
    desk.evaluating.wait()
    assert desk.evaluating.progress is None and desk.evaluating.trouble == ""
    assert desk.evaluating.found == []


def test_what_fails_at_once_is_told_to_who_started_it(desk, monkeypatch):
    monkeypatch.setattr(desk.models, "captioner", lambda name: None)
    begin = desk.evaluating.begin
    monkeypatch.setattr(
        desk.evaluating, "begin", lambda work: (begin(work), desk.evaluating.wait())
    )
    trouble = start(desk, split="test")[-1][3]
    assert trouble["visible"] and "no photos in split 'test'" in trouble["value"]


@pytest.mark.parametrize(
    "error, said",
    [
        (ValueError("No photo can be read."), "No photo can be read."),
        (OSError("No space left."), "No space left."),
        (KeyError("captions"), "The evaluation broke off"),
        (Stopped(), ""),
    ],
)
def test_an_evaluation_that_fails_says_why(desk, error, said):
    def work(job):
        raise error

    desk.evaluating.begin(work)
    desk.evaluating.wait()
    assert desk.evaluating.progress is None and desk.evaluating.trouble.startswith(said)
    assert told(desk.follow())[-1][3] == gr.skip()  # who comes later has nothing to follow
    desk.evaluating.begin(lambda job: None)  # the next one can begin


def test_what_an_earlier_one_found_is_kept_when_the_next_fails(desk, monkeypatch):
    def evaluate(captioner, name, request, report, should_stop):
        report("captioning", 1, 1)
        if name == "default":
            raise ValueError("No photo can be read.")
        return evaluated.result(DATA)

    monkeypatch.setattr(evaluate, "evaluate", evaluate)
    monkeypatch.setattr(desk.models, "captioner", lambda name: None)
    *_, trouble, fresh = start(desk, names=["tiny", "default"])[-1]
    assert trouble["value"] == "No photo can be read." and fresh == list(desk.kept.all())


def test_photos_come_in_the_order_that_is_wished(desk):
    name = evaluated.result(DATA, scores=(0.3, 0.1, 0.2)).save().stem

    def numbers(**wish):
        page = desk.photos({"result": name, **wish})
        return [row["said"][0]["number"] for row in page["rows"]]

    assert numbers() == list(range(18))
    assert numbers(order="CIDEr", down=True)[:7] == [0, 3, 6, 9, 12, 15, 2]
    assert numbers(order="CIDEr")[0] == 1 and numbers(order="number", down=True)[0] == 17
    assert numbers(order="caption", down=True) == sorted(
        range(18), key=lambda i: evaluated.rows(DATA, (1,))[i]["caption"], reverse=True
    )
    assert numbers(first=16) == [16, 17]
    found = desk.photos({"result": name, "search": "RED again  square"})
    assert found["total"] == 3 and all("red" in row["photo"] for row in found["rows"])


def test_photos_that_two_judge_differently_come_first(desk):
    one = evaluated.result(DATA, scores=(0.1,))
    rows = [{**row, "caption": "other"} for row in evaluated.rows(DATA, (0.1,))]
    rows[4]["CIDEr"], rows[9]["CIDEr"] = 0.9, 0.5
    names = [one.save().stem, evaluated.result(DATA, "other", photos=rows[::-1]).save().stem]
    page = desk.photos({"result": names[0], "other": names[1]})
    first, second = page["rows"][:2]
    assert [said["number"] for said in first["said"]] == [4, 17 - 4]
    assert [said["scores"]["CIDEr"] for said in second["said"]] == [0.1, 0.5]
    assert first["said"][1]["caption"] == "other"


@pytest.mark.parametrize(
    "wish",
    [None, [], {}, {"result": 3}, {"result": "gone"}, {"result": "../results/NAME"},
     {"result": "NAME", "search": 3}, {"result": "NAME", "first": -1},
     {"result": "NAME", "first": 0.5}, {"result": "NAME", "other": ["NAME"]}],
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_answered_in_a_sentence(desk, wish):
    name = evaluated.result(DATA).save().stem
    told = json.loads(json.dumps(wish).replace("NAME", name))
    assert desk.photos(told)["error"].endswith(".")
    assert desk.export(told)["error"].endswith(".")


def test_only_photos_of_the_data_set_are_shown(desk, tmp_path):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (40, 30), "red").save(secret)
    (DATA / "Images" / "link.png").symlink_to(secret)
    (DATA / "Images" / "notes.txt").write_text("not a photo")
    (DATA / "Images" / "broken.png").write_text("not a photo")
    names = ["../../secret.png", str(secret), "Images/link.png", "Images/notes.txt",
             "Images/broken.png", "Images/gone.png", "Images", "a\0b.png"]  # fmt: skip
    rows = evaluated.rows(DATA, (0.1,))
    rows = [rows[0], *({**rows[0], "photo": name} for name in names)]
    name = evaluated.result(DATA, photos=rows).save().stem
    first, *others = desk.photos({"result": name})["rows"]
    picture = Image.open(io.BytesIO(base64.b64decode(first["thumbnail"].partition(",")[2])))
    assert picture.format == "JPEG" and picture.size == (80, 60)
    assert [row["thumbnail"] for row in others] == [None] * len(names)
    for number in (*range(1, len(rows)), len(rows), -1, "0", None):
        *updates, trouble = desk.explore(event(result=name, number=number))
        assert updates == [gr.skip()] * 3 and trouble["visible"]


def test_a_photo_opens_with_the_captioner_that_was_evaluated(desk):
    name = evaluated.result(DATA).save().stem
    tabs, model, photo, trouble = desk.explore(event(result=name, number=2))
    assert tabs["selected"] == "explore" and model["value"] == "tiny"
    file = DATA / evaluated.rows(DATA, (1,))[2]["photo"]
    assert Path(photo).read_bytes() == file.read_bytes() and not trouble["visible"]
    gone = evaluated.result(DATA, "gone").save().stem
    *_, trouble = desk.explore(event(result=gone, number=2))
    assert "no captioner “gone”" in trouble["value"]


def test_results_are_exported_whole(desk):
    kept = evaluated.result(DATA)
    name = kept.save().stem
    table = desk.export({"result": name, "kind": "csv"})
    assert (table["name"], table["type"], table["text"]) == (
        f"{name}.csv", "text/csv", kept.to_csv(),
    )  # fmt: skip
    whole = desk.export({"result": name, "kind": "json"})
    assert json.loads(whole["text"]) == json.loads(Path(f"results/{name}.json").read_text())


def test_a_result_is_deleted_and_nothing_else(desk):
    kept = [evaluated.result(DATA, name).save().stem for name in ("one", "two")]
    Path("notes.json").write_text("{}")
    for name in ("../notes", "", None, "gone"):
        trouble, _ = desk.delete("", kept, event(result=name))
        assert trouble["visible"]
    trouble, choice = desk.delete("", kept, event(result=kept[0]))
    assert not trouble["visible"] and choice["value"] == [kept[1]]
    assert Path("notes.json").exists() and list(desk.kept.all()) == [kept[1]]


def test_what_is_chosen_stays_and_what_is_new_is_added(desk):
    names = [evaluated.result(DATA, f"n{i}", date=f"2026-11-2{i}").save().stem for i in range(6)]
    assert desk.choice(None)["value"] == [names[5]]  # the newest
    assert desk.choice(["gone"])["value"] == [names[5]]
    assert desk.choice(names[:2])["value"] == names[:2]
    assert desk.choice(names[:4], [names[5]])["value"] == [*names[1:4], names[5]]
    assert [value for _, value in desk.choice([])["choices"]] == names[::-1]
    Path("results/damaged.json").write_text("{")
    assert list(desk.kept.all()) == names[::-1]
    assert shown(desk)["kept"] == 6 and shown(desk)["columns"] == []


def test_a_result_that_was_found_anew_is_read_anew(desk):
    kept = evaluated.result(DATA)
    path = kept.save()
    assert evaluated.row(shown(desk, path.stem), "CIDEr")["cells"][0]["value"] == pytest.approx(0.2)
    replace(kept, scores={"CIDEr": 0.9}).save()
    assert evaluated.row(shown(desk, path.stem), "CIDEr")["cells"][0]["value"] == 0.9
