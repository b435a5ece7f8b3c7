"""The figures of a backtest that a reader asks for, in one dict."""

from collections.abc import Mapping

import numpy as np

from ..errors import InvalidValue, WrongType
from .attribution import read_parts, trade_columns
from .calendar import monthly_returns, yearly_returns
from .columns import one, read_columns
from .drawdowns import drawdown_series
from .metrics import compute_metrics
from .relative import relative_metrics
from .rolling import DAYS, rolling_sharpe, rolling_volatility


def tear_sheet(backtest_result, benchmark=None, window=DAYS):
    """Collect the figures of a backtest.

    Parameters
    ----------
    backtest_result : BacktestResult or mapping
        With ``returns`` and ``equity_curve``; with ``holdings`` and ``symbol_returns`` for what is said of
        trades.
    benchmark : Series, array or list, optional
        Returns of a benchmark, as `relative_metrics` takes them.
    window : int, default 63
        Periods in a window of the rolling figures.

    Returns
    -------
    dict
        ``metrics`` : `Metrics`.
        ``monthly_returns``, ``yearly_returns`` : as the functions of these names give.
        ``rolling_sharpe``, ``rolling_volatility`` : the same.
        ``drawdown_events`` : list of dict, as `drawdown_series`.
        ``trade_analytics`` : dict of ``trade_count``, ``open_trade_count``, ``closed_trade_count``,
        ``winning_trade_count``, ``win_rate`` (of all), ``mean_contribution``, ``best_contribution``,
        ``worst_contribution`` and ``mean_periods``; NaN without a trade. None for a lean result.
        ``relative`` : `RelativeMetrics`, only with a benchmark.

    Raises
    ------
    InvalidValue
        A mapping that lacks one of the keys.
    WrongType
        Something else than a result.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> prices = np.array([[100.0], [110.0], [99.0]])
    >>> sheet = nanobook.tear_sheet(nanobook.backtest_weights(np.ones((3, 1)), prices, 1_000_000, 0))
    >>> sheet["trade_analytics"]["open_trade_count"]
    1
    >>> [event["drawdown_pct"] for event in sheet["drawdown_events"]]
    [0.1]
    """
    if not isinstance(backtest_result, Mapping):
        raise WrongType(
            f"backtest_result: {type(backtest_result).__name__}, needs a BacktestResult or a dict"
        )
    settings = getattr(backtest_result, "settings", None)
    panels = () if getattr(settings, "lean", False) else ("holdings", "symbol_returns")
    for key in ("returns", "equity_curve", *panels):
        if key not in backtest_result:
            raise InvalidValue(f"backtest_result missing {key}")
    year = getattr(settings, "periods_per_year", 252.0)
    rate = getattr(settings, "risk_free", 0.0)
    metrics = getattr(backtest_result, "metrics", None)
    sheet = {
        "metrics": compute_metrics(known(backtest_result), year, rate) if metrics is None else metrics,
        "monthly_returns": monthly_returns(backtest_result),
        "yearly_returns": yearly_returns(backtest_result),
        "rolling_sharpe": rolling_sharpe(backtest_result, window, year, rate),
        "rolling_volatility": rolling_volatility(backtest_result, window, year),
        "drawdown_events": drawdown_series(backtest_result),
        "trade_analytics": analyse(read_parts(backtest_result)) if panels else None,
    }
    if benchmark is not None:
        sheet["relative"] = relative_metrics(backtest_result, benchmark, year, rate)
    return sheet


def known(result):
    """The returns that are known."""
    values = one(read_columns("backtest_result", result))
    return values[~np.isnan(values)]


def analyse(parts):
    """Count and average the times that a symbol was held."""
    _, entries, exits, _, _, earned = trade_columns(parts)
    some = earned.size > 0
    still = int(np.count_nonzero(exits == len(parts.weights)))
    return {
        "trade_count": earned.size,
        "open_trade_count": still,
        "closed_trade_count": earned.size - still,
        "winning_trade_count": int(np.count_nonzero(earned > 0.0)),
        "win_rate": float(np.mean(earned > 0.0)) if some else np.nan,
        "mean_contribution": float(earned.mean()) if some else np.nan,
        "best_contribution": float(earned.max()) if some else np.nan,
        "worst_contribution": float(earned.min()) if some else np.nan,
        "mean_periods": float(np.mean(exits - entries)) if some else np.nan,
    }
