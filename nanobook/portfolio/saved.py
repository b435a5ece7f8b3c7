"""A portfolio as plain values and as JSON: the entries of nanobook 0.9.3, then those that it lacks."""

import json
import math
import os
from dataclasses import asdict
from itertools import pairwise

from ..errors import CorruptState, NanobookError
from ..files import atomic_write
from ..kernels.account import state
from .cost import CostModel
from .ledger import POSITION
from .position import Position
from .rules import Financing, TradingRules

FORMAT = 1
COSTS = ("commission_bps", "slippage_bps", "min_trade_fee")
HELD = ("quantity", "avg_entry_price", "realized_pnl", "total_cost")
OURS = "nanobook"
"""The entry that holds what 0.9.3 does not know, and leaves alone when it reads."""
COUNTERS = {
    "cost": state.COST,
    "traded": state.TRADED,
    "n_fills": state.N_FILLS,
    "interest": state.INTEREST,
    "borrow_fees": state.BORROWED,
    "period": state.PERIOD,
}


def save(portfolio, path):
    """Write a portfolio as JSON, whole or not at all."""
    text = json.dumps(to_dict(portfolio), indent=2, allow_nan=False) + "\n"
    with atomic_write(path) as file:
        file.write(text.encode())


def load(path):
    """Read a portfolio from JSON."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        values = json.loads(content, parse_constant=refuse_constant, object_pairs_hook=once_each)
        return from_dict(values)
    except (CorruptState, ValueError, RecursionError) as error:
        raise CorruptState(f"{os.fsdecode(path)}: {error}") from None


def refuse_constant(name):
    """Refuse NaN and infinities, which JSON does not have."""
    raise CorruptState(f"{name} is no JSON number")


def once_each(pairs):
    """Make a dict of entries whose names differ."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CorruptState(f"the entry {twice!r} is there twice")
    return found


def to_dict(portfolio):
    """Everything that makes a portfolio, as numbers, texts, lists and dicts; NaN is None."""
    cost, ledger = portfolio.cost_model, portfolio._ledger
    return {
        "cash": portfolio.cash,
        "positions": [
            [symbol, {"symbol": symbol, **{name: getattr(position, name) for name in HELD}}]
            for symbol, position in portfolio.positions().items()
        ],
        "cost_model": {name: getattr(cost, name) for name in COSTS},
        "returns": [None if math.isnan(change) else change for change in portfolio._returns],
        "equity_curve": portfolio.equity_curve(),
        "prev_equity": portfolio._curve[-1],
        OURS: {
            "format": FORMAT,
            "costs": {"spread_bps": cost.spread_bps, "slippage": cost.slippage},
            "rules": asdict(portfolio.rules),
            "financing": asdict(portfolio.financing),
            "periods_per_year": portfolio.periods_per_year,
            "max_leverage": portfolio.max_leverage,
            "missing": portfolio.missing,
            "night": portfolio._night,
            "last_rebalance": list(portfolio._last),
            "counters": {name: int(ledger.money[row]) for name, row in COUNTERS.items()},
            "fills": [
                [period, ledger.symbols[column], *rest]
                for period, column, *rest in ledger.fills[: ledger.n_fills].tolist()
            ],
        },
    }


def from_dict(values):
    """Make a portfolio of what ``to_dict`` returned; our own entry may be absent."""
    try:
        return rebuild(values, values.get(OURS))
    except KeyError as error:
        raise CorruptState(f"a saved portfolio needs the entry {error}") from None
    except CorruptState:
        raise
    except (AttributeError, TypeError, ValueError, OverflowError, NanobookError) as error:
        raise CorruptState(f"this is no saved portfolio: {error}") from None


def rebuild(values, more):
    """Make the portfolio, fill in its positions and curves, then what only we save."""
    from .portfolio import Portfolio

    costs = [values["cost_model"][name] for name in COSTS]
    if more is None:
        portfolio = Portfolio(values["cash"], CostModel(*costs))
    elif more["format"] != FORMAT:
        raise CorruptState(f"{OURS}: format {more['format']!r}; this version reads {FORMAT}")
    else:
        portfolio = Portfolio(
            values["cash"],
            CostModel(*costs, **more["costs"]),
            rules=TradingRules(**more["rules"]),
            financing=Financing(**more["financing"]),
            periods_per_year=more["periods_per_year"],
            max_leverage=more["max_leverage"],
            missing=more["missing"],
        )
    put_positions(portfolio, values["positions"])
    put_curves(portfolio, values)
    if more is not None:
        put_rest(portfolio, more)
    return portfolio


def put_positions(portfolio, positions):
    """Fill the columns of the account."""
    ledger = portfolio._ledger
    for symbol, held in positions:
        if held["symbol"] != symbol or symbol in ledger.columns:
            raise CorruptState(f"positions: {symbol!r} is there twice, or beside another's position")
        quantity = Position(symbol, portfolio.rules.fractional)._units(held["quantity"])
        average, realized, basis = (integer(name, held[name], symbol) for name in HELD[1:])
        contradiction = average < 0 or basis * quantity < 0 or (quantity == 0 and (average, basis) != (0, 0))
        if contradiction:
            raise CorruptState(
                f"positions: {symbol}: quantity, average and cost contradict each other: {held}"
            )
        column = ledger.add(symbol)
        for name, value in zip(POSITION, (quantity, average, basis, realized), strict=True):
            getattr(ledger.account, name)[column] = value
        ledger.traded[column] = True


def put_curves(portfolio, values):
    """Fill equity and returns; where a file lacks returns that are undefined, they come from equity."""
    curve = [integer("equity_curve", amount) for amount in values["equity_curve"]]
    returns = [math.nan if change is None else float(change) for change in values["returns"]]
    if not curve or curve[-1] != values["prev_equity"]:
        raise CorruptState("equity_curve: must end with prev_equity")
    if len(returns) > len(curve) - 1:
        raise CorruptState(f"returns: {len(returns)} for {len(curve) - 1} periods of equity_curve")
    if len(returns) < len(curve) - 1:
        returns = [(b - a) / a if a > 0 else math.nan for a, b in pairwise(curve)]
    portfolio._curve, portfolio._returns = curve, returns
    portfolio._ledger.money[state.PERIOD] = len(returns)


def put_rest(portfolio, more):
    """Fill counters, fills and what is due."""
    ledger = portfolio._ledger
    for name, row in COUNTERS.items():
        ledger.money[row] = integer(name, more["counters"][name])
    fills = more["fills"]
    ledger.make_room(len(fills))
    for row, (period, symbol, *numbers) in enumerate(fills):
        numbers = [integer("fills", number) for number in (period, *numbers)]
        ledger.fills[row] = (numbers[0], ledger.columns[symbol], *numbers[1:])
    ledger.money[state.ROWS] = len(fills)
    portfolio._night = more["night"]
    portfolio._last = tuple(more["last_rebalance"])


def integer(name, value, where=""):
    """Check a whole number of a saved portfolio."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**62:
        raise CorruptState(f"{where and where + ': '}{name}: {value!r} is no whole number")
    return value
