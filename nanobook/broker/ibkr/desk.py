"""The desk where orders are handed in: sent once, followed, looked for and cancelled."""

from __future__ import annotations

from ...errors import (
    BrokerError,
    CancelRejected,
    ConnectionFailed,
    NotConnected,
    OrderError,
    OrderRejected,
    OrderUnknown,
)
from ...exact import in_steps
from ..types import OrderState
from . import codes
from .amounts import in_currency, on_the_wire

WIRE_TYPES = {"market": "MKT", "limit": "LMT", "stop": "STP", "stop_limit": "STP LMT"}
ENDED_UNFILLED = (OrderState.CANCELLED, OrderState.REJECTED)


class Desk:
    """Orders over a connection, kept in a ledger. Whoever calls holds the connection's lock."""

    def __init__(self, connection, ledger):
        self._connection, self._ledger = connection, ledger

    # Sending

    def submit(self, order, contract):
        """Send an order, and give its id when the broker has it.

        Raises
        ------
        OrderRejected
            The broker refused it, or another order bears its client order id.
        OrderUnknown
            No answer came.
        """
        self._refuse_used_name(order.client_order_id)
        entry, outcome = self._place(order, contract)
        if outcome == "notice":
            outcome = self._meaning_of_notice(entry)
        if outcome != "answered":
            raise self._unknown(order, outcome)
        status = self._status(entry)
        if status.status == OrderState.REJECTED:
            code, text = entry.refusal or (0, entry.reason or "refused without a reason")
            raise OrderRejected(
                f"{order.symbol}: {text}", codes.refusal_word(code, text), order.client_order_id
            )
        return status.id

    def _unknown(self, order, outcome):
        """Make the error of an order without an answer; says where to look."""
        seconds = f"nothing came within {self._connection.timeout:g} s"
        why = "the connection was lost" if outcome == "lost" else seconds
        where = "with find_order" if order.client_order_id else "among open_orders and executions"
        return OrderUnknown(
            f"{order.symbol}: sent and not answered, {why}; look for it {where} before you send again",
            order.client_order_id,
        )

    def _refuse_used_name(self, name):
        if name is None:
            return
        entry = self._connection.look(self._ledger.by_name, name)
        if entry is not None:
            status = self._status(entry)
            raise OrderRejected(
                f"client order id {name!r} is that of order {status.id}, which is {status.status}; "
                "one name, one order",
                "duplicate",
                name,
            )

    def _place(self, order, contract):
        """Send it; under another number if the first is in use, once."""
        for _ in range(2):
            number = max(self._ledger.highest_id + 1, self._connection.listener.next_id)
            entry = self._connection.look(self._ledger.placed, number, order)
            try:
                outcome = self._connection.place(entry, contract, self._wire_order(order))
            except ConnectionError:
                self._connection.look(self._ledger.forget, entry)
                raise NotConnected("not connected: the connection was lost; the order was not sent") from None
            if outcome != "duplicate":
                return entry, outcome
            self._connection.look(self._ledger.forget, entry)
            self._connection.ask("next_id")
        raise OrderRejected(
            f"{order.symbol}: error {codes.DUPLICATE_ORDER_ID} twice, order number {number} is in use, too",
            "other",
            order.client_order_id,
        )

    def _wire_order(self, order):
        from ib_async import Order

        wire = Order(
            action=order.side.upper(),
            totalQuantity=on_the_wire(order.quantity),
            orderType=WIRE_TYPES[order.order_type],
            tif=order.time_in_force.upper(),
            account=self._connection.listener.account,
            orderRef=order.client_order_id or "",
        )
        if order.limit_price_cents is not None:
            wire.lmtPrice = in_currency(order.limit_price_cents)
        if order.stop_price_cents is not None:
            wire.auxPrice = in_currency(order.stop_price_cents)
        return wire

    def _meaning_of_notice(self, entry):
        """Tell whether an order lives after an error that may mean anything: refused if no list has it."""
        code, text = self._connection.listener.notices[entry.order_id]
        try:
            self._connection.reconcile()
        except BrokerError:
            return "silent"
        if not entry.permanent_id and not self._status(entry).filled_quantity:
            self._connection.look(self._ledger.refused, entry.order_id, code, f"error {code}: {text}")
        return "answered"

    # Following

    def status(self, order_id):
        """Give the status of an order.

        Raises
        ------
        OrderError
            Nobody knows it.
        OrderUnknown
            It lived, and has vanished.
        """
        entry = self._entry(order_id)
        if entry is None:
            raise OrderError(f"order {order_id} is not known to the broker")
        return self._settled(entry)

    def find(self, name):
        """Give the status of the order that bears a name, after reading all lists; None if none does."""
        self._connection.reconcile()
        entry = self._connection.look(self._ledger.by_name, name)
        if entry is None:
            return None
        if not entry.permanent_id and self._status(entry).status == OrderState.PENDING:
            self._connection.look(self._ledger.forget, entry)  # it never arrived: all lists were read
            return None
        return self._settled(entry)

    def living(self):
        """Give the status of all orders that live, by id."""
        entries = dict.fromkeys(self._connection.ask("open_orders"))
        statuses = [self._status(entry) for entry in entries]
        return sorted((s for s in statuses if not s.status.is_final), key=lambda status: status.id)

    def _entry(self, order_id):
        entry = self._ledger.by_id(order_id)
        if entry is None:
            self._connection.reconcile()
            entry = self._ledger.by_id(order_id)
        return entry

    def _status(self, entry):
        return self._connection.look(self._ledger.status, entry)

    def _settled(self, entry):
        """Give the status of an order; before an end without a fill is told, it is asked for once more."""
        if entry.is_lost:
            self._connection.reconcile()
        status = self._status(entry)
        if status.status in ENDED_UNFILLED and not entry.is_sure:
            self._connection.ask("open_orders")
            self._connection.ask("fills")
            entry.is_sure = True
            status = self._status(entry)
        if entry.is_lost:
            raise OrderUnknown(
                f"order {status.id} ({status.symbol}) lived, and is among neither the open nor the ended "
                "orders; look at it in TWS",
                entry.name,
            )
        return status

    # Cancelling

    def cancel(self, order_id):
        """Ask for a cancellation, and wait until the broker has heard.

        Raises
        ------
        CancelRejected
            The order has ended, is another client's, or nobody knows it.
        ConnectionFailed
            No answer came.
        """
        entry = self._entry(order_id)
        if entry is None:
            raise CancelRejected(f"order {order_id} is not known to the broker")
        if not self._ledger.is_ours(entry):
            raise CancelRejected(
                f"order {order_id} was sent by client id {entry.client_id}; only that one may cancel it"
            )
        self._refuse_ended(entry)
        if not self._connection.ask("cancel", entry):
            raise ConnectionFailed(f"no answer to the cancellation of order {order_id}; ask for its status")
        refusal = self._connection.listener.cancel_errors.get(entry.order_id)
        if refusal is not None:
            self._connection.reconcile()  # the broker knows more of the order than we do
            why = codes.NOT_CANCELLED[refusal[0]]
            raise CancelRejected(f"order {order_id}: {why} (error {refusal[0]}: {refusal[1]})")
        if entry.refusal is not None:
            self._check_refusal(entry, order_id)
        if self._status(entry).status == OrderState.FILLED:
            raise CancelRejected(f"order {order_id} was filled before")

    def _check_refusal(self, entry, order_id):
        """After an error that may have refused the order itself: if it lives, only this was refused."""
        code, text = entry.refusal
        if not self._settled(entry).status.is_final:
            raise CancelRejected(f"order {order_id} was not cancelled, error {code}: {text}")

    def _refuse_ended(self, entry):
        status = self._settled(entry)
        if status.status.is_final:
            raise CancelRejected(f"order {status.id} has ended: it is {status.status}")


def check_steps(order, instrument):
    """Refuse a quantity that is not whole lots, and a price between two ticks.

    Raises
    ------
    OrderError
    """
    lot, tick = instrument.lot, instrument.tick_cents
    if in_steps(order.quantity, lot) != order.quantity:
        hint = "; fractions need fractional=True" if lot == 1 else ""
        raise OrderError(f"{order.symbol}: quantity {order.quantity} is no multiple of the lot, {lot}{hint}")
    for name in ("limit_price_cents", "stop_price_cents"):
        price = getattr(order, name)
        if price is not None and in_steps(price, tick) != price:
            raise OrderError(f"{order.symbol}: {name} {price} is no multiple of the tick, {tick} cents")
