from __future__ import annotations

import base64
import json

import pytest

from blast_artifacts.lifecycle import due, index, jobs, submit
from blast_artifacts.lifecycle.messages import Search
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container, queue

BODY = json.dumps(
    {
        "title": "A search",
        "program": "blastn",
        "database": "nt",
        "query": ">a\nACGT\n",
        "options": {"evalue": 1},
    }
).encode()


def sent() -> list[Search]:
    messages = queue(settings().submit_queue).receive_messages()
    return [Search.model_validate_json(base64.b64decode(message.content)) for message in messages]


def all_due() -> list[tuple[str, str]]:
    return [(work.job_id, work.kind) for work in due.overdue(clock.later(1e6))]


def test_a_submitted_job_is_queued_listed_and_known_to_the_pipeline(account: None) -> None:
    job = submit.submit("local.ann", BODY)
    assert job.status is JobStatus.QUEUED
    assert jobs.get_summary(job.job_id) == job
    assert [job_id for _, job_id in index.entries("local.ann")] == [job.job_id]
    (message,) = sent()
    assert message.job == job.job_id
    assert message.options == {"evalue": 1.0, "outfmt": "7 std staxids stitle qlen slen qcovs"}
    container_name, _, path = message.query.partition("/")
    assert container(container_name).download_blob(path).readall() == b">a\nACGT\n"
    assert message.results == job.results_prefix


def test_what_was_submitted_is_kept_apart_from_the_row(account: None) -> None:
    job = submit.submit("local.ann", BODY)
    kept = submit.read_request(job.job_id)
    assert kept is not None
    assert (kept.options["evalue"], kept.records, kept.letters) == (1.0, 1, 4)


def test_a_refused_request_leaves_nothing_behind(account: None) -> None:
    with pytest.raises(AppError):
        submit.submit("local.ann", BODY.replace(b"ACGT", b"!!!!"))
    assert list(index.entries("local.ann")) == []
    assert all_due() == []
    assert sent() == []


class Stopped(Exception):
    pass


@pytest.mark.parametrize(
    ("stopped_before", "survives"),
    [
        ("blast_artifacts.lifecycle.index.add", False),
        ("blast_artifacts.lifecycle.submit._keep", False),
        ("blast_artifacts.lifecycle.jobs.create", True),
        ("blast_artifacts.lifecycle.messages.send_search", True),
        ("blast_artifacts.lifecycle.jobs.change", True),
    ],
)
def test_a_submit_that_stops_anywhere_is_finished_or_forgotten(
    account: None, monkeypatch: pytest.MonkeyPatch, stopped_before: str, survives: bool
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(stopped_before, stop)
        with pytest.raises(Stopped):
            submit.submit("local.ann", BODY)
    ((job_id, kind),) = all_due()
    assert kind == due.Kind.SUBMIT
    assert submit.resume(job_id) is survives
    job = jobs.get_summary(job_id)
    if survives:
        assert job is not None
        assert job.status is JobStatus.QUEUED
        assert job_id in {message.job for message in sent()}
    else:
        assert job is None
        assert list(container(settings().queries_container).list_blob_names()) == []


def test_the_newest_job_is_listed_first(account: None) -> None:
    made = [submit.submit("local.ann", BODY).job_id for _ in range(3)]
    submit.submit("local.bob", BODY)
    listed = list(index.entries("local.ann"))
    assert [job_id for _, job_id in listed] == made[::-1]
    assert [job_id for _, job_id in index.entries("local.ann", after=listed[0][0])] == made[1::-1]
