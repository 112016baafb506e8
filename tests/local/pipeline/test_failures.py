from __future__ import annotations

import pytest

from local.pipeline.failures import of_exit_code


@pytest.mark.parametrize(
    ("exit_code", "code"),
    [(1, "query"), (2, "blast_database"), (4, "memory"), (137, "killed"), (99, "unknown")],
)
def test_blast_s_exit_code_gives_the_code(exit_code: int, code: str) -> None:
    failure = of_exit_code(exit_code, "BLAST engine error: out of luck\nmore\n")
    assert (failure.code, failure.exit_code) == (code, exit_code)
    assert failure.message == "BLAST engine error: out of luck"


def test_the_error_is_found_below_the_usage() -> None:
    errors = 'USAGE\n  blastp [-h]\n\nError: Unknown argument: "x"\nError:  (CArgException) again\n'
    assert of_exit_code(1, errors).message == 'Error: Unknown argument: "x"'


def test_silence_is_told_as_such() -> None:
    assert of_exit_code(137, "").message == "BLAST+ ended with exit code 137"
