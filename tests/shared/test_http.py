from __future__ import annotations

import json

import azure.functions as func
import pytest

from shared import codec
from shared.errors import ERRORS, AppError
from shared.http import Stored, accepts_gzip, answer, answer_file, answer_stored, has_current, json_body

BODY = codec.to_json({"rows": list(range(100))})
PACKED = codec.pack(BODY)


def request(method: str = "GET", body: bytes = b"", **headers: str) -> func.HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return func.HttpRequest(method=method, url="http://app/api/x", headers=named, body=body)


def stored() -> Stored:
    return Stored(codec.digest(PACKED), len(PACKED), len(BODY), lambda: PACKED)


def unread() -> bytes:
    raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("GZIP", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
        ("gzip;q=nonsense", False),
        ("gzip;level=1;q=0", False),
        ("gzip;level=1", True),
    ],
)
def test_gzip_goes_out_only_where_it_is_accepted(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize(
    ("header", "current"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("", False),
        ("a", False),
    ],
)
def test_if_none_match_compares_weakly(header: str, current: bool) -> None:
    assert has_current(header, '"a"') is current


def test_stored_gzip_goes_out_as_stored() -> None:
    response = answer_stored(request(accept_encoding="gzip"), stored(), {})
    assert response.get_body() == PACKED
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Accept-Encoding" in response.headers["Vary"]


def test_without_gzip_the_plain_body_goes_out_under_its_own_etag() -> None:
    plain = answer_stored(request(), stored(), {})
    packed = answer_stored(request(accept_encoding="gzip"), stored(), {})
    assert plain.get_body() == BODY
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_304_does_not_read_the_body() -> None:
    etag = answer_stored(request(), stored(), {}).headers["ETag"]
    untouched = Stored(codec.digest(PACKED), len(PACKED), len(BODY), unread)
    response = answer_stored(request(if_none_match=etag), untouched, {})
    assert (response.status_code, response.get_body()) == (304, b"")
    assert response.headers["ETag"] == etag


def test_head_tells_the_length_and_does_not_read_the_body() -> None:
    untouched = Stored(codec.digest(PACKED), len(PACKED), len(BODY), unread)
    for accepted, size in (("gzip", len(PACKED)), ("identity", len(BODY))):
        response = answer_stored(request("HEAD", accept_encoding=accepted), untouched, {})
        assert (response.get_body(), response.headers["Content-Length"]) == (b"", str(size))


def test_a_file_is_an_attachment_under_a_safe_name() -> None:
    response = answer_file(request(), 'a"\r\nb/../é.gz', 1, lambda: b"x")
    assert response.headers["Content-Disposition"] == 'attachment; filename="a___b_..__.gz"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_is_a_problem_with_a_code() -> None:
    def fail() -> func.HttpResponse:
        raise AppError("not_found", "There is no such job.")

    response = answer(fail)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert json.loads(response.get_body())["code"] == "not_found"


def test_a_fault_of_the_app_is_a_problem_that_tells_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> func.HttpResponse:
        raise ValueError("the secret is 42")

    response = answer(fail)
    assert response.status_code == 500
    assert json.loads(response.get_body())["code"] == "internal"
    assert b"42" not in response.get_body()
    assert "the secret is 42" in caplog.text


def test_every_error_has_a_client_or_server_status() -> None:
    assert all(400 <= status < 600 and title for status, title in ERRORS.values())


def submitted(
    body: bytes = b"{}", content_type: str = "application/json", **headers: str
) -> func.HttpRequest:
    return request("POST", body, content_type=content_type, **headers)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (submitted(b"", transfer_encoding="chunked"), "length_required"),
        (submitted(b"x" * 20_011), "body_too_large"),
        (submitted(b"[" * 10_001), "body_too_large"),
        (submitted(b"[" + b"1," * 9_999 + b"[]"), "body_too_large"),
        (submitted(b'{"a": ' + b'"' + b'\\"' * 1000 + b'"' + b"," * 10_000), "body_too_large"),
        (submitted(content_type="text/plain"), "unsupported_media_type"),
        (submitted(content_type="application/x-www-form-urlencoded"), "unsupported_media_type"),
        (submitted(content_type=""), "unsupported_media_type"),
        (submitted(content_encoding="gzip"), "unsupported_media_type"),
    ],
)
def test_a_body_that_was_lost_or_is_too_large_or_of_another_kind_is_refused(
    sent: func.HttpRequest, code: str
) -> None:
    with pytest.raises(AppError) as refusal:
        json_body(sent, most_bytes=20_010)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "body",
    [b'"' + b"[," * 9_000 + b'"', b'"' + b'\\"[' * 6_000, b"[" + b"1," * 9_998 + b"1]"],
    ids=["in-a-string", "in-an-open-string", "just-enough"],
)
def test_what_stands_in_strings_does_not_count_as_values(body: bytes) -> None:
    assert json_body(submitted(body, "application/json; charset=utf-8"), most_bytes=20_010) == body
