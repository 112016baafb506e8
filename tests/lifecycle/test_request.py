from __future__ import annotations

import json
from typing import Any

import pytest

from blast_artifacts.lifecycle import request
from blast_artifacts.lifecycle.request import DEFAULT_OUTFMT, FORBIDDEN_OPTIONS
from shared.errors import AppError


def parse(**changes: Any) -> request.SubmitRequest:
    body = {"program": "blastn", "database": "nt", "query": ">a\nACGT\n", **changes}
    return request.parse(json.dumps(body).encode())


def refusal(**changes: Any) -> AppError:
    with pytest.raises(AppError) as refused:
        parse(**changes)
    return refused.value


def test_the_default_format_has_what_the_pages_need() -> None:
    assert parse().options.model_dump(exclude_none=True) == {"outfmt": DEFAULT_OUTFMT}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nonsense"])
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(AppError) as refused:
        request.parse(body)
    assert (refused.value.code, refused.value.status) == ("malformed_json", 400)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"program": "blastz"}, "program"),
        ({"program": None}, "program"),
        ({"database": ""}, "database"),
        ({"database": "-remote"}, "database"),
        ({"database": "nt -remote"}, "database"),
        ({"database": "nt\nnr"}, "database"),
        ({"database": "a/../../b"}, "database"),
        ({"title": "a\x00b"}, "title"),
        ({"options": {"outfmt": "6 ; rm -rf"}}, "options.outfmt"),
        ({"options": {"outfmt": "6 nosuchcol"}}, "options.outfmt"),
        ({"title": "x" * 201}, "title"),
        ({"query": 5}, "query"),
        ({"owner": "me"}, "owner"),
        ({"options": {"evalue": -1}}, "options.evalue"),
        ({"options": {"evalue": "1e999"}}, "options.evalue"),
        ({"options": {"word_size": 1.5}}, "options.word_size"),
        ({"options": {"max_target_seqs": 0}}, "options.max_target_seqs"),
        ({"options": {"task": "a b"}}, "options.task"),
        ({"options": {"strand": "left"}}, "options.strand"),
        ({"options": {"taxids": []}}, "options.taxids"),
        ({"options": {"out": "/etc/passwd"}}, "options.out"),
        ({"options": {"outfmt": "0"}}, "options.outfmt"),
        ({"options": {"outfmt": "7; rm"}}, "options.outfmt"),
        ({"options": {"outfmt": "7 " + "std " * 200}}, "options.outfmt"),
        ({"options": {"outfmt": ["7"] * 9000}}, "options.outfmt"),
        ({"options": {"word_size": 10**400}}, "options.word_size"),
        ({"options": {"evalue": 10**400}}, "options.evalue"),
        ({"options": {"task": "-remote"}}, "options.task"),
        ({"options": {"matrix": "-out"}}, "options.matrix"),
        ({"options": {"outfmt": "6 delim='"}}, "options.outfmt"),
        ({"options": {"outfmt": '6 delim="'}}, "options.outfmt"),
        ({"options": {"outfmt": "6 delim=$(x)"}}, "options.outfmt"),
        ({"options": {"outfmt": "6 delim=`x`"}}, "options.outfmt"),
        ({"options": {"outfmt": "6 delim=\\"}}, "options.outfmt"),
        ({"options": {"outfmt": "\u0667 std"}}, "options.outfmt"),
        ({"options": {"dust": "\u0662\u0660 64 1"}}, "options.dust"),
        ({"options": {"seg": "12 2.\u0662 2.5"}}, "options.seg"),
        ({"options": {"seg": "12 2.2"}}, "options.seg"),
    ],
)
def test_a_fault_names_its_field(changes: dict[str, Any], field: str) -> None:
    error = refusal(**changes)
    assert (error.code, error.status) == ("invalid_request", 422)
    assert field in [fault["field"] for fault in error.extra["faults"]]


@pytest.mark.parametrize(
    "options", [{"dust": "20 64 1"}, {"dust": "no"}, {"seg": "12 2.2 2.5"}, {"seg": "yes"}]
)
def test_masking_is_taken_as_blast_spells_it(options: dict[str, str]) -> None:
    kept = parse(options=options).options.model_dump(exclude_none=True)
    assert kept == {"outfmt": DEFAULT_OUTFMT, **options}


@pytest.mark.parametrize("option", sorted(FORBIDDEN_OPTIONS))
def test_what_elasticblast_cannot_run_is_refused_by_name(option: str) -> None:
    assert "ElasticBLAST cannot run" in refusal(options={option: "x"}).detail


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (7, "7"),
        ("7", "7"),
        ("'6 std'", "6 std"),
        ("7 std staxids", "7 std staxids"),
        (["6", "std", "qlen"], "6 std qlen"),
        ("6 delim=@ qseqid sseqid", "6 delim=@ qseqid sseqid"),
        ("6 delim=;| qseqid sseqid", "6 delim=;| qseqid sseqid"),
        ("11", "11"),
        ("15", "15"),
        ("16", "16"),
        ("10 std stitle", "10 std stitle"),
    ],
)
def test_a_format_may_come_in_the_ways_that_shells_and_yaml_leave_it(given: Any, kept: str) -> None:
    assert parse(options={"outfmt": given}).options.outfmt == kept


def test_the_refusal_does_not_repeat_what_was_sent() -> None:
    error = refusal(options={"task": "<script>"})
    assert "<script>" not in json.dumps([error.detail, error.extra])


def test_the_refusal_is_short_however_much_is_wrong() -> None:
    error = refusal(**{f"{number}{'x' * 5000}": 0 for number in range(1000)})
    assert len(error.extra["faults"]) == 20
    assert len(json.dumps([error.detail, error.extra])) < 4096
