"""``nanobook.rebalance``: weights to orders in one call, at the paper broker."""

import pickle
from decimal import Decimal

import pandas as pd
import pytest

import nanobook
from nanobook import PaperBroker, rebalance
from nanobook.errors import KillSwitchOn, OrderRejected, TargetError, UnknownState
from nanobook.rebalancer.settings.config import Config
from nanobook.rebalancer.settings.sections import Execution, Risk
from nanobook.rebalancer.stopping.switch import KillSwitch
from nanobook.testing import VirtualClock

QUOTES = {"AAPL": {"bid": 199.99, "ask": 200.01}, "MSFT": {"bid": 399.98, "ask": 400.02}}


@pytest.fixture
def clock():
    return VirtualClock()


def paper(clock, **options):
    """A broker with $100,000."""
    return PaperBroker(10_000_000, clock=clock, **{"quotes": QUOTES, **options})


def held(broker):
    """Positions, in a connection of their own."""
    with broker:
        return {position.symbol: position.quantity for position in broker.positions()}


def test_a_series_of_weights(tmp_path, clock):
    broker = paper(clock)
    report = rebalance(pd.Series({"AAPL": 0.2, "MSFT": 0.1}), broker, folder=tmp_path, clock=clock)
    assert (report.outcome, report.filled) == ("done", 2)
    assert held(broker) == {"AAPL": 100, "MSFT": 25}
    assert report.reconciliation.is_within_one_lot
    assert list(report.to_frame()["filled"]) == [100, 25]
    assert pickle.loads(pickle.dumps(report)).orders == report.orders


def test_the_same_id_is_executed_once(tmp_path, clock):
    broker = paper(clock)
    for outcome in ("done", "already_done", "already_done"):
        report = rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock, id="once")
        assert report.outcome == outcome
        clock.advance(60)
    with pytest.raises(TargetError, match="with other contents"):
        rebalance({"AAPL": 0.3}, broker, folder=tmp_path, clock=clock, id="once")
    assert held(broker) == {"AAPL": 100}


def test_without_an_id_each_call_is_a_target_of_its_own(tmp_path, clock):
    broker = paper(clock)
    rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock)
    clock.advance(1)
    rebalance({"AAPL": 0.1}, broker, folder=tmp_path, clock=clock)
    clock.advance(1)
    assert held(broker) == {"AAPL": 50}


def test_what_is_held_and_no_target_must_be_spoken_of(tmp_path, clock):
    broker = paper(clock, positions={"MSFT": 10})
    with pytest.raises(TargetError, match="held, but no target: MSFT"):
        rebalance({"AAPL": 0.1}, broker, folder=tmp_path, clock=clock)
    clock.advance(1)
    rebalance({"AAPL": 0.1}, broker, folder=tmp_path, clock=clock, close_missing=True)
    assert "MSFT" not in held(broker)


def test_fractions_of_coins(tmp_path, clock):
    quotes = {"BTC": {"bid": "59999.99", "ask": "60000.01", "lot": "0.001", "tick": "0.01"}}
    broker = paper(clock, quotes=quotes)
    report = rebalance({"BTC": 0.25}, broker, folder=tmp_path, clock=clock)
    assert report.outcome == "done"
    assert held(broker) == {"BTC": Decimal("0.416")}
    assert report.reconciliation.is_within_one_lot


def test_a_dry_run_and_a_refusal(tmp_path, clock):
    broker = paper(clock)
    report = rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock, dry_run=True)
    assert (report.outcome, len(report.plan)) == ("dry_run", 1)
    clock.advance(1)
    report = rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock, confirm=lambda plan: False)
    assert report.outcome == "declined"
    assert held(broker) == {}


def test_a_reject_of_the_broker_and_the_kill_switch(tmp_path, clock):
    broker = paper(clock, reject={"AAPL": "halted"})
    with pytest.raises(OrderRejected):
        rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock)
    KillSwitch(tmp_path / "logs").turn_on("enough", "test")
    clock.advance(1)
    with pytest.raises(KillSwitchOn, match="enough"):
        rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock)


@pytest.mark.parametrize("moment", ["submit", "answer"])
def test_c075_the_paper_broker_loses_the_line(tmp_path, clock, moment):
    """The order, or the answer to it, is lost; it is there once in the end."""
    broker = paper(clock)
    submit, lost = broker._submit, []

    def losing(order):
        from nanobook.errors import OrderUnknown

        if lost:
            return submit(order)
        lost.append(order)
        if moment == "answer":
            submit(order)
        broker.disconnect()
        raise OrderUnknown("lost", order.client_order_id)

    broker._submit = losing
    report = rebalance({"AAPL": 0.2}, broker, folder=tmp_path, clock=clock)
    assert report.outcome == "done"
    assert held(broker) == {"AAPL": 100}


def test_a_configuration_made_by_hand(tmp_path, clock):
    config = Config(
        risk=Risk(), execution=Execution(order_timeout_secs=2, limit_offset_bps=0), folder=tmp_path
    )
    broker = paper(clock)
    report = rebalance({"AAPL": 0.2}, broker, config=config, clock=clock)
    assert report.outcome == "done"
    assert [row["status"] for row in report.orders] == ["Cancelled"]  # nobody sells at the mid price
    assert held(broker) == {}


def test_positions_of_others_stop_it(tmp_path, clock):
    broker = paper(clock, positions={"MSFT": 10})
    weights = {"AAPL": 0.2, "MSFT": 0.1}

    def confirm(plan):
        broker.submit_order("MSFT", "buy", 1)
        return True

    with pytest.raises(UnknownState, match="MSFT is 11, not 10"):
        rebalance(weights, broker, folder=tmp_path, clock=clock, confirm=confirm)


def test_it_is_public():
    assert nanobook.rebalance is rebalance
