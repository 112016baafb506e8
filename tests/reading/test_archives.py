"""Archives (outfmt 11): what BLAST+ makes of one is what is read of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading import asn1_report
from blast_artifacts.reading.asn1_ids import ordinal_name
from blast_artifacts.terms import FileState, QueryStatus
from tests.data.archives import COLUMNS, EVERY_FORMAT, TABLE_ONLY, make_sequences, run
from tests.reading.files import ARCHIVES, Whole, archive, case, read_whole
from tests.reading.test_golden import same_cell

SEARCHES = [*EVERY_FORMAT, *TABLE_ONLY]
LACKING = {"slen", "stitle", "staxids", "qseq", "sseq"}
"""What an archive has not, unless the subjects were given as `-subject`."""

CASE = case("same-search/outfmt11.asn")
COLUMNS_SURE = (
    "qseqid", "sseqid", "length", "mismatch", "gapopen", "qstart", "qend", "sstart", "send", "nident", "gaps",
    "qframe", "score", "qlen",
)  # fmt: skip
OWNED = ["qseqid", "sseqid", "qstart", "qend", "sstart", "send", "evalue", "bitscore", "nident", "gapopen"]


def printed(name: str, number: str = "6", program: str | None = None) -> Whole:
    outfmt = f"{number} {COLUMNS}" if number in ("6", "10") else None
    return read_whole(ARCHIVES / f"{name}.outfmt{number}.gz", outfmt, iteration="all", program=program)


def compare(table: pl.DataFrame, of_archive: pl.DataFrame, lacking: set[str]) -> None:
    """Every cell that an archive can tell is that of the table."""
    assert table.height == of_archive.height
    for name in set(table.columns) - {"qindex", "iteration", "deflines", "midline"}:
        if name in lacking or (table[name].null_count() == table.height and name != "stitle"):
            assert name in ("stitle", "slen", "positive", "ppos") or not of_archive[name].count(), name
            continue
        for cell, exact in zip(table[name], of_archive[name], strict=True):
            assert same_cell(name, cell, exact), (name, cell, exact)


def lacks(name: str, found: Whole) -> set[str]:
    lacking = {"staxids", "stitle"} if name.endswith("-subject") else set(LACKING)
    if "positives_adjusted" in found.codes:
        lacking |= {"positive", "ppos"}
    return lacking


@pytest.mark.parametrize("name", sorted(set(SEARCHES) - {"blastn-numbered", "no-hits"}))
def test_an_archive_gives_the_hits_that_blast_printed_in_a_table(name: str) -> None:
    found = read_whole(archive(name), iteration="all")
    table = printed(name, program=name)
    frames = found.hits["sframe"].is_not_null()
    lacking = lacks(name, found)
    if name in ("tblastn", "tblastx"):
        # The frame on the minus strand needs the subject's length.
        assert found.hits.filter(~frames)["sstart"].gt(found.hits.filter(~frames)["send"]).all()
        compare(table.hits.filter(frames), found.hits.filter(frames), lacking)
        lacking.add("sframe")
    compare(table.hits, found.hits.with_columns(sframe=None) if "sframe" in lacking else found.hits, lacking)
    assert found.report.state is FileState.READ
    assert not found.report.rejected


@pytest.mark.parametrize("number", ["5", "7", "10", "15", "16"])
@pytest.mark.parametrize("name", sorted(EVERY_FORMAT))
def test_every_format_of_a_search_gives_the_hits_of_its_archive(name: str, number: str) -> None:
    found, other = read_whole(archive(name)), printed(name, number)
    told = [column for column in COLUMNS_SURE if column in other.report.columns]
    assert len(told) > 10
    assert found.hits.select(told).equals(other.hits.select(told))
    for column in ("evalue", "bitscore", "pident"):
        pairs = zip(other.hits[column], found.hits[column], strict=True)
        assert all(same_cell(column, cell, exact) for cell, exact in pairs)
    if number != "10":
        ours, theirs = (
            [(q.index, q.id, q.title, q.length, q.status) for q in w.queries] for w in (found, other)
        )
        assert [row[:2] for row in ours] == [row[:2] for row in theirs]
        assert [row[4] for row in ours] == [row[4] for row in theirs]
    if number in ("15", "16"):
        assert ours == theirs


def test_the_search_is_told_as_in_a_report() -> None:
    found, other = read_whole(archive("blastp")).report.search, printed("blastp", "15").report.search
    assert (found.program, found.version) == (other.program, other.version)
    assert found.database == other.database == "prot"
    assert found.parameters["evalue"] == 1.0
    assert found.parameters["max_target_seqs"] == 500


def test_queries_without_hits_are_listed_with_their_titles() -> None:
    found = read_whole(archive("blastn"))
    assert [(q.id, q.title, q.status) for q in found.queries] == [
        ("n1", 'n1 plus "strand"', QueryStatus.HITS),
        ("n2", "n2 none", QueryStatus.NO_HITS),
        ("n3", "n3 minus", QueryStatus.HITS),
    ]
    assert [q.status for q in read_whole(archive("no-hits")).queries] == [QueryStatus.NO_HITS]


def test_one_archive_a_chunk_of_queries_reads_as_one_file() -> None:
    chunks = archive("chunks")
    assert chunks.count(b"Blast4-archive ::=") > 1
    assert [(q.index, q.id) for q in read_whole(chunks).queries] == [(0, "n1"), (1, "n2"), (2, "n3")]


def test_what_an_archive_lacks_is_null_and_said() -> None:
    found = read_whole(archive("blastp"))
    assert found.hits.select(LACKING).null_count().row(0) == (found.hits.height,) * len(LACKING)
    assert LACKING.isdisjoint(found.report.columns)
    assert {"archive_lacks_subjects", "positives_adjusted", "end_not_provable"} == found.codes


def test_subjects_that_were_given_have_titles_lengths_and_sequences() -> None:
    found = read_whole(archive("blastn-subject"))
    assert found.hits.select("sseqid", "stitle", "slen").row(0) == ("nuc0", "gene 0", 599)
    assert {"slen", "stitle", "qseq", "sseq"} <= set(found.report.columns)
    assert "archive_lacks_subjects" not in found.codes


def test_subjects_of_an_unparsed_database_are_called_by_their_number_in_it() -> None:
    found, table = read_whole(archive("blastn-numbered")), printed("blastn-numbered")
    assert set(found.hits["sseqid"]) == {f"plain:{number}" for number in range(5)}
    assert "subjects_by_number" in found.codes
    assert found.hits.select("qstart", "send").equals(table.hits.select("qstart", "send"))


def test_the_databases_of_a_number_are_named_without_their_folders() -> None:
    assert ordinal_name("gnl|BL_ORD_ID|3", "dbs/shard_01 dbs/shard_02") == "shard_01 shard_02:3"


def test_rounds_of_psiblast_are_told_apart_and_the_last_is_read() -> None:
    every, last = read_whole(archive("psiblast"), iteration="all"), read_whole(archive("psiblast"))
    table = printed("psiblast", program="psiblast")
    assert every.hits["iteration"].to_list() == table.hits["iteration"].to_list()
    assert set(last.hits["iteration"]) == {2}
    assert every.report.search.program == "psiblast"


def test_an_archive_of_a_failed_search_says_why() -> None:
    report = read_whole(archive("failed")).report
    assert (report.state, report.reason) == (FileState.TRUNCATED, "search_failed")
    said = [notice.text for notice in report.notices if notice.code == "blast_message"]
    assert said == ["BLAST said: BLAST query error: Could not construct seq-id from 'gnl|MYDB|q2|x'"]


def test_another_layout_is_read_by_the_exact_road() -> None:
    squeezed = b" ".join(archive("blastx").split())
    crlf = archive("tblastx").replace(b"\n", b"\r\n")
    assert read_whole(squeezed).rows == read_whole(archive("blastx")).rows
    assert read_whole(crlf).rows == read_whole(archive("tblastx")).rows


@pytest.mark.parametrize("step", range(1, 8))
def test_a_border_of_blocks_behind_a_sequence_gives_no_letter_twice(step: int) -> None:
    data = CASE * 2
    report = read_whole(data, step=step).report
    assert (report.state, report.rows) == (FileState.READ, 118)


@pytest.mark.parametrize("name", ["blastn", "blastx", "tblastx", "blastp-ungapped", "blastn-subject"])
def test_the_fast_road_takes_only_what_the_exact_one_takes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = read_whole(archive(name))
    monkeypatch.setattr(asn1_report, "PLAIN", {"alignments": (), "diagonals": ()})
    exact = read_whole(archive(name))
    assert exact.rows == fast.rows
    assert exact.report == fast.report
    assert exact.queries == fast.queries


def test_hits_come_in_bounded_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_whole(CASE)
    monkeypatch.setattr(asn1_report, "BATCH_ROWS", 5)
    assert read_whole(CASE, step=3000).rows == whole.rows


# -- damage ------------------------------------------------------------------------------------------------


@given(st.sampled_from([name for name in SEARCHES if name != "psiblast"]), st.integers(1, 60_000))
@settings(max_examples=40, deadline=None)
def test_the_size_of_blocks_does_not_show(name: str, step: int) -> None:
    whole, other = read_whole(archive(name)), read_whole(archive(name), step=step)
    assert (other.rows, other.queries, other.report) == (whole.rows, whole.queries, whole.report)


# -- the oracle --------------------------------------------------------------------------------------------


def formatted(work: Path, archived: bytes) -> Whole:
    """The table that blast_formatter makes of an archive, in a folder with the databases."""
    (work / "a.asn").write_bytes(archived)
    line = ["blast_formatter", "-archive", "a.asn", "-outfmt", f"6 {COLUMNS}"]
    table = subprocess.run(line, cwd=work, capture_output=True, check=True).stdout
    return read_whole(table, f"6 {COLUMNS}")


installed = pytest.mark.skipif(shutil.which("blast_formatter") is None, reason="BLAST+ is not installed")


@installed
def test_blast_formatter_prints_the_table_that_is_read_of_an_archive(tmp_path: Path) -> None:
    """`-subject` archives hold all that the formatter needs."""
    for name in ("blastn-subject", "blastp-subject", "tblastn-subject", "tblastx-subject"):
        found = read_whole(archive(name))
        compare(formatted(tmp_path, archive(name)).hits, found.hits, lacks(name, found))


@installed
def test_blast_formatter_with_the_database_prints_what_is_read_without_it(tmp_path: Path) -> None:
    make_sequences(tmp_path)
    for name, kind in (("prot", "prot"), ("nuc", "nucl")):
        run(tmp_path, f"makeblastdb -in {name}.fa -dbtype {kind} -parse_seqids -out {name}")
    for name in ("blastn", "blastp", "blastx", "blastn-ungapped", "chunks"):
        found = read_whole(archive(name))
        compare(formatted(tmp_path, archive(name)).hits, found.hits, lacks(name, found))


@installed
def test_several_databases_in_one_search_are_one_list_of_subjects(tmp_path: Path) -> None:
    make_sequences(tmp_path)
    run(tmp_path, "makeblastdb -in nuc.fa -dbtype nucl -out plain")
    run(tmp_path, "makeblastdb -in n.fa -dbtype nucl -out other")
    line = ["blastn", "-query", "n.fa", "-db", "plain other", "-outfmt", "11"]
    searched = subprocess.run(line, cwd=tmp_path, capture_output=True, check=True).stdout
    found, table = read_whole(searched), formatted(tmp_path, searched)
    assert found.hits.select(OWNED[2:6]).equals(table.hits.select(OWNED[2:6]))
    pairs = set(zip(found.hits["sseqid"], table.hits["sseqid"], strict=True))
    assert {name.rpartition(":")[0] for name, _ in pairs} == {"plain other"}
    assert len({name for name, _ in pairs}) == len({name for _, name in pairs}) == len(pairs)


@installed
def test_queries_that_share_an_id_keep_their_hits_apart(tmp_path: Path) -> None:
    make_sequences(tmp_path)
    plus, none, minus = (tmp_path / "n.fa").read_text().split(">")[1:]
    one, other = (text.partition("\n")[2] for text in (plus, minus))
    named = f">q1\n{one}>q1\n{one}>q2\n{other}>q1\n{one[:400]}\n>q3 {none}"
    (tmp_path / "again.fa").write_text(named)
    line = ["blastn", "-query", "again.fa", "-subject", "nuc.fa", "-evalue", "1e-9", "-parse_deflines"]
    found, table = (
        read_whole(
            subprocess.run([*line, "-outfmt", number], cwd=tmp_path, capture_output=True, check=True).stdout
        )
        for number in ("11", "7")
    )
    assert found.report.state is FileState.READ
    assert "duplicate_query_ids" in found.codes
    assert [(q.id, q.status) for q in found.queries] == [(q.id, q.status) for q in table.queries]
    owned = ["qindex", "qstart", "qend", "sstart", "send", "gapopen"]
    assert found.hits.select(owned).equals(table.hits.select(owned))


@installed
@pytest.mark.parametrize(("program", "kind", "nothing"), [("blastn", "nuc", "N"), ("blastp", "prot", "X")])
def test_queries_without_a_known_letter_were_not_searched(
    program: str, kind: str, nothing: str, tmp_path: Path
) -> None:
    make_sequences(tmp_path)
    known = (tmp_path / f"{kind}.fa").read_text()
    (tmp_path / "q.fa").write_text(f">empty\n\n>unknown\n{nothing * 77}\n{known}")
    line = [program, "-query", "q.fa", "-subject", f"{kind}.fa"]
    found, report = (
        read_whole(
            subprocess.run([*line, "-outfmt", number], cwd=tmp_path, capture_output=True, check=True).stdout
        )
        for number in ("11", "15")
    )
    statuses = [query.status for query in found.queries]
    assert statuses[:3] == [QueryStatus.NOT_SEARCHED, QueryStatus.NOT_SEARCHED, QueryStatus.HITS]
    assert statuses == [query.status for query in report.queries]
    assert all(query.message for query in found.queries[:2])
    assert "queries_not_searched" in found.codes
