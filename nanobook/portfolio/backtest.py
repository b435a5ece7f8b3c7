"""Backtest a schedule of target weights: strip the input, run the kernel, dress the result."""

from .bar_tables import read_bars
from .inputs import CENTS, positive, read_inputs
from .jumps import warn_of_jumps
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
    max_jump=0.5,
):
    """Trade a schedule of target weights and value it, to the cent.

    Each period in turn: value the account at the period's prices; move every symbol to its weight of that
    equity, in whole shares rounded toward zero; pay the cost of every fill; leave what is beyond its stop;
    record equity. By default fills are at the period's own closes, so a weight may use what was known
    *before* that close: shift signals by one period that were computed from it, or let ``fill`` do so.

    Parameters
    ----------
    weight_schedule : DataFrame, array of float of shape (T, N), list of T rows, or dict
        Target fractions of equity, one row a period; 0 (or a symbol not named in a row) closes, below 0
        is short. A row of a list is a list of (symbol, weight) pairs or a dict. A dict has such a dict by
        date. What is held is kept in periods that a DataFrame or a dict skips, whose row is None, or
        whose row of a table is NaN throughout; ``[]`` sells all.
    price_schedule : DataFrame, array of shape (T, N), list of T rows, or dict
        Closing prices a share. Integers are cents. Floats are currency units and are rounded once, see
        Notes. NaN, 0 and a symbol not named mean "no price", see ``missing``. DataFrames have increasing
        indexes, that of the prices with all periods, and the same columns in any order. Rows of (symbol,
        `BarPrices`) pairs bring open, high and low. A dict has (date, price) pairs, or a Series, by symbol.
    initial_cash : int
        Cents, from 1 to 2**53 - 1.
    cost_bps : int or CostModel
        Cost of a fill in basis points of its value, 0 to 10000, charged on each side:
        ``floor(abs(shares * price) * cost_bps / 10000)``. A `CostModel` has finer rates, a smallest fee,
        spread and slippage.
    periods_per_year : float, default 252
        For the annual figures of ``metrics``, and for ``financing``.
    risk_free : float, default 0
        Risk-free return a period, for ``metrics``.
    stop_cfg : dict, optional
        ``fixed_stop_pct`` and ``trailing_stop_pct``, fractions of the entry and of the best price since;
        ``atr_multiple`` average ranges (of ``atr_period`` periods, default 14) off the best price. Each
        level is rounded to a unit, the tightest counts. ``trigger`` is 'close' (default) or 'intrabar'.
    symbols : sequence of str, optional
        Names of the columns of arrays.
    price_scale : int, default 100
        Units in a unit of currency, for float prices: a multiple of 100. Raise it where prices adjusted
        for splits need fractions of a cent.
    max_leverage : float or None, default 1.0
        Largest allowed sum of absolute weights of a row; None allows any.
    lean : bool, default False
        Leave out what has a value a period and symbol, and the trades.
    fill : FillPolicy or {'close', 'next_open', 'next_typical'}
        Prices of the fills. A signal of the last period has no next one and is skipped.
    open, high, low, volume : tables of the kind and shape of ``price_schedule``, optional
        ``next_open`` needs open, ``next_typical`` high and low, ``intrabar`` all three; with high and low,
        ranges of stops are true ranges of all bars so far, without them changes of closes since the entry.
        Volume, in shares, is for ``TradingRules(max_participation=...)``.
    missing : {'raise', 'carry', 'delist'}
        What becomes of a position without a price. 'carry': it counts at its last price and is not traded
        for at most ``max_age`` periods. 'delist': after ``max_age`` periods it is paid out, without cost.
        A weight of what never had a price raises all the same.
    max_age : int, optional
        Default 5 for 'carry', 0 for 'delist'.
    delist_value : float, default 1.0
        Part of the last price that is paid out.
    actions : DataFrame or list of dict, optional
        Splits and dividends: ``date`` (of the first period without them; in arrays and lists its number),
        ``symbol``, ``split`` (new shares for an old one: 2.0, 0.1) and ``dividend`` a share (integers are
        cents, floats currency units). Then prices are those that were paid, not adjusted ones.
    rules : TradingRules, optional
        Lots and fractions of shares, no-trade band, bounds of orders, turnover, participation, cash only.
    financing : Financing, optional
        Interest on cash and debt, fees for borrowed shares.
    max_jump : float or None, default 0.5
        Warn of prices that change by more than this part in one period: a split that was not adjusted for,
        or another unit. None never warns, and a lean run does not look.

    Returns
    -------
    BacktestResult
        With the original's keys (``result["equity_curve"]``) and as attributes (``result.equity_curve``).
        DataFrames give DataFrames and Series, arrays give arrays, lists give lists.

    Raises
    ------
    MissingPriceError
        No price where a weight is not 0 or a position is held, or for longer than ``max_age``.
    NonFiniteError
        A NaN or infinite weight, an infinite price.
    ShapeError
        Shapes, columns or indexes that do not fit.
    InvalidValue
        A negative price, a bar whose high is below its low, unsorted or repeated dates, repeated symbols,
        weights above ``max_leverage``, an unknown key of ``stop_cfg``, a number out of its range.
    WrongType
        Text, truth values, objects or containers where numbers are needed.
    NotionalOverflow
        Amounts reach 2**53 units.

    Warns
    -----
    PriceJumpWarning
        Prices that change by more than ``max_jump``; `price_jumps` lists them all.

    Notes
    -----
    The rules are those of nanobook 0.9.3. Where that answered with an empty result, ignored a weight
    without a price, or valued a held symbol without a price at 0, this raises.

    The order of a period: financing of the night at the last prices; splits and dividends; fills of the
    signal before at the open; stops inside of the bar; fills of the signal before at the typical price;
    payouts of what is delisted; fills of the period's own signal at the close; stops at closes; value.
    Everything up to a period depends on nothing after it.

    Stops at closes know a position from the close of the period that it was entered in, leave at a close
    and are charged like any fill. Inside of bars they know it from what was paid for it; a level is what
    was known before the bar; a bar that opens beyond it is left at its open, one that reaches it at the
    level. What was bought at a typical price is watched from the next bar on. Nothing keeps a weight from
    being bought again in the period after its stop.

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

    Bought once, with a stop 5 % below the best close:

    >>> once = [[("A", 1.0)], None, None]
    >>> prices = [[("A", 100)], [("A", 120)], [("A", 110)]]
    >>> stopped = nanobook.backtest_weights(once, prices, 10_000, 0, stop_cfg={"trailing_stop_pct": 0.05})
    >>> stopped.stop_events
    [{'period_index': 2, 'symbol': 'A', 'trigger_price': 114, 'exit_price': 110, 'reason': 'trailing'}]
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
    limit = None if max_jump is None else positive("max_jump", max_jump)
    outcome = simulate(inputs, cash, settings, bars, actions)
    if limit and outcome.panels:
        warn_of_jumps(outcome.panels[1], limit, inputs.labels)
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
