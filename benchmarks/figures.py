"""Figures that several benchmarks print."""

from __future__ import annotations

import math
from collections.abc import Iterable


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, 95th percentile and largest; nothing of nothing."""
    ordered = sorted(values)
    if not ordered:
        return {}

    def at(share: float) -> float:
        return round(ordered[math.ceil(share * len(ordered)) - 1], 1)

    return {"p50": at(0.5), "p95": at(0.95), "max": at(1.0)}
