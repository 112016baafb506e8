"""Several reports in one file, of one format or of several, whole or broken."""

from __future__ import annotations

import pytest

from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.reading.files import GOLDEN, case, read_whole

XML = case("same-search/outfmt5.xml")
JSON = case("same-search/outfmt15.json")
COMMENTED = case("same-search/outfmt7.tsv")
ROWS = case("same-search/outfmt6.tsv")
COMMAS = case("same-search/outfmt10.csv")


@pytest.mark.parametrize("behind", [XML, JSON, COMMENTED, ROWS, COMMAS], ids=["5", "15", "7", "6", "10"])
@pytest.mark.parametrize("broken", [XML, JSON], ids=["xml", "json"])
def test_a_report_behind_one_that_was_cut_is_read(broken: bytes, behind: bytes) -> None:
    cut = broken[: broken.index(b"112.193")]
    both = read_whole(cut + b"\n" + behind)
    first, second = read_whole(cut), read_whole(behind)
    assert both.hits.height == first.hits.height + second.hits.height
    assert both.hits[-59:]["sseqid"].to_list() == second.hits["sseqid"].to_list()
    assert both.report.state is FileState.TRUNCATED
    assert both.report.break_offset is not None
    assert both.report.break_offset <= len(cut) + 1


def test_reports_of_two_programs_are_each_read_by_what_they_say_of_themselves() -> None:
    for number in (5, 15, 16):
        parts = [(GOLDEN / f"{program}.outfmt{number}").read_bytes() for program in ("tblastx", "blastn")]
        both = read_whole(b"".join(parts))
        one, two = map(read_whole, parts)
        for name in ("qstart", "qend", "qframe", "sframe", "sstrand"):
            assert both.hits[name].to_list() == one.hits[name].to_list() + two.hits[name].to_list()


def test_lines_of_the_program_before_a_report_are_passed_over() -> None:
    said = b"Warning: [blastn] Examining 5 or more matches is recommended\n"
    for data in (XML, JSON):
        whole = read_whole(said + data)
        assert whole.rows == read_whole(data).rows
        assert (whole.report.state, "stray_text" in whole.codes) == (FileState.READ, True)
        lost = read_whole(b"results that nobody can read\n" * 20 + data)
        assert (lost.hits.height, lost.report.reason) == (59, "trailing_data")


def test_text_that_is_no_report_behind_one_is_said() -> None:
    for data in (XML, JSON):
        report = read_whole(data + b"results that nobody can read\n" * 20).report
        assert (report.state, report.reason, report.rows) == (FileState.TRUNCATED, "trailing_data", 59)


def test_rejected_rows_have_their_lines_in_the_whole_file() -> None:
    data = XML + ROWS + b"q9\tshort\n"
    report = read_whole(data).report
    assert report.rejected_lines == [data.count(b"\n")]
    assert report.break_offset == len(XML + ROWS)


def test_rows_without_comments_around_a_table_with_them_are_kept_and_prove_no_end() -> None:
    for rows in (ROWS, COMMAS):
        for data in (rows + COMMENTED, COMMENTED + rows):
            whole = read_whole(data)
            assert (whole.hits.height, whole.report.rejected) == (118, 0)
            assert (whole.report.state, whole.report.end_proof) == (FileState.READ, EndProof.NONE)
            assert [query.index for query in whole.queries] == list(range(len(whole.queries)))
            assert sum(query.status is QueryStatus.HITS for query in whole.queries) == 8


def test_rows_of_default_columns_behind_rows_of_others_are_read_as_such() -> None:
    other = b"1e-50\tq7\ts7\n1e-40\tq7\ts8\n"
    whole = read_whole(other + ROWS, "6 evalue qseqid sseqid")
    assert whole.hits["sseqid"][:2].to_list() == ["s7", "s8"]
    assert whole.hits["pident"][:2].to_list() == [None, None]
    assert whole.hits["pident"][2:].to_list() == read_whole(ROWS).hits["pident"].to_list()
    assert whole.report.rejected == 0


def test_a_lone_row_that_fits_other_columns_has_rather_lost_cells() -> None:
    columns = "6 std staxids"
    rows = [line + b"\t9606" for line in ROWS.splitlines()[:4]]
    rows[2] = rows[2].removesuffix(b"\t9606")
    report = read_whole(b"\n".join(rows) + b"\n", columns).report
    assert (report.rows, report.rejected_lines) == (3, [3])
