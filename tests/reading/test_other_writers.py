"""What other programs than today's blastn write: DIAMOND, blastpgp and blastall, psiblast, other options.

The reports of DIAMOND 2 and of blastall are made by hand here after what their writers print (the elements of
NCBI_BlastOutput.dtd, in its order); searches with BLAST+ run where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from blast_artifacts.terms import EndProof, FileState, QueryStatus
from tests.reading.files import DATA, Whole, case, read_whole

SEQUENCES = DATA / "sequences"
needs_blast = pytest.mark.skipif(shutil.which("psiblast") is None, reason="BLAST+ is not installed")

HSP = """<Hsp><Hsp_num>{num}</Hsp_num><Hsp_bit-score>{bits}</Hsp_bit-score><Hsp_score>44</Hsp_score>
<Hsp_evalue>1.53e-288</Hsp_evalue><Hsp_query-from>{start}</Hsp_query-from><Hsp_query-to>{end}</Hsp_query-to>
<Hsp_hit-from>1</Hsp_hit-from><Hsp_hit-to>8</Hsp_hit-to>{frames}<Hsp_identity>7</Hsp_identity>
<Hsp_positive>8</Hsp_positive>{gaps}<Hsp_align-len>8</Hsp_align-len>
   <Hsp_qseq>MNSSTKIA</Hsp_qseq>
   <Hsp_hseq>MNSSTKLA</Hsp_hseq>
   <Hsp_midline>MNSSTK+A</Hsp_midline>
</Hsp>"""


def report(program: str, version: str, iterations: str, behind: str = "") -> bytes:
    return (
        f"<?xml version='1.0'?>\n<BlastOutput><BlastOutput_program>{program}</BlastOutput_program>"
        f"<BlastOutput_version>{version}</BlastOutput_version><BlastOutput_db>db</BlastOutput_db>"
        "<BlastOutput_query-ID>Query_1</BlastOutput_query-ID><BlastOutput_query-def>q1</BlastOutput_query-def>"
        "<BlastOutput_query-len>30</BlastOutput_query-len><BlastOutput_param><Parameters>"
        "<Parameters_expect>0.001</Parameters_expect></Parameters></BlastOutput_param>\n"
        f"<BlastOutput_iterations>{iterations}</BlastOutput_iterations>{behind}\n</BlastOutput>\n"
    ).encode()


def iteration(number: int, query: str, hits: str, rest: str = "") -> str:
    return (
        f"<Iteration><Iteration_iter-num>{number}</Iteration_iter-num>{query}"
        f"<Iteration_hits>{hits}</Iteration_hits>{rest}</Iteration>\n"
    )


def query(name: str, number: int = 1) -> str:
    return (
        f"<Iteration_query-ID>Query_{number}</Iteration_query-ID><Iteration_query-def>{name}"
        "</Iteration_query-def><Iteration_query-len>30</Iteration_query-len>"
    )


def hit(name: str, number: int, hsps: str) -> str:
    return (
        f"<Hit><Hit_num>{number}</Hit_num><Hit_id>{name}</Hit_id><Hit_def>its title</Hit_def>"
        f"<Hit_accession>{name}</Hit_accession><Hit_len>90</Hit_len><Hit_hsps>{hsps}</Hit_hsps></Hit>"
    )


def test_diamonds_xml_is_read_as_blasts() -> None:
    frames = "<Hsp_query-frame>-2</Hsp_query-frame><Hsp_hit-frame>0</Hsp_hit-frame>"
    one = HSP.format(num=1, bits=771, start=29, end=6, frames=frames, gaps="<Hsp_gaps>0</Hsp_gaps>")
    data = report("blastx", "diamond 2.1.12", iteration(1, query("q1 its title"), hit("WP_1.1", 1, one)))
    whole = read_whole(data)
    row = whole.hits.row(0, named=True)
    assert (whole.report.state, whole.report.end_proof) == (FileState.READ, EndProof.PROVED)
    assert (row["sseqid"], row["bitscore"], row["evalue"], row["pident"]) == ("WP_1.1", 771, 1.53e-288, 87.5)
    assert (row["qstart"], row["qend"], row["qframe"], row["mismatch"]) == (29, 6, -2, 1)


def test_diamond_may_leave_queries_without_hits_out() -> None:
    one = HSP.format(num=1, bits=771, start=1, end=8, frames="", gaps="<Hsp_gaps>0</Hsp_gaps>")
    parts = [iteration(n, query(f"q{n}", n), hit("s", 1, one)) for n in (1, 4)]
    assert read_whole(report("blastp", "diamond 2.1.12", "".join(parts))).report.state is FileState.READ
    assert read_whole(report("blastp", "BLASTP 2.12.0+", "".join(parts))).report.reason == "queries_missing"


def test_diamonds_table_with_and_without_its_header() -> None:
    row = b"WP_2.1\tWP_1.1\t95.2\t395\t19\t0\t1\t395\t1\t395\t8.43e-283\t756\n"
    plain = read_whole(row)
    assert (plain.report.format, plain.hits["bitscore"][0]) == ("6", 756)
    verbose = (
        b"# DIAMOND v2.1.12. http://github.com/bbuchfink/diamond\n# Invocation: diamond blastp\n"
        b"# Fields: Query ID, Subject ID, Percentage of identical matches, Alignment length, Number of"
        b" mismatches, Number of gap openings, Start of alignment in query, End of alignment in query, Start"
        b" of alignment in subject, End of alignment in subject, Expected value, Bit score\n"
    )
    headed = read_whole(verbose + row)
    assert headed.rows == plain.rows
    assert headed.report.search.program == "diamond"
    assert headed.report.state is FileState.READ


def test_blastalls_xml_lacks_gaps_frames_and_midline_statistics() -> None:
    one = HSP.format(num=1, bits="44.5", start=1, end=8, frames="", gaps="")
    stat = (
        "<BlastOutput_mbstat><Statistics><Statistics_db-num>7</Statistics_db-num>"
        "<Statistics_db-len>700</Statistics_db-len></Statistics></BlastOutput_mbstat>"
    )
    whole = read_whole(
        report("blastp", "blastp 2.2.12 [Aug-07-2005]", iteration(1, "", hit("s1", 1, one)), stat)
    )
    assert whole.report.state is FileState.READ
    assert (whole.queries[0].id, whole.queries[0].length) == ("q1", 30)
    assert whole.hits.select("gaps", "gapopen", "mismatch").row(0) == (0, 0, 1)
    assert whole.report.search.database_letters == 700


def test_blastpgps_rounds_end_with_its_word_for_convergence() -> None:
    one = HSP.format(num=1, bits="44.5", start=1, end=8, frames="", gaps="")
    rounds = iteration(1, "", hit("s1", 1, one)) + iteration(
        2, "", hit("s2", 1, one), "<Iteration_message>CONVERGED</Iteration_message>"
    )
    data = report("blastpgp", "blastpgp 2.2.18 [Mar-02-2008]", rounds)
    whole = read_whole(data)
    assert whole.hits["sseqid"].to_list() == ["s2"]
    assert [(q.iteration, q.status, q.message) for q in whole.queries] == [(2, QueryStatus.HITS, "CONVERGED")]
    assert read_whole(data, iteration="all").hits["iteration"].to_list() == [1, 2]


def test_the_header_row_of_outfmt_20_settles_columns_and_comma() -> None:
    header = b"qaccver,saccver,pident,length,evalue,stitle\n"
    whole = read_whole(header + b"q1,s1,99.1,100,1e-50,a title, with a comma\n")
    assert (whole.report.format, whole.report.state) == ("20", FileState.READ)
    assert whole.hits["stitle"].to_list() == ["a title, with a comma"]
    assert read_whole(header, "20 qaccver saccver").report.rejected == 0


def test_ordinals_of_separate_searches_do_not_make_one_subject() -> None:
    one = HSP.format(num=1, bits="44.5", start=1, end=8, frames="", gaps="")
    parts = [hit("gnl|BL_ORD_ID|0", 1, one).replace("its title", f"seq{n} a title") for n in (1, 2)]
    found = [read_whole(report("blastp", "BLASTP 2.12.0+", iteration(1, query("q"), part))) for part in parts]
    assert [whole.hits["sseqid"][0] for whole in found] == ["seq1", "seq2"]


def test_non_ascii_letters_that_blast_made_hashes_of_stay_so() -> None:
    spec = "10 qseqid sseqid staxid staxids stitle evalue"
    titles = read_whole(case("columns/commas-in-title.outfmt10.csv"), spec).hits["stitle"]
    assert "Caf## virus isolate ##" in titles.to_list()


def run(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("db")
    for name, kind in (("proteins", "prot"), ("nucleotides", "nucl")):
        fasta = SEQUENCES / f"{name}.fa"
        run("makeblastdb", "-in", fasta, "-dbtype", kind, "-parse_seqids", "-out", folder / name)
        (folder / f"{name}.fa").write_text(">" + fasta.read_text().split(">")[1])
    return folder


def search(program: str, folder: Path, name: str, outfmt: str, *options: str) -> Whole:
    out = folder / f"{program}.out"
    run(
        program,
        "-db",
        folder / name,
        "-query",
        folder / f"{name}.fa",
        "-outfmt",
        outfmt,
        "-out",
        out,
        *options,
    )
    return read_whole(out, outfmt if outfmt[0] == "6" else None, program=program)


@needs_blast
def test_the_last_round_of_psiblast_is_the_same_in_every_format(databases: Path) -> None:
    options = ("-num_iterations", "3", "-max_target_seqs", "20")
    found = {n: search("psiblast", databases, "proteins", n, *options) for n in ("5", "6", "7", "15", "16")}
    rounds = {n: whole.hits["iteration"].unique().to_list() for n, whole in found.items()}
    assert len({str(numbers) for numbers in rounds.values()}) == 1
    names = {n: whole.hits["sseqid"].to_list() for n, whole in found.items()}
    assert names["5"] == names["6"] == names["7"] == names["15"] == names["16"]
    assert found["15"].hits.equals(found["16"].hits)


@needs_blast
def test_a_query_range_keeps_the_coordinates_of_the_whole_query(databases: Path) -> None:
    options = ("-query_loc", "51-250", "-task", "blastn", "-evalue", "1e-3")
    for outfmt in ("5", "15", "16", "6 qseqid sseqid qstart qend qlen"):
        whole = search("blastn", databases, "nucleotides", outfmt, *options)
        best = whole.hits.row(0, named=True)
        assert (best["qstart"], best["qend"], best["qlen"]) == (51, 250, 200), outfmt
        assert whole.report.state is FileState.READ


@needs_blast
def test_hits_with_a_subject_file_bear_the_ids_of_its_records(databases: Path) -> None:
    query, out = databases / "nucleotides.fa", databases / "subject.out"
    names = {}
    for outfmt in ("5", "6", "7", "10", "15", "16"):
        run(
            "blastn",
            "-query",
            query,
            "-subject",
            SEQUENCES / "nucleotides.fa",
            "-outfmt",
            outfmt,
            "-out",
            out,
        )
        names[outfmt] = read_whole(out).hits["sseqid"].to_list()
    assert names["6"]
    assert all(found == names["6"] for found in names.values()), names
