"""What a line of a table means does not depend on the lines beside it."""

from __future__ import annotations

import pytest

from tests.reading.files import read_whole
from tests.reading.test_tabular import row


@pytest.mark.parametrize(
    ("outfmt", "line"),
    [
        ("6", "\t" * 11),
        ("6 qseqid sseqid length", " \t \t "),
        ("6 qseqid sseqid", "\t"),
        ("6 length qseqid", " \t"),
        ("6 qseqid", "  "),
        ("6 qseqid", "Search has CONVERGED!"),
        ("6 qseqid", "Warning: [blastn] Query is Empty!"),
        ("10 qseqid sseqid", "Warning: [blastn] Query is Empty, or nearly"),
        ("10 qseqid sseqid length", "Warning: [blastn] Query is Empty,,"),
    ],
)
def test_what_is_no_row_is_none_whatever_stands_beside_it(outfmt: str, line: str) -> None:
    cells = {"qseqid": "q1", "sseqid": "s1", "length": "60"}
    between = "," if outfmt.startswith("10") else "\t"
    names = [name for name in outfmt.split()[1:] if name in cells]
    plain = between.join(cells[name] for name in names) + "\n" if names else row()
    whole = read_whole(f"{plain}{line}\n{plain}".encode(), outfmt=outfmt)
    assert (whole.hits.height, whole.report.rejected) == (2, 0)
    assert ("stray_text" in whole.codes) == line.startswith("Warning")
