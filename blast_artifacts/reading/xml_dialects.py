"""The two vocabularies of BLAST's XML: outfmt 5, and outfmt 14/16 ("XML2")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from blast_artifacts.reading.plain_hits import PlainForm

_INTEGER = rb"(-?\d{1,18})"
_REAL = rb"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_STRAND = rb"(Plus|Minus)"
_SEQUENCE = rb"([!-%'-;=-~]+)"
_MIDLINE = rb"([ -%'-;=-~]+)"

_FORMS = {
    "bit_score": _REAL, "score": _REAL, "evalue": _REAL, "query_strand": _STRAND, "hit_strand": _STRAND,
    "qseq": _SEQUENCE, "hseq": _SEQUENCE, "midline": _MIDLINE,
}  # fmt: skip
OPTIONAL = frozenset(
    {"query_frame", "hit_frame", "query_strand", "hit_strand", "positive", "gaps", "midline"}
)

FIELDS_5 = (
    "bit_score", "score", "evalue", "query_from", "query_to", "hit_from", "hit_to", "query_frame",
    "hit_frame", "identity", "positive", "gaps", "align_len", "qseq", "hseq", "midline",
)  # fmt: skip
FIELDS_2 = (
    "bit_score", "score", "evalue", "identity", "positive", "query_from", "query_to", "query_strand",
    "query_frame", "hit_from", "hit_to", "hit_strand", "hit_frame", "align_len", "gaps", "qseq", "hseq",
    "midline",
)  # fmt: skip
"""Cells of an HSP in the order in which the writer of XML2 and JSON puts them; 5 has its own."""


@dataclass(frozen=True)
class Dialect:
    """Names of the elements, where each may stand, and how BLAST itself writes a hit.

    `outermost` elements begin a document, `foreign` ones one of the other vocabulary; `merged`: a hit
    tells of all members of a merged record.
    """

    root: bytes
    outermost: frozenset[bytes]
    foreign: frozenset[bytes]
    query: bytes
    hits: bytes
    hit: bytes
    hsps: bytes
    hsp: bytes
    parents: dict[bytes, tuple[bytes | None, ...]]
    leaves: frozenset[bytes]
    fields: tuple[str, ...]
    plain: PlainForm
    merged: bool
    leaf: Callable[[bytes, bytes], tuple[bytes | None, str]]

    @property
    def hsp_end(self) -> bytes:
        """The tag that ends an HSP."""
        return b"</" + self.hsp + b">"

    @property
    def unique(self) -> tuple[bytes, ...]:
        """Elements in which no leaf may come twice: if one does, two of them have run together."""
        return (self.query, self.hit, self.hsp)


def _dashed(name: str) -> bytes:
    return name.replace("_", "-").encode()


def _hsp(fields: tuple[str, ...], tag: Callable[[str], bytes]) -> re.Pattern[bytes]:
    parts = [rb"\s*<Hsp>\s*<%b> *%b *</%b>" % (tag("num"), _INTEGER, tag("num"))]
    for name in fields:
        form = _FORMS.get(name, _INTEGER)
        form = rb" *%b *" % form if form in (_INTEGER, _REAL) else form
        part = rb"\s*<%b>%b</%b>" % (tag(name), form, tag(name))
        parts.append(rb"(?:%b)?" % part if name in OPTIONAL else part)
    return re.compile(b"".join(parts) + rb"\s*</Hsp>")


def _leaves(**forms: bytes) -> bytes:
    return b"".join(rb"<%b>%b</%b>\s*" % (name.encode(), form, name.encode()) for name, form in forms.items())


def _plain(
    fields: tuple[str, ...],
    tag: Callable[[str], bytes],
    hits: bytes,
    head: bytes,
    defline: bytes,
    texts: tuple[str, ...],
    middle: bytes,
    tail: bytes,
) -> PlainForm:
    return PlainForm(
        head=re.compile(head),
        defline=re.compile(defline),
        texts=texts,
        middle=re.compile(middle),
        hsp=_hsp(fields, tag),
        cells=(_INTEGER, *(_FORMS.get(name, _INTEGER) for name in fields)),
        between=re.compile(rb"\s*"),
        tail=re.compile(tail),
        strips=True,
        count=_COUNT,
        letters=rb"([ -;=-~]*)",
        opens=b"<%b>" % hits,
        closes=b"</%b>" % hits,
        last=b"</%b>" % hits,
    )


_COUNT, _TEXT = rb"(\d{1,18})", rb"([^<\0]*)"
_HSP = ("num", *FIELDS_5, "query_strand", "hit_strand", "pattern_from", "pattern_to", "density")
_OWNERS = ("BlastOutput", "Parameters", "Iteration", "Statistics", "Hit", "Hsp")
_NAMES_5 = {
    "BlastOutput": ("program", "version", "reference", "db", "query_ID", "query_def", "query_len",
                    "query_seq"),
    "Iteration": ("iter_num", "query_ID", "query_def", "query_len", "message"),
    "Hit": ("num", "id", "def", "accession", "len"),
    "Hsp": _HSP,
    "Statistics": ("db_num", "db_len", "hsp_len", "eff_space", "kappa", "lambda", "entropy"),
    "Parameters": ("matrix", "expect", "include", "sc_match", "sc_mismatch", "gap_open", "gap_extend",
                   "filter", "pattern", "entrez_query"),
}  # fmt: skip


def _leaf_5(name: bytes, _top: bytes) -> tuple[bytes | None, str]:
    owner, _, rest = name.partition(b"_")
    return owner, rest.replace(b"-", b"_").decode("latin-1").lower()


def _leaf_2(name: bytes, _top: bytes) -> tuple[bytes | None, str]:
    text = name.replace(b"-", b"_").decode("latin-1")
    return None, "query_def" if text == "query_title" else text


_FIVE = Dialect(
    root=b"BlastOutput",
    outermost=frozenset({b"BlastOutput"}),
    foreign=frozenset({b"BlastXML2", b"BlastOutput2"}),
    query=b"Iteration",
    hits=b"Iteration_hits",
    hit=b"Hit",
    hsps=b"Hit_hsps",
    hsp=b"Hsp",
    parents={
        b"BlastOutput": (None,),
        b"BlastOutput_param": (b"BlastOutput",),
        b"Parameters": (b"BlastOutput_param",),
        b"BlastOutput_iterations": (b"BlastOutput",),
        b"BlastOutput_mbstat": (b"BlastOutput",),
        b"Iteration": (b"BlastOutput_iterations",),
        b"Iteration_hits": (b"Iteration",),
        b"Iteration_stat": (b"Iteration",),
        b"Statistics": (b"Iteration_stat", b"BlastOutput_mbstat"),
        b"Hit": (b"Iteration_hits",),
        b"Hit_hsps": (b"Hit",),
        b"Hsp": (b"Hit_hsps",),
    },
    leaves=frozenset(
        f"{owner}_{name.replace('_', '-')}".encode() for owner in _OWNERS for name in _NAMES_5[owner]
    ),
    fields=FIELDS_5,
    plain=_plain(
        FIELDS_5,
        lambda name: b"Hsp_" + _dashed(name),
        b"Iteration_hits",
        head=rb"<Hit>\s*" + _leaves(Hit_num=_COUNT),
        defline=_leaves(Hit_id=_TEXT, Hit_def=_TEXT, Hit_accession=_TEXT),
        texts=("id", "title", "accession"),
        middle=_leaves(Hit_len=_COUNT) + rb"<Hit_hsps>\s*",
        tail=rb"\s*</Hit_hsps>\s*</Hit>\s*",
    ),
    merged=False,
    leaf=_leaf_5,
)

_TWO = Dialect(
    root=b"BlastOutput2",
    outermost=frozenset({b"BlastXML2", b"BlastOutput2"}),
    foreign=frozenset({b"BlastOutput"}),
    query=b"Search",
    hits=b"hits",
    hit=b"Hit",
    hsps=b"hsps",
    hsp=b"Hsp",
    parents={
        b"BlastXML2": (None,),
        b"BlastOutput2": (b"BlastXML2", None),
        b"report": (b"BlastOutput2",),
        b"Report": (b"report",),
        b"search-target": (b"Report",),
        b"Target": (b"search-target",),
        b"params": (b"Report",),
        b"Parameters": (b"params",),
        b"results": (b"Report",),
        b"Results": (b"results",),
        b"iterations": (b"Results",),
        b"Iteration": (b"iterations",),
        b"search": (b"Results", b"Iteration"),
        b"bl2seq": (b"Results",),
        b"Search": (b"search", b"bl2seq"),
        b"query-masking": (b"Search",),
        b"Range": (b"query-masking",),
        b"hits": (b"Search",),
        b"Hit": (b"hits",),
        b"description": (b"Hit",),
        b"HitDescr": (b"description",),
        b"hsps": (b"Hit",),
        b"Hsp": (b"hsps",),
        b"stat": (b"Search",),
        b"Statistics": (b"stat",),
    },
    leaves=frozenset(
        _dashed(name)
        for name in (
            *_HSP, *_NAMES_5["Statistics"], *_NAMES_5["Parameters"], "program", "version", "reference",
            "db", "subjects", "query_id", "query_title", "query_len", "message", "iter_num", "id",
            "accession", "title", "taxid", "sciname", "len", "from", "to", "cbs", "query_gencode",
            "db_gencode",
        )
    ),
    fields=FIELDS_2,
    plain=_plain(
        FIELDS_2,
        _dashed,
        b"hits",
        head=rb"<Hit>\s*" + _leaves(num=_COUNT) + rb"<description>\s*",
        defline=rb"<HitDescr>\s*"
        + _leaves(id=_TEXT, accession=_TEXT, title=_TEXT)
        + rb"(?:%b)?(?:%b)?</HitDescr>\s*" % (_leaves(taxid=_COUNT), _leaves(sciname=_TEXT)),
        texts=("id", "accession", "title", "taxid", "name"),
        middle=rb"</description>\s*" + _leaves(len=_COUNT) + rb"<hsps>\s*",
        tail=rb"\s*</hsps>\s*</Hit>\s*",
    ),
    merged=True,
    leaf=_leaf_2,
)  # fmt: skip


def dialect_of(number: str | None) -> Dialect:
    """The vocabulary of a format as detection names it."""
    return _TWO if number in ("14", "16") else _FIVE
