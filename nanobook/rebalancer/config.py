"""The configuration of the rebalancer: one frozen object, checked as a whole before anything else is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

from .config_sections import (
    AccountSection,
    BrokerSection,
    Connection,
    Cost,
    Execution,
    Kill,
    Logging,
    Risk,
)


@dataclass(frozen=True, slots=True)
class Config:
    """What the rebalancer may do, and how.

    Attributes
    ----------
    risk, execution, cost, logging, kill, broker
        The sections, as of ``config_sections``.
    connection : Connection or None
    account : AccountSection
    folder : Path
        Where the file is; relative paths start there.
    path : Path or None
        The file.
    """

    risk: Risk
    execution: Execution = field(default_factory=Execution)
    cost: Cost = field(default_factory=Cost)
    logging: Logging = field(default_factory=Logging)
    kill: Kill = field(default_factory=Kill)
    broker: BrokerSection = field(default_factory=BrokerSection)
    connection: Connection | None = None
    account: AccountSection = field(default_factory=lambda: AccountSection("paper", "cash"))
    folder: Path = field(default_factory=Path.cwd)
    path: Path | None = None

    @property
    def log_folder(self):
        """Folder of the audit trail, the lock and the kill switch."""
        return self.folder / self.logging.dir

    @property
    def audit_path(self):
        """The audit trail."""
        return self.log_folder / self.logging.audit_file

    @property
    def digest(self):
        """SHA-256 of all that is in force, wherever it came from; goes into the audit trail."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self):
        """Give the sections as plain dictionaries; fractions as text."""
        sections = asdict(self)
        del sections["folder"], sections["path"]
        return plain(sections)


def plain(value):
    """Write fractions as text, so that JSON keeps them exact."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return str(value) if isinstance(value, Decimal) else value
