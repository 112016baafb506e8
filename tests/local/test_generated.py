from __future__ import annotations

from pathlib import Path

import pytest

from local.generated import generate, generated
from local.setup import ROOT


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_generated_agrees_with_the_code(path: Path) -> None:
    assert path.read_text("utf-8") == generated()[path], "run: python3 -m local generate"


def test_generating_again_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate() == 0
    assert capsys.readouterr().out == ""
