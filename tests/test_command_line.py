"""`python -m blast_artifacts build` as a user meets it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts import __main__ as command_line
from tests.data.taxdumps import write_taxdump
from tests.views.built import CASES, folder_of, outfmt7

SAME = CASES / "same-search"
ARTIFACTS = {"manifest", "aggregate", "queries", "descriptions", "alignments", "taxonomy"}


def summary(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code = command_line.main(["build", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_file_becomes_artifacts_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    code, found = summary(capsys, SAME / "outfmt7.tsv", "--out", out)
    assert code == 0
    assert list(found) == ["complete", "queries", "queries_with_hits", "pairs", "hsps", "sources", "warnings"]
    assert (found["complete"], found["queries"], found["pairs"], found["hsps"]) == (True, 5, 9, 59)
    assert found["sources"] == [
        {"name": "outfmt7.tsv", "format": "7", "state": "read", "reason": None, "rows": 59, "rejected": 0}
    ]
    assert {file.name for file in out.iterdir()} == {f"{name}.json.gz" for name in ARTIFACTS} | {"parts"}
    assert {file.name.partition(".")[2] for file in (out / "parts").iterdir()} == {
        "hits.parquet",
        "pairs.parquet",
        "queries.parquet",
    }
    rows = json.loads(gzip.decompress((out / "descriptions.json.gz").read_bytes()))["rows"]
    assert len(rows) == 9


def test_building_again_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("1", "2"):
        assert command_line.main(["build", str(SAME / "outfmt5.xml"), "--out", str(tmp_path / name)]) == 0
    for name in ARTIFACTS:
        first, second = ((tmp_path / n / f"{name}.json.gz").read_bytes() for n in ("1", "2"))
        assert first == second


def test_a_folder_with_one_bad_file_is_built_but_not_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_of(tmp_path / "r", {"a.out": outfmt7({"q": [("s", 9.0)]}), "b.out": b"garbage\n" * 20})
    code, found = summary(capsys, tmp_path / "r", "--out", tmp_path / "out")
    assert (code, found["complete"], found["hsps"]) == (3, False, 1)


def test_standard_input_is_read_as_a_file(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "blast_artifacts",
        "build",
        "-",
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    with (SAME / "outfmt7.tsv").open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert (found["hsps"], found["sources"][0]["name"]) == (59, "-")
    assert done.stderr == b""


def test_a_format_for_all_files_or_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = CASES / "columns"
    files = columns / "evalue-first.outfmt6.tsv", columns / "at-sign-delimiter.outfmt6.txt"
    formats = (
        "--outfmt",
        "6 evalue qseqid sseqid",
        "--outfmt",
        "at-sign-delimiter.outfmt6.txt=6 delim=@ qseqid sseqid evalue",
    )
    code, found = summary(capsys, *files, "--out", tmp_path / "out", *formats)
    assert (code, found["hsps"], found["queries"]) == (0, 118, 8)


def test_the_query_fasta_adds_what_the_format_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (SAME / "outfmt6.tsv", "--out", tmp_path / "out", "--query", SAME / "query.fa")
    assert summary(capsys, *arguments)[1]["queries"] == 5


def test_an_earlier_result_is_replaced_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    summary(capsys, SAME / "outfmt7.tsv", "--out", out)
    (out / "report.html").write_text("old")
    summary(capsys, CASES / "no-hits" / "outfmt7.tsv", "--out", out)
    assert not (out / "report.html").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such file or folder"),
        ([str(SAME / "query.fa")], "no BLAST output"),
        ([str(SAME / "outfmt6.tsv"), "--outfmt", "tabular"], "neither a format nor"),
        ([str(SAME / "outfmt6.tsv"), "--query", "nowhere.fa"], "no such query file"),
        ([str(SAME / "outfmt6.tsv"), str(SAME / "outfmt6.tsv")], "same name"),
    ],
)
def test_what_cannot_be_built_is_said_and_leaves_nothing(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["build", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_files_has_nothing_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r").mkdir()
    assert command_line.main(["build", str(tmp_path / "r"), "--out", str(tmp_path / "out")]) == 2
    assert "no files" in capsys.readouterr().err


def test_a_folder_that_is_no_result_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_of(tmp_path / "precious", {"thesis.txt": "words"})
    code = command_line.main(["build", str(SAME / "outfmt7.tsv"), "--out", str(tmp_path / "precious")])
    assert code == 2
    assert "not an earlier result" in capsys.readouterr().err
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "words"


@pytest.mark.parametrize("value", ["0", "-1", "first"])
def test_a_round_that_is_none_is_a_usage_error(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["build", "x", "--out", "y", "--iteration", value])
    assert ended.value.code == 2
    assert "last, all or a round" in capsys.readouterr().err


def test_an_out_below_a_file_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    case = Path(__file__).parent / "data/cases/same-search/outfmt7.tsv"
    assert command_line.main(["build", str(case), "--out", str(tmp_path / "file" / "x")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_query_file_without_sequences_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [SAME / "outfmt7.tsv", "--query", SAME / "outfmt7.tsv", "--out", tmp_path / "out"]
    assert command_line.main(["build", *map(str, words)]) == 2
    assert "is no FASTA file" in capsys.readouterr().err


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built folder."""
    out = tmp_path_factory.mktemp("built") / "out"
    assert command_line.main(["build", str(SAME / "outfmt7.tsv"), "--out", str(out)]) == 0
    return out


def asked(capsys: pytest.CaptureFixture[str], result: Path, *words: str) -> dict[str, Any]:
    assert command_line.main(["query", str(result), *words, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_result_is_asked_as_over_http(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    default = json.loads(gzip.decompress((result / "descriptions.json.gz").read_bytes()))
    assert asked(capsys, result, "descriptions") == default
    few = asked(capsys, result, "descriptions", "--query", "@0:0", "--sort", "subject", "--order", "desc")
    mine = [row for row in default["rows"] if row["query_key"] == "@0:0"]
    assert few["rows"] == sorted(mine, key=lambda row: str(row["subject"]), reverse=True)
    assert (few["filtered"], few["total"]) == (len(mine), 9)


def test_pages_follow_one_another_by_their_cursors(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = asked(capsys, result, "alignments", "--page-size", "500", "--sort", "evalue")
    rows, more = [], ["--page-size", "25", "--sort", "evalue"]
    for _ in range(3):
        page = asked(capsys, result, "alignments", *more)
        rows += page["rows"]
        more = [*more[:4], "--cursor", str(page["next_cursor"])]
    assert (rows, page["next_cursor"]) == (whole["rows"], None)


def test_rows_are_printed_in_columns_and_what_was_counted_beside_them(
    result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["query", str(result), "queries", "--status", "hits"]) == 0
    printed = capsys.readouterr()
    head, *lines = printed.out.splitlines()
    assert head.split()[:2] == ["query", "query_key"]
    assert len({line.index("@") for line in lines}) == 1
    assert printed.err == f"{len(lines)} of {len(lines)} rows that pass, of 5 in all\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "queries"], "no built result"),
        (["RESULT", "queries", "--taxid", "9606"], "no parameter 'taxid'"),
        (["RESULT", "descriptions", "--max-evalue", "small"], "max_evalue must be a number"),
        (["RESULT", "descriptions", "--cursor", "nonsense"], "not one that was given out"),
    ],
)
def test_a_question_that_cannot_be_understood_is_a_usage_error(
    words: list[str], said: str, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(result) if word == "RESULT" else word for word in words]
    assert command_line.main(["query", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_commands_of_the_text_about_questions_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[1]
    text = (root / "docs" / "questions.md").read_text()
    commands = [line.split() for line in text.splitlines() if line.startswith("python -m blast_artifacts ")]
    assert len(commands) == 6
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").symlink_to(root / "tests")
    for command in commands:
        assert command_line.main(command[3:]) in (0, 3), command
        assert len(capsys.readouterr().out.splitlines()) >= 1, command


def test_a_table_of_the_taxonomy_is_made_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump, table = write_taxdump(tmp_path / "dump"), tmp_path / "taxa.parquet"
    assert command_line.main(["taxonomy", str(dump), "--out", str(table)]) == 0
    assert capsys.readouterr().out == f"{table}: 20 taxa\n"
    code, _ = summary(capsys, SAME / "outfmt15.json", "--out", tmp_path / "out", "--taxonomy", table)
    assert code == 0
    found = json.loads(gzip.decompress((tmp_path / "out" / "taxonomy.json.gz").read_bytes()))
    assert "Homo sapiens" in {row["name"] for row in found["rows"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["taxonomy", "nowhere"], "no such file or folder"),
        (["taxonomy", str(SAME)], "has no nodes.dmp"),
        (["build", str(SAME / "outfmt15.json"), "--taxonomy", str(SAME / "query.fa")], "no taxonomy table"),
    ],
    ids=["missing", "no-taxdump", "no-table"],
)
def test_what_is_no_taxonomy_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert command_line.main([*arguments, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
