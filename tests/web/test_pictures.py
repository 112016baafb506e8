"""Pictures in the page beside what the API answers, and beside results whose places are known."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local.stack import Stack
from tests.web.conftest import KEEPER
from tests.web.looks import violations
from tests.web.results import FIELDS, adopt
from tests.web.visits import Visitor, settled

WIDTH, MARGIN = 1000, 20
COLOURS = {39: "#000000", 45: "#0000ff", 60: "#00ff00", 100: "#ff00ff", 500: "#ff0000"}
"""Of NCBI's graphic summary, by a bit score of each class."""

LENGTH = 960
"""Letters of the query below: a letter is a unit of the picture."""

ACROSS, UPWARDS = (60, 980), (20, 300)
"""Where scatter and histograms begin and end."""

MOST_SECONDS = 1.0


def hsp(
    subject: str,
    bits: int,
    query: tuple[int, int],
    at: tuple[int, int],
    ident: float = 90.0,
    evalue: str = "1e-30",
) -> str:
    cells = ["q", subject, ident, 100, 10, 0, *query, *at, evalue, bits, f"About {subject}", LENGTH, 800]
    return "\t".join(map(str, [*cells, "ACGT", "ACGT"])) + "\n"


TITLE = "the only one, " + "with a title of many words and a control character \x02 " * 8

HSPS = [
    hsp("red", 500, (1, 100), (1, 100), 99.0),
    hsp("red", 45, (301, 400), (500, 401)),
    hsp("magenta", 100, (201, 300), (300, 201)),
    hsp("green", 60, (1, 480), (1, 480), 84.99),
    hsp("blue", 45, (861, 960), (1, 100), 85.0, "9.99e-6"),
    hsp("black", 39, (401, 410), (1, 10), 90.0, "1e-5"),
]


@pytest.fixture(scope="session")
def coloured(stack: Stack) -> str:
    """The keeper's job of five subjects, one of each colour."""
    head = f"# BLASTN 2.12.0+\n# Query: q {TITLE}\n# Database: nt\n# Fields: {FIELDS}\n"
    report = f"{head}# {len(HSPS)} hits found\n{''.join(HSPS)}# BLAST processed 1 queries\n"
    files = {"batch_000-blastn-nt.out.gz": gzip.compress(report.encode(), mtime=0)}
    job_id = adopt(stack, KEEPER, files, 1)
    settled(stack.address, KEEPER, job_id)
    return job_id


def drawn(page: Page, name: str) -> Locator:
    return page.locator(f"[data-picture={name}]")


def subjects(picture: Locator) -> list[dict[str, Any]]:
    """Of each row: the subject, its bars by colour, and where the line that links them begins and ends."""
    found = picture.locator("a").evaluate_all(
        """links => links.map(link => ({
            subject: link.dataset.subject,
            line: [...link.querySelectorAll('line')].map(l => [+l.getAttribute('x1'), +l.getAttribute('x2')]),
            paths: [...link.querySelectorAll('path')].map(p => [p.getAttribute('fill'), p.getAttribute('d')]),
        }))"""
    )
    return list(found)


def starts(path: str) -> list[float]:
    """Where each bar of a path begins."""
    return [float(x) for x in re.findall(r"M(-?[\d.]+) ", path)]


def test_hsps_lie_where_they_are_on_the_query_in_the_colours_of_their_scores(
    reader: Visitor, coloured: str
) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    expect(drawn(page, "graphic-summary")).to_be_visible()
    rows = subjects(drawn(page, "graphic-summary"))
    assert [row["subject"] for row in rows] == ["red", "magenta", "green", "blue", "black"]
    bars = {row["subject"]: row["paths"] for row in rows}
    assert [colour for colour, _ in bars["red"]] == [COLOURS[45], COLOURS[500]]
    for subject, bits in (("magenta", 100), ("green", 60), ("blue", 45), ("black", 39)):
        assert [colour for colour, _ in bars[subject]] == [COLOURS[bits]]
    assert starts(bars["green"][0][1]) == [MARGIN]
    assert starts(bars["blue"][0][1]) == [MARGIN + 860]
    # The minus strand points to the left: it begins at its point, with a line upwards.
    assert bars["magenta"][0][1].startswith("M220 ")
    assert re.match(r"M220 [\d.]+l4 -3h96v6h-96z", bars["magenta"][0][1])
    assert re.match(r"M20 [\d.]+h476l4 3l-4 3h-476z", bars["green"][0][1])
    assert rows[0]["line"] == [[20, 420]]
    assert [row["line"] for row in rows[1:]] == [[]] * 4

    page.get_by_label("Score colours").select_option("colour-blind safe")
    safe = subjects(drawn(page, "graphic-summary"))
    assert len({colour for row in safe for colour, _ in row["paths"]} & set(COLOURS.values())) == 0
    page.reload()
    expect(page.get_by_label("Score colours")).to_have_value("safe")
    page.get_by_label("Score colours").select_option("ncbi")


def test_dots_and_bars_lie_where_their_values_are(reader: Visitor, coloured: str) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    expect(drawn(page, "evalues")).to_be_visible()
    told = reader.ask("GET", f"/{coloured}/results/descriptions")["rows"]
    (left, right), (top, bottom), lowest = ACROSS, UPWARDS, 80
    dots = (
        drawn(page, "cover-and-identity")
        .locator("a")
        .evaluate_all(
            """links => links.map(link => [link.dataset.subject, link.querySelector('circle')]).map(
            ([name, dot]) => [name, ...['cx', 'cy', 'fill'].map(of => dot.getAttribute(of))]
        )"""
        )
    )
    assert [[name, float(x), float(y), colour] for name, x, y, colour in sorted(dots)] == [
        [
            row["subject"],
            pytest.approx(left + (right - left) * row["query_cover"] / 100),
            pytest.approx(bottom - (bottom - top) * (row["per_ident"] - lowest) / (100 - lowest)),
            COLOURS[int(row["max_score"])],
        ]
        for row in sorted(told, key=lambda row: str(row["subject"]))
    ]
    answer = reader.ask("GET", f"/{coloured}/results/graphic")
    for name, bins in (("identities", "identity_distribution"), ("evalues", "evalue_distribution")):
        counts = [one["count"] for one in answer[bins]]
        bars = (
            drawn(page, name)
            .locator("[data-count]")
            .evaluate_all("bars => bars.map(bar => ['x', 'y', 'height'].map(of => +bar.getAttribute(of)))")
        )
        heights = [(bottom - top) * count / max(counts) for count in counts]
        steps = range(len(counts))
        assert [bar[0] for bar in bars] == pytest.approx(
            [left + (right - left) * n / len(counts) + 1 for n in steps]
        )
        assert [bar[1] for bar in bars] == pytest.approx([bottom - height for height in heights])
        assert [bar[2] for bar in bars] == pytest.approx(heights)


def test_pictures_have_words_and_are_accessible(reader: Visitor, coloured: str) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    expect(page.get_by_text("5 subjects with 6 HSPs along the query, all drawn")).to_be_visible()
    expect(page.get_by_role("figure")).to_have_count(4)
    page.get_by_text("Graphic summary as a table").click()
    expect(page.get_by_role("row", name="magenta")).to_contain_text("201–300")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.emulate_media(color_scheme="light")


def text_ends(page: Page, saved: str) -> float:
    """Where the text ends that reaches farthest to the right in a saved picture."""
    alone = page.context.new_page()
    alone.set_content(saved)
    boxes = "texts => texts.map(text => text.getBBox()).map(box => box.x + box.width)"
    ends = alone.locator("text").evaluate_all(boxes)
    alone.close()
    return float(max(ends))


def test_pictures_are_saved_with_title_query_and_database(reader: Visitor, coloured: str) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    page.wait_for_load_state("networkidle")
    with page.expect_download() as download:
        page.get_by_role("button", name="Graphic summary as SVG").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert "a control character \ufffd" in saved
    svg = ElementTree.fromstring(saved)
    assert text_ends(page, saved) <= WIDTH
    words = " ".join(svg.itertext())
    job = reader.ask("GET", f"/{coloured}")
    assert f"Graphic summary: {job['title'] or coloured}" in words
    assert "Query: q the only one" in words
    assert "blastn, database: nt" in words
    names = {each.tag.rpartition("}")[2] for each in svg.iter()}
    assert "a" not in names
    assert len(svg.findall(".//{http://www.w3.org/2000/svg}path")) == 6
    expect(page.get_by_role("button", name="as PNG")).to_have_count(4)
    with page.expect_download() as download:
        page.get_by_role("button", name="Graphic summary as PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_bar_of_what_was_filtered_leads_to_rows_that_pass_the_filter(
    reader: Visitor, coloured: str
) -> None:
    page = reader.go(f"/jobs/{coloured}/graphics?min_bitscore=50")
    bar = drawn(page, "evalues").locator("[data-from='1e-50']")
    expect(bar.locator("rect")).to_have_attribute("data-count", "3")
    expect(drawn(page, "evalues").locator("a[href]")).to_have_count(1)
    bar.click()
    expect(page.get_by_role("button", name="Bit score from 50")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_each_click_leads_to_the_rows_behind_it(reader: Visitor, coloured: str) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    drawn(page, "graphic-summary").locator("[data-subject=red] path").first.click()
    expect(page.get_by_role("article")).to_have_count(2)
    assert "subject=red" in page.url
    page.go_back()
    drawn(page, "cover-and-identity").locator("[data-subject=green]").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("About green")
    page.go_back()
    for picture, lower_edge, subject in (("identities", "80", "green"), ("evalues", "1e-10", "blue")):
        bar = drawn(page, picture).locator(f"[data-from='{lower_edge}']")
        expect(bar.locator("rect")).to_have_attribute("data-count", "1")
        bar.click()
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text(f"About {subject}")
        page.go_back()


def test_a_pair_is_drawn_to_scale_and_crossed_where_strands_differ(reader: Visitor, coloured: str) -> None:
    page = reader.stay(f"/jobs/{coloured}/graphics")
    drawn(page, "graphic-summary").locator("[data-subject=red] path").first.click()
    bands = drawn(page, "pair").locator("polygon")
    expect(bands).to_have_count(2)
    assert [bands.nth(n).get_attribute("points") for n in range(2)] == [
        "320,60 420,60 420,200 520,200",
        "20,60 120,60 120,200 20,200",
    ]
    assert [bands.nth(n).get_attribute("fill") for n in range(2)] == [COLOURS[45], COLOURS[500]]
    bars = drawn(page, "pair").locator("[data-bar]")
    assert [bars.nth(n).get_attribute("width") for n in range(2)] == ["960", "800"]
    falling, rising = (
        drawn(page, "dot-plot")
        .locator("a line")
        .evaluate_all(
            "lines => lines.map(line => Number(line.getAttribute('y2')) - Number(line.getAttribute('y1')))"
        )
    )
    assert falling == pytest.approx(50)
    assert rising == pytest.approx(-50)
    assert violations(page) == []
    drawn(page, "dot-plot").locator("a").first.click(force=True)
    expect(page.get_by_role("button", name="Places 301-400:500-401")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("45")
    expect(drawn(page, "pair").locator("polygon")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Query and subject as SVG").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert "Query: q the only one" in saved
    assert ">Subject: red<" in saved


WATCH = """
window.tasks = []
new PerformanceObserver(list => { for (const task of list.getEntries()) window.tasks.push(task) })
    .observe({type: 'longtask', buffered: true})
window.drawn = new Promise(done => new MutationObserver((_, watching) => {
    if (document.querySelectorAll('[data-picture]').length < 4) return
    watching.disconnect()
    requestAnimationFrame(() => setTimeout(() => done(performance.now())))
}).observe(document, {childList: true, subtree: true}))
"""
"""Notes tasks over 50 ms, and when all pictures were painted."""


SEEN = """window.drawn.then(painted => {
    const found = performance.getEntriesByType('resource')
    const answered = found.find(({name}) => name.includes('/results/graphic')).responseEnd
    const late = window.tasks.filter(({startTime}) => startTime >= answered - 50)
    return [(painted - answered) / 1000, Math.max(0, ...late.map(({duration}) => duration))]
})"""
"""Seconds from the answer until all was painted, and the longest task of that time in milliseconds."""


@pytest.fixture(scope="module")
def crowded(stack: Stack, browser: Browser, large: str) -> Iterator[tuple[Visitor, dict[str, float]]]:
    """A window with 10,000 HSPs, and what the browser measured while it drew them."""
    with Visitor.at(stack, browser, name=KEEPER) as visitor:
        visitor.page.add_init_script(WATCH)
        session = visitor.page.context.new_cdp_session(visitor.page)
        # In time of the page's own thread: what else the machine does must not count.
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page = visitor.go(f"/jobs/{large}/graphics")
        seconds, task = page.evaluate(SEEN)
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        nodes = page.evaluate("document.querySelectorAll('*').length")
        yield visitor, {"seconds": seconds, "task": task, "thread": found["TaskDuration"], "nodes": nodes}


def test_ten_thousand_hsps_are_drawn_within_a_second(crowded: tuple[Visitor, dict[str, float]]) -> None:
    _, took = crowded
    print(
        f"10,000 HSPs drawn {took['seconds']:.2f} s after the answer, longest task {took['task']} ms,"
        f" {took['nodes']:,} nodes; {took['thread']:.2f} s of its thread for the whole page"
    )
    assert took["thread"] < MOST_SECONDS
    assert took["nodes"] < 8000


def test_counts_in_the_pictures_are_the_apis(crowded: tuple[Visitor, dict[str, float]], large: str) -> None:
    visitor, _ = crowded
    page = visitor.page
    expect(page.get_by_text("500 subjects with 10\u2009000 HSPs along the query, all drawn")).to_be_visible()
    answer = visitor.ask("GET", f"/{large}/results/graphic")
    rows = subjects(drawn(page, "graphic-summary"))
    assert [row["subject"] for row in rows] == [row["subject"] for row in answer["rows"]]
    scale = (WIDTH - 2 * MARGIN) / answer["extent"]
    for row, told in zip(rows, answer["rows"], strict=True):
        begins = sorted(x for _, path in row["paths"] for x in starts(path))
        assert begins == pytest.approx([MARGIN + (hsp[0] - 1) * scale for hsp in told["hsps"]], abs=0.01)
    expect(drawn(page, "cover-and-identity").locator("circle")).to_have_count(500)
    for name, told in (("identities", "identity_distribution"), ("evalues", "evalue_distribution")):
        counts = (
            drawn(page, name)
            .locator("[data-count]")
            .evaluate_all("bars => bars.map(bar => Number(bar.dataset.count))")
        )
        assert counts == [one["count"] for one in answer[told]]
    page.get_by_text("Graphic summary as a table").click()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(500)
