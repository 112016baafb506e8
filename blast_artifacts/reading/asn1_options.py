"""Options of the search that an archive records -> BLAST+'s own option names."""

from __future__ import annotations

from blast_artifacts.reading.asn1_value import Element, integer, members, real, text

Option = str | int | float | bool

_NAMES = {
    "EvalueThreshold": "evalue", "WordSize": "word_size", "HitlistSize": "max_target_seqs",
    "MaxHspsPerSubject": "max_hsps", "MatrixName": "matrix", "GapOpeningCost": "gapopen",
    "GapExtensionCost": "gapextend", "MatchReward": "reward", "MismatchPenalty": "penalty",
    "PercentIdentity": "perc_identity", "QueryCovHspPerc": "qcov_hsp_perc", "DbLength": "dbsize",
    "QueryGeneticCode": "query_gencode", "DbGeneticCode": "db_gencode", "UngappedMode": "ungapped",
    "CompositionBasedStats": "comp_based_stats", "InclusionThreshold": "inclusion_ethresh",
    "WordThreshold": "threshold", "WindowSize": "window_size", "Culling": "culling_limit",
}  # fmt: skip
_SILENT = frozenset(
    {"MaskAtHash", "LCaseMask", "IgnoreMsaMaster", "Web_StepNumber", "RequiredStart", "RequiredEnd"}
)
"""Not options of a command line, or not the same for all queries of a search."""

ROUND, START, END = "Web_StepNumber", "RequiredStart", "RequiredEnd"


def option_of(value: list[Element]) -> tuple[str, Option] | None:
    """The name in the archive and the value of one option; None where it holds no single value."""
    fields = members(value)
    name = text(fields.get(b"name"))
    found = next(((words, inner) for words, inner in value if words.startswith(b"value ")), None)
    if name is None or found is None:
        return None
    kind, inner = found[0].split()[-1], found[1]
    option: Option | None = None
    if kind in (b"integer", b"big-integer"):
        option = integer(inner)
    elif kind in (b"real", b"e-value"):
        option = real(inner)
    elif kind == b"boolean":
        option = inner == b"TRUE"
    elif kind == b"string":
        option = (text(inner) or b"").decode("utf-8", "replace")
    return None if option is None else (name.decode("utf-8", "replace"), option)


def parameters_of(options: dict[str, Option]) -> dict[str, Option]:
    """The options under the names that a user gives them; unknown ones under the archive's."""
    return {_NAMES.get(name, name): value for name, value in options.items() if name not in _SILENT}
