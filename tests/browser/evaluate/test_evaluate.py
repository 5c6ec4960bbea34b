"""The evaluation tab in a real browser: from nothing to results side by side and their photos."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from captioner.evaluation.store import Evaluation, ResultStore
from tests.browser.test_accessibility import unnamed
from tests.support import evaluated
from tests.support.browser.page import PATIENCE, RESULT, know_tour


@pytest.fixture(scope="module")
def server(place, saved_checkpoint, serve):
    with serve(saved_checkpoint, folder=place) as address:
        yield address


def save_results(place, saved_checkpoint):
    """Two results of the same photos, of the captioner that is here and of a deleted run."""
    written = evaluated.written(saved_checkpoint)
    data = place / "datasets/dots"
    here = evaluated.result(data, written=written, data="datasets/dots")
    scores = (0.2, 0.9, 0.4)
    gone = evaluated.result(data, "mine/best", scores, data="datasets/dots", date="2026-11-20")
    for one in (here, gone):
        one.save(place / "results")
    return here, gone


@pytest.fixture
def results(place, saved_checkpoint):
    yield save_results(place, saved_checkpoint)
    shutil.rmtree(place / "results")


@pytest.fixture
def page(tab, server, results):
    tab.set_default_timeout(PATIENCE)
    return visit(tab, server)


@pytest.fixture(scope="module")
def compared(open_module_tab, server, place, saved_checkpoint):
    """A page that shows both results; tests that only look at it share it."""
    save_results(place, saved_checkpoint)
    tab = open_module_tab(reduced_motion="reduce")
    tab.set_default_timeout(PATIENCE)
    page = visit(tab, server)
    both(page)
    return page


def visit(tab, server):
    know_tour(tab, server)
    tab.goto(server)
    tab.get_by_role("tab", name="Evaluate").click()
    tab.wait_for_selector("#measured .evaluation:not([data-state=waiting])")
    return tab


def both(page):
    """Sets the second result beside the first."""
    page.wait_for_selector(".photos tbody tr")
    page.locator("#results input").click()
    page.get_by_role("option", name="mine/best").click()
    page.keyboard.press("Escape")
    page.locator(".side-by-side thead th").nth(1).wait_for()


def captions(page, number: int) -> list[str]:
    """What the listed captions say, once the first is that of the photo of this number."""
    page.wait_for_selector(f".photos tbody tr:first-child .said:text-matches(' {number}$')")
    return page.locator(".photos tbody .said").all_inner_texts()


@pytest.mark.slow
def test_from_nothing_to_a_result(tab, server, place):
    tab.set_default_timeout(PATIENCE)
    page = visit(tab, server)
    page.get_by_role("heading", name="How good is it").wait_for()
    expect(page.get_by_role("button", name="Evaluate “tiny” on drawn scenes")).to_be_enabled()
    page.locator("#evaluate-data input").click()
    page.get_by_role("option", name="dots").click()
    expect(page.locator("#evaluate-count")).to_be_hidden()
    page.get_by_label("Attention: faithfulness and grounding").uncheck()
    page.click("#evaluate-start")
    page.wait_for_selector("#measured [role=progressbar]:visible")
    page.wait_for_selector(".photos tbody tr")
    page.wait_for_selector("#measured [role=progressbar]", state="hidden")
    (found,) = ResultStore(place / "results").all().values()
    assert len(found.photos) == 6
    expect(page.locator(".photos tbody tr")).to_have_count(6)
    bleu = page.locator(".side-by-side tr:has(th b:text-is('BLEU-1')) td b")
    expect(bleu).to_have_text(f"{found.scores['BLEU-1']:.3f}")
    page.get_by_text("It was not asked for.").first.wait_for()
    expect(page.locator("#evaluate-start")).to_be_enabled()
    shutil.rmtree(place / "results")


def test_results_stand_side_by_side(compared, results):
    page = compared
    heads = page.locator(".side-by-side thead th b").all_inner_texts()
    assert heads == ["tiny", "mine/best (deleted)"]
    row = page.locator(".side-by-side tr:has(th b:text-is('CIDEr'))")
    assert [text.split() for text in row.locator("td").all_inner_texts()] == [
        ["0.200"],
        ["0.500", "best"],
    ]
    told = page.locator(".side-by-side").get_by_text("The run “mine” was deleted.")
    expect(told).to_have_count(1)
    expect(page.get_by_text("METEOR needs Java, which is not on this machine.")).to_have_count(1)
    pointing = page.locator(".charts .measure:has(h4:text-is('Pointing')) li").first
    assert pointing.inner_text().split() == [
        *("tiny", "60", "%", "55", "to", "65", "%,", "only", "40", "nouns"),
        *("by", "chance", "10", "%"),
    ]
    dot = pointing.locator(".dot").evaluate("e => getComputedStyle(e).getPropertyValue('--from')")
    assert float(dot) == pytest.approx(0.6)


def test_baselines_are_marked_and_named_and_few_answers_are_marked_as_few(tab, server, place):
    kept = evaluated.result(
        place / "datasets/dots", data="datasets/dots", **evaluated.with_baselines()
    )
    kept.save(place / "results")
    tab.set_default_timeout(PATIENCE)
    page = visit(tab, server)
    expected = {
        "Pointing": "60 % 50 to 70 %, 1,234 nouns "
        "uniform map 10 % photo's middle 45 % other photos 30 %",
        "Pointing, references": "20 % 10 to 30 %, only 99 nouns "
        "uniform map 10 % photo's middle 45 % other photos 30 %",
        "CHAIR, nouns": "10 % 5 to 20 %, only 80 nouns other photos 50 %",
    }
    for label, text in expected.items():
        line = page.locator(f".charts .measure:has(h4:text-is('{label}')) li")
        assert " ".join(line.inner_text().split()) == text
        # Each is where it belongs, and under its own sign.
        placed = "all => all.map(e => [e.className, Number(e.style.getPropertyValue('--from'))])"
        signs = line.locator(".scale .sign").evaluate_all(placed)
        named = line.locator(".named .sign").evaluate_all("all => all.map(e => e.className)")
        assert [sign for sign, _ in signs] == named and len(set(named)) == len(named)
        values = [
            float(word) / 100 for word in text.partition("nouns")[2].split() if word.isdigit()
        ]
        assert [at for _, at in signs] == pytest.approx(values)
        row = page.locator(f".side-by-side tr:has(th b:text-is('{label}')) td")
        assert " ".join(row.inner_text().split()) == text
    few = page.locator(".charts .few").all_inner_texts()
    assert sorted(few) == ["only 80 nouns", "only 99 nouns"]
    shutil.rmtree(place / "results")


def test_forcing_references_is_offered_where_attention_is_asked_about(compared):
    page = compared
    page.get_by_label("Also on the references (teacher forcing)").wait_for()
    page.get_by_label("Attention: faithfulness and grounding").uncheck()
    page.get_by_label("Also on the references (teacher forcing)").wait_for(state="hidden")
    page.get_by_label("Attention: faithfulness and grounding").check()
    page.get_by_label("Also on the references (teacher forcing)").wait_for()


def test_photos_are_sorted_found_and_compared(page, results):
    assert captions(page, 2)[:6] == [results[0].photos[i]["caption"] for i in range(2, 18, 3)]
    page.get_by_role("button", name="Worst").click()
    captions(page, 0)
    page.locator(".photos").get_by_role("button", name="Caption").click()
    first = sorted(row["caption"] for row in results[0].photos)
    assert captions(page, int(first[0].split()[-1])) == first
    sort = page.locator(".photos th[aria-sort=ascending]")
    expect(sort).to_have_text(re.compile("^Caption"))
    page.keyboard.press("Enter")  # the button that was clicked has the focus still
    page.wait_for_selector(".photos th[aria-sort=descending]")
    page.get_by_label("Words to look for in captions").fill("blue disc square")
    page.get_by_text("No photo has these words.").wait_for()
    page.get_by_label("Words to look for in captions").fill("blue square yellow")
    page.get_by_text("1 to 1 of 1").wait_for()
    page.get_by_label("Words to look for in captions").fill("")
    page.get_by_text("1 to 18 of 18").wait_for()

    both(page)
    page.get_by_role("button", name="Most different").click()
    page.wait_for_selector(".pairs .photos .own-scores")
    cells = page.locator(".photos tbody tr").first.locator("td.caption").all_inner_texts()
    assert "CIDEr 0.20" in cells[0] and "CIDEr 0.90" in cells[1]


def test_a_photo_is_explored_with_the_captioner_that_was_evaluated(page, results):
    captions(page, 2)
    page.locator(".thumbnail").first.click()
    page.wait_for_selector(RESULT)
    expect(page.locator("#model input")).to_have_value("tiny")
    expect(page.get_by_role("tab", name="Explore")).to_have_attribute("aria-selected", "true")


def test_photos_of_a_deleted_run_say_so_and_are_not_explored(page):
    both(page)
    about = page.locator(".by-photo header p")
    expect(about).to_have_text("Click a photo to see in Explore where each word attends.")
    page.get_by_role("button", name="Photos of mine/best (deleted)").click()
    page.get_by_role("button", name="Explore red_square_white.png with mine/best").wait_for()
    expect(about).to_have_text(re.compile("^The run “mine” was deleted[.]"))
    expect(page.locator(".thumbnail:enabled")).to_have_count(0)
    page.get_by_role("button", name="Most different").click()
    page.wait_for_selector(".pairs .photos .own-scores")
    expect(about).to_have_text(re.compile(r"^mine/best \(deleted\): The run “mine” was deleted[.]"))
    expect(page.get_by_role("button", name="Explore with mine/best")).to_have_count(0)
    expect(page.get_by_role("button", name="Explore with tiny")).to_have_count(18)
    page.locator("#results input").click()
    expect(page.get_by_role("option", name="mine/best (deleted) · dots dev")).to_have_count(1)


def test_a_result_is_saved_and_deleted_after_a_question(page, place, results):
    page.wait_for_selector(".photos tbody tr")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save tiny as JSON").click()
    saved = Path(download.value.path())
    assert Evaluation.read(saved) == results[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Save tiny as CSV").click()
    assert Path(download.value.path()).read_text() == results[0].to_csv()
    page.get_by_role("button", name="Delete the result of tiny").click()
    page.get_by_role("button", name="Keep tiny").click()
    assert len(ResultStore(place / "results").all().values()) == 2
    page.get_by_role("button", name="Delete the result of tiny").click()
    page.get_by_role("button", name="Delete tiny for good").click()
    page.locator(".side-by-side thead th b:text-is('mine/best (deleted)')").wait_for()
    (left,) = ResultStore(place / "results").all().values()
    assert left.checkpoint == "mine/best"


def test_every_control_has_a_name_and_tables_are_tables(compared, results):
    page = compared
    assert unnamed(page, {"button", "combobox", "searchbox", "slider"}) == []
    table = page.get_by_role("table", name="All numbers")
    expect(table.get_by_role("columnheader")).to_have_count(2)
    assert table.get_by_role("rowheader", name="Pointing", exact=False).count() >= 2
    expect(page.get_by_role("table", name="Photo by photo").get_by_role("row")).to_have_count(19)


@pytest.mark.slow
@pytest.mark.parametrize("width, dark", [(360, False), (360, True), (1440, True)])
def test_nothing_scrolls_sideways(compared, results, width, dark):
    page = compared
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Most different").click()
    page.wait_for_selector(".pairs .photos .own-scores")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
