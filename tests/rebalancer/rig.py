"""A run with all its parts, against the simulator: for tests of execution and recovery."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

from nanobook.rebalancer.running.execute import run_rebalance
from nanobook.rebalancer.running.recover import recover
from nanobook.rebalancer.running.session import open_session
from nanobook.rebalancer.settings.config import Config
from nanobook.rebalancer.settings.sections import AccountSection, Execution, Logging, Risk
from nanobook.rebalancer.targets.target import target_of
from nanobook.testing import VirtualClock

from .simulator import DirectWire, Market, SimulatorBroker

PRICES = {"AAA": 10_000, "BBB": 5_000, "CCC": 2_000, "DDD": 20_000}
HELD = {"AAA": 300, "CCC": 500}
WEIGHTS = {"AAA": 0.1, "BBB": 0.3, "CCC": 0.05, "DDD": 0.2}
CASH = 6_000_000
GOAL = {"AAA": 100, "BBB": 600, "CCC": 250, "DDD": 100}
"""Positions that ``WEIGHTS`` lead to from ``HELD`` and ``CASH``, at ``PRICES``; equity is $100,000."""


def config_in(folder, limits=None, **execution):
    """A configuration whose files are in a folder; limits far away but for those that are given."""
    return Config(
        risk=Risk(max_position_pct=1, max_leverage=10, max_trade_usd=10**9, further=dict(limits or {})),
        execution=Execution(**{"order_timeout_secs": 5, "order_interval_ms": 0, **execution}),
        account=AccountSection("SIM", "cash"),
        logging=Logging(dir="logs"),
        folder=folder,
    )


def new_market(**options):
    """A market where the account holds ``HELD`` and ``CASH``."""
    return Market(**{"cash": CASH, "positions": HELD, "prices": PRICES, **options})


def multiplied(rig, symbol, multiplier=50):
    """A broker at which a symbol has a multiplier."""
    broker = rig.broker()
    plain = broker._instrument
    broker._instrument = lambda name: replace(plain(name), multiplier=multiplier if name == symbol else 1)
    return broker


class Rig:
    """A market, and runs against it, each in a session of its own as after a restart.

    With ``memory``, a ``MemoryStorage``, its files are there; ``storage`` may stand before it or the disk.
    ``broker`` of the next session may be given; ``clock`` goes on from one to the next.
    """

    def __init__(self, folder, market=None, *, weights=WEIGHTS, target_id="2026-01", **execution):
        self.folder, self.clock = folder, VirtualClock()
        self.market = market or new_market()
        self.config = config_in(folder, **execution)
        self.target = self.target_for(weights, target_id)
        self.storage = self.memory = None
        self.stopping = ""
        self.monitor = None
        self.records = []

    def target_for(self, weights, target_id):
        """A target of now."""
        return target_of(weights, self.clock.now(), id=target_id, close_missing=True)

    def target_for_day(self, weights, target_id, clock):
        """A target of the day that another clock shows."""
        return target_of(weights, clock.now(), id=target_id, close_missing=True)

    def broker(self, cuts=(), outcome=None, refusals=0, in_flight=0.0):
        """A broker over a wire of its own."""
        self.wire = DirectWire(self.market, cuts, outcome, refusals)
        return SimulatorBroker(self.wire, self.clock, in_flight)

    def restart(self):
        """Be another process: what the one before had open in memory is closed, as the system does."""
        self.memory._open.clear()
        self.memory._locks.clear()

    @contextmanager
    def session(self, broker=None):
        """Open a session."""
        with open_session(
            self.config,
            self.target,
            broker or self.broker(),
            monitor=self.monitor,
            storage=self.storage or self.memory,
            clock=self.clock,
            stop=lambda: self.stopping,
            seed=1,
        ) as session:
            yield session

    def run(self, broker=None, **options):
        """Run the target; the records of this run are in ``records``."""
        self.records = []
        with self.session(broker) as session:
            return run_rebalance(session, **{"progress": self.records.append, **options})

    def recover(self, broker=None, **options):
        """Recover what was left open."""
        with self.session(broker) as session:
            return recover(session, **options)

    @property
    def events(self):
        """Names of the records of the last run."""
        return [record["event"] for record in self.records]

    def held(self):
        """Positions at the broker."""
        return self.market.on_positions()
