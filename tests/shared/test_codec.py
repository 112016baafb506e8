from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from shared import codec


@given(st.binary(max_size=2000))
def test_packed_bytes_unpack_to_the_same(data: bytes) -> None:
    assert codec.unpack(codec.pack(data)) == data


def test_equal_input_gives_equal_bytes_at_any_time() -> None:
    first = codec.pack(b"x" * 100)
    time.sleep(1.1)
    assert codec.pack(b"x" * 100) == first
