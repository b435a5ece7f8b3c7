"""Brokers from the ``[broker]`` table."""

import subprocess
import sys

import pytest

from nanobook import open_broker
from nanobook.broker.registry import BROKERS, refuse_unknown
from nanobook.errors import ConfigError, CorruptFile, UnknownInstrument
from nanobook.testing import VirtualClock


def test_kinds_that_there_are_not():
    with pytest.raises(
        ConfigError, match=r"broker.kind: 'papper'; use paper, ibkr, binance \(did you mean 'paper'"
    ):
        open_broker("papper")
    with pytest.raises(ConfigError, match=r"broker.kind: None"):
        open_broker(None)
    with pytest.raises(ConfigError, match=r"broker.kind: .*x1b"):
        open_broker("\x1b[2J")
    assert set(BROKERS) == {"paper", "ibkr", "binance"}


def test_settings_that_there_are_not_are_told_all_at_once(tmp_path):
    with pytest.raises(ConfigError) as caught:
        open_broker("paper", {"kind": "paper", "cahs": 1, "latency": 2}, folder=tmp_path)
    assert "broker.cahs (did you mean 'cash'?), broker.latency" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    refuse_unknown({"a": 1}, ("a", "b"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cash": "much"}, "broker: cash: 'much'"),
        ({"cash": True}, "broker: cash: True is a bool"),
        ({"quotes": "none.json"}, "broker.quotes: .*none.json: no such file"),
        ({"quotes": 5}, "broker.quotes: 5"),
        ({"state": ""}, "broker.state: ''"),
        ({"partial_fills": 7}, "broker: partial_fills: 7"),
        ({"commission_per_share": -1}, "commission_per_share_cents"),
        ({"positions": {"A": "x"}}, "positions: A: 'x' is not a number"),
        ({"positions": 5}, "broker: positions: 5"),
        ({"reject": 5}, "broker: reject: 5"),
        ({"disconnect": 5}, "broker: disconnect: 5"),
        ({"leverage": []}, "broker: leverage: "),
    ],
    ids=str,
)
def test_settings_that_are_wrong_are_named(tmp_path, settings, words):
    with pytest.raises(ConfigError, match=words):
        open_broker("paper", settings, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_paper_of_settings(tmp_path):
    (tmp_path / "quotes.csv").write_text("symbol,bid,ask\nA,99,101\n")
    settings = {
        "cash": 1_000.5,
        "positions": {"A": 3},
        "quotes": "quotes.csv",
        "state": "deep/er/account.json",
        "commission_per_share": 0.0035,
        "minimum_commission": 0.35,
        "reject": {"B": "halted"},
    }
    clock = VirtualClock()
    with open_broker("paper", settings, folder=tmp_path, clock=clock, environ={}) as broker:
        broker.submit_order("A", "buy", 1)
        assert broker.account().cash_cents == 100_050 - 10_100 - 35
        assert broker.server_time() == clock.now()
        with pytest.raises(UnknownInstrument):
            broker.quote("B")
    assert (tmp_path / "deep/er/account.json").exists()
    with open_broker("paper", {"state": str(tmp_path / "deep/er/account.json")}) as broker:
        assert broker.positions()[0].quantity == 4


def test_paper_keeps_its_account_without_being_told(tmp_path):
    with open_broker("paper", folder=tmp_path) as broker:
        assert broker.account().cash_cents == 10_000_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["paper.json", "paper.json.lock"]
    (tmp_path / "paper.json").write_text("")
    with pytest.raises(CorruptFile), open_broker("paper", folder=tmp_path):
        pass


CODE = """
import sys
from nanobook.broker.registry import open_broker
with open_broker("paper", {"quotes": "q.json"}, folder=sys.argv[1]) as broker:
    broker.quote("A"), broker.positions(), broker.account(), broker.executions(), broker.instrument("A")
print(*{"numpy", "numba", "pandas"} & set(sys.modules))
"""


def test_questions_load_neither_numba_nor_numpy(tmp_path):
    """An order that rests, and a quote that does not reach it, need no book either."""
    (tmp_path / "q.json").write_text('{"A": {"bid": 9, "ask": 10}}')
    with open_broker("paper", {"quotes": "q.json"}, folder=tmp_path) as broker:
        broker.submit_order("A", "buy", 1, "limit", 900, time_in_force="gtc")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
