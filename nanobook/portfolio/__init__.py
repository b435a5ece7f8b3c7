"""Portfolio simulation: schedules of weights in, equity, holdings and metrics out."""

from .backtest import backtest_weights
from .metrics import Metrics, compute_metrics
from .result import BacktestResult, Settings

__all__ = ["BacktestResult", "Metrics", "Settings", "backtest_weights", "compute_metrics"]
