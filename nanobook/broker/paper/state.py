"""What a paper broker remembers, and the file that carries it from one process to the next."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from ...errors import CorruptFile, NanobookError
from ...exact import exact
from ...files import atomic_write, read_plain
from ..types import BrokerOrder, Execution, OrderState
from .ledger import Holding, Ledger
from .orders import PaperOrder

FORMAT = "nanobook paper broker 1"
PRIVATE = 0o600


@dataclass
class State:
    """All that a paper broker remembers.

    Attributes
    ----------
    ledger : Ledger
    orders : dict of id to PaperOrder
        All that it has ever seen.
    executions : list of Execution
    agenda : list of (datetime, int, str, int)
        What is due when: time, number, 'arrive', 'cancel' or 'expire', id of the order.
    """

    ledger: Ledger
    orders: dict[int, PaperOrder] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    agenda: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    last_id: int = 0
    arranged: int = 0

    def __post_init__(self):
        """Look up what the columns hold by name."""
        self.by_name = {o.order.client_order_id: o for o in self.orders.values() if o.order.client_order_id}
        self.live = {o.id: o for o in self.orders.values() if o.is_live}
        self._order_texts: dict[int, str] = {}
        self._fill_texts: list[str] = []

    def add(self, order):
        """Take an order in."""
        self.last_id = order.id
        self.orders[order.id] = self.live[order.id] = order
        if order.order.client_order_id:
            self.by_name[order.order.client_order_id] = order

    def to_text(self):
        """Write it as JSON; Decimals and times as text.

        What never changes again is written once and kept: an order takes as long after a year as at first.
        """
        orders = [self._order_text(order) for order in self.orders.values()]
        self._fill_texts += [_text(_row(fill)) for fill in self.executions[len(self._fill_texts) :]]
        held = sorted(self.ledger.holdings.items())
        table = {
            "format": FORMAT,
            "cash_cents": self.ledger.cash,
            "positions": {symbol: [holding.quantity, holding.avg_cost] for symbol, holding in held},
            "last_id": self.last_id,
            "arranged": self.arranged,
            "agenda": self.agenda,
        }
        rows = f'"orders":[{",".join(orders)}],"executions":[{",".join(self._fill_texts)}]'
        return f"{_text(table)[:-1]},{rows}}}"

    def _order_text(self, order):
        """JSON of one order; that of an ended one is kept."""
        text = self._order_texts.get(order.id)
        if text is None:
            text = _text(_row(order))
            if not order.is_live:
                self._order_texts[order.id] = text
        return text

    @classmethod
    def of_text(cls, text):
        """Read what ``to_text`` wrote; anything else raises some error."""
        table = json.loads(text)
        if table["format"] != FORMAT:
            raise ValueError(f"format {table['format']!r}")
        held = {
            symbol: Holding(exact("quantity", quantity), exact("avg_cost", cost))
            for symbol, (quantity, cost) in table["positions"].items()
        }
        orders = [_order(row) for row in table["orders"]]
        return cls(
            Ledger(exact("cash_cents", table["cash_cents"]), held),
            {order.id: order for order in orders},
            [_execution(row) for row in table["executions"]],
            [
                (datetime.fromisoformat(due), number, what, order)
                for due, number, what, order in table["agenda"]
            ],
            int(table["last_id"]),
            int(table["arranged"]),
        )


class Store:
    """The file of a state. Each turn of a process holds its lock, so that several may share an account.

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path):
        self.path = Path(path)
        self._seen = None

    @contextmanager
    def locked(self):
        """Hold the lock of the file."""
        import fcntl

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, PRIVATE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def load(self):
        """Read the state if another process wrote it since we did; None if it is as we know it.

        Raises
        ------
        CorruptFile
            The file is not such a state; it is left as it is.
        """
        mark = self._mark()
        if mark is None or mark == self._seen:
            return None
        try:
            state = State.of_text(read_plain(self.path).decode())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NanobookError) as error:
            raise CorruptFile(
                f"{self.path}: not the state of a paper broker ({type(error).__name__}: {error}); "
                "restore it from a copy, or move it away to begin anew"
            ) from error
        self._seen = mark
        return state

    def save(self, state):
        """Write the state, durable before this returns, readable by its owner only."""
        self._seen = None
        with atomic_write(self.path) as file:
            os.chmod(file.name, PRIVATE)
            file.write(state.to_text().encode())
        self._seen = self._mark()

    def is_there(self):
        """Whether the file is there."""
        return self.path.exists()

    def _mark(self):
        """What changes whenever the file is replaced; None without a file."""
        try:
            seen = os.stat(self.path)
        except FileNotFoundError:
            return None
        return seen.st_ino, seen.st_mtime_ns, seen.st_size


def _row(record):
    """Fields of a record by name, but for an order's name in a book of this process."""
    return {spec.name: getattr(record, spec.name) for spec in fields(record) if spec.name != "book_id"}


def _text(value):
    return json.dumps(value, default=_told, separators=(",", ":"))


def _told(value):
    """Write what JSON has no form for."""
    if isinstance(value, BrokerOrder):
        return _row(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


_NUMBERS = ("filled", "spent", "commission", "opening", "at_price")


def _order(row):
    numbers = {name: exact(name, row[name]) for name in _NUMBERS}
    more = {"order": BrokerOrder(**row["order"]), "sent": datetime.fromisoformat(row["sent"])}
    return PaperOrder(**{**row, **numbers, **more, "state": OrderState(row["state"])})


def _execution(row):
    numbers = {name: exact(name, row[name]) for name in ("quantity", "price_cents", "commission_cents")}
    return Execution(**{**row, **numbers, "timestamp": datetime.fromisoformat(row["timestamp"])})
