"""Portfolio simulation: schedules of weights in, equity, holdings and metrics out."""

from .attribution import decompose_backtest
from .backtest import backtest_weights
from .bars import BarPrices
from .calendar import monthly_returns, yearly_returns
from .cost import CostModel
from .drawdowns import drawdown_series, drawdowns
from .fill_policy import FillPolicy
from .jumps import PriceJump, price_jumps
from .metrics import Metrics, compute_metrics
from .portfolio import Portfolio
from .position import Position
from .relative import RelativeMetrics, relative_metrics
from .report import HtmlReport, backtest_report
from .result import BacktestResult
from .rolling import (
    rolling_beta,
    rolling_max_drawdown,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
)
from .rules import Financing, TradingRules
from .run import run_backtest
from .settings import Settings
from .strategy import EqualWeight, WeightStrategy
from .tearsheet import tear_sheet

__all__ = [
    "BacktestResult",
    "BarPrices",
    "CostModel",
    "EqualWeight",
    "FillPolicy",
    "Financing",
    "HtmlReport",
    "Metrics",
    "Portfolio",
    "Position",
    "PriceJump",
    "RelativeMetrics",
    "Settings",
    "TradingRules",
    "WeightStrategy",
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
    "run_backtest",
    "tear_sheet",
    "yearly_returns",
]
