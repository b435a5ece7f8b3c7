"""Backtest a schedule of target weights: strip the input, run the kernel, dress the result."""

from .bar_tables import read_bars
from .inputs import CENTS, read_inputs
from .metrics import measure
from .result import BacktestResult
from .settings import read_cash, read_settings
from .shapes import unfold


def backtest_weights(
    weight_schedule,
    price_schedule,
    initial_cash,
    cost_bps,
    periods_per_year=252.0,
    risk_free=0.0,
    stop_cfg=None,
    *,
    symbols=None,
    price_scale=CENTS,
    max_leverage=1.0,
    lean=False,
    fill="close",
    open=None,
    high=None,
    low=None,
    volume=None,
    missing="raise",
    max_age=None,
    delist_value=None,
    actions=None,
    rules=None,
    financing=None,
):
    """Trade a schedule of target weights at closing prices and value it, to the cent.

    Each period in turn: value the account at the period's prices; move every symbol to its weight of that
    equity, in whole shares rounded toward zero; pay the cost of every fill; record equity. Fills are at
    the period's own prices, so a weight may use what was known *before* that close: shift signals by one
    period that were computed from it.

    Parameters
    ----------
    weight_schedule : DataFrame, array of float of shape (T, N), or list of T rows
        Target fractions of equity, one row a period; 0 (or a symbol not named in a row) closes, below 0
        is short. A row of a list is a list of (symbol, weight) pairs or a dict; ``[]`` sells all.
    price_schedule : DataFrame, array of shape (T, N), or list of T rows
        Prices a share. Integers are cents. Floats are currency units and are rounded once, see Notes.
        NaN, 0 and a symbol not named mean "no price": allowed while the weight is 0 and nothing is held.
        DataFrames must have the same index, increasing, and the same columns in any order.
    initial_cash : int
        Cents, from 1 to 2**53 - 1.
    cost_bps : int
        Cost of a fill in basis points of its value, 0 to 10000, charged on each side:
        ``floor(abs(shares * price) * cost_bps / 10000)``.
    periods_per_year : float, default 252
        For the annual figures of ``metrics``.
    risk_free : float, default 0
        Risk-free return a period, for ``metrics``.
    stop_cfg : None
        Stops are not available yet; anything but None or an empty dict raises.
    symbols : sequence of str, optional
        Names of the columns of arrays.
    price_scale : int, default 100
        Units in a unit of currency, for float prices: a multiple of 100. Raise it where prices adjusted
        for splits need fractions of a cent.
    max_leverage : float or None, default 1.0
        Largest allowed sum of absolute weights of a row; None allows any.
    lean : bool, default False
        Leave out what has a value a period and symbol (holdings, symbol returns, positions).

    Returns
    -------
    BacktestResult
        With the original's keys (``result["equity_curve"]``) and as attributes (``result.equity_curve``).
        DataFrames give DataFrames and Series, arrays give arrays, lists give lists.

    Raises
    ------
    MissingPriceError
        No price where a weight is not 0 or a position is held.
    NonFiniteError
        A NaN or infinite weight, an infinite price.
    ShapeError
        Shapes, columns or indexes that do not fit.
    InvalidValue
        A negative price, unsorted or repeated dates, repeated symbols, weights above ``max_leverage``, a
        number out of its range.
    WrongType
        Text, truth values, objects or containers where numbers are needed.
    NotionalOverflow
        Amounts reach 2**53 units.
    NotAvailable
        A ``stop_cfg``.

    Notes
    -----
    The rules are those of nanobook 0.9.3. Where that answered with an empty result, ignored a weight
    without a price, or valued a held symbol without a price at 0, this raises.

    While equity is at or below 0 nothing is traded. The return of a period that starts there is NaN;
    lists leave it out, as the original does, and ``metrics`` are over the others.

    A float price becomes ``price * price_scale`` units, rounded as the decimal number that it prints (up
    to 15 digits), halves away from zero: 1.15 is 115 cents, 18.125 is 1813. Shares, costs and cash are
    counted in these units. Money goes in and comes out in cents: ``int64`` where a unit is a cent, else
    ``float64`` with fractions of a cent.

    Sums of money are exact, so the result does not depend on the machine or the order of the symbols.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> weights = np.array([[0.6, 0.4], [0.5, 0.5], [0.0, 0.0]])
    >>> cents = np.array([[10000, 5000], [10200, 4900], [10100, 5100]])
    >>> result = nanobook.backtest_weights(weights, cents, initial_cash=1_000_000, cost_bps=10)
    >>> result.equity_curve
    array([1000000,  999000, 1002791, 1017166])
    >>> result.positions
    array([[ 60,  80],
           [ 50, 102],
           [  0,   0]])
    """
    cash = read_cash(initial_cash)
    settings = read_settings(
        cost_bps,
        periods_per_year,
        risk_free,
        stop_cfg,
        max_leverage=max_leverage,
        lean=lean,
        fill=fill,
        missing=missing,
        max_age=max_age,
        delist_value=delist_value,
        rules=rules,
        financing=financing,
    )
    weights, prices, tables = unfold(
        weight_schedule, price_schedule, {"open": open, "high": high, "low": low, "volume": volume}
    )
    inputs = read_inputs(weights, prices, symbols, price_scale)
    bars = read_bars(inputs, price_scale, **tables)
    outcome = simulate(inputs, cash, settings, bars, actions)
    return BacktestResult(
        kind=inputs.kind,
        labels=inputs.labels,
        units=inputs.units,
        listed=inputs.listed,
        initial_cash=cash,
        settings=settings,
        prices=inputs.prices,
        outcome=outcome,
        metrics=measure(outcome.curves[1], settings.periods_per_year, settings.risk_free),
    )


def simulate(inputs, cash, settings, bars, actions):
    """Run a schedule, by the fast kernels where nothing asks for more."""
    if settings.plain and actions is None:
        from .run_plain import run_plain

        return run_plain(inputs, cash, settings, bars)
    from .actions import read_actions
    from .run_bars import Extras, run_bars

    table = None if actions is None else read_actions(actions, inputs)
    return run_bars(inputs, cash, settings, Extras(bars, table))
