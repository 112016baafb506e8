from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.load import MEASURED, Costs, Load, Platform, fan_out, instance_seconds, operations
from benchmarks.scaling import Prices, cost, due_rows, looks, moved, report, walls
from benchmarks.simulation import simulate

COSTS = Costs(0.2, 0.004, 0.01, {"table write": 10, "queue send": 1}, {"blob read": 1})
LOAD = Load(jobs=60, files=1000)
PLATFORM = Platform(instances=10)


def test_every_job_is_finished_by_its_parts_and_two_messages_more() -> None:
    found = simulate(LOAD, COSTS, PLATFORM)
    assert found["finished"] == found["jobs"] > 30
    assert found["messages"] == found["jobs"] * 7
    assert found == simulate(LOAD, COSTS, PLATFORM)
    assert found != simulate(LOAD, COSTS, PLATFORM, seed=2)


def test_instances_never_exceed_the_limit_and_more_of_them_make_jobs_wait_less() -> None:
    load = replace(LOAD, jobs=600)
    few, many = (simulate(load, COSTS, replace(PLATFORM, instances=most)) for most in (2, 40))
    assert few["instances"]["most"] == 2
    assert few["seconds_to_ready"]["p50"] > 10 * many["seconds_to_ready"]["p50"]
    assert few["minutes_behind_the_last_job"] > many["minutes_behind_the_last_job"]


def test_a_job_alone_takes_as_long_as_its_longest_road() -> None:
    alone = simulate(replace(LOAD, jobs=2), COSTS, replace(PLATFORM, grow_by=10))
    assert alone["seconds_to_ready"]["p50"] < instance_seconds(LOAD, COSTS, PLATFORM) + 40


def test_operations_are_what_was_measured_and_what_parts_add() -> None:
    found = operations(LOAD, COSTS)
    assert found["blob read"] == 1000 + 4 * 5 + 10
    assert found["table transaction"] == 1 + 5 + 1
    assert found["queue send"] == 1 + 6
    assert fan_out(replace(LOAD, files=200)) == {}


def test_the_first_wall_is_named_and_moves_with_its_limit() -> None:
    names = list(walls(LOAD, COSTS, PLATFORM))
    assert names[0] == "instances of the app (10)"
    more = walls(LOAD, COSTS, replace(PLATFORM, instances=2000))
    assert next(iter(more)) == "due rows of the timer"


def test_each_change_moves_the_first_wall_away() -> None:
    as_it_is, *changed = moved(LOAD, COSTS, PLATFORM).values()
    assert all(jobs > as_it_is for jobs in changed)


@pytest.mark.parametrize(("seconds", "number"), [(1, 1), (60, 1), (61, 2), (180, 2), (3600, 6), (36_000, 15)])
def test_the_timer_looks_less_and_less_often(seconds: float, number: int) -> None:
    assert looks(seconds) == number
    assert due_rows(replace(LOAD, search_minutes=seconds / 60), 1) == number + 2


def test_cost_grows_with_files_and_with_prices() -> None:
    dear = Prices(gb_second=1)
    assert cost(LOAD, COSTS, PLATFORM, dear)["compute"] > cost(LOAD, COSTS, PLATFORM, Prices())["compute"]
    double = cost(replace(LOAD, files=2000), COSTS, PLATFORM, Prices())
    assert double["blob"] > 1.9 * cost(LOAD, COSTS, PLATFORM, Prices())["blob"]


def test_the_report_of_the_measured_costs_is_whole() -> None:
    found = report(replace(LOAD, jobs=20), MEASURED, PLATFORM)
    assert found["one_job"]["parts"] == 5
    assert found["simulated"]["finished"] == found["simulated"]["jobs"]
