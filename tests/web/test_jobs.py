from __future__ import annotations

from playwright.sync_api import Browser, Route, expect

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


def test_a_search_that_failed_opens_on_why(visitor: Visitor) -> None:
    job_id = visitor.submit(proteins(1), database="nowhere", title="To nowhere")
    page = visitor.go(f"/jobs/{job_id}")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The search failed.")
    expect(alert).to_contain_text("BLAST Database error: No alias or index file found")
    expect(page.get_by_role("listitem").filter(has_text="Staging the database")).to_contain_text("failed")
    page.get_by_role("link", name="Descriptions").click()
    expect(page.get_by_text("These results are not complete.")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("No hits")


def test_a_run_tells_its_steps_and_its_log(visitor: Visitor) -> None:
    job_id = visitor.submit(proteins(1))
    visitor.settled(job_id)
    page = visitor.go(f"/jobs/{job_id}/run")
    steps = page.get_by_role("list", name="Steps of the run").get_by_role("listitem")
    expect(steps).to_have_count(7)
    expect(steps.filter(has_text="done")).to_have_count(7)
    page.get_by_role("button", name="Log of Running BLAST").click()
    page.get_by_role("button", name="earlier chunk").click()
    expect(page.get_by_text("run exitCode 000 0")).to_be_visible()

    def lengthen(route: Route) -> None:
        line = route.fetch().json()
        line["steps"][1] |= {"step": "own", "title": f"Annotating {'withaverylongname' * 12}"}
        route.fulfill(json=line)

    page.route("**/execution-steps", lengthen)
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        expect(page.get_by_text("Annotating with")).to_be_visible()
        for column in (".step-state", ".step-time"):
            lefts = page.locator(column).evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")
            assert len(set(lefts)) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_search_is_cancelled_searched_again_and_deleted_each_asked_twice(visitor: Visitor) -> None:
    job_id = visitor.submit(sample.query(), title="Long", options=dict(sample.OPTIONS))
    page = visitor.go(f"/jobs/{job_id}/descriptions")
    expect(page.get_by_text("Its results appear here by themselves")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel the search").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()

    page.get_by_role("button", name="Retry").click()
    page.get_by_role("button", name="Search again").click()
    expect(page.get_by_text("run 2")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel the search").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("You have no jobs yet.")).to_be_visible()
    page.goto(f"{visitor.address}/jobs/{job_id}")
    expect(page.get_by_role("alert")).to_contain_text("There is no such job.")


def test_a_job_that_is_gone_says_so_and_is_not_asked_for_again(visitor: Visitor) -> None:
    job_id = visitor.submit(proteins(1), database="nowhere", title="Soon gone")
    running = {**visitor.settled(job_id), "status": "running", "finished_at": None}
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(404 if asked else 200)
        detail = {"code": "not_found", "detail": "There is no such job."}
        route.fulfill(status=asked[-1], json=running if asked == [200] else detail)

    page = visitor.page
    page.clock.install()
    page.route(f"**/api/blast/jobs/{job_id}", answer)
    visitor.go(f"/jobs/{job_id}")
    expect(page.get_by_role("heading", name="Soon gone")).to_be_visible()
    page.clock.fast_forward("01:00")
    expect(page.get_by_role("alert")).to_contain_text("There is no such job.")
    page.clock.fast_forward("10:00")
    assert asked == [200, 404]


def test_the_form_says_what_is_wrong_where_it_is_wrong_and_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.go("/new")
    dropped = page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'a.fa')); return data }",
        proteins(1),
    )
    page.locator(".query").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_text("1 sequence,")).to_be_visible()
    expect(page.get_by_text("The query looks like protein sequences; blastn takes")).to_be_visible()
    page.get_by_role("radio", name="blastp", exact=False).first.check()
    page.get_by_label("Database").fill("../secret")
    page.get_by_label("E value").fill("-3")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.get_by_label("E value")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Database")).to_have_value("../secret")
    assert visitor.ask("GET", "")["jobs"] == []


def test_who_looks_is_chosen_and_sees_no_jobs_of_others(visitor: Visitor, browser: Browser) -> None:
    job_id = visitor.submit(proteins(1), database="nowhere", title="Mine")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{visitor.address}/jobs/{job_id}")
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        page.get_by_label("Name").fill("somebody else")
        expect(page.get_by_role("button", name="Go on")).to_be_disabled()
        page.get_by_label("Name").fill("somebody-else")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("There is no such job.")
        page.get_by_role("button", name="Change").click()
        page.get_by_label("Name").fill(visitor.name)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Mine")).to_be_visible()
