"""Nanobook: a simulation and execution engine for trading research.

Python computes what to trade; nanobook simulates and executes how. Names load on first use, so
that importing the package costs next to nothing.
"""

from importlib import import_module

from ._version import __version__

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
    "tape": ("BookLevels", "TapeResult"),
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
    "types": ("MessageKind", "OrderStatus", "Outcome", "Side", "StpPolicy", "TimeInForce", "TrailMethod"),
    "values": ("OrderId", "Price", "Symbol", "TradeId"),
    "errors": ("NanobookError", "ValidationError"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nanobook' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(__all__)
