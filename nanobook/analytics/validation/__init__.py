"""Validation: splits of time without leaks, and walks through it."""

from .purged import CombinatorialPurgedCV, PurgedKFold
from .splits import WalkForward, time_series_split
from .walking import walk_forward_optimize, walkforward
from .walks import WalkForwardResult, Window

__all__ = [
    "CombinatorialPurgedCV",
    "PurgedKFold",
    "WalkForward",
    "WalkForwardResult",
    "Window",
    "time_series_split",
    "walk_forward_optimize",
    "walkforward",
]
