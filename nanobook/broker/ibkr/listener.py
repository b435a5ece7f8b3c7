"""The ear: takes every message of the gateway from ib_async's decoder, and puts it where it belongs.

It stands in the place of ``ib_async.Wrapper``, whose own picture of the orders cannot be relied on: an error
that only informs (10349) makes it believe that a living order is cancelled. The names of the methods are
those that the decoder calls.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ...hints import printable
from ..types import Execution
from . import codes
from .amounts import cents, number, price_cents
from .answers import ACCOUNT, ENDED, HELD, ORDERS, TIME, Answer, Prices, Refused

LOG = logging.getLogger("nanobook.broker.ibkr")
BID, ASK, LAST, VOLUME, LAST_TIME = (1, 66), (2, 67), (4, 68), (8, 74), (45, 88)


class Listener:
    """Hears one connection.

    Parameters
    ----------
    ledger : Ledger
    catalogue : Catalogue
        For the names of what is told.
    account : str
        Rows of other accounts are not ours; '' until it is known.

    Attributes
    ----------
    portfolio : dict
        conId -> (quantity, market value, unrealised gain), amounts in cents or None.
    waiting : dict
        Key of a request -> Answer.
    unreadable : int
        How many messages the decoder could not read.
    state : {'up', 'paused', 'down'}
    on_change : list of callable
        Called after each message that tells of an order.
    """

    defaultTimezone = UTC

    def __init__(self, ledger, catalogue, account=""):
        self.ib = SimpleNamespace(TimezoneTWS="")  # the decoder looks here
        self.ledger, self.catalogue, self.account = ledger, catalogue, account
        self.accounts: list[str] = []
        self.portfolio: dict[int, tuple] = {}
        self.waiting: dict[Any, Answer] = {}
        self.next_id = 1
        self.unreadable = 0
        self.is_client_id_in_use = False
        self.state = "up"
        self.why_down = ""
        self.needs_reconciliation = self.needs_subscriptions = False
        self.cancel_errors: dict[int, tuple[int, str]] = {}
        self.duplicate_ids: set[int] = set()
        self.notices: dict[int, tuple[int, str]] = {}
        self.on_change: list = []

    # The connection

    def connectAck(self):
        """Do nothing: the client goes on by itself."""

    def setEventsDone(self):
        """Do nothing: there are no events."""

    def connectionClosed(self):
        """Tell all who wait that nothing will come."""
        self.fail(ConnectionError("the connection was lost"))

    def fail(self, error):
        """Give up the connection."""
        self.state, self.why_down = "down", self.why_down or str(error)
        for answer in list(self.waiting.values()):
            if not answer.future.done():
                answer.future.set_exception(error)
        self._changed()

    def managedAccounts(self, accounts):
        """15: the accounts that may be seen."""
        self.accounts = [name for name in accounts.split(",") if name]

    def nextValidId(self, order_id):
        """9: the next number that an order may have, as the gateway believes; it may fall."""
        self.next_id = order_id
        self._end("next id")

    def currentTime(self, seconds):
        """49: the clock of the server."""
        self._end(TIME, datetime.fromtimestamp(seconds, UTC))

    def error(self, request, code, text, _json=""):
        """4: errors, warnings and notices."""
        if code in codes.CONNECTION_LOST:
            self.state, self.why_down = "paused", f"{code}: {printable(text)}"
        elif code in (codes.RESTORED, codes.RESTORED_WITHOUT_DATA):
            self.state, self.why_down, self.needs_reconciliation = "up", "", True
            self.needs_subscriptions |= code == codes.RESTORED_WITHOUT_DATA
        elif code == codes.CLIENT_ID_IN_USE:
            self.is_client_id_in_use = True
        elif request in self.waiting:
            if not codes.is_notice(code):
                self._fail_request(request, Refused(code, text))
        elif request > 0:
            self._order_error(request, code, text)
        elif code == codes.NOT_ALLOWED:  # as of a gateway that is read-only; it names no request
            for key in [key for key in self.waiting if isinstance(key, str)]:
                self._fail_request(key, Refused(code, text))
        self._changed()

    def _order_error(self, order_id, code, text):
        """An error that bears the number of an order."""
        if code in codes.NOT_CANCELLED:
            self.cancel_errors[order_id] = code, printable(text)
        elif code == codes.DUPLICATE_ORDER_ID:
            self.duplicate_ids.add(order_id)
        elif code == codes.CANCELLED:
            self.ledger.noted(order_id, printable(text))
            entry = self.ledger.ours(order_id)
            if entry is not None:
                entry.told_state("Cancelled")
        elif code in codes.REFUSALS:
            self.ledger.refused(order_id, code, printable(text))
        elif not codes.is_notice(code):
            self.notices[order_id] = code, printable(text)
            self.ledger.noted(order_id, f"error {code}: {printable(text)}")

    # Requests

    def _end(self, key, result=None):
        answer = self.waiting.get(key)
        if answer is not None and not answer.future.done():
            answer.future.set_result(answer.rows if result is None else result)

    def _fail_request(self, key, error):
        answer = self.waiting.get(key)
        if answer is not None and not answer.future.done():
            answer.future.set_exception(error)

    def _row(self, key, row):
        answer = self.waiting.get(key)
        if answer is not None:
            answer.rows.append(row)

    def _changed(self):
        for call in list(self.on_change):
            call()

    # Account and positions

    def accountSummary(self, request, account, tag, value, currency):
        """63: one figure of an account."""
        if account == self.account:
            self._row(request, (tag, currency, value))

    def accountSummaryEnd(self, request):
        """64: that was all."""
        self._end(request)

    def updatePortfolio(self, contract, held, _price, value, _cost, gain, _realised, account):
        """7: what a position is worth."""
        if account == self.account:
            self.portfolio[contract.conId] = number(held), cents(value), cents(gain)

    def is_portfolio_behind(self, rows):
        """Whether the worth of positions was told for other quantities than are held now."""
        held = {contract.conId: quantity for contract, quantity, _ in rows if quantity}
        counted = {number_: row[0] for number_, row in self.portfolio.items() if row[0]}
        return held != counted

    def accountDownloadEnd(self, _account):
        """54: all positions and figures were told once."""
        self._end(ACCOUNT)

    def position(self, account, contract, held, cost):
        """61: what is held of something."""
        if account == self.account:
            self._row(HELD, (contract, number(held), cents(cost)))

    def positionEnd(self):
        """62: that was all."""
        self._end(HELD)

    # Contracts and prices

    def contractDetails(self, request, details):
        """10: a contract that fits."""
        self._row(request, details)

    bondContractDetails = contractDetails

    def contractDetailsEnd(self, request):
        """52: that was all."""
        self._end(request)

    def priceSizeTick(self, request, kind, price, size):
        """1: a price."""
        prices = self._prices(request)
        if prices is None:
            return
        if kind in BID:
            prices.bid = price_cents(price, size)
        elif kind in ASK:
            prices.ask = price_cents(price, size)
        elif kind in LAST:
            prices.last = price_cents(price)
        self._end_if_whole(request, prices)

    def tickSize(self, request, kind, size):
        """2: a size."""
        prices = self._prices(request)
        if prices is not None and kind in VOLUME:
            prices.volume = number(size) or 0
            self._end_if_whole(request, prices)

    def _end_if_whole(self, request, prices):
        if prices.has_all_prices and prices.volume is not None:
            self._end(request)

    def tickString(self, request, kind, text):
        """46: among others the time of the last trade."""
        prices = self._prices(request)
        if prices is not None and kind in LAST_TIME and text.isdecimal() and int(text):
            prices.last_time = datetime.fromtimestamp(int(text), UTC)

    def marketDataType(self, request, kind):
        """58: whether prices are live, frozen or delayed."""
        prices = self._prices(request)
        if prices is not None:
            prices.kind = kind

    def tickSnapshotEnd(self, request):
        """57: that was all."""
        self._end(request)

    def _prices(self, request):
        answer = self.waiting.get(request)
        return answer.rows if answer is not None and isinstance(answer.rows, Prices) else None

    # Orders

    def openOrder(self, order_id, contract, order, state):
        """5: an order that the gateway has, with its state."""
        if order.whatIf or self._is_foreign(order.account):
            return
        entry = self.ledger.entry(order_id, order.clientId, order.permId)
        self._describe(entry, contract, order)
        if state.status != "Filled":  # how much, and at which price, follows with message 3
            entry.told_state(state.status)
        self._row(ORDERS, entry)
        self._changed()

    def openOrderEnd(self):
        """53: that was all."""
        self._end(ORDERS)

    def orderStatus(self, order_id, status, filled, _remaining, average, permanent_id, *rest):
        """3: the state of an order."""
        client_id = rest[2] if len(rest) > 2 else -1
        entry = self.ledger.entry(order_id, client_id, permanent_id)
        entry.filled = number(filled) or 0
        entry.average_cents = cents(average) or 0
        entry.told_state(status)
        if len(rest) > 3 and rest[3]:
            entry.reason = printable(rest[3])  # why it is held
        self._changed()

    def completedOrder(self, contract, order, state):
        """101: an order that has ended; it has no number but the permanent one."""
        if self._is_foreign(order.account) or not order.permId:
            return
        entry = self.ledger.entry(0, 0, order.permId, order.orderRef)
        self._describe(entry, contract, order)
        filled = number(order.filledQuantity) or 0
        entry.total = entry.total or filled
        entry.filled = max(entry.filled, filled or (entry.total if state.status == "Filled" else 0))
        entry.told_state(state.status)
        entry.reason = entry.reason or printable(state.completedStatus)

    def completedOrdersEnd(self):
        """102: that was all."""
        self._end(ENDED)

    def execDetails(self, request, contract, execution):
        """11: a fill, told when it happens or because it was asked for."""
        if self._is_foreign(execution.acctNumber):
            return
        entry = self.ledger.entry(execution.orderId, execution.clientId, execution.permId)
        side = "buy" if execution.side == "BOT" else "sell"
        symbol = self.catalogue.name(contract)
        self.ledger.described(entry, symbol, side, 0, execution.orderRef)
        fill = Execution(
            printable(execution.execId),
            0,
            symbol,
            side,
            number(execution.shares) or 0,
            cents(execution.price) or 0,
            client_order_id=execution.orderRef or None,
            timestamp=execution.time,
        )
        self.ledger.filled(entry, fill)
        self._row(request, fill)
        self._changed()

    def execDetailsEnd(self, request):
        """55: that was all."""
        self._end(request)

    def commissionReport(self, report):
        """59: what a fill cost; in another currency it is not told."""
        charged = cents(report.commission)
        if charged is not None and report.currency in ("", self.catalogue.currency):
            self.ledger.charged(printable(report.execId), charged)

    def _describe(self, entry, contract, order):
        side = "buy" if order.action == "BUY" else "sell"
        total = number(order.totalQuantity) or 0
        self.ledger.described(entry, self.catalogue.name(contract), side, total, order.orderRef)

    def _is_foreign(self, account):
        """Whether a message is about another account; some do not say."""
        return bool(account) and account != self.account

    # The decoder

    def exception(self, text):
        """Note a message that the decoder could not read: it takes us for its logger."""
        self.unreadable += 1
        LOG.warning("message of the gateway not understood: %s", printable(text)[:500])
