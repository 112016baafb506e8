"""A report opened from disk, with the network off."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from blast_artifacts import __main__ as command_line
from blast_artifacts.tables.taxdump import write_table
from local.setup import ROOT
from tests.data.taxdumps import write_taxdump
from tests.web.looks import violations

SOURCE = ROOT / "tests" / "data" / "cases" / "same-search" / "outfmt15.json"
TABS = ("descriptions", "graphics", "alignments", "taxonomy", "queries")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result with its report in it."""
    place = tmp_path_factory.mktemp("report")
    table = place / "taxonomy.parquet"
    write_table(write_taxdump(place / "dump"), table)
    out = place / "my-search"
    options = ["--taxonomy", str(table)]
    assert command_line.main(["build", str(SOURCE), "--out", str(out), *options]) == 0
    assert command_line.main(["report", str(out), *options]) == 0
    return out


@pytest.fixture
def page(built: Path, browser: Browser) -> Iterator[Page]:
    """The report, which asks for nothing and complains of nothing."""
    asked: list[str] = []
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.on("console", lambda said: asked.append(said.text) if said.type == "error" else None)
        address = (built / "report.html").as_uri()
        page.goto(address)
        yield page
    assert set(asked) == {address}


def told(built: Path, capsys: pytest.CaptureFixture[str], table: str) -> Any:
    capsys.readouterr()
    assert command_line.main(["query", str(built), table, "--query", "@0:0", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_report_shows_what_the_result_has(
    page: Page, built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect(page.get_by_role("heading", name="my-search")).to_be_visible()
    expect(page.get_by_text("59 HSPs")).to_be_visible()
    pairs = told(built, capsys, "descriptions")["rows"]
    rows = page.get_by_role("table", name="Subjects found").locator("tbody tr")
    expect(rows).to_have_count(len(pairs))
    for row, pair in zip(rows.all(), pairs, strict=True):
        assert pair["subject"] in row.inner_text()

    page.get_by_role("link", name="Graphics").click()
    drawn = page.locator("[data-picture=graphic-summary] a")
    expect(drawn).to_have_count(len(pairs))
    assert [link.get_attribute("data-subject") for link in drawn.all()] == [row["subject"] for row in pairs]
    drawn.first.locator("path").first.click()
    expect(page.locator("[data-picture=pair] polygon")).to_have_count(pairs[0]["hsps"])
    expect(page.get_by_role("article")).to_have_count(pairs[0]["hsps"])

    page.get_by_role("link", name="Alignments", exact=True).click()
    hsps = told(built, capsys, "alignments")["rows"]
    expect(page.get_by_role("article")).to_have_count(len(hsps))
    page.get_by_role("link", name="Taxonomy").click()
    taxa = told(built, capsys, "taxonomy")["rows"]
    expect(page.get_by_role("table", name="Organisms").locator("tbody th a")).to_have_count(len(taxa))


def test_a_report_filters_and_sorts_by_itself(
    page: Page, built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = told(built, capsys, "descriptions")["rows"]
    rows = page.get_by_role("table", name="Subjects found").locator("tbody tr")
    page.get_by_role("button", name="Per. ident").click()
    expect(page.get_by_role("columnheader", name="Per. ident")).to_have_attribute("aria-sort", "descending")
    best = max(pairs, key=lambda pair: pair["per_ident"])
    expect(rows.first).to_contain_text(best["subject"])
    bound = sorted(pair["per_ident"] for pair in pairs)[-2]
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Identity from").fill(str(bound))
    page.get_by_role("button", name="Apply").click()
    expect(rows).to_have_count(sum(pair["per_ident"] >= bound for pair in pairs))
    page.reload()
    expect(rows).to_have_count(sum(pair["per_ident"] >= bound for pair in pairs))


def test_every_part_of_a_report_is_accessible_and_offers_nothing_it_cannot_give(page: Page) -> None:
    expect(page.get_by_role("table", name="Subjects found")).to_be_visible()
    start = page.url.split("#")[0]
    for tab in TABS:
        page.evaluate("hash => { location.hash = hash }", f"#/jobs/local-build/{tab}")
        expect(page.locator("nav.tabs .active")).to_have_text(tab.capitalize())
        expect(page.locator(".skeleton")).to_have_count(0)
        assert page.get_by_role("alert").count() == 0, tab
        assert page.get_by_text("Download", exact=True).count() == 0
        assert page.url.startswith(start)
    expect(page.get_by_role("link", name="Files")).to_have_count(0)
    assert violations(page) == []


def test_subjects_that_are_not_drawn_have_dots_and_bars(
    built: Path, browser: Browser, tmp_path: Path
) -> None:
    document = (built / "report.html").read_text()
    packed = re.search(r'id="report"[^>]*>([^<]+)<', document)
    assert packed is not None
    contents = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    of = contents["of_queries"][0]
    pairs = of["descriptions"]["rows"]
    of["graphic"]["rows"], of["alignments"]["rows"] = of["graphic"]["rows"][:1], []
    text = base64.b64encode(gzip.compress(json.dumps(contents).encode(), mtime=0)).decode()
    report = tmp_path / "cut.html"
    report.write_text(document.replace(packed[1], text))
    bound = max(pair["per_ident"] for pair in pairs[1:])
    passing = [pair for pair in pairs if pair["per_ident"] <= bound]
    assert passing == pairs[1:]
    assert len(passing) == 2
    place = f"#/jobs/local-build/graphics?query=%400%3A0&max_identity={bound}"
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(f"{(built / 'report.html').as_uri()}#/jobs/local-build/alignments?subject=none")
        expect(page.get_by_text("Nothing passes these filters.")).to_be_visible()
        expect(page.get_by_text("There is no picture of this pair")).to_have_count(0)
        page.goto("about:blank")
        page.goto(report.as_uri() + place)
        expect(page.get_by_role("status")).to_have_text(
            "2 subjects cannot be drawn along the query: the report has none of their HSPs."
        )
        expect(page.locator("[data-picture=cover-and-identity] circle")).to_have_count(2)
        for name in ("identities", "evalues"):
            bars = page.locator(f"[data-picture={name}] [data-count]")
            expect(bars.first).to_be_attached()
            counts = bars.evaluate_all("bars => bars.map(bar => Number(bar.dataset.count))")
            assert sum(counts) == 2
        assert "No hits" not in page.locator("main").inner_text()
        # The picture of a pair whose rows are not here, and a pair that has neither.
        go = "hash => { location.hash = hash }"
        address = "#/jobs/local-build/alignments?query=%400%3A0&subject="
        page.evaluate(go, address + pairs[0]["subject"])
        expect(page.locator("[data-picture=pair] polygon")).to_have_count(pairs[0]["hsps"])
        expect(page.get_by_role("alert")).to_contain_text("That is not in this report")
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        page.evaluate(go, address + pairs[1]["subject"])
        expect(page.get_by_role("status")).to_have_text(
            "There is no picture of this pair: the report has none of its HSPs."
        )


def test_a_report_that_is_not_whole_says_so(built: Path, browser: Browser, tmp_path: Path) -> None:
    whole = (built / "report.html").read_bytes()
    contents = whole.index(b'id="report"')
    told = {contents + 500: "cannot be shown", contents // 2: "the file is not whole"}
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        for length, words in told.items():
            cut = tmp_path / f"{length}.html"
            cut.write_bytes(whole[:length])
            page.goto(cut.as_uri())
            expect(page.get_by_text(words)).to_be_visible()


def test_a_frame_that_forbids_storage_shows_a_report_without_hits(browser: Browser, tmp_path: Path) -> None:
    source = SOURCE.parents[1] / "no-hits" / "outfmt15.json"
    assert command_line.main(["build", str(source), "--out", str(tmp_path / "none")]) == 0
    assert command_line.main(["report", str(tmp_path / "none")]) == 0
    frame = tmp_path / "frame.html"
    frame.write_text('<iframe sandbox="allow-scripts" src="none/report.html" width="900" height="900">')
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(frame.as_uri())
        shown = page.frame_locator("iframe")
        for tab in ("Graphics", "Alignments", "Descriptions"):
            shown.get_by_role("link", name=tab, exact=True).click()
            expect(shown.get_by_role("status")).to_have_text(
                "No hits: all was read to its end, and no query has any."
            )
        expect(shown.get_by_role("alert")).to_have_count(0)
