"""Folders and files whose names are no UTF-8, or look like a pattern."""

from __future__ import annotations

import base64
import gzip
import json
import os
from pathlib import Path

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.commands import report
from tests.data.taxdumps import write_taxdump
from tests.views.built import folder_of, outfmt7

ODD = [os.fsdecode(b"bad\xff"), "run[1]", "run*", "~run"]


@pytest.mark.parametrize("name", ODD)
def test_every_command_takes_them(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "template.html"
    template.write_text(report.PLACE)
    monkeypatch.setattr(report, "TEMPLATE", template)
    place = tmp_path / name
    beside = tmp_path / "run1"
    dump = write_taxdump(place / "dump")
    table = place / f"{name}.parquet"
    assert command_line.main(["taxonomy", str(dump), "--out", str(table)]) == 0
    for folder, queries in ((place, ("q", "r")), (beside, ("other",))):
        files: dict[str, str | bytes] = {
            f"{query}{name}.out": outfmt7({query: [("s", 9.0)]}) for query in queries
        }
        source = folder_of(folder / "results", files)
        words = ["build", str(source), "--out", str(folder / name), "--taxonomy", str(table)]
        assert command_line.main(words) == 0
    capsys.readouterr()
    built = place / name
    assert command_line.main(["query", str(built), "alignments", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    shown = name.replace(os.fsdecode(b"\xff"), "\ufffd")
    assert [(row["qseqid"], row["source"]) for row in rows] == [(q, f"{q}{shown}.out") for q in ("q", "r")]
    assert command_line.main(["report", str(built), "--taxonomy", str(table)]) == 0
    found = json.loads(gzip.decompress(base64.b64decode((built / "report.html").read_bytes())))
    assert found["job"]["title"] == shown
    assert [one["row"]["query"] for one in found["of_queries"]] == ["q", "r"]
    assert found["taxonomy"]["lineage_source"] == "taxonomy_table"
    capsys.readouterr()
    assert command_line.main(["query", str(place / "results"), "alignments"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
