"""The front door for notebooks: tables in, a plan or a comparison out; no files, no broker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Number

from ...broker.types import Account, Instrument
from ...clock import SystemClock
from ...errors import InvalidValue, WrongType
from ...exact import cents_of, exact, plus, times, without_noise
from ...hints import listing, printable
from ..settings.config import Config
from ..settings.sections import AccountSection, Cost, Execution, Risk
from ..targets.target import target_of
from .plan import make_plan
from .reconcile import reconcile_exact

PRICE_KINDS = "all ints (cents) or all floats (currency units)"


def plan_rebalance(
    weights,
    positions,
    prices,
    equity_cents,
    *,
    close_missing=None,
    cash_cents=None,
    config=None,
    instruments=None,
):
    """Plan what leads from positions to weights; nothing is sent.

    Parameters
    ----------
    weights : Series, mapping of str to number, DataFrame with symbol and weight, or pairs
        Shares of equity; below 0 for short positions, 0 to close one.
    positions : Series or mapping of str to number, DataFrame with symbol and quantity, or list of positions
        Quantities held.
    prices : Series or mapping of str to number, DataFrame with symbol and price, or list of Quote
        Of all that is held or weighted. Ints are cents, floats currency units; all of one kind.
    equity_cents : int
    close_missing : bool, optional
        What becomes of a position without a weight: True closes it, False leaves it alone. Must be said where
        there is one.
    cash_cents : int, optional
        Then buys are cut to it and to what sells bring; without it money does not bind.
    config : Config, optional
        Offsets, costs and least trade from there; unless told the defaults, without a least trade.
    instruments : mapping of str to Instrument, optional
        Whole shares and cents unless told.

    Returns
    -------
    Plan

    Raises
    ------
    TargetError, NoQuote, RiskRejected, MultiplierError
        As ``rebalancer run``.
    InvalidValue
        A number that cannot be one; names it.

    Examples
    --------
    >>> from nanobook import plan_rebalance
    >>> plan = plan_rebalance({"AAPL": 0.5}, {"AAPL": 10, "MSFT": 5}, {"AAPL": 200.0, "MSFT": 400.0},
    ...                       1_000_000, close_missing=True)
    >>> print(plan.order_table())
    Action  Shares  Symbol    Limit   Value  From  To  Description
    SELL         5  MSFT    $399.80  $2,000     5   0  close long
    BUY         15  AAPL    $200.10  $3,000    10  25  increase
    """
    if config is not None and not isinstance(config, Config):
        raise WrongType(f"config: {type(config).__name__}; give a Config, as of load_config")
    check_instruments(instruments)
    equity = exact("equity_cents", equity_cents)
    if equity <= 0:
        raise InvalidValue(f"equity_cents: {equity} is not above 0; there is nothing to weigh")
    target = target_of(weights, SystemClock().now(), close_missing=close_missing)
    held, mids = held_of(positions), mids_of(prices)
    return make_plan(
        target,
        held,
        mids,
        account_of(equity, cash_cents, held, mids),
        config or free_config(cash_cents is not None),
        instruments,
    )


def reconcile(targets, positions, prices, equity_cents, *, instruments=None, min_trade_cents=0):
    """Compare what is held with target weights.

    Parameters
    ----------
    targets : Target, Series, mapping of str to number, or iterable of (str, number)
        Weights of equity.
    positions : Series or mapping of str to number, DataFrame with symbol and quantity, or list of positions
    prices : Series or mapping of str to number, DataFrame with symbol and price, or list of Quote
        Of now. Ints are cents, floats currency units; all of one kind. 0 is none.
    equity_cents : int or Decimal
        Above 0.
    instruments : mapping of str to Instrument, optional
        Whole shares unless told.
    min_trade_cents : int, default 0
        What is farther from its target than a lot, but by less money than this, is not 'off'.

    Returns
    -------
    Reconciliation

    Examples
    --------
    >>> from nanobook import reconcile
    >>> print(reconcile({"A": 0.5, "B": 0.5}, {"A": 50, "B": 48}, {"A": 1000, "B": 1000}, 100_000))
    Symbol  Target%  Actual%   Diff%  TargetQty  ActualQty
    A        50.00%   50.00%   0.00%         50         50
    B        50.00%   48.00%  -2.00%         50         48  off
    Tracking error: 1.414%
    """
    check_instruments(instruments)
    least = exact("min_trade_cents", min_trade_cents)
    if least < 0:
        raise InvalidValue(f"min_trade_cents: {least} is below 0; give 0 to judge by lots alone")
    return reconcile_exact(
        targets,
        held_of(positions),
        mids_of(prices),
        equity_cents,
        instruments=instruments,
        min_trade_cents=least,
    )


def check_instruments(instruments):
    """Refuse what is no mapping of symbols to instruments."""
    if instruments is None:
        return
    if not isinstance(instruments, Mapping):
        raise WrongType(f"instruments: {type(instruments).__name__}; give a mapping of symbol to Instrument")
    for symbol, one in instruments.items():
        if not isinstance(one, Instrument):
            raise WrongType(f"instruments[{symbol!r}]: {type(one).__name__}; give an Instrument")


def held_of(positions):
    """Give quantities by symbol."""
    given = by_symbol("positions", "quantity", positions)
    return {symbol: exact(f"positions[{symbol!r}]", held) for symbol, held in given.items()}


def mids_of(prices):
    """Give mid prices in cents by symbol."""
    if not hasattr(prices, "items"):
        prices = [*checked("prices", prices, "Quotes")]
        if all(hasattr(one, "mid_cents") for one in prices):
            return once("prices", [(quote.symbol, quote.mid_cents) for quote in prices])
    given = by_symbol("prices", "price", prices)
    cents = [isinstance(price, Integral) and not isinstance(price, bool) for price in given.values()]
    if any(cents) and not all(cents):
        raise WrongType(f"prices: mixes integers (cents) with others; give {PRICE_KINDS}")
    if all(cents):
        return {symbol: exact(f"prices[{symbol!r}]", price) for symbol, price in given.items()}
    return {symbol: cents_of(f"prices[{symbol!r}]", without_noise(price)) for symbol, price in given.items()}


def by_symbol(name, column, given):
    """Give values by symbol of whatever holds them: a Series or mapping, a table, records, pairs."""
    if hasattr(given, "columns"):
        if {"symbol", column} - set(given.columns):
            hint = "; of prices by time give one row: prices.iloc[-1]" if name == "prices" else ""
            raise WrongType(
                f"{name}: a table needs columns symbol and {column}, not {listing(given.columns)}{hint}"
            )
        return once(name, zip(given["symbol"], given[column], strict=True))
    if hasattr(given, "items"):
        # the values of a Series as they are: a float32 has digits of its own
        values = given.to_numpy() if hasattr(given, "to_numpy") else [value for _, value in given.items()]
        return once(name, zip([symbol for symbol, _ in given.items()], values, strict=True))
    rows = checked(name, given, f"records with symbol and {column}, or pairs")
    try:
        pairs = [(one["symbol"], one[column]) if hasattr(one, "keys") else (one[0], one[1]) for one in rows]
    except (LookupError, TypeError):
        raise WrongType(
            f"{name}: each record needs symbol and {column}; or give a Series or mapping"
        ) from None
    return once(name, pairs)


def checked(name, given, what):
    """Give what can be gone through."""
    if given is None or isinstance(given, str | Number):
        raise WrongType(f"{name}: {given!r} is a {type(given).__name__}; give a Series, a mapping, or {what}")
    return given


def once(name, pairs):
    """Make a dict of pairs; a symbol that stands there twice is refused, since neither is the right one."""
    pairs = list(pairs)
    counts = Counter(symbol for symbol, _ in pairs)
    twice = [printable(symbol) for symbol, n in counts.items() if n > 1]
    if twice:
        raise InvalidValue(f"{name}: {listing(twice)} more than once; give each symbol once")
    return dict(pairs)


def account_of(equity, cash, held, mids):
    """Make the account that a plan looks at; without cash there is as much as anything could cost."""
    gross = 0
    for symbol, quantity in held.items():
        gross = plus(gross, times(abs(quantity), mids.get(symbol, 0)))
    money = (
        exact("cash_cents", cash)
        if cash is not None
        else exact("funds", plus(times(4, equity), times(4, gross)))
    )
    return Account(equity, money, money, exact("gross", gross))


def free_config(is_cash):
    """Make a configuration with the defaults and without a least trade."""
    return Config(
        Risk(min_trade_usd=0),
        execution=replace(Execution(), max_orders_per_run=100_000),
        cost=Cost(),
        account=AccountSection("notebook", "cash" if is_cash else "margin"),
    )
