"""Identifiers of sequences in an archive -> ids as BLAST prints them elsewhere (P39, P85)."""

from __future__ import annotations

from collections.abc import Callable

from blast_artifacts.reading.asn1_value import Element, Value, integer, members, text

_DATABASES = {
    "genbank": "gb", "embl": "emb", "ddbj": "dbj", "other": "ref", "tpg": "tpg", "tpe": "tpe", "tpd": "tpd",
    "gpipe": "gpp", "named-annot-track": "nat", "pir": "pir", "prf": "prf",
}  # fmt: skip
_NUMBERED = {"gi": "gi", "gibbsq": "bbs", "gibbmt": "bbm", "giim": "gim"}


def printed_id(element: Element) -> str | None:
    """A Seq-id as in FASTA, `gb|U23808.2|`, a local one as it is; None where it is none."""
    words, value = element
    kind, *_ = words.decode("ascii", "replace").split(" ")
    if kind == "local":
        return _tag(value)
    if kind in _NUMBERED:
        number = integer(value)
        return None if number is None else f"{_NUMBERED[kind]}|{number}"
    if kind in _DATABASES:
        return _accession(_DATABASES[kind], value)
    known: dict[str, Callable[[Value], str | None]] = {
        "swissprot": _swissprot, "general": _general, "pdb": _pdb, "patent": _patent,
    }  # fmt: skip
    return known[kind](value) if kind in known else None


def printed_ids(value: Value) -> list[str]:
    """All ids of a sequence."""
    found = (printed_id(element) for element in value) if isinstance(value, list) else ()
    return [name for name in found if name]


def ordinal_name(printed: str, database: str | None) -> str:
    """An ordinal in a database without parsed ids, `gnl|BL_ORD_ID|3`, as `database:3`.

    The number means nothing without the database: other shards have other sequences under it (P41).
    """
    ordinal = printed.rpartition("|")[2]
    names = [name.rpartition("/")[2] for name in (database or "").split()]
    return f"{' '.join(names)}:{ordinal}" if names else printed


def _string(value: Value) -> str | None:
    raw = text(value)
    return None if raw is None else raw.decode("utf-8", "replace")


def _tag(value: Value) -> str | None:
    """A string or a number."""
    number = integer(value)
    return _string(value) if number is None else str(number)


def _fields(value: Value) -> dict[str, Value]:
    return {words.decode("ascii", "replace"): inner for words, inner in members(value).items()}


def _accession(database: str, value: Value) -> str | None:
    fields = _fields(value)
    accession, name = _string(fields.get("accession")) or "", _string(fields.get("name")) or ""
    version = integer(fields.get("version"))
    if not accession and not name:
        return None
    versioned = accession if version is None or not accession else f"{accession}.{version}"
    return f"{database}|{versioned}|{name}"


def _swissprot(value: Value) -> str | None:
    unreviewed = _string(_fields(value).get("release")) == "unreviewed"
    return _accession("tr" if unreviewed else "sp", value)


def _general(value: Value) -> str | None:
    fields = _fields(value)
    database = _string(fields.get("db"))
    tag = _tag(fields.get("tag id", fields.get("tag str")))
    return None if database is None or tag is None else f"gnl|{database}|{tag}"


def _pdb(value: Value) -> str | None:
    fields = _fields(value)
    molecule, chain = _string(fields.get("mol")), _string(fields.get("chain-id"))
    number = integer(fields.get("chain"))
    if chain is None and number is not None and 32 < number < 127:
        chain = chr(number)
    return None if molecule is None else f"pdb|{molecule}|{chain or ''}"


def _patent(value: Value) -> str | None:
    fields = _fields(value)
    cited = _fields(fields.get("cit"))
    country = _string(cited.get("country"))
    number = _string(cited.get("id number", cited.get("id app-number")))
    return f"pat|{country}|{number}|{integer(fields.get('seqid'))}" if country and number else None
