"""``target.json``: the weights that a portfolio shall have, read once and checked as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from ...errors import TargetError
from ...exact import CENTS, times
from ...hints import listing, printable
from ..trusted import read_trusted
from .check import check_target, weight_of
from .text import parse_target

Number = int | Decimal
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Constraints:
    """Limits of one target; they count where they are stricter than those of the configuration.

    ``min_trade_usd`` takes the place of the configuration's.
    """

    max_position_pct: Number | None = None
    max_leverage: Number | None = None
    min_trade_usd: Number | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Target weights.

    Attributes
    ----------
    targets : tuple of (str, int or Decimal)
        Symbol and weight, in the order of the file; below 0 for a short position.
    timestamp : datetime
        When they were made; aware.
    id : str
        Name of the run, "" without one.
    constraints : Constraints
    close_missing : bool or None
        What becomes of a position that is no target: True closes it, False leaves it alone, None (not said)
        is refused where there is one.
    digest : str
        SHA-256 of the bytes that were read.
    source : str
        The file, "" for weights from Python.
    """

    targets: tuple[tuple[str, Number], ...]
    timestamp: datetime
    id: str = ""
    constraints: Constraints = field(default_factory=Constraints)
    close_missing: bool | None = None
    digest: str = ""
    source: str = ""

    @property
    def scope(self):
        """What orders of this target are named after: its id, else its time in UTC."""
        return self.id if self.id.strip() else self.timestamp.astimezone(UTC).isoformat()

    @property
    def weights(self):
        """Weights by symbol."""
        return dict(self.targets)

    def min_trade_cents(self, risk):
        """Give the smallest trade worth making: the target's own, else that of the configuration."""
        own = self.constraints.min_trade_usd
        return risk.min_trade_cents if own is None else int(times(own, CENTS))

    def check_age(self, now, most_hours):
        """Refuse a target that is too old, or of the future.

        Parameters
        ----------
        now : datetime
            Aware.
        most_hours : int or Decimal

        Raises
        ------
        TargetError
            Shows the age.
        """
        age = (now - self.timestamp).total_seconds()
        if age < -CLOCKS_DIFFER:
            raise TargetError(
                f"{self.source or 'target'}: timestamp {self.timestamp.isoformat()} is "
                f"{spell_age(-age)} in the future; now is {now.astimezone(UTC).isoformat(timespec='seconds')}"
            )
        if age > most_hours * 3600:
            raise TargetError(
                f"{self.source or 'target'}: timestamp {self.timestamp.isoformat()} is {spell_age(age)} old, "
                f"more than execution.target_max_age_hours, {most_hours}; make the target anew"
            )

    def missing(self, positions):
        """Give the symbols held that are no target.

        Parameters
        ----------
        positions : mapping of str to number

        Returns
        -------
        list of str

        Raises
        ------
        TargetError
            There are some, and the target does not say what becomes of them.
        """
        wanted = self.weights
        missing = [symbol for symbol, held in positions.items() if held and symbol not in wanted]
        if missing and self.close_missing is None:
            raise TargetError(
                f"{self.source or 'target'}: held, but no target: {listing(missing)}; "
                'say "close_missing": true to close them, false to leave them alone'
            )
        return missing


CLOCKS_DIFFER = 1  # seconds that the clock of whoever made the target may be ahead


def spell_age(seconds):
    """Write a time span in its largest unit."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def read_target(path):
    """Read and check ``target.json``.

    Parameters
    ----------
    path : str or path-like
        A file of yours that others cannot write; not a link.

    Returns
    -------
    Target

    Raises
    ------
    TargetError
        All that is wrong with it.

    Examples
    --------
    >>> import os, tempfile
    >>> from nanobook.rebalancer.targets.target import read_target
    >>> text = '{"timestamp": "2026-02-08T15:30:00Z", "targets": [{"symbol": "AAPL", "weight": 0.40}]}'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "target.json")
    ...     with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
    ...         _ = file.write(text)
    ...     target = read_target(path)
    >>> target.weights, target.scope
    ({'AAPL': Decimal('0.40')}, '2026-02-08T15:30:00+00:00')
    """
    content = read_trusted(path, most=MOST_BYTES, mode=0o644, error=TargetError)
    return make_target(parse_target(path, content), str(path), hashlib.sha256(content).hexdigest())


def make_target(tables, source="", digest="", zero=False):
    """Make a target of what a file says."""
    values, faults = check_target(tables, zero)
    if faults:
        where = source or "target"
        raise TargetError(f"{where}: {faults[0]}" if len(faults) == 1 else told(where, faults))
    values["constraints"] = Constraints(**values["constraints"])
    return Target(**values, source=source, digest=digest)


def told(where, faults):
    """Write many faults as one message: the first ten and how many there are."""
    more = [f"... ({len(faults)} in all)"] if len(faults) > MOST_SHOWN else []
    return "\n  ".join([f"{where}: {len(faults)} faults", *faults[:MOST_SHOWN], *more])


MOST_SHOWN = 10


def target_of(weights, timestamp, **options):
    """Make a target of weights from Python.

    Parameters
    ----------
    weights : Series, mapping of str to number, or iterable of (str, number)
        A weight of 0 closes the position.
    timestamp : datetime
        When they were made; aware.
    **options
        ``id``, ``close_missing``, ``constraints`` (a mapping), as in the file.

    Returns
    -------
    Target

    Raises
    ------
    TargetError
        All that is wrong.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from nanobook.rebalancer.targets.target import target_of
    >>> target_of({"AAPL": 0.6, "MSFT": 0.4}, datetime(2026, 2, 8, tzinfo=UTC)).targets
    (('AAPL', Decimal('0.6')), ('MSFT', Decimal('0.4')))
    """
    rows = [{"symbol": symbol, "weight": weight_of(weight)} for symbol, weight in pairs_of(weights)]
    tables = {"targets": rows, "metadata": {"id": options.pop("id", "")}, **options}
    digest = hashlib.sha256(repr(tables).encode()).hexdigest()  # the same weights later are the same target
    return make_target({"timestamp": timestamp, **tables}, digest=digest, zero=True)


def pairs_of(weights):
    """Give (symbol, weight) of whatever holds weights."""
    weights = getattr(weights, "weights", weights)  # of an optimised portfolio
    if hasattr(weights, "columns"):
        if {"symbol", "weight"} - set(weights.columns):
            raise TargetError(
                f"weights: a table needs columns symbol and weight, not {listing(weights.columns)}"
            )
        return list(zip(weights["symbol"], weights["weight"], strict=True))
    try:
        return [
            (symbol, weight) for symbol, weight in (weights.items() if hasattr(weights, "items") else weights)
        ]
    except (TypeError, ValueError):
        raise TargetError(
            f"weights: {printable(repr(weights))[:80]}; give a Series, a mapping, or pairs (symbol, weight)"
        ) from None
