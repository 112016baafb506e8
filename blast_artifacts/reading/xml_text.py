"""Texts of an XML report: decoded, entities put back, without control characters."""

from __future__ import annotations

import re

from blast_artifacts.reading.cells import clean_text
from blast_artifacts.reading.damage import warn
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.hsp_table import NUMBERS

_ENTITY = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(lt|gt|amp|quot|apos));")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_UTF8 = ("", "utf-8", "utf8", "us-ascii", "ascii")
_ASCII = bytes(range(32, 127))


def text_encoding(declared: str) -> str | None:
    """The encoding of the texts where it is another than UTF-8.

    Tags are found as ASCII bytes, so a declaration of another alphabet (UTF-16, EBCDIC), or one that Python
    does not know, is not believed.
    """
    if declared in _UTF8:
        return None
    try:
        plain = _ASCII.decode(declared) == _ASCII.decode()
    except (LookupError, ValueError):
        return None
    return declared if plain else None


def unwrapped(raw: bytes) -> bytes:
    """The text of a leaf with entities in place of CDATA sections."""
    return _CDATA.sub(lambda found: found[1].replace(b"&", b"&amp;").replace(b"<", b"&lt;"), raw)


def leaf_text(raw: bytes | None, encoding: str | None, report: Report) -> str | None:
    """The text of a leaf in the declared encoding; bytes that are not of it are taken as Latin-1 (P46)."""
    if raw is None:
        return None
    if raw.isascii() and b"&" not in raw and (text := raw.decode()).isprintable():
        return text.strip()
    if encoding:
        try:
            text = raw.decode(encoding)
        except ValueError:
            text = raw.decode("latin-1")
    else:
        text, latin1 = clean_text(raw)
        if latin1:
            warn(report, "encoding_latin1")
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if _CONTROL.search(text):
        warn(report, "control_characters")
        text = _CONTROL.sub("", text)
    return text.strip().replace("\t", " ").replace("\n", " ")


def leaf_number(raw: bytes | None) -> int | None:
    """The integer of a leaf, or None."""
    text = (raw or b"").strip()
    return int(text) if re.fullmatch(rb"-?\d{1,18}", text) else None


def hsp_leaf(name: str, raw: bytes) -> bytes:
    """A leaf of an HSP; 0x7F stands for `*` in some reports (P50)."""
    if name in NUMBERS or name == "num":
        return raw
    raw = raw.replace(b"\x7f", b"*").replace(b"\r", b"").replace(b"\n", b"").replace(b"\t", b" ")
    text = _ENTITY.sub(_character, clean_text(raw)[0]) if b"&" in raw else clean_text(raw)[0]
    text = _CONTROL.sub("", text).replace("\t", " ").replace("\n", "").replace("\r", "")
    return (text if name == "midline" else text.strip()).encode()


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return _ENTITIES[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
