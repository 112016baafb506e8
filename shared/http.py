"""HTTP requests and answers: problems, JSON, and stored gzip handed out as it is."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import azure.functions as func

from shared import codec
from shared.errors import AppError
from shared.links import attachment
from shared.log_lines import note
from shared.rows import Conflict

log = logging.getLogger(__name__)

_ARTIFACT = "X-Artifact-State, X-Artifact-Source, X-Artifact-Complete"
_EXPOSED = f"ETag, {_ARTIFACT}, Retry-After, Location, Content-Disposition"
_RETRY_AFTER = "10"

MOST_VALUES = 10_000
"""More than any request has: names and texts, lists, objects and members."""
# A parsed value takes a hundred times the memory of the two bytes that it may have come in. Strings are
# matched whole, closed or not, so that what stands in them does not count.
_VALUES = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{,]', re.DOTALL)
_ALWAYS = {
    "Vary": "Accept-Encoding, Authorization, Cookie, X-ZUMO-AUTH, X-Local-User",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Expose-Headers": _EXPOSED,
}

Handler = Callable[[func.HttpRequest], func.HttpResponse]


def answer(handle: Callable[[], func.HttpResponse]) -> func.HttpResponse:
    """The handler's answer, or its error as a problem, and a note on it; nothing is raised."""
    response = _answer(handle)
    note(
        outcome="answered",
        status=response.status_code,
        state=response.headers.get("X-Artifact-State"),
        source=response.headers.get("X-Artifact-Source"),
        bytes=len(response.get_body()),
    )
    return response


def _answer(handle: Callable[[], func.HttpResponse]) -> func.HttpResponse:
    try:
        return handle()
    except AppError as error:
        refusal = error
    except Exception as error:
        if _is_storage_failure(error):
            log.exception("storage failed")
            refusal = AppError("storage_unavailable", "Storage did not answer; try again.")
        else:
            log.exception("a request failed")
            refusal = AppError("internal", "This is a fault of the app; its log says more.")
    note(code=refusal.code)
    return problem(refusal)


def json_body(req: func.HttpRequest, most_bytes: int) -> bytes:
    """The request's body; raises AppError where it is too large or came in a way that loses it.

    The Functions host hands over no body that comes without a Content-Length, and one with a
    Content-Encoding as it was packed. A media type that an HTML form can send, or none, is refused: no page
    of another origin may submit with the cookies of whoever looks at it.
    """
    body = req.get_body() or b""
    if not body and "chunked" in req.headers.get("transfer-encoding", "").lower():
        raise AppError("length_required", "A chunked body does not reach this API; send a Content-Length.")
    kind = req.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or req.headers.get("content-encoding", "identity").lower() != "identity":
        raise AppError("unsupported_media_type", "The body must be application/json, and not packed.")
    if len(body) > most_bytes:
        raise AppError("body_too_large", f"The body is over {most_bytes} bytes.")
    if sum(1 for _ in islice(_VALUES.finditer(body), MOST_VALUES + 1)) > MOST_VALUES:
        raise AppError("body_too_large", f"The body has over {MOST_VALUES} values.")
    return body


def answer_json(
    value: Any, status: int = 200, headers: dict[str, str] | None = None, cache: str = "no-store"
) -> func.HttpResponse:
    return _response(
        codec.to_json(value), status, "application/json", {"Cache-Control": cache, **(headers or {})}
    )


def problem(error: AppError) -> func.HttpResponse:
    """RFC 9457 problem details with our `code`."""
    body = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        **error.extra,
    }
    headers = {"Cache-Control": "no-store"}
    if error.status == 503:
        headers["Retry-After"] = _RETRY_AFTER
    return _response(codec.to_json(body), error.status, "application/problem+json", headers)


@dataclass(frozen=True)
class Stored:
    """A stored gzip body: sizes in bytes, `sha256` of the stored bytes, or what stands for them."""

    sha256: str
    size: int
    plain_size: int
    read: Callable[[], bytes]
    media_type: str = "application/json"


def answer_stored(req: func.HttpRequest, stored: Stored, headers: dict[str, str]) -> func.HttpResponse:
    """The stored body as the request accepts it, 304 where the caller has it, no body for HEAD.

    Each representation has a strong ETag of its own; the body is not read for 304 and HEAD.
    """
    if same := unchanged(req, stored.sha256, headers):
        return same
    as_stored, headers = _representation(req, stored.sha256, headers)
    if as_stored:
        headers["Content-Encoding"] = "gzip"
    if req.method == "HEAD":
        headers["Content-Length"] = str(stored.size if as_stored else stored.plain_size)
        return _response(b"", 200, stored.media_type, headers)
    body = stored.read()
    return _response(body if as_stored else codec.unpack(body), 200, stored.media_type, headers)


def unchanged(req: func.HttpRequest, sha256: str, headers: dict[str, str]) -> func.HttpResponse | None:
    """304 where the caller has the representation that it would get, which need not be made for that."""
    return not_modified(req, _representation(req, sha256, headers)[1])


def not_modified(req: func.HttpRequest, headers: dict[str, str]) -> func.HttpResponse | None:
    """304 where the caller has what bears the ETag of these headers."""
    if has_current(req.headers.get("if-none-match", ""), headers["ETag"]):
        return _response(b"", 304, "application/json", headers)
    return None


def _representation(
    req: func.HttpRequest, sha256: str, headers: dict[str, str]
) -> tuple[bool, dict[str, str]]:
    """Whether the body goes out as it is stored, and the headers of that representation."""
    as_stored = accepts_gzip(req.headers.get("accept-encoding", ""))
    return as_stored, {
        **headers,
        "ETag": f'"{sha256[:32]}{"-gzip" if as_stored else ""}"',
        "Cache-Control": "private, no-cache",
    }


def answer_file(
    req: func.HttpRequest,
    name: str,
    size: int,
    read: Callable[[], bytes],
    media_type: str = "application/octet-stream",
    headers: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    """A file as an attachment, under a name without surprises."""
    given = {
        "Content-Disposition": attachment(name),
        "Cache-Control": "private, no-cache",
        **(headers or {}),
    }
    if req.method == "HEAD":
        given["Content-Length"] = str(size)
    body = b"" if req.method == "HEAD" else read()
    return _response(body, 200, media_type, given)


def redirect(url: str) -> func.HttpResponse:
    return _response(b"", 302, "text/plain", {"Location": url, "Cache-Control": "no-store"})


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header takes gzip; absent means that it does not say so."""
    qualities = {}
    for item in accept_encoding.lower().split(","):
        coding, _, parameters = item.partition(";")
        qualities[coding.strip()] = _quality(parameters)
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0


def has_current(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match names this ETag, compared weakly."""
    named = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return "*" in named or etag in named


def _quality(parameters: str) -> float:
    named = dict(parameter.strip().partition("=")[::2] for parameter in parameters.split(";"))
    try:
        return float(named.get("q", 1.0))
    except ValueError:
        return 0.0


def _response(body: bytes, status: int, kind: str, headers: dict[str, str]) -> func.HttpResponse:
    return func.HttpResponse(body, status_code=status, mimetype=kind, headers={**_ALWAYS, **headers})


def _is_storage_failure(error: Exception) -> bool:
    from azure.core.exceptions import AzureError

    return isinstance(error, AzureError | Conflict)
