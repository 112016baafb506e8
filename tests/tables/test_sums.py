from __future__ import annotations

from blast_artifacts.tables.sums import EVALUE_EDGES, IDENTITY_EDGES, Sums
from tests.tables.made import grouped, hits


def test_pairs_fall_into_bins_by_their_lower_edge() -> None:
    evalues = [0.0, 1e-200, 1e-180, 9.99, 10.0, 1e6, None]
    sums = Sums()
    sums.add_pairs(grouped(hits(*({"sseqid": str(n), "evalue": value} for n, value in enumerate(evalues)))))
    assert dict(zip(EVALUE_EDGES, sums.evalue_bins, strict=True)) == {
        **dict.fromkeys(EVALUE_EDGES, 0),
        0.0: 2,
        1e-180: 1,
        1.0: 1,
        10.0: 2,
    }
    assert sums.pairs - sum(sums.evalue_bins) == 1


def test_full_identity_falls_into_the_last_bin() -> None:
    sums = Sums()
    sums.add_pairs(
        grouped(hits({"pident": 100.0}, {"sseqid": "b", "pident": 95.0}, {"sseqid": "c", "pident": 94.99}))
    )
    assert (sums.identity_bins[-1], sums.identity_bins[-2]) == (2, 1)


def test_an_identity_is_in_the_bin_of_what_the_tables_show_of_it() -> None:
    sums = Sums()
    identities = {"84.99": 84.994, "85.00 from below": 84.998, "85.00": 85.0, "100.00": 99.999}
    sums.add_pairs(grouped(hits(*({"sseqid": name, "pident": of} for name, of in identities.items()))))
    counted = dict(zip(IDENTITY_EDGES, sums.identity_bins, strict=True))
    assert {edge: count for edge, count in counted.items() if count} == {80.0: 1, 85.0: 2, 95.0: 1}


def test_averages_are_over_known_values_only() -> None:
    sums = Sums()
    sums.add_pairs(
        grouped(hits({"pident": 80.0}, {"sseqid": "b", "pident": 90.0}, {"sseqid": "c", "pident": None}))
    )
    assert sums.average("per_ident") == 85.0
    assert Sums().average("per_ident") is None


def test_sums_of_parts_add_up_to_those_of_the_whole() -> None:
    table = hits(*({"sseqid": str(n), "pident": n / 3, "bitscore": n / 7} for n in range(50)))
    whole, first, second = Sums(), Sums(), Sums()
    whole.add_pairs(grouped(table))
    first.add_pairs(grouped(table[:20]))
    second.add_pairs(grouped(table[20:]))
    first.add(second)
    assert first == whole
