from __future__ import annotations

import pytest

from blast_artifacts.reading.log_text import first_error_line, in_words, plain_lines


@pytest.mark.parametrize(
    ("log", "error"),
    [
        (["USAGE", "  blastn [-h]", "", 'Error: Unknown argument: "x"'], 'Error: Unknown argument: "x"'),
        (["Warning: [blastn] a", "BLAST engine error: no room"], "BLAST engine error: no room"),
        (["BLAST Database error: No alias"], "BLAST Database error: No alias"),
        (["Command line argument error: no file"], "Command line argument error: no file"),
        (
            ["2026-11-24 10:00:00 ERROR elastic_blast no cluster"],
            "2026-11-24 10:00:00 ERROR elastic_blast no cluster",
        ),
        (["Fatal: cannot open", "Error: later"], "Fatal: cannot open"),
        (["\x1b[31mError:\x1b[0m red"], "Error: red"),
        (["copied 5\rKilled"], "Killed"),
        (["Command terminated by signal 9"], "Command terminated by signal 9"),
        (["ValueError: no"], "ValueError: no"),
        (["all went well", "0 errors found", "a non-fatal remark", "terror_1 is a gene"], None),
        ([], None),
    ],
)
def test_the_first_error_of_a_log(log: list[str], error: str | None) -> None:
    assert first_error_line(log) == error


def test_an_error_line_without_end_is_cut() -> None:
    assert len(first_error_line(["Error: " + "x" * 100_000]) or "") == 1000


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a\n\nb\n", ["a", "", "b"]),
        ("a\r\nb", ["a", "b"]),
        ("10 %\r20 %\r", ["10 %", "20 %"]),
        ("\x1b[1;32mgreen\x1b[0m\tand\x1b[2K plain", ["green\tand plain"]),
        ("\x1b]0;title\x07a\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", ["alink"]),
        ("\x1b]never ended\nb\x1b[", ["never ended", "b"]),
        ("a\x00\x07b\x9b1mc", ["abc"]),
        ("Größe 5 µm", ["Größe 5 µm"]),
        (
            "azcopy cp 'https://a.blob.core.windows.net/c/x?sv=2024&sig=aB%2F1234567890abcdef%3D&sp=r' .",
            ["azcopy cp 'https://a.blob.core.windows.net/c/x?sv=2024&[secret left out]&sp=r' ."],
        ),
        (
            "AccountName=a;AccountKey=QUJD/+0123456789abcdef==;EndpointSuffix=core.windows.net",
            ["AccountName=a;[secret left out];EndpointSuffix=core.windows.net"],
        ),
        (
            "Authorization: \x1b[1mBearer\x1b[0m eyJ0eXAi.eyJhdWQiOiJ4.c2ln",
            ["Authorization: [secret left out]"],
        ),
        ("Authorization: SharedKey a:MDEyMzQ1Njc4OWFiY2RlZg==", ["Authorization: [secret left out]"]),
        ("sig=REDACTED, design=0123456789abcdef", ["sig=REDACTED, design=0123456789abcdef"]),
        ("bearer of bad news", ["bearer of bad news"]),
    ],
)
def test_lines_without_what_only_a_terminal_reads(text: str, lines: list[str]) -> None:
    assert plain_lines(text) == lines


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (2, "an error in the BLAST database"),
        (137, "the program was killed"),
        (139, "the program was ended by signal 11"),
        (255, "an unknown error"),
        (77, "an unknown error"),
        (-9, "an unknown error"),
    ],
)
def test_an_exit_code_in_words(exit_code: int, words: str) -> None:
    assert in_words(exit_code) == words
