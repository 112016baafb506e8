from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from blast_artifacts.reading.folder import Folder, open_folder, parse_options
from blast_artifacts.reading.hits import Source


@dataclass
class Stored:
    """A stored file; counts how many blocks of it were read."""

    name: str
    content: bytes = b"x"
    version: str = ""
    read: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    def blocks(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), 1024 * 1024):
            self.read.append(self.content[start : start + 1024 * 1024])
            yield self.read[-1]


def opened(*names: str, **texts: str) -> Folder:
    """A folder of results by name, and of side files with a text: `metadata__SUCCESS_txt="…"`."""
    side = {
        name.replace("__", "/").replace("_txt", ".txt").replace("_json", ".json"): text.encode()
        for name, text in texts.items()
    }
    return open_folder([*map(Stored, names), *(Stored(name, text) for name, text in side.items())])


def names(folder: Folder) -> list[tuple[str, int]]:
    return [(source.name, batch) for source, batch in folder.results]


def runtime(batch: int, *codes: int, prefix: str = "") -> Stored:
    lines = [f"1700000000123456789 run exitCode {batch:03d} {code}\n" for code in codes]
    return Stored(f"{prefix}logs/BLAST_RUNTIME-{batch:03d}.out", "".join(lines).encode())


def test_batch_1000_comes_after_batch_101() -> None:
    folder = opened(*(f"batch_{n:03d}-blastn-nt.out.gz" for n in (1000, 101, 11, 2)))
    assert [batch for _, batch in folder.results] == [2, 11, 101, 1000]


@pytest.mark.parametrize("prefix", ["", "job-1a2b/", "2026/11/24/job-1a2b/"])
def test_the_layout_is_found_at_any_depth(prefix: str) -> None:
    folder = open_folder(
        [
            Stored(prefix + "metadata/SUCCESS.txt", b"SUCCESS\n"),
            Stored(prefix + "metadata/num_jobs_submitted.txt", b"2\n"),
            Stored(prefix + "query_batches/batch_000.fa"),
            Stored(prefix + "query_batches/batch_001.fa"),
            Stored(prefix + "batch_001-blastp-sp.out.gz"),
            Stored(prefix + "batch_000-blastp-sp.out.gz"),
            runtime(0, 0, prefix=prefix),
            runtime(1, 4, prefix=prefix),
        ]
    )
    assert names(folder) == [
        (prefix + "batch_000-blastp-sp.out.gz", 0),
        (prefix + "batch_001-blastp-sp.out.gz", 1),
    ]
    assert folder.success
    assert folder.submitted == 2
    assert folder.exit_codes == {0: 0, 1: 4}
    assert {n: source.name for n, source in folder.query_batches.items()} == {
        0: prefix + "query_batches/batch_000.fa",
        1: prefix + "query_batches/batch_001.fa",
    }
    assert prefix + "metadata/SUCCESS.txt" in folder.side_files


def test_shards_of_a_batch_share_its_number_and_the_merged_file_is_superseded() -> None:
    folder = opened(
        "shard_01/batch_000-blastn-core_nt_shard_01.out.gz",
        "shard_00/batch_000-blastn-core_nt_shard_00.out.gz",
        "shard_00/batch_001-blastn-core_nt_shard_00.out.gz",
        "shard_10/batch_000-blastn-core_nt_shard_10.out.gz",
        "merged_results.out.gz",
        "merge-report.json",
        "PERF_METRICS-000.log",
    )
    assert names(folder) == [
        ("shard_00/batch_000-blastn-core_nt_shard_00.out.gz", 0),
        ("shard_01/batch_000-blastn-core_nt_shard_01.out.gz", 0),
        ("shard_10/batch_000-blastn-core_nt_shard_10.out.gz", 0),
        ("shard_00/batch_001-blastn-core_nt_shard_00.out.gz", 1),
    ]
    assert [source.name for source in folder.superseded] == ["merged_results.out.gz"]
    assert folder.side_files == ["PERF_METRICS-000.log", "merge-report.json"]


def test_a_merged_file_alone_is_the_result() -> None:
    folder = opened("merged_results.out.gz", metadata__SUCCESS_txt="")
    assert names(folder) == [("merged_results.out.gz", 0)]
    assert folder.superseded == []


def test_two_runs_side_by_side_do_not_share_batches() -> None:
    folder = open_folder(
        [
            Stored("job-a/batch_000-blastn-nt.out.gz"),
            Stored("job-b/batch_000-blastn-nt.out.gz"),
            Stored("job-b/batch_001-blastn-nt.out.gz"),
            runtime(0, 0, prefix="job-a/"),
            runtime(1, 137, prefix="job-a/"),
            runtime(1, 3, prefix="job-b/"),
        ]
    )
    assert [batch for _, batch in folder.results] == [0, 2, 3]
    assert folder.exit_codes == {0: 0, 1: 137, 3: 3}


def test_side_files_of_json_output_belong_to_their_batch() -> None:
    folder = opened("batch_003-blastn-nt.out_1.json", "batch_003-blastn-nt.out.gz")
    assert [batch for _, batch in folder.results] == [3, 3]


def test_a_plain_collection_of_files_is_numbered_in_natural_order() -> None:
    folder = opened("b10.xml", "b9.xml", "a/queries.fa")
    assert names(folder) == [("a/queries.fa", 0), ("b9.xml", 1), ("b10.xml", 2)]
    assert not folder.success
    assert folder.failure is None
    assert folder.exit_codes == {}


def test_results_of_other_names_beside_elasticblast_s_metadata_are_results() -> None:
    folder = opened("hits.xml", metadata__SUCCESS_txt="SUCCESS\n")
    assert names(folder) == [("hits.xml", 0)]
    assert folder.side_files == ["metadata/SUCCESS.txt"]


def test_other_files_beside_batches_are_side_files() -> None:
    folder = opened("batch_000-blastp-sp.out.gz", "notes.txt")
    assert names(folder) == [("batch_000-blastp-sp.out.gz", 0)]
    assert folder.side_files == ["notes.txt"]


def test_folders_that_storage_lists_as_empty_blobs_are_no_files() -> None:
    sources = [Stored("metadata", b""), Stored("shard_00", b""), Stored("empty.out", b"")]
    folder = open_folder([*sources, Stored("shard_00/hits.xml"), Stored("metadata/SUCCESS.txt", b"")])
    assert names(folder) == [("empty.out", 0), ("shard_00/hits.xml", 1)]
    assert folder.side_files == ["metadata/SUCCESS.txt"]


def test_failure_wins_over_success() -> None:
    folder = opened(metadata__SUCCESS_txt="SUCCESS\n", metadata__FAILURE_txt="BLAST engine error: …\n")
    assert not folder.success
    assert folder.failure == "BLAST engine error: …"


def test_an_empty_failure_marker_is_a_failure_without_words() -> None:
    folder = opened(metadata__FAILURE_txt="")
    assert folder.failure == ""


def test_an_empty_success_marker_is_success() -> None:
    assert opened(metadata__SUCCESS_txt="").success


@pytest.mark.parametrize(("text", "count"), [("12\n", 12), ("", None), ("\n", None), ("twelve", None)])
def test_the_number_of_submitted_batches_may_be_unknown(text: str, count: int | None) -> None:
    assert opened(metadata__num_jobs_submitted_txt=text).submitted == count


def test_the_last_exit_code_of_a_batch_holds() -> None:
    assert open_folder([runtime(7, 137, 0)]).exit_codes == {7: 0}


def test_one_bad_shard_makes_its_batch_bad() -> None:
    logs = [runtime(0, code, prefix=f"shard_0{n}/") for n, code in enumerate((0, 4, 0))]
    shards = [Stored(f"shard_0{n}/batch_000-blastn-nt.out.gz") for n in range(3)]
    assert open_folder([*logs, *shards]).exit_codes == {0: 4}


def test_exit_codes_are_found_between_tabs_and_in_the_words_of_gnu_time() -> None:
    text = (
        b"Command terminated by signal 9\n17000\trun start\t000\tblastn\tnt\n"
        b"17000\trun exitCode\t000\t137\n17000\trun end\t000\n"
    )
    assert open_folder([Stored("logs/BLAST_RUNTIME-000.out", text)]).exit_codes == {0: 137}


def test_a_log_cut_short_tells_no_exit_code() -> None:
    log = Stored("logs/BLAST_RUNTIME-000.out", b"17000 run start 000 blastn nt")
    assert open_folder([log]).exit_codes == {}


def test_the_search_is_known_from_the_configuration() -> None:
    options = "-outfmt '7 std staxids' -evalue 1e-5 -penalty -3 -ungapped"
    config = {"blast": {"program": "blastn", "db": "core_nt", "options": options}, "cluster": {}}
    folder = opened(**{"metadata__elastic-blast-config_json": json.dumps(config)})
    assert (folder.program, folder.database) == ("blastn", "core_nt")
    expected = {"outfmt": "7 std staxids", "evalue": "1e-5", "penalty": "-3", "ungapped": True}
    assert folder.options == expected


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"blast": 3}', '{"blast": {"program": 3, "db": ""}}']
)
def test_a_broken_configuration_tells_nothing(text: str) -> None:
    folder = opened(**{"metadata__elastic-blast-config_json": text})
    assert (folder.program, folder.database, folder.options) == (None, None, {})


def test_a_format_that_lost_its_quotes_is_put_together_again() -> None:
    assert parse_options("-outfmt 7 std staxids -evalue 1") == {"outfmt": "7 std staxids", "evalue": "1"}
    assert parse_options("-outfmt '7 std") == {"outfmt": "'7 std"}


def test_only_the_small_side_files_are_read_and_of_a_large_one_only_its_head() -> None:
    result = Stored("batch_000-blastp-sp.out.gz", b"x" * 100)
    log = Stored("logs/BLAST_RUNTIME-000.out", b" " * 5 * 1024 * 1024)
    query = Stored("query_batches/batch_000.fa", b">q\nMK\n")
    open_folder([result, log, query])
    assert (len(result.read), len(query.read), len(log.read)) == (0, 0, 1)


def test_storage_errors_are_passed_on() -> None:
    class Gone(Stored):
        def blocks(self) -> Iterator[bytes]:
            raise ConnectionError
            yield b""

    sources: list[Source] = [Gone("metadata/FAILURE.txt")]
    with pytest.raises(ConnectionError):
        open_folder(sources)


@pytest.mark.parametrize(
    ("names", "submitted", "missing"),
    [
        (["batch_000", "batch_001"], "2", 0),
        (["batch_000"], "2", 1),
        (["batch_000", "batch_005"], "2", 1),
        (["batch_000"], "", 0),
        (["shard_00/batch_000", "shard_00/batch_001", "shard_01/batch_000"], "2", 1),
        (["shard_00/batch_000", "shard_01/batch_000"], "2", 0),
        (["one/batch_000", "two/batch_000"], "2", 0),
        (["one/batch_000", "two/batch_000"], "3", 1),
    ],
)
def test_batches_are_missed_by_name_and_by_count(names: list[str], submitted: str, missing: int) -> None:
    count = Stored("metadata/num_jobs_submitted.txt", submitted.encode())
    results = [Stored(f"{name}-blastn-nt.out.gz", b"x") for name in names]
    assert open_folder([*results, count]).missing_batches() == missing


@pytest.mark.parametrize("count", [None, b"", b"\n"], ids=["no count", "empty count", "blank count"])
def test_without_a_count_the_list_of_query_batches_tells_what_is_missing(count: bytes | None) -> None:
    left = [
        Stored("job/batch_000-blastn-nt.out.gz", b"x"),
        Stored("job/metadata/SUCCESS.txt", b""),
        Stored("job/metadata/batch_list.txt", b"".join(b"gs://q/batch_%03d.fa\n" % n for n in range(3))),
    ]
    if count is not None:
        left.append(Stored("job/metadata/num_jobs_submitted.txt", count))
    folder = open_folder(left)
    assert (folder.submitted, folder.missing_numbers()) == (3, [1, 2])


def test_a_batch_whose_queries_lie_there_is_missed_without_a_count() -> None:
    left = [
        Stored("batch_000-blastn-nt.out.gz", b"x"),
        Stored("query_batches/batch_000.fa", b">a\nA\n"),
        Stored("query_batches/batch_001.fa", b">b\nA\n"),
        Stored("metadata/num_jobs_submitted.txt", b""),
        Stored("metadata/SUCCESS.txt", b""),
    ]
    assert open_folder(left).missing_batches() == 1
