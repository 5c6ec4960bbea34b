"""The table of photos: its order, search and pages, and which files it may show."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from captioner.evaluation.store import ResultStore
from captioner.ui.evaluate.photos import chosen_photo, photo_page
from tests.support import evaluated, tiny

DATA = Path("datasets/dots")


@pytest.fixture
def store(tmp_path, monkeypatch) -> ResultStore:
    monkeypatch.chdir(tmp_path)
    tiny.data_folder(DATA)
    return ResultStore()


def test_photos_are_ordered_searched_and_paged(store):
    name = evaluated.result(DATA, scores=(0.3, 0.1, 0.2)).save().stem

    def numbers(**query):
        page = photo_page(store, {"result": name, **query})
        return [row["said"][0]["number"] for row in page["rows"]]

    assert numbers() == list(range(18))
    assert numbers(order="CIDEr", down=True)[:7] == [0, 3, 6, 9, 12, 15, 2]
    assert numbers(order="CIDEr")[0] == 1 and numbers(order="number", down=True)[0] == 17
    assert numbers(order="caption", down=True) == sorted(
        range(18), key=lambda i: evaluated.rows(DATA, (1,))[i]["caption"], reverse=True
    )
    assert numbers(first=16) == [16, 17]
    found = photo_page(store, {"result": name, "search": "RED again  square"})
    assert found["total"] == 3 and all("red" in row["photo"] for row in found["rows"])


def test_the_largest_differences_come_first(store):
    one = evaluated.result(DATA, scores=(0.1,))
    rows = [{**row, "caption": "other"} for row in evaluated.rows(DATA, (0.1,))]
    rows[4]["CIDEr"], rows[9]["CIDEr"] = 0.9, 0.5
    names = [one.save().stem, evaluated.result(DATA, "other", photos=rows[::-1]).save().stem]
    page = photo_page(store, {"result": names[0], "other": names[1]})
    first, second = page["rows"][:2]
    assert [said["number"] for said in first["said"]] == [4, 17 - 4]
    assert [said["scores"]["CIDEr"] for said in second["said"]] == [0.1, 0.5]
    assert first["said"][1]["caption"] == "other"


def test_only_photos_of_the_data_set_are_shown(store, tmp_path):
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
    first, *others = photo_page(store, {"result": name})["rows"]
    picture = Image.open(io.BytesIO(base64.b64decode(first["thumbnail"].partition(",")[2])))
    assert picture.format == "JPEG" and picture.size == (80, 60)
    assert [row["thumbnail"] for row in others] == [None] * len(names)
    for number in (*range(1, len(rows)), len(rows), -1, "0", None):
        with pytest.raises(ValueError):
            chosen_photo(store, {"result": name, "number": number})
