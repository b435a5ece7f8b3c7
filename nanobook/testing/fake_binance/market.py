"""The exchange's state: pairs, balances, orders, fills. Exact, and with no idea of HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

LIVE = ("NEW", "PARTIALLY_FILLED")
EIGHT = Decimal("1e-8")


class Refusal(Exception):
    """A request that the exchange refuses: status, code, message."""

    def __init__(self, code, message, status=400):
        super().__init__(code, message)
        self.code, self.message, self.status = code, message, status


@dataclass
class Pair:
    """A pair that is traded, with its filters and its market."""

    base: str
    quote: str
    bid: Decimal
    ask: Decimal
    last: Decimal
    step: Decimal = Decimal("0.00001")
    tick: Decimal = Decimal("0.01")
    least: Decimal = Decimal("5")
    most: Decimal = Decimal("9000")
    depth: Decimal | None = None
    status: str = "TRADING"

    @property
    def name(self):
        """The exchange's name of it."""
        return self.base + self.quote

    def filters(self):
        """The filters as ``exchangeInfo`` tells them."""
        return [
            {"filterType": "PRICE_FILTER", "minPrice": said(self.tick), "maxPrice": "1000000.00000000"}
            | {"tickSize": said(self.tick)},
            {"filterType": "LOT_SIZE", "minQty": said(self.step), "maxQty": said(self.most)}
            | {"stepSize": said(self.step)},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": said(self.most)}
            | {"stepSize": "0.00000000"},
            {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2"}
            | {"askMultiplierUp": "5", "askMultiplierDown": "0.2", "avgPriceMins": 5},
            {"filterType": "NOTIONAL", "minNotional": said(self.least), "applyMinToMarket": True}
            | {"maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        ]


@dataclass
class Order:
    """An order, live or ended."""

    id: int
    name: str
    pair: Pair
    side: str
    kind: str
    quantity: Decimal
    price: Decimal
    stop: Decimal
    time_in_force: str
    placed: int
    status: str = "NEW"
    filled: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    updated: int = 0
    waiting: bool = False
    trades: list = field(default_factory=list)

    def told(self):
        """The order as the REST API tells it."""
        return {
            "symbol": self.pair.name,
            "orderId": self.id,
            "orderListId": -1,
            "clientOrderId": self.name,
            "price": said(self.price),
            "origQty": said(self.quantity),
            "executedQty": said(self.filled),
            "cummulativeQuoteQty": said(self.spent),
            "status": self.status,
            "timeInForce": self.time_in_force,
            "type": self.kind,
            "side": self.side,
            "stopPrice": said(self.stop),
            "icebergQty": "0.00000000",
            "time": self.placed,
            "updateTime": self.updated,
            "isWorking": not self.waiting,
            "workingTime": self.placed,
            "origQuoteOrderQty": "0.00000000",
            "selfTradePreventionMode": "EXPIRE_MAKER",
        }


class Market:
    """All pairs and the one account of this exchange.

    Parameters
    ----------
    pairs : iterable of Pair
    balances : mapping of str to number
    fee : Decimal
        Part of a fill that is kept of what is received.
    now_ms : callable
    tell : callable
        Called with each event of the user-data stream.
    """

    def __init__(self, pairs, balances, fee, now_ms, tell):
        self.pairs = {pair.name: pair for pair in pairs}
        self.free = {asset: Decimal(str(amount)) for asset, amount in balances.items()}
        self.locked = {}
        self.orders = []
        self.trades = []
        self.fee, self.now_ms, self.tell = Decimal(str(fee)), now_ms, tell
        self._ids, self._trade_ids = count(1), count(1)

    def place(self, pair, name, side, kind, terms):
        """Take an order in; it fills at once as far as it can.

        ``terms``: quantity, price, stop (Decimals; 0 is none) and time in force.
        """
        quantity, price, stop, time_in_force = terms
        if any(order.name == name and order.status in LIVE for order in self.orders):
            raise Refusal(-2010, "Duplicate order sent.")
        order = Order(
            next(self._ids), name, pair, side, kind, quantity, price, stop, time_in_force, self.now_ms()
        )
        order.updated = order.placed
        worst = price or stop or (pair.ask if side == "BUY" else pair.bid)
        asset, amount = (pair.quote, quantity * worst) if side == "BUY" else (pair.base, quantity)
        if self.free.get(asset, Decimal(0)) < amount:
            raise Refusal(-2010, "Account has insufficient balance for requested action.")
        if stop and self._is_triggered(order):
            raise Refusal(-2010, "Stop price would trigger immediately.")
        order.waiting = bool(stop)
        self._lock(order, 1)
        self.orders.append(order)
        self._report(order, "NEW")
        self._work(order)
        return order

    def move(self, pair, bid=None, ask=None, last=None, depth=None):
        """Move a market; orders that it reaches fill."""
        for key, value in (("bid", bid), ("ask", ask), ("last", last), ("depth", depth)):
            if value is not None:
                setattr(pair, key, Decimal(str(value)))
        for order in [order for order in self.orders if order.pair is pair and order.status in LIVE]:
            order.waiting = order.waiting and not self._is_triggered(order)
            self._work(order)

    def fill(self, order, quantity=None, price=None):
        """Fill so much of a live order, by hand."""
        pair = order.pair
        size = order.quantity - order.filled if quantity is None else Decimal(str(quantity))
        price = price or order.price or (pair.ask if order.side == "BUY" else pair.bid)
        if order.status not in LIVE or not 0 < size <= order.quantity - order.filled:
            raise ValueError(f"order {order.id} is {order.status}; {size} cannot be filled")
        self._lock(order, -1)
        order.filled += size
        order.spent += size * price
        order.updated = self.now_ms()
        order.status = "FILLED" if order.filled == order.quantity else "PARTIALLY_FILLED"
        got, gave = (pair.base, pair.quote) if order.side == "BUY" else (pair.quote, pair.base)
        amounts = (size, size * price) if order.side == "BUY" else (size * price, size)
        commission = (amounts[0] * self.fee).quantize(EIGHT)
        self.free[got] = self.free.get(got, Decimal(0)) + amounts[0] - commission
        self.free[gave] -= amounts[1]
        self._lock(order, 1)
        pair.last = price
        trade = self._trade(order, size, price, commission, got)
        self._report(order, "TRADE", trade)

    def end(self, order, status, name=""):
        """End a live order; ``name`` is that of the cancellation."""
        self._lock(order, -1)
        order.status, order.updated = status, self.now_ms()
        self._report(order, status, name=name)

    def balances(self):
        """Everything owned: (asset, free, locked)."""
        for asset in sorted({*self.free, *self.locked}):
            free, locked = self.free.get(asset, Decimal(0)), self.locked.get(asset, Decimal(0))
            if free or locked:
                yield asset, free, locked

    def _work(self, order):
        """Fill an order against the quote, as far as it reaches."""
        pair = order.pair
        touch = pair.ask if order.side == "BUY" else pair.bid
        good = not order.price or (touch <= order.price if order.side == "BUY" else touch >= order.price)
        if order.waiting or order.status not in LIVE or touch <= 0:
            return
        if good:
            rest = order.quantity - order.filled
            size = rest if pair.depth is None else min(rest, pair.depth)
            if size:
                self.fill(order, size, touch)
        if order.status in LIVE and (not order.price or order.time_in_force == "IOC"):
            self.end(order, "EXPIRED")

    def _is_triggered(self, order):
        last = order.pair.last
        return last >= order.stop if order.side == "BUY" else last <= order.stop

    def _lock(self, order, sign):
        """Set aside what an order may still cost (+1), or give it free (-1)."""
        if order.status not in LIVE:
            return
        rest = order.quantity - order.filled
        pair = order.pair
        worst = order.price or order.stop or (pair.ask if order.side == "BUY" else pair.bid)
        asset, amount = (pair.quote, rest * worst) if order.side == "BUY" else (pair.base, rest)
        if not order.price and not order.stop:
            return  # a market order never rests
        self.free[asset] = self.free.get(asset, Decimal(0)) - sign * amount
        self.locked[asset] = self.locked.get(asset, Decimal(0)) + sign * amount

    def _trade(self, order, size, price, commission, asset):
        trade = {
            "symbol": order.pair.name,
            "id": next(self._trade_ids),
            "orderId": order.id,
            "orderListId": -1,
            "price": said(price),
            "qty": said(size),
            "quoteQty": said(size * price),
            "commission": said(commission),
            "commissionAsset": asset,
            "time": self.now_ms(),
            "isBuyer": order.side == "BUY",
            "isMaker": False,
            "isBestMatch": True,
        }
        order.trades.append(trade)
        self.trades.append(trade)
        return trade

    def _report(self, order, kind, trade=None, name=""):
        """Tell the user-data stream of an order."""
        none = "0.00000000"
        self.tell(
            {
                "e": "executionReport",
                "E": self.now_ms(),
                "s": order.pair.name,
                "c": name or order.name,
                "S": order.side,
                "o": order.kind,
                "f": order.time_in_force,
                "q": said(order.quantity),
                "p": said(order.price),
                "P": said(order.stop),
                "C": order.name if name else "",
                "x": kind,
                "X": order.status,
                "r": "NONE",
                "i": order.id,
                "l": trade["qty"] if trade else none,
                "z": said(order.filled),
                "L": trade["price"] if trade else none,
                "n": trade["commission"] if trade else "0",
                "N": trade["commissionAsset"] if trade else None,
                "T": order.updated,
                "t": trade["id"] if trade else -1,
                "O": order.placed,
                "Z": said(order.spent),
            }
        )


def said(value):
    """Write a number as the exchange does: eight decimals."""
    return f"{Decimal(value):.8f}"
