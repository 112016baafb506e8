"""The structured reports: outfmt 5, 15 and 16."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from blast_artifacts.reading.lines import BOM
from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.reading.files import CASES, GOLDEN, case, read_whole

XML = case("same-search/outfmt5.xml")
JSON = case("same-search/outfmt15.json")


def test_the_break_of_a_cut_report_has_its_offset_and_its_line() -> None:
    report = read_whole(CASES / "damaged/truncated.outfmt5.xml").report
    assert (report.break_offset, report.rejected, report.rejected_lines) == (45287, 1, [802])
    assert report.end_proof is EndProof.MISSING


def test_queries_that_the_writer_left_are_partial() -> None:
    whole = read_whole(CASES / "damaged/writer-aborted.outfmt5.xml")
    assert [q.status for q in whole.queries] == ["partial", "hits", "no_hits", "hits", "partial"]


def test_a_query_cut_in_its_title_is_unread() -> None:
    whole = read_whole(CASES / "encoding/utf8.outfmt16.xml")
    assert [q.status for q in whole.queries] == [QueryStatus.UNREAD]


def test_joined_documents_keep_their_own_queries() -> None:
    whole = read_whole(CASES / "damaged/two-documents.outfmt5.xml")
    assert [q.index for q in whole.queries] == list(range(10))
    assert "duplicate_query_ids" in whole.codes


def test_stray_text_is_ignored_and_said() -> None:
    whole = read_whole(CASES / "damaged/stray-text.outfmt5.xml")
    assert whole.rows == read_whole(XML).rows
    assert "stray_text" in whole.codes


@pytest.mark.parametrize("data", [XML, JSON], ids=["xml", "json"])
def test_what_stands_behind_a_hole_in_one_hsp_is_kept(data: bytes) -> None:
    whole = read_whole(data)
    place = data.index(b"112.193")
    damaged = read_whole(data[:place] + bytes(7) + data[place + 7 :])
    assert damaged.hits.height == 58
    assert damaged.report.rejected == 1
    assert set(damaged.rows) < set(whole.rows)
    assert damaged.queries[0].status is QueryStatus.PARTIAL


@pytest.mark.parametrize("data", [XML, JSON], ids=["xml", "json"])
def test_whole_queries_behind_a_hole_are_kept(data: bytes) -> None:
    start, end = data.index(b"second query") - 300, data.index(b"second query") + 400
    damaged = read_whole(data[:start] + data[end:])
    assert damaged.report.state is FileState.TRUNCATED
    assert damaged.hits.filter(qseqid="q5").height == 28
    assert damaged.hits.filter(qseqid="sp|P99999|Q4_TEST").height == 2


@pytest.mark.parametrize("number", ["5", "15", "16"])
def test_a_missing_hsp_is_seen_by_its_number(number: str) -> None:
    name = "outfmt15.json" if number == "15" else f"outfmt{number}.xml"
    data = (CASES / "same-search" / name).read_bytes()
    head = {
        "5": b"<Hsp>\n      <Hsp_num>%d<",
        "15": b'{\n                  "num": %d,',
        "16": b"<Hsp>\n                      <num>%d<",
    }[number]
    start = data.index(head % 2, data.index(b"repeats"))
    second = head % 3
    lost = read_whole(data[:start] + data[data.index(second, start) :])
    assert (lost.hits.height, lost.report.reason) == (58, "hsps_missing")


def test_sequences_that_do_not_fit_their_coordinates_are_rejected() -> None:
    place = XML.index(b"<Hsp_qseq>") + 20
    whole = read_whole(XML[:place] + XML[place + 1 :])
    assert (whole.report.rejected, whole.hits.height) == (1, 58)


@pytest.mark.parametrize("name", ["encoding/latin1.outfmt5.xml", "encoding/latin1.outfmt16.xml"])
def test_undeclared_latin1_is_read_and_said(name: str) -> None:
    whole = read_whole(CASES / name)
    assert whole.queries[0].title == "q_lat Schäffer"
    assert "encoding_latin1" in whole.codes


def declared(encoding: str) -> bytes:
    return XML.replace(b'<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>'.encode())


@pytest.mark.parametrize(("encoding", "letters"), [("ISO-8859-1", "latin-1"), ("windows-1251", "cp1251")])
def test_a_declared_encoding_is_that_of_the_texts(encoding: str, letters: str) -> None:
    title = "Schäffer" if letters == "latin-1" else "Белок"
    data = declared(encoding).replace(b"second query", title.encode(letters))
    assert read_whole(data).queries[1].title == f"gnl|MYDB|q2|x {title}"


@pytest.mark.parametrize("encoding", ["utf-16", "cp037", "undefined", "punycode", "hex", "no-such-thing"])
def test_a_declared_encoding_that_cannot_be_is_not_believed(encoding: str) -> None:
    whole = read_whole(declared(encoding).replace(b"second query", "α-globin".encode()))
    assert whole.queries[1].title == "gnl|MYDB|q2|x α-globin"
    assert whole.report.state is FileState.READ


def test_json_keeps_its_letters() -> None:
    assert read_whole(CASES / "encoding/utf8.outfmt15.json").queries[0].title == "q_utf α-globin"


def test_a_control_character_stands_for_a_star() -> None:
    data = XML.replace(b"<Hsp_hseq>GAATACG", b"<Hsp_hseq>GAA\x7fACG", 1)
    whole = read_whole(data)
    assert whole.hits["sseq"].str.starts_with("GAA*ACG").sum() == 1
    assert whole.report.state is FileState.READ


def test_entities_are_put_back_once() -> None:
    title = read_whole(XML.replace(b"second query", b"Sch&amp;auml;ffer &lt;i&gt; &#945;")).queries[1].title
    assert title == "gnl|MYDB|q2|x Sch&auml;ffer <i> α"


def test_translated_ends_and_frames_are_those_of_the_table() -> None:
    hit = read_whole(GOLDEN / "blastx.outfmt5").hits.filter(qseqid="n2").row(0, named=True)
    assert hit["qstart"] > hit["qend"]
    assert (hit["qframe"], hit["sframe"], hit["sstrand"]) == (-1, 0, None)


def test_a_query_that_was_not_searched_says_so() -> None:
    message = b"Query_3 e:  Query_3 e: Sequence contains no data  No hits found"
    for data in (XML, JSON):
        whole = read_whole(data.replace(b"No hits found", message))
        assert whole.queries[2].status is QueryStatus.NOT_SEARCHED
        assert "queries_not_searched" in whole.codes


def test_a_message_on_a_query_with_hits_changes_nothing() -> None:
    whole = read_whole(CASES / "psiblast/outfmt15.json")
    assert whole.queries[0].status is QueryStatus.HITS
    assert "PSSMs" in str(whole.queries[0].message)


@pytest.mark.parametrize("name", ["outfmt5.xml", "outfmt15.json", "outfmt7.tsv", "outfmt6.tsv"])
def test_a_round_can_be_chosen(name: str) -> None:
    path = CASES / "psiblast" / name
    everything = read_whole(path, iteration="all")
    assert everything.hits["iteration"].to_list() == [1] * 10 + [2] * 10
    assert read_whole(path).rows == everything.rows[10:]
    assert read_whole(path, iteration=1).rows == everything.rows[:10]
    assert [q.iteration for q in read_whole(path).queries] == [2]


def test_a_subject_search_is_read_as_any_other() -> None:
    report = json.loads(JSON)
    for item in report["BlastOutput2"]:
        results = item["report"]["results"]
        results["bl2seq"] = [results.pop("search")]
        item["report"]["search_target"] = {"subjects": ["Subject_1"]}
    whole = read_whole(json.dumps(report).encode())
    assert whole.rows == read_whole(JSON).rows
    assert whole.report.search.database is None


def test_reports_may_stand_by_lines_or_in_a_bare_list() -> None:
    reports = json.loads(JSON)["BlastOutput2"]
    lines = "".join(json.dumps(report) + "\n" for report in reports)
    for text in (lines, json.dumps(reports)):
        whole = read_whole(text.encode())
        assert whole.rows == read_whole(JSON).rows
        assert whole.report.end_proof is EndProof.PROVED


@pytest.mark.parametrize("text", ["{}", '{"BlastOutput2": []}', '{"BlastOutput2": [{}]}'])
def test_json_in_which_no_report_is_does_not_pass_for_one_without_hits(text: str) -> None:
    report = read_whole(JSON + text.encode()).report
    assert (report.state, report.reason, report.rows) == (FileState.TRUNCATED, "no_report", 59)


@pytest.mark.parametrize("kind", ["13.json", "14.xml"])
def test_a_manifest_behind_a_report_names_data_that_are_not_there(kind: str) -> None:
    data = JSON if kind == "13.json" else case("same-search/outfmt16.xml")
    report = read_whole(data + case(f"same-search/outfmt{kind}")).report
    assert (report.state, report.reason, report.rows) == (FileState.TRUNCATED, "manifest_without_data", 59)


@pytest.mark.parametrize("name", ["outfmt5.xml", "outfmt7.tsv", "outfmt15.json", "outfmt16.xml"])
def test_every_joined_document_may_begin_with_a_byte_order_mark(name: str) -> None:
    data = (CASES / "same-search" / name).read_bytes()
    plain, marked = read_whole(data + data), read_whole((BOM + data) * 2)
    assert marked.rows == plain.rows
    assert marked.queries == plain.queries
    assert (marked.report.state, marked.codes) == (FileState.READ, plain.codes)


def test_control_characters_within_a_title_of_json_are_left_out() -> None:
    whole = read_whole(JSON.replace(b"second query", b"second\x01 \tquery"))
    assert whole.queries[1].title == "gnl|MYDB|q2|x second  query"
    assert (whole.report.state, "control_characters" in whole.codes) == (FileState.READ, True)


@pytest.mark.parametrize("indent", [None, 1, 8])
def test_the_layout_of_json_does_not_matter(indent: int | None) -> None:
    assert read_whole(json.dumps(json.loads(JSON), indent=indent).encode()).rows == read_whole(JSON).rows


def test_the_layout_of_xml_does_not_matter() -> None:
    assert read_whole(b"".join(line.strip() for line in XML.split(b"\n"))).rows == read_whole(XML).rows
    # Attributes take every HSP off the road that knows BLAST's own layout.
    assert read_whole(XML.replace(b"<Hsp>", b'<Hsp x="1">')).rows == read_whole(XML).rows


@pytest.mark.parametrize("name", ["outfmt5.xml", "outfmt16.xml"])
def test_xml_that_another_tool_wrote_anew_reads_the_same(name: str) -> None:
    data = (CASES / "same-search" / name).read_bytes()
    whole = read_whole(data)
    written = ElementTree.tostring(ElementTree.fromstring(data))
    short = re.sub(rb"<([\w-]+)>\s*</\1>", rb"<\1/>", data)
    wrapped = re.sub(rb"<(Hit_def|title|query-title)>([^<]*)<", wrap, data)
    for other in (written, short, wrapped):
        assert other != data
        for step in (1 << 22, 777):
            again = read_whole(other, step=step)
            assert again.rows == whole.rows
            assert again.queries == whole.queries
            assert again.report.state is FileState.READ


def wrap(found: re.Match[bytes]) -> bytes:
    """The text of an element as CDATA."""
    text = found[2].replace(b"&lt;", b"<").replace(b"&gt;", b">").replace(b"&quot;", b'"')
    return b"<%b><![CDATA[%b]]><" % (found[1], text.replace(b"&amp;", b"&"))


def test_sizes_that_cannot_be_are_unknown() -> None:
    search = read_whole(
        XML.replace(b"<Statistics_db-len>8650<", b"<Statistics_db-len>-1496331888<")
    ).report.search
    assert (search.database_sequences, search.database_letters) == (6, None)
    wrapped = XML.replace(b"db-num>6<", b"db-num>125926199<").replace(b"db-len>8650<", b"db-len>1493481375<")
    assert read_whole(wrapped).report.search.database_letters is None


def test_the_search_has_blasts_own_option_names() -> None:
    search = read_whole(JSON).report.search
    assert (search.program, search.version, search.database) == ("blastn", "BLASTN 2.12.0+", "pars")
    assert search.parameters == {
        "evalue": 1e-05, "reward": 2, "penalty": -3, "gapopen": 5, "gapextend": 2, "filter": "L;m;",
    }  # fmt: skip


def test_a_report_of_an_older_blast_without_hit_list_has_no_hits() -> None:
    data = case("no-hits/outfmt5.xml").replace(b"<Iteration_hits>\n</Iteration_hits>\n", b"")
    whole = read_whole(data)
    assert [q.status for q in whole.queries] == [QueryStatus.NO_HITS]
    assert whole.report.state is FileState.READ


@pytest.mark.parametrize("strand", ["Pl\udcffus", "Plus\\n\\t", "Pl&#10;us"])
def test_letters_that_no_field_of_an_hsp_has_do_no_harm(strand: str) -> None:
    odd = strand.encode("utf-8", "surrogateescape")
    for data in (JSON, case("same-search/outfmt16.xml")):
        whole = read_whole(data.replace(b"Plus", odd))
        assert whole.hits["sseqid"].to_list() == read_whole(JSON).hits["sseqid"].to_list()


@pytest.mark.parametrize(
    "flood",
    [b'"x": ' + b"[" * 100_000, b", ".join(b'"k%d": 1' % number for number in range(20_000))],
    ids=["depth", "keys"],
)
def test_deeper_or_wider_than_any_report_is_damage(flood: bytes) -> None:
    begins = JSON.index(b'"search"')
    whole = read_whole(JSON[:begins] + flood + b", " + JSON[begins:])
    assert whole.report.state in (FileState.TRUNCATED, FileState.UNREADABLE)
    assert whole.report.break_offset is not None
    assert whole.report.break_offset < begins + 200_000


@pytest.mark.parametrize(("name", "side"), [("outfmt13.json", "o13_{}.json"), ("outfmt14.xml", "o14_{}.xml")])
def test_a_bare_manifest_names_its_side_files(name: str, side: str) -> None:
    report = read_whole(case(f"same-search/{name}")).report
    (notice,) = report.notices
    assert notice.code == "files_listed"
    assert ", ".join(side.format(number) for number in range(1, 6)) in notice.text
