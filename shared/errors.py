"""Every error a caller can meet: its code, HTTP status and title, in one table."""

from __future__ import annotations

from typing import Any

ERRORS: dict[str, tuple[int, str]] = {
    "unauthenticated": (401, "Sign in to use this API"),
    "not_found": (404, "There is nothing here for you"),
    "length_required": (411, "Send the body with a Content-Length"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "The body is of another kind"),
    "malformed_json": (400, "The body is not JSON"),
    "invalid_request": (422, "The request is not valid"),
    "invalid_fasta": (422, "The query is not valid FASTA"),
    "fasta_too_large": (413, "The query is too large"),
    "invalid_parameter": (400, "A query parameter is not valid"),
    "cursor_expired": (410, "The result is another since the last page"),
    "idempotency_key_reused": (422, "This Idempotency-Key was used with another body"),
    "no_capacity": (503, "The cluster has no room"),
    "not_ended": (409, "The job has not ended"),
    "already_ended": (409, "The job has ended already"),
    "adopted": (409, "The job was not submitted here"),
    "artifact_failed": (409, "This could not be built"),
    "export_failed": (409, "The export could not be made"),
    "too_many_exports": (429, "Too many exports of this job are kept"),
    "storage_unavailable": (503, "Storage cannot be reached"),
    "internal": (500, "The app failed"),
}


_OURS = frozenset({"blast_artifacts", "shared"})


class AppError(Exception):
    """An error with a code of ERRORS; `detail` is one sentence for the caller, `extra` more fields of it."""

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extra = extra
        self.status, self.title = ERRORS[code]


def told(error: BaseException) -> str:
    """What of an error callers may see: its kind, its text where that is ours, the system's reason.

    A library's text may name addresses, paths or data.
    """
    kind = type(error)
    text = str(error) if kind.__module__.partition(".")[0] in _OURS else getattr(error, "strerror", None)
    return f"{kind.__name__}: {text}" if text else kind.__name__
