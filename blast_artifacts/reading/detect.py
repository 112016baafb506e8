"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from blast_artifacts.reading.cells import fits_std, plausible_std
from blast_artifacts.reading.labels import SPECIFIERS, distinct, specifier_of
from blast_artifacts.reading.lines import BOM
from blast_artifacts.reading.outfmt import TABULAR, OutfmtSpec

HEAD = 64 << 10
"""Bytes that detection looks at."""

_PACKED = {
    b"\x1f\x8b": "gzip_in_gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
}  # fmt: skip

_ELEMENT = re.compile(
    rb"<(?:[\w.-]+:)?(?:(BlastXML2|BlastOutput2|BlastOutput|Iteration|Hit|Hsp)\b|(?:BlastOutput|Iteration|Hit|Hsp)_)[^<>]*>"
)
_CHILD = re.compile(rb"[^<]*<(?:[\w.-]+:)?([\w-]+)")

COMMENT = re.compile(
    rb"# (?:[A-Z]*BLAST[A-Z]* +\d|BLAST processed \d+ quer|Query: ?|Database: |Fields: |Iteration: \d|RID: "
    rb"|Subject: |\d+ hits found|Query [Ii][Dd]|DIAMOND v|Invocation: |[a-z]*blast[a-z]*$)"
)
"""Comment lines that BLAST (`-outfmt 7`, blastall `-m 9`), its web page and DIAMOND write."""


_HEADS = (
    re.compile(rb"<(?:\?xml\b|!DOCTYPE\s+BlastOutput\b|(?:[\w.-]+:)?Blast(?:Output2?|XML2)\b)"),
    re.compile(rb'\{\s*"BlastOutput2"\s*:'),
    re.compile(rb"\bBlast4-archive\s*+::="),
)
_MARKS = (
    (b"<", (b"<?xml", b"<!DOCTYPE", b"BlastOutput", b"BlastXML2")),
    (b"{", (b'"BlastOutput2"',)),
    (b"Blast4-archive", (b"::=",)),
)
"""What each of `_HEADS` needs, a rare sign and one of some words: these are found ten times as fast."""

_COMMENTED = re.compile(rb"# [A-Z]*BLAST[A-Z]* +\d[^\n]*\n# (?:Query|Iteration|Database|Subject|RID)")


@dataclass(frozen=True, slots=True)
class Detected:
    """`format` as `-outfmt` numbers it, or a name of ours; a `reason` says why it is not read."""

    format: str | None
    reason: str | None = None
    spec: OutfmtSpec | None = None


def detect(head: bytes, asked: OutfmtSpec | None = None) -> Detected:
    """What a file with this beginning is; `asked` settles only what the bytes leave open."""
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            return Detected(name, "packed")
    if _is_utf16(head):
        return Detected("utf16", "utf16")
    text = head.removeprefix(BOM).lstrip()
    found = _marked_up(text) or _printed(text)
    if found:
        return found
    return _tabular(text, asked)


def find_marked_up(text: bytes) -> int:
    """Where the head of an XML or JSON report or of an archive stands, or -1."""
    likely = [
        head
        for head, (sign, words) in zip(_HEADS, _MARKS, strict=True)
        if sign in text and any(word in text for word in words)
    ]
    found = [head.search(text) for head in likely]
    return min((match.start() for match in found if match), default=-1)


_LISTED = re.compile(rb'"File"\s*:\s*"([^"\n]*)"|<(?:[\w.-]+:)?include\s+href="([^"\n]*)"')


def files_listed(text: bytes) -> list[str]:
    """The side files that the manifest of `-outfmt` 13 or 14 names, in order."""
    return [(json or xml).decode("utf-8", "replace") for json, xml in _LISTED.findall(text)]


_MADE_BY = re.compile(
    rb"<(?:[\w.-]+:)?(?:BlastOutput_)?(?:program|version)>([^<]*)<"
    rb'|"(?:program|version)"\s*:\s*"([^"]*)"'
)


def made_by(text: bytes, start: int = 0) -> frozenset[bytes]:
    """Program and version that the XML or JSON report names which begins there."""
    found = islice(_MADE_BY.finditer(text, start, start + HEAD), 2)
    return frozenset(match[1] or match[2] or b"" for match in found)


def find_head(text: bytes) -> int:
    """Where the head of a report stands, or the comments of a table, or -1."""
    commented = _COMMENTED.search(text) if b"# " in text else None
    places = find_marked_up(text), commented.start() if commented else -1
    return min((place for place in places if place >= 0), default=-1)


def find_report(text: bytes) -> int:
    """Where a report begins among the rest of a broken one, or -1: a head, or the first row of a table."""
    head = find_head(text)
    limit = head if head >= 0 else len(text)
    start = text.find(b"\n", 0, limit) + 1
    while start and (end := text.find(b"\n", start, limit)) >= 0:
        line = text[start:end].rstrip(b"\r")
        # A row is never indented: this one was joined to the rest of a line.
        if line[:1].isspace():
            start = end + 1
            continue
        if fits_std(line.split(b"\t")) or fits_std(line.split(b",")):
            return start
        start = end + 1
    return head


def _is_utf16(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    even, odd = head[:512:2], head[1:512:2]
    zeros = sorted((even.count(0), odd.count(0)))
    return len(odd) >= 8 and zeros[0] < 3 and zeros[1] > 0.4 * len(odd)


def _marked_up(text: bytes) -> Detected | None:
    if text.startswith(b"<"):
        return _xml(text)
    if text.startswith((b"{", b"[")):
        return _json(text)
    if re.match(rb"Blast4-archive\s*::=", text):
        return Detected("11")
    if re.match(rb"Seq-(?:annot|align\S*)\s*::=", text):
        return Detected("8", "asn1_alignment")
    if text.startswith((b"0\x80", b"\x30\x80")):
        return Detected("9", "asn1_binary")
    if re.match(rb"@(?:HD|SQ|PG|RG|CO)\t", text):
        return Detected("17", "sam")
    return None


def _xml(text: bytes) -> Detected | None:
    if re.match(rb"<(?:!doctype\s+html|html|pre|head|body)\b", text, re.IGNORECASE):
        return Detected("html", "html")
    # The first element decides: another document may follow.
    first = _ELEMENT.search(text)
    if first is None:
        return Detected(None, "not_blast")
    name, within = first[1] or b"", _CHILD.match(text, first.end())
    child = within[1] if within else b""
    if name == b"BlastXML2":
        bare = child == b"include" and b"<BlastOutput2" not in text
        return Detected("14", "manifest_without_data") if bare else Detected("16")
    if name == b"BlastOutput2":
        return Detected("14")
    # A document without its head: the children of 5 bear the names of their parents.
    bare = not child.startswith(name + b"_") and name in (b"Iteration", b"Hit", b"Hsp")
    return Detected("14" if bare and child else "5")


def _json(text: bytes) -> Detected:
    if re.match(rb'\{\s*"BlastJSON"', text) and b'"BlastOutput2"' not in text:
        return Detected("13", "manifest_without_data")
    if found := re.search(rb'"BlastOutput2"\s*:\s*([\[{]?)', text):
        return Detected("13" if found[1] == b"{" else "15")
    if re.match(rb'[\[{]\s*"?Seq[_-]?annot|\{\s*"(?:desc|data|annot)"', text, re.IGNORECASE):
        return Detected("12", "json_alignment")
    if re.search(rb'"report"\s*:\s*\{', text):
        return Detected("15")
    return Detected(None, "not_blast")


def _printed(text: bytes) -> Detected | None:
    if re.match(rb"[A-Z]*BLAST[A-Z]* \d+\.\d+", text):
        shown = re.search(rb"^Query_\d+ +\d+ ", text, re.MULTILINE)
        return Detected("1-4" if shown else "0", "text_format")
    if text.startswith(b"Tax BLAST report"):
        return Detected("18", "text_format")
    if text.startswith(b">"):
        return Detected(None, "not_blast")
    return None


def _tabular(text: bytes, asked: OutfmtSpec | None) -> Detected:
    lines = [line.rstrip(b"\r") for line in text.split(b"\n") if line.strip()]
    if not text.endswith(b"\n") and len(lines) > 1:
        lines.pop()
    if any(COMMENT.match(line) for line in lines):
        return Detected("7", None, asked if asked and asked.number in TABULAR else None)
    rows = [line for line in lines if not line.startswith(b"# ")]
    if named := _header(rows, asked):
        return named
    if asked and asked.number in TABULAR:
        name = "6" if asked.number == 7 else str(asked.number)
        cells = {line.count(asked.delimiter.encode()) + 1 for line in rows}
        known = len(asked.columns) in cells or (
            asked.number in (10, 20) and max(cells, default=0) > len(asked.columns)
        )
        return Detected(name, None if known else "columns_differ", asked)
    for number, delimiter in ((6, b"\t"), (10, b",")):
        twelve = [cells for cells in (line.split(delimiter) for line in rows) if len(cells) == 12]
        if any(fits_std(cells) for cells in twelve) and plausible_std(twelve):
            return Detected(str(number), None, OutfmtSpec(number, (), delimiter.decode()))
    return _unknown(rows)


def _header(rows: list[bytes], asked: OutfmtSpec | None) -> Detected | None:
    """A first line of column names or labels: `-outfmt 20`, or DIAMOND's simple header."""
    delimiters = {"\t": 6, ",": 20, ";": 20, "|": 20}
    if asked and asked.number in TABULAR:
        delimiters[asked.delimiter] = asked.number
    for delimiter, number in delimiters.items():
        cells = rows[0].decode("utf-8", "replace").split(delimiter) if rows else []
        names = [specifier_of(cell) for cell in cells]
        if len(names) > 1 and sum(name in SPECIFIERS for name in names) * 2 > len(names):
            return Detected(str(number), None, OutfmtSpec(number, distinct(names), delimiter))
    return None


def _unknown(rows: list[bytes]) -> Detected:
    """Rows with the same cells in every line but no word of what they mean."""
    whole = rows[:-1] if len(rows) > 2 else rows
    for delimiter in (b"\t", b",", b"@", b"|", b";", b":", b"~", b"^", b"!"):
        if whole and len({line.count(delimiter) for line in whole} - {0}) == 1 and all(
            delimiter in line for line in whole
        ):  # fmt: skip
            return Detected("10" if delimiter == b"," else "6", "columns_unknown")
    if whole and all(b"\t" in line or b"," in line for line in whole):
        return Detected("10" if b"," in whole[0] else "6", "columns_unknown")
    return Detected(None, "not_blast")
