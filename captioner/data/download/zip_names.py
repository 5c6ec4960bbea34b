"""The names in a zip, also from tools that do not write them in UTF-8."""

import json
import unicodedata
import zipfile
from pathlib import PurePosixPath

from captioner.data.formats import is_annotation

_UTF8 = 0x800  # the flag of names in UTF-8; all others are read as CP437 by `zipfile`
# What tools write without the flag: many UTF-8; those of Windows the code page of its language.
_ENCODINGS = ("utf-8", "gbk", "cp437", "cp932", "big5", "euc_kr", "cp1252", "cp866")
_COMPARED = 200  # names
_LONGEST = 64 << 20  # bytes of an annotation that names are compared with


def names(archive: zipfile.ZipFile) -> dict[zipfile.ZipInfo, str]:
    """The names of all members.

    Of several possible encodings it is that in which the annotations name the most members.
    """
    infos = archive.infolist()
    unknown = [i for i in infos if not i.flag_bits & _UTF8 and not i.filename.isascii()]
    written = [info.filename.encode("cp437") for info in unknown]
    encoding = _encoding(written, archive) if written else ""
    decoded = {i: raw.decode(encoding) for i, raw in zip(unknown, written, strict=True)}
    return {info: decoded.get(info, info.filename) for info in infos}


def _encoding(written: list[bytes], archive: zipfile.ZipFile) -> str:
    possible = [encoding for encoding in _ENCODINGS if _decodes(written, encoding)]
    if possible[0] == "utf-8":
        return "utf-8"  # other names are hardly ever valid UTF-8
    texts = _annotations(archive)

    def named(encoding: str) -> int:
        stems = {PurePosixPath(raw.decode(encoding)).stem for raw in written[:_COMPARED]}
        return sum(any(form in text for form in _forms(stem) for text in texts) for stem in stems)

    # Names in CP437, such as those with umlauts, can be rare characters of GBK, not common ones.
    usual = "gbk" if _decodes(written, "gb2312") else "cp437"
    return max(possible, key=lambda encoding: (named(encoding), encoding == usual))


def _decodes(written: list[bytes], encoding: str) -> bool:
    try:
        for raw in written:
            raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _forms(stem: str) -> set[str]:
    """How a file may write a name."""
    forms = {stem, unicodedata.normalize("NFC", stem), unicodedata.normalize("NFD", stem)}
    return forms | {json.dumps(form)[1:-1] for form in forms}


def _annotations(archive: zipfile.ZipFile) -> list[str]:
    texts = []
    for info in archive.infolist():
        if info.file_size <= _LONGEST and is_annotation(PurePosixPath(info.filename)):
            try:
                with archive.open(info) as source:
                    texts.append(source.read(_LONGEST).decode("utf-8", "replace"))
            except Exception:  # noqa: BLE001 (damage is reported when the member is unpacked)
                continue
    return texts
