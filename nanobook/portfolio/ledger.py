"""The account behind a portfolio: which symbol stands where, room for fills, and the calls of the kernels."""

from array import array

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
UNKNOWN = -(2**63)  # what a call returns for an equity that cannot be counted
UNBOUND = {"_handle": None, "_descriptor": None, "_entries": None, "_targets": None}


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
    account, fills : nanobook.kernels.account.state.Account, recarray of FILL
    planned : int
        How many symbols the next rebalance has in its order.
    """

    def __init__(self, cash, rules):
        self.rules = rules
        self.symbols = []
        self.columns = {}
        self.account = state.new_account(cash, ROOM)
        self.planned = 0
        self._traded, self._noted = np.zeros(ROOM, bool), 0
        self.fills = state.new_fills(ROOM)
        self._make_scratch()

    def __getstate__(self):
        return {**self.__dict__, **UNBOUND}  # a copy has its arrays elsewhere

    @property
    def traded(self):
        """Of each column, whether it ever had a fill."""
        self._traded[self.fills.view(np.ndarray)["symbol"][self._noted : self.n_fills]] = True
        self._noted = self.n_fills
        return self._traded

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
        last, count = self._targets, len(targets.names)
        if targets is not last:
            self._targets = None
            if last is None or targets.names is not last.names:
                self._list(targets.names)
            self.wanted[:count] = array("d", targets.weights)  # a third of the time of a list
            self._targets = targets
        self.planned = self._calls().lay_out(self._handle, count)

    def _list(self, names):
        """Fill the row of columns."""
        try:
            columns = [self.columns[symbol] for symbol in names]
        except KeyError:
            columns = [self.add(symbol) for symbol in names]
        self.listed[: len(names)] = columns

    def count_unpriced(self, targets=False):
        """How many columns ``unpriced`` lists."""
        return self._calls().count_unpriced(self._handle, targets)

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
        value = self._calls().equity(self._handle)
        if value == UNKNOWN:
            self.refuse(state.TOO_LARGE)
        return int(value)

    def rebalance(self):
        """Trade from the rows of weights, prices and volumes that were set."""
        self.make_room(self.planned)
        self.refuse(self._calls().rebalance(self._handle, self.planned))

    def plan(self):
        """Plan the orders of the rows that were set; pairs of column and signed quantity."""
        from ..kernels.account.plan import plan

        account = self.account._replace(order=self.account.order[: self.planned])
        code, count = plan(account, self.rules, self.weights, self.prices, self.volumes)
        self.refuse(code)
        columns = account.order[self.account.queue[:count]].tolist()
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

    def make_room(self, rows):
        """Let so many rows of fills be written."""
        need = self.n_fills + rows
        if need > len(self.fills):
            fills = state.new_fills(max(2 * len(self.fills), need))
            # As bytes: NumPy copies records field by field, six times slower.
            fills.view(np.uint8)[: self.fills.nbytes] = self.fills.view(np.uint8)
            self.fills, self._handle = fills, None

    def refuse(self, code):
        """Raise for a code."""
        if code != state.DONE:
            most = "" if self.rules.per_share == 1 else f", or {state.MOST_SHARES / MICRO:g} shares"
            raise NotionalOverflow(
                f"what is held and traded reaches 2**53 cents{most}, where amounts stop being exact; lower "
                "weights, prices or cash"
            )

    def _calls(self):
        """The compiled calls; from here on ``_handle`` is what they take."""
        if self._handle is None:
            self._bind()
        return self._entries

    def _bind(self):
        """Take the addresses of all arrays: at the first call, and whenever one was replaced."""
        from .._jit import describe, handle_of
        from ..kernels.account.call import entries, new_sheet

        rows = self.weights, self.prices, self.volumes
        sheet = new_sheet(self.account, rows, (self.listed, self.wanted), self.fills, self.rules)
        self._entries, self._descriptor = entries(), (describe(sheet), sheet)
        self._handle = handle_of(self._descriptor[0])

    def _make_scratch(self):
        count = len(self.account.quantity)
        self.weights, self.wanted = np.full(count, np.nan), np.zeros(count)
        self.prices, self.volumes, self.listed = (np.zeros(count, np.int64) for _ in range(3))
        self.__dict__.update(UNBOUND)

    def _grow(self):
        """Double the columns."""
        old = self.account
        new = state.new_account(0, 2 * len(old.quantity))
        for name in POSITION:
            getattr(new, name)[: len(old.quantity)] = getattr(old, name)
        self._traded = np.concatenate((self.traded, np.zeros(len(self._traded), bool)))
        self.account = new._replace(money=old.money)
        self._make_scratch()
