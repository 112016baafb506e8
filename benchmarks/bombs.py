"""What would do harm, and what it comes to: python -m benchmarks.bombs [NAME …].

Each bomb goes off in a process of its own, which may take MOST_MIB of memory and MOST_SECONDS. Prints a
Markdown table: the memory that the bomb took at its peak beyond that of the process before it, its seconds
on the processor, and what came of it.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.azurite import Azurite

MIB = 1 << 20
MOST_MIB, MOST_SECONDS = 4096, 300
DEADLINE = 20

BODY = 20 * MIB
REPORT = 64 * MIB
INFLATED = 1024 * MIB

Act = Callable[[], str]


@dataclass(frozen=True)
class Bomb:
    """`make` builds it and gives what sets it off, which gives what came of it."""

    says: str
    make: Callable[[], Act]


def body(begin: bytes, middle: bytes, end: bytes = b"", most: int = BODY) -> Callable[[], Act]:
    """A body of `POST jobs` of the size that is allowed, its middle repeated."""

    def make() -> Act:
        import azure.functions as func

        import function_app
        from blast_artifacts.triggers.access import enter

        assert function_app.app
        data = begin + middle * ((most - len(begin) - len(end)) // len(middle)) + end
        headers = {"x-local-user": "ann", "content-type": "application/json"}
        request = func.HttpRequest(method="POST", url="http://app/api/blast/jobs", headers=headers, body=data)

        def act() -> str:
            answer = enter("submit_job", request)
            said = answer.get_body()
            assert len(said) < 64 * 1024, f"an answer of {len(said)} bytes"
            return f"{answer.status_code} {json.loads(said).get('code', 'taken in')}"

        return act

    return make


def numbered(begin: bytes, pattern: bytes, end: bytes) -> Callable[[], Act]:
    """A body whose middle is a pattern with a running number in it."""

    def make() -> Act:
        count = (BODY - len(begin) - len(end)) // (len(pattern) + 6)
        middle = b"".join(pattern % number for number in range(count))
        return body(begin, middle, end, len(begin) + len(middle) + len(end))()

    return make


def query(middle: bytes) -> Callable[[], Act]:
    """A query of the size that is allowed."""
    fasta = 16 * MIB if b"\\u" not in middle else 19 * MIB
    return body(b'{"program": "blastn", "database": "nt", "query": ">a\\n', middle, b'"}', fasta)


def headers(**values: str) -> Callable[[], Act]:
    def make() -> Act:
        import azure.functions as func

        import function_app
        from blast_artifacts.triggers.access import enter
        from shared import storage

        assert function_app.app
        os.environ |= {"AUTH_MODE": "easyauth", "WEBSITE_AUTH_ENABLED": "true"}
        storage.forget()
        given = {name.replace("_", "-"): value for name, value in values.items()}
        request = func.HttpRequest(
            method="GET",
            url="http://app/api/openapi.json",
            headers=given,
            body=b"",
            route_params={"job_id": "any-job-id"},
        )
        name = "get_job" if "x-ms-client-principal" in given else "read_openapi"
        enter(name, request)

        def act() -> str:
            return str(enter(name, request).status_code)

        return act

    return make


def principal(text: str) -> Callable[[], Act]:
    return headers(x_ms_client_principal=base64.b64encode(text.encode()).decode())


def event(text: str) -> Callable[[], Act]:
    """A message of the largest size that a queue takes."""

    def make() -> Act:
        from blast_artifacts.lifecycle import events

        return lambda: events.take_in(text[: 48 * 1024] if len(text) > 48 * 1024 else text)

    return make


def report(pieces: Callable[[], Iterator[bytes]], name: str) -> Callable[[], Act]:
    """A result file, packed, read and built to its end."""

    def make() -> Act:
        from blast_artifacts.files import FileSource
        from blast_artifacts.views.build import Job, build_result

        folder = Path(tempfile.mkdtemp())
        path = folder / name
        with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
            for piece in pieces():
                file.write(piece)
        stored = path.stat().st_size

        def act() -> str:
            deadline = time.monotonic() + DEADLINE
            source = FileSource(path, path.name)
            built = build_result(Job("local-build"), [source], folder, deadline=deadline)
            (one,) = built.summary["sources"]
            size = max(map(len, built.artifacts.values()))
            assert size < 8 * MIB, f"an artifact of {size} bytes"
            return f"{one['state']}, {one['reason']}; {stored / MIB:.1f} MiB stored"

        return act

    return make


def repeated(
    begin: bytes, middle: bytes, end: bytes = b"", most: int = REPORT
) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield begin
        block = middle * max(1, MIB // len(middle))
        for _ in range(most // len(block)):
            yield block
        yield end

    return pieces


def counted(begin: bytes, pattern: bytes, end: bytes, most: int = REPORT) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield begin
        at_once = 10_000
        for start in range(0, most // (len(pattern) * 2), at_once):
            yield b"".join(pattern.replace(b"%d", b"%d" % n) for n in range(start, start + at_once))
        yield end

    return pieces


def log_text(text: bytes) -> Callable[[], Act]:
    """The lines of a log of the size that is read."""

    def make() -> Act:
        from blast_artifacts.reading.log_text import plain_lines
        from shared import codec

        def act() -> str:
            lines = plain_lines((text * (8 * MIB // len(text))).decode("utf-8", "replace"))
            return f"{len(lines)} lines, {len(codec.to_json(lines)) / MIB:.1f} MiB"

        return act

    return make


XML = b'<?xml version="1.0"?>\n<!DOCTYPE BlastOutput PUBLIC "-//NCBI//NCBI BlastOutput/EN" "NCBI.dtd">\n'
XML_TOP = XML + (
    b"<BlastOutput><BlastOutput_program>blastn</BlastOutput_program><BlastOutput_iterations><Iteration>"
    b"<Iteration_iter-num>1</Iteration_iter-num><Iteration_query-def>q</Iteration_query-def><Iteration_hits>"
)
LAUGHS = b'<!DOCTYPE BlastOutput [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%b">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 30)
)
JSON_TOP = b'{"BlastOutput2": [{"report": {"program": "blastn", "results": {"search": {"query_id": "q", '
ROW = b"q1\ts1\t99.0\t100\t1\t0\t1\t100\t11\t110\t1e-30\t180\n"
CLAIM = '{"typ": "roles", "val": "x"},'

BOMBS: dict[str, Bomb] = {
    "json-depth": Bomb("body: 20 MiB of [", body(b"", b"[")),
    "json-breadth": Bomb("body: 7 million empty lists", body(b'{"query": [', b"[],", b"[]]}")),
    "json-fields": Bomb("body: 1.5 million unknown fields", numbered(b"{", b'"%d":0,', b'"a":0}')),
    "json-field-name": Bomb("body: a field name of 20 MiB", body(b'{"', b"a", b'": 1}')),
    "json-number": Bomb(
        "body: a number of 20 million digits", body(b'{"options": {"word_size": ', b"9", b"}}")
    ),
    "json-exponent": Bomb("body: 1e999999999", body(b'{"options": {"evalue": ', b"1e999999999", b"}}", 60)),
    "json-escapes": Bomb("body: a query of \\u0041", query(b"\\u0041")),
    "json-outfmt": Bomb(
        "body: outfmt as a list of 4 million", body(b'{"options": {"outfmt": [', b'"7",', b'"7"]}}')
    ),
    "json-utf16": Bomb("body: UTF-16", body(b"\xff\xfe", b"[\x00")),
    "fasta-lines": Bomb("query: 8 million lines of a letter", query(b"A\\n")),
    "fasta-empty": Bomb("query: 8 million empty lines", query(b"\\n\\n")),
    "fasta-records": Bomb("query: 4 million records", query(b"A\\n>\\n")),
    "fasta-title": Bomb(
        "query: a title of 16 MiB",
        body(b'{"program": "blastn", "database": "nt", "query": ">', b"a", b'"}', 16 * MIB),
    ),
    "fasta-wide": Bomb("query: 4-byte letters", query("😀".encode())),
    "principal-depth": Bomb("principal: 48 KiB of [", principal("[" * 48 * 1024)),
    "principal-claims": Bomb(
        "principal: 1 MiB of claims",
        principal('{"claims": [' + CLAIM * 36_000 + '{"typ": "a", "val": "b"}]}'),
    ),
    "header-list": Bomb(
        "If-None-Match and Accept-Encoding of 64 KiB",
        headers(if_none_match='W/"",' * 13_000, accept_encoding="a;q=1," * 11_000),
    ),
    "message-depth": Bomb("message: 48 KiB of [", event('{"kind": "step", "detail": ' + "[" * 48_000)),
    "message-number": Bomb(
        "message: a number of 4,000 digits",
        event(
            '{"kind": "step", "job": "any-job-id", "run": 1, "step": "a", "state": "started", '
            '"at": "2026-01-01T00:00:00Z", "detail": {"a": ' + "9" * 4000 + "}}"
        ),
    ),
    "gzip-zeros": Bomb("file: 1 GiB of zeros", report(repeated(b"", b"\0", b"", INFLATED), "zeros.out.gz")),
    "gzip-line": Bomb(
        "file: a line of 1 GiB", report(repeated(b"q1\ts1\t", b"x", b"", INFLATED), "line.out.gz")
    ),
    "gzip-rows": Bomb("file: 1 GiB of equal rows", report(repeated(b"", ROW, b"", INFLATED), "rows.out.gz")),
    "gzip-columns": Bomb(
        "file: a row of 32 million columns", report(repeated(b"q1\ts1", b"\t1"), "columns.out.gz")
    ),
    "xml-laughs": Bomb(
        "XML: entities of entities",
        report(
            lambda: iter(
                [
                    XML[:22],
                    LAUGHS,
                    b"]>",
                    XML_TOP[len(XML) :],
                    b"<Hit><Hit_def>&a29;</Hit_def></Hit></Iteration_hits></Iteration></BlastOutput_iterations></BlastOutput>",
                ]
            ),
            "laughs.xml.gz",
        ),
    ),
    "xml-subset": Bomb(
        "XML: a DTD of 64 MiB",
        report(repeated(XML[:22] + b"<!DOCTYPE BlastOutput [", b'<!ENTITY a "b">'), "subset.xml.gz"),
    ),
    "xml-depth": Bomb(
        "XML: unknown elements 20 million deep", report(repeated(XML_TOP, b"<a>"), "depth.xml.gz")
    ),
    "xml-hits": Bomb("XML: hits that never close", report(repeated(XML_TOP, b"<Hit>"), "hits.xml.gz")),
    "xml-attributes": Bomb(
        "XML: an element of 64 MiB of attributes",
        report(repeated(XML_TOP + b"<Hit ", b'a="b" '), "attributes.xml.gz"),
    ),
    "xml-leaves": Bomb(
        "XML: a hit of 2 million leaves",
        report(counted(XML_TOP + b"<Hit>", b"<Hit_a%d>b</Hit_a%d>", b"</Hit>"), "leaves.xml.gz"),
    ),
    "xml-text": Bomb(
        "XML: a text of 1 GiB",
        report(repeated(XML_TOP + b"<Hit><Hit_def>", b"x", b"", INFLATED), "text.xml.gz"),
    ),
    "xml-references": Bomb(
        "XML: 64 MiB of &#65;",
        report(
            repeated(XML_TOP + b"<Hit><Hit_def>", b"&#65;", b"</Hit_def></Hit>", REPORT // 2),
            "references.xml.gz",
        ),
    ),
    "report-depth": Bomb(
        "JSON: 64 million lists deep", report(repeated(JSON_TOP + b'"x": ', b"["), "depth.json.gz")
    ),
    "report-keys": Bomb(
        "JSON: an object of 4 million keys", report(counted(JSON_TOP, b'"a%d":1,', b""), "keys.json.gz")
    ),
    "report-number": Bomb(
        "JSON: a number of 64 million digits",
        report(repeated(JSON_TOP + b'"query_len": ', b"9", b"}}}}]}"), "number.json.gz"),
    ),
    "report-string": Bomb(
        "JSON: a string of 1 GiB",
        report(repeated(JSON_TOP + b'"query_title": "', b"x", b"", INFLATED), "string.json.gz"),
    ),
    "log-codes": Bomb("log: 8 MiB of unfinished terminal codes", log_text(b"\x1b]")),
}


def go_off(name: str) -> None:
    """Set the bomb off in this process, which is bounded, and print what it took."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MIB * MIB, MOST_MIB * MIB))
    act = BOMBS[name].make()
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    began = time.process_time()
    try:
        came = act()
    except Exception as error:
        came = f"**{type(error).__name__}**: {error}"[:120]
    print(json.dumps({"mib": (peak() - before) / 1024, "seconds": time.process_time() - began, "came": came}))


def peak() -> int:
    """The most memory that this process held since its peak was reset, in KiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def measure(name: str, environment: Mapping[str, str]) -> str:
    """A line of the table."""
    command = [sys.executable, "-m", "benchmarks.bombs", "--here", name]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"| {BOMBS[name].says} | | > {MOST_SECONDS} | **not ended** |"
    if done.returncode:
        return f"| {BOMBS[name].says} | > {MOST_MIB} | | **killed**: {done.stderr.strip()[-100:]} |"
    took = json.loads(done.stdout.splitlines()[-1])
    return f"| {BOMBS[name].says} | {took['mib']:.0f} | {took['seconds']:.2f} | {took['came']} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bombs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BOMBS)}; all if none")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        go_off(given.names[0])
        return 0
    print("| Bomb | MiB | CPU s | What came of it |\n|---|---|---|---|")
    with Azurite() as emulator:
        environment = {
            **os.environ,
            "AzureWebJobsStorage": emulator.connection_string,
            "AUTH_MODE": "local",
        }
        for name in given.names or BOMBS:
            print(measure(name, environment), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
