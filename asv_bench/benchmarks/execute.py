"""Execution: a run of a hundred orders at the paper broker, and the state of a run from its records."""

from pathlib import Path

from nanobook import PaperBroker
from nanobook.rebalancer.running.execute import run_rebalance
from nanobook.rebalancer.running.session import open_session
from nanobook.rebalancer.running.state import rebuild
from nanobook.rebalancer.settings.config import Config
from nanobook.rebalancer.settings.sections import AccountSection, Execution, Logging, Risk
from nanobook.rebalancer.targets.target import target_of
from nanobook.testing import VirtualClock
from nanobook.testing.memory import MemoryStorage

SYMBOLS = 100
CONFIG = Config(
    risk=Risk(max_position_pct=1, min_trade_usd=0),
    execution=Execution(order_interval_ms=20, max_orders_per_run=SYMBOLS),
    account=AccountSection("paper", "cash"),
    logging=Logging(dir="logs"),
    folder=Path("/"),
)


def run_once():
    """Buy a hundred symbols; gives the report and the records."""
    clock, records = VirtualClock(), []
    quotes = {f"S{n}": {"bid": 99.99, "ask": 100.01} for n in range(SYMBOLS)}
    broker = PaperBroker(100_000_000, quotes=quotes, clock=clock)
    target = target_of(dict.fromkeys(quotes, 0.009), clock.now(), id="run")
    with open_session(CONFIG, target, broker, storage=MemoryStorage(), clock=clock) as session:
        report = run_rebalance(session, progress=records.append)
        records = list(session.log.records())
    return report, records


class Runs:
    """From the plan to the last fill; the disk is in memory, and waits take no time."""

    timeout = 300

    def setup(self):
        _, records = run_once()
        start = next(i for i, record in enumerate(records) if record["event"] == "run_started")
        self.records = records[start:]

    def time_run_of_100_orders(self):
        report, _ = run_once()
        assert (report.outcome, report.filled) == ("done", SYMBOLS)

    def time_rebuild(self):
        state = rebuild(self.records)
        assert (state.phase, len(state.tickets)) == ("completed", SYMBOLS)
