from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from local.setup import PAGE
from local.stack import Stack
from tests.web.conftest import KEEPER
from tests.web.looks import WATCH, layout_shifts, seconds_to_table, violations
from tests.web.results import adopt_crowded, adopt_million
from tests.web.visits import PHONE, WIDE, Visitor

MOST_DATA, MOST_SCRIPT, MOST_SHIFT = 150_000, 200_000, 0.01


def rows(page: Page) -> list[str]:
    """The text of the table's rows, without its head."""
    return page.locator("tbody tr").all_inner_texts()


def saved(page: Page, button: str) -> bytes:
    """What the browser saves after a click on that button."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_a_job_opens_on_the_first_query_with_hits_small_and_without_a_jump(
    keeper: Visitor, large: str
) -> None:
    page = keeper.go(f"/jobs/{large}")
    expect(page.get_by_text("1–100 of 500 subjects")).to_be_visible()
    expect(page.get_by_label("Results for")).to_have_value("query0")
    assert "Subject number 0" in rows(page)[0]
    page.wait_for_load_state("networkidle")
    data = sum(len(gzip.compress(body, mtime=0)) for body in keeper.bodies("/api/"))
    script = sum(len(gzip.compress(body, mtime=0)) for body in keeper.bodies("/assets/", ".js"))
    (entra,) = (PAGE / "assets").glob("entra-*.js")
    signed_in = script + len(gzip.compress(entra.read_bytes(), mtime=0))
    print(f"first view: {data:,} bytes of data and {script:,} of script, gzip; {signed_in:,} with sign-in")
    assert data < MOST_DATA
    assert signed_in < MOST_SCRIPT
    shifts = layout_shifts(page)
    assert sum(score for score, _ in shifts) < MOST_SHIFT, shifts


@pytest.mark.nightly
def test_a_million_hsps_fill_in_by_themselves_and_then_open_within_a_second(
    stack: Stack, keeper: Visitor, browser: Browser
) -> None:
    job_id = adopt_million(stack, KEEPER)
    page = keeper.go(f"/jobs/{job_id}")
    expect(page.get_by_text("its result files are being read").first).to_be_visible()
    expect(page.get_by_text("1–100 of 100 subjects")).to_be_visible(timeout=300_000)
    expect(page.get_by_text("1\u2009000\u2009000 HSPs")).to_be_visible()
    times, data = [], 0
    for _ in range(3):
        with Visitor.at(stack, browser, name=KEEPER) as visitor:
            visitor.page.add_init_script(WATCH)
            opened = visitor.go(f"/jobs/{job_id}")
            times.append(seconds_to_table(opened))
            opened.wait_for_load_state("networkidle")
            data = sum(len(gzip.compress(body, mtime=0)) for body in visitor.bodies("/api/"))
    print(f"first view of 1,000,000 HSPs: {data:,} bytes, table painted after {min(times):.2f} s")
    assert data < MOST_DATA
    assert min(times) < 1


def test_descriptions_have_ncbis_columns_and_their_definitions(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions")
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("≈")
    cells = [text.replace("≈", "").strip() for text in first.locator("td").all_text_contents()[1:]]
    total = sum(2000 - hsp for hsp in range(20))
    cover = f"{100 * 120 / 2200 + 19 * 100 * 100 / 2200:.0f}%"
    expected = [
        "Subject number 0, made for a test",
        "–unknown",
        "2000",
        str(total),
        cover,
        "1e-99",
        "100.00%",
    ]
    assert cells == [*expected, "5\u2009000", "20", "S0000.1"]
    for label, words in (("Max score", "Highest bit score"), ("E value", "chance hits")):
        page.get_by_role("button", name=label).focus()
        expect(page.locator(".tooltip")).to_contain_text(words)
        expect(page.locator(".tooltip")).to_contain_text("Source:")
    page.keyboard.press("Escape")
    expect(page.locator(".tooltip")).to_be_hidden()


def test_sorts_filters_and_pages_are_addresses_that_show_the_same_again(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions")
    page.get_by_role("button", name="Per. ident").click()
    page.get_by_role("button", name="Per. ident").click()
    expect(page.get_by_role("columnheader", name="Per. ident")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("tbody tr").first).to_contain_text("S0499.1")

    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Identity from").fill("70.05")
    page.get_by_label("E value to").fill("1e-97")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1–100 of 100 subjects")).to_be_visible()
    again = page.url
    page.get_by_role("button", name="E value to 1e-97").click()
    expect(page.get_by_text("1–100 of 300 subjects")).to_be_visible()

    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("101–200 of 300 subjects")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("S0199.1")
    shown = rows(page)
    page.reload()
    expect(page.get_by_text("101–200 of 300 subjects")).to_be_visible()
    assert rows(page) == shown
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(page.get_by_text("1–100 of 300 subjects")).to_be_visible()

    page.goto(again)
    expect(page.get_by_text("1–100 of 100 subjects")).to_be_visible()
    expect(page.get_by_role("button", name="Identity from 70.05%")).to_be_visible()


def test_a_filter_that_is_refused_says_why(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions?min_identity=many")
    expect(page.get_by_role("alert")).to_contain_text("min_identity must be a number from 0 to 100")


def test_nothing_that_passes_is_said_apart_from_no_hits(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions?subject=none")
    expect(page.get_by_text("Nothing passes these filters.")).to_be_visible()
    page = keeper.go(f"/jobs/{large}/descriptions?query=@1:8")
    expect(page.get_by_text("No hits for this query.")).to_be_visible()


def test_picked_rows_lead_to_their_alignments_and_files(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions")
    page.get_by_role("checkbox", name="Pick S0001.1").check()
    page.get_by_role("checkbox", name="Pick S0003.1").check()
    expect(page.get_by_text("2 rows picked")).to_be_visible()
    csv = saved(page, "CSV").decode().splitlines()
    assert [line.split(",")[1] for line in csv] == ["subject", "S0001.1", "S0003.1"]
    fasta = saved(page, "FASTA").decode()
    assert fasta.count(">S0001.1:") == fasta.count(">S0003.1:") == 20
    page.reload()
    expect(page.get_by_role("checkbox", name="Pick S0003.1")).to_be_checked()
    page.get_by_role("status").get_by_role("link", name="Alignments").click()
    expect(page.get_by_role("article")).to_have_count(40)
    expect(page.get_by_role("heading", level=2)).to_have_count(2)


def test_exports_are_what_the_api_gives(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions?query=@0:0&max_evalue=5e-98&sort=acc_len&order=asc")
    page.get_by_text("Download", exact=True).click()
    csv = saved(page, "CSV").decode().splitlines()
    assert csv[0].startswith("query,subject,query_key,max_score")
    assert len(csv) == 1 + 50
    assert saved(page, "CSV as NCBI’s").startswith(b"Description,Scientific Name,")
    assert saved(page, "Hits as FASTA").count(b">") == 50 * 20
    page.get_by_role("button", name="Copy link with filters").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.get_by_role("button", name="Copy methods sentence").click()
    assert "BLASTN 2.12.0+" in page.evaluate("navigator.clipboard.readText()")


def test_alignments_of_many_hsps_stay_a_small_document(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/alignments")
    expect(page.get_by_text("1–100 of 10\u2009000 HSPs")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 5000
    first = page.get_by_role("article").first
    expect(first).to_contain_text("Identities")
    expect(first).to_contain_text("Strand Plus/Plus")
    expect(first.locator("pre")).to_contain_text("Query  1    ACGTTGCAAC")
    expect(first.locator("pre")).to_contain_text("Sbjct  501  ACGTTGCAAC")
    page.get_by_label("Sort by").select_option("place on the query")
    expect(page.get_by_role("article").nth(1)).to_contain_text("S0001.1")


def test_thousands_of_queries_are_found_by_picker_status_and_text(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/queries")
    expect(page.get_by_text("1–100 of 5\u2009000 queries")).to_be_visible()
    page.get_by_role("button", name="No hits 500").click()
    expect(page.get_by_text("1–100 of 500 queries")).to_be_visible()
    page.get_by_role("button", name="All 5").click()
    page.get_by_label("Id or title contains").fill("number 4321")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("1–1 of 1 query")).to_be_visible()
    page.get_by_role("link", name="query4321").click()
    expect(page.get_by_text("1–2 of 2 subjects")).to_be_visible()

    picker = page.get_by_label("Results for")
    picker.click()
    picker.fill("query49")
    expect(page.get_by_role("option", name=re.compile("^query490 "))).to_be_visible()
    assert page.get_by_role("option").count() < 40
    picker.press("ArrowDown")
    picker.press("Enter")
    expect(picker).to_have_value("query490")
    assert "query=%401%3A489" in page.url


def test_a_query_far_down_the_list_is_named_and_told_of_however_it_was_come_to(
    keeper: Visitor, large: str
) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions")
    picker = page.get_by_label("Results for")
    picker.click()
    picker.fill("query4999")
    expect(page.get_by_role("option", name=re.compile("^query4999 "))).to_be_visible()
    picker.press("Enter")
    for _ in ("chosen", "by its address"):
        expect(picker).to_have_value("query4999")
        expect(page.get_by_text("No hits for this query.")).to_be_visible()
        expect(page.get_by_text("the query of number 4999")).to_be_visible()
        page.reload()
    keeper.go(f"/jobs/{large}/alignments?query=@1:77777")
    expect(page.get_by_text("The result has no such query.")).to_be_visible()


def test_next_and_previous_go_over_the_pages_of_the_list(keeper: Visitor, large: str) -> None:
    # The list's first page ends with query99, which has no hits.
    page = keeper.go(f"/jobs/{large}/descriptions?query=query98")
    picker = page.get_by_label("Results for")
    expect(page.get_by_text("99 of 5\u2009000 queries")).to_be_visible()
    for label, query in (("Next", 100), ("Next", 101), ("Previous", 100), ("Previous", 98)):
        page.get_by_role("button", name=f"{label} query with hits").click()
        expect(picker).to_have_value(f"query{query}")
    assert len([url for url in keeper.requests if "/results/queries" in url and "cursor=" in url]) == 1


def test_the_keyboard_stays_in_the_picker_after_a_choice(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/descriptions")
    picker = page.get_by_label("Results for")
    expect(picker).to_have_value("query0")
    picker.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        picker.press(key)
    expect(picker).to_have_value("query1")
    expect(picker).to_be_focused()


def test_picked_rows_say_how_many_of_their_hsps_are_shown(
    stack: Stack, browser: Browser, keeper: Visitor
) -> None:
    job_id = adopt_crowded(stack, KEEPER)
    keeper.settled(job_id)
    page = keeper.go(f"/jobs/{job_id}/alignments?pick=@0:0+S0000.1&pick=@0:0+S0001.1")
    expect(page.get_by_text("Alignments of 2 picked rows.")).to_be_visible()
    expect(page.get_by_text("100 of 120 HSPs of S0000.1.")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(200)
    page.get_by_text("100 of 120 HSPs").first.get_by_role("link").click()
    expect(page.get_by_text("1–100 of 120 HSPs")).to_be_visible()


def test_the_files_tell_what_became_of_each_and_can_be_taken(keeper: Visitor, large: str) -> None:
    page = keeper.go(f"/jobs/{large}/files")
    expect(page.get_by_role("row", name="batch_000-blastn-nt.out.gz")).to_contain_text("Read")
    expect(page.get_by_text("2 of 2 batches")).to_be_visible()
    content = saved(page, "Download batch_000-blastn-nt.out.gz")
    assert gzip.decompress(content).startswith(b"# BLASTN 2.12.0+")


def test_a_result_that_is_not_complete_says_so_and_why(keeper: Visitor, cut_short: str) -> None:
    for tab in ("descriptions", "alignments", "queries", "files"):
        page = keeper.go(f"/jobs/{cut_short}/{tab}")
        banner = page.get_by_role("alert")
        expect(banner).to_contain_text("These results are not complete.")
        expect(banner).to_contain_text("batch_001-blastn-nt.out.gz cut short")
    expect(page.get_by_text("1 of 2 files could not be read to a sure end")).to_be_visible()


def test_whether_a_result_is_complete_is_never_passed_over(keeper: Visitor, cut_short: str) -> None:
    page = keeper.page
    page.route("**/results/aggregate", lambda route: route.fulfill(status=500))
    keeper.go(f"/jobs/{cut_short}/descriptions")
    expect(page.get_by_role("alert")).to_contain_text("These results are not complete.")
    page.route("**/results", lambda route: route.fulfill(status=500))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Whether these results are complete is not known.")
    expect(page.get_by_text("1–3 of 3 subjects")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("These results are not complete.")


def test_picked_rows_that_are_not_read_yet_are_waited_for(keeper: Visitor, cut_short: str) -> None:
    page = keeper.page
    later = {"status": "completed", "state": "pending"}
    page.route(
        "**/results/alignments?*",
        lambda route: route.fulfill(status=202, json=later, headers={"Retry-After": "1"}),
        times=1,
    )
    keeper.go(f"/jobs/{cut_short}/alignments?pick=@0:0+S0000.1")
    expect(page.get_by_text("it looks again every 1 s")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)


def test_a_part_that_cannot_be_fetched_leaves_the_rest_standing(
    stack: Stack, browser: Browser, cut_short: str
) -> None:
    with browser.new_context() as context:
        context.add_init_script(f"localStorage.setItem('local-user', '{KEEPER}')")
        page = context.new_page()
        page.route("**/assets/files-*.js", lambda route: route.fulfill(status=404))
        page.goto(f"{stack.address}/jobs/{cut_short}/descriptions")
        page.get_by_role("link", name="Files").click()
        expect(page.get_by_text("This part of the page could not be shown.")).to_be_visible()
        page.get_by_role("link", name="Queries").click()
        expect(page.get_by_role("table", name="Queries")).to_be_visible()


def test_a_phone_has_all_tabs_in_sight_and_the_ways_to_sort(
    stack: Stack, browser: Browser, large: str
) -> None:
    with Visitor.at(stack, browser, PHONE, KEEPER) as visitor:
        page = visitor.go(f"/jobs/{large}/descriptions")
        page.get_by_role("button", name="Per. ident").click()
        page.get_by_role("button", name="Per. ident").click()
        expect(page.locator("tbody tr").first).to_contain_text("S0499.1")
        box = page.get_by_role("link", name="Run", exact=True).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide-light", "phone-dark"])
def test_every_page_is_accessible_fits_its_window_and_asks_no_other_host(
    size: ViewportSize, dark: bool, stack: Stack, browser: Browser, cut_short: str
) -> None:
    names = ("descriptions", "graphics", "alignments", "taxonomy", "queries", "files", "run")
    tabs = [f"/jobs/{cut_short}/{tab}" for tab in names]
    with Visitor.at(stack, browser, size, KEEPER, dark) as visitor:
        for path in (*tabs, "/", "/new"):
            page = visitor.go(path)
            expect(page.locator(".skeleton")).to_have_count(0)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert {url.startswith(visitor.address) for url in visitor.requests} == {True}
        assert not [url for url in visitor.requests if "entra" in url]
