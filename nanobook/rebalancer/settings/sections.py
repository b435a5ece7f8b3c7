"""The sections of a configuration: every key, its type, its bounds, its default and what it means.

One table for all who need it: the checks, ``rebalancer init`` and the reference in ``docs/operating.md``.
"""
# ruff: noqa: RUF009 -- key() is dataclasses.field()

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal

from ...exact import CENTS, times


@dataclass(frozen=True, slots=True)
class Key:
    """What a key takes.

    Attributes
    ----------
    kind : {'text', 'count', 'number', 'switch'}
        A text, a whole number, a number, true or false.
    meaning : str
    low, above, high : int or None
        Smallest value, value that it must be above, largest value.
    choices : tuple of str
    required : bool
        Whether a file must have it although the dataclass has a default to show.
    """

    kind: str
    meaning: str
    low: int | None = None
    above: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


def key(kind, meaning, default=MISSING, **bounds):
    """Declare a key of a section."""
    return field(default=default, metadata={"key": Key(kind, meaning, **bounds)})


def keys_of(section):
    """Give the keys of a section by name.

    Parameters
    ----------
    section : type
        One of the dataclasses below.

    Returns
    -------
    dict of str to Key
    """
    return {f.name: f.metadata["key"] for f in fields(section) if "key" in f.metadata}


def defaults_of(section):
    """Give the defaults of those keys of a section that have one."""
    return {f.name: f.default for f in fields(section) if "key" in f.metadata and f.default is not MISSING}


@dataclass(frozen=True, slots=True)
class Connection:
    """Where TWS or the gateway of Interactive Brokers listens."""

    host: str = key("text", "machine that TWS or the gateway runs on")
    port: int = key(
        "count", "7497 TWS paper, 7496 TWS live, 4002 gateway paper, 4001 gateway live", low=1, high=65535
    )
    client_id: int = key("count", "number of this client; one client a number", low=0, high=2**31 - 1)
    timeout_secs: int = key("count", "how long to wait for an answer, seconds", 30, low=5, high=60)


@dataclass(frozen=True, slots=True)
class AccountSection:
    """The account that may be traded."""

    id: str = key("text", "must be what the broker reports, or nothing is sent")
    type: str = key("text", "what buys may use: cash, or buying power", choices=("cash", "margin"))


@dataclass(frozen=True, slots=True)
class Execution:
    """How orders are made and followed."""

    order_interval_ms: int = key(
        "count", "pause between two orders, milliseconds", 100, low=0, high=3_600_000
    )
    limit_offset_bps: int | Decimal = key(
        "number", "limit beyond the mid price, basis points", 5, low=0, high=1000
    )
    order_timeout_secs: int = key(
        "count", "cancel an order that is not filled by then, seconds", 300, low=1, high=86_400
    )
    max_orders_per_run: int = key("count", "refuse a plan with more orders", 50, low=1, high=100_000)
    quote_staleness_threshold_sec: int | Decimal = key(
        "number", "refuse quotes older than this, seconds", 30, above=0, high=86_400
    )
    target_max_age_hours: int | Decimal = key(
        "number", "refuse a target older than this, hours", 24, above=0, high=87_600
    )
    on_reject: str = key(
        "text",
        "after the broker refused an order: stop, or go on with the others",
        "stop",
        choices=("stop", "continue"),
    )
    on_interrupt: str = key(
        "text", "what Ctrl-C or SIGTERM does with the order in flight", "cancel", choices=("cancel", "leave")
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What trading costs, for the estimate in a plan and for the money that buys need."""

    commission_per_share: int | Decimal = key(
        "number", "dollars a share", Decimal("0.0035"), low=0, high=1000
    )
    commission_min: int | Decimal = key(
        "number", "least commission of an order, dollars", Decimal("0.35"), low=0, high=100_000
    )
    slippage_bps: int | Decimal = key(
        "number", "expected slippage, basis points of the traded value", 5, low=0, high=10_000
    )


@dataclass(frozen=True, slots=True)
class Logging:
    """Where the files of runs are."""

    dir: str = key(
        "text", "folder of the audit trail, the lock and the kill switch; relative to this file", "./logs"
    )
    audit_file: str = key("text", "name of the audit trail in it", "audit.jsonl")
    clock_skew_threshold_sec: int | Decimal = key(
        "number", "refuse to trade if the broker's clock differs by more, seconds", 1, above=0, high=60
    )


@dataclass(frozen=True, slots=True)
class Kill:
    """How ``rebalancer kill`` waits."""

    timeout_secs: int | Decimal = key(
        "number", "how long a run may take to stop before it is killed, seconds", 30, above=0, high=3600
    )


@dataclass(frozen=True, slots=True)
class BrokerSection:
    """Which broker, and that broker's own settings."""

    kind: str = key("text", "paper, ibkr or binance", "paper", choices=("paper", "ibkr", "binance"))
    live: bool = key("switch", "real money; also needs `--live` on the command line", False)
    settings: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Risk:
    """What may be traded. Limits come from the file alone: no flag and no variable changes one."""

    max_position_pct: int | Decimal = key(
        "number", "largest position, part of equity", Decimal("0.25"), above=0, high=1, required=True
    )
    max_leverage: int | Decimal = key(
        "number", "gross positions, multiple of equity", Decimal("1.5"), low=1, high=10, required=True
    )
    min_trade_usd: int | Decimal = key(
        "number", "leave smaller trades alone, dollars", 100, low=0, high=10**9
    )
    max_trade_usd: int | Decimal = key(
        "number",
        "warn of larger orders, dollars; max_order_value_cents refuses them",
        100_000,
        above=0,
        high=10**12,
        required=True,
    )
    allow_short: bool = key("switch", "whether a position may go below zero", True, required=True)
    max_short_pct: int | Decimal = key(
        "number", "all short positions, part of equity", Decimal("0.30"), low=0, high=1, required=True
    )
    further: dict = field(default_factory=dict)

    @property
    def min_trade_cents(self):
        """``min_trade_usd`` in whole cents, cut."""
        return int(times(self.min_trade_usd, CENTS))

    def to_dict(self):
        """Give all limits by name, as ``RiskLimits.from_mapping`` takes them."""
        return {name: getattr(self, name) for name in keys_of(Risk)} | self.further


SECTIONS = {
    "connection": Connection,
    "account": AccountSection,
    "execution": Execution,
    "risk": Risk,
    "cost": Cost,
    "logging": Logging,
    "kill": Kill,
    "broker": BrokerSection,
}
"""By the name of the table in the file."""
