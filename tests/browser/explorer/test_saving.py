"""What is taken away from the explorer, and saved results that are opened again."""

import json

import numpy as np
import pytest

from tests.support.browser.harness import answer, give, last_ask, one_hot, value, word

GONE = "This result is from the captioner “gone”, which is not here."
WORDS = [word("a"), word("dog", one_hot(1, 1), 0.5, [("dog", 0.5), ("cat", 0.3)]), word("runs")]


@pytest.fixture
def dog(explorer):
    give(explorer, WORDS)
    return explorer


@pytest.fixture
def silent(explorer):
    """A saved result whose captioner is not here."""
    explorer.evaluate("give", {"value": {**value(WORDS), "silent": GONE}})
    explorer.wait_for_selector("[data-caption] button")
    explorer.click('[data-word-index="1"]')
    return explorer


def save(explorer, kind: str):
    explorer.locator("[data-part=saving] summary").click()
    explorer.locator(f'[data-save="{kind}"]').click()


def test_the_result_is_saved_and_opened_again(dog, tmp_path):
    with dog.expect_download() as download:
        save(dog, "json")
    assert download.value.suggested_filename == "a-dog-runs.json"
    saved = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert saved.keys() == value(WORDS).keys() - {"keys"}  # nothing gets lost that is not in it
    assert saved["caption"] == "a dog runs"
    assert [w["text"] for w in saved["words"]] == ["a", "dog", "runs"]
    assert np.allclose(saved["words"][1]["attention"], one_hot(1, 1))
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(saved))
    dog.set_input_files("input[type=file]", file)
    dog.wait_for_function("asked.at(-1)?.event === 'open'")
    assert json.loads(dog.evaluate("asked.at(-1).text")) == saved


@pytest.mark.parametrize(
    ("kind", "ending"), [("strip", "png"), ("svg", "svg"), ("pdf", "pdf"), ("gif", "gif")]
)
def test_pictures_are_made_by_the_server(dog, kind, ending):
    with dog.expect_download() as download:
        save(dog, kind)
        asked = last_ask(dog)
        assert asked["value"]["caption"] == "a dog runs"
        assert asked["look"]["style"] == "heat"
        assert asked["format"] == ending
        answer(dog, name="x", file="data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    assert download.value.suggested_filename == f"a-dog-runs.{ending}"


def test_the_photo_is_sent_for_a_picture_only_where_the_server_does_not_have_it(dog):
    with dog.expect_download():
        save(dog, "strip")
        asked = last_ask(dog)
        assert (
            asked["key"] == value(WORDS)["keys"]["photo"]
            and not {"photo", "seen"} & asked["value"].keys()
        )
        answer(dog, unknown=True)
        dog.wait_for_function("asked.length === 2")
        again = last_ask(dog)
        assert again["value"].pop("photo").startswith("data:image/jpeg")
        assert again == asked
        answer(dog, name="x", file="data:image/png;base64,iVBORw0KGgo=")


def test_who_cannot_be_asked_is_not_offered_to_be(silent):
    assert silent.inner_text("[role=alert]:visible") == GONE
    for name in (
        "Cover attended cells",
        "Occlusion: what mattered",
        "Use this word",
        "Beam search",
        "Samples",
    ):
        assert silent.get_by_role("button", name=name).count() == 0
    assert silent.locator("[data-alternative]:enabled").all_inner_texts() == ["dog\n50.0 %"]
    assert silent.locator(".word .quiet").inner_text() == "Alternatives"
    silent.locator("canvas.marks").click(position={"x": 10, "y": 10})
    assert silent.get_by_role("button", name="Clear selection").is_visible()
    assert silent.get_by_role("button", name="Cover these cells").count() == 0
    assert silent.evaluate("asked") == []


def test_what_needs_nobody_still_works(silent):
    silent.get_by_role("button", name="Similarity").click()
    assert silent.locator("[role=gridcell]").count() > 0
    with silent.expect_download() as download:
        save(silent, "json")
    assert "silent" not in json.loads(download.value.path().read_text(encoding="utf-8"))
    save(silent, "strip")
    answer(silent, error="The disk is full.")
    assert silent.inner_text("[role=alert]:visible") == "The disk is full."


@pytest.mark.parametrize("panel", ["Beam search", "Samples", "Occlusion: what mattered"])
def test_what_was_open_before_asks_nothing_of_it(dog, panel):
    dog.get_by_role("button", name=panel).click()
    count = len(dog.evaluate("asked"))
    dog.evaluate("give", {"value": {**value(WORDS), "silent": GONE}})
    dog.wait_for_selector("[data-silent]")
    assert len(dog.evaluate("asked")) == count
    assert not dog.locator(".panel:visible").count()
    give(dog, WORDS)
    dog.wait_for_selector(".explorer:not([data-silent])")
    assert dog.get_by_role("button", name="Samples").is_visible()
    assert dog.locator("[role=alert]:visible").count() == 0


def test_a_saved_result_is_shown_even_if_no_captioner_could_be_loaded(explorer):
    explorer.evaluate("give", {"captioner": "The checkpoint is incomplete."})
    assert explorer.locator(".trouble").is_visible()
    give(explorer, WORDS)
    assert explorer.inner_text("[data-caption]") == "a dog runs"
