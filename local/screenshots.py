"""The command `screenshots`: each tab of the results page as a picture for the docs, light and dark."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from local.demo import USER, DemoFailed, run_search
from local.environment import environment
from local.pipeline.sample import DATA
from local.processes import ProcessFailed
from local.setup import PAGE, ROOT
from local.stack import Stack, interrupted_by_sigterm

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

SIZE: ViewportSize = {"width": 1280, "height": 860}
SCHEMES = ("light", "dark")
TAXDUMP = DATA / "taxonomy"

_FLAVODOXIN = {"query": "sp|P61949|FLAV_ECOLI", "max_evalue": "10"}
_PAX = {"query": "sp|P26367|PAX6_HUMAN", "subject": "sp|P23760|PAX3_HUMAN"}
TABS: Mapping[str, Mapping[str, str]] = {
    "descriptions": _FLAVODOXIN,
    "graphics": _FLAVODOXIN,
    "alignments": _PAX,
    "taxonomy": _FLAVODOXIN,
    "queries": {},
    "files": {},
    "run": {},
}
"""What each tab of the sample search is asked for."""

_QUALITY = 80
_PATIENCE_MS = 60_000


def screenshots(folder: Path) -> int:
    """Run the sample search and photograph its page; 0 if every tab has its pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("error: there is no chromium on the PATH (Debian: apt-get install chromium)", file=sys.stderr)
        return 1
    with interrupted_by_sigterm(), tempfile.TemporaryDirectory() as data:
        try:
            table = _taxonomy_table(Path(data) / "taxonomy.parquet")
            with environment({"TAXONOMY_FILE": str(table)}), Stack(Path(data) / "stack", page=PAGE) as stack:
                job_id = run_search(stack)["job_id"]
                with _browser(chromium) as browser:
                    pages = {
                        name: f"/jobs/{job_id}/{name}?{urlencode(asked)}" for name, asked in TABS.items()
                    }
                    photograph(browser, stack.address, USER, pages, folder)
        except KeyboardInterrupt:
            return 130
        except (ProcessFailed, DemoFailed, subprocess.CalledProcessError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


def photograph(browser: Browser, address: str, user: str, pages: Mapping[str, str], folder: Path) -> None:
    """Write `NAME-light.webp` and `NAME-dark.webp` for each page, once nothing of it is being loaded."""
    from playwright.sync_api import expect

    folder.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        dark = scheme == "dark"
        with browser.new_context(viewport=SIZE, color_scheme="dark" if dark else "light") as context:
            context.add_init_script(f"localStorage.setItem('local-user', '{user}')")
            page = context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            camera = context.new_cdp_session(page)
            for name, path in pages.items():
                page.goto(address + path, wait_until="networkidle")
                page.locator("nav.tabs .active").wait_for()
                expect(page.locator(".skeleton, [aria-busy=true]")).to_have_count(0, timeout=_PATIENCE_MS)
                shot = camera.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
                picture = folder / f"{name}-{scheme}.webp"
                picture.write_bytes(base64.b64decode(shot["data"]))
                print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB", flush=True)


def _taxonomy_table(table: Path) -> Path:
    """Made by the command that an operator has for it: what is local imports nothing of the app."""
    make = [sys.executable, "-m", "blast_artifacts", "taxonomy", str(TAXDUMP), "--out", str(table)]
    subprocess.run(make, cwd=ROOT, check=True)
    return table


@contextmanager
def _browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()
