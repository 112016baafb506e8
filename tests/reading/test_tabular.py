from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading import lines
from blast_artifacts.reading.cells import Shape, read_rows, split_row, table_of
from blast_artifacts.reading.outfmt import STD
from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.reading.files import CASES, Whole, case, read_whole

FIELDS = (
    "# Fields: query acc.ver, subject acc.ver, % identity, alignment length, mismatches, gap opens, "
    "q. start, q. end, s. start, s. end, evalue, bit score\n"
)


def row(
    query: str = "q1", subject: str = "s1", evalue: str = "1e-50", bits: str = "180", start: int = 1
) -> str:
    return f"{query}\t{subject}\t99.000\t100\t1\t0\t{start}\t{start + 99}\t1\t100\t{evalue}\t{bits}\n"


def block(query: str, rows: list[str], found: int | None = None) -> str:
    count = len(rows) if found is None else found
    fields = FIELDS if rows else ""
    return (
        f"# BLASTN 2.12.0+\n# Query: {query}\n# Database: db\n{fields}# {count} hits found\n{''.join(rows)}"
    )


def text(*parts: str) -> Whole:
    return read_whole("".join(parts).encode())


def trailer(count: int) -> str:
    return f"# BLAST processed {count} queries\n"


# -- outfmt 7 ----------------------------------------------------------------------------------------------


def test_the_trailer_proves_the_end() -> None:
    whole = text(block("q1", [row()]), trailer(1))
    assert (whole.report.state, whole.report.end_proof) == (FileState.READ, EndProof.PROVED)
    assert text(block("q1", [row()])).report.reason == "end_missing"


def test_missing_rows_of_a_query_are_seen() -> None:
    whole = text(block("q1", [row()], found=2), block("q2", [row("q2")]), trailer(2))
    assert whole.report.reason == "hits_missing"
    assert [q.status for q in whole.queries] == [QueryStatus.PARTIAL, QueryStatus.HITS]


def test_columns_that_were_named_for_no_row_are_not_a_query_without_hits() -> None:
    lost = block("q1", [row()]).replace("# 1 hits found\n" + row(), "")
    whole = text(lost, block("q2", [row("q2")]), trailer(2))
    assert (whole.report.state, whole.report.reason) == (FileState.TRUNCATED, "comments_missing")
    assert [q.status for q in whole.queries] == [QueryStatus.UNREAD, QueryStatus.HITS]


def test_missing_queries_are_seen() -> None:
    whole = text(block("q1", [row()]), trailer(2))
    assert (whole.report.state, whole.report.reason) == (FileState.TRUNCATED, "query_count_differs")


def test_queries_without_hits_are_listed_with_their_titles() -> None:
    whole = text(block("q1 first", []), block("q2 second", [row("q2")]), trailer(2))
    assert [(q.id, q.title, q.status) for q in whole.queries] == [
        ("q1", "q1 first", QueryStatus.NO_HITS),
        ("q2", "q2 second", QueryStatus.HITS),
    ]


def test_old_files_lack_hits_found_and_the_trailer() -> None:
    old = "# BLASTN 2.2.17 [Aug-26-2007]\n# Query: q1\n# Database: db\n"
    fields = (
        "# Fields: Query id, Subject id, % identity, alignment length, mismatches, gap openings, q. start, "
    )
    whole = text(
        old, fields, "q. end, s. start, s. end, e-value, bit score\n", row(), old.replace("q1", "q2")
    )
    assert whole.report.state is FileState.READ
    assert [q.status for q in whole.queries] == [QueryStatus.HITS, QueryStatus.NO_HITS]
    assert whole.hits["evalue"].to_list() == [1e-50]
    assert "end_not_provable" in whole.codes
    joined = text(
        old, fields, "q. end, s. start, s. end, e-value, bit score\n", row(), block("q1", [row()]), trailer(1)
    )
    assert [(q.index, q.status) for q in joined.queries] == [(0, QueryStatus.HITS), (1, QueryStatus.HITS)]


def test_a_row_may_look_like_a_comment() -> None:
    spec = "# Fields: subject title, evalue\n"
    body = (
        "# BLASTN 2.12.0+\n# Query: q\n# Database: d\n"
        + spec
        + "# 2 hits found\n# 0 hits found\t1e-5\n#x\t2e-5\n"
    )
    whole = text(body, trailer(1))
    assert whole.hits["stitle"].to_list() == ["# 0 hits found", "#x"]
    assert whole.report.state is FileState.READ


def test_a_row_of_one_column_may_look_like_a_comment() -> None:
    whole = text(
        "# BLASTN 2.12.0+\n# Query: q\n# Database: d\n# Fields: subject title\n# 1 hits found\n# Query: x\n",
        trailer(1),
    )
    assert whole.hits["stitle"].to_list() == ["# Query: x"]


def test_a_query_id_may_begin_with_a_hash() -> None:
    whole = text(row("#q"), row("q2"))
    assert whole.hits["qseqid"].to_list() == ["#q", "q2"]


def test_unknown_comments_are_ignored_and_said() -> None:
    whole = text(
        "# RID: ABCD1234\n", block("q1", [row()]), "# Total hits: 5003 (from 10 shards)\n", trailer(1)
    )
    assert (whole.hits.height, whole.report.state) == (1, FileState.READ)
    assert "unknown_comments" in whole.codes


def test_an_unnamed_query_gets_a_name_from_its_place() -> None:
    whole = text(block("q1", [row()]), block("", [row("Query_2")]), trailer(2))
    assert whole.hits["qseqid"].to_list() == ["q1", "(unnamed query 2)"]
    assert whole.queries[1].id == "(unnamed query 2)"


def test_the_table_of_ncbis_page_has_no_trailer() -> None:
    web = block("q1 its title", [row()]).replace("# BLASTN 2.12.0+", "# blastn\n# Iteration: 0")
    whole = text(web.replace("# Database", "# RID: 7ABCD016\n# Database"))
    assert (whole.report.state, whole.report.end_proof) == (FileState.READ, EndProof.NONE)
    assert whole.report.search.program == "blastn"
    assert "unknown_comments" not in whole.codes
    assert text(web.replace("# 1 hits", "# 2 hits")).report.reason == "hits_missing"


@pytest.mark.parametrize("rows", [block("q1", [row()]) + trailer(1), row(), row().replace("\t", ",")])
def test_warnings_that_blast_printed_among_the_rows_are_no_rows(rows: str) -> None:
    line = "Warning: [blastn] Examining 5 or more matches is recommended\n"
    whole = text(line, rows)
    assert (whole.hits.height, whole.report.rejected, whole.report.state) == (1, 0, FileState.READ)
    assert "stray_text" in whole.codes
    assert text("Error: memory\n", rows).report.rejected_lines == [1]


def test_columns_of_one_query_do_not_hold_for_the_next() -> None:
    other = block("q2", ["s9\t1e-9\n"]).replace(FIELDS, "# Fields: subject id, evalue\n")
    whole = text(block("q1", [row()]), other, trailer(2))
    assert whole.hits["sseqid"].to_list() == ["s1", "s9"]
    assert whole.hits["qseqid"].to_list() == ["q1", "q2"]


def test_unknown_labels_are_kept_as_extra_columns() -> None:
    whole = text(
        block("q1", [row()[:-1] + "\tsurprise\n"]).replace("bit score", "bit score, new thing"), trailer(1)
    )
    assert whole.hits["extra"].to_list() == ['{"new thing":"surprise"}']
    assert "unknown_columns" in whole.codes


def test_all_twenty_columns_are_named() -> None:
    whole = read_whole(CASES / "columns/twenty-columns.outfmt7.tsv")
    first = whole.hits.row(0, named=True)
    assert (first["staxids"], first["sscinames"], first["qcovs"], first["sstrand"]) == (
        "9606",
        None,
        100.0,
        "plus",
    )
    assert first["stitle"] == 'Alpha beta, complete genome #1 <tag> & "quoted"'
    assert whole.report.columns[-1] == "extra"


def test_crlf_and_byte_order_mark_do_not_show() -> None:
    plain = read_whole(CASES / "same-search/outfmt7.tsv")
    for name in ("encoding/crlf.outfmt7.tsv", "encoding/bom.outfmt7.tsv"):
        other = read_whole(CASES / name)
        assert other.rows == plain.rows
        assert other.queries == plain.queries


def test_latin1_in_a_query_line_is_read_and_said() -> None:
    whole = read_whole(CASES / "encoding/latin1.outfmt7.tsv")
    assert whole.queries[0].title == "q_lat Schäffer"
    assert "encoding_latin1" in whole.codes


# -- outfmt 6, 10 and 20 -----------------------------------------------------------------------------------


def test_a_last_line_without_its_end_is_rejected() -> None:
    whole = text(row(), row("q1", "s2").rstrip("\n"))
    assert (whole.report.state, whole.report.rejected, whole.report.rejected_lines) == (
        FileState.TRUNCATED,
        1,
        [2],
    )
    assert whole.report.break_offset == len(row())
    assert whole.queries[0].status is QueryStatus.PARTIAL


def test_rows_that_cannot_be_are_rejected_with_their_lines() -> None:
    whole = text(row(), "q1\ts2\tabc\n", row("q1", "s3"), row("q1", "s4").replace("99.000", "nan"), row("q2"))
    assert whole.report.rejected_lines == [2, 4]
    assert whole.report.break_offset == len(row())
    assert whole.hits["sseqid"].to_list() == ["s1", "s3", "s1"]


def test_commas_in_a_title_stay_in_it() -> None:
    whole = read_whole(
        CASES / "columns/commas-in-title.outfmt10.csv", "10 qseqid sseqid staxid staxids stitle evalue"
    )
    assert whole.hits["stitle"][0] == 'Alpha beta, complete genome #1 <tag> & "quoted"'
    assert whole.hits["evalue"].null_count() == 0


def test_commas_in_an_id_stay_in_it_where_it_is_the_only_text() -> None:
    whole = read_whole(b"1e-5,s,1\n2e-5,s2\n", "10 evalue sseqid")
    assert whole.hits["sseqid"].to_list() == ["s,1", "s2"]
    assert read_whole(b"1e-5\ts\t1\n2e-5\ts2\n", "6 evalue sseqid").report.rejected == 1


def test_two_free_texts_side_by_side_are_left_out_where_they_run_together() -> None:
    whole = read_whole(
        b"q1,s1,Homo sapiens,a title\nq1,s2,Homo sapiens,a title, with more\n",
        "10 qseqid sseqid sscinames stitle",
    )
    assert whole.hits["stitle"].to_list() == ["a title", None]
    assert whole.hits["sscinames"].to_list() == ["Homo sapiens", None]
    assert "ambiguous_text" in whole.codes


def test_too_many_cells_without_free_text_are_rejected() -> None:
    assert text(row(), row("q1,with\ttab")).report.rejected == 1


def test_a_delimiter_of_several_characters() -> None:
    whole = read_whole(b"q1@@s1@@1e-5\nq1@@s@2@@2e-5\n", "6 delim=@@ qseqid sseqid evalue")
    assert whole.hits["sseqid"].to_list() == ["s1", "s@2"]


def test_padded_and_large_scores() -> None:
    assert text(row(bits=" 111 ")).hits["bitscore"].to_list() == [111.0]
    assert read_whole(CASES / "columns/large-scores.outfmt6.tsv").hits["bitscore"].to_list() == [110800.0]


def test_e_values_are_numbers() -> None:
    printed = ["0.0", "0", "2.37e-27", "1e-180", "0.22", "12", "0.0e+00"]
    whole = text(*(row("q1", f"s{n}", evalue) for n, evalue in enumerate(printed)))
    assert whole.hits["evalue"].to_list() == [0.0, 0.0, 2.37e-27, 1e-180, 0.22, 12.0, 0.0]


def test_the_id_is_taken_off_the_title_of_an_unparsed_database() -> None:
    whole = read_whole(CASES / "columns/no-parse-seqids.outfmt6.tsv", "6 sseqid sacc stitle")
    assert whole.hits["stitle"][0] == 'Alpha beta, complete genome #1 <tag> & "quoted"'
    assert whole.hits["qindex"].null_count() == 59
    assert not whole.queries


def test_identity_is_exact_where_its_terms_are_there() -> None:
    whole = read_whole(b"q1\ts1\t66.667\t3\t2\n", "6 qseqid sseqid pident length nident")
    assert whole.hits["pident"].to_list() == [pytest.approx(200 / 3, abs=1e-12)]


def test_the_header_row_may_come_again_where_files_were_joined() -> None:
    one = b"qseqid,sseqid,pident\nq1,s1,99.1\n"
    whole = read_whole(one + one.replace(b"q1", b"q2"))
    assert (whole.hits.height, whole.report.rejected, len(whole.queries)) == (2, 0, 2)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("qseqid,sseqid,stitle", ","),
        ("query acc.ver,subject acc.ver,subject title", ","),
        ("qseqid;sseqid;stitle", ";"),
        ("qseqid@sseqid@stitle", "@"),
    ],
)
def test_a_header_row_of_names_or_labels_is_no_row_of_text(header: str, delimiter: str) -> None:
    rows = delimiter.join(("q1", "s1", "a title")) + "\n"
    asked = "20 delim=@ qseqid sseqid stitle" if delimiter == "@" else None
    whole = read_whole((f"{header}\n{rows}" * 2).encode(), asked)
    assert whole.hits.select("qseqid", "sseqid", "stitle").rows() == [("q1", "s1", "a title")] * 2
    assert whole.report.state is FileState.READ


def test_a_table_with_names_by_another_tool() -> None:
    whole = read_whole(b"qseqid\tsseqid\tapprox_pident\tevalue\nq1\ts1\t70.5\t1e-9\n")
    assert whole.hits["extra"].to_list() == ['{"approx_pident":"70.5"}']


# -- where queries end -------------------------------------------------------------------------------------


def test_a_subject_that_comes_back_begins_another_query_of_that_name() -> None:
    rows = [row("q1", "s1", "1e-50", "180"), row("q1", "s2", "1e-9", "60")]
    whole = text(*rows, *rows)
    assert whole.hits["qindex"].to_list() == [0, 0, 1, 1]
    assert "duplicate_query_ids" in whole.codes


def test_the_second_list_may_begin_with_a_new_subject() -> None:
    rows = [row("q1", "s1", "1e-50", "180"), row("q1", "s2", "1e-9", "60"), row("q1", "s0", "1e-80", "280")]
    whole = text(*rows, row("q1", "s1", "1e-60", "220"))
    assert whole.hits["qindex"].to_list() == [0, 0, 1, 1]


def test_an_id_that_comes_back_later_is_another_query() -> None:
    whole = text(row("q1"), row("q2"), row("q1"))
    assert [q.index for q in whole.queries] == [0, 1, 2]
    assert "duplicate_query_ids" in whole.codes


def test_rows_sorted_by_e_value_are_one_query() -> None:
    whole = text(row(evalue="1e-50"), row(subject="s2", evalue="1e-40"), row(evalue="1e-30", start=200))
    assert whole.hits["qindex"].to_list() == [0, 0, 0]
    assert "subjects_not_grouped" in whole.codes


def test_psiblast_rounds_are_told_by_convergence_or_by_the_program() -> None:
    rounds = case("psiblast/outfmt6.tsv")
    assert read_whole(rounds).hits["iteration"].unique().to_list() == [2]
    unmarked = rounds.split(b"\n\n")[0] + b"\n"
    assert read_whole(unmarked, program="psiblast").hits.height == 10
    assert len(read_whole(unmarked).queries) == 2


# -- the fast road against the exact one -------------------------------------------------------------------

LINES = st.lists(
    st.one_of(
        st.builds(
            row,
            st.sampled_from(["q1", "q2", "#q", "# Query: q"]),
            st.sampled_from(["s1", "s2", "gnl|CDD|9", "ü"]),
            st.sampled_from(["0.0", "1e-9", " 1e-9", "nan", "1e400", "-", ""]),
            st.sampled_from(["60", " 60", "60 ", "+60", "1_0"]),
        ),
        st.sampled_from(["\n", "x\n", row() + row()[:-1] + "\r\n", "a\tb\n", row()[:-1] + "\textra\n"]),
    ),
    max_size=8,
)


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_the_fast_road_takes_only_what_the_exact_one_takes(lines: list[str]) -> None:
    shape = Shape(STD, b"\t")
    data = "".join(lines).encode()
    table = read_rows(data, data.count(b"\n"), shape)
    if table is None or not data:
        return
    rows = [split_row(line.rstrip(b"\r"), shape) for line in data.split(b"\n")[:-1]]
    assert all(rows)
    assert table.equals(table_of([item for item in rows if item], shape))


@given(st.integers(60, 3000))
@settings(max_examples=25, deadline=None)
def test_the_size_of_regions_does_not_show(size: int) -> None:
    for name in ("same-search/outfmt6.tsv", "same-search/outfmt7.tsv"):
        whole = read_whole(CASES / name)
        with patch.object(lines, "REGION", size):
            parts = read_whole(CASES / name)
        assert parts.rows == whole.rows
        assert parts.queries == whole.queries
        assert parts.report == whole.report


def test_columns_of_any_name_are_kept_apart_from_those_of_the_hit_table() -> None:
    labels = "# Fields: query id, extra, qindex, extra, , evalue\n"
    whole = text(block("q1", ["q1\ta\tb\tc\td\t1e-9\n"]).replace(FIELDS, labels), trailer(1))
    assert whole.hits["evalue"].to_list() == [1e-9]
    assert whole.hits["qindex"].to_list() == [0]
    assert whole.hits["extra"].to_list() == [
        '{"extra\'":"a","qindex\'":"b","extra\'\'":"c","(nameless)":"d"}'
    ]
    strange = text(block("q1", ["a\n"]).replace(FIELDS, "# Fields: iteration\n"), trailer(1))
    assert strange.hits["extra"].to_list() == ['{"iteration\'":"a"}']


def test_a_line_that_only_looks_like_an_iteration_does_no_harm() -> None:
    assert text("# Iteration: 1x\n", block("q1", [row()]), trailer(1)).hits.height == 1
