"""The command line, called as a person would, on small things."""

import io
import json
import shutil
import sys
from dataclasses import replace

import pytest
from PIL import Image

from captioner import Captioner, Sampling, checkpoints
from captioner.cli.main import build_parser, main
from captioner.vocabulary import Vocabulary
from tests.support import seer, tiny

pytestmark = pytest.mark.usefixtures("no_meteor")


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    tiny.drawn("red", "disc", "white").save(path)
    return str(path)


def test_caption_prints_the_sentence(photo, saved_checkpoint, capsys):
    assert main(["caption", photo, "--checkpoint", str(saved_checkpoint)]) == 0
    assert capsys.readouterr().out.strip() == Captioner.load(saved_checkpoint).caption(photo).text


def test_json_is_one_object_a_line_with_the_words_and_their_maps(photo, saved_checkpoint, capsys):
    assert main(["caption", photo, photo, "--json", "--checkpoint", str(saved_checkpoint)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 2
    found = lines[0]
    assert set(found) == {"photo", "caption", "words"}
    assert found["photo"] == photo
    assert found["caption"] == " ".join(word["text"] for word in found["words"])
    for word in found["words"]:
        assert set(word) == {"text", "probability", "attention", "alternatives"}
        assert sum(map(sum, word["attention"])) == pytest.approx(1, abs=1e-4)
        chances = [chance for _, chance in word["alternatives"]]
        assert chances == sorted(chances, reverse=True)


def test_photos_that_cannot_be_read_are_named_and_the_others_go_on(
    photo, saved_checkpoint, tmp_path, capsys
):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff nothing")
    missing = str(tmp_path / "missing.jpg")
    arguments = ["caption", str(broken), missing, photo, "--checkpoint", str(saved_checkpoint)]
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1 and said.out.startswith(photo)
    assert [line.split(": ")[0] for line in said.err.splitlines()] == [str(broken), missing]


def test_a_pattern_is_expanded_where_the_shell_has_not(saved_checkpoint, tmp_path, capsys):
    for name in ("b.png", "a.png", "c[1].png", "d.txt"):
        tiny.drawn("red", "disc", "white").save(tmp_path / name, "PNG")
    how = ["--checkpoint", str(saved_checkpoint)]
    assert main(["caption", str(tmp_path / "*.png"), *how]) == 0
    names = [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [str(tmp_path / name) for name in ("a.png", "b.png", "c[1].png")]
    assert main(["caption", str(tmp_path / "c[1].png"), *how]) == 0
    assert main(["caption", str(tmp_path / "*.jpg"), *how]) == 1
    assert "*.jpg" in capsys.readouterr().err


@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_output_in_an_encoding_that_lacks_letters_goes_on(
    saved_checkpoint, tmp_path, monkeypatch, json_
):
    files = [tmp_path / name for name in ("照片😀.png", "Mädchen.png")]
    for file in files:
        tiny.drawn("red", "disc", "white").save(file)
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252"))
    how = ["--checkpoint", str(saved_checkpoint), *json_]
    assert main(["caption", *map(str, files), *how]) == 0
    first, second = written.getvalue().decode("cp1252").splitlines()
    if json_:
        assert [json.loads(line)["photo"] for line in (first, second)] == list(map(str, files))
    else:
        assert "\\u7167\\u7247" in first and "Mädchen.png: " in second


def test_the_same_seed_gives_the_same_sentence(photo, saved_checkpoint, capsys):
    sampling = ["--sampler", "sampling", "--seed", "5", "--temperature", "2"]
    for _ in range(2):
        main(["caption", photo, "--checkpoint", str(saved_checkpoint), *sampling])
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


def test_strip_and_gif_are_written(saved_checkpoint, tmp_path):
    photo, strip, gif = (str(tmp_path / name) for name in ("flat.png", "strip.png", "steps.gif"))
    tiny.drawn("red", "disc", "white", (160, 40)).save(photo)
    sampler = Sampling(temperature=2.0, top_p=1.0, seed=3)  # few words are drawn sooner
    how = ["--sampler", "sampling", "--temperature", "2", "--top-p", "1", "--seed", "3"]
    files = ["--strip", strip, "--gif", gif]
    assert main(["caption", photo, "--checkpoint", str(saved_checkpoint), *how, *files]) == 0
    words = Captioner.load(saved_checkpoint).caption(photo, sampler).words
    assert 1 < len(words) < 12
    assert Image.open(strip).width > 100
    assert Image.open(gif).n_frames == len(words)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["caption", "x.png", "--checkpoint", "nowhere"], "nowhere"),
        (["caption", "x.png", "--sampler", "sampling", "--temperature", "0"], "temperature"),
        (["evaluate", "--data", "nowhere", "--split", "dev"], "nowhere"),
        (["train", "--data", "nowhere", "--out", "out"], "nowhere"),
        (["distil", "--photos", "nowhere", "--teacher", "t.keras", "--out", "out"], "nowhere"),
        (["scenes", "--out", "out", "--count", "3", "--seed", "1"], "At least 10 scenes"),
        (["scenes", "--out", ".", "--count", "10", "--seed", "1"], "something else"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").touch()
    assert main(arguments) == 1
    error = capsys.readouterr().err.strip()
    assert said in error and "\n" not in error


@pytest.mark.slow
def test_cache_train_and_evaluate_follow_each_other(
    data_folder, saved_checkpoint, tmp_path, capsys
):
    out, backbone = tmp_path / "run", str(saved_checkpoint)
    data = ["--data", str(data_folder)]
    settings = ["--epochs", "1", "--batch-size", "8", "--min-count", "1", "--warmup", "1"]
    kept = ["--features", str(tmp_path / "features")]
    train = ["train", *data, "--backbone", backbone, "--out", str(out), *kept, *settings]
    assert main(train) == 0
    best = out / "checkpoints" / "best"
    assert str(best) in capsys.readouterr().out
    assert main(train) == 0  # called again, it has nothing left to do
    assert main(["train", "--out", str(out)]) == 0  # it knows what it was asked for
    assert main(["train", "--out", str(tmp_path / "other")]) == 1
    assert "name a data set with --data" in capsys.readouterr().err
    assert main(["evaluate", *data, "--split", "dev", "--quick", "--checkpoint", str(best)]) == 0
    scores = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert scores["photos"] == 6 and {"BLEU-4", "CIDEr"} <= set(scores)
    kept = json.loads((best / "config.json").read_text())["scores"]
    assert scores["BLEU-4"] == pytest.approx(kept["BLEU-4"], abs=0.05)  # float16 on disk

    cached = ["cache", *data, "--backbone", str(best), "--out", str(tmp_path / "cache")]
    assert main(cached) == 0
    assert json.loads((tmp_path / "cache" / "manifest.json").read_text())["done"] == 18
    assert not (tmp_path / ".lock").exists()  # only in the folder of the page's list


def test_an_evaluation_is_one_line_kept_and_a_table(
    data_folder, saved_checkpoint, tmp_path, capsys, monkeypatch
):
    """With a checkpoint of nothing but noise: there are numbers all the same."""
    from captioner.evaluation.store import ResultStore, fingerprint_in

    best = shutil.copytree(saved_checkpoint, tmp_path / "mine" / "checkpoints" / "best")
    monkeypatch.chdir(tmp_path)
    asked = ["evaluate", "--data", str(data_folder), "--split", "dev", "--photos", "4"]
    beam = ["--sampler", "beam", "--beams", "2", "--checkpoint", str(best)]
    assert main([*asked, *beam, "--forced", "--save", "--csv", "photos.csv"]) == 0
    told = capsys.readouterr()
    assert "captioning 4 of 4" in told.err and "covering cells 4 of 4" in told.err
    line = json.loads(told.out.splitlines()[-1])
    (kept,) = ResultStore().all().values()
    assert (kept.checkpoint, kept.split, len(kept.photos)) == ("mine/best", "dev", 4)
    assert (kept.sampler["sampler"], kept.sampler["beams"]) == ("beam", 2)
    assert fingerprint_in(best) == kept.written
    found = kept.to_json()
    parts = ("captions", "hallucination", "faithfulness", "missing")
    few = [name for name, one in kept.faithfulness.items() if one.count < 100]
    assert line == {
        **{"split": "dev", "photos": 4, **kept.scores},
        **{part: found[part] for part in parts},
        "few": few,
    }
    boxes = "There are no boxes in these data: annotations/instances_*.json."
    assert {line["missing"][name] for name in ("pointing", "forced_pointing", "CHAIRi")} == {boxes}
    assert line["METEOR"] == 0.25 and {"cover_most", "cover_least"} <= line["faithfulness"].keys()
    assert (tmp_path / "photos.csv").read_text(encoding="utf-8") == kept.to_csv()


def test_an_evaluation_forces_references(tmp_path, capsys):
    """Of pictures with boxes, by a captioner of noise that knows the nouns, but no "and"."""
    data = seer.scenes_folder(tmp_path / "data", photos=6)
    words = Vocabulary([*tiny.WORDS[:-3], *seer.THINGS])
    folder = tmp_path / "tiny"
    checkpoints.save(folder, replace(tiny.checkpoint(), vocabulary=words))
    asked = ["evaluate", "--data", str(data), "--split", "dev", "--checkpoint", str(folder)]
    assert main([*asked, "--forced"]) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    told = json.loads((data / "annotations" / "instances_dev.json").read_text())
    for name in ("forced_pointing", "forced_pointing_near", "forced_attention_within"):
        measure = line["faithfulness"][name]
        assert measure["count"] == 2 * len(told["annotations"])  # two references each
        assert measure["low"] <= measure["value"] <= measure["high"]
        assert measure["baselines"].keys() == {"uniform", "middle", "shuffled"}
    assert 0 <= line["hallucination"]["CHAIRs"]["value"] <= 1
    assert main(asked) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "not asked for" in line["missing"]["forced_pointing"]
    with pytest.raises(SystemExit):
        main([*asked, "--quick", "--forced"])


def test_scenes_are_drawn_into_a_data_set(tmp_path, capsys):
    from captioner.data import datasets

    draw = ["scenes", "--out", str(tmp_path), "--count", "12", "--seed", "7", "--size", "64"]
    assert main(draw) == 0
    assert capsys.readouterr().err.endswith("photos: 12 of 12\n")
    dataset = datasets.read(tmp_path)
    assert [len(dataset.splits[split]) for split in ("train", "dev", "test")] == [10, 1, 1]
    with Image.open(dataset.split("dev")[0]) as photo:
        assert photo.size == (64, 64)
    assert main(draw) == 0
    assert main([*draw, "--size", "96"]) == 1
    assert "scenes of another size" in capsys.readouterr().err


def test_options_with_their_older_names_are_understood_and_not_shown(capsys):
    new = ["--attention-scale", "3", "--no-use-attention", "--no-carry-state"]
    old = ["--sharpness", "3", "--no-attends", "--no-remembers"]
    parser, train = build_parser(), ["train", "--out", "out"]
    assert parser.parse_args([*train, *old]) == parser.parse_args([*train, *new])
    assert parser.parse_args(train).attention_scale is None
    with pytest.raises(SystemExit):
        parser.parse_args(["train", "--help"])
    shown = capsys.readouterr().out
    assert "--attention-scale" in shown
    assert not any(name in shown for name in ("--sharpness", "--attends", "--remembers"))
