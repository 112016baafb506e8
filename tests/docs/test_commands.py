"""Commands that the pages name but no test runs: our own parsers take them, and tools get what they take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from blast_artifacts.__main__ import _parser as of_artifacts
from local.__main__ import PASSING_ON
from local.__main__ import parser as of_local
from tests.docs.blocks import PAGES, ROOT

_OURS = re.compile(r"python3? -m (local|blast_artifacts) ([^`\n|]+)")


def named() -> Iterator[tuple[str, str, str]]:
    """Page, program and arguments of each of our commands in a block or between backticks."""
    for page in [*PAGES, ROOT / "web" / "README.md", ROOT / "local.settings.json", ROOT / "azure.yaml"]:
        for program, words in _OURS.findall(page.read_text("utf-8")):
            yield page.relative_to(ROOT).as_posix(), program, words.partition("#")[0].strip()


@pytest.mark.parametrize(("page", "program", "words"), sorted(set(named())))
def test_every_command_of_ours_is_one_that_there_is(page: str, program: str, words: str) -> None:
    arguments = shlex.split(words)
    if program == "local":
        arguments = arguments[:1] if arguments[0] in PASSING_ON else arguments
        of_local().parse_args(arguments)
    else:
        of_artifacts().parse_args(arguments)


def test_azcopy_is_given_addresses_and_copies_the_marker_last() -> None:
    """It knows Amazon's buckets by https only, and takes s3:// for a folder of this machine."""
    text = (ROOT / "docs" / "pipeline.md").read_text("utf-8")
    (block,) = [part for part in re.findall(r"```sh\n(.*?)```", text, re.S) if "azcopy" in part]
    assert re.findall(r"^(?:from|to)=['\"](\w+)://", block, re.M) == ["https", "https"]
    first, last = re.findall(r"azcopy copy .*?(--\w+-pattern) 'SUCCESS.txt;FAILURE.txt'", block)
    assert (first, last) == ("--exclude-pattern", "--include-pattern")
