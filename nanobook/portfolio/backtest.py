"""Backtest a schedule of target weights: strip the input, run the kernel, dress the result."""

import math

import numpy as np

from ..errors import NotAvailable, WrongType
from .inputs import CENTS, MAX_AMOUNT, finite, positive, read_inputs, whole
from .metrics import measure
from .refusals import refusal
from .result import BacktestResult, Settings

SLACK = 1e-9  # what a sum of weights may exceed its limit by: they come from divisions


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
    refuse_stops(stop_cfg)
    cash = read_cash(initial_cash)
    settings = Settings(
        cost_bps=whole("cost_bps", cost_bps, 0, 10000, "basis points; 10 is 0.1 %"),
        periods_per_year=positive("periods_per_year", periods_per_year),
        risk_free=finite("risk_free", risk_free),
        max_leverage=math.inf if max_leverage is None else positive("max_leverage", max_leverage),
        lean=bool(lean),
    )
    inputs = read_inputs(weight_schedule, price_schedule, symbols, price_scale)
    curves, positions, panels = simulate(inputs, cash, settings)
    metrics = measure(curves.returns, settings.periods_per_year, settings.risk_free)
    return BacktestResult(
        kind=inputs.kind,
        labels=inputs.labels,
        units=inputs.units,
        listed=inputs.listed,
        initial_cash=cash,
        settings=settings,
        curves=np.array(curves),
        positions=positions,
        panels=None if panels is None else tuple(panels),
        metrics=metrics,
    )


def simulate(inputs, cash, settings):
    """Run the kernel over fresh output arrays; raise where it refuses.

    Returns
    -------
    curves : Curves
    positions : float64 array, shape (T, N), or None
    panels : Panels or None
        None where the run is lean.
    """
    from ..kernels import backtest as engine

    periods, count = inputs.prices.shape
    schedule = engine.Schedule(inputs.weights, inputs.prices, inputs.rows)
    limit = settings.max_leverage
    terms = engine.Terms(float(cash * inputs.units), float(settings.cost_bps), limit + SLACK)
    curves = engine.Curves(*np.empty((len(engine.Curves._fields), periods)))
    if settings.lean:
        positions, panels = np.zeros((2, count)), None
        code, period = engine.run_lean(schedule, terms, curves, positions)
    else:
        # One block: freed whole, it is handed out again with its pages (3.1 ms a run of 2,520 x 500
        # against 6-7 ms with three).
        block = np.empty((3 * periods + 1, count))
        positions, panels = (
            block[: periods + 1],
            engine.Panels(*block[periods + 1 :].reshape(2, periods, count)),
        )
        positions[0] = 0.0
        code, period = engine.run_full(schedule, terms, curves, positions, panels)
    if code != engine.DONE:
        raise refusal(inputs, code, period, positions[period % len(positions)], limit)
    return curves, None if settings.lean else positions[1:], panels


def read_cash(initial_cash):
    """Check the cents; a float is refused, since it may be meant as currency units."""
    if isinstance(initial_cash, (float, np.floating)):
        raise WrongType(f"initial_cash={initial_cash}: a float; pass whole cents, int(round(100 * amount))")
    return whole("initial_cash", initial_cash, 1, MAX_AMOUNT - 1, "cents")


def refuse_stops(stop_cfg):
    """Raise for any stop that is asked for."""
    if stop_cfg is None or stop_cfg == {}:
        return
    if not isinstance(stop_cfg, dict):
        raise WrongType(f"stop_cfg: {type(stop_cfg).__name__}, needs a dict or None")
    raise NotAvailable(f"stop_cfg={stop_cfg}: stops are not available in this version; leave it out")
