"""`report DIR`: what goes into the file, and what does not."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.commands import report
from tests.views.built import CASES, folder_of, outfmt7

SAME = CASES / "same-search"


@pytest.fixture(autouse=True)
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of which only the place of the contents matters."""
    path = tmp_path / "template.html"
    path.write_text(f"<html>{report.PLACE}</html>")
    monkeypatch.setattr(report, "TEMPLATE", path)
    return path


def built(place: Path, source: Path) -> Path:
    out = place / "built"
    assert command_line.main(["build", str(source), "--out", str(out)]) in (0, 3)
    return out


def contents(file: Path) -> dict[str, Any]:
    packed = file.read_text("utf-8").removeprefix("<html>").removesuffix("</html>")
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return found


def asked(folder: Path, capsys: pytest.CaptureFixture[str], table: str, query: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    words = ["query", str(folder), table, "--query", query, "--page-size", "500", "--json"]
    assert command_line.main(words) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["rows"]
    return rows


def test_a_report_holds_what_the_tables_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = built(tmp_path, SAME / "outfmt15.json")
    assert command_line.main(["report", str(folder)]) == 0
    found = contents(folder / "report.html")
    assert found["left_out"] == []
    assert found["aggregate"]["totals"]["hsps"] == 59
    assert [row["status"] for row in found["queries"]["rows"]].count("hits") == len(found["of_queries"]) == 4
    for one in found["of_queries"]:
        for table in ("descriptions", "alignments", "taxonomy"):
            assert one[table]["rows"] == asked(folder, capsys, table, one["query_key"])
        assert one["graphic"]["subjects"] == len(one["descriptions"]["rows"])
    assert (found["job"]["title"], found["job"]["program"]) == ("built", "blastn")


def test_equal_folders_have_equal_reports(tmp_path: Path) -> None:
    folder = built(tmp_path, SAME / "outfmt15.json")
    assert command_line.main(["report", str(folder)]) == 0
    again = tmp_path / "again.html"
    assert command_line.main(["report", str(folder), "--out", str(again)]) == 0
    assert again.read_bytes() == (folder / "report.html").read_bytes()


def test_a_report_stays_small_enough_to_mail_and_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = {f"q{n}": [(f"s{n}-{subject}", 90.0) for subject in range(120)] for n in range(40)}
    folder = built(tmp_path, folder_of(tmp_path / "r", {"r.out": outfmt7(queries)}))
    assert command_line.main(["report", str(folder)]) == 0
    whole = contents(folder / "report.html")
    assert len(whole["of_queries"]) == 40
    assert whole["left_out"] == ["Of 40 queries only the first 100 alignments are here, or fewer long ones."]

    most = (folder / "report.html").stat().st_size // 2
    monkeypatch.setattr(report, "MAIL_BYTES", most)
    capsys.readouterr()
    assert command_line.main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size <= most
    half = contents(folder / "report.html")
    taken = len(half["of_queries"])
    assert 5 < taken < 40
    sentence = f"Rows and pictures are of the first {taken} of 40 queries with hits."
    assert half["left_out"][0] == sentence
    assert f"left out: {sentence}" in capsys.readouterr().out


def test_a_report_of_what_is_not_complete_ends_as_its_build_did(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.out": outfmt7({"q": [("s", 90.0)]}), "b.out": b"garbage\n" * 20}
    folder = built(tmp_path, folder_of(tmp_path / "r", files))
    assert command_line.main(["report", str(folder)]) == 3
    assert contents(folder / "report.html")["manifest"]["complete"] is False


def test_without_a_template_or_a_result_it_says_what_is_missing(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["report", str(tmp_path)]) == 2
    assert "is no built result" in capsys.readouterr().err
    folder = built(tmp_path, SAME / "outfmt7.tsv")
    assert command_line.main(["report", str(folder), "--out", str(tmp_path / "no" / "r.html")]) == 2
    template.unlink()
    assert command_line.main(["report", str(folder)]) == 2
    assert "python3 -m local package" in capsys.readouterr().err
