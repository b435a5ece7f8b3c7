"""Further names: every other spelling that the original has for something, and what it says it can do.

A row here is all that a further name takes; ``nanobook.__getattr__`` looks names up in these tables.
"""

CLEAN = (
    "backtest_weights",
    "capabilities",
    "compute_metrics",
    "decompose_backtest",
    "drawdown_series",
    "garch_ewma_forecast",
    "garch_forecast",
    "inverse_cdar_weights",
    "inverse_cvar_weights",
    "optimize_cdar",
    "optimize_cvar",
    "optimize_hrp",
    "optimize_max_sharpe",
    "optimize_min_variance",
    "optimize_risk_parity",
    "quintile_spread",
    "realized_vol",
    "rolling_max_drawdown",
    "rolling_sharpe",
    "rolling_volatility",
    "spearman",
    "tear_sheet",
    "time_series_split",
    "walkforward",
)
INDICATORS = (
    *("ad", "adosc", "adx", "atr", "atr_panel", "bbands", "bbands_panel", "cci", "dx", "ema", "ema_panel"),
    *("ema_panel_by_column", "macd", "macd_panel", "minus_di", "mom", "natr", "obv", "plus_di", "roc"),
    *("rocp", "rocr", "rsi", "rsi_panel", "sma", "sma_panel", "sma_panel_by_column", "stoch", "stochf"),
    *("stochrsi", "trange", "ultosc", "willr"),
)
"""Names that the original's compiled module spells with ``py_`` in front, functions and indicators."""

ALIASES = {f"py_{name}": name for name in CLEAN + INDICATORS}
"""The public name behind each further one."""

CAPABILITIES = {
    "backtest_stops": "backtest_weights",
    "garch_ewma_forecast": "garch_ewma_forecast",
    "optimize_min_variance": "optimize_min_variance",
    "optimize_max_sharpe": "optimize_max_sharpe",
    "optimize_risk_parity": "optimize_risk_parity",
    "inverse_cvar_weights": "inverse_cvar_weights",
    "inverse_cdar_weights": "inverse_cdar_weights",
    "backtest_holdings": "backtest_weights",
    "sweep": "sweep",
}
"""What can be asked for, in the original's order and then ours; and the public name that does it."""


def capabilities():
    """List what this version can do, for programs that work with several.

    Returns
    -------
    list of str
        The original's words first, in its order.

    Examples
    --------
    >>> import nanobook
    >>> "backtest_stops" in nanobook.capabilities()
    True
    """
    return list(CAPABILITIES)
