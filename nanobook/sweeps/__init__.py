"""Sweeps: many backtests over the same prices, on all cores or on a cluster."""

from .many import backtest_many
from .named import sweep_equal_weight, sweep_strategy
from .result import SweepResult
from .run import simulate_compiled, sweep

__all__ = [
    "SweepResult",
    "backtest_many",
    "simulate_compiled",
    "sweep",
    "sweep_equal_weight",
    "sweep_strategy",
]
