"""A naive twin of the fake's market in one contract: lists, sorted again at every step; prices are integers.

Rules. A maker quotes a bid and an ask, each without bound or of a size that only a new quote renews. An
order takes the best prices of the other side first, the earliest of equals first, at the resting order's
price. What is left of a limit order rests; of a market order waits, and is sent again after every quote. A
stop is sent when the last price reaches it. The last price is that of the last trade, or else moves as little
as it must to lie within the quote.
"""

MAKER = "maker"


class QuotedMarket:
    """``resting`` holds (side, price, turn, name, left); the maker's ``left`` is None without a bound."""

    def __init__(self, bid, ask):
        self.turn, self.last = 0, bid
        self.resting, self.waiting, self.stops, self.fills = [], [], [], []
        self.quote = (bid, ask, None, None)
        self._make()

    def move(self, bid, ask, bid_size=None, ask_size=None):
        """Change the quote."""
        self.quote = (bid, ask, bid_size, ask_size)
        self.last = min(max(self.last, bid), ask)
        self._make()
        waiting, self.waiting = self.waiting, []
        for name, side, left in waiting:
            self._send(name, side, left, None)
        self._trigger()

    def place(self, name, side, left, limit=None, stop=None):
        """Take an order."""
        if stop is None:
            self._send(name, side, left, limit)
        else:
            self.stops.append((name, side, left, limit, stop))
        self._trigger()

    def _make(self):
        bid, ask, bid_size, ask_size = self.quote
        self.resting = [row for row in self.resting if row[3] != MAKER]
        for side, price, size in (("buy", bid, bid_size), ("sell", ask, ask_size)):
            self._send(MAKER, side, size, price)

    def _trigger(self):
        self._refill()
        for row in list(self.stops):
            name, side, left, limit, stop = row
            if self.last >= stop if side == "buy" else self.last <= stop:
                self.stops.remove(row)
                self._send(name, side, left, limit)
                self._refill()
                self._trigger()
                return

    def _refill(self):
        """A maker's side without a bound goes behind the others at its price."""
        bid, ask, bid_size, ask_size = self.quote
        for side, price, size in (("buy", bid, bid_size), ("sell", ask, ask_size)):
            if size is None:
                self.resting = [row for row in self.resting if (row[0], row[3]) != (side, MAKER)]
                self._send(MAKER, side, None, price)

    def _send(self, name, side, left, limit):
        other, sign = ("sell", 1) if side == "buy" else ("buy", -1)
        for row in sorted(
            (row for row in self.resting if row[0] == other), key=lambda r: (sign * r[1], r[2])
        ):
            _, price, turn, maker, size = row
            if left == 0 or (limit is not None and sign * price > sign * limit):
                break
            traded = min(x for x in (left, size) if x is not None)
            self.resting.remove(row)
            if size is None or size > traded:
                self.resting.append((other, price, turn, maker, None if size is None else size - traded))
            left = None if left is None else left - traded
            self.last = price
            self.fills += [(who, traded, price) for who in (maker, name) if who != MAKER]
        if left != 0 and limit is not None:
            self.turn += 1
            self.resting.append((side, limit, self.turn, name, left))
        elif left and name != MAKER:
            self.waiting.append((name, side, left))
