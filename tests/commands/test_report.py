"""`report DIR`: what goes into the file, and what does not."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.commands import report, report_contents, report_left_out
from blast_artifacts.tables.taxdump import write_table
from tests.data.taxdumps import write_taxdump
from tests.views.built import CASES, folder_of, outfmt7

SAME = CASES / "same-search"
HEAD = '<html><meta name="generator" content="blast_artifacts report" />'
TAIL = "</html>"
LAST_ROUND = "Of 1 query only the last round of PSI-BLAST is here, in rows, totals and organisms."
CUT = "Texts of more than 2,000 letters are cut, and end in an ellipsis."


@pytest.fixture(autouse=True)
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of which only the place of the contents matters."""
    path = tmp_path / "template.html"
    path.write_text(HEAD + report.PLACE + TAIL)
    monkeypatch.setattr(report, "TEMPLATE", path)
    return path


def built(place: Path, source: Path, *options: str) -> Path:
    out = place / "built"
    assert command_line.main(["build", str(source), "--out", str(out), *options]) in (0, 3)
    return out


def contents(file: Path) -> dict[str, Any]:
    packed = file.read_text("utf-8").removeprefix(HEAD).removesuffix(TAIL)
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return found


def noise(seed: int, letters: int) -> str:
    """A text that cannot be packed."""
    return "".join(Random(seed).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=letters))


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
            assert one[table]["rows"] == asked(folder, capsys, table, one["row"]["query_key"])
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
    queries = {f"q{n}": [(f"s{n}-{subject}", 90.0) for subject in range(120)] for n in range(20)}
    folder = built(tmp_path, folder_of(tmp_path / "r", {"r.out": outfmt7(queries)}))
    assert command_line.main(["report", str(folder)]) == 0
    whole = contents(folder / "report.html")
    assert len(whole["of_queries"]) == 20
    assert whole["left_out"] == ["Of 20 queries only the first 100 alignments are here."]

    most = (folder / "report.html").stat().st_size // 2
    monkeypatch.setattr(report, "MAIL_BYTES", most)
    capsys.readouterr()
    assert command_line.main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size <= most
    half = contents(folder / "report.html")
    taken = len(half["of_queries"])
    assert 5 < taken < 20
    sentence = f"Rows and pictures are of the first {taken} of 20 queries with hits."
    assert half["left_out"][0] == sentence
    assert f"left out: {sentence}" in capsys.readouterr().out


def test_many_queries_with_long_titles_are_named_as_far_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = {f"q{n} {noise(n, 150)}": [("s", 90.0)] if n % 2 else [] for n in range(1000)}
    folder = built(tmp_path, folder_of(tmp_path / "r", {"r.out": outfmt7(queries)}))
    monkeypatch.setattr(report, "MAIL_BYTES", 120_000)
    assert command_line.main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size <= 120_000
    found = contents(folder / "report.html")
    named, taken = len(found["queries"]["rows"]), len(found["of_queries"])
    assert 100 < named < 1000
    assert 10 < taken < 200
    assert found["queries"]["total"] == 1000
    assert found["left_out"] == [
        f"Rows and pictures are of the first {taken} of 500 queries with hits.",
        f"The first {named} of 1,000 queries are named.",
    ]
    assert "left out: The first" in capsys.readouterr().out


def test_of_a_query_that_is_too_much_the_best_rows_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = "query acc.ver, subject acc.ver, subject title, % identity, bit score, q. start, q. end, evalue"
    rows = "".join(f"q\ts{n}\t{noise(n, 200)}\t90\t{9000 - n}\t1\t50\t1e-9\n" for n in range(3000))
    text = f"# BLASTN 2.12.0+\n# Query: q\n# Database: db\n# Fields: {fields}\n# 3000 hits found\n{rows}"
    text += "# BLAST processed 1 queries\n"
    folder = built(tmp_path, folder_of(tmp_path / "r", {"r.out": text}))
    monkeypatch.setattr(report, "MAIL_BYTES", 300_000)
    capsys.readouterr()
    assert command_line.main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size <= 300_000
    found = contents(folder / "report.html")
    [one] = found["of_queries"]
    subjects = [f"s{n}" for n in range(500)]
    assert [row["subject"] for row in one["descriptions"]["rows"]] == subjects
    assert [row["subject"] for row in one["graphic"]["rows"]] == subjects
    graphic = one["graphic"]
    assert (graphic["subjects"], graphic["shown_subjects"], graphic["shown_hsps"]) == (3000, 500, 500)
    assert one["descriptions"]["filtered"] == one["alignments"]["filtered"] == 3000
    left_out = [
        "Of 1 query only the best 500 subjects are here.",
        "Of 1 query only the first 100 alignments are here.",
        "Of 1 query only the best 500 subjects in pictures are here.",
    ]
    assert found["left_out"] == left_out
    assert capsys.readouterr().out.splitlines()[1:] == [f"  left out: {sentence}" for sentence in left_out]

    monkeypatch.setattr(report, "MAIL_BYTES", 30_000)
    assert command_line.main(["report", str(folder)]) == 0
    [one] = contents(folder / "report.html")["of_queries"]
    assert [row["subject"] for row in one["descriptions"]["rows"]] == subjects[:10]
    assert one["alignments"]["rows"] == []


def with_titles(place: Path, queries: list[tuple[str, list[tuple[str, str]]]]) -> Path:
    """A built folder of queries, each with (subject, title) rows."""
    fields = "query acc.ver, subject acc.ver, subject title, % identity, bit score, q. start, q. end, evalue"
    lines = []
    for query, rows in queries:
        lines += ["# BLASTN 2.12.0+", f"# Query: {query}", "# Database: db", f"# Fields: {fields}"]
        lines.append(f"# {len(rows)} hits found")
        row = query.split()[0] + "\t{}\t{}\t90\t100\t1\t50\t1e-9"
        lines += [row.format(subject, title) for subject, title in rows]
    lines.append(f"# BLAST processed {len(queries)} queries\n")
    return built(place, folder_of(place / "r", {"r.out": "\n".join(lines)}))


def test_titles_as_large_as_a_report_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = [noise(n, 60_000) for n in range(6)]
    queries = [
        (f"q0 {long[0]}", [(f"s{n}", "short") for n in range(5)]),
        ("q1", [(f"s{n}", long[n]) for n in range(1, 6)]),
        ("q2", [("s0", "short")]),
    ]
    folder = with_titles(tmp_path, queries)
    monkeypatch.setattr(report, "MAIL_BYTES", 40_000)
    assert command_line.main(["report", str(folder)]) == 0
    assert (folder / "report.html").stat().st_size <= 40_000
    found = contents(folder / "report.html")
    assert found["left_out"] == [CUT]
    first, second, third = found["of_queries"]
    assert first["row"]["title"] == first["graphic"]["query_title"] == f"q0 {long[0]}"[:2000] + "…"
    assert first["alignments"]["rows"][4]["qtitle"] == first["row"]["title"]
    titles = [f"{title[:2000]}…" for title in long[1:]]
    assert [row["title"] for row in second["descriptions"]["rows"]] == titles
    assert [row["title"] for row in second["graphic"]["rows"]] == titles
    assert [row["stitle"] for row in second["alignments"]["rows"]] == titles
    assert [row["title"] for row in third["descriptions"]["rows"]] == ["short"]


def test_queries_that_are_too_large_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def large(n: int) -> tuple[str, list[tuple[str, str]]]:
        names = [noise(10 * n + each, 2000) for each in range(4)]
        return f"{names[0]} {names[1]}", [(names[2], names[3])]

    queries = [large(0), ("q1", [("s", "t")]), large(1), ("q2", [("s", "t")])]
    folder = with_titles(tmp_path, queries)
    monkeypatch.setattr(report, "MAIL_BYTES", 8_000)
    capsys.readouterr()
    assert command_line.main(["report", str(folder)]) == 0
    found = contents(folder / "report.html")
    assert [one["row"]["query"] for one in found["of_queries"]] == ["q1", "q2"]
    sentence = "Rows and pictures are of 2 of 4 queries with hits: those that are too large were passed over."
    assert found["left_out"][0] == sentence
    assert f"left out: {sentence}" in capsys.readouterr().out


def test_a_tree_that_is_too_large_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "taxonomy.parquet"
    write_table(write_taxdump(tmp_path / "dump"), table)
    folder = built(tmp_path, SAME / "outfmt15.json", "--taxonomy", str(table))
    words = ["report", str(folder), "--taxonomy", str(table)]
    assert command_line.main(words) == 0
    whole = contents(folder / "report.html")
    assert whole["taxonomy"]["tree"] is not None
    monkeypatch.setattr(report, "MAIL_BYTES", 3_500)
    assert command_line.main(words) == 0
    found = contents(folder / "report.html")
    assert found["taxonomy"]["tree"] is None
    assert "The tree of organisms is too large to be here." in found["left_out"]
    assert found["aggregate"] == whole["aggregate"]


def test_what_cannot_be_made_small_enough_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = built(tmp_path, SAME / "outfmt15.json")
    monkeypatch.setattr(report, "MAIL_BYTES", 1000)
    assert command_line.main(["report", str(folder)]) == 2
    assert "too small for what is known of this search" in capsys.readouterr().err
    assert not (folder / "report.html").exists()


def test_of_all_rounds_the_last_is_there_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "psiblast" / "outfmt7.tsv"
    every, last = tmp_path / "all", tmp_path / "last"
    for place, rounds in ((every, "all"), (last, "last")):
        place.mkdir()
        assert command_line.main(["report", str(built(place, path, "--iteration", rounds))]) == 0
    found, expected = (contents(place / "built" / "report.html") for place in (every, last))
    assert found.pop("left_out") == [LAST_ROUND]
    assert expected.pop("left_out") == []
    for one in (found, expected):
        del one["job"], one["read_at"]
    assert found == expected
    totals = {name: found["aggregate"]["totals"][name] for name in ("queries", "subjects", "pairs", "hsps")}
    assert totals == {"queries": 1, "subjects": 10, "pairs": 10, "hsps": 10}
    assert (found["queries"]["total"], found["queries"]["by_status"]) == (1, {"hits": 1})
    assert len(found["of_queries"][0]["descriptions"]["rows"]) == 10
    assert found["tables"]["descriptions"]["total"] == found["tables"]["alignments"]["total"] == 10


def test_a_query_that_loses_its_hits_in_the_last_round_has_none(tmp_path: Path) -> None:
    lost = (CASES / "psiblast" / "outfmt7.tsv").read_text()
    begin = lost.rindex("# PSIBLAST")
    fields = lost.index("# Fields", begin)
    cut = lost[:fields] + "# 0 hits found\n# BLAST processed 1 queries\n"
    folder = built(tmp_path, folder_of(tmp_path / "r", {"a.out": cut}), "--iteration", "all")
    command_line.main(["report", str(folder)])
    found = contents(folder / "report.html")
    totals = found["aggregate"]["totals"]
    assert (totals["queries"], totals["queries_with_hits"], totals["hsps"]) == (1, 0, 0)
    assert found["queries"]["by_status"] == {"no_hits": 1}


def test_rounds_do_not_hide_rows_that_do_not_tell_their_query(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.tsv": "s1\t99.0\t100\t1e-30\t200\ns2\t98.0\t100\t1e-20\t150\n",
        "b.out": (CASES / "psiblast" / "outfmt7.tsv").read_bytes(),
    }
    outfmt = ["--outfmt", "a.tsv=6 sseqid pident length evalue bitscore"]
    folder = built(tmp_path, folder_of(tmp_path / "r", files), *outfmt, "--iteration", "all")
    assert command_line.main(["report", str(folder)]) == 0
    found = contents(folder / "report.html")
    assert found["tables"]["descriptions"]["total"] == found["tables"]["alignments"]["total"] == 12
    assert found["aggregate"]["totals"]["subjects"] == 12
    assert found["left_out"] == ["Subjects whose query no row tells, 2 of them, are not here.", LAST_ROUND]


def test_rows_that_do_not_tell_their_query_are_there(tmp_path: Path) -> None:
    source = tmp_path / "r.tsv"
    source.write_text("s1\t99.0\t100\t1e-30\t200\ns2\t98.0\t100\t1e-20\t150\n")
    folder = built(tmp_path, source, "--outfmt", "6 sseqid pident length evalue bitscore")
    assert command_line.main(["report", str(folder)]) == 0
    found = contents(folder / "report.html")
    assert [one["row"] for one in found["of_queries"]] == [None]
    assert [row["subject"] for row in found["of_queries"][0]["descriptions"]["rows"]] == ["s1", "s2"]


def test_rows_that_do_not_tell_their_query_among_others_are_told_of(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.tsv": "s1\t99.0\t100\t1e-30\t200\ns2\t98.0\t100\t1e-20\t150\n",
        "b.out": outfmt7({"q": [("s", 90.0)]}),
    }
    source = folder_of(tmp_path / "r", files)
    folder = built(tmp_path, source, "--outfmt", "a.tsv=6 sseqid pident length evalue bitscore")
    assert command_line.main(["report", str(folder)]) == 0
    found = contents(folder / "report.html")
    assert [one["row"]["query"] for one in found["of_queries"]] == ["q"]
    assert found["tables"]["descriptions"]["total"] == 3
    assert found["left_out"] == ["Subjects whose query no row tells, 2 of them, are not here."]


def test_lineages_of_the_build_stay_or_are_told_of(tmp_path: Path) -> None:
    table = tmp_path / "taxonomy.parquet"
    write_table(write_taxdump(tmp_path / "dump"), table)
    folder = built(tmp_path, SAME / "outfmt15.json", "--taxonomy", str(table))
    with_table, without = tmp_path / "with.html", tmp_path / "without.html"
    assert command_line.main(["report", str(folder), "--out", str(with_table), "--taxonomy", str(table)]) == 0
    assert command_line.main(["report", str(folder), "--out", str(without)]) == 0
    whole, less = contents(with_table), contents(without)
    assert whole["left_out"] == []
    assert whole["of_queries"][0]["taxonomy"]["lineage_source"] == "taxonomy_table"
    names = {row["taxid"]: row["name"] for row in whole["taxonomy"]["rows"] if row["name"]}
    assert whole["of_queries"][0]["descriptions"]["rows"][0]["names"]
    for one in whole["of_queries"]:
        for row in (*one["descriptions"]["rows"], *one["graphic"]["rows"]):
            assert row["names"] == ([names[taxid] for taxid in row["taxids"]] if row["taxids"] else None)
    assert any(row["lineage"] for row in whole["taxonomy"]["rows"])
    assert less["taxonomy"] == {**whole["taxonomy"], "page_size": less["taxonomy"]["page_size"]}
    assert less["of_queries"][0]["taxonomy"]["lineage_source"] is None
    assert less["left_out"] == [
        "Organisms of single queries have no lineages, and no names where only the table knows them: "
        "the --taxonomy TABLE of the build was not given."
    ]


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


def test_only_an_earlier_report_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = built(tmp_path, SAME / "outfmt7.tsv")

    def refused(out: Path) -> str:
        assert command_line.main(["report", str(folder), "--out", str(out)]) == 2
        printed = capsys.readouterr()
        assert printed.err.count("\n") == 1
        return printed.err

    out = tmp_path / "out.html"
    assert command_line.main(["report", str(folder), "--out", str(out)]) == 0
    first = out.read_bytes()
    out.write_bytes(first[: len(first) // 2])
    assert command_line.main(["report", str(folder), "--out", str(out)]) == 0
    assert out.read_bytes() == first

    with monkeypatch.context() as patched:
        patched.setattr(report_contents, "contents_within", lambda *_: pytest.fail("the work has begun"))
        capsys.readouterr()
        mine = tmp_path / "thesis.html"
        mine.write_text("<html>mine</html>")
        assert "is not an earlier report" in refused(mine)
        assert mine.read_text() == "<html>mine</html>"
        assert "is a folder: name a file" in refused(tmp_path)
        assert "is not an earlier report" in refused(Path("/dev/null"))
        assert "there is no folder" in refused(tmp_path / "no" / "r.html")
    assert "cannot be written: File name too long" in refused(tmp_path / ("n" * 300))
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_what_is_cut_is_said_in_the_right_number() -> None:
    def cut(*here: int) -> list[str]:
        tables = [{"rows": [{}] * rows, "filtered": 9} for rows in here]
        return list(report_left_out._shorter("subject", "subjects", "best", tables))

    assert cut() == cut(9) == []
    assert cut(0) == ["Of 1 query no subjects are here."]
    assert cut(1, 9) == ["Of 1 query only the best subject is here."]
    assert cut(1, 0) == ["Of 2 queries only the best subject, or fewer, is here."]
    assert cut(3, 2) == ["Of 2 queries only the best 3 subjects, or fewer, are here."]
