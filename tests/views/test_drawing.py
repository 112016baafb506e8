"""Pictures of a query beside the pages of the tables that they are drawn from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from blast_artifacts.files import FileSource, find_sources
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import drawing as drawn_by
from blast_artifacts.views import part_table
from blast_artifacts.views.answer import answer
from blast_artifacts.views.build import Built, build_result
from blast_artifacts.views.drawing import drawing
from blast_artifacts.views.graphic import parse_graphic
from blast_artifacts.views.models import Graphic
from blast_artifacts.views.parameters import BadQuestion
from blast_artifacts.views.parts import Tables, scan
from blast_artifacts.views.question import parse_question
from tests.views.built import CASES, LOCAL, artifact, folder_of, outfmt7

DRAWN = (
    "same-search/outfmt6.tsv",
    "same-search/outfmt7.tsv",
    "same-search/outfmt15.json",
    "translated/blastx.outfmt5.xml",
)


class Opened:
    """A result file or folder, and what is asked of it."""

    def __init__(self, path: Path, workplace: Path, **options: Any) -> None:
        sources = find_sources(path, alone=False) if path.is_dir() else [FileSource(path, path.name)]
        self.built: Built = build_result(LOCAL, sources, workplace, **options)
        parts: dict[str, dict[str, str | Path]] = {}
        for part in workplace.glob("*.parquet"):
            number, table, _ = part.name.split(".")
            parts.setdefault(number, {})[table] = part
        self.tables: Tables = scan(list(parts.values()))

    def picture(self, **asked: str) -> dict[str, Any]:
        default = artifact(self.built, ArtifactType.DESCRIPTIONS)
        found = drawing(parse_graphic(asked), default, self.tables)
        Graphic.model_validate(found)
        return found

    def page(self, table: ArtifactType, **asked: str) -> dict[str, Any]:
        question = parse_question(table, {**asked, "page_size": "500"})
        return answer(question, artifact(self.built, table), self.tables, self.built.fingerprint)


@pytest.fixture(scope="module", params=DRAWN)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return Opened(CASES / request.param, tmp_path_factory.mktemp("parts"))


def test_a_picture_has_the_rows_of_the_tables(opened: Opened) -> None:
    queries = [row for row in opened.page(ArtifactType.QUERIES)["rows"] if row["subjects"]]
    assert queries
    for query in queries:
        key = query["query_key"]
        picture = opened.picture(query=key)
        pairs = opened.page(ArtifactType.DESCRIPTIONS, query=key)["rows"]
        hsps = opened.page(ArtifactType.ALIGNMENTS, query=key)["rows"]
        assert [row["subject"] for row in picture["rows"]] == [pair["subject"] for pair in pairs]
        for row, pair in zip(picture["rows"], pairs, strict=True):
            assert row["hsps"] == [
                [hsp[name] for name in picture["hsp_columns"]]
                for hsp in hsps
                if hsp["sseqid"] == row["subject"]
            ]
            same = set(row) & set(pair) - {"hsps"}
            assert {name: row[name] for name in same} == {name: pair[name] for name in same}
            assert row["hsps_total"] == pair["hsps"] == len(row["hsps"])
        counted = (picture["subjects"], picture["hsps"], picture["shown_hsps"])
        assert counted == (len(pairs), len(hsps), len(hsps))
        ends = [hsp[name] for hsp in hsps for name in ("qstart", "qend")]
        assert picture["extent"] == max([*ends, query["length"] or 0])
        for binned in picture["identity_distribution"]:
            top = math.inf if binned["to"] == 100 else binned["to"]
            within = [pair for pair in pairs if binned["from"] <= pair["per_ident"] < top]
            assert binned["count"] == len(within)
        assert sum(binned["count"] for binned in picture["evalue_distribution"]) == len(pairs)


def test_without_a_query_the_first_with_hits_is_drawn(opened: Opened) -> None:
    first = next(row for row in opened.page(ArtifactType.QUERIES)["rows"] if row["subjects"])
    assert opened.picture() == opened.picture(query=first["query_key"])
    assert opened.picture()["query_key"] == first["query_key"]


def test_a_filter_draws_the_pairs_that_pass(opened: Opened) -> None:
    key = opened.picture()["query_key"]
    for asked in ({"min_identity": "95"}, {"min_bitscore": "200"}, {"subject": "subj2"}):
        pairs = opened.page(ArtifactType.DESCRIPTIONS, query=key, **asked)
        picture = opened.picture(query=key, **asked)
        assert [row["subject"] for row in picture["rows"]] == [row["subject"] for row in pairs["rows"]]
        assert picture["subjects"] == pairs["filtered"]
        assert picture["excluded_unknown"] == pairs["excluded_unknown"]


def test_of_all_rounds_the_last_is_drawn(tmp_path: Path) -> None:
    path = CASES / "psiblast" / "outfmt7.tsv"
    (tmp_path / "last").mkdir()
    (tmp_path / "all").mkdir()
    last = Opened(path, tmp_path / "last")
    every = Opened(path, tmp_path / "all", iteration="all")
    assert (last.built.summary["hsps"], every.built.summary["hsps"]) == (10, 20)
    for asked in ({}, {"query": "prot"}, {"query": "@0:0", "max_evalue": "1e-80"}):
        assert every.picture(**asked) == last.picture(**asked)
    picture = every.picture()
    assert (picture["subjects"], picture["hsps"]) == (10, 10)
    assert picture["rows"][0]["hsps"][0][4:6] == [299.0, 6.51e-108]


def test_an_unknown_query_has_an_empty_picture(opened: Opened) -> None:
    picture = opened.picture(query="nobody")
    assert (picture["query_key"], picture["subjects"], picture["rows"]) == (None, 0, [])


@pytest.mark.parametrize("subject", ["gnl|BL_ORD_ID|0", "NC_1.1"])
def test_an_ordinal_means_another_subject_in_each_shard(tmp_path: Path, subject: str) -> None:
    (tmp_path / "parts").mkdir()
    texts = {
        f"shard_0{number}/batch_000-blastn-x.out": outfmt7({"q": [(subject, bits)]})
        for number, bits in enumerate((90.0, 80.0))
    }
    picture = Opened(folder_of(tmp_path / "results", texts), tmp_path / "parts").picture()
    drawn = [(row["hsps_total"], [hsp[4] for hsp in row["hsps"]]) for row in picture["rows"]]
    alone = [(1, [90.0]), (1, [80.0])]
    assert drawn == (alone if "ORD_ID" in subject else [(2, [90.0, 80.0])])
    assert picture["hsps"] == picture["shown_hsps"] == 2


@pytest.mark.parametrize("at_once", [part_table.TEXT_SLAB, 4])
def test_of_what_is_too_much_to_draw_the_best_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(part_table, "TEXT_SLAB", at_once)
    (tmp_path / "parts").mkdir()
    hits = [(f"s{subject}", 400.0 - 10 * subject + hsp) for subject in range(6) for hsp in range(3)]
    (tmp_path / "out.tsv").write_text(outfmt7({"q": hits}))
    opened = Opened(tmp_path / "out.tsv", tmp_path / "parts")

    def bits(most: int) -> dict[str, list[float]]:
        monkeypatch.setattr(drawn_by, "MOST_HSPS", most)
        picture = opened.picture()
        rows = {row["subject"]: [hsp[4] for hsp in row["hsps"]] for row in picture["rows"]}
        assert (picture["subjects"], picture["hsps"]) == (6, 18)
        assert (picture["shown_subjects"], picture["shown_hsps"]) == (len(rows), min(most, 18))
        assert all(row["hsps_total"] == 3 for row in picture["rows"])
        assert sum(binned["count"] for binned in picture["identity_distribution"]) == 6
        return rows

    assert bits(9) == {"s0": [400, 401, 402], "s1": [390, 391, 392], "s2": [380, 381, 382]}
    assert bits(5) == {"s0": [400, 401, 402], "s1": [391, 392]}
    assert bits(2) == {"s0": [401, 402]}
    assert len(bits(18)) == 6


def test_what_cannot_be_asked_of_a_picture_is_refused() -> None:
    for asked in ({"sort": "evalue"}, {"cursor": ""}, {"min_identity": "90", "max_identity": "80"}):
        with pytest.raises(BadQuestion):
            parse_graphic(asked)
