"""A session: what a run needs, opened in the one order that is safe, and closed whatever happens.

Kill switch, lock, audit trail, then the broker: with the switch on nothing is asked of anybody, and no second
run comes beside a first.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ...clock import SystemClock
from ...errors import BrokerError
from ..audit.keys import audit_key
from ..audit.log import AuditLog
from ..stopping.lock import RunLock
from ..stopping.switch import KillSwitch
from ..storage import SystemStorage
from .limits import new_monitor


@dataclass(slots=True)
class Session:
    """What a run needs.

    Attributes
    ----------
    config : Config
    target : Target or None
        None where only an unfinished run is to be settled.
    broker : Broker
    log : AuditLog
    kill : KillSwitch
    monitor : RiskMonitor
    clock : Clock
    stop : callable
        Why the run shall stop between two orders, as text; "" while it need not.
    seed : int or None
        Of the jitter of reconnections.
    report : RunReport or None
        Of the last run, finished or not.
    """

    config: object
    target: object
    broker: object
    log: AuditLog
    kill: KillSwitch
    monitor: object
    clock: object
    stop: object = str
    seed: int | None = None
    report: object = None

    @property
    def scope(self):
        """Name of the target, "" without one."""
        return "" if self.target is None else self.target.scope

    @property
    def min_trade_cents(self):
        """Smallest trade worth making."""
        return self.target.min_trade_cents(self.config.risk) if self.target else 0

    def reported(self, report):
        """Keep a report, and give it."""
        self.report = report
        return report


def open_log(config, *, storage=None, clock=None, environ=None):
    """Open the audit trail of a configuration, with the key of the environment if there is one.

    Parameters
    ----------
    config : Config
        A trail of another account is refused.
    storage : Storage, optional
    clock : Clock, optional
    environ : mapping, optional
        That of the process unless told.

    Returns
    -------
    AuditLog
    """
    key = audit_key(os.environ if environ is None else environ)
    return AuditLog(config.audit_path, storage=storage, clock=clock, key=key, account=config.account.id)


@contextmanager
def open_session(config, target, broker, *, monitor=None, storage=None, clock=None, stop=str, seed=None):
    """Open what a run needs, for the time of a block.

    Parameters
    ----------
    config : Config
    target : Target or None
    broker : Broker
        Not connected; it is disconnected at the end, its orders stay.
    monitor : RiskMonitor, optional
        From the limits of the configuration unless given.
    storage : Storage, optional
    clock : Clock, optional
    stop : callable, optional
        As of ``Session``.
    seed : int, optional

    Yields
    ------
    Session

    Raises
    ------
    KillSwitchOn, AlreadyRunning, AuditError, IntegrityError
        In this order, and before the broker is asked anything.
    """
    storage, clock = storage or SystemStorage(), clock or SystemClock()
    folder = config.log_folder
    kill = KillSwitch(folder, storage, clock)
    kill.check()
    with RunLock(folder, storage, clock), open_log(config, storage=storage, clock=clock) as log:
        if monitor is None:
            monitor = new_monitor(config, target, log, clock)
        try:
            yield Session(config, target, broker, log, kill, monitor, clock, stop, seed)
        finally:
            with suppress(BrokerError):
                broker.disconnect()
