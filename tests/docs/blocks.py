"""The command blocks of README and docs that are marked to be run: ```sh run=NAME."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(r"^```(?P<language>\w+) run=(?P<name>[\w-]+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    page: str
    language: str
    name: str
    text: str


def blocks() -> list[Block]:
    return [
        Block(page.relative_to(ROOT).as_posix(), match["language"], match["name"], match["text"])
        for page in PAGES
        for match in _BLOCK.finditer(page.read_text("utf-8"))
    ]
