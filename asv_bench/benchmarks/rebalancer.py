"""The rebalancer without a broker: reading its files, planning, reconciling, answering at once."""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from nanobook import reconcile
from nanobook.broker import Account
from nanobook.rebalancer.planning.plan import make_plan
from nanobook.rebalancer.settings.config import Config, load_config
from nanobook.rebalancer.settings.sections import AccountSection, Execution, Risk
from nanobook.rebalancer.targets.target import read_target, target_of

SYMBOLS = 500
RISK = (
    "[risk]\nmax_position_pct = 0.25\nmax_leverage = 1.5\nmax_trade_usd = 100000\nallow_short = false\n"
    "max_short_pct = 0.3\n"
)


class Planning:
    """A book of 500 symbols that changes as a whole."""

    timeout = 300

    def setup(self):
        names = [f"S{n}" for n in range(SYMBOLS)]
        self.target = target_of(dict.fromkeys(names, 0.0019), datetime.now(UTC))
        self.held = {name: (7 * n) % 300 for n, name in enumerate(names)}
        self.prices = {name: 1000 + 37 * n for n, name in enumerate(names)}
        gross = sum(self.held[name] * self.prices[name] for name in names)
        self.account = Account(10**9, 4 * 10**9, 10**9 - gross, gross)
        self.config = Config(
            Risk(min_trade_usd=0),
            execution=Execution(max_orders_per_run=SYMBOLS),
            account=AccountSection("DU1", "margin"),
        )

    def time_plan(self):
        plan = make_plan(self.target, self.held, self.prices, self.account, self.config)
        after = self.held | {order.symbol: order.goal_quantity for order in plan}
        assert all(abs(after[name] * price - 1_900_000) <= price for name, price in self.prices.items())

    def time_reconcile(self):
        found = reconcile(self.target, self.held, self.prices, 10**9)
        assert len(found) == SYMBOLS


class Files:
    """A configuration and a target of 500 symbols, read and checked."""

    def setup(self):
        self.folder = tempfile.TemporaryDirectory()
        rows = ", ".join(f'{{"symbol": "S{n}", "weight": 0.001}}' for n in range(SYMBOLS))
        texts = {
            "config.toml": RISK,
            "target.json": f'{{"timestamp": "2026-02-08T15:30:00Z", "targets": [{rows}]}}',
        }
        for name, text in texts.items():
            path = Path(self.folder.name, name)
            path.write_text(text)
            path.chmod(0o600)

    def teardown(self):
        self.folder.cleanup()

    def time_config(self):
        assert load_config(f"{self.folder.name}/config.toml", environ={}).risk.max_trade_usd == 100_000

    def time_target(self):
        assert len(read_target(f"{self.folder.name}/target.json").targets) == SYMBOLS


class Help:
    """A process that says what there is."""

    def time_help(self):
        code = "from nanobook.cli.rebalancer import main; main(['--help'])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "reconcile" in done.stdout


if __name__ == "__main__":
    from timeit import repeat

    for scenario in (Planning, Files, Help):
        bench = scenario()
        getattr(bench, "setup", lambda: None)()
        for name in (name for name in dir(bench) if name.startswith("time_")):
            best = sorted(repeat(getattr(bench, name), number=1, repeat=7))[3]
            print(f"{name.removeprefix('time_'):10} {best * 1000:8.2f} ms")
