from __future__ import annotations

from pathlib import Path
from typing import Any

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.build import Job
from tests.views.built import CASES, artifact, build, codes, folder_of, outfmt7


def limited(folder: Path, bits: list[float], options: dict[str, Any]) -> set[str]:
    rows = [(f"s{n}", score) for n, score in enumerate(bits)]
    return codes(build(folder_of(folder, {"r.out": outfmt7({"q1": rows})}), Job("j", options=options)))


def test_a_list_as_long_as_the_limit_is_cut(tmp_path: Path) -> None:
    assert "max_target_seqs_cut" in limited(tmp_path, [90, 80], {"max_target_seqs": 2})
    assert "max_target_seqs_cut" not in limited(tmp_path, [90, 80], {"max_target_seqs": 3})


def test_the_limit_that_an_archive_records_counts_as_given() -> None:
    built = build(CASES.parent / "archives" / "blastn-range.outfmt11.gz")
    search = artifact(built, ArtifactType.MANIFEST)["searches"][0]
    assert (search["max_target_seqs"], search["max_target_seqs_given"]) == (3, True)
    assert "max_target_seqs_cut" in codes(built)


def test_the_limit_is_500_where_none_was_given(tmp_path: Path) -> None:
    found = limited(tmp_path, [float(n) for n in range(500, 0, -1)], {})
    assert "max_target_seqs_cut" in found
    assert "tie_cut" not in found


def test_a_list_cut_inside_a_tie_says_so(tmp_path: Path) -> None:
    assert "tie_cut" in limited(tmp_path, [90, 90], {"max_target_seqs": "2"})
    assert "tie_cut" not in limited(tmp_path, [90, 80], {"max_target_seqs": "2"})


def test_shards_of_unequal_size_have_evalues_that_cannot_be_compared(tmp_path: Path) -> None:
    text = (CASES / "same-search" / "outfmt5.xml").read_text()
    letters = text.partition("<Statistics_db-len>")[2].partition("<")[0]
    other = text.replace(f"<Statistics_db-len>{letters}<", "<Statistics_db-len>999<")
    name = "shard_0{}/batch_000-blastn-db_shard_0{}.out"
    folder_of(tmp_path, {name.format(0, 0): text, name.format(1, 1): other})
    assert "shard_evalues_differ" in codes(build(tmp_path))
    assert "shard_evalues_differ" not in codes(build(tmp_path, Job("j", options={"dbsize": 10**6})))


def test_a_format_without_taxids_names_the_rerun() -> None:
    texts = {w["code"]: w["text"] for w in build(CASES / "same-search" / "outfmt5.xml").summary["warnings"]}
    assert "7 std staxids" in texts["no_taxids_in_format"]
    assert "no_taxids_in_format" not in codes(build(CASES / "same-search" / "outfmt15.json"))


def test_a_warning_of_many_files_is_one_warning(tmp_path: Path) -> None:
    built = build(folder_of(tmp_path, {f"batch_00{n}.out": outfmt7({"q1": [("a", 9.0)]}) for n in range(3)}))
    rounded = [entry for entry in built.summary["warnings"] if entry["code"] == "scores_rounded"]
    assert len(rounded) == 1
    assert rounded[0]["text"].endswith("(3 files.)")


def test_an_id_that_comes_again_in_another_batch_is_flagged(tmp_path: Path) -> None:
    folder_of(tmp_path, {f"batch_00{n}.out": outfmt7({"q1": [("a", 9.0)]}) for n in range(2)})
    assert "duplicate_query_ids" in codes(build(tmp_path))
