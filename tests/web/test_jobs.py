from __future__ import annotations

from playwright.sync_api import expect

from local.pipeline import sample
from tests.web.visits import Visitor


def proteins(count: int) -> str:
    """The first sample proteins, FASTA."""
    return ">" + ">".join(sample.query().split(">")[1 : count + 1])


def test_a_search_is_submitted_followed_and_opens_on_its_descriptions(visitor: Visitor) -> None:
    page = visitor.go("/")
    expect(page.get_by_text("You have no jobs yet.")).to_be_visible()
    page.get_by_role("link", name="New search").first.click()
    page.get_by_role("radio", name="blastp").check()
    page.get_by_label("Query", exact=True).fill(proteins(3))
    expect(page.get_by_text("3 sequences")).to_be_visible()
    page.get_by_label("Database").fill("sample-proteins")
    page.get_by_label("Title").fill("Three proteins")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("heading", name="Three proteins")).to_be_visible()
    expect(page.get_by_role("table", name="Subjects found")).to_be_visible()
    expect(page.get_by_role("row")).not_to_have_count(1)
    assert page.url.startswith(f"{visitor.address}/jobs/")

    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page.get_by_role("row", name="Three proteins")).to_contain_text("Completed")
