"""Words of any script, by Unicode's rules."""

import sys
import types
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from captioner import words
from captioner.words import END_OF_CAPTION, join, standardise, standardise_all

thai_breaker = words._thai_breaker


@pytest.fixture(autouse=True)
def without_thai_breaker(monkeypatch):
    monkeypatch.setattr(words, "_thai_breaker", lambda: None)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("एक कुत्ता घास पर दौड़ रहा है", ["एक", "कुत्ता", "घास", "पर", "दौड़", "रहा", "है"]),
        (unicodedata.normalize("NFD", "một con chó"), ["một", "con", "chó"]),
        (unicodedata.normalize("NFD", "Mädchen"), ["mädchen"]),
        ("İki çocuk", ["iki", "çocuk"]),
        (unicodedata.normalize("NFD", "İki çocuk"), ["iki", "çocuk"]),
        ("كَلْبٌ يَجْرِي.", ["كَلْبٌ", "يَجْرِي"]),
        ('כֶּלֶב רָץ, צה"ל', ["כֶּלֶב", "רָץ", 'צה"ל']),
        ("سگ می\u200cرود", ["سگ", "می\u200cرود"]),
        ("หมากำลังวิ่ง", ["ห", "ม", "า", "กำ", "ลั", "ง", "วิ่", "ง"]),
        ("ឆ្កែរត់ ខ្ញុំ។", ["ឆ្កែ", "រ", "ត់", "ខ្ញុំ"]),
        ("ကုမ္ပဏီ မြန်မာ", ["ကု", "မ္ပ", "ဏီ", "မြ", "န်", "မာ"]),
        ("一只狗在草地上奔跑。", list("一只狗在草地上奔跑")),
        ("犬がスケートボードに乗る", list("犬がスケートボードに乗る")),
        ("한 소년이 달린다", ["한", "소년이", "달린다"]),
        ("அணில் நாய்", ["அணில்", "நாய்"]),
        ("Το ΣΠΙΤΙ μας", ["το", "σπιτι", "μας"]),
        ("skate\u00adboard, col·lega", ["skateboard", "col·lega"]),
    ],
)
def test_words_of_other_scripts_stay_whole(caption, expected):
    expected = [unicodedata.normalize("NFC", word) for word in expected]
    assert standardise(caption) == expected
    assert standardise(join(expected)) == expected


@given(st.text(st.characters(categories=["L", "M", "N", "P", "Z", "Cf"]), max_size=30))
def test_words_in_any_script_stay_as_they_are(caption):
    found = standardise(caption)
    assert standardise(" ".join(found)) == found
    assert all(unicodedata.is_normalized("NFC", word) for word in found)


@given(st.text(max_size=40))
def test_no_letter_is_lost(caption):
    letters = regex.compile(r"[\p{L}\p{N}]")
    expected = "".join(letters.findall(words.folded(caption)))
    assert "".join(letters.findall("".join(standardise(caption)))) == expected


@given(st.text(st.sampled_from("aZ09 '-_.,’é")))
def test_both_patterns_find_the_same_english_words(caption):
    assert standardise(caption + " é")[:-1] == standardise(caption)
    ascii_ = caption.replace("é", "e").lower()
    assert words._ASCII_WORD.findall(ascii_) == words._WORD.findall(ascii_)


def test_clean_words_of_other_scripts():
    assert standardise("A dog's 2nd red t-shirt", clean=True) == ["red"]
    assert standardise("एक कुत्ता ३", clean=True) == ["एक", "कुत्ता"]
    assert standardise("一只狗", clean=True) == ["一", "只", "狗"]


@given(st.lists(st.text() | st.text(st.characters(codec="ascii"))), st.booleans())
def test_many_captions_are_split_as_each_is(captions, clean):
    found = [word for some in standardise_all(captions, clean) for word in some]
    expected = [[*standardise(caption, clean), END_OF_CAPTION] for caption in captions]
    assert found == [word for words in expected for word in words]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (["a", "dog"], "a dog"),
        (["一", "只", "狗"], "一只狗"),
        (["ឆ្កែ", "រ", "ត់"], "ឆ្កែរត់"),
        (["穿", "t-shirt", "的", "人"], "穿 t-shirt 的人"),
        (["한", "소년이"], "한 소년이"),
        (["คน", "วิ่ง"], "คนวิ่ง"),
        ([], ""),
    ],
)
def test_words_are_joined_as_their_script_does(parts, sentence):
    assert join(parts) == sentence


def test_thai_is_split_by_a_word_breaker_if_one_is_installed(monkeypatch):
    assert "pythainlp" in words.split_note(["a dog", "คนวิ่ง"])
    assert words.split_note(["a dog"]) == ""
    broken = types.SimpleNamespace(word_tokenize=lambda text: ["คน", text.removeprefix("คน")])
    monkeypatch.setitem(sys.modules, "pythainlp", types.SimpleNamespace(tokenize=broken))
    monkeypatch.setitem(sys.modules, "pythainlp.tokenize", broken)
    monkeypatch.setattr(words, "_thai_breaker", thai_breaker.__wrapped__)
    assert standardise("Two คนวิ่ง 2") == ["two", "คน", "วิ่ง", "2"]
    assert words.split_note(["คนวิ่ง"]) == ""
