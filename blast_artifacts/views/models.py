"""The shape of every artifact, for the API description, tests and reading a folder; builds do not use it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from blast_artifacts.terms import ArtifactType, EndProof, FileState, QueryStatus


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WarningEntry(_Shape):
    """`code` is stable, `text` one sentence."""

    code: str
    text: str


class NotWhole(_Shape):
    name: str
    state: FileState
    reason: str | None


class Sources(_Shape):
    """All result files together; `not_whole` are the first 20 that were not read to a sure end."""

    files: int
    bytes: int
    rows: int
    rejected: int
    by_state: dict[FileState, int]
    not_whole: list[NotWhole] = Field(max_length=20)
    not_whole_total: int


class Artifact(_Shape):
    schema_version: int
    job_id: str
    run: int
    complete: bool
    sources: Sources
    warnings: list[WarningEntry]


class Table(Artifact):
    """`total` rows in all, `filtered` that pass; `excluded_unknown` did not for an unknown value."""

    total: int
    filtered: int
    excluded_unknown: int | None = None
    page_size: int
    next_cursor: str | None


class Markers(_Shape):
    success: bool
    failure: str | None


class FailedBatch(_Shape):
    batch: int
    exit_code: int


class Batches(_Shape):
    """`missing_numbers` are those of the missing batches that can be told."""

    found: int
    submitted: int | None
    missing: int
    missing_numbers: list[int]
    failed: list[FailedBatch]


class SearchEntry(_Shape):
    """One program, version and database; `parameters` as files record them, `options` as they were given."""

    program: str | None
    version: str | None
    database: str | None
    database_sequences: int | None
    database_letters: int | None
    files: int
    parameters: dict[str, Any]
    options: dict[str, Any]
    max_target_seqs: int
    max_target_seqs_given: bool
    methods: str


class FileEntry(_Shape):
    """A result file; `size` in stored bytes, `bytes` decompressed ones, `rejected_lines` 1-based."""

    file_id: str
    name: str
    batch: int
    format: str | None
    state: FileState
    reason: str | None
    size: int
    bytes: int
    rows: int
    rejected: int
    rejected_lines: list[int]
    break_offset: int | None
    end_proof: EndProof
    columns: list[str]
    notices: list[WarningEntry]


class Manifest(Table):
    searches: list[SearchEntry]
    markers: Markers
    batches: Batches
    side_files: list[str]
    files: list[FileEntry]


class DescriptionRow(_Shape):
    """A pair in NCBI's columns; `evalue` is that of the highest-bit HSP."""

    query: str | None
    subject: str | None
    query_key: str | None
    max_score: float | None
    total_score: float | None
    query_cover: float | None
    query_cover_ncbi: int | None
    evalue: float | None
    min_evalue: float | None
    per_ident: float | None
    acc_len: int | None
    query_length: int | None
    hsps: int
    taxids: list[int] | None
    names: list[str] | None
    title: str | None


class Descriptions(Table):
    rows: list[DescriptionRow]


class Bin(_Shape):
    """From `from` up to but not including `to`; the last bin has its end in it."""

    from_: float = Field(alias="from")
    to: float | None
    count: int


class Totals(_Shape):
    """Null where the format does not tell; `scores_rounded`: BLAST cut the decimals of bit scores."""

    queries: int | None
    queries_with_hits: int | None
    subjects: int | None
    pairs: int | None
    hsps: int | None
    scores_rounded: bool


class TopSubject(_Shape):
    subject: str | None
    title: str | None
    acc_len: int | None
    taxids: list[int] | None
    names: list[str] | None
    pairs: int
    hsps: int
    best_bits: float | None
    best_evalue: float | None


class Averages(_Shape):
    per_ident: float | None
    query_cover: float | None
    max_score: float | None
    total_score: float | None
    align_length: float | None


class Units(_Shape):
    """`aa` or `nt`; null where the program is unknown."""

    query_length: str | None
    acc_len: str | None
    align_length: str | None


class Aggregate(Artifact):
    totals: Totals
    evalue_distribution: list[Bin]
    evalue_unknown: int
    identity_distribution: list[Bin]
    identity_unknown: int
    averages: Averages
    units: Units
    populations: dict[str, str]
    top_subjects: list[TopSubject]
    best_hits: list[DescriptionRow]


class QueryRow(_Shape):
    """A query; `length_source` is format or query_fasta."""

    query: str
    query_key: str
    source: str | None
    title: str | None
    length: int | None
    length_source: str | None
    status: QueryStatus
    message: str | None
    subjects: int | None
    hsps: int | None
    best_bits: float | None
    best_evalue: float | None


class Queries(Table):
    by_status: dict[QueryStatus, int]
    rows: list[QueryRow]


class Defline(_Shape):
    id: str | None
    title: str | None
    taxid: int | None


class AlignmentRow(_Shape):
    """An HSP in BLAST+'s tabular columns; coordinates 1-based and inclusive, the minus strand by order."""

    query_key: str | None
    source: str
    qtitle: str | None
    qindex: int | None
    iteration: int | None
    qseqid: str | None
    sseqid: str | None
    pident: float | None
    length: int | None
    mismatch: int | None
    gapopen: int | None
    qstart: int | None
    qend: int | None
    sstart: int | None
    send: int | None
    evalue: float | None
    bitscore: float | None
    qlen: int | None
    slen: int | None
    staxids: str | None
    sscinames: str | None
    stitle: str | None
    nident: int | None
    positive: int | None
    gaps: int | None
    ppos: float | None
    qframe: int | None
    sframe: int | None
    sstrand: str | None
    score: float | None
    qcovs: float | None
    qcovus: float | None
    qcovhsp: float | None
    btop: str | None
    qseq: str | None
    sseq: str | None
    midline: str | None
    sallseqid: str | None
    deflines: list[Defline] | None
    extra: dict[str, Any] | None


class DrawnSubject(_Shape):
    """A subject of the query that is drawn; `hsps` have the values of `hsp_columns`, in file order."""

    subject: str | None
    title: str | None
    max_score: float | None
    total_score: float | None
    query_cover: float | None
    evalue: float | None
    min_evalue: float | None
    per_ident: float | None
    acc_len: int | None
    taxids: list[int] | None
    names: list[str] | None
    hsps_total: int
    hsps: list[list[float | None]]


class Graphic(Artifact):
    """What pictures of one query are drawn from; `subjects`, `hsps` and distributions are of all that pass.

    `rows` are the best subjects until they have 20,000 HSPs together, the last of them with its best HSPs;
    `shown_subjects` and `shown_hsps` count them. `extent` is the last position of the query that is drawn.
    """

    query: str | None
    query_key: str | None
    query_title: str | None
    query_length: int | None
    extent: int | None
    subjects: int
    hsps: int
    excluded_unknown: int
    evalue_distribution: list[Bin]
    evalue_unknown: int
    identity_distribution: list[Bin]
    identity_unknown: int
    hsp_columns: list[str]
    shown_subjects: int
    shown_hsps: int
    rows: list[DrawnSubject]


class Sequences(_Shape):
    """Whether the files carry aligned sequences, and if not, what to ask BLAST for."""

    present: bool
    reason: str | None


class Alignments(Table):
    columns_present: list[str]
    columns_missing: list[str]
    sequences: Sequences
    rows: list[AlignmentRow]


class TaxonNode(_Shape):
    """A taxon of NCBI's tree."""

    taxid: int
    name: str | None
    rank: str | None


class Branch(TaxonNode):
    """A taxon of the tree of a result; `hits`, at and below it, count a subject of k taxids k times.

    `pairs` count it with each query that found it.
    """

    organisms: int
    own_hits: int
    hits: int
    pairs: int
    hsps: int
    best_bits: float | None
    children: list[Branch]


class Tree(Branch):
    """The top of the tree; `left_out` organisms are not in it."""

    left_out: int


class TaxonRow(_Shape):
    """A taxid; `subjects` counts distinct sequences, one of several taxids for each of them.

    `current_taxid` is the taxid that stands for it now, another where it was merged, null where no table
    knows it. `lineage` goes from the root's children down; `distance` counts the taxa of the best organism's
    lineage that this one does not share.
    """

    taxid: int
    current_taxid: int | None
    name: str | None
    rank: str | None
    blast_name: str | None
    lineage: list[TaxonNode]
    distance: int | None
    subjects: int
    pairs: int
    hsps: int
    best_bits: float | None
    best_evalue: float | None


class Unassigned(_Shape):
    """The subjects without a taxid."""

    subjects: int
    pairs: int
    hsps: int
    best_bits: float | None
    best_evalue: float | None


class Taxonomy(Table):
    subjects: int
    subjects_with_several_taxids: int
    unassigned: Unassigned
    organism_source: str | None
    lineage_source: str | None
    tree: Tree | None
    common_ancestor: TaxonNode | None
    unresolved: Unassigned
    rows: list[TaxonRow]


ARTIFACTS: dict[ArtifactType, type[Artifact]] = {
    ArtifactType.MANIFEST: Manifest,
    ArtifactType.AGGREGATE: Aggregate,
    ArtifactType.QUERIES: Queries,
    ArtifactType.DESCRIPTIONS: Descriptions,
    ArtifactType.ALIGNMENTS: Alignments,
    ArtifactType.TAXONOMY: Taxonomy,
}
"""The model of each artifact."""
