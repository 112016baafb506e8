"""The screenshots in the docs: one of each tab, light and dark, and small."""

from __future__ import annotations

import re

from local.screenshots import SCHEMES, TABS
from tests.docs.blocks import ROOT

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 1_500_000


def test_every_tab_of_the_page_has_its_screenshots_in_the_docs() -> None:
    source = (ROOT / "web" / "src" / "job" / "job-page.tsx").read_text("utf-8")
    (tabs,) = re.findall(r"const TABS = \{(.*?)\}", source, re.S)
    assert re.findall(r"(\w+):", tabs) == list(TABS)
    shown = re.findall(r"\(screenshots/(\S+)\)", (ROOT / "docs" / "page.md").read_text("utf-8"))
    wanted = {f"{tab}-{scheme}.webp" for tab in TABS for scheme in SCHEMES}
    assert set(shown) == wanted == {path.name for path in FOLDER.iterdir()}
    first = re.findall(r'src="docs/screenshots/([^"]+)"', (ROOT / "README.md").read_text("utf-8"))
    assert len(first) == len(wanted & set(first)) == 2


def test_screenshots_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES
