"""``Exchange``: an order book as a Python object. It validates, calls kernels and dresses results."""

from __future__ import annotations

from . import checks
from .checks import SIDES, TIFS
from .errors import NotionalOverflow, ValidationError
from .kernels.book import call, ladder
from .kernels.book import state as s
from .results import CancelResults, ModifyResult, SubmitResult
from .rich import Rich
from .types import (
    GHOST,
    INT64_MAX,
    OUTCOME_NAMES,
    SIDE_NAMES,
    STOP,
    TIF_NAMES,
    StpPolicy,
    TimeInForce,
)

GTC = int(TimeInForce.GTC)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
DETAIL = s.DETAIL
SAID = call.SAID
LIMIT, MARKET = call.LIMIT, call.MARKET
CANCELS = CancelResults()


def on_first_use(name, entry):
    """Stand in for a compiled entry point until the first call needs it: who only runs tapes never waits."""

    def enter(*arguments):
        setattr(Exchange, name, staticmethod(entry()))
        return getattr(Exchange, name)(*arguments)

    return enter


class Exchange(Rich):
    """A limit order book with price-time priority.

    Prices are integers of int64 (for money: cents), quantities integers from 1 to 2**62 lots. Ids
    and the logical clock count from 1. One book belongs to one thread at a time: a call while
    ``process`` runs in another thread raises.

    Parameters
    ----------
    stp_policy : str or StpPolicy
        Self-trade prevention between orders of one owner: ``off``, ``cancel_newest``,
        ``cancel_oldest``, ``decrement_and_cancel`` (the original's rule: the smaller incoming order is
        cancelled, else the resting one) or ``decrement_both`` (the textbook's: both lose the smaller).
    tick_size, lot_size : int
        Prices and quantities must be multiples; others are refused with the nearest that are.
    log_events : bool
        Whether to keep the log that ``events``, ``save`` and replay need: 64 bytes a call, 13 a
        message of a plain tape.

    Examples
    --------
    >>> from nanobook import Exchange
    >>> book = Exchange()
    >>> book.submit_limit("sell", 10050, 100)
    SubmitResult(order_id=1, status='New', filled=0, resting=100, cancelled=0, trades=0)
    >>> book.submit_limit("buy", 10050, 30)
    SubmitResult(order_id=2, status='Filled', filled=30, resting=0, cancelled=0, trades=1)
    >>> book.best_bid_ask()
    (None, 10050)
    >>> book.cancel(1)
    CancelResult(success=True, cancelled_quantity=70)
    """

    __slots__ = ()

    _submit = staticmethod(on_first_use("_submit", call.submit_entry))
    _market = staticmethod(on_first_use("_market", call.submit_market_entry))
    _cancel = staticmethod(on_first_use("_cancel", call.cancel_entry))
    _modify = staticmethod(on_first_use("_modify", call.modify_entry))
    _submit_whole = staticmethod(on_first_use("_submit_whole", call.submit_rich_entry))
    _apply = staticmethod(on_first_use("_apply", call.apply_entry))
    _show = staticmethod(on_first_use("_show", call.show_entry))
    _resume = staticmethod(on_first_use("_resume", call.resume_entry))

    def __init__(self, *, stp_policy="off", tick_size=1, lot_size=1, log_events=True):
        policy = checks.as_policy(stp_policy)
        tick_size, lot_size = checks.as_size(tick_size, "tick_size"), checks.as_size(lot_size, "lot_size")
        super().__init__()
        self.log_events = log_events
        if tick_size > 1 or lot_size > 1:
            self._set_instrument(tick_size, lot_size)
        if policy:
            self.stp_policy = StpPolicy(policy)

    def submit_limit(
        self, side, price, quantity, tif="gtc", owner=None, *, post_only=False, expires=None
    ) -> SubmitResult:
        """Submit a limit order.

        Parameters
        ----------
        side : str or Side
            ``buy``, ``b``, ``sell`` or ``s``, in any case.
        price : int
            Ticks (cents), anywhere in int64.
        quantity : int
            Lots, 1 to 2**62; price times quantity must fit int64.
        tif : str or TimeInForce
            ``gtc`` rests what does not trade, ``ioc`` cancels it, ``fok`` trades all or nothing;
            ``day`` rests until the clock's UTC day ends, ``gtd`` until ``expires``.
        owner : int, optional
            Whose order it is, for self-trade prevention and ``cancel_all``; 0 is nobody.
        post_only : bool
            Refuse the order if it would trade at once: ``Cancelled``, and its id names no order.
        expires : int, optional
            Nanoseconds of the clock; for ``gtd`` alone.

        Returns
        -------
        SubmitResult

        Raises
        ------
        InvalidSide, InvalidTimeInForce, InvalidPrice, InvalidQuantity, NotionalOverflow
            The book is unchanged.
        """
        try:
            side, tif = SIDES[side], TIFS[tif]
        except (KeyError, TypeError):
            side, tif = checks.as_side(side), checks.as_tif(tif)
        if owner or post_only or expires is not None or tif > FOK:
            return self._submit_rich(LIMIT, side, price, quantity, tif, owner, post_only, expires)
        if price.__class__ is not int or quantity.__class__ is not int:
            price, quantity = checks.as_price(price), checks.as_quantity(quantity)
        try:
            order = self._submit(self._handle, side, price, quantity, tif)
        except (OverflowError, TypeError):
            raise self._unfit(price, quantity) from None
        if order == 0:
            if self._mend(price, quantity):
                return self._said(quantity)
            return self.submit_limit(SIDE_NAMES[side], price, quantity, TIF_NAMES[tif])
        self._touch = None
        result = SubmitResult()
        result._quantity = quantity
        if order > 0:
            result._order_id = order
            result._filled = 0
            result._resting = quantity if tif == GTC else 0
        elif order == SAID:
            return self._said(quantity)
        else:
            result._order_id = -order
            result._filled = filled = self._top[DETAIL]
            result._resting = quantity - filled if tif == GTC else 0
            result._log = self._log
        return result

    def submit_market(self, side, quantity, owner=None) -> SubmitResult:
        """Submit a market order: trade at any price, cancel what finds no counterpart.

        Parameters and errors as ``submit_limit``.
        """
        try:
            side = SIDES[side]
        except (KeyError, TypeError):
            side = checks.as_side(side)
        if owner:
            return self._submit_rich(MARKET, side, 0, quantity, IOC, owner)
        if quantity.__class__ is not int:
            quantity = checks.as_quantity(quantity)
        try:
            order = self._market(self._handle, side, quantity)
        except (OverflowError, TypeError):
            raise self._unfit(0, quantity) from None
        if order == 0:
            if self._mend(0, quantity):
                return self._said(quantity)
            return self.submit_market(SIDE_NAMES[side], quantity)
        self._touch = None
        if order == SAID:
            return self._said(quantity)
        result = SubmitResult()
        result._quantity = quantity
        result._resting = 0
        result._order_id = abs(order)
        result._filled = self._top[DETAIL] if order < 0 else 0
        result._log = self._log
        return result

    def cancel(self, order_id):
        """Take a resting order, or a pending stop, off the book.

        Returns
        -------
        CancelResult
            With error ``OrderNotFound`` or ``OrderNotActive`` where there is nothing to cancel.

        Raises
        ------
        InvalidOrderId
            If ``order_id`` is no integer from 0.
        """
        if order_id.__class__ is not int:
            order_id = checks.as_order_id(order_id)
        try:
            lots = self._cancel(self._handle, order_id)
        except (OverflowError, TypeError):
            raise self._unfit_id(order_id) from None
        if lots <= 0:
            checks.as_order_id(order_id)
            if lots == 0:
                self._make_room()
                return self.cancel(order_id)
        self._touch = None
        return CANCELS[lots]

    def modify(self, order_id, new_price, new_quantity):
        """Replace a resting order: cancel it and submit a new one of the same side.

        The new order has a new id, goes to the back of its queue and may trade; time in force, owner
        and end stay. ``new_quantity`` is absolute, not net of earlier fills.

        Returns
        -------
        ModifyResult
            With error ``InvalidQuantity`` (for 0), ``OrderNotFound`` or ``OrderNotActive``.
        """
        order_id = checks.as_order_id(order_id)
        new_price = checks.as_price(new_price, "new_price")
        new_quantity = checks.as_quantity(new_quantity, "new_quantity", lowest=0)
        try:
            new = self._modify(self._handle, order_id, new_price, new_quantity)
        except TypeError:
            raise self._busy() from None
        self._touch = None
        if new == SAID or (new == 0 and self._mend(new_price, new_quantity)):
            return self._said_of_modify(order_id)
        if new < 0:
            return ModifyResult(False, order_id, None, 0, [], OUTCOME_NAMES[-new])
        if new == 0:
            return self.modify(order_id, new_price, new_quantity)
        trades = self._log.of(new, new_quantity - int(self._book.orders["left"][new]))
        cancelled = int(self._book.orders["left"][order_id])
        return ModifyResult(True, order_id, new, cancelled, trades, None)

    def try_submit_limit(self, side, price, quantity, tif="gtc") -> SubmitResult:
        """Submit a limit order if price and quantity are above zero.

        Raises
        ------
        ValidationError
            ``quantity must be greater than zero``, ``price must be greater than zero``, in this order.
        """
        _above_zero(checks.as_quantity(quantity, lowest=0), "quantity")
        if checks.as_price(price) <= 0:
            _above_zero(0, "price")
        return self.submit_limit(side, price, quantity, tif)

    def try_submit_market(self, side, quantity) -> SubmitResult:
        """Submit a market order if its quantity is above zero; else raise ``ValidationError``."""
        _above_zero(checks.as_quantity(quantity, lowest=0), "quantity")
        return self.submit_market(side, quantity)

    def submit_limit_with_owner(self, side, price, quantity, tif, owner) -> SubmitResult:
        """Submit a limit order of an owner: ``submit_limit`` with all arguments in line."""
        return self.submit_limit(side, price, quantity, tif, owner)

    def _mend(self, price, quantity):
        """Make room if a call met a full buffer, else raise why it was refused.

        Returns
        -------
        bool
            True if the call is done, for only its cascade had to wait; False if it must be made again.
        """
        reason = self._top[DETAIL]
        if reason == call.NO_ROOM:
            self._make_room()
        elif reason == call.HALTED:
            self._go_on()
            return True
        elif reason in (call.BAD_TICK, call.BAD_LOT):
            self._price(price)
            self._quantity(quantity)
        elif reason == call.BAD_QUANTITY:
            checks.as_quantity(quantity)
        elif reason == call.BAD_NOTIONAL:
            raise NotionalOverflow(f"price {price} x quantity {quantity} is outside int64; lower one of them")
        else:
            raise NotionalOverflow(
                f"quantity {quantity}: with it more than {INT64_MAX} lots would rest on the side; "
                "cancel some first"
            )
        return False

    def _unfit(self, price, quantity):
        """Return the error for arguments that the compiled code did not take."""
        checks.as_price(price)
        checks.as_quantity(quantity)
        return self._busy()

    def _unfit_id(self, order_id):
        checks.as_order_id(order_id)
        return self._busy()

    # Keeping house

    def clear_trades(self):
        """Forget all trades; ids, clock and last price stay. Results handed out keep theirs."""
        self._check_idle()
        self._note_trades()
        self._book.top[s.FIRST_TRADE] = self._top[s.N_TRADES]
        self._adopt(self._book._replace(trades=s.new_book().trades))

    def clear_order_history(self):
        """Forget orders that are filled or cancelled, so that their ids are not found any more.

        Returns
        -------
        int
            How many were forgotten.
        """
        self._check_idle()
        orders = self._book.orders[1 : self._top[s.N_ORDERS] + 1]
        dead = (orders["level"] == 0) & (orders["marks"] & (GHOST | STOP) == 0)
        orders["marks"][dead] |= GHOST
        self._forget_stops()
        return int(dead.sum())

    def compact(self):
        """Free what levels that stayed empty hold; nothing that can be seen changes."""
        self._check_idle()
        ladder.collect(self._book)


def _above_zero(value, name):
    if value <= 0:
        raise ValidationError(f"{name} must be greater than zero; use 1 or more")
