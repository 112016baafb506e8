from __future__ import annotations

import bz2
import gzip

import pytest

from blast_artifacts.reading.detect import detect
from blast_artifacts.reading.outfmt import parse_outfmt
from tests.reading.files import case, read_whole

ROW = b"q1\tsubj1\t100.000\t900\t0\t0\t1\t900\t201\t1100\t0.0\t1624\n"


@pytest.mark.parametrize(
    ("head", "name", "reason"),
    [
        (bz2.compress(b"x"), "bzip2", "packed"),
        (gzip.compress(b"x", mtime=0), "gzip_in_gzip", "packed"),
        ("# BLASTN 2.12.0+\n# Query: q\n".encode("utf-16"), "utf16", "utf16"),
        ("# BLASTN 2.12.0+\n# Query: q\n".encode("utf-16-le"), "utf16", "utf16"),
        (b"<HTML>\n<TITLE>BLAST Search Results</TITLE>", "html", "html"),
        (b"<!DOCTYPE html>\n<html>", "html", "html"),
        (b"<svg></svg>", None, "not_blast"),
        (b'{"a": 1}', None, "not_blast"),
        (b">q1 a FASTA file\nACGT\n", None, "not_blast"),
        (b"BLASTN 2.12.0+\n\nQuery= q\n", "0", "text_format"),
        (b"BLASTN 2.12.0+\n\nQuery_1  1  ACGT  4\n", "1-4", "text_format"),
        (b'{\n  "Seq_annot": {}}', "12", "json_alignment"),
        (b"Seq-annot ::= {", "8", "asn1_alignment"),
        (b"0\x80\xa0\x80", "9", "asn1_binary"),
        (b"@HD\tVN:1.2\n", "17", "sam"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(head: bytes, name: str | None, reason: str) -> None:
    found = detect(head)
    assert (found.format, found.reason) == (name, reason)


def test_the_content_wins_over_the_format_that_was_asked_for() -> None:
    assert detect(case("same-search/outfmt5.xml"), parse_outfmt("6 std")).format == "5"
    assert detect(case("same-search/outfmt7.tsv"), parse_outfmt("6 std")).format == "7"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<ns0:BlastXML2 xmlns:ns0="http://www.ncbi.nlm.nih.gov"><ns0:BlastOutput2>', "16"),
        (b"<BlastOutput><BlastOutput_program>blastn</BlastOutput_program></BlastOutput><BlastXML2>", "5"),
        (b"<Hsp_evalue>1e-5</Hsp_evalue></Hsp>", "5"),
        (b"<Hit>\n<num>2</num>", "14"),
        (b"<Hit>\n<Hit_num>2</Hit_num>", "5"),
    ],
)
def test_the_first_element_tells_the_xml_of_5_from_that_of_16(head: bytes, name: str) -> None:
    assert detect(head).format == name


def test_gzip_in_gzip_is_named() -> None:
    whole = read_whole(gzip.compress(gzip.compress(ROW, mtime=0), mtime=0))
    assert (whole.report.state, whole.report.reason) == ("unsupported", "packed")


def test_twelve_columns_of_another_meaning_are_not_guessed() -> None:
    custom = b"q1\tsubj1\t98.5\t100\t900\t1400\t1\t100\t201\t300\t1e-50\t180\n" * 3
    whole = read_whole(custom)
    assert (whole.report.state, whole.report.reason) == ("unsupported", "columns_unknown")
    assert whole.report.rows == 3
    assert not whole.hits.height


def test_a_header_row_gives_the_columns() -> None:
    whole = read_whole(b"qseqid,sseqid,pident\nq1,s1,99.1\nq1,s2,98.0\n")
    assert whole.report.format == "20"
    assert whole.hits["pident"].to_list() == [99.1, 98.0]


def test_rows_that_do_not_fit_the_columns_asked_for_are_not_read() -> None:
    whole = read_whole(ROW, "6 std staxids")
    assert (whole.report.state, whole.report.reason, whole.hits.height) == (
        "unsupported",
        "columns_differ",
        0,
    )
