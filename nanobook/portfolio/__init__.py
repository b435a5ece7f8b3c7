"""Portfolio simulation: schedules of weights in, equity, holdings and metrics out."""

from .attribution import decompose_backtest
from .backtest import backtest_weights
from .calendar import monthly_returns, yearly_returns
from .drawdowns import drawdown_series, drawdowns
from .jumps import PriceJump, price_jumps
from .metrics import Metrics, compute_metrics
from .relative import RelativeMetrics, relative_metrics
from .report import HtmlReport, backtest_report
from .result import BacktestResult, Settings
from .rolling import (
    rolling_beta,
    rolling_max_drawdown,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
)
from .tearsheet import tear_sheet

__all__ = [
    "BacktestResult",
    "HtmlReport",
    "Metrics",
    "PriceJump",
    "RelativeMetrics",
    "Settings",
    "backtest_report",
    "backtest_weights",
    "compute_metrics",
    "decompose_backtest",
    "drawdown_series",
    "drawdowns",
    "monthly_returns",
    "price_jumps",
    "relative_metrics",
    "rolling_beta",
    "rolling_max_drawdown",
    "rolling_return",
    "rolling_sharpe",
    "rolling_volatility",
    "tear_sheet",
    "yearly_returns",
]
