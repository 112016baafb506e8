"""Any case, cut or changed or joined, through the whole build."""

from __future__ import annotations

import csv
import gzip
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading.outfmt import parse_outfmt
from blast_artifacts.terms import FileState
from blast_artifacts.views.build import Built
from tests.views.built import CASES, build

PROVABLE = frozenset({"5", "7", "13", "14", "15", "16"})


def _files() -> dict[str, str]:
    """Cases with results -> the format to ask for, as the expectation table has them."""
    with (CASES / "expectations.tsv").open(encoding="utf-8") as text:
        rows = [
            row for row in csv.DictReader(text, delimiter="\t") if row["format"] not in ("none", "unknown")
        ]
    return {row["path"]: row["format"] for row in rows if row["state"] in ("read", "truncated")}


FILES = _files()
READ = sorted(name for name, number in FILES.items() if number != "17")


def built(data: bytes, name: str) -> Built:
    """The build of a file with these bytes, asked for in the format of a case."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.out"
        path.write_bytes(data)
        asked = FILES[name]
        return build(path, outfmt=parse_outfmt(asked) if " " in asked else None)


@cache
def whole(name: str) -> Built:
    return built((CASES / name).read_bytes(), name)


def hsps(result: Built) -> int:
    return result.summary["hsps"] or 0


def proves_its_end(name: str) -> bool:
    return FILES[name].split()[0] in PROVABLE and whole(name).complete


def may_end_early(data: bytes, name: str) -> bool:
    """Whether a cut may leave a whole file: the first of two documents, or one without its litter."""
    return data.count(b"<BlastOutput>") > 1 or data.count(b"# BLAST processed") > 1 or "junk" in name


def check_cut(name: str, length: int) -> None:
    data = (CASES / name).read_bytes().rstrip()
    result = built(data[:length], name)
    # Without its last line nothing tells the rounds of this file from two queries of one name.
    assert hsps(result) <= hsps(whole(name)) or name == "psiblast/outfmt6.tsv"
    if proves_its_end(name) and length < len(data) and not may_end_early(data, name):
        assert not result.complete


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to three faults: a hole, noise, a repeated or moved stretch, a cut, a bit."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        start = chance.randrange(len(changed) + 1)
        end = min(len(changed), start + chance.choice((1, 3, 40, 400, 4000)))
        piece = changed[start:end]
        fault = chance.randrange(6)
        if fault == 0:
            del changed[start:end]
        elif fault == 1:
            changed[start:end] = chance.randbytes(len(piece))
        elif fault == 2:
            changed[start:start] = piece
        elif fault == 3:
            del changed[start:end]
            place = chance.randrange(len(changed) + 1)
            changed[place:place] = piece
        elif fault == 4:
            del changed[start:]
        elif start < len(changed):
            changed[start] ^= 1 << chance.randrange(8)
    return bytes(changed)


def check_mutated(seed: int) -> None:
    chance = random.Random(seed)
    name = chance.choice(READ)
    data = (CASES / name).read_bytes()
    packed = chance.random() < 0.25 and not name.endswith(".gz")
    data = mutated(gzip.compress(data, mtime=0) if packed else data, chance)
    if chance.random() < 0.2:
        data += mutated((CASES / chance.choice(READ)).read_bytes(), chance)
    result = built(data, name)
    (source,) = result.summary["sources"]
    assert source["state"] == FileState.READ or source["reason"] or result.complete, (seed, source)
    assert not result.complete or not source["rejected"], (seed, source)


@given(st.sampled_from(READ), st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_a_cut_never_raises_nor_adds_rows_nor_passes_for_whole(name: str, share: float) -> None:
    check_cut(name, int(share * len((CASES / name).read_bytes().rstrip())))


@given(st.integers(0, 1 << 40))
@settings(max_examples=150, deadline=None)
def test_every_damage_ends_in_a_result_or_a_named_error(seed: int) -> None:
    check_mutated(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("share", range(20))
def test_ten_thousand_damages_end_in_a_result_or_a_named_error(share: int) -> None:
    for seed in range(500 * share, 500 * (share + 1)):
        check_mutated(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("name", READ)
def test_a_cut_at_any_of_many_places_is_seen(name: str) -> None:
    size = len((CASES / name).read_bytes().rstrip())
    for length in range(0, size, max(1, size // 120)):
        check_cut(name, length)
