from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.messages import decode, encode, overlay
from local.host.worker import Json

METADATA: dict[str, str | Json] = {"Id": "m-1", "DequeueCount": Json("2"), "QueueTrigger": "text"}


def test_a_body_property_is_written_over_the_metadata_ignoring_case() -> None:
    merged = overlay(METADATA, '{"id": 9, "DEQUEUECOUNT": "7", "job": "a"}')
    assert merged == {"Id": "9", "DequeueCount": "7", "QueueTrigger": "text", "job": "a"}


def test_objects_stay_json_and_lists_and_nulls_are_left_out() -> None:
    merged = overlay(METADATA, '{"id": {"a": 1}, "DequeueCount": [1], "QueueTrigger": null, "ok": true}')
    assert merged == {**METADATA, "Id": Json('{"a": 1}'), "ok": "True"}


@pytest.mark.parametrize("text", ["", "plain", '"id"', '[{"id": 1}]', "{", '{"id": 1'])
def test_what_is_not_an_object_leaves_the_metadata_alone(text: str) -> None:
    assert overlay(METADATA, text) == METADATA


@given(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(max_size=5)))
def test_no_metadata_is_lost_and_no_name_is_doubled(body: dict[str, object]) -> None:
    merged = overlay(METADATA, json.dumps(body))
    assert set(METADATA) <= set(merged)
    assert len({name.lower() for name in merged}) == len(merged)


@given(st.text())
def test_text_survives_base64(text: str) -> None:
    assert decode(encode(text, True), True) == text


def test_text_that_is_not_base64_is_told_apart() -> None:
    assert decode('{"job": 1}', True) is None
    assert decode('{"job": 1}', False) == '{"job": 1}'
    assert encode(b"a", False) == "a"
