"""The account behind a portfolio: which symbol stands where, room for fills, and the calls of the kernels."""

import numpy as np

from ..errors import NotionalOverflow
from ..kernels.account import state
from ..values import Symbol
from .cost import CostModel
from .rules import MICRO, kernel_rules

ROOM = 16  # symbols of a new account, and rows of fills
HAIR = 1e-3  # of a counted quantity: what a float product may miss a whole one by
POSITION = ("quantity", "average", "basis", "realized")
FREE = kernel_rules(CostModel())


class Ledger:
    """Arrays of one account, by symbol.

    Parameters
    ----------
    cash : int
        Cents.
    rules : nanobook.kernels.account.state.Rules

    Attributes
    ----------
    symbols : list of str
        Each in the column of its place.
    traded : bool array
        Of each column, whether it ever had a fill.
    account, fills : nanobook.kernels.account.state.Account, recarray of FILL
    """

    def __init__(self, cash, rules):
        self.rules = rules
        self.symbols = []
        self.columns = {}
        self.account = state.new_account(cash, ROOM)
        self.traded = np.zeros(ROOM, bool)
        self.fills = state.new_fills(ROOM)
        self._make_scratch()

    @property
    def money(self):
        """Scalars of the account."""
        return self.account.money

    @property
    def n_fills(self):
        """Rows of ``fills`` that are written."""
        return int(self.account.money[state.ROWS])

    def add(self, symbol):
        """Column of a symbol, a new one if there is none."""
        column = self.columns.get(symbol)
        if column is None:
            name = Symbol(symbol).as_str()
            column = self.columns[name] = len(self.symbols)
            self.symbols.append(name)
            if column == len(self.weights):
                self._grow()
        return column

    def state_of(self, column):
        """Quantity, average, cost and profit of one position."""
        return tuple(int(getattr(self.account, name)[column]) for name in POSITION)

    def set_prices(self, prices):
        """Fill the row of prices from a dict, or from a row with those of the first columns; 0 is none."""
        row, count = self.prices, len(self.symbols)
        if isinstance(prices, np.ndarray):
            row[: len(prices)] = prices
        else:
            row[:count] = [prices.get(symbol, 0) for symbol in self.symbols]
        return row

    def set_targets(self, targets):
        """Fill the row of weights: what is held and has no target goes to 0, what has one to that.

        Orders are planned in this order, the targets as listed.
        """
        try:
            columns = [self.columns[symbol] for symbol in targets]
        except KeyError:
            columns = [self.add(symbol) for symbol in targets]
        columns = np.array(columns, np.int64)
        row = self.weights
        row[:] = np.nan
        row[self.account.quantity != 0] = 0.0
        row[columns] = np.nan
        closing = np.flatnonzero(row == 0.0)
        row[columns] = list(targets.values())
        self.account = self.account._replace(order=np.concatenate((closing, columns)))

    def unpriced(self, targets=False):
        """Columns of what is held, and of what has targets that are not 0, that the row has no price of."""
        missing = self.prices == 0
        held = (self.account.quantity != 0) & missing
        wanted = missing & ~held & ~np.isnan(self.weights) & (self.weights != 0.0) if targets else held[:0]
        return [np.flatnonzero(part).tolist() if part.any() else [] for part in (held, wanted)]

    def quoted(self):
        """Prices of the row by symbol."""
        return {
            symbol: price for symbol, price in zip(self.symbols, self.prices.tolist(), strict=False) if price
        }

    def set_volumes(self, volumes):
        """Fill the row of volumes, in the account's quantities."""
        row = self.volumes
        row[: len(self.symbols)] = [
            int(volumes.get(symbol, 0) * self.rules.per_share + HAIR) for symbol in self.symbols
        ]
        return row

    def equity(self):
        """Value cash and positions at the row of prices, in cents."""
        from ..kernels.account.value import equity

        code, value = equity(self.account, self.rules, self.prices)
        self.refuse(code)
        return value

    def rebalance(self):
        """Trade from the rows of weights, prices and volumes that were set."""
        from ..kernels.account.rebalance import rebalance

        self.make_room(len(self.account.order))
        rows = self.weights, self.prices, self.volumes
        self.refuse(rebalance(self.account, self.rules, *rows, self.fills))

    def plan(self):
        """Plan the orders of the rows that were set; pairs of column and signed quantity."""
        from ..kernels.account.plan import plan

        code, count = plan(self.account, self.rules, self.weights, self.prices, self.volumes)
        self.refuse(code)
        columns = self.account.order[self.account.queue[:count]].tolist()
        return [(column, int(self.account.planned[column])) for column in columns]

    def fill(self, column, quantity, price):
        """Book one fill at exactly this price, with its fee."""
        from ..kernels.account.fill import fill_at

        self.make_room(1)
        self.refuse(fill_at(self.account, self.rules, column, quantity, price, state.SIGNAL, self.fills))

    def accrue(self, prices):
        """Pay for one night at these prices; they stay in the row of prices."""
        from ..kernels.account.value import accrue

        self.refuse(accrue(self.account, self.rules, self.set_prices(prices)))

    def note_traded(self, first):
        """Remember which symbols were filled from this row of fills on."""
        self.traded[self.fills.view(np.ndarray)["symbol"][first : self.n_fills]] = True

    def make_room(self, rows):
        """Let so many rows of fills be written."""
        need = self.n_fills + rows
        if need > len(self.fills):
            fills = state.new_fills(max(2 * len(self.fills), need))
            fills[: self.n_fills] = self.fills[: self.n_fills]
            self.fills = fills

    def refuse(self, code):
        """Raise for a code."""
        if code != state.DONE:
            most = "" if self.rules.per_share == 1 else f", or {state.MOST_SHARES / MICRO:g} shares"
            raise NotionalOverflow(
                f"what is held and traded reaches 2**53 cents{most}, where amounts stop being exact; lower "
                "weights, prices or cash"
            )

    def _make_scratch(self):
        count = len(self.account.quantity)
        self.weights = np.full(count, np.nan)
        self.prices, self.volumes = np.zeros((2, count), np.int64)

    def _grow(self):
        """Double the columns."""
        old = self.account
        new = state.new_account(0, 2 * len(old.quantity))
        for name in POSITION:
            getattr(new, name)[: len(old.quantity)] = getattr(old, name)
        self.traded = np.concatenate((self.traded, np.zeros(len(self.traded), bool)))
        self.account = new._replace(money=old.money)
        self._make_scratch()
