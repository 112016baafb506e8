"""The taxonomy tab beside what the API answers, for subjects of known taxa."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.views.built import FIELDS, outfmt6_row
from tests.web.conftest import KEEPER
from tests.web.looks import violations
from tests.web.results import adopt
from tests.web.visits import Visitor, settled

SUBJECTS = [
    ("human1", 300, "9606"),
    ("human2", 299, "9606"),
    ("chimp", 100, "9598"),
    ("both", 70, "9606;562"),
    ("mouse", 45, "10090"),
    ("gone", 42, "99999999"),
    ("none", 30, "0"),
]
HUMAN, CHIMP, MOUSE, PRIMATES, UNRESOLVED = 9606, 9598, 10090, 9604, 99999999
RED, MAGENTA, BLUE = "#ff0000", "#ff00ff", "#0000ff"
LONGEST_BAR = 200


@pytest.fixture(scope="session")
def classified(stack: Stack) -> str:
    """The reader's job of one query with these subjects, and one with a subject of no taxid alone."""
    rows = "".join(outfmt6_row("q1", name, bits, f"\t{taxids}") + "\n" for name, bits, taxids in SUBJECTS)
    other = outfmt6_row("q2", "unknown", 50, "\tN/A") + "\n"
    text = ""
    for query, hits, count in (("q1", rows, len(SUBJECTS)), ("q2", other, 1)):
        text += f"# BLASTN 2.12.0+\n# Query: {query}\n# Database: nt\n# Fields: {FIELDS}\n"
        text += f"# {count} hits found\n{hits}"
    report = gzip.compress(f"{text}# BLAST processed 2 queries\n".encode(), mtime=0)
    job_id = adopt(stack, KEEPER, {"batch_000-blastn-nt.out.gz": report}, 1)
    settled(stack.address, KEEPER, job_id)
    return job_id


def branches(tree: dict[str, Any]) -> list[tuple[int, int]]:
    """Taxid and hits of each branch, from the top down."""
    below = [pair for child in tree["children"] for pair in branches(child)]
    return [(tree["taxid"], tree["hits"]), *below]


def organisms(page: Page) -> list[list[str]]:
    """Name, taxid and number of subjects of each row."""
    rows = page.get_by_role("table", name="Organisms").locator("tbody tr")
    return [row.locator("th, td").all_inner_texts()[:3] for row in rows.all()]


def test_organisms_tree_and_counts_are_the_apis(reader: Visitor, classified: str) -> None:
    page = reader.stay(f"/jobs/{classified}/taxonomy")
    expect(page.get_by_role("table", name="Organisms")).to_be_visible()
    told = reader.ask("GET", f"/{classified}/results/taxonomy")
    rows = organisms(page)
    assert [(row[1], row[2]) for row in rows[:-1]] == [
        (str(row["taxid"]), str(row["subjects"])) for row in told["rows"]
    ]
    assert rows[0][0].startswith("Homo sapiens")
    assert rows[0][2] == "3"
    assert rows[-1][0] == "No taxid"
    assert rows[-1][2] == str(told["unassigned"]["subjects"]) == "2"
    drawn = page.locator("[data-picture=taxonomy-tree] a").evaluate_all(
        "links => links.map(link => [Number(link.dataset.taxid), Number(link.dataset.hits)])"
    )
    assert [tuple(pair) for pair in drawn] == branches(told["tree"])
    bars = page.locator("[data-picture=taxonomy-tree] a").evaluate_all(
        """links => links.map(link => [...link.querySelectorAll('rect')].at(-1)).map(
            bar => [+bar.getAttribute('width'), bar.getAttribute('fill')]
        )"""
    )
    assert [width for width, _ in bars] == pytest.approx(
        [LONGEST_BAR * hits / told["tree"]["hits"] for _, hits in branches(told["tree"])]
    )
    colours = {taxid: colour for (taxid, _), (_, colour) in zip(drawn, bars, strict=True)}
    assert [colours[taxid] for taxid in (HUMAN, CHIMP, MOUSE)] == [RED, MAGENTA, BLUE]
    page.get_by_label("Score colours").select_option("colour-blind safe")
    expect(page.locator(f"[data-picture=taxonomy-tree] [fill='{RED}']")).to_have_count(0)
    page.get_by_label("Score colours").select_option("ncbi")
    page.wait_for_load_state("networkidle")
    with page.expect_download() as download:
        page.get_by_role("button", name="Taxonomy tree as SVG").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert all(words in saved for words in ("Taxonomy tree: ", "All queries", "database: nt", "Homo sapiens"))
    expect(page.get_by_text("common ancestor of the best hits: Homo sapiens")).to_be_visible()
    assert violations(page) == []


def test_what_has_no_taxid_or_an_unknown_one_is_said_with_what_helps(
    reader: Visitor, classified: str
) -> None:
    page = reader.stay(f"/jobs/{classified}/taxonomy")
    expect(page.get_by_text("2 subjects without a taxid.")).to_be_visible()
    expect(page.get_by_text("-outfmt '7 std staxids'").first).to_be_visible()
    expect(page.get_by_text("Unresolved taxid: 1 subject.")).to_be_visible()
    expect(page.get_by_role("row", name=str(UNRESOLVED))).to_contain_text("unresolved")
    page = reader.go(f"/jobs/{classified}/taxonomy?query=q2")
    expect(page.get_by_text("1 subject without a taxid.")).to_be_visible()
    expect(page.get_by_role("table", name="Organisms")).to_have_count(0)


def test_a_click_on_a_taxon_filters_the_descriptions(reader: Visitor, classified: str) -> None:
    page = reader.stay(f"/jobs/{classified}/taxonomy")
    page.locator(f"[data-taxid='{PRIMATES}']").click()
    expect(page.get_by_role("button", name=f"Taxid {PRIMATES}")).to_be_visible()
    expect(page.get_by_text("1–4 of 4 subjects, of 8 in the whole result")).to_be_visible()
    page.go_back()
    page.get_by_role("table", name="Organisms").get_by_role("link", name="Mus musculus").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("mouse")


def test_the_lineage_report_begins_with_what_is_closest(reader: Visitor, classified: str) -> None:
    page = reader.stay(f"/jobs/{classified}/taxonomy")
    page.get_by_label("Sort by").select_option("lineage shared with the best hit")
    expect(page.get_by_role("table", name="Organisms").locator("tbody tr").nth(2)).to_contain_text("Mus")
    assert [row[1] for row in organisms(page)][:4] == ["9606", "9598", "10090", "562"]
    expect(page.get_by_role("row", name="Mus musculus").first).to_contain_text("Vertebrata › Mammalia")
