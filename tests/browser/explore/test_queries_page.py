"""What-ifs on the whole page: real clicks, the real server, the bundled captioner."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.browser.page import recaptioned, words


@pytest.fixture
def page(shared, photo):
    return recaptioned(shared, photo)


def other_than(page, before) -> list[str]:
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent !== text",
        arg=" ".join(before),
    )
    return words(page)


def test_a_sentence_goes_on_from_another_word(page):
    before = words(page)
    page.click('[data-word-index="1"]')
    alternative = page.locator("[data-alternative]:not([data-chosen])").first
    text = alternative.get_attribute("data-alternative")
    alternative.click()
    after = other_than(page, before)
    assert after[:2] == [before[0], text]
    page.get_by_placeholder("or type a word").fill("xylophone")
    page.get_by_role("button", name="Use this word").click()
    page.get_by_text('The captioner does not know the word "xylophone".').wait_for()
    page.get_by_role("button", name="Undo").click()
    assert words(page) == before


def test_a_misspelled_word_becomes_one_of_the_vocabulary(page):
    before = words(page)
    page.click('[data-word-index="1"]')
    page.get_by_role("combobox", name="Another word").fill("girafe")
    page.get_by_text("“girafe” is not in the vocabulary. Nearest words:").first.wait_for()
    page.get_by_role("option", name="giraffe", exact=True).click()
    page.get_by_role("button", name="Use this word").click()
    assert other_than(page, before)[:2] == [before[0], "giraffe"]


def test_attended_cells_are_covered_and_each_word_is_judged(page):
    before = words(page)
    page.get_by_role("button", name="Cover attended cells").click()
    rows = page.locator('[data-part="covered-words"] li')
    rows.first.wait_for()
    assert [row.split("\n")[0] for row in rows.all_inner_texts()] == before
    assert page.locator('[data-part="covered-words"] [data-change="down"]').count() > 0


def test_cause_is_drawn_beside_attention(page):
    page.get_by_role("button", name="Occlusion: what mattered").click()
    page.locator('[data-part="cause"]').wait_for()
    agreement = float(page.inner_text('[data-part="agreement"]').replace("−", "-"))
    assert -1 <= agreement <= 1
    page.click('[data-word-index="0"]')
    assert page.locator('[data-part="cause-said"]').inner_text()


def test_other_sentences_are_a_click_away(page):
    page.get_by_role("button", name="Beam search").click()
    page.locator("[data-branch]").first.wait_for()
    best = page.locator("[data-branch][data-best]").count()
    assert best > 2
    page.get_by_role("button", name="Samples").click()
    samples = page.locator("[data-sample]")
    samples.first.wait_for()
    text = samples.last.locator("span").inner_text()
    samples.last.click()
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text", arg=text
    )


def test_a_saved_result_is_opened_again(page, tmp_path):
    before = words(page)
    page.locator("[data-part=saving] summary").click()
    with page.expect_download() as download:
        page.locator('[data-save="json"]').click()
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    page.get_by_label("Remove Image").click()
    page.get_by_role("button", name="open a result").wait_for()
    page.set_input_files(".explorer input[type=file]", saved)
    page.wait_for_selector("[data-caption] button")
    assert words(page) == before
    gone = tmp_path / "gone.json"
    gone.write_text(json.dumps({**json.loads(saved.read_text()), "checkpoint": "gone/best"}))
    page.set_input_files(".explorer input[type=file]", gone)
    page.get_by_text("from the captioner “gone/best”, which is not here").wait_for()
    expect(page.get_by_role("button", name="Occlusion: what mattered")).to_be_hidden()
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps({"caption": "<b>not ours</b>"}))
    page.set_input_files(".explorer input[type=file]", foreign)
    page.get_by_text("This file is not a result saved by this page").wait_for()


@pytest.mark.parametrize(
    ("kind", "magic"),
    [("strip", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("gif", b"GIF8")],
)
def test_pictures_are_saved(page, kind, magic):
    page.locator("[data-part=saving] summary").click()
    with page.expect_download() as download:
        page.locator(f'[data-save="{kind}"]').click()
    assert download.value.path().read_bytes().startswith(magic)
