from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.reading.inflate import LOST, STEP, Inflation, inflate
from blast_artifacts.terms import FileState
from tests.reading.files import Bytes, case, read_whole

TEXT = b"".join(b"q1\tsubject%d\t%d\n" % (n, n * n) for n in range(5000))


def unpack(data: bytes, step: int = 1000) -> tuple[bytes, Inflation]:
    state = Inflation()
    return b"".join(inflate(Bytes(data, step).blocks, state)), state


def test_plain_bytes_pass_through() -> None:
    assert unpack(TEXT) == (TEXT, Inflation())
    assert unpack(b"") == (b"", Inflation())
    assert unpack(b"x") == (b"x", Inflation())


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 200), st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_all_members_and_zero_padding_are_read(members: list[bytes], step: int, padding: int) -> None:
    stored = b"".join(map(gzip.compress, members)) + bytes(padding)
    assert unpack(stored, step) == (b"".join(members), Inflation())


def test_the_case_of_two_members_has_all_its_lines() -> None:
    text, state = unpack(case("damaged/two-members.outfmt7.out.gz"))
    assert text.count(b"\n") == 85
    assert state.fault is None


def test_a_cut_file_gives_all_that_decodes() -> None:
    text, state = unpack(case("damaged/cut-short.outfmt7.out.gz"))
    assert len(text) == 4111
    assert state.fault == "gzip_cut"


@given(st.integers(1, 2000))
@settings(max_examples=40, deadline=None)
def test_a_cut_anywhere_gives_what_zlib_gives(cut: int) -> None:
    stored = gzip.compress(TEXT, mtime=0)[:-cut]
    expected = zlib.decompressobj(31).decompress(stored)
    assert unpack(stored) == (expected, Inflation(fault="gzip_cut"))


def test_litter_behind_the_last_member_is_counted() -> None:
    text, state = unpack(gzip.compress(TEXT, mtime=0) + b"junk")
    assert (text, state.fault, state.trailing_garbage) == (TEXT, None, 4)


def test_lines_behind_the_last_member_are_a_fault_unless_the_report_is_whole() -> None:
    assert unpack(gzip.compress(TEXT, mtime=0) + b"not rows\n")[1].doubt == "trailing_data"
    for name, state in (("outfmt7.tsv", FileState.READ), ("outfmt6.tsv", FileState.TRUNCATED)):
        stored = gzip.compress(case(f"same-search/{name}"), mtime=0)
        for litter in (b"not rows\n", bytes(range(128, 255))):
            whole = read_whole(stored + litter)
            assert whole.report.state is state
            assert "trailing_garbage" in whole.codes


@given(st.lists(st.booleans(), min_size=1, max_size=5), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_plain_and_gzipped_files_may_be_joined(packed: list[bool], step: int) -> None:
    stored = b"".join(gzip.compress(TEXT, mtime=0) if one else TEXT for one in packed)
    text, state = unpack(stored, step)
    assert text == TEXT * len(packed)
    assert state == Inflation()


def in_blocks(text: bytes, size: int) -> bytes:
    """What bgzip makes of a text: members with their size in an extra field, the last one empty."""
    stored = []
    for start in (*range(0, len(text), size), len(text)):
        packer = zlib.compressobj(wbits=-15)
        piece = text[start : start + size]
        body = packer.compress(piece) + packer.flush()
        extra = b"\6\0BC\2\0" + (len(body) + 25).to_bytes(2, "little")
        trailer = zlib.crc32(piece).to_bytes(4, "little") + len(piece).to_bytes(4, "little")
        stored.append(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + extra + body + trailer)
    return b"".join(stored)


@pytest.mark.parametrize("step", [1, 4000])
def test_a_bgzf_file_without_its_last_empty_block_is_cut(step: int) -> None:
    stored = in_blocks(TEXT, 3000)
    assert unpack(stored, step) == (TEXT, Inflation())
    assert unpack(stored[:-28], step) == (TEXT, Inflation(doubt="gzip_cut"))
    for name, state in (("outfmt7.tsv", FileState.READ), ("outfmt6.tsv", FileState.TRUNCATED)):
        report = read_whole(in_blocks(case(f"same-search/{name}"), 500)[:-28]).report
        assert report.state is state


def test_a_wrong_checksum_keeps_the_text() -> None:
    stored = bytearray(gzip.compress(TEXT, mtime=0))
    stored[-6] ^= 255
    text, state = unpack(bytes(stored))
    assert (text, state.fault) == (TEXT, "crc")


def test_a_broken_stream_keeps_what_stands_before_the_break() -> None:
    stored = bytearray(gzip.compress(TEXT, mtime=0))
    stored[len(stored) // 2 : len(stored) // 2 + 40] = b"\xff" * 40
    text, state = unpack(bytes(stored))
    assert state.fault in ("gzip_corrupt", "crc")
    assert len(text) > len(TEXT) // 4
    assert text[:10_000] == TEXT[:10_000]


@given(st.integers(0, 4), st.integers(20, 2000), st.integers(1, 600))
@settings(max_examples=40, deadline=None)
def test_members_behind_a_broken_one_are_found_again(broken: int, place: int, step: int) -> None:
    texts = [b"".join(b"q%d\tsubject\t%d\n" % (k, n * n) for n in range(800)) for k in range(5)]
    members = [bytearray(gzip.compress(text, mtime=0)) for text in texts]
    place %= len(members[broken]) - 60
    members[broken][place + 20 : place + 40] = b"\xff" * 20
    text, state = unpack(b"".join(members), step)
    assert state.fault in ("gzip_corrupt", "crc")
    before, behind = b"".join(texts[:broken]), b"".join(texts[broken + 1 :])
    assert text.startswith(before)
    assert text.endswith(behind)
    assert (LOST in text) == (broken < 4)


def test_rows_around_a_broken_member_are_kept_and_none_is_made_of_two() -> None:
    rows = case("same-search/outfmt6.tsv")
    # Blocks as bgzip cuts them: anywhere in a line.
    blocks = [gzip.compress(rows[start : start + 500], mtime=0) for start in range(0, len(rows), 500)]
    blocks[3] = blocks[3][:60] + b"\xff" * 20 + blocks[3][80:]
    whole, damaged = read_whole(rows), read_whole(b"".join(blocks))
    # A query whose rows are all lost moves the ordinals of those behind it.
    unplaced = [set(item.hits.drop("deflines", "qindex").rows()) for item in (damaged, whole)]
    assert unplaced[0] < unplaced[1]
    assert damaged.hits.height > whole.hits.height - 20
    assert (damaged.report.state, damaged.report.reason) == (FileState.TRUNCATED, "gzip_corrupt")


def test_a_bomb_comes_in_bounded_steps() -> None:
    bomb = gzip.compress(bytes(60 << 20), mtime=0)
    assert len(bomb) < 100_000
    assert max(map(len, inflate(Bytes(bomb).blocks, Inflation()))) <= STEP


@pytest.mark.parametrize("step", [1, 2, 7])
def test_a_header_may_be_cut_by_block_borders(step: int) -> None:
    assert unpack(gzip.compress(b"abc", mtime=0), step)[0] == b"abc"
