"""What a result has and its report has not, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from blast_artifacts.views.shortened import has_cut
from shared.words import counted

if TYPE_CHECKING:
    import polars as pl


def left_out(
    contents: Mapping[str, Any], every: pl.DataFrame, queries: pl.DataFrame, longest: int
) -> Iterator[str]:
    """A sentence for each thing; `every` are the queries with all rounds, `queries` those that are meant."""
    taken = contents["of_queries"]
    yield from _queries(taken, queries)
    nameless = contents["tables"]["descriptions"]["total"] - int(queries["subjects"].sum())
    if nameless > 0 and not any(one["row"] is None for one in taken):
        yield f"Subjects whose query no row tells, {nameless:,} of them, are not here."
    ordinals = every.select("batch", "qindex")
    if several := ordinals.filter(ordinals.is_duplicated()).n_unique():
        rows = "only the last round of PSI-BLAST is here, in rows, totals and organisms"
        yield f"Of {counted(several, 'query', 'queries')} {rows}."
    yield from _shorter("subject", "subjects", "best", [one["descriptions"] for one in taken])
    yield from _shorter("alignment", "alignments", "first", [one["alignments"] for one in taken])
    drawn = [{**one["graphic"], "filtered": one["graphic"]["subjects"]} for one in taken]
    yield from _shorter("subject in pictures", "subjects in pictures", "best", drawn)
    yield from _shorter("organism", "organisms", "best", [one["taxonomy"] for one in taken])
    named, organisms = contents["queries"], contents["taxonomy"]
    if len(named["rows"]) < named["total"]:
        yield f"The first {len(named['rows']):,} of {named['total']:,} queries are named."
    if len(organisms["rows"]) < organisms["total"]:
        yield f"The best {len(organisms['rows']):,} of {organisms['total']:,} organisms are listed."
    if has_cut(contents, longest):
        yield f"Texts of more than {longest:,} letters are cut, and end in an ellipsis."


def _queries(taken: list[Mapping[str, Any]], queries: pl.DataFrame) -> Iterator[str]:
    from blast_artifacts.views.pages import query_key

    keys = queries.filter(queries["subjects"] > 0).select(query_key()).to_series()
    if len(taken) >= len(keys):
        return
    here = [one["row"]["query_key"] for one in taken]
    of_all = f"{len(here):,} of {len(keys):,} queries with hits"
    if here == keys.head(len(here)).to_list():
        yield f"Rows and pictures are of the first {of_all}."
    else:
        yield f"Rows and pictures are of {of_all}: those that are too large were passed over."


def _shorter(one: str, several: str, which: str, tables: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Of how many queries a table is not whole."""
    here = [len(table["rows"]) for table in tables if len(table["rows"]) < table["filtered"]]
    if not here:
        return
    most, fewer = max(here), ", or fewer," if min(here) < max(here) else ""
    some = f"only the {which} {most:,} {several}{fewer} are"
    rows = {0: f"no {several} are", 1: f"only the {which} {one}{fewer} is"}.get(most, some)
    yield f"Of {counted(len(here), 'query', 'queries')} {rows} here."
