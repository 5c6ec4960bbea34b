"""Results side by side: what is written in the table and drawn in the charts."""

from dataclasses import replace
from pathlib import Path

import pytest

from captioner.evaluation import faithfulness
from captioner.evaluation.hallucination import CHAIR
from captioner.ui.evaluate.comparison import compare
from captioner.ui.evaluate.score_texts import GROUPS
from tests.support import evaluated, tiny

DATA = Path("datasets/dots")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.data_folder(DATA)


def shown(*results, **folders) -> dict:
    return compare({str(number): one for number, one in enumerate(results)}, folders)


def test_every_measure_is_explained():
    metrics = [metric for group in GROUPS for metric in group.metrics]
    keys = [metric.key for metric in metrics]
    assert {*faithfulness.NAMES, *CHAIR} <= set(keys) and len(set(keys)) == len(keys)
    assert all(metric.unit for metric in metrics if metric.key in faithfulness.NAMES)


def test_the_best_of_a_row_is_marked_if_the_photos_are_the_same():
    one = evaluated.result(DATA)
    other = evaluated.result(DATA, "better", scores=(0.4, 0.5))
    view = shown(one, other)
    marks = {key: [cell.get("best", False) for cell in evaluated.row(view, key)["cells"]] for key in
             ("CIDEr", "repeats", "words", "pointing")}  # fmt: skip
    assert marks == {
        "CIDEr": [False, True],
        "repeats": [False, True],  # lower is better
        "words": [False, False],  # neither direction is better
        "pointing": [False, False],  # they are equal
    }
    fewer = replace(evaluated.result(DATA), photos=evaluated.rows(DATA, (0.9,))[:5])
    view = shown(one, fewer)
    assert "cannot be compared" in view["note"]
    assert not any("best" in cell for part in view["parts"] for r in part["rows"]
                   for cell in r["cells"])  # fmt: skip
    assert len({column["name"] for column in view["columns"]}) == 2  # distinct


def test_heads_of_a_transformer_follow_the_mean_of_all():
    plain = evaluated.result(DATA)
    measure = plain.faithfulness["pointing"]
    heads = {f"pointing/{name}": replace(measure, value=0.1) for name in ("2.1", "1.10", "1.2")}
    view = shown(plain, replace(plain, faithfulness=plain.faithfulness | heads))
    (rows,) = [part["rows"] for part in view["parts"] if part["key"] == "faithfulness"]
    labels = [
        "Pointing",
        *(f"Layer {layer}, head {head}" for layer, head in [(1, 2), (1, 10), (2, 1)]),
    ]
    assert [row["label"] for row in rows][:4] == labels
    assert {row["under"] for row in rows[1:4]} == {"pointing"}
    without, with_heads = rows[1]["cells"]
    assert without == {"missing": "Not measured."} and with_heads["text"] == "10 %"


def test_numbers_have_units_and_few_digits():
    view = shown(evaluated.result(DATA))
    assert evaluated.row(view, "seconds")["cells"][0]["text"] == "15 ms"
    pointing = evaluated.row(view, "pointing")["cells"][0]  # an older result without baselines
    assert (pointing["text"], pointing["interval"]) == ("60 %", "55 to 65 %")
    (chance,) = pointing["baselines"]
    assert (chance["label"], chance["text"]) == ("by chance", "10 %")
    assert evaluated.row(view, "cover_random")["cells"][0]["text"] == "5.0 %"
    assert evaluated.row(view, "METEOR")["cells"][0]["missing"].startswith("METEOR needs Java")
    assert evaluated.row(view, "mosaic")["cells"][0]["missing"] == "Not measured."
    assert evaluated.row(view, "cover_random")["under"] == "cover_most"


def test_baselines_and_small_counts_are_shown():
    kept = evaluated.result(DATA, **evaluated.with_baselines())
    view = shown(kept)
    many, few = (evaluated.row(view, key)["cells"][0] for key in ("pointing", "forced_pointing"))
    assert (many["counted"], many["few"]) == ("1,234 nouns", False)
    assert (few["counted"], few["few"]) == ("only 99 nouns", True)
    assert [(one["label"], one["text"]) for one in many["baselines"]] == [
        ("uniform map", "10 %"), ("photo's middle", "45 %"), ("other photos", "30 %"),
    ]  # fmt: skip
    assert [one["sign"] for one in many["baselines"]] == [0, 1, 2]
    chair = evaluated.row(view, "CHAIRi")
    (cell,) = chair["cells"]
    assert chair["scale"] == [0, 1] and chair["way"] == "lower is better"
    assert (cell["text"], cell["interval"], cell["counted"]) == (
        "10 %", "5 to 20 %", "only 80 nouns",
    )  # fmt: skip
    assert cell["baselines"] == [{"label": "other photos", "sign": 2, "value": 0.5, "text": "50 %"}]


def test_results_have_distinct_names(saved_checkpoint):
    usual = {"checkpoint": "a", "written": evaluated.written(saved_checkpoint)}

    def names(*changes) -> list[str]:
        kept = [evaluated.result(DATA, **{**usual, **change}) for change in changes]
        view = shown(*kept, a=saved_checkpoint, b=saved_checkpoint)
        return [column["name"] for column in view["columns"]]

    beam, test = {"sampler": {"sampler": "beam", "beams": 3}}, {"split": "test"}
    assert names({}, {"checkpoint": "b", **beam}) == ["a", "b"]
    assert names({}, beam, {"checkpoint": "b"}) == ["a, greedy", "a, beam", "b"]
    assert names({}, test) == ["a, dots dev", "a, dots test"]
    wider = {"sampler": {"sampler": "beam", "beams": 5}}
    assert names(beam, wider) == ["a (1)", "a (2)"]


def test_a_replaced_deleted_or_renamed_checkpoint_is_noted(saved_checkpoint):
    here = evaluated.written(saved_checkpoint)
    found = [
        shown(evaluated.result(DATA, name, written=written), tiny=saved_checkpoint)["columns"][0]
        for name, written in (
            ("tiny", here), ("tiny", "0" * 16), ("gone", "0" * 16), ("mine/best", "0" * 16),
            ("old/best", here),
        )
    ]  # fmt: skip
    assert [(one["name"], one["state"], one["explorable"]) for one in found] == [
        ("tiny", "", True),
        ("tiny (replaced)", "This checkpoint was replaced later. Evaluate it again.", True),
        ("gone (not here)", "This checkpoint is not here any more.", False),
        ("mine/best (deleted)", "The run “mine” was deleted.", False),
        ("old/best", "This checkpoint is called “tiny” now.", True),
    ]
