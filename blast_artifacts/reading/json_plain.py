"""How BLAST writes the hits of its JSON reports."""

from __future__ import annotations

import re

from blast_artifacts.reading.plain_hits import PlainForm
from blast_artifacts.reading.xml_dialects import FIELDS_2, OPTIONAL

NUMBER = rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?(?![\d.eE+-])"
_INTEGER, _COUNT, _TEXT = rb"(-?(?:0|[1-9]\d{0,17}))", rb"(0|[1-9]\d{0,17})", rb'"([^"\\\x00\r\n]*+)"'
_FOLLOWED = rb"(?:\s*,\s*(?=\{)|(?=\s*\]))"
"""Behind an object of an array: the comma before the next one, or nothing before the end."""
_FORMS = {
    "bit_score": b"(" + NUMBER + b")", "score": b"(" + NUMBER + b")", "evalue": b"(" + NUMBER + b")",
    "query_strand": rb'"(Plus|Minus)"', "hit_strand": rb'"(Plus|Minus)"',
    "qseq": rb'"([!#-\[\]-~]+)"', "hseq": rb'"([!#-\[\]-~]+)"', "midline": rb'"([ !#-\[\]-~]+)"',
}  # fmt: skip


def _hsp() -> re.Pattern[bytes]:
    parts = [rb'\s*\{\s*"num": ?%b' % _COUNT]
    for name in FIELDS_2:
        part = rb',\s*"%b": ?%b' % (name.encode(), _FORMS.get(name, _INTEGER))
        parts.append(rb"(?:%b)?" % part if name in OPTIONAL else part)
    return re.compile(b"".join(parts) + rb"\s*\}")


PLAIN = PlainForm(
    head=re.compile(rb'\{\s*"num": ?%b,\s*"description": ?\[\s*' % _COUNT),
    defline=re.compile(
        rb'\{\s*"id": ?%b,\s*"accession": ?%b,\s*"title": ?%b' % (_TEXT, _TEXT, _TEXT)
        + rb'(?:,\s*"taxid": ?%b)?(?:,\s*"sciname": ?%b)?\s*\}' % (_COUNT, _TEXT)
        + _FOLLOWED
    ),
    texts=("id", "accession", "title", "taxid", "name"),
    middle=re.compile(rb'\s*\],\s*"len": ?%b,\s*"hsps": ?\[\s*' % _COUNT),
    hsp=_hsp(),
    cells=(_COUNT, *(_FORMS.get(name, _INTEGER).strip(b'"') for name in FIELDS_2)),
    between=re.compile(_FOLLOWED),
    tail=re.compile(rb"\s*\]\s*\}" + _FOLLOWED),
    strips=False,
    count=_COUNT,
    letters=rb"([ !#-\[\]-~]*)",
    opens=b'"hits": [',
    closes=b'"stat"',
    last=b"]",
)
