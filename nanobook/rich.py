"""``Rich``: calls that only a rich book knows: stops, owners, times, prevention.

Each is one event, applied by ``kernels.book.desk`` as a tape's would be.
"""

from __future__ import annotations

from struct import Struct

from . import checks
from .errors import InvalidTimeInForce, InvalidValue, NotionalOverflow
from .kernels.book import call
from .kernels.book import state as s
from .results import (
    InterruptedModifyResult,
    ModifyResult,
    RichResult,
    StopSubmitResult,
    SubmitResult,
)
from .taping import Taping
from .types import (
    INT64_MAX,
    INT64_MIN,
    OUTCOME_NAMES,
    POST_ONLY,
    MessageKind,
    Outcome,
    StpPolicy,
    TimeInForce,
)

BOTH_SIDES = 2
DAY = int(TimeInForce.DAY)
RESTING = s.RESTING
UINT32_MAX = checks.UINT32_MAX
DOUBLE, WORD = Struct("d"), Struct("q")


class Rich(Taping):
    """The part of ``Exchange`` that makes a book rich."""

    __slots__ = ()

    def _do(
        self,
        kind,
        side=0,
        tif=0,
        flags=0,
        owner=0,
        price=0,
        quantity=0,
        order_id=0,
        stop_price=0,
        expiry=0,
        trail=(0, 0.0, 0),
    ):
        """Apply one admitted event; what became of it stands in ``top``."""
        self._check_idle()
        self._enrich()
        method, value, period = trail
        head = int(kind) | side << 8 | tif << 16 | flags << 24 | method << 32
        bits = WORD.unpack(DOUBLE.pack(value))[0]
        row = head, owner, price, quantity, order_id, stop_price, expiry, bits, period
        done = self._apply(self._handle, *row)
        while done == 0:
            self._make_room()
            done = self._apply(self._handle, *row)
        if done == call.HALTED:
            self._go_on()
        self._touch = None

    def _go_on(self):
        """Go on with a cascade that waits for room."""
        done = call.HALTED
        while done == call.HALTED:
            self._make_room()
            done = self._resume(self._handle)

    def _submit_rich(self, kind, side, price, quantity, tif, owner, post_only=False, expires=None):
        """Submit an order with an owner or an end, or post-only."""
        if (
            not price.__class__ is quantity.__class__ is owner.__class__ is int
            or owner > UINT32_MAX
            or owner < 0
        ):
            price, quantity, owner = (
                checks.as_price(price),
                checks.as_quantity(quantity),
                checks.as_owner(owner),
            )
        marks = expiry = 0
        if post_only is not False:
            marks = POST_ONLY if checks.as_post_only(post_only, tif) else 0
        if tif > DAY or expires is not None:
            expiry = self._expiry(expires, tif)
        if not self._rich:
            self._enrich()
        try:
            order = self._submit_whole(self._handle, kind, side, price, quantity, tif, owner, marks, expiry)
        except (OverflowError, TypeError):
            raise self._unfit(price, quantity) from None
        if order == 0 and not self._mend(price, quantity):
            return self._submit_rich(kind, side, price, quantity, tif, owner, post_only, expires)
        self._touch = None
        if order <= 0:
            return self._said(quantity)
        result = SubmitResult()
        result._order_id = order
        result._quantity = quantity
        result._filled = 0
        result._resting = self._top[RESTING]
        return result

    def _said(self, quantity):
        """Result of the submission that ``top`` tells of."""
        self._touch = None
        top = self._top
        result = RichResult()
        result._outcome = top[s.OUTCOME]
        result.stops_due = top[s.DUE]
        result._order_id = top[s.ORDER_ID]
        result._quantity = quantity
        result._filled = top[s.FILLED]
        result._resting = top[s.RESTING]
        result._log = self._log
        return result

    def _said_of_modify(self, order_id):
        """Result of the modify that ``top`` tells of."""
        top = self._top
        if top[s.OUTCOME] > Outcome.CANCELLED:
            return ModifyResult(False, order_id, None, 0, [], OUTCOME_NAMES[top[s.OUTCOME]])
        new = top[s.ORDER_ID]
        trades = self._log.of(new, top[s.FILLED])
        values = True, order_id, new, top[s.CANCELLED], trades, None
        due = top[s.DUE]
        return InterruptedModifyResult(*values, stops_due=due) if due else ModifyResult(*values)

    def submit_stop_market(self, side, stop_price, quantity, *, owner=None) -> StopSubmitResult:
        """Submit a stop that becomes a market order.

        Parameters
        ----------
        side : str or Side
        stop_price : int
            A buy fires once the last trade price is this or higher, a sell once it is this or lower.
            A stop that it reaches already fires at once.
        quantity : int
            Lots.
        owner : int, optional
            As in ``submit_limit``; so has the order that the stop becomes.

        Returns
        -------
        StopSubmitResult

        Examples
        --------
        >>> from nanobook import Exchange
        >>> book = Exchange()
        >>> _ = book.submit_limit("sell", 100, 5), book.submit_limit("sell", 105, 5)
        >>> book.submit_stop_market("buy", 100, 5)
        StopSubmitResult(order_id=3, status='Pending')
        >>> _ = book.submit_market("buy", 5)
        >>> book.last_trade_price(), book.get_stop_order(3)["status"]
        (105, 'triggered')
        """
        return self._submit_stop(MessageKind.STOP_MARKET, side, stop_price, 0, quantity, "gtc", owner)

    def submit_stop_limit(
        self, side, stop_price, limit_price, quantity, tif="gtc", *, owner=None, expires=None
    ) -> StopSubmitResult:
        """Submit a stop that becomes a limit order.

        Parameters
        ----------
        side, stop_price, quantity, owner
            As in ``submit_stop_market``.
        limit_price : int
            Of the order that it becomes.
        tif : str or TimeInForce
            Of that order; with ``day`` and ``gtd`` the stop ends at that time, too.
        expires : int, optional
            As in ``submit_limit``.

        Returns
        -------
        StopSubmitResult
        """
        kind = MessageKind.STOP_LIMIT
        return self._submit_stop(kind, side, stop_price, limit_price, quantity, tif, owner, expires)

    def submit_trailing_stop_market(
        self, side, initial_stop_price, quantity, trail_type, trail_value, atr_period=None, *, owner=None
    ) -> StopSubmitResult:
        """Submit a stop that follows the best trade price and becomes a market order.

        Parameters
        ----------
        side, quantity, owner
            As in ``submit_stop_market``.
        initial_stop_price : int
            Where the stop begins; it only ever moves toward the market.
        trail_type : str or TrailMethod
            ``fixed``: a distance in ticks. ``percentage`` or ``pct``: a fraction of the best price (0.05
            is 5 %), rounded half away from zero. ``sma_abs_change`` or ``atr``: a multiple of the mean
            absolute change between the last ``atr_period`` trade prices.
        trail_value : float
            That distance, fraction or multiple; at 0 or less the stop never moves.
        atr_period : int, optional
            Needed for ``sma_abs_change``; of at most 10,000 changes.

        Returns
        -------
        StopSubmitResult
            Always ``Pending``: it can fire from the next trade on.
        """
        kind = MessageKind.TRAILING_STOP_MARKET
        trail = checks.as_trail(trail_type, trail_value, atr_period)
        return self._submit_stop(kind, side, initial_stop_price, 0, quantity, "gtc", owner, trail=trail)

    def submit_trailing_stop_limit(
        self,
        side,
        initial_stop_price,
        limit_price,
        quantity,
        trail_type,
        trail_value,
        tif="gtc",
        atr_period=None,
        *,
        owner=None,
        expires=None,
    ) -> StopSubmitResult:
        """Submit a stop that follows the best trade price and becomes a limit order.

        Parameters as in ``submit_trailing_stop_market`` and ``submit_stop_limit``; the limit price does
        not trail.

        Returns
        -------
        StopSubmitResult
        """
        kind = MessageKind.TRAILING_STOP_LIMIT
        trail = checks.as_trail(trail_type, trail_value, atr_period)
        return self._submit_stop(
            kind, side, initial_stop_price, limit_price, quantity, tif, owner, expires, trail
        )

    def _submit_stop(
        self, kind, side, stop_price, limit_price, quantity, tif, owner, expires=None, trail=(0, 0.0, 0)
    ):
        side, tif = checks.as_side(side), checks.as_tif(tif)
        stop_price = self._price(stop_price, "stop_price")
        limit_price = self._price(limit_price, "limit_price")
        quantity = self._quantity(quantity)
        self._check_lots_of(side, quantity)
        self._check_notional(limit_price, quantity)
        owner, expiry = checks.as_owner(owner), self._expiry(expires, tif)
        self._do(kind, side, tif, 0, owner, limit_price, quantity, 0, stop_price, expiry, trail)
        order_id, status = self._top[s.ORDER_ID], OUTCOME_NAMES[self._top[s.OUTCOME]]
        child = None
        if status == "Triggered":
            child = int(self._book.stops["child"][self._stop_row(order_id)])
        return StopSubmitResult(order_id, status, child, self._top[s.DUE])

    def resume_stops(self):
        """Go on with the stops that a cascade left behind at its cap; returns how many are still due."""
        self._do(MessageKind.RESUME)
        return self._top[s.DUE]

    def amend(self, order_id, new_quantity):
        """Reduce what is left of a resting order; it keeps its id and its place in the queue.

        Parameters
        ----------
        order_id : int
        new_quantity : int
            Lots that are to be left, fewer than now.

        Returns
        -------
        ModifyResult
            ``new_order_id`` is the old one; error ``InvalidQuantity`` (nothing or not less would be
            left), ``OrderNotFound`` or ``OrderNotActive``.
        """
        order_id = checks.as_order_id(order_id)
        new_quantity = checks.as_quantity(new_quantity, "new_quantity", lowest=0)
        checks.on_lot(new_quantity, self.lot_size, "new_quantity")
        self._do(MessageKind.AMEND, quantity=new_quantity, order_id=order_id)
        outcome = self._top[s.OUTCOME]
        if outcome != Outcome.DONE:
            return ModifyResult(False, order_id, None, 0, [], OUTCOME_NAMES[outcome])
        return ModifyResult(True, order_id, order_id, self._top[s.CANCELLED], [], None)

    def cancel_all(self, owner=None, side=None):
        """Cancel resting orders and pending stops.

        Parameters
        ----------
        owner : int, optional
            Only this owner's.
        side : str or Side, optional
            Only of this side.

        Returns
        -------
        int
            How many were cancelled.
        """
        side = BOTH_SIDES if side is None else checks.as_side(side)
        self._do(MessageKind.CANCEL_ALL, side, owner=checks.as_owner(owner))
        return self._top[s.CANCELLED]

    def advance_clock(self, time):
        """Set the clock, and cancel the orders and stops that end by then, earliest end first.

        Parameters
        ----------
        time : int
            Nanoseconds since the epoch (UTC), not before the clock.

        Returns
        -------
        int
            How many ended.
        """
        time = checks.as_time(time)
        if time < self.clock:
            raise InvalidValue(f"time: {time} is before the clock, {self.clock}; use that or a later time")
        self._do(MessageKind.CLOCK, expiry=time)
        return self._top[s.CANCELLED]

    @classmethod
    def with_stp_policy(cls, policy):
        """Make an empty book with this self-trade prevention."""
        return cls(stp_policy=policy)

    @property
    def stp_policy(self):
        """The self-trade prevention in force, a ``StpPolicy``; may be set at any time."""
        return StpPolicy(self._top[s.POLICY])

    @stp_policy.setter
    def stp_policy(self, policy):
        self._do(MessageKind.STP_POLICY, tif=checks.as_policy(policy))

    def _set_instrument(self, tick_size, lot_size):
        self._do(MessageKind.INSTRUMENT, price=tick_size, quantity=lot_size)

    def _price(self, price, name="price"):
        return checks.on_tick(checks.as_price(price, name), self._top[s.TICK], name)

    def _quantity(self, quantity, name="quantity"):
        return checks.on_lot(checks.as_quantity(quantity, name), self._top[s.LOT], name)

    def _check_lots_of(self, side, more):
        """Refuse so many more lots if the orders and stops of a side would leave int64."""
        if self._top[s.LOTS + side] + self._top[s.LOTS + 3 - side] + more > INT64_MAX:
            raise NotionalOverflow(
                f"quantity: with {more} lots more than {INT64_MAX} would rest or wait on the side; "
                "cancel some first"
            )

    @staticmethod
    def _check_notional(price, quantity):
        if not INT64_MIN <= price * quantity <= INT64_MAX:
            raise NotionalOverflow(f"price {price} x quantity {quantity} is outside int64; lower one of them")

    def _expiry(self, expires, tif):
        expiry = checks.as_expiry(expires, tif)
        if expiry and expiry <= self.clock:
            raise InvalidTimeInForce(
                f"expires: {expires} is not after the clock, {self.clock}; use a later time"
            )
        return expiry

    def _forget_stops(self):
        """Drop the stops that wait no more."""
        book, used = self._book, self._top[s.N_STOPS]
        stops = book.stops[:used]
        kept = stops[stops["status"] == Outcome.PENDING]
        stops[: len(kept)] = kept
        trailing = kept["method"] != 0
        book.orders["level"][kept["order"][trailing]] = 1 + trailing.nonzero()[0]
        book.top[s.N_STOPS] = len(kept)
