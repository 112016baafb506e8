"""One search in every format gives one hit table."""

from __future__ import annotations

import polars as pl
import pytest

from tests.reading.files import CASES, GOLDEN, read_whole

COLUMNS = "std qlen slen nident positive gaps ppos qframe sframe sstrand score qseq sseq stitle staxids"
FORMATS = ("7", "10", "5", "15", "16")
REPORT_ONLY = ("deflines", "midline", "staxids", "iteration")


def _written(evalue: float) -> float:
    """How far BLAST's print of an E value may lie from it."""
    if evalue < 1e-180:
        return 1e-180
    return 0.006 * evalue if evalue < 9e-4 else 0.00051 if evalue < 0.1 else 0.051 * evalue


def same_cell(name: str, printed: object, exact: object) -> bool:
    if printed is None or exact is None:
        return printed is exact
    if name == "evalue":
        assert isinstance(printed, float)
        assert isinstance(exact, float)
        return abs(printed - exact) <= _written(exact)
    if name in ("qseq", "sseq"):
        # Masked letters are lower case in 15 and 16, X in 5 (tblastx), as they are in the others.
        same = (p == e or "X" in p + e for p, e in zip(str(printed).upper(), str(exact).upper(), strict=True))
        return all(same)
    if isinstance(printed, float) and isinstance(exact, float):
        # Bits are rounded to one decimal below 100 and truncated above (P34).
        low, high = (-0.051, 1.0) if name == "bitscore" else (-0.006, 0.006)
        return low < exact - printed < high
    return printed == exact


def _compare(tabular: pl.DataFrame, other: pl.DataFrame, columns: list[str]) -> None:
    assert tabular.height == other.height
    for name in columns:
        for printed, exact in zip(tabular[name], other[name], strict=True):
            assert same_cell(name, printed, exact), (name, printed, exact)


@pytest.mark.parametrize("number", FORMATS)
@pytest.mark.parametrize("program", ["blastn", "blastp", "blastx", "tblastn", "tblastx"])
def test_every_format_of_a_search_gives_the_same_hits(program: str, number: str) -> None:
    tabular = read_whole(GOLDEN / f"{program}.outfmt6", f"6 {COLUMNS}")
    other = read_whole(GOLDEN / f"{program}.outfmt{number}", f"10 {COLUMNS}" if number == "10" else None)
    _compare(tabular.hits, other.hits, [n for n in tabular.hits.columns if n not in REPORT_ONLY])


@pytest.mark.parametrize(
    "name", ["outfmt5.xml", "outfmt7.tsv", "outfmt10.csv", "outfmt15.json", "outfmt16.xml"]
)
def test_default_columns_agree_with_the_reports(name: str) -> None:
    tabular = read_whole(CASES / "same-search/outfmt6.tsv")
    other = read_whole(CASES / "same-search" / name)
    columns = [n for n in tabular.report.columns if n != "qindex"]
    _compare(tabular.hits, other.hits, columns)


def test_the_reports_of_a_search_agree_exactly() -> None:
    xml, json, xml2 = (
        read_whole(CASES / f"same-search/{n}") for n in ("outfmt5.xml", "outfmt15.json", "outfmt16.xml")
    )
    unlike = ("deflines", "staxids", "qseq", "sseq")
    assert xml.hits.drop(unlike).equals(json.hits.drop(unlike))
    assert json.hits.equals(xml2.hits)
    assert xml.queries == json.queries == xml2.queries
    assert xml.report.search == json.report.search == xml2.report.search


def test_the_reports_carry_the_taxids_that_outfmt5_lacks() -> None:
    json = read_whole(CASES / "same-search/outfmt15.json")
    assert set(json.hits["staxids"]) == {"9606", "10090", "562", None}
    assert "staxids" not in read_whole(CASES / "same-search/outfmt5.xml").report.columns
