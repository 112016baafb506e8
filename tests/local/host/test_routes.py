from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.routes import RouteError, Template, path_segments

GUID = "5f0c0000-0000-0000-0000-00000000000A"


def match(template: str, path: str) -> dict[str, str] | None:
    segments = path_segments(path.encode())
    assert segments is not None
    return Template(template).match(segments)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/jobs", "/api/jobs", {}),
        ("api/jobs", "/API/Jobs", {}),
        ("api/jobs", "/api/jobs/", {}),
        ("api/jobs", "/api/jobs/1", None),
        ("api/jobs", "/api", None),
        ("api/jobs", "/api//jobs", None),
        ("jobs/{id}", "/jobs/AbC", {"id": "AbC"}),
        ("jobs/{id}", "/jobs", None),
        ("jobs/{id}", "/jobs/a/b", None),
        ("jobs/{id?}", "/jobs", {}),
        ("jobs/{id?}", "/jobs/1", {"id": "1"}),
        ("jobs/{id=7}", "/jobs", {"id": "7"}),
        ("jobs/{id=7}", "/jobs/8", {"id": "8"}),
        ("jobs/{id:guid?}", "/jobs", {}),
        ("jobs/{id:int=1}", "/jobs", {"id": "1"}),
        ("files/{*path}", "/files", {}),
        ("files/{*path}", "/files/a/b.gz", {"path": "a/b.gz"}),
        ("files/{**path}", "/files/a/b.gz", {"path": "a/b.gz"}),
        ("{name}.{kind}", "/a.b.csv", {"name": "a.b", "kind": "csv"}),
        ("logs/{step}-{n:int}", "/logs/run-x-12", {"step": "run-x", "n": "12"}),
        ("", "/", {}),
    ],
)
def test_a_template_matches_what_asp_net_matches(
    template: str, path: str, values: dict[str, str] | None
) -> None:
    assert match(template, path) == values


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", ["0", "-12", "+3", "2147483647"], ["a", "1.5", "2147483648", "٣"]),
        ("long", ["9223372036854775807"], ["9223372036854775808"]),
        ("bool", ["true", "FALSE"], ["1", "yes"]),
        ("guid", [GUID, GUID.replace("-", ""), f"{{{GUID}}}"], [GUID[:-1], "x"]),
        ("alpha", ["abC"], ["a1", "é"]),
        ("length(3)", ["abc"], ["ab", "abcd"]),
        ("length(2,3)", ["ab", "abc"], ["a", "abcd"]),
        ("minlength(2)", ["ab"], ["a"]),
        ("maxlength(2)", ["ab"], ["abc"]),
        ("min(5)", ["5", "600"], ["4", "x"]),
        ("max(5)", ["5", "-1"], ["6"]),
        ("range(1,9)", ["1", "9"], ["0", "10"]),
        ("regex(^[a-z]{{2}}\\d$)", ["ab1", "AB1"], ["abc", "ab12"]),
        ("regex(^(a|b)c$)", ["ac"], ["c"]),
        ("int:min(1)", ["1"], ["0", "a"]),
    ],
)
def test_a_constraint_decides_over_the_value(constraint: str, good: list[str], bad: list[str]) -> None:
    template = Template(f"x/{{v:{constraint}}}")
    assert [value for value in good if template.match(["x", value]) != {"v": value}] == []
    assert [value for value in bad if template.match(["x", value]) is not None] == []


@pytest.mark.parametrize(
    "template",
    [
        "a/{b",
        "a//b",
        "{a}/{A}",
        "{*rest}/b",
        "x-{a?}",
        "{a:nosuch}",
        "{a:length(x)}",
        "{a:range(1)}",
        "{a:regex([)}",
        "{a:regex((a):b)}",
        "{}",
    ],
)
def test_a_template_that_cannot_be_matched_is_refused(template: str) -> None:
    with pytest.raises(RouteError):
        Template(template)


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/a%20b/c+d", ["a b", "c+d"]),
        ("/a%2Fb", ["a%2Fb"]),
        ("/a/..%2f..%2Fetc", ["a", "..%2f..%2Fetc"]),
        ("/a/b/../c/./d", ["a", "c", "d"]),
        ("/a/%2e%2e/%2E%2e/c", ["c"]),
        ("/%C3%A9", ["é"]),
        ("/%FF", ["%FF"]),
        ("/a//b", ["a", "", "b"]),
        ("/", []),
        ("/a%00", None),
    ],
)
def test_a_path_is_decoded_as_the_server_does(path: str, segments: list[str] | None) -> None:
    assert path_segments(path.encode()) == segments


@given(st.uuids(), st.sampled_from([str.upper, str.lower]))
def test_every_guid_passes_and_keeps_its_case(value: uuid.UUID, case: type[str]) -> None:
    text = case(str(value))
    assert Template("jobs/{id:guid}").match(["JOBS", text]) == {"id": text}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1))
def test_a_parameter_takes_any_segment_whole(value: str) -> None:
    assert Template("x/{v}").match(["x", value]) == {"v": value}


@given(st.text(alphabet="{}*?:=()/a1", max_size=12))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with suppress(RouteError):
        Template(text)
