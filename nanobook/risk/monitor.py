"""The stateful check: what was sent, filled, rejected and lost counts, and stops what must stop."""

from __future__ import annotations

import operator
from datetime import date

from ..clock import SystemClock
from ..errors import InvalidValue, WrongType
from ..hints import printable
from . import further, inputs, quotes
from .amounts import amount, decimal_text
from .bounds import Bounds
from .flow import Flow
from .limits import RiskLimits
from .losses import Losses
from .report import FAIL, PASS, RiskReport, new_row
from .worst import WorstCase


class RiskMonitor:
    """Holds every order of a run against all limits, and remembers what became of it.

    Tell it all that happens: ``check`` before an order leaves, ``sent`` when it does, then ``filled`` for
    each fill, and ``rejected``, ``ended`` or ``withdrawn`` when nothing of it lives any more. Orders count
    before they are filled: as if any of them filled, in any sequence. A loss above its limit, too many
    rejects in a row and a fill that nobody ordered halt it, and halted it stays until ``reset``.

    Parameters
    ----------
    limits : RiskLimits, optional
        The defaults unless told.
    clock : Clock, optional
        The machine's unless told.

    Examples
    --------
    >>> from nanobook import RiskLimits, RiskMonitor
    >>> monitor = RiskMonitor(RiskLimits(max_drawdown_pct=0.1, max_daily_loss_pct=None))
    >>> monitor.equity(100_000_000)
    >>> monitor.equity(89_000_000)
    >>> monitor.halted
    'Drawdown: 11.0% > 10.0% limit'
    """

    def __init__(self, limits=None, *, clock=None):
        limits = RiskLimits() if limits is None else limits
        if not isinstance(limits, RiskLimits):
            raise WrongType(f"limits: {limits!r} is a {type(limits).__name__}; give RiskLimits(...)")
        self._limits = limits
        self._bounds = Bounds(limits)
        self._clock = SystemClock() if clock is None else clock
        self._losses = Losses()
        self._flow = Flow(limits, self._bounds)
        self._marks = {}
        self._rejects = 0
        self._halted = None

    @property
    def limits(self):
        """The limits.

        Returns
        -------
        RiskLimits
        """
        return self._limits

    @property
    def halted(self):
        """Why nothing may be sent any more; None while something may.

        Returns
        -------
        str or None
        """
        return self._halted

    def check(self, order, *, quote, account, positions, prices=None, volume=None):
        """Hold an order against all limits.

        Parameters
        ----------
        order : BrokerOrder
            With a client order id.
        quote : Quote
            Of its symbol.
        account : Account
            Its equity also counts as told to ``equity``.
        positions : dict, Series, DataFrame or list
            Quantities as the broker tells them now: no older than the last fill that was told here.
        prices : dict or Series, optional
            Cents by symbol, of other holdings. Prices once told, here or by a quote, are kept; for long
            holdings without one the account's gross position value stands in; else they are ``Unpriced``.
        volume : int, optional
            Average daily volume of the symbol, for ``max_adv_pct``.

        Returns
        -------
        RiskReport
            The rows of ``RiskEngine.check_order``, valued at the middle of the quote, or at the order's own
            price where that is higher, with all open orders filled; then a row for each limit. A limit that
            is exceeded already, and that the order takes no further, is warned of: so an account can come
            back below it.

        Raises
        ------
        InvalidValue
            The quote is of another symbol.
        WrongType
            What should be an order, a quote or an account is none.
        """
        _check_kinds(order=order, quote=quote, account=account)
        if quote.symbol != order.symbol:
            raise InvalidValue(f"quote: of {quote.symbol!r}, but the order is of {order.symbol!r}")
        self.equity(account.equity_cents)
        held, told = inputs.holdings(positions)
        if prices is not None:
            inputs.add_marks(told, prices)
        self._marks |= told
        mark, price = quotes.mark_of(quote), quotes.price_of(order, quote)
        if mark is not None:
            self._marks[order.symbol] = mark
        case = WorstCase(order, (mark, price), held, self._flow.working.open_quantities(), self._marks)
        report = RiskReport()
        case.add_rows(report, self._bounds, account)
        further.add_permission(report, self._bounds, {order.symbol: case.goes_short})
        volumes = inputs.volumes_of({order.symbol: volume})
        further.add_sizes(report, self._bounds, [(order.symbol, case.quantity)], volumes)
        quotes.add_rows(report, self._limits, self._bounds, order, quote, self._clock.now())
        self._flow.add_rows(report, order, case.notional, self._clock.monotonic())
        self._add_stops(report)
        return report

    def _add_stops(self, report):
        """Add losses, rejects, and whether all is halted."""
        for name, fits, detail in self._losses.rows(self._bounds):
            report.append(new_row(name, PASS if fits else FAIL, detail))
        limit = self._limits.max_rejects
        if limit is not None:
            status = FAIL if self._rejects >= limit else PASS
            report.append(new_row("Rejects", status, f"{self._rejects} in a row, {limit} halt"))
        if self._halted is not None:
            report.append(new_row("Halted", FAIL, self._halted))

    def plan(self, orders):
        """Tell what may be sent: from now on no order without, and none beyond, its parent.

        Parameters
        ----------
        orders : iterable
            Records with symbol, side and quantity, or such tuples. Adds to what was told before.
        """
        self._flow.plan(orders)

    def sent(self, order):
        """Tell that an order leaves: it counts as open until it has ended. Told twice, it counts once.

        Raises
        ------
        OrderError
            It has no client order id, or that of another order.
        """
        price = order.limit_price_cents or order.stop_price_cents or 0
        price = max(amount("price", price), self._marks.get(order.symbol, 0))
        notional = amount("quantity", order.quantity) * price
        self._flow.sent(order, notional, self._clock.monotonic())

    def message(self):
        """Tell that something else, as a cancellation, was sent; it counts for the message rate."""
        self._flow.message(self._clock.monotonic())

    def filled(self, execution):
        """Tell a fill; one that nobody ordered, or that is more than was ordered, halts.

        Parameters
        ----------
        execution : Execution
            Told twice it counts once; another quantity under the same execution id replaces the first.
        """
        self._rejects = 0
        child = self._flow.working.children.get(execution.client_order_id)
        sign = inputs.sign_of(execution.side)
        what = f"{execution.side} {execution.quantity} {execution.symbol}, {execution.client_order_id}"
        if child is None or (child.symbol, child.sign) != (execution.symbol, sign):
            self.halt(f"unexpected fill: {what}: nobody ordered it")
            return
        self._flow.working.fill(child, execution.execution_id, amount("quantity", execution.quantity))
        if child.filled > child.quantity:
            more = f"{decimal_text(child.filled)} of {decimal_text(child.quantity)} ordered"
            self.halt(f"unexpected fill: {what}: {more}")

    def rejected(self, order):
        """Tell that the broker refused an order: nothing of it lives."""
        self._flow.working.end(order.client_order_id)
        self._rejects += 1
        limit = self._limits.max_rejects
        if limit is not None and self._rejects >= limit:
            self.halt(f"{self._rejects} orders in a row were rejected, the last of {order.symbol}")

    def ended(self, order):
        """Tell that an order lives no more, filled or cancelled; what was not filled is free again.

        Parameters
        ----------
        order : BrokerOrder, BrokerOrderStatus or str
            Or its client order id.
        """
        self._rejects = 0
        self._flow.working.end(getattr(order, "client_order_id", order))

    def withdrawn(self, order):
        """Tell that an order never arrived at the broker: it may be sent again under its client order id.

        Raises
        ------
        InvalidValue
            It was not sent, or it has fills.
        """
        self._flow.withdrawn(order.client_order_id)

    def equity(self, cents):
        """Tell what the account is worth: a loss above its limit halts, and so does equity not above 0.

        Parameters
        ----------
        cents : int or Decimal
        """
        equity = amount("equity", cents)
        self._losses.told(equity, self._clock.now().date())
        if equity <= 0:
            self.halt(f"equity is {decimal_text(equity)} cents")
        for name, fits, detail in self._losses.rows(self._bounds):
            if not fits:
                self.halt(f"{name}: {detail}")

    def halt(self, reason):
        """Stop all orders until ``reset``; the first reason stands."""
        if self._halted is None:
            self._halted = printable(reason)

    def reset(self):
        """Let orders out again, as a person decides: losses count from the last equity, rejects from 0."""
        self._halted = None
        self._rejects = 0
        self._losses.start_anew()

    def to_dict(self):
        """Give what must outlive the process: losses, rejects, and whether it is halted.

        Returns
        -------
        dict
            Texts and ints, which JSON holds exactly.
        """
        losses = self._losses
        numbers = {name: getattr(losses, name) for name in ("peak", "opening", "last")}
        state = {name: None if value is None else decimal_text(value) for name, value in numbers.items()}
        day = None if losses.day is None else losses.day.isoformat()
        return {**state, "day": day, "rejects": self._rejects, "halted": self._halted}

    @classmethod
    def from_dict(cls, state, limits=None, *, clock=None):
        """Go on from what ``to_dict`` gave: halted stays halted.

        Returns
        -------
        RiskMonitor

        Raises
        ------
        InvalidValue
            It is not what ``to_dict`` gave.
        """
        monitor = cls(limits, clock=clock)
        losses = monitor._losses
        try:
            for name in ("peak", "opening", "last"):
                value = state[name]
                setattr(losses, name, None if value is None else amount(name, value))
            losses.day = None if state["day"] is None else date.fromisoformat(state["day"])
            monitor._rejects, monitor._halted = operator.index(state["rejects"]), state["halted"]
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidValue(
                f"state: {state!r} is none of a RiskMonitor ({error}); give to_dict()'s"
            ) from None
        return monitor

    def __repr__(self):
        state = "ready" if self._halted is None else f"halted: {self._halted}"
        return f"RiskMonitor({state})"


KINDS = {
    "order": ("client_order_id", "a BrokerOrder"),
    "quote": ("bid_cents", "a Quote"),
    "account": ("equity_cents", "an Account"),
}
"""What ``check`` is handed, by what it must have and what it is called."""


def _check_kinds(**handed):
    for name, given in handed.items():
        attribute, kind = KINDS[name]
        if not hasattr(given, attribute):
            raise WrongType(f"{name}: {given!r} is a {type(given).__name__}; give {kind}")
