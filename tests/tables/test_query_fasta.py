from __future__ import annotations

import gzip
from pathlib import Path

from blast_artifacts.files import FileSource
from blast_artifacts.reading.hits import Query
from blast_artifacts.tables.query_fasta import FastaOrder, QueryFasta, joined, read_query_fasta
from tests.tables.made import hits


def fasta(folder: Path, text: bytes) -> QueryFasta:
    path = folder / "query.fa"
    path.write_bytes(text)
    return read_query_fasta(FileSource(path, "query.fa"))


def test_ids_titles_and_letters_of_each_record(tmp_path: Path) -> None:
    found = fasta(tmp_path, b">q1 a title\r\nACGT\r\nAC GT\r\n\r\n>q2\nNNN*\n>\nA\n>empty\n>last\nACG")
    assert found.ids == ["q1", "q2", None, "empty", "last"]
    assert found.titles[0] == "q1 a title"
    assert found.lengths == [8, 4, 1, 0, 3]


def test_a_gzipped_fasta_reads_as_a_plain_one(tmp_path: Path) -> None:
    assert fasta(tmp_path, gzip.compress(b">q1\nACGT\n", mtime=0)).lengths == [4]


def test_an_id_of_records_that_differ_in_length_has_no_length(tmp_path: Path) -> None:
    table = fasta(tmp_path, b">q1\nA\n>q2\nAC\n>q1\nAAA\n").length_table()
    assert table.rows() == [("q1", None), ("q2", 2)]


def test_the_records_of_several_files_follow_each_other() -> None:
    whole = joined([QueryFasta(["a"], ["a"], [1]), QueryFasta(["b"], ["b x"], [2])])
    assert (whole.ids, whole.titles, whole.lengths) == (["a", "b"], ["a", "b x"], [1, 2])


def test_queries_of_a_file_without_no_hit_queries_get_the_ordinals_of_the_fasta() -> None:
    order = FastaOrder(QueryFasta(["q1", "q2", "q3", "q2"], [""] * 4, [1] * 4))
    table = hits(
        {"qindex": 0, "qseqid": "q2"}, {"qindex": 1, "qseqid": "q2"}, {"qindex": 2, "qseqid": "other"}
    )
    assert order.place_hits(table)["qindex"].to_list() == [1, 3, 4]
    assert order.place(Query(1, "q2")).index == 3


def test_a_record_without_a_name_is_the_query_that_a_table_numbers() -> None:
    order = FastaOrder(QueryFasta(["q1", None, "q3", None], ["", "", "", ""], [1] * 4))
    rows = [{"qindex": n, "qseqid": name} for n, name in enumerate(("q1", "Query_2", "Query_4", "Query_9"))]
    placed = order.place_hits(hits(*rows))
    assert placed["qindex"].to_list() == [0, 1, 3, 4]
    assert placed["qseqid"].to_list() == ["q1", "(unnamed query 2)", "(unnamed query 4)", "Query_9"]
    assert order.place(Query(1, "Query_2")) == Query(1, "(unnamed query 2)")
