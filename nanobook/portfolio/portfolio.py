"""``Portfolio``: an account that trades toward target weights."""

import copy
import math

import numpy as np

from ..errors import InvalidValue, MissingPriceError, WrongType
from ..hints import MOST, listing, nearest
from ..kernels.account import state
from .cost import CostModel
from .inputs import MAX_AMOUNT, positive, whole
from .ledger import Ledger
from .position import Position
from .quotes import NOTHING, read_prices, read_targets, read_volumes
from .rules import MICRO, Financing, TradingRules, kernel_rules

SLACK = 1e-9  # what a sum of weights may exceed its limit by: they come from divisions


class Portfolio:
    """Cash and positions that are moved to target weights, to the cent.

    Prices are pairs of symbol and price, a dict or a Series: ints are cents, floats currency units, rounded
    to the cent as the decimals that they print. 0 and NaN are no price. Targets are given likewise, as
    fractions of equity; below 0 is short.

    Parameters
    ----------
    initial_cash : int
        Cents; may be negative.
    cost_model : CostModel, optional
        Without one trades are free.
    rules : TradingRules, optional
        Limits of orders, fractions of shares, cash only.
    financing : Financing, optional
        Fees for shorts and interest: paid for the night after each ``record_return``, before what follows
        next (or by ``accrue``).
    periods_per_year : float, default 252
        Periods that ``record_return`` closes in a year.
    max_leverage : float, optional
        Largest allowed sum of absolute target weights; any, if None.
    missing : {'raise', 'zero'}
        What a missing price means where a position is held or wanted. 'zero', as in nanobook 0.9.3: a
        position is worth nothing and left alone, a target is passed over.

    Examples
    --------
    >>> from nanobook import CostModel, Portfolio
    >>> portfolio = Portfolio(1_000_000, CostModel(commission_bps=10))
    >>> portfolio.rebalance_simple([("AAPL", 0.6)], [("AAPL", 15000)])
    >>> portfolio.position("AAPL")
    Position(symbol=AAPL, qty=40, avg_price=15000, realized_pnl=0)
    >>> portfolio.record_return([("AAPL", 15150)])
    >>> portfolio.equity_curve()
    [1000000, 1005400]
    >>> portfolio
    Portfolio(cash=$3994.00, returns=1)
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        initial_cash,
        cost_model=None,
        *,
        rules=None,
        financing=None,
        periods_per_year=252.0,
        max_leverage=None,
        missing="raise",
    ) -> None:
        cash = whole("initial_cash", initial_cash, 1 - MAX_AMOUNT, MAX_AMOUNT - 1, "cents")
        self.cost_model = of_type("cost_model", cost_model, CostModel)
        self.rules = of_type("rules", rules, TradingRules)
        self.financing = of_type("financing", financing, Financing)
        self.periods_per_year = positive("periods_per_year", periods_per_year)
        self.max_leverage = None if max_leverage is None else positive("max_leverage", max_leverage)
        if missing not in ("raise", "zero"):
            raise InvalidValue(f"missing={missing!r}: use 'raise' or 'zero'")
        self.missing = missing
        numbers = kernel_rules(self.cost_model, self.rules, self.financing, self.periods_per_year)
        self._ledger = Ledger(cash, numbers)
        self._returns: list[float] = []
        self._curve = [cash]
        self._wanted = NOTHING  # the targets that were read last
        self._night = None  # prices of the night that is not paid for
        self._last = (0, 0)  # orders and notional of the last rebalance

    # Looking

    @property
    def cash(self):
        """Cents; negative where money is owed."""
        return int(self._ledger.money[state.CASH])

    def position(self, symbol):
        """Return a copy of one position; None where the symbol was never traded."""
        column = self._ledger.columns.get(symbol)
        return None if column is None or not self._ledger.traded[column] else self._position(column)

    def positions(self):
        """Return copies of all positions ever held by symbol, sorted."""
        symbols = self._ledger.symbols
        columns = sorted(np.flatnonzero(self._ledger.traded).tolist(), key=symbols.__getitem__)
        return {symbols[i]: self._position(i) for i in columns}

    def total_equity(self, prices):
        """Value cash and positions, in cents.

        Raises
        ------
        MissingPriceError
            No price of what is held, unless ``missing`` is 'zero'.
        """
        self._look(prices)
        return self._ledger.equity()

    def current_weights(self, prices):
        """List each position's part of equity as sorted (symbol, weight) pairs; none where equity is 0."""
        quotes = self._look(prices)
        equity = self._ledger.equity()
        held = {symbol: position for symbol, position in self.positions().items() if position.quantity}
        if equity == 0:
            return []
        return [(s, position.market_value(quotes.get(s, 0)) / equity) for s, position in held.items()]

    def returns(self):
        """List the returns of the periods recorded; NaN where the equity before was not above 0."""
        return list(self._returns)

    def equity_curve(self):
        """List initial cash and the equity of the periods recorded, in cents."""
        return list(self._curve)

    def snapshot(self, prices):
        """Summarise the account at these prices.

        Returns
        -------
        dict
            ``cash``, ``equity`` and ``total_realized_pnl`` in cents, ``num_positions`` that are not flat,
            ``weights`` by symbol.
        """
        positions = self.positions().values()
        return {
            "cash": self.cash,
            "equity": self.total_equity(prices),
            "num_positions": sum(position.quantity != 0 for position in positions),
            "total_realized_pnl": sum(position.realized_pnl for position in positions),
            "weights": dict(self.current_weights(prices)),
        }

    def compute_metrics(self, periods_per_year=None, risk_free=0.0):
        """Compute the performance figures of the recorded returns; None where there are none.

        Parameters
        ----------
        periods_per_year : float, optional
            That of the portfolio unless given.
        risk_free : float, default 0
            Risk-free return a period.
        """
        from .metrics import compute_metrics

        year = self.periods_per_year if periods_per_year is None else periods_per_year
        known = [change for change in self._returns if change == change]
        return compute_metrics(known, year, risk_free) if known else None

    @property
    def last_rebalance_order_count(self):
        """How many orders of the last rebalance were filled."""
        return self._last[0]

    @property
    def last_rebalance_notional(self):
        """What the last rebalance traded, in cents."""
        return self._last[1]

    @property
    def fees(self):
        """Fees of all fills, in cents."""
        return int(self._ledger.money[state.COST])

    @property
    def interest(self):
        """Interest earned less interest paid, in cents."""
        return int(self._ledger.money[state.INTEREST])

    @property
    def borrow_fees(self):
        """Fees paid for shorts, in cents."""
        return int(self._ledger.money[state.BORROWED])

    @property
    def trades(self):
        """All fills as a DataFrame: period, symbol, quantity, price, notional, cost (cents) and reason."""
        import pandas as pd

        rows = self._ledger.fills[: self._ledger.n_fills]
        columns = {name: np.array(rows[name]) for name in ("period", "quantity", "price", "notional")}
        columns["quantity"] = self._shares(columns["quantity"])
        names = [self._ledger.symbols[i] for i in rows["symbol"].tolist()]
        columns["symbol"] = pd.Series(names, dtype=object)
        columns["cost"] = np.array(rows["fee"])
        columns["reason"] = pd.Series([state.REASONS[i] for i in rows["reason"].tolist()], dtype=object)
        return pd.DataFrame(columns)[[*TRADE_COLUMNS]]

    def to_frame(self, prices=None):
        """Tabulate the positions, flat ones included.

        Parameters
        ----------
        prices : optional
            With them there are columns for the values.

        Returns
        -------
        DataFrame
            One row a symbol: ``quantity``; in cents ``avg_entry_price``, ``total_cost``, ``realized_pnl``,
            and with prices ``market_value`` and ``unrealized_pnl``; ``weight``.
        """
        import pandas as pd

        found = self.positions()
        columns = {name: [getattr(p, name) for p in found.values()] for name in POSITION_COLUMNS}
        if prices is not None:
            quotes = self._look(prices)
            now = [(position, quotes.get(symbol, 0)) for symbol, position in found.items()]
            columns["market_value"] = [position.market_value(price) for position, price in now]
            columns["unrealized_pnl"] = [position.unrealized_pnl(price) for position, price in now]
            weights = dict(self.current_weights(prices))
            columns["weight"] = [weights.get(symbol, 0.0) for symbol in found]
        return pd.DataFrame(columns, index=pd.Index(list(found), name="symbol", dtype=object))

    # Trading

    def rebalance_simple(self, targets, prices, volumes=None):
        """Move every symbol to its target at these prices.

        Equity is taken once, before anything trades. What is held and not named is closed first, then each
        target is traded in the order given, in whole shares rounded toward zero. Costs are not set aside, so
        targets that sum to 1 leave cash below 0 by what they cost. While equity is at or below 0 nothing is
        traded.

        Parameters
        ----------
        targets : list of (str, float), dict or Series
        prices : list of (str, number), dict or Series
        volumes : optional
            Shares traded by others in the period, likewise; needed where participation is limited.

        Raises
        ------
        MissingPriceError
            No price of what is held or wanted, unless ``missing`` is 'zero'.
        NonFiniteError
            A weight that is NaN or infinite.
        InvalidValue
            A symbol named twice, a negative price, weights above ``max_leverage``, no volumes where they are
            needed.
        NotionalOverflow
            Amounts reach 2**53 cents. In every case the portfolio stays as it was.
        """
        wanted, quotes = self._targets_of(targets), read_prices(prices)
        self._trade(wanted, quotes, None if volumes is None else read_volumes(volumes))

    def rebalance_lob(self, targets, exchange):
        """Move every symbol to its target by market orders in live order books.

        The price of a symbol is the middle of its book's touch (toward the bid), or the one side there is.
        Equity is taken once, at these prices. Every fill has its trade's price and pays one fee; what a book
        cannot fill is dropped. Spread and slippage of the cost model do not apply: the book has its own.

        Parameters
        ----------
        targets : list of (str, float), dict or Series
        exchange : MultiExchange
            Prices in cents, lots are shares.

        Raises
        ------
        MissingPriceError
            An empty book of what is held or wanted, unless ``missing`` is 'zero'.
        """
        from .lob import mid_prices, trade_in_books

        wanted, quotes = self._targets_of(targets), read_prices(mid_prices(exchange))
        if self.rules.fractional:
            raise InvalidValue("quantity_step: books trade whole lots; use a whole step with rebalance_lob")
        if self.rules.max_participation is not None:
            raise InvalidValue("max_participation: a book limits what it fills by itself; use None")
        with Undo(self) as block:
            self._pay_night()
            self._set(wanted, quotes)
            trade_in_books(self._ledger, exchange)
        self._last = block.done

    def record_return(self, prices):
        """Close a period at these prices: append equity and its change to the curves."""
        self._close(read_prices(prices))

    def accrue(self):
        """Pay now for the night after the last recorded period; once a night, else nothing happens."""
        if self._night is not None:
            with Undo(self):
                self._pay_night()

    # Keeping

    def save_json(self, path):
        """Write everything to a file, whole or not at all.

        With whole shares and a plain `CostModel` nanobook 0.9.3 can read it.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        from .saved import save

        save(self, path)

    @staticmethod
    def load_json(path):
        """Read what ``save_json`` wrote, also that of nanobook 0.9.3.

        Returns
        -------
        Portfolio

        Raises
        ------
        OSError
            The file cannot be read, or is no saved portfolio.
        """
        from .saved import load

        return load(path)

    def to_dict(self):
        """Return everything as a dict of plain values, as JSON has it."""
        from .saved import to_dict

        return to_dict(self)

    @staticmethod
    def from_dict(values):
        """Make a portfolio of what ``to_dict`` returned.

        Raises
        ------
        CorruptState
            A ``ValueError`` and ``OSError``: names the entry that is missing or wrong.
        """
        from .saved import from_dict

        return from_dict(values)

    def copy(self):
        """Return a portfolio that goes its own way from here."""
        return copy.deepcopy(self)

    def __copy__(self):
        return self.copy()

    def __eq__(self, other):
        if not isinstance(other, Portfolio):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __repr__(self):
        return f"Portfolio(cash=${self.cash / 100:.2f}, returns={len(self._returns)})"

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame()._repr_html_()}"

    # Inside

    def _position(self, column):
        ledger = self._ledger
        return Position.of(ledger.symbols[column], self.rules.fractional, ledger.state_of(column))

    def _shares(self, units):
        return units / MICRO if self.rules.fractional else units

    def _targets_of(self, given):
        """Read targets and check their sum."""
        targets = read_targets(given, self._wanted)
        total = 0.0 if self.max_leverage is None else math.fsum(map(abs, targets.weights))
        if total and total > self.max_leverage + SLACK:
            pairs = zip(targets.names, targets.weights, strict=True)
            largest = sorted(pairs, key=lambda pair: -abs(pair[1]))[:3]
            names = ", ".join(f"{symbol} {weight:.6g}" for symbol, weight in largest)
            raise InvalidValue(
                f"targets: absolute weights sum to {total:.6f}, more than max_leverage={self.max_leverage:g}"
                f"; largest: {names}; weights are fractions, not percent"
            )
        self._wanted = targets
        return targets

    def _look(self, prices):
        """Lay out prices, those of what is held among them; returns them by symbol."""
        quotes = read_prices(prices)
        self._ledger.set_prices(quotes)
        self._need(quotes)
        return quotes

    def _need(self, quotes, targets=False):
        """Refuse to do without a price of what is held, or has a target in the row of weights."""
        if self.missing == "zero" or not self._ledger.count_unpriced(targets):
            return
        held, wanted = ([self._ledger.symbols[i] for i in part] for part in self._ledger.unpriced(targets))
        raise MissingPriceError(f"prices: {missing_text(held, wanted, quotes)}")

    def _trade(self, targets, quotes, volumes):
        """Rebalance from targets, prices (a dict, or a row of columns) and volumes that are read."""
        capped = self.rules.max_participation is not None
        if capped and volumes is None:
            raise InvalidValue("volumes: needed where max_participation limits orders; pass shares by symbol")
        with Undo(self) as block:
            self._pay_night()
            self._set(targets, quotes)
            if capped:
                self._ledger.set_volumes(volumes)
            self._ledger.rebalance()
        self._last = block.done

    def _set(self, targets, quotes):
        """Lay out the rows of a rebalance."""
        self._ledger.set_targets(targets)
        self._ledger.set_prices(quotes)
        self._need(quotes, targets=True)

    def _close(self, quotes):
        """Record a period at prices that are read."""
        with Undo(self):
            self._pay_night()
            self._ledger.set_prices(quotes)
            self._need(quotes)
            equity = self._ledger.equity()
        before = self._curve[-1]
        self._returns.append((equity - before) / before if before > 0 else math.nan)
        self._curve.append(equity)
        if not self.financing.free:
            self._night = self._ledger.quoted()
        self._ledger.money[state.PERIOD] += 1

    def _pay_night(self):
        if self._night is not None:
            self._ledger.accrue(self._night)
            self._night = None


TRADE_COLUMNS = ("period", "symbol", "quantity", "price", "notional", "cost", "reason")
POSITION_COLUMNS = ("quantity", "avg_entry_price", "total_cost", "realized_pnl")


class Undo:
    """Leave a portfolio as it was if the block raises before anything is filled; remember what was filled."""

    def __init__(self, portfolio):
        self.portfolio = portfolio

    def __enter__(self):
        self.money, self.night = self.portfolio._ledger.money.tolist(), self.portfolio._night
        return self

    def __exit__(self, kind, error, trace):
        portfolio, money = self.portfolio, self.portfolio._ledger.money
        now, before = money.tolist(), self.money
        filled = now[state.N_FILLS] - before[state.N_FILLS]
        if kind is None or filled:
            self.done = filled, now[state.TRADED] - before[state.TRADED]
        else:
            money[:], portfolio._night = before, self.night


def of_type(name, value, kind):
    """Check an option that is None or one of a kind; None is the kind's default."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise WrongType(f"{name}: {type(value).__name__}, needs a {kind.__name__} or None")
    return value


def missing_text(held, wanted, quotes):
    """Say which prices are missing."""
    parts = [
        f"none of {listing(symbols[:MOST])}, {why}{nearest(symbols[0], quotes)}"
        for symbols, why in ((held, "where a position is held"), (wanted, "which targets ask for"))
        if symbols
    ]
    return "; ".join(parts) + "; give a price above 0, or missing='zero' to do without"
