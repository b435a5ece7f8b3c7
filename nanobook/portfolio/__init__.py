"""Portfolio simulation: schedules of weights in, equity, holdings and metrics out."""

from .backtest import backtest_weights
from .bars import BarPrices
from .cost import CostModel
from .metrics import Metrics, compute_metrics
from .portfolio import Portfolio
from .position import Position
from .result import BacktestResult, Settings
from .rules import Financing, TradingRules

__all__ = [
    "BacktestResult",
    "BarPrices",
    "CostModel",
    "Financing",
    "Metrics",
    "Portfolio",
    "Position",
    "Settings",
    "TradingRules",
    "backtest_weights",
    "compute_metrics",
]
