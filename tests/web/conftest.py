"""A running stack with the page, and a browser to look at it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from blast_artifacts.tables.taxdump import write_table
from local.setup import PAGE, ROOT
from local.stack import Stack
from tests.data.taxdumps import write_taxdump
from tests.web.results import adopt_cut_short, adopt_large
from tests.web.visits import Visitor, settled

CHROMIUM = shutil.which("chromium")

KEEPER = "keeper"

expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        here = Path(__file__).parent
        for item in items:
            if item.path.is_relative_to(here):
                item.add_marker(pytest.mark.skip(reason="no chromium on the PATH"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The app, which a page of any origin may call and which knows some taxa, with the page beside it."""
    app = tmp_path_factory.mktemp("app")
    for name in ("function_app.py", "host.json"):
        shutil.copyfile(ROOT / name, app / name)
    local_settings = json.loads((ROOT / "local.settings.json").read_text())
    local_settings["Host"]["CORS"] = "*"
    (app / "local.settings.json").write_text(json.dumps(local_settings))
    data = tmp_path_factory.mktemp("stack")
    write_table(write_taxdump(app / "dump"), app / "taxonomy.parquet")
    running = Stack(data, app=app, page=PAGE, say=lambda _: None)
    with pytest.MonkeyPatch.context() as environment:
        # The processes of the app take it over as they start; tests of the same worker are not to have it.
        environment.setenv("TAXONOMY_FILE", str(app / "taxonomy.parquet"))
        running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not for the session: the driver's suspended event loop is not to be there while other tests run.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def visitor(stack: Stack, browser: Browser) -> Iterator[Visitor]:
    """Somebody with jobs of their own, at a wide window."""
    with Visitor.at(stack, browser) as visitor:
        yield visitor


@pytest.fixture
def keeper(stack: Stack, browser: Browser) -> Iterator[Visitor]:
    """The owner of the finished results below."""
    with Visitor.at(stack, browser, name=KEEPER) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def reader(stack: Stack, browser: Browser) -> Iterator[Visitor]:
    """The keeper in one window for all tests of a module: for those that only look."""
    with Visitor.at(stack, browser, name=KEEPER) as visitor:
        yield visitor


@pytest.fixture(scope="session")
def large(stack: Stack) -> str:
    """The keeper's job of 5,000 queries, once it is settled."""
    job_id = adopt_large(stack, KEEPER)
    settled(stack.address, KEEPER, job_id)
    return job_id


@pytest.fixture(scope="session")
def cut_short(stack: Stack) -> str:
    """The keeper's job of which not all is there, once it is settled."""
    job_id = adopt_cut_short(stack, KEEPER)
    settled(stack.address, KEEPER, job_id)
    return job_id
