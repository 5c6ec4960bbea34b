"""Evaluations whose numbers are known, results that are kept, and data that are not as they
should be."""

import csv
import io
import json
import shutil
from dataclasses import asdict, replace

import pytest
from PIL import Image

from captioner import samplers
from captioner.data.datasets import DatasetError
from captioner.evaluation import captioning, faithfulness, meteor, metrics
from captioner.evaluation.evaluate import Request, evaluate
from captioner.evaluation.intervals import Measure
from captioner.evaluation.store import (
    Evaluation,
    EvaluationError,
    ResultStore,
    fingerprint,
    fingerprint_in,
    most_different,
)
from captioner.training.runs.journal import Stopped
from tests.support.seer import Seer, picture, scenes_folder


@pytest.fixture(autouse=True, scope="module")
def no_meteor():
    """It takes half a minute, and has a test of its own."""

    def score(said, written, should_stop):
        raise meteor.NoMeteor("There is no Java.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meteor, "score", score)
        yield


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scenes_folder(tmp_path_factory.mktemp("scenes"), photos=40)


@pytest.fixture(scope="module")
def whole(scenes):
    return evaluate(Seer(), "seer", Request(str(scenes)))


def data(folder, photos: dict[str, list[str]], train=(), text=None):
    """A data set as Flickr8k is: photo -> captions, all in dev but for those of `train`."""
    (folder / "Images").mkdir(parents=True)
    for name in photos:
        picture(dog=(1, 1)).save(folder / "Images" / name)
    lines = [f"{name}#{i}\t{t}\n" for name, told in photos.items() for i, t in enumerate(told)]
    (folder / "Flickr8k.token.txt").write_text(text or "".join(lines))
    dev = [name for name in photos if name not in train]
    (folder / "Flickr_8k.devImages.txt").write_text("\n".join(dev))
    (folder / "Flickr_8k.trainImages.txt").write_text("\n".join(train))
    return folder


def quick(folder, captioner=None, **asked):
    return evaluate(captioner or Seer(), "seer", Request(str(folder), quick=True, **asked))


def test_the_scores_are_those_of_the_captions(whole):
    said = [row["caption"] for row in whole.photos]
    written = [row["references"] for row in whole.photos]
    assert whole.scores == metrics.scores(said, written)
    assert len(whole.photos) == 40 and all(
        row["photo"].startswith("images/dev/") for row in whole.photos
    )
    for name in ("CIDEr", "ROUGE-L"):
        mean = sum(row[name] for row in whole.photos) / 40
        assert mean == pytest.approx(whole.scores[name], abs=1e-5)


def test_the_result_is_as_agreed(whole):
    found = whole.to_json()
    assert list(found) == [
        *("format", "checkpoint", "written", "data", "split", "sampler", "date", "scores"),
        *("missing", "captions", "hallucination", "faithfulness", "photos"),
    ]
    interval = {"value", "low", "high", "count"}
    assert found["hallucination"].keys() == {"CHAIRi", "CHAIRs"}
    assert found["hallucination"]["CHAIRi"].keys() == {*interval, "baselines"}
    assert found["faithfulness"]["pointing"].keys() == {*interval, "chance", "baselines"}
    assert found["faithfulness"]["pointing"]["baselines"].keys() == {
        "uniform",
        "middle",
        "shuffled",
    }
    assert found["faithfulness"]["mosaic"].keys() == {*interval, "chance"}
    assert found["faithfulness"]["cover_most"].keys() == interval
    assert found["captions"].keys() == {
        *("photos", "words", "distinct_words", "unique", "repeats", "seconds")
    }
    assert found["missing"].keys() == {"METEOR", "novel", *faithfulness.FORCED}
    assert found["missing"]["METEOR"] == "There is no Java."
    assert found["date"].endswith("Z") and len(found["date"]) == 20
    json.dumps(found, allow_nan=False)


def test_what_captions_are_like():
    said = ["a dog runs", "a dog runs", "A cat sits on a cat sits on", "two men"]
    assert captioning.statistics(said, ["A dog runs .", "two women"]) == {
        "photos": 4,
        "words": (3 + 3 + 8 + 2) / 4,
        "distinct_words": 8,
        "unique": 0.5,
        "novel": 0.5,
        "repeats": 0.25,
    }
    assert "novel" not in captioning.statistics(said, [])
    assert captioning.statistics([""], ["a"])["words"] == 0


def test_what_differs_is_asked_for_only(scenes):
    told = []
    asked = Request(str(scenes), photos=5, sampler={"sampler": "beam", "beams": 2}, quick=True)
    found = evaluate(Seer(), "run/best", asked, report=lambda *step: told.append(step))
    assert found.checkpoint == "run/best" and found.captions["photos"] == len(found.photos) == 5
    assert found.sampler == {**samplers.DEFAULTS, "sampler": "beam", "beams": 2}
    backwards = {row["caption"] for row in found.photos}
    assert backwards != {row["caption"] for row in quick(scenes, photos=5).photos}
    assert told[4] == ("captioning", 5, 5)
    assert not found.faithfulness and found.missing["faithfulness"] == "It was not asked for."
    assert found.hallucination["CHAIRi"].value == 0  # for which no more is needed than captions


def test_it_stops_when_asked(scenes):
    told = []
    with pytest.raises(Stopped):
        evaluate(
            Seer(),
            "seer",
            Request(str(scenes)),
            report=lambda *step: told.append(step),
            should_stop=lambda: len(told) == 7,
        )
    assert len(told) == 7


def test_a_kept_result_is_the_same_again(whole, tmp_path):
    path = whole.save(tmp_path)
    assert path.parent == tmp_path and Evaluation.read(path) == whole
    again = replace(whole, date="2030-01-01T00:00:00Z")
    assert again.save(tmp_path) == path and list(ResultStore(tmp_path).all().values()) == [again]
    other = replace(whole, checkpoint="../ü/x y", date="2031-01-01T00:00:00Z")
    assert other.save(tmp_path).parent == tmp_path
    assert list(ResultStore(tmp_path).all().values()) == [other, again]
    assert ResultStore(tmp_path / "nowhere").all() == {}


def test_references_are_forced_if_that_is_asked_for(whole, scenes, tmp_path):
    found = evaluate(Seer(), "seer", Request(str(scenes), forced=True))
    assert found.faithfulness.keys() - whole.faithfulness.keys() == set(faithfulness.FORCED)
    assert not found.missing.keys() & set(faithfulness.FORCED)
    assert found.save(tmp_path) != whole.save(tmp_path)  # one does not replace the other
    assert Evaluation.read(found.save(tmp_path)) == found


def test_captions_that_name_what_is_not_there_are_told(tmp_path):
    """Of two photos without a box, people name the things of the first one only."""
    folder = scenes_folder(tmp_path / "data", photos=12)
    (folder / "scenes.json").unlink()  # as if they were photos
    silent = {"image_id": 1, "caption": "nothing that has a name"}
    for name, without, more in (("instances", {0, 1}, []), ("captions", {1}, [silent])):
        path = folder / "annotations" / f"{name}_dev.json"
        content = json.loads(path.read_text())
        left = [one for one in content["annotations"] if one["image_id"] not in without]
        path.write_text(json.dumps({**content, "annotations": left + more}))
    found = quick(folder)
    named = [row["caption"].count("and") + 1 for row in found.photos]
    assert found.hallucination["CHAIRs"].value == pytest.approx(1 / 12)
    assert found.hallucination["CHAIRi"].value == pytest.approx(named[1] / sum(named))
    assert found.hallucination["CHAIRi"].count == sum(named)


def test_results_of_before_are_read(whole, tmp_path):
    """They have neither CHAIR nor baselines."""
    kept = whole.to_json()
    del kept["hallucination"]
    for measure in kept["faithfulness"].values():
        measure.pop("baselines", None)
    (tmp_path / "old.json").write_text(json.dumps(kept))
    found = Evaluation.read(tmp_path / "old.json")
    assert found.hallucination == {} and found.photos == whole.photos
    assert found.faithfulness["pointing"] == replace(whole.faithfulness["pointing"], baselines={})


DAMAGED = {
    "not JSON": lambda text: text[:50],
    "no object": lambda text: "[]",
    "nothing": lambda text: "",
    "version": lambda text: text.replace('"format": 1', '"format": 2'),
    "no scores": lambda text: text.replace('"scores"', '"other"'),
    "NaN": lambda text: text.replace('"value": ', '"value": NaN, "was": ', 1),
    "infinite": lambda text: text.replace('"BLEU-1": ', '"BLEU-1": Infinity, "was": ', 1),
    "huge": lambda text: text.replace('"BLEU-1": ', f'"BLEU-1": 1{"0" * 400}, "was": ', 1),
    "a list of scores": lambda text: text.replace('"scores": ', '"scores": [], "was": ', 1),
    "a list of CHAIR": lambda text: text.replace('"hallucination": ', '"hallucination": [], "x": '),
    "a list of measures": lambda text: text.replace('"faithfulness": ', '"faithfulness": 1, "x": '),
    "text": lambda text: text.replace('"words": ', '"words": "many", "was": ', 1),
    "a list": lambda text: text.replace('"checkpoint": ', '"checkpoint": [], "was": ', 1),
    "row": lambda text: text.replace('"caption": ', '"caption": null, "was": ', 1),
    "deep": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_results_are_left_out(whole, tmp_path, damage):
    path = whole.save(tmp_path)
    text = path.read_text()
    assert damage(text) != text
    path.write_text(damage(text))
    assert ResultStore(tmp_path).all() == {}
    with pytest.raises(EvaluationError, match="is not a result that can be read"):
        Evaluation.read(path)


def test_a_checkpoint_that_was_replaced_is_told(whole, tmp_path):
    config = tmp_path / "config.json"
    assert fingerprint_in(tmp_path) != whole.written
    config.write_text('{"made": "by hand"}')
    assert fingerprint_in(tmp_path) == whole.written == fingerprint({"made": "by hand"})
    config.write_text('{"made": "by hand", "scores": {"CIDEr": 0.4}, "notes": []}')
    assert fingerprint_in(tmp_path) == whole.written  # found out since, it is the same
    config.write_text('{"made": "again"}')
    assert fingerprint_in(tmp_path) != whole.written
    config.write_text("{")
    assert fingerprint_in(tmp_path) != whole.written


def test_csv_has_a_row_per_photo_and_nothing_to_compute(whole):
    rows = list(csv.DictReader(io.StringIO(whole.to_csv())))
    assert len(rows) == 40
    for row, found in zip(rows, whole.photos, strict=True):
        assert (row["photo"], row["caption"]) == (found["photo"], found["caption"])
        assert float(row["CIDEr"]) == found["CIDEr"]
        assert row["references"].split(" | ") == found["references"]
    evil = {**whole.photos[0], "photo": '=1+1,"\n', "caption": "@x", "references": ["-2", "=3"]}
    (row,) = csv.DictReader(io.StringIO(replace(whole, photos=[evil]).to_csv()))
    assert (row["photo"], row["caption"], row["references"]) == ("'=1+1,\"\n", "'@x", "'-2 | =3")


def test_the_most_different_photos_come_first(whole):
    def rows(**scores):
        base = {"caption": "x", "references": [], "ROUGE-L": 0.0, "BLEU-4": 0.0}
        return [{**base, "photo": name, "CIDEr": score} for name, score in scores.items()]

    one = replace(whole, photos=rows(a=1.0, b=0.2, c=0.5, d=0.3))
    other = replace(whole, photos=rows(d=0.3, c=1.5, a=0.4, e=9.0))
    pairs = most_different(one, other)
    assert [(a["photo"], a["CIDEr"], b["CIDEr"]) for a, b in pairs] == [
        ("c", 0.5, 1.5),
        ("a", 1.0, 0.4),
        ("d", 0.3, 0.3),
    ]


def test_photos_without_references_or_that_cannot_be_read_are_left_out(tmp_path):
    photos = {"a.png": ["a dog", "..."], "b.png": ["! ?"], "c.png": ["the dog"], "d.png": []}
    folder = data(tmp_path / "data", photos, text=None)
    (folder / "Images" / "c.png").write_bytes(b"no photo")
    found = quick(folder)
    assert [row["photo"] for row in found.photos] == ["Images/a.png"]
    assert found.photos[0]["references"] == ["a dog"]
    assert found.missing["photos"] == (
        "Photos left out: 1 unreadable (c.png), 1 without a reference in words (b.png)."
    )
    assert found.missing["data"] == "Of the whole data set: photos without captions: 1."


def test_a_split_with_one_photo_has_numbers(tmp_path):
    folder = data(tmp_path / "data", {"a.png": ["dog"], "t.png": ["a boat"]}, train=["t.png"])
    found = evaluate(Seer(), "seer", Request(str(folder)))
    assert found.scores["CIDEr"] == 0 and "single photo" in found.missing["CIDEr"]
    assert found.captions["novel"] == 1 and found.captions["seconds"] > 0
    assert {"mosaic", "pointing", "maps_within", "CHAIRi"} <= found.missing.keys()
    json.dumps(found.to_json(), allow_nan=False)


def test_empty_captions_are_scored(tmp_path):
    """What sees nothing here says nothing."""
    folder = data(tmp_path / "data", {"a.png": ["dog"], "b.png": ["a dog"], "c.png": ["black"]})
    Image.new("RGB", (64, 64)).save(folder / "Images" / "c.png")
    found = evaluate(Seer(), "seer", Request(str(folder)))
    empty = found.photos[2]
    assert [empty[key] for key in ("caption", "CIDEr", "ROUGE-L", "BLEU-4")] == ["", 0, 0, 0]
    json.dumps(found.to_json(), allow_nan=False)
    assert Evaluation.read(found.save(tmp_path / "results")) == found


def test_what_cannot_be_evaluated_is_said(tmp_path, scenes):
    empty = data(tmp_path / "empty", {"a.png": ["..."]})
    asked = {
        "no photos in split 'test'": Request(str(scenes), "test"),
        "is not a folder": Request(str(tmp_path / "nowhere")),
        "No photo of this split can be read": Request(str(empty)),
        "There is no sampler 'best'": Request(str(scenes), sampler={"sampler": "best"}),
        "no setting heat": Request(str(scenes), sampler={"heat": 1}),
        "beams must be 1 or more": Request(str(scenes), sampler={"sampler": "beam", "beams": 0}),
        "must be 0, for all of them": Request(str(scenes), photos=-1),
    }
    for said, request in asked.items():
        with pytest.raises((EvaluationError, DatasetError, ValueError), match=said) as raised:
            evaluate(Seer(), "seer", request)
        assert "\n" not in str(raised.value)


def test_malformed_references_are_left_out(tmp_path):
    text = "a.png#0\ta dog\nno tab\nb.png#x\tx\nb.png#1\tthe dog\n"
    found = quick(data(tmp_path / "data", {"a.png": [], "b.png": []}, text=text))
    assert [row["references"] for row in found.photos] == [["a dog"], ["the dog"]]
    assert "malformed lines of Flickr8k.token.txt, left out: 2" in found.missing["data"]


def test_batches_of_any_number_are_timed(tmp_path):
    for count in (1, 31, 32, 33, 65):
        folder = data(tmp_path / str(count), {f"{i:03}.png": ["a dog"] for i in range(count)})
        assert quick(folder).captions["seconds"] > 0
        shutil.rmtree(folder)


def test_measures_are_read_as_measures(whole, tmp_path):
    found = Evaluation.read(whole.save(tmp_path)).faithfulness
    assert all(isinstance(measure, Measure) for measure in found.values())
    assert asdict(found["pointing"])["value"] == 1
