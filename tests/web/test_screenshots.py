"""The command that photographs the page for the docs, on one tab."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from local.screenshots import photograph
from local.stack import Stack
from tests.web.conftest import KEEPER


def test_a_tab_is_photographed_light_and_dark(
    stack: Stack, browser: Browser, cut_short: str, tmp_path: Path
) -> None:
    photograph(browser, stack.address, KEEPER, {"graphics": f"/jobs/{cut_short}/graphics"}, tmp_path)
    light, dark = ((tmp_path / f"graphics-{scheme}.webp").read_bytes() for scheme in ("light", "dark"))
    assert light[:4] == dark[:4] == b"RIFF"
    assert light != dark
    assert 10_000 < len(light) < 200_000
