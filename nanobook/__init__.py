"""Nanobook: a simulation and execution engine for trading research.

Python computes what to trade; nanobook simulates and executes how. Names load on first use, so
that importing the package costs next to nothing.
"""

from importlib import import_module

from ._version import __version__

_HOMES = {
    "exchange": ("Exchange",),
    "analytics.indicators": (
        "ad",
        "adosc",
        "adx",
        "adxr",
        "apo",
        "aroon",
        "aroonosc",
        "atr",
        "atr_panel",
        "avgprice",
        "bbands",
        "bbands_panel",
        "beta",
        "bollinger",
        "bop",
        "cci",
        "cmo",
        "correl",
        "dema",
        "dx",
        "ema",
        "ema_panel",
        "ema_panel_by_column",
        "kama",
        "linearreg",
        "linearreg_angle",
        "linearreg_intercept",
        "linearreg_slope",
        "list_supported_indicators",
        "macd",
        "macd_panel",
        "macdfix",
        "maxindex",
        "medprice",
        "mfi",
        "midpoint",
        "midprice",
        "minindex",
        "minmax",
        "minus_di",
        "minus_dm",
        "mom",
        "natr",
        "obv",
        "plus_di",
        "plus_dm",
        "ppo",
        "rma",
        "roc",
        "rocp",
        "rocr",
        "rocr100",
        "rolling_max",
        "rolling_min",
        "rolling_sum",
        "rsi",
        "rsi_panel",
        "sar",
        "sma",
        "sma_panel",
        "sma_panel_by_column",
        "stddev",
        "stoch",
        "stochf",
        "stochrsi",
        "t3",
        "tema",
        "trange",
        "trima",
        "trix",
        "tsf",
        "typprice",
        "ultosc",
        "var",
        "wclprice",
        "wilder_atr",
        "willr",
        "wma",
    ),
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
