"""What a line of a table means does not depend on the lines beside it."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest

from blast_artifacts.reading import lines
from tests.reading.files import case, read_whole
from tests.reading.test_tabular import row


@pytest.mark.parametrize(
    ("outfmt", "line"),
    [
        ("6", "\t" * 11),
        ("6 qseqid sseqid length", " \t \t "),
        ("6 qseqid sseqid", "\t"),
        ("6 length qseqid", " \t"),
        ("6 qseqid", "  "),
        ("6 qseqid", "Search has CONVERGED!"),
        ("6 qseqid", "Warning: [blastn] Query is Empty!"),
        ("10 qseqid sseqid", "Warning: [blastn] Query is Empty, or nearly"),
        ("10 qseqid sseqid length", "Warning: [blastn] Query is Empty,,"),
    ],
)
def test_what_is_no_row_is_none_whatever_stands_beside_it(outfmt: str, line: str) -> None:
    cells = {"qseqid": "q1", "sseqid": "s1", "length": "60"}
    between = "," if outfmt.startswith("10") else "\t"
    names = [name for name in outfmt.split()[1:] if name in cells]
    plain = between.join(cells[name] for name in names) + "\n" if names else row()
    whole = read_whole(f"{plain}{line}\n{plain}".encode(), outfmt=outfmt)
    assert (whole.hits.height, whole.report.rejected) == (2, 0)
    assert ("stray_text" in whole.codes) == line.startswith("Warning")


def test_rows_that_were_joined_to_others_mean_the_same_wherever_a_region_ends() -> None:
    std = case("same-search/outfmt6.tsv")
    titled = b"".join(b"\t".join(line.split(b"\t")[:2]) + b"\ta title\n" for line in std.splitlines()[:5])
    odd = std.splitlines(keepends=True)[0].replace(b"\t", b"\t-", 4)
    count = std.count(b"\n")
    read = []
    for size in (100, 1000, 3000, 1 << 24):
        with patch.object(lines, "REGION", size):
            read.append(read_whole(titled + std * 2 + odd + std, outfmt="6 qseqid sseqid stitle", step=100))
    for whole in read:
        assert whole.hits["evalue"].is_not_null().sum() == 3 * count
        assert whole.hits["stitle"].drop_nulls().to_list()[:-1] == ["a title"] * 5
        assert whole.rows == read[0].rows
        assert whole.report == read[0].report


def test_a_title_with_tabs_stays_one_where_the_row_is_no_other() -> None:
    data = b"q1\ts1\ta title\nq1\ts2\tone\tof\ttabs\nq1\ts3\ta title\n"
    whole = read_whole(data, outfmt="6 qseqid sseqid stitle")
    assert whole.hits["stitle"].to_list() == ["a title", "one of tabs", "a title"]


@pytest.mark.parametrize("number", [b"1e999", b"-1e400", b"9" * 400])
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("same-search/outfmt5.xml", rb"(?<=<Hsp_evalue>)[^<]*"),
        ("same-search/outfmt16.xml", rb"(?<=<bit-score>)[^<]*"),
        ("same-search/outfmt15.json", rb"(?<=\"score\": )[^,]*"),
        ("same-search/outfmt6.tsv", rb"[^\t]*(?=\t[^\t]*\n)"),
        ("same-search/outfmt7.tsv", rb"(?<=\t)[^\t]*(?=\n)"),
        ("same-search/outfmt10.csv", rb"[^,]*(?=,[^,]*\n)"),
    ],
)
def test_a_number_too_large_is_unknown_and_said_in_every_format(
    name: str, cell: bytes, number: bytes
) -> None:
    data = case(name)
    whole, plain = read_whole(re.sub(cell, number, data, count=1)), read_whole(data)
    names = ("evalue", "bitscore", "score")
    unknown = [sum(read.hits[column].null_count() for column in names) for read in (whole, plain)]
    assert unknown[0] == unknown[1] + 1
    assert whole.hits.height == plain.hits.height
    assert (whole.report.state, whole.report.rejected) == (plain.report.state, 0)
    assert whole.codes == plain.codes | {"numbers_too_large"}


@pytest.mark.parametrize("name", ["e_value", "bit_score"])
def test_a_number_of_an_archive_too_large_is_unknown_and_said(name: str) -> None:
    data = case("same-search/outfmt11.asn")
    mark = rb'(id str "%b",\s*value real \{ )[^}]*' % name.encode()
    whole, plain = read_whole(re.sub(mark, rb"\g<1>1, 10, 999 ", data, count=1)), read_whole(data)
    assert whole.hits[name.replace("_", "")].null_count() == 1
    assert (whole.hits.height, whole.report.rejected) == (plain.hits.height, 0)
    assert whole.codes == plain.codes | {"numbers_too_large"}
