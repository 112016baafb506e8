"""What a caller may submit: program, database, query and the options on an allow-list."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from blast_artifacts.reading.labels import SPECIFIERS
from shared.errors import AppError

Program = Literal["blastn", "blastp", "blastx", "tblastn", "tblastx"]

DEFAULT_OUTFMT = "7 std staxids stitle qlen slen qcovs"
READABLE_FORMATS = (5, 6, 7, 10, 11, 15, 16)

FORBIDDEN_OPTIONS = frozenset(
    {
        *("remote", "seqidlist", "gilist", "negative_gilist", "negative_seqidlist", "negative_taxids"),
        *(
            "negative_taxidlist",
            "filtering_db",
            "use_index",
            "index_name",
            "in_pssm",
            "entrez_query",
            "in_msa",
        ),
    }
)
"""Options that ElasticBLAST cannot run."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)
]
Database = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*( [A-Za-z0-9][A-Za-z0-9._/-]*)*$", max_length=200
    ),
]
_MOST_FAULTS, _LONGEST_NAME = 20, 64
_LONGEST_OUTFMT = 500
# Pipelines put options into shell scripts: nothing that ends a quotation, or is not plain within one.
_DELIMITER = re.compile(r"delim=(?:(?![\"'`$\\])[!-~]){1,8}")
_OUTFMT = re.compile(r"([0-9]{1,2})((?: +\S+)*)")


class Options(BaseModel):
    """BLAST+ options by their own names; a range is BLAST's, or what keeps a result finite."""

    model_config = ConfigDict(extra="forbid", strict=True)

    evalue: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None
    word_size: Annotated[int, Field(ge=2, le=100)] | None = None
    max_target_seqs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_hsps: Annotated[int, Field(ge=1, le=100_000)] | None = None
    outfmt: Annotated[str, Field(max_length=_LONGEST_OUTFMT)] = DEFAULT_OUTFMT
    task: Word | None = None
    matrix: Word | None = None
    gapopen: Annotated[int, Field(ge=0, le=32767)] | None = None
    gapextend: Annotated[int, Field(ge=0, le=32767)] | None = None
    reward: Annotated[int, Field(ge=0, le=1000)] | None = None
    penalty: Annotated[int, Field(ge=-1000, le=0)] | None = None
    perc_identity: Annotated[float, Field(ge=0, le=100)] | None = None
    qcov_hsp_perc: Annotated[float, Field(ge=0, le=100)] | None = None
    dust: Annotated[str, StringConstraints(pattern=r"^(yes|no|[0-9]{1,4}( [0-9]{1,4}){2})$")] | None = None
    seg: (
        Annotated[str, StringConstraints(pattern=r"^(yes|no|[0-9]{1,4}( [0-9]{1,3}(\.[0-9]{1,9})?){2})$")]
        | None
    ) = None
    strand: Literal["both", "plus", "minus"] | None = None
    query_gencode: Annotated[int, Field(ge=1, le=33)] | None = None
    db_gencode: Annotated[int, Field(ge=1, le=33)] | None = None
    soft_masking: bool | None = None
    ungapped: bool | None = None
    taxids: (
        Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(min_length=1, max_length=1000)]
        | None
    ) = None

    @field_validator("outfmt", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value).strip(" '\"")
        if len(text) > _LONGEST_OUTFMT:
            raise ValueError(f"at most {_LONGEST_OUTFMT} characters")
        match = _OUTFMT.fullmatch(text)
        if match is None or int(match[1]) not in READABLE_FORMATS:
            formats = ", ".join(map(str, READABLE_FORMATS))
            raise ValueError(f"ask for one of the formats {formats}, with column names if it is tabular")
        unknown = [word for word in match[2].split() if not _is_column(word)]
        if unknown:
            raise ValueError(f"there is no column {unknown[0][:40]!r}")
        return text


def _is_column(word: str) -> bool:
    name = word.removeprefix("-")
    return name == "std" or name in SPECIFIERS or bool(_DELIMITER.fullmatch(word))


class SubmitRequest(BaseModel):
    """The body of `POST jobs`."""

    model_config = ConfigDict(extra="forbid")

    title: Text | None = None
    program: Program
    database: Database
    query: str
    options: Options = Options()

    @field_validator("database")
    @classmethod
    def _stays_where_databases_are(cls, value: str) -> str:
        if any(part in (".", "..", "") for name in value.split(" ") for part in name.split("/")):
            raise ValueError("a database is a name, or a path without . and ..")
        return value


def parse(body: bytes) -> SubmitRequest:
    """The request in a body; raises AppError `malformed_json` or `invalid_request` with a list of faults."""
    try:
        return SubmitRequest.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        if found[0]["type"] == "json_invalid":
            raise AppError("malformed_json", "The body is not a JSON object in UTF-8.") from error
        faults = [{"field": _field(fault), "message": _sentence(fault)} for fault in found[:_MOST_FAULTS]]
        raise AppError(
            "invalid_request", f"{faults[0]['field']}: {faults[0]['message']}", faults=faults
        ) from error


def _field(fault: Any) -> str:
    """Where the fault lies; the name of a field that nobody knows may be of any length."""
    return ".".join(str(part)[:_LONGEST_NAME] for part in fault["loc"])


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][-1]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        forbidden = name in FORBIDDEN_OPTIONS
        return "ElasticBLAST cannot run this option" if forbidden else "there is no such field"
    return str(fault["msg"])
