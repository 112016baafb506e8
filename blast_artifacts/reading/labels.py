"""Columns of the tabular formats: every specifier, its kind, the labels it has borne, where it goes."""

from __future__ import annotations

from collections.abc import Iterable

from blast_artifacts.reading.hits import HIT_COLUMNS, TEXT

_LABELS = {
    "qseqid": "query id",
    "qgi": "query gi",
    "qacc": "query acc.",
    "qaccver": "query acc.ver",
    "qlen": "query length",
    "sseqid": "subject id",
    "sallseqid": "subject ids",
    "sgi": "subject gi",
    "sallgi": "subject gis",
    "sacc": "subject acc.",
    "saccver": "subject acc.ver",
    "sallacc": "subject accs.",
    "slen": "subject length",
    "qstart": "q. start",
    "qend": "q. end",
    "sstart": "s. start",
    "send": "s. end",
    "qseq": "query seq",
    "sseq": "subject seq",
    "evalue": "evalue",
    "bitscore": "bit score",
    "score": "score",
    "length": "alignment length",
    "pident": "% identity",
    "nident": "identical",
    "mismatch": "mismatches",
    "positive": "positives",
    "gapopen": "gap opens",
    "gaps": "gaps",
    "ppos": "% positives",
    "frames": "query/sbjct frames",
    "qframe": "query frame",
    "sframe": "sbjct frame",
    "btop": "btop",
    "staxid": "subject tax id",
    "ssciname": "subject sci name",
    "scomname": "subject com name",
    "sblastname": "subject blast name",
    "sskingdom": "subject super kingdom",
    "staxids": "subject tax ids",
    "sscinames": "subject sci names",
    "scomnames": "subject com names",
    "sblastnames": "subject blast names",
    "sskingdoms": "subject super kingdoms",
    "stitle": "subject title",
    "salltitles": "subject titles",
    "sstrand": "subject strand",
    "qcovs": "% query coverage per subject",
    "qcovhsp": "% query coverage per hsp",
    "qcovus": "% query coverage per uniq subject",
}

_OTHER_LABELS = {
    "subject taxid": "staxid",
    "subject taxids": "staxids",
    "subject title(s)": "salltitles",
    "gap openings": "gapopen",
    "e-value": "evalue",
    "bit-score": "bitscore",
    "bits": "bitscore",
    "raw score": "score",
    "identities": "nident",
    "% identical": "pident",
    "subject frame": "sframe",
    "query/subject frames": "frames",
    "query accession": "qacc",
    "subject accession": "sacc",
    "query accession.version": "qaccver",
    "subject accession.version": "saccver",
    "percentage of identical matches": "pident",
    "number of mismatches": "mismatch",
    "number of gap openings": "gapopen",
    "number of identical matches": "nident",
    "number of positive-scoring matches": "positive",
    "percentage of positive-scoring matches": "ppos",
    "total number of gaps": "gaps",
    "start of alignment in query": "qstart",
    "end of alignment in query": "qend",
    "start of alignment in subject": "sstart",
    "end of alignment in subject": "send",
    "expected value": "evalue",
    "unique subject taxonomy ids": "staxids",
    "unique subject scientific names": "sscinames",
    "query coverage per hsp": "qcovhsp",
    "aligned part of query sequence": "qseq",
    "aligned part of subject sequence": "sseq",
    "blast traceback operations": "btop",
    "query sequence length": "qlen",
    "subject sequence length": "slen",
    "all subject titles": "salltitles",
}

_DIAMOND = (
    "qtitle", "qstrand", "scovhsp", "qqual", "full_qseq", "full_sseq", "cigar", "qnum", "snum", "sphylums",
    "skingdoms", "approx_pident", "corrected_bitscore", "slineages", "hspnum",
)  # fmt: skip

SPECIFIERS = frozenset((*_LABELS, *_DIAMOND))
"""Every name that may stand after `-outfmt 6`, DIAMOND's own too."""

LABELS = {label: name for name, label in _LABELS.items()} | _OTHER_LABELS
"""Label of a `# Fields:` line in lower case -> specifier, for BLAST+, blastall -m 9 and DIAMOND."""

TWIN_LABELS = {"subject com names": ("scomname", "scomnames")}
"""Labels that two specifiers share in some version: only the specification tells them apart."""

SOURCES = {
    "qseqid": ("qseqid", "qaccver", "qacc"),
    "sseqid": ("sseqid", "saccver", "sacc", "sallseqid", "sallacc"),
    "staxids": ("staxids", "staxid"),
    "sscinames": ("sscinames", "ssciname"),
    "stitle": ("stitle", "salltitles"),
}
"""Hit-table columns that several specifiers can fill, the best first."""

FREE_TEXT = frozenset({
    "stitle", "salltitles", "qtitle", "ssciname", "sscinames", "scomname", "scomnames", "sblastname",
    "sblastnames", "sskingdom", "sskingdoms", "sphylums", "skingdoms", "slineages",
})  # fmt: skip
"""Specifiers whose text may hold the delimiter: BLAST quotes nothing."""


def kind_of(specifier: str) -> str:
    """Kind of a specifier's cells: as in the hit table, else text."""
    return HIT_COLUMNS.get(specifier, TEXT)


def specifier_of(label: str) -> str:
    """The specifier that a label of a `# Fields:` line or a header row stands for; unknown ones stay."""
    text = label.strip() or "(nameless)"
    lowered = text.lower()
    return LABELS.get(lowered) or (lowered if lowered in SPECIFIERS else text)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names of a row's columns, each once and none that has a meaning only in the hit table."""
    taken: dict[str, None] = {}
    for name in names:
        while name in taken or (name in HIT_COLUMNS and name not in SPECIFIERS):
            name += "'"
        taken[name] = None
    return tuple(taken)
