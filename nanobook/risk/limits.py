"""The limits, in one frozen record: what they are, what they may be, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from ..errors import ConfigError, InvalidValue, NonFiniteError, WrongType
from ..hints import listing, nearest
from ..names import symbol_name
from .amounts import amount, is_missing, plain, ratio

Number = int | float | Decimal
UNIT = "in (0, 1]"
SHARE = "in [0, 1]"
MULTIPLE = ">= 1.0 and finite"
NOT_NEGATIVE = ">= 0 and finite"
WHOLE = ">= 0"
POSITIVE = "> 0"
RULES = {
    "max_position_pct": UNIT,
    "max_leverage": MULTIPLE,
    "max_drawdown_pct": SHARE,
    "max_short_pct": NOT_NEGATIVE,
    "max_trade_usd": NOT_NEGATIVE,
    "max_order_value_cents": WHOLE,
    "max_batch_value_cents": WHOLE,
    "max_gross_cents": POSITIVE,
    "max_net_cents": POSITIVE,
    "max_turnover_cents": POSITIVE,
    "max_order_quantity": POSITIVE,
    "max_adv_pct": UNIT,
    "max_daily_loss_pct": SHARE,
    "price_collar_pct": UNIT,
    "max_quote_age_seconds": POSITIVE,
    "duplicate_window_seconds": NOT_NEGATIVE,
    "max_messages_per_second": POSITIVE,
    "max_rejects": POSITIVE,
}
"""What each number may be, in the original's words and order."""

HOLDS = {
    UNIT: lambda value: 0 < value <= 1,
    SHARE: lambda value: 0 <= value <= 1,
    MULTIPLE: lambda value: value >= 1,
    NOT_NEGATIVE: lambda value: value >= 0,
    WHOLE: lambda value: value >= 0,
    POSITIVE: lambda value: value > 0,
}
COUNTS = ("max_order_value_cents", "max_batch_value_cents", "max_messages_per_second", "max_rejects")
EXACT = ("max_gross_cents", "max_net_cents", "max_turnover_cents", "max_order_quantity")
FURTHER = (
    *("max_gross_cents", "max_net_cents", "max_turnover_cents", "max_order_quantity", "max_adv_pct"),
    *("max_daily_loss_pct", "price_collar_pct", "max_quote_age_seconds", "duplicate_window_seconds"),
    *("max_messages_per_second", "max_rejects", "allowed_symbols", "shortable_symbols"),
)
"""What is ours and may be left unset, with None."""
LISTS = ("allowed_symbols", "denied_symbols", "shortable_symbols")
NOT_LIMITS = ("min_trade_usd",)
"""What stands among the limits of a config file and is none: the planner's."""


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All limits that an order is held against. Every default is finite; the names are the units.

    Equal to a limit passes, anything above fails. Numbers are taken as the decimals that they print as.

    Parameters
    ----------
    max_position_pct : float
        Largest value of one position, as a share of equity: 0.25 is a quarter.
    max_leverage : float
        Largest gross value of all positions over equity, at least 1.
    max_drawdown_pct : float
        Largest loss from the highest equity; more of it halts a ``RiskMonitor``.
    allow_short : bool
        Whether anything may be sold that is not held. Off here; ``RiskEngine`` has it on, as the original.
    max_short_pct : float
        Largest value of all short positions, as a share of equity.
    max_trade_usd : float
        Dollars above which an order is warned of.
    max_order_value_cents, max_batch_value_cents : int
        Largest value of an order, and of a batch's orders together; 0 for no limit, as in the original.
    max_gross_cents, max_net_cents : int or None
        Largest value of all positions, shorts counted up, and shorts counted off. Net is never above gross,
        so that without a limit of its own the one of gross holds.
    max_turnover_cents : int or None
        Largest value of all orders sent in a run.
    max_order_quantity : int, Decimal or None
        Most shares of an order.
    max_adv_pct : float or None
        Largest order as a share of the average daily volume; needs volumes, and fails without them.
    max_daily_loss_pct : float or None
        Largest loss since the first equity of a day (UTC); more of it halts a ``RiskMonitor``.
    price_collar_pct : float or None
        Farthest that an order's price may be from the middle of the quote and from the last trade.
    max_quote_age_seconds : float or None
        Oldest quote that an order may be sent on.
    duplicate_window_seconds : float or None
        For so long the same symbol, side and quantity is not sent again; 0 for no such rule.
    max_messages_per_second : int or None
        Most messages to the broker in any second.
    max_rejects : int or None
        So many rejected orders in a row halt a ``RiskMonitor``.
    allowed_symbols : tuple of str or None
        What may be traded; None for anything.
    denied_symbols : tuple of str
        What may not be traded.
    shortable_symbols : tuple of str or None
        What may be sold short where ``allow_short`` is on; None for anything.

    Raises
    ------
    InvalidValue
        A limit that cannot be one, or limits that contradict each other; lists all.
    WrongType
        A limit that is no number, or a list that is none of names.

    Examples
    --------
    >>> from nanobook import RiskLimits
    >>> RiskLimits(max_position_pct=1.5)
    Traceback (most recent call last):
    ...
    nanobook.errors.InvalidValue: invalid RiskConfig: max_position_pct must be in (0, 1], got 1.5
    """

    max_position_pct: Number = 0.25
    max_leverage: Number = 1.5
    max_drawdown_pct: Number = 0.20
    allow_short: bool = False
    max_short_pct: Number = 0.30
    max_trade_usd: Number = 100000.0
    max_order_value_cents: int = 10_000_000
    max_batch_value_cents: int = 100_000_000
    max_gross_cents: Number | None = 1_000_000_000
    max_net_cents: Number | None = None
    max_turnover_cents: Number | None = 1_000_000_000
    max_order_quantity: Number | None = 1_000_000
    max_adv_pct: Number | None = None
    max_daily_loss_pct: Number | None = 0.10
    price_collar_pct: Number | None = 0.05
    max_quote_age_seconds: Number | None = 30
    duplicate_window_seconds: Number | None = 1
    max_messages_per_second: int | None = 50
    max_rejects: int | None = 5
    allowed_symbols: tuple[str, ...] | None = None
    denied_symbols: tuple[str, ...] = ()
    shortable_symbols: tuple[str, ...] | None = None

    def __post_init__(self):
        """Check all, and tell all that is wrong."""
        if not isinstance(self.allow_short, bool):
            kind = type(self.allow_short).__name__
            raise WrongType(f"allow_short: {self.allow_short!r} is a {kind}; use True or False")
        for name in LISTS:
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        wrong = [*self._out_of_range(), *self._contradictions()]
        if wrong:
            raise InvalidValue(f"invalid RiskConfig: {'; '.join(wrong)}")

    def _out_of_range(self):
        """Yield what is wrong with single numbers."""
        for name, rule in RULES.items():
            value = getattr(self, name)
            if value is None and name in FURTHER:
                continue
            try:
                number = _number(name, value)
            except NonFiniteError:
                number = None
            if number is None or not HOLDS[rule](number):
                yield f"{name} must be {rule}, got {plain(value)}"

    def _contradictions(self):
        """Yield pairs of limits that cannot both be meant."""
        for small, large in (("max_position_pct", "max_leverage"), ("max_net_cents", "max_gross_cents")):
            low, high = getattr(self, small), getattr(self, large)
            if not (is_missing(low) or is_missing(high)) and low > high:
                yield f"{small} {plain(low)} is above {large} {plain(high)}"
        if self.shortable_symbols and not self.allow_short:
            yield f"shortable_symbols names {listing(self.shortable_symbols)}, but allow_short is off"
        for name in ("allowed_symbols", "shortable_symbols"):
            both = sorted(set(getattr(self, name) or ()) & set(self.denied_symbols))
            if both:
                yield f"{name} and denied_symbols both name {listing(both)}"

    @classmethod
    def from_mapping(cls, table, required=()):
        """Read limits from a table, as of a config file: a misspelt limit never means no limit.

        Parameters
        ----------
        table : Mapping
            Limits by name. ``min_trade_usd``, which stands among them in config files and is the planner's,
            is passed over.
        required : iterable of str
            Limits that must be there; the others have their defaults.

        Returns
        -------
        RiskLimits

        Raises
        ------
        ConfigError
            Lists all keys that are no limits, with what was probably meant, all that are missing, and all
            values that cannot be.

        Examples
        --------
        >>> from nanobook import RiskLimits
        >>> RiskLimits.from_mapping({"max_postion_pct": 0.1})
        Traceback (most recent call last):
        ...
        nanobook.errors.ConfigError: max_postion_pct: no such limit (did you mean 'max_position_pct'?)
        """
        if not isinstance(table, Mapping):
            raise ConfigError(
                f"limits: {table!r} is a {type(table).__name__}; give a table of limits by name"
            )
        names = [field.name for field in fields(cls)]
        unknown = [name for name in table if name not in names and name not in NOT_LIMITS]
        wrong = [f"{name}: no such limit{nearest(name, names)}" for name in unknown]
        wrong += [f"{name}: missing; give it a value" for name in required if name not in table]
        if wrong:
            raise ConfigError("; ".join(wrong))
        try:
            return cls(**{name: table[name] for name in table if name in names})
        except (InvalidValue, WrongType) as error:
            raise ConfigError(str(error)) from None

    def to_dict(self):
        """Give the limits by name, in order.

        Returns
        -------
        dict
        """
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to_frame(self):
        """Give the limits as a table.

        Returns
        -------
        DataFrame
            Columns ``value`` and ``default``; indexed by ``limit``.
        """
        from pandas import DataFrame, Index

        default = type(self)().to_dict()
        rows = {"value": list(self.to_dict().values()), "default": list(default.values())}
        return DataFrame(rows, index=Index(default, name="limit"), dtype=object)


def _number(name, value):
    """Give a limit as an exact number."""
    if name in COUNTS and not _is_whole(value):
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; give a whole number")
    return amount(name, value) if name in EXACT else ratio(name, value)


def _is_whole(value):
    """Whether it is an integer, a bool being none."""
    return hasattr(type(value), "__index__") and not isinstance(value, bool)


def _names(name, value):
    """Give a list of symbols as a tuple; None stays."""
    if value is None:
        return () if name == "denied_symbols" else None
    if isinstance(value, str):
        raise WrongType(f"{name}: {value!r} is a text; give a list of symbols")
    if not isinstance(value, Iterable):
        raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; give a list of symbols")
    return tuple(symbol_name(symbol, name) for symbol in value)
