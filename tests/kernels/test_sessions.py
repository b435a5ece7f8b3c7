"""Sessions against the naive one: the same trades, account and path, compiled or not."""

import numpy as np
import pandas as pd
import pytest

from nanobook import Exchange, RandomFlow, inside, simulate, strategy
from nanobook._jit import JIT
from nanobook.inside import (
    BUY,
    FOK,
    IOC,
    NO_PRICE,
    best_ask,
    best_bid,
    best_quantity,
    cancel,
    cash,
    filled,
    fills,
    is_mine,
    is_resting,
    last_price,
    left,
    level_price,
    level_quantity,
    message_number,
    mid_price,
    modify,
    n_trades,
    next_message,
    order_price,
    order_side,
    owner_of,
    position,
    profit,
    random_below,
    random_number,
    submit_limit,
    submit_market,
    trade_aggressor,
    trade_passive,
    trade_price,
    trade_quantity,
)
from nanobook.kernels import random
from tests.comparing import TRADE_COLUMNS
from tests.oracle.session import NaiveRandom, NaiveReplay, NaiveSession, SplitMix
from tests.tapes import flow


@strategy(metrics=["seen", "checks"])
def curious(session, params, metrics):
    """Act at random on the market's and its own orders, and add up everything that can be seen."""
    seen = 0
    mine = 0
    while next_message(session):
        for _ in range(params.acts):
            what = random_below(session, 12)
            pick = random_below(session, 2 * message_number(session) + 3)
            side = random_below(session, 2)
            touch = best_bid(session) if side == BUY else best_ask(session)
            price = (touch if touch != NO_PRICE else 10_000) + random_below(session, 9) - 4
            lots = 1 + random_below(session, 20)
            if what < 3:
                mine = submit_limit(session, side, price, lots)
            elif what == 3:
                mine = submit_limit(session, side, price, lots, IOC, 7)
            elif what == 4:
                mine = submit_limit(session, side, price, lots, FOK, owner=2)
            elif what == 5:
                mine = submit_market(session, side, lots)
            elif what < 9:
                seen += cancel(session, pick if what == 6 else mine)
            else:
                mine = modify(session, pick if what == 9 else mine, price, lots)
            seen += 3 * left(session, mine) + 5 * filled(session, pick) + 7 * mine
            seen += is_resting(session, pick) + 2 * is_mine(session, pick) + owner_of(session, pick)
            seen += order_side(session, pick) + order_price(session, pick) % 1000
            seen += best_quantity(session, side) + level_quantity(session, side, 2)
            seen += level_price(session, side, 1) % 1000 + last_price(session) % 1000
            row = n_trades(session) - random_below(session, 4)
            seen += trade_price(session, row) % 1000 + trade_quantity(session, row)
            seen += trade_aggressor(session, row) + 3 * trade_passive(session, row)
            seen += position(session) + cash(session) + fills(session)
            metrics.checks += profit(session) + random_number(session)
            if mid_price(session) > 0.0:
                metrics.checks += mid_price(session)
    metrics.seen = seen


class Metrics:
    """A row of metrics."""

    seen = checks = 0.0


class Params:
    """A row of parameters."""

    def __init__(self, **values):
        self.__dict__.update(values)


def compare(result, row, naive, metrics=None):
    """Compare a recorded session with the naive one."""
    stat = {name: result[name][row].item() for name in result.columns}
    assert stat["messages"] == naive.message
    assert stat["orders"] == naive.orders
    assert stat["fills"] == naive.fills
    assert [stat["bought"], stat["sold"]] == naive.lots
    assert (stat["position"], stat["largest"], stat["cash"]) == (naive.position, naive.largest, naive.cash)
    assert stat["trades"] == len(naive.exchange.trades()) - naive.before
    book = result.exchange(row)
    theirs = naive.exchange.trades()
    for name in TRADE_COLUMNS:
        np.testing.assert_array_equal(getattr(book.trades(), name), getattr(theirs, name), err_msg=name)
    for side in ("buy", "sell"):
        np.testing.assert_array_equal(book.queue(side), naive.exchange.queue(side))
    path = result.path(row)
    expected = np.array(naive.path, object).reshape(-1, 4).T
    for name, column in zip(("bid", "ask", "position", "cash"), expected, strict=True):
        shown = [None if value is NA else value for value in path[name].astype(object)]
        assert shown == list(column), name
    np.testing.assert_allclose(result["profit"][row], naive.do_profit(None), rtol=1e-12)
    if metrics:
        assert stat["seen"] == metrics.seen
        np.testing.assert_allclose(stat["checks"], metrics.checks, rtol=1e-9)


NA = pd.NA
MANY = 300 if JIT else 100
CASES = {
    "near": {},
    "wide": {"prices": "wide"},
    "negative": {"prices": "negative"},
    "many modifies": {"kinds": (0.4, 0.1, 0.45, 0.05)},
    "client ids": {"client_ids": "pool", "pool": 40},
    "scattered ids": {"client_ids": "sparse"},
}


@pytest.mark.parametrize("case", CASES)
def test_a_replayed_flow_beside_a_strategy(case):
    named = "client_ids" in CASES[case]
    if named and not JIT:
        pytest.skip("the table of client ids lets integers wrap, which plain NumPy warns of")
    tape = flow(300 if JIT else 100, 5, **CASES[case])
    result = simulate(
        curious, params={"acts": [0, 1, 3]}, flow=tape, seed=3, client_ids=named, record=True, threads=1
    )
    for row, acts in enumerate((0, 1, 3)):
        naive = NaiveSession(NaiveReplay(tape, Exchange(), named), seed=3)
        metrics = Metrics()
        compare(result, row, naive.play(curious.function, Params(acts=acts), metrics), metrics)


@pytest.mark.parametrize(
    "background",
    [
        RandomFlow(MANY),
        RandomFlow(
            messages=300 if JIT else 100,
            start=-4,
            distance=1.0,
            takers=0.5,
            moves=1.0,
            lifetime=20,
            largest=3,
            reach=0,
        ),
        RandomFlow(MANY, takers=0.0, distance=2.5, lifetime=1.0),
        RandomFlow(messages=1),
        RandomFlow(messages=0),
    ],
    ids=["usual", "wild", "short lives", "one message", "none"],
)
def test_a_random_flow_beside_a_strategy(background):
    result = simulate(curious, 4, {"acts": [1, 2]}, background, seed=11, record=True, threads=1)
    for row in range(4):
        naive = NaiveSession(NaiveRandom(background, background.columns()["away"], 11, row % 2), 11, row % 2)
        metrics = Metrics()
        compare(result, row, naive.play(curious.function, Params(acts=1 + row // 2), metrics), metrics)


@pytest.mark.parametrize("client_ids", [False, "pool"])
def test_sessions_start_with_a_copy_of_a_book(client_ids):
    if client_ids and not JIT:
        pytest.skip("the table of client ids lets integers wrap, which plain NumPy warns of")
    tape = flow(600, 9, client_ids=client_ids, pool=40)
    first, second = (
        {name: column[part] for name, column in tape.items()} for part in (slice(300), slice(300, 600))
    )
    start = Exchange()
    start.process(first, client_ids=bool(client_ids))
    digest = start.digest()
    result = simulate(
        curious, start, {"acts": 1}, second, client_ids=bool(client_ids), seed=5, record=True, threads=1
    )
    assert start.digest() == digest
    naive = naive_from(first, second, bool(client_ids))
    metrics = Metrics()
    compare(result, 0, naive.play(curious.function, Params(acts=1), metrics), metrics)


def naive_from(first, second, client_ids):
    """A naive session on a book in which a flow already ran."""
    alone, exchange = Exchange(), Exchange()
    before = alone.process(first, client_ids=client_ids)
    exchange.process(first, client_ids=client_ids)
    replay = NaiveReplay(second, alone, client_ids)
    # Messages that name an order of the first flow find it under its id.
    latest = {}
    for m, kind in enumerate(first["kind"].tolist()):
        if kind != 1 and before.outcome[m] < 4:
            order = int(before.order_id[m])
            latest[int(first["order_id"][m]) if client_ids else order] = order
    for m, row in enumerate(replay.rows):
        if row[0] in (1, 2) and replay.target[m] is None and row[5] in latest:
            replay.made.append(latest[row[5]])
            replay.target[m] = len(replay.made) - 1
    return NaiveSession(replay, seed=5, exchange=exchange)


def test_a_strategy_that_does_nothing_leaves_the_flow_alone():
    tape = flow(500, 2)
    alone = Exchange()
    alone.process(tape)
    result = simulate(idle, flow=tape, record=True, threads=1)
    assert result.exchange(0).digest() == alone.digest()


@strategy
def idle(session):
    while next_message(session):
        pass


@strategy
def hasty(session, params):
    """Return after some messages."""
    for _ in range(params.messages):
        next_message(session)
    submit_limit(session, BUY, 5, 1)


def test_a_strategy_may_return_early():
    result = simulate(hasty, params={"messages": [0, 3, 20]}, flow=10, record=True, threads=1)
    assert result["messages"].tolist() == [0, 3, 10]
    assert [len(result.path(n)) for n in range(3)] == [0, 3, 10]
    assert result["orders"].tolist() == [1, 1, 1]


def test_random_numbers_are_those_of_the_paper():
    """First numbers of splitmix64 with state 0, as its authors print them."""
    states = np.zeros(1, np.int64)
    with np.errstate(over="ignore"):
        drawn = [int(random.draw(states, 0)) for _ in range(3)]
    assert drawn == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    twin = SplitMix(0, 0, 0)
    twin.state = 0
    assert [twin.draw() for _ in range(3)] == drawn


def test_every_public_name_is_there_and_in_the_naive_session():
    functions = [name for name in inside.__all__ if name.islower()]
    assert all(callable(getattr(inside, name)) and getattr(inside, name).__doc__ for name in functions)
    assert all(hasattr(NaiveSession, f"do_{name}") for name in functions)
