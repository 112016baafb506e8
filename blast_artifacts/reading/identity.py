"""Who a query and a subject are, whichever way the format says it (P31, P36, P37, P40, P84, P85)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

NO_TITLE = "No definition line"

_ORDINAL_QUERY = re.compile(r"Query_\d+")
_LEGACY_ORDINAL = re.compile(r"lcl\|(?:Query_\d+|\d+_\d+|QUERY|tmpseq_\d+)")
_ORDINAL_SUBJECT = re.compile(r"Subject_\d+")
_GI = re.compile(r"gi\|\d+\|(?=.)")
_VERSIONED = re.compile(r"[a-z]{2,3}\|([^|\s]+\.\d+)\|[^|]*")
_NAMELESS = re.compile(r"[a-z]{2,3}\|([^|\s]+)\|")
_UNIPROT = re.compile(
    r"(?:sp|tr)\|([OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2}(?:-\d+)?)\|[A-Z\d]{1,11}_[A-Z\d]{1,5}"
)
_CHAIN = re.compile(r"pdb\|(\w{4})\|(\w*)")
_NAMED = re.compile(r"(?:pir|prf)\|\|([^|\s]+)")
_GENERAL = re.compile(r"gnl\|([^|\s]+)\|([^|\s]+)")
_PATENT = re.compile(r"pat\|([^|\s]+)\|([^|\s]+)\|(\d+)")
_LOCAL = re.compile(r"lcl\|([^|\s]+)")


@lru_cache(maxsize=16_384)
def subject_key(printed: str) -> str:
    """The id by which a subject is the same in every format: accession.version where it holds one.

    BLAST prints one sequence as `ref|NM_1.2|`, `gi|7|ref|NM_1.2|` or `NM_1.2`, another as `gnl|CDD|9` or
    `CDD:9`. Ids that are not plainly of NCBI's making stay as they are: no two subjects may fall together.
    """
    if "|" not in printed:
        return printed
    text = _GI.sub("", printed, count=1)
    for pattern in (_VERSIONED, _UNIPROT, _NAMELESS, _NAMED, _LOCAL):
        if found := pattern.fullmatch(text):
            return found[1]
    if found := _CHAIN.fullmatch(text):
        return f"{found[1]}_{found[2]}" if found[2] else found[1]
    if found := _PATENT.fullmatch(text):
        return f"{found[1]}{found[2]}_{found[3]}"
    if (found := _GENERAL.fullmatch(text)) and found[1] != "BL_ORD_ID":
        return f"{found[1]}:{found[2]}"
    return text if text != printed and "|" not in text else printed


def unnamed(index: int) -> str:
    """What a query without a name is called."""
    return f"(unnamed query {index + 1})"


def query_name(printed: str | None, title: str | None, index: int) -> str:
    """The id of a query from its printed id (often only `Query_7`, once `lcl|1_0`) and its title."""
    words = [] if title == NO_TITLE else (title or "").split(None, 1)
    if printed and _LEGACY_ORDINAL.fullmatch(printed):
        return words[0] if words else printed
    if printed and not _ORDINAL_QUERY.fullmatch(printed):
        return printed
    return words[0] if words else unnamed(index)


def ordinal_of(name: str | None) -> int | None:
    """The 0-based ordinal in its batch that a table's id of a query without a name tells."""
    return int(name.removeprefix("Query_")) - 1 if name and _ORDINAL_QUERY.fullmatch(name) else None


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject's key and title."""

    id: str
    title: str | None


def subject_of(printed: str, title: str | None, accession: str | None = None) -> Subject:
    """The subject of a hit of outfmt 5, 15 or 16, where an unparsed database hides the id in the title."""
    title = (title or "").strip()
    ordinal = accession and accession.startswith("Subject_") and _ORDINAL_SUBJECT.fullmatch(accession)
    hidden = not printed or "BL_ORD_ID" in printed or ordinal
    if hidden and title and title != NO_TITLE:
        words = title.split(None, 1)
        return Subject(subject_key(words[0]), words[1] if len(words) > 1 else None)
    if title in ("", NO_TITLE, "N/A", printed):
        return Subject(subject_key(printed), None)
    return Subject(subject_key(printed), title.removeprefix(printed + " "))
