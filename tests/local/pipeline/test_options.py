from __future__ import annotations

import pytest

from local.pipeline.options import arguments


def test_values_are_written_as_blast_takes_them() -> None:
    options = {
        "evalue": 1e-05,
        "outfmt": "7 std",
        "soft_masking": True,
        "taxids": [9606, 10090],
        "dust": "no",
    }
    assert arguments(options) == [
        *("-evalue", "1e-05", "-outfmt", "7 std", "-soft_masking", "true"),
        *("-taxids", "9606,10090", "-dust", "no"),
    ]


def test_a_flag_has_no_value_and_what_is_not_set_is_left_out() -> None:
    assert arguments({"ungapped": True, "task": None}) == ["-ungapped"]
    assert arguments({"ungapped": False}) == []


@pytest.mark.parametrize("name", ["out", "query", "db", "remote", "num_threads", "-out", "out x", ""])
def test_options_of_the_pipeline_itself_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no option"):
        arguments({name: "x"})
