"""The line is cut at every message, whatever happens meanwhile: invariants 26 to 30 hold, in virtual time."""

import random
from collections import Counter
from pathlib import Path

import pytest

from nanobook.errors import AuditError, ConnectionFailed, KillSwitchOn, UnknownState
from nanobook.rebalancer.audit.log import AuditLog
from nanobook.rebalancer.audit.runs import last_run
from nanobook.rebalancer.running.state import MAX_SLICES, rebuild
from nanobook.testing import VirtualClock
from nanobook.testing.memory import MemoryStorage
from nanobook.testing.storage import FaultyStorage

from .invariants import Witness, check_invariants
from .rig import GOAL, HELD, PRICES, WEIGHTS, Rig, new_market

OUTCOMES = ("nothing", "part", "fill", "cancel", "ids", "long")
"""What happens while nobody is connected: nothing (so that the order was sent or not, acknowledged or not, by
the message that was cut), a part or all of the live order is filled, it is cancelled, the broker's ids begin
anew; or the broker is away for so long that the run gives up, and the next one has to go on."""
SMALL = {"AAA": 0.1, "CCC": 0.1, "BBB": 0.3}  # a sell and a buy
SMALL_GOAL = {"AAA": 100, "CCC": 500, "BBB": 600}


def script(chance):
    """What becomes of an order: filled at once, or after a while in parts."""
    return " ".join([chance.choice(("rest", "part")) for _ in range(chance.randrange(3))] + ["fill"])


def cut_run(seed, outcome, cuts, weights, goal):
    """Cut a run's line, let the next one end it; gives the number of messages and how the run ended."""
    chance = random.Random(f"{seed} {outcome} {sorted(cuts)}")
    scripts = {symbol: [script(chance) for _ in range(3)] for symbol in PRICES}
    rig = Rig(Path("/"), new_market(scripts=scripts), weights=weights)
    rig.memory = MemoryStorage()
    refusals = 99 if outcome == "long" else chance.randrange(4)
    broker = rig.broker(cuts, outcome, refusals)
    wire, ended = rig.wire, "done"
    try:
        rig.run(broker)
    except (ConnectionFailed, UnknownState) as error:
        ended = type(error).__name__
        assert rig.run().outcome == "done"
    planned = {symbol: goal[symbol] - HELD.get(symbol, 0) for symbol in goal}
    check_invariants(rig.market.on_report(), rig, planned)
    assert rig.held() == goal  # 30
    return wire.messages, ended


def all_cuts(seeds, weights, goal):
    """Cut at every message, for all outcomes; gives how the runs ended."""
    ended = Counter()
    for seed in seeds:
        for outcome in OUTCOMES:
            cut, messages = 1, 999
            while cut <= messages:
                try:
                    last, end = cut_run(seed, outcome, {cut}, weights, goal)
                except AssertionError as error:
                    raise AssertionError(f"seed {seed}, {outcome}, message {cut}: {error}") from error
                ended[outcome, end] += 1
                cut += 1
                messages = messages if cut <= last + 1 else last
    return ended


@pytest.mark.parametrize("seeds", [range(k, k + 2) for k in range(0, 10, 2)], ids=str)
def test_c074_c075_c076_c077_a_cut_at_every_message(seeds):
    ended = all_cuts(seeds, SMALL, SMALL_GOAL)
    for outcome in OUTCOMES[:-1]:
        assert ended[outcome, "done"] > 50, outcome
        assert ended[outcome, "ConnectionFailed"] + ended[outcome, "UnknownState"] == 0, outcome
    assert ended["long", "ConnectionFailed"] + ended["long", "UnknownState"] > 50


@pytest.mark.slow
def test_a_cut_at_every_message_of_fifty_seeds():
    ended = all_cuts(range(50), WEIGHTS, GOAL)
    print(sum(ended.values()), "runs:", dict(ended))
    assert sum(ended.values()) >= 10_000


def test_two_cuts():
    """The second comes while the first is mended, or later."""
    chance = random.Random(5)
    for seed in range(60):
        first = chance.randrange(1, 60)
        cuts = {first, first + chance.randrange(1, 8)}
        cut_run(seed, chance.choice(OUTCOMES[:-1]), cuts, SMALL, SMALL_GOAL)


def test_c078_a_restart_of_the_gateway_is_waited_for(tmp_path):
    """Refused four times: 1, 2, 4, 8 and 16 s later it is asked again, each a fifth more or less."""
    rig = Rig(tmp_path, new_market(scripts={"BBB": ["rest rest fill"]}))
    Witness(rig)
    broker = rig.broker({20}, "nothing", refusals=4)
    assert rig.run(broker).outcome == "done"
    assert rig.held() == GOAL
    assert 31 * 0.8 <= rig.clock.slept <= 31 * 1.2 + 2
    assert {"connection_lost", "connection_restored"} <= set(rig.events)


def test_the_time_of_an_order_stands_still_while_nobody_can_follow_it(tmp_path):
    """An order has 5 s; the line is down for 15 s, then the order takes three more questions."""
    rig = Rig(tmp_path, new_market(scripts={"AAA": ["rest rest rest rest fill"]}))
    broker = rig.broker()
    call = broker.wire.call

    def cutting(request):
        if request["do"] == "status" and not rig.wire.cuts:
            rig.wire.cuts = {rig.wire.messages + 1}
            rig.wire.refusals = 3
        return call(request)

    broker.wire.call = cutting
    assert rig.run(broker).outcome == "done"
    assert rig.clock.slept > 10
    assert rig.held() == GOAL


def test_a_broker_that_stays_away_is_given_up_within_a_minute(tmp_path):
    rig = Rig(tmp_path)
    with pytest.raises(ConnectionFailed, match="no connection for"):
        rig.run(rig.broker({20}, "nothing", refusals=99))
    assert rig.clock.slept <= 60
    assert rig.run().outcome == "done"
    assert rig.held() == GOAL


def test_c075_an_unknown_answer_is_never_taken_for_a_reject(tmp_path):
    """The answer to every order is lost once; each is found by its name, none is sent again."""
    rig = Rig(tmp_path)
    Witness(rig)
    broker = rig.broker(in_flight=1.0)
    call = broker.wire.call
    lost = set()

    def losing(request):
        answer = call(request)
        if request["do"] == "submit" and request["client"] not in lost:
            lost.add(request["client"])
            rig.wire.close()
            raise ConnectionFailed("time-out")
        return answer

    broker.wire.call = losing
    assert rig.run(broker).outcome == "done"
    assert rig.held() == GOAL
    assert rig.events.count("order_unknown") == 4
    assert set(rig.market.received.values()) == {1}


def test_c075_an_order_that_keeps_getting_lost_is_given_up(tmp_path):
    rig = Rig(tmp_path)
    broker = rig.broker()
    call = broker.wire.call

    def losing(request):
        if request["do"] == "submit":
            rig.wire.close()
            raise ConnectionFailed("lost")
        return call(request)

    broker.wire.call = losing
    with pytest.raises(ConnectionFailed, match="sent 3 times and never arrived"):
        rig.run(broker)
    assert rig.market.orders == []
    assert rig.run().outcome == "done"
    assert rig.held() == GOAL


# Years of it


class Trouble:
    """A wire that loses messages at random."""

    def __init__(self, wire, chance, share):
        self.wire, self.chance, self.share = wire, chance, share

    def open(self):
        """Connect; sometimes refused."""
        if self.chance.random() < self.share:
            raise ConnectionFailed("refused")
        self.wire.was_cut, self.wire.outcome = True, self.chance.choice(OUTCOMES[:-1])
        self.wire.open()

    def call(self, request):
        """Send a message; it, or its answer, is lost sometimes."""
        self._lose()
        answer = self.wire.call(request)
        self._lose()
        return answer

    def _lose(self):
        if self.chance.random() < self.share:
            self.wire.close()
            raise ConnectionFailed("lost")

    def close(self):
        """Hang up."""
        self.wire.close()


def sessions(count, seed, share=0.05):
    """Rebalance day after day through trouble of line and disk; gives how runs ended."""
    chance, ended = random.Random(seed), Counter()
    market, clock = new_market(), VirtualClock()
    for day in range(count):
        if day % 20 == 0:
            memory = MemoryStorage()
            market.orders.clear()
            market.received.clear()
            market.fills.clear()
        market.scripts = {symbol: [script(chance) for _ in range(9)] for symbol in PRICES}
        market.handle = type(market).handle.__get__(market)
        clock.advance(86_400 - clock.monotonic() % 86_400)
        weights = {symbol: chance.randrange(1, 10) / 40 for symbol in PRICES}
        rig = Rig(Path("/"), market, weights=weights, target_id=f"day {day}")
        rig.config.risk.further.update(max_drawdown_pct=1, max_turnover_cents=10**12)
        rig.memory = memory
        rig.clock, rig.target = clock, rig.target_for_day(weights, f"day {day}", clock)
        Witness(rig)
        finish_day(rig, chance, share, ended)
        check_day(rig)
    return ended


def finish_day(rig, chance, share, ended):
    """Run until the target is reached."""
    for _ in range(100):
        rig.restart()
        rig.storage = FaultyStorage(
            chance.randrange(1, 500) if chance.random() < 0.3 else 0, storage=rig.memory
        )
        broker = rig.broker()
        broker.wire = Trouble(broker.wire, chance, share)
        try:
            outcome = rig.run(broker).outcome
        except (ConnectionFailed, UnknownState, AuditError, KillSwitchOn, OSError) as error:
            ended[type(error).__name__] += 1
            continue
        ended[outcome] += 1
        if outcome in ("done", "already_done", "nothing_to_do"):
            return
    raise AssertionError("never done")


def check_day(rig):
    """Nothing twice, nothing without an intent, every position where the plan wanted it."""
    rig.restart()
    rig.storage = None
    with AuditLog(rig.config.audit_path, storage=rig.memory, clock=rig.clock) as log:
        state = rebuild(log.records(last_run(log, rig.target.scope).offset))
    planned = {symbol: order.goal_quantity - order.start_quantity for symbol, order in state.planned.items()}
    names = {state.client_id(symbol, number) for symbol in planned for number in range(MAX_SLICES)}
    today = [order for order in rig.market.orders if order["client"] in names]
    check_invariants({"orders": today}, rig, planned)
    assert len({order["client"] for order in rig.market.orders}) == len(rig.market.orders)
    for symbol, order in state.planned.items():
        given_up = len(state.tickets_of(symbol)) == MAX_SLICES
        assert rig.market.positions[symbol] == order.goal_quantity or given_up, symbol


def test_forty_sessions_of_random_faults():
    ended = sessions(40, seed=1)
    assert ended["done"] + ended["already_done"] + ended["nothing_to_do"] == 40
    assert ended["ConnectionFailed"] + ended["AuditError"] > 0


@pytest.mark.slow
def test_ten_years_of_random_faults():
    ended = sessions(2520, seed=2)
    print(dict(ended))
    assert ended["done"] + ended["already_done"] + ended["nothing_to_do"] == 2520
