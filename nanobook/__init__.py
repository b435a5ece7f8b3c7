"""Nanobook: a simulation and execution engine for trading research.

Python computes what to trade; nanobook simulates and executes how. Names load on first use, so
that importing the package costs next to nothing.
"""

from importlib import import_module

from ._version import __version__
from .spellings import ALIASES

_HOMES = {
    "exchange": ("Exchange",),
    "events": ("Event", "Events"),
    "journal": ("load_events", "save_events"),
    "multi": ("MultiExchange",),
    "multi_tape": ("MultiTapeResult", "SymbolTrades"),
    "feeds.books": ("FeedBooks",),
    "feeds.feed_replay": ("replay_feed",),
    "feeds.itch": ("itch_stats", "parse_itch", "read_itch"),
    "feeds.lobster": ("read_lobster",),
    "feeds.lobster_check": ("explain_lobster", "replay_lobster"),
    "results": (
        "CancelResult",
        "ModifyResult",
        "Order",
        "QueuePosition",
        "RichResult",
        "StopOrder",
        "StopSubmitResult",
        "SubmitResult",
        "Trade",
        "Trades",
    ),
    "sample": ("order_flow",),
    "sessions": ("RandomFlow", "SimulationResult", "Strategy", "simulate", "strategy"),
    "snapshot": ("BookSnapshot", "LevelSnapshot"),
    "sweeps": (
        "SweepResult",
        "backtest_many",
        "simulate_compiled",
        "sweep",
        "sweep_equal_weight",
        "sweep_strategy",
    ),
    "tape": ("BookLevels", "TapeResult"),
    "analytics.volatility": (
        "GarchFits",
        "GarchResult",
        "HarResult",
        "apply_garch",
        "ewma_forecast",
        "ewma_volatility",
        "fit_garch",
        "fit_har",
        "fit_many",
        "garch_ewma_forecast",
        "garch_forecast",
        "realized_vol",
        "realized_volatility",
    ),
    "optimize": (
        "Constraints",
        "Frontier",
        "OptimizedPortfolio",
        "PortfolioEstimator",
        "denoised_covariance",
        "efficient_frontier",
        "ewma_covariance",
        "inverse_cdar_weights",
        "inverse_cvar_weights",
        "ledoit_wolf",
        "nearest_psd",
        "oas",
        "optimize_cdar",
        "optimize_cdar_ratio",
        "optimize_cvar",
        "optimize_cvar_ratio",
        "optimize_hrp",
        "optimize_index_tracking",
        "optimize_max_diversification",
        "optimize_max_sharpe",
        "optimize_mean_variance",
        "optimize_min_variance",
        "optimize_risk_parity",
        "rolling_weights",
        "sample_covariance",
    ),
    "portfolio": ("BacktestResult", "Metrics", "backtest_weights", "compute_metrics"),
    "portfolio.attribution": ("decompose_backtest",),
    "portfolio.bars": ("BarPrices",),
    "portfolio.calendar": ("monthly_returns", "yearly_returns"),
    "portfolio.cost": ("CostModel",),
    "portfolio.drawdowns": ("drawdown_series", "drawdowns"),
    "portfolio.fill_policy": ("FillPolicy",),
    "portfolio.jumps": ("PriceJump", "price_jumps"),
    "portfolio.portfolio": ("Portfolio",),
    "portfolio.position": ("Position",),
    "portfolio.report": ("HtmlReport", "backtest_report"),
    "portfolio.relative": ("RelativeMetrics", "relative_metrics"),
    "portfolio.rolling": (
        "rolling_beta",
        "rolling_max_drawdown",
        "rolling_return",
        "rolling_sharpe",
        "rolling_volatility",
    ),
    "portfolio.rules": ("Financing", "TradingRules"),
    "portfolio.run": ("run_backtest",),
    "portfolio.strategy": ("EqualWeight", "WeightStrategy"),
    "portfolio.tearsheet": ("tear_sheet",),
    "analytics.statistics": (
        "deflated_sharpe",
        "expected_maximum_sharpe",
        "information_coefficient",
        "minimum_track_record_length",
        "probabilistic_sharpe",
        "probability_of_backtest_overfitting",
        "py_deflated_sharpe",
        "quantile_spread",
        "quintile_spread",
        "reality_check",
        "sharpe_interval",
        "spearman",
        "superior_predictive_ability",
    ),
    "analytics.validation": (
        "CombinatorialPurgedCV",
        "PurgedKFold",
        "WalkForward",
        "time_series_split",
        "walk_forward_optimize",
        "walkforward",
    ),
    "types": ("MessageKind", "OrderStatus", "Outcome", "Side", "StpPolicy", "TimeInForce", "TrailMethod"),
    "values": ("OrderId", "Price", "Symbol", "TradeId"),
    "errors": ("NanobookError", "ValidationError"),
    "spellings": ("capabilities",),
}
"""Where each public name lives; its further spellings are in ``spellings``."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name):
    known = ALIASES.get(name, name)
    if known not in _HOME_OF:
        raise AttributeError(f"module 'nanobook' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[known]}", __name__), known)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*__all__, *ALIASES})
