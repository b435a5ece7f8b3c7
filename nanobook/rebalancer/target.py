"""``target.json``: the weights that a portfolio shall have, read once and checked as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from ..exact import CENTS, times

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Constraints:
    """Limits of one target, which replace those of the configuration where they are stricter."""

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
    def scope_digest(self):
        """A name for files: SHA-256 of the scope."""
        return hashlib.sha256(self.scope.encode()).hexdigest()

    @property
    def weights(self):
        """Weights by symbol."""
        return dict(self.targets)

    def min_trade_cents(self, risk):
        """Give the smallest trade worth making: the target's own, else that of the configuration."""
        own = self.constraints.min_trade_usd
        return risk.min_trade_cents if own is None else int(times(own, CENTS))
