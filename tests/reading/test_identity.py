from __future__ import annotations

import pytest

from blast_artifacts.reading.identity import Subject, query_name, subject_key, subject_of
from tests.reading.files import CASES, read_whole


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("subj1", "subj1"),
        ("ref|NM_000001.2|", "NM_000001.2"),
        ("gi|12345|gb|AB000002.1|", "AB000002.1"),
        ("emb|X17276.1|", "X17276.1"),
        ("gb|AB1|", "AB1"),
        ("sp|P12345.2|NAME_HUMAN", "P12345.2"),
        ("sp|P12345|NAME_HUMAN", "P12345"),
        ("pdb|1ABC|A", "1ABC_A"),
        ("pir||S12345", "S12345"),
        ("gnl|CDD|189019", "CDD:189019"),
        ("pat|US|RE33188|1", "USRE33188_1"),
        ("CDD:189019", "CDD:189019"),
        ("lcl|s5", "s5"),
        ("gnl|MYDB|q2|x", "gnl|MYDB|q2|x"),
        ("sp|mine|part1", "sp|mine|part1"),
        ("gi|77", "gi|77"),
    ],
)
def test_a_subject_has_one_key_in_every_format(printed: str, key: str) -> None:
    assert subject_key(printed) == key


def test_an_unparsed_database_hides_the_id_in_the_title() -> None:
    assert subject_of("gnl|BL_ORD_ID|3", "subj4 repeats", "3") == Subject("subj4", "repeats")
    assert subject_of("gnl|BL_ORD_ID|3", "plain", "3") == Subject("plain", None)


def test_a_subject_search_gives_the_id_as_first_word_of_the_title() -> None:
    assert subject_of("Subject_1", "subj1 Alpha beta", "Subject_1") == Subject("subj1", "Alpha beta")
    assert subject_of("subj1", "subj1 Alpha beta") == Subject("subj1", "Alpha beta")


def test_a_subject_without_title_has_none() -> None:
    assert subject_of("plain", "No definition line", "plain") == Subject("plain", None)


def test_the_title_stays_as_printed_with_its_members() -> None:
    hit = read_whole(CASES / "taxa/merged-deflines.outfmt5.xml").hits.row(0, named=True)
    assert hit["stitle"] == "one, chimp; alpha >lcl|accB two human >lcl|accC three mouse"
    assert hit["deflines"] is None


def test_members_come_from_the_description_list() -> None:
    hit = read_whole(CASES / "taxa/merged-deflines.outfmt15.json").hits.row(0, named=True)
    assert hit["staxids"] == "9598;9606;10090"
    assert [line["id"] for line in hit["deflines"]] == ["accA", "accB", "accC"]


def test_members_come_from_all_ids_and_titles_if_they_are_equally_many() -> None:
    spec = "6 qseqid sallseqid staxids salltitles"
    hit = read_whole(CASES / "taxa/merged-deflines.outfmt6.tsv", spec).hits.row(0, named=True)
    assert (hit["sseqid"], hit["stitle"]) == ("accA", "one, chimp; alpha")
    assert [line["title"] for line in hit["deflines"]] == ["one, chimp; alpha", "two human", "three mouse"]


@pytest.mark.parametrize(
    ("printed", "title", "name"),
    [
        ("Query_2", "gnl|MYDB|q2|x second query", "gnl|MYDB|q2|x"),
        ("Query_1", "No definition line", "(unnamed query 1)"),
        ("Query_1", None, "(unnamed query 1)"),
        ("q7", "a title without the id", "q7"),
        ("q7", None, "q7"),
        ("lcl|1_0", "gi|7|ref|NP_1.1| a protein", "gi|7|ref|NP_1.1|"),
        ("lcl|QUERY", "q1 its title", "q1"),
        ("lcl|1_0", "No definition line", "lcl|1_0"),
        ("1_0", "a title without the id", "1_0"),
    ],
)
def test_a_query_is_what_its_first_word_says_unless_its_id_was_parsed(
    printed: str, title: str | None, name: str
) -> None:
    assert query_name(printed, title, 0) == name
