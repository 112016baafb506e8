from __future__ import annotations

import pytest

from blast_artifacts.reading.outfmt import STD, OutfmtSpec, parse_outfmt


@pytest.mark.parametrize("value", [7, "7", " 7 ", "'7'", ["7"]])
def test_a_bare_number_means_the_default_columns(value: str | int | list[str]) -> None:
    assert parse_outfmt(value) == OutfmtSpec(7, STD)


@pytest.mark.parametrize(
    "value",
    [
        "7 std staxids",
        "'7 std staxids'",
        '"7 std staxids"',
        ["7", "std", "staxids"],
        "-outfmt 7 std staxids -evalue 1",
        "-evalue 1 -outfmt '7 std staxids'",
    ],
)
def test_quotes_lists_and_option_strings_say_the_same(value: str | list[str]) -> None:
    assert parse_outfmt(value) == OutfmtSpec(7, (*STD, "staxids"))


def test_repeated_specifiers_are_dropped_and_a_minus_removes_one() -> None:
    assert parse_outfmt("6 qseqid std -gapopen nonsense std").columns == (
        "qseqid",
        *(name for name in STD if name != "gapopen"),
        "gapopen",
    )


def test_only_removals_leave_the_default_columns() -> None:
    assert parse_outfmt("6 -gapopen").columns == STD


def test_a_delimiter_may_have_several_characters() -> None:
    assert parse_outfmt("6 delim=@@ qseqid sseqid") == OutfmtSpec(6, ("qseqid", "sseqid"), "@@")
    assert parse_outfmt("10 qseqid sseqid").delimiter == ","


def test_a_report_has_no_columns() -> None:
    assert parse_outfmt("5") == OutfmtSpec(5)


@pytest.mark.parametrize("value", ["", "std", "-1"])
def test_no_number_is_an_error(value: str) -> None:
    with pytest.raises(ValueError, match="not a BLAST output format"):
        parse_outfmt(value)
