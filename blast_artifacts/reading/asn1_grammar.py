"""What may stand in BLAST's archives (`-outfmt 11`), as NCBI specifies it: names, and marks of beginnings."""

from __future__ import annotations

import re

ENTERED = {
    "archive": {b"request": "request", b"results": "results", b"messages": "messages"},
    "request": {b"body queue-search": "search"},
    "search": {
        b"queries bioseq-set": "queries", b"queries pssm": "scores", b"subject sequences": "subjects",
        b"algorithm-options": "options", b"program-options": "options", b"format-options": "options",
    },
    "queries": {b"seq-set": "sequences"},
    "sequences": {b"seq": "query", b"set": "queries"},
    "scores": {b"pssm": "matrix"},
    "matrix": {b"query seq": "query"},
    "subjects": {b"": "subject"},
    "query": {b"inst": "instance"},
    "subject": {b"inst": "instance"},
    "results": {b"alignments": "alignments"},
    "align": {b"segs std": "diagonals", b"segs dendiag": "diagonals", b"segs disc": "alignments"},
}  # fmt: skip
"""Kinds of braces that are walked through: kind -> words of a value in it -> its kind."""

WHOLE = {
    "query": (b"id", b"descr"), "subject": (b"id", b"descr"), "options": (b"",), "alignments": (b"",),
    "diagonals": (b"",), "messages": (b"",),
}  # fmt: skip
"""Kinds of braces -> words of the values in them that are taken whole."""

NAMES = {
    kind: frozenset(names.encode().split(b" "))
    for kind, names in {
        "archive": "request results messages",
        "request": "ident body",
        "search": "program service queries subject paramset algorithm-options program-options format-options",
        "queries": "id coll level class release date descr seq-set annot",
        "sequences": "seq set",
        "scores": "pssm params",
        "matrix": "isProtein identifier numRows numColumns rowLabels byRow query intermediateData finalData",
        "query": "id descr inst annot",
        "subject": "id descr inst annot",
        "instance": "repr mol length fuzz topology strand seq-data ext hist",
        "results": "alignments phi-alignments masks ka-blocks search-stats pssm simple-results",
        "align": "type dim score segs bounds id ext",
    }.items()
}
"""First words of what may stand in braces of a kind, as NCBI specifies; values in a list have none."""

UNNAMED = frozenset({b""})
ARCHIVE_HEAD = re.compile(rb"\s*+Blast4-archive\s*+::=\s*+\{")
BY_BLAST = re.compile(rb"\r?\n  request \{\r?\n    ")
NESTED = re.compile(rb"\s*+type (?:diags|disc)\s*+,")
LETTERS = re.compile(rb"\s*+seq-data (\w++)\s*+([\"'])")
SKIPPED = re.compile(rb"[{}]|\"(?:[^\"\0]|\"\")*+\"(?!\")|'[^'\0]*+'|[\"']|[\n\0]Blast4-archive\s*+::=|\0")
SKIPPED_OF_BLAST = re.compile(SKIPPED.pattern + rb"|\n(?=[^\s}])")
"""As BLAST writes, every line is indented but where a string goes on."""
RESIDUES = re.compile(rb"[A-Za-z0-9*\s-]*+")
SPACE = re.compile(rb"\s*+")

_DIAGONAL = rb"|(@dim 2\s*+,\s*+ids \{)"


def _beginnings(brace: bytes, more: bytes = b"") -> re.Pattern[bytes]:
    """What begins something whole; `brace` is what opens it."""
    marks = (
        rb"(Blast4-archive\s*+::=\s*+@)|(@type (?:partial|diags|disc|global|other)\s*+,)"
        rb"|(\bseq @id \{)|\bresults @|\bmessages @"
    )
    return re.compile((marks + more).replace(b"@", brace))


_ANY, _OF_BLAST = rb"\{\s*+", rb"\{\r?\n {2,}+"
FOLLOWING, RESUME = _beginnings(_ANY), _beginnings(_ANY, _DIAGONAL)
FOLLOWING_OF_BLAST, RESUME_OF_BLAST = _beginnings(_OF_BLAST), _beginnings(_OF_BLAST, _DIAGONAL)
"""A title has no line that ends in a brace, with an indented one behind it."""
