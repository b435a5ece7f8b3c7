"""``Event``: one thing asked of an exchange, as a value."""

from __future__ import annotations

from .. import checks
from ..errors import InvalidOrderId, WrongType
from ..types import BY_CLIENT_ID, POST_ONLY, MessageKind
from .fields import BOTH_SIDES, BY_NAME, EVENT_KINDS, attribute, values_of
from .parse import parse, values_from
from .text import DEBUG, JSON, text_of


class Event:
    """One thing asked of an exchange: an immutable value, made by the method named after its kind.

    Attributes
    ----------
    kind : str
        ``submit_limit``, ``submit_market``, ``cancel``, ``modify``, ``submit_stop_market``,
        ``submit_stop_limit``, ``submit_trailing_stop_market``, ``submit_trailing_stop_limit``,
        ``amend``, ``cancel_all``, ``clock``, ``stp_policy``, ``instrument`` or ``resume``.
    side, price, quantity, time_in_force, order_id, ...
        The arguments of its kind, words in small letters; None where an optional one was left out.
        Others raise AttributeError.

    Examples
    --------
    >>> from nanobook import Event
    >>> event = Event.submit_limit("buy", 10000, 100)
    >>> event
    SubmitLimit { side: Buy, price: Price(10000), quantity: 100, time_in_force: GTC }
    >>> event.kind, event.side, event.price, event.owner
    ('submit_limit', 'buy', 10000, None)
    >>> event.__getstate__()
    '{"SubmitLimit":{"side":"Buy","price":10000,"quantity":100,"time_in_force":"GTC"}}'
    >>> Event.from_json(event.__getstate__()) == event
    True
    """

    __slots__ = ("_values",)

    def __init__(self):
        names = ", ".join(EVENT_KINDS)
        raise WrongType(f"Event: use the method of its kind, as Event.submit_limit(...): {names}")

    # One constructor a kind

    @classmethod
    def submit_limit(
        cls, side, price, quantity, tif="gtc", owner=None, *, post_only=False, expires=None, client_id=None
    ):
        """Make the submission of a limit order.

        Parameters
        ----------
        side : str or Side
        price : int
            Ticks.
        quantity : int
            Lots.
        tif : str or TimeInForce
        owner : int, optional
            Whose it is, for self-trade prevention; 0 and None for nobody's.
        post_only : bool
            Whether it may only rest.
        expires : int, optional
            Nanoseconds since the epoch; needed for ``gtd``, refused otherwise.
        client_id : int, optional
            The caller's own name of the order.

        Raises
        ------
        InvalidValue
            Or a child of it, which names the parameter. So do the others.
        """
        columns = _order(side, quantity, owner, client_id)
        columns["price"] = checks.as_price(price)
        columns |= _life(tif, expires)
        columns["marks"] |= POST_ONLY * checks.as_post_only(post_only, columns["tif"])
        return cls._of(values_of(MessageKind.LIMIT, **columns))

    @classmethod
    def submit_market(cls, side, quantity, owner=None, *, client_id=None):
        """Make the submission of a market order; parameters as ``submit_limit``."""
        return cls._of(values_of(MessageKind.MARKET, **_order(side, quantity, owner, client_id)))

    @classmethod
    def cancel(cls, order_id=None, *, client_id=None):
        """Make the cancellation of an order, named by the book's id or by the caller's."""
        return cls._of(values_of(MessageKind.CANCEL, **_named(order_id, client_id)))

    @classmethod
    def modify(cls, order_id, new_price, new_quantity, *, client_id=None):
        """Make the replacement of an order; ``order_id`` is None where ``client_id`` names it."""
        columns = _named(order_id, client_id)
        columns["price"] = checks.as_price(new_price, "new_price")
        columns["quantity"] = checks.as_quantity(new_quantity, "new_quantity", lowest=0)
        return cls._of(values_of(MessageKind.MODIFY, **columns))

    @classmethod
    def amend(cls, order_id, new_quantity, *, client_id=None):
        """Make the reduction of an order that keeps its place in the queue."""
        columns = _named(order_id, client_id)
        columns["quantity"] = checks.as_quantity(new_quantity, "new_quantity", lowest=0)
        return cls._of(values_of(MessageKind.AMEND, **columns))

    @classmethod
    def submit_stop_market(cls, side, stop_price, quantity, *, owner=None, client_id=None):
        """Make the submission of a stop that becomes a market order."""
        columns = _order(side, quantity, owner, client_id)
        columns["stop_price"] = checks.as_price(stop_price, "stop_price")
        return cls._of(values_of(MessageKind.STOP_MARKET, **columns))

    @classmethod
    def submit_stop_limit(
        cls, side, stop_price, limit_price, quantity, tif="gtc", *, owner=None, expires=None, client_id=None
    ):
        """Make the submission of a stop that becomes a limit order."""
        columns = _order(side, quantity, owner, client_id) | _life(tif, expires)
        columns["stop_price"] = checks.as_price(stop_price, "stop_price")
        columns["price"] = checks.as_price(limit_price, "limit_price")
        return cls._of(values_of(MessageKind.STOP_LIMIT, **columns))

    @classmethod
    def submit_trailing_stop_market(
        cls,
        side,
        initial_stop_price,
        quantity,
        trail_type,
        trail_value,
        atr_period=None,
        *,
        owner=None,
        client_id=None,
    ):
        """Make the submission of a trailing stop that becomes a market order.

        Parameters
        ----------
        initial_stop_price : int
            Ticks; ``stop_price`` of the event.
        trail_type : str or TrailMethod
            ``fixed``, ``percentage`` (``pct``) or ``sma_abs_change`` (``atr``).
        trail_value : float
            Ticks, truncated toward zero; a fraction of the price; or a multiplier. Finite.
        atr_period : int, optional
            Changes of price averaged; needed for ``sma_abs_change``, ignored otherwise.

        Other parameters as ``submit_limit``.
        """
        columns = _order(side, quantity, owner, client_id) | _trail(trail_type, trail_value, atr_period)
        columns["stop_price"] = checks.as_price(initial_stop_price, "initial_stop_price")
        return cls._of(values_of(MessageKind.TRAILING_STOP_MARKET, **columns))

    @classmethod
    def submit_trailing_stop_limit(
        cls,
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
        client_id=None,
    ):
        """Make the submission of a trailing stop that becomes a limit order, whose price stays."""
        columns = _order(side, quantity, owner, client_id) | _trail(trail_type, trail_value, atr_period)
        columns |= _life(tif, expires)
        columns["stop_price"] = checks.as_price(initial_stop_price, "initial_stop_price")
        columns["price"] = checks.as_price(limit_price, "limit_price")
        return cls._of(values_of(MessageKind.TRAILING_STOP_LIMIT, **columns))

    @classmethod
    def cancel_all(cls, owner=None, side=None):
        """Make a mass cancel, of one owner's orders or one side's if told."""
        code = BOTH_SIDES if side is None else checks.as_side(side)
        return cls._of(values_of(MessageKind.CANCEL_ALL, side=code, owner=checks.as_owner(owner)))

    @classmethod
    def clock(cls, time):
        """Make a step of the clock to a time, in nanoseconds since the epoch."""
        return cls._of(values_of(MessageKind.CLOCK, expiry=checks.as_time(time)))

    @classmethod
    def stp_policy(cls, policy):
        """Make a change of the self-trade prevention policy."""
        return cls._of(values_of(MessageKind.STP_POLICY, tif=checks.as_policy(policy)))

    @classmethod
    def instrument(cls, tick_size=1, lot_size=1):
        """Make a change of the sizes of the tick and the lot."""
        sizes = {
            "price": checks.as_size(tick_size, "tick_size"),
            "quantity": checks.as_size(lot_size, "lot_size"),
        }
        return cls._of(values_of(MessageKind.INSTRUMENT, **sizes))

    @classmethod
    def resume(cls):
        """Make the order to go on with a cascade of stops that was cut."""
        return cls._of(values_of(MessageKind.RESUME))

    @classmethod
    def from_json(cls, text):
        """Make an event from its JSON, as ``__getstate__`` gives it."""
        if not isinstance(text, str):
            raise WrongType(f"text: {text!r} is a {type(text).__name__}; use a str of JSON")
        return cls._of(values_from(parse(text)))

    # An immutable value

    @classmethod
    def as_read(cls, kind, **columns):
        """Make an event from columns of ``types.EVENT`` as a file had them, unchecked; the rest is 0.

        A book refuses what it cannot take when the event is applied.
        """
        return cls._of(values_of(kind, **columns))

    @classmethod
    def _of(cls, values):
        """Make an event from values of ``EVENT``'s columns that are known to be right."""
        event = object.__new__(cls)
        object.__setattr__(event, "_values", values)
        return event

    @property
    def kind(self):
        """What is asked for."""
        return EVENT_KINDS[self._values[0]]

    def __getattr__(self, name):
        fields = BY_NAME[self._values[0]] if name != "_values" else {}
        if name not in fields:
            raise AttributeError(f"a {self.kind} event has no attribute {name!r}; it has {', '.join(fields)}")
        return attribute(fields[name], self._values)

    def __dir__(self):
        return [*super().__dir__(), *BY_NAME[self._values[0]]]

    def __setattr__(self, name, value):
        raise AttributeError(f"{name}: an event cannot be changed; make another")

    def __delattr__(self, name):
        self.__setattr__(name, None)

    def __eq__(self, other):
        return self._values == other._values if isinstance(other, Event) else NotImplemented

    def __hash__(self):
        return hash(self._values)

    def __repr__(self):
        return text_of(self._values, DEBUG)

    def __getstate__(self):
        """Return the event as JSON, the line of it in a saved file."""
        return text_of(self._values, JSON)

    def __setstate__(self, state):
        """Become the event that a JSON text tells, the one thing that changes an event."""
        object.__setattr__(self, "_values", Event.from_json(state)._values)

    def __reduce__(self):
        return Event.from_json, (self.__getstate__(),)


def _order(side, quantity, owner, client_id):
    """Columns of what every order has."""
    columns = {
        "side": checks.as_side(side),
        "quantity": checks.as_quantity(quantity),
        "owner": checks.as_owner(owner),
        "marks": 0,
    }
    if client_id is not None:
        columns |= {"order_id": checks.as_order_id(client_id, "client_id"), "marks": BY_CLIENT_ID}
    return columns


def _life(tif, expires):
    """Columns of how long an order lives."""
    tif = checks.as_tif(tif)
    return {"tif": tif, "expiry": checks.as_expiry(expires, tif)}


def _trail(trail_type, trail_value, atr_period):
    """Columns of how a stop trails."""
    trail = checks.as_trail(trail_type, trail_value, atr_period)
    return dict(zip(("trail", "trail_value", "period"), trail, strict=True))


def _named(order_id, client_id):
    """Columns of the order that is meant."""
    if client_id is None:
        return {"order_id": checks.as_order_id(order_id)}
    if order_id is not None:
        raise InvalidOrderId(
            f"order_id: {order_id!r} beside client_id {client_id!r}; use one of them, None for the other"
        )
    return {"order_id": checks.as_order_id(client_id, "client_id"), "marks": BY_CLIENT_ID}
