"""The engine against the naive book in operations of every kind: by call, by tape, replayed, restored."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest

import nanobook
from nanobook import Exchange
from nanobook.types import KIND_NAMES, MessageKind, Outcome, StpPolicy
from tests.adapters import Engine, Twin, as_events
from tests.operations import PROFILES, operations
from tests.oracle.messages import Event, perform

every_profile = pytest.mark.parametrize("profile", PROFILES)
TRADING = MessageKind.LIMIT, MessageKind.MARKET, MessageKind.MODIFY
LOTS = "filled", "resting", "cancelled"


def events_of(rows):
    """List the events of an array."""
    return [Event(*row) for row in rows.tolist()]


def told(at, event):
    """Words for what is being done, so that a failure can be repeated."""
    return f"operation {at}: {KIND_NAMES[event.kind]} {event}"


def compare_states(shown, naive, at=None):
    """Compare all that can be seen, part by part."""
    expected = naive.state()
    state = shown.state(naive.last_id)
    assert state.keys() == expected.keys()
    for part, value in expected.items():
        if isinstance(value, dict):
            differing = {i for i in value.keys() | state[part].keys() if value.get(i) != state[part].get(i)}
            first = min(differing, default=None)
            assert not differing, (at, part, first, state[part].get(first), value.get(first))
        else:
            assert state[part] == value, (at, part)
    for order_id in (*range(1, min(naive.last_id, 300)), naive.last_id + 1):
        assert shown.queue_position(order_id) == naive.queue_position(order_id), (at, order_id)


def in_step(shown, naive, rows, *, every, clear=0):
    """Do all operations on both books; compare every answer, and everything every so often."""
    for at, event in enumerate(events_of(rows), 1):
        expected, answer = naive.do(event), shown.do(event)
        assert answer == expected, told(at, event)
        if event.kind in TRADING:
            assert shown.own_trades == naive.own_trades, told(at, event)
        if at % every == 0:
            compare_states(shown, naive, told(at, event))
        if clear and at % clear == 0:
            assert shown.clear_order_history() == naive.clear_order_history(), told(at, event)
            shown.clear_trades()
            naive.clear_trades()
    compare_states(shown, naive)


def after(rows):
    """An exchange after a tape of events."""
    book = Exchange()
    book.apply_all(rows)
    return book


@pytest.mark.parametrize("seed", range(len(StpPolicy)))
@every_profile
def test_everything_after_every_call(profile, seed):
    in_step(Engine(), Twin(), operations(150, seed, profile), every=1)


@pytest.mark.parametrize("seed", range(11, 16))
@every_profile
def test_long_sequences_of_calls(profile, seed):
    """200,000 operations; in every other sequence the dead are forgotten now and then."""
    in_step(Engine(), Twin(), operations(5000, seed, profile), every=2500, clear=1100 if seed % 2 else 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
@every_profile
def test_ten_million_operations(profile, seed):
    in_step(Engine(), Twin(), operations(25_000, seed, profile), every=12_500, clear=7000 if seed % 2 else 0)


@pytest.mark.parametrize("seed", range(21, 23))
@every_profile
def test_a_tape_does_what_calls_do(profile, seed):
    rows = operations(3000, seed, profile)
    calls = Engine()
    for event in events_of(rows):
        calls.do(event)
    assert after(rows).digest() == calls.exchange.digest()


@every_profile
def test_rows_of_a_tape(profile):
    """What the tape says of every message, and everything afterwards."""
    rows = operations(4000, 31, profile)
    naive, book = Twin(), Exchange()
    expected = [perform(naive, event) for event in events_of(rows)]
    result = book.process(rows)
    for at, (event, row) in enumerate(zip(events_of(rows), expected, strict=True)):
        assert result.outcome[at] == row.outcome, told(at, event)
        if row.outcome <= Outcome.CANCELLED or row.outcome >= Outcome.PENDING:
            assert result.order_id[at] == row.order_id, told(at, event)
            if event.kind in TRADING:
                assert tuple(getattr(result, name)[at] for name in LOTS) == row[2:], told(at, event)
    compare_states(Engine(book), naive)


@every_profile
def test_cutting_a_tape_changes_nothing(profile):
    rows = operations(3000, 32, profile)
    cuts = np.sort(np.random.default_rng(32).integers(0, rows.size, 25)).tolist()
    book = Exchange()
    for n, (start, stop) in enumerate(pairwise([0, *cuts, rows.size])):
        if n % 3 == 0:
            book.process(rows[start:stop])
        elif n % 3 == 1:
            book.apply_all(rows[start:stop])
        else:
            engine = Engine(book)
            for event in events_of(rows[start:stop]):
                engine.do(event)
    assert book.digest() == after(rows).digest()


@every_profile
def test_replay_gives_the_same_book(profile):
    """The log is what was asked for, and all that it takes."""
    rows = operations(3000, 33, profile)
    calls = Engine()
    for event in events_of(rows):
        calls.do(event)
    log = calls.exchange.events()
    np.testing.assert_array_equal(log.rows(), rows)
    again = Exchange.replay(log)
    assert again.digest() == calls.exchange.digest()
    np.testing.assert_array_equal(again.events().rows(), rows)
    naive = Twin()
    for event in events_of(rows):
        naive.do(event)
    compare_states(Engine(again), naive)


@every_profile
def test_a_restored_book_goes_on(profile):
    """Any copy, made in the middle, and the rest of the tape give what the whole tape gives."""
    rows = operations(3000, 34, profile)
    whole = after(rows).digest()
    for make in (copy.deepcopy, lambda book: pickle.loads(pickle.dumps(book))):
        first = after(rows[:1500])
        second = make(first)
        before = first.digest()
        assert second.digest() == before
        second.apply_all(rows[1500:])
        assert second.digest() == whole
        assert first.digest() == before, "a copy shares nothing"


@every_profile
def test_a_saved_book_goes_on(profile, tmp_path):
    rows = operations(2000, 35, profile)
    after(rows[:1000]).save(tmp_path / "book")
    book = Exchange.load(tmp_path / "book")
    book.apply_all(rows[1000:])
    assert book.digest() == after(rows).digest()


def test_policy_and_instrument_by_words_or_by_events():
    """What the constructor is told is in the log, as if it had been the first message."""
    book = Exchange(stp_policy="cancel_oldest", tick_size=5, lot_size=10)
    book.submit_limit("buy", 100, 10, owner=1)
    book.submit_limit("sell", 100, 20, owner=1)
    again = Exchange.replay(book.events())
    assert again.digest() == book.digest()
    again.submit_limit("buy", 100, 30, owner=1)
    assert again.trades() == []
    with pytest.raises(ValueError, match="tick"):
        again.submit_limit("buy", 101, 10)


def test_a_book_without_a_log():
    rows = operations(1000, 36, "dense")
    quiet = Exchange(log_events=False)
    quiet.apply_all(rows)
    assert len(quiet.events()) == 0
    assert quiet.digest() == after(rows).digest()
    loud = after(rows)
    loud.clear_events()
    assert len(loud.events()) == 0
    assert loud.digest() == quiet.digest()


def test_one_event_at_a_time():
    rows = operations(800, 37, "owners")
    book = Exchange()
    for event in after(rows).events():
        book.apply(event)
    assert book.digest() == after(rows).digest()
    np.testing.assert_array_equal(book.events().rows(), rows)


def test_results_tell_that_a_cascade_paused():
    for submit in (
        lambda book: book.submit_market("buy", 1),
        lambda book: book.submit_limit("buy", 1000, 1),
        lambda book: book.modify(1, 1000, 1),
    ):
        book = Exchange()
        book.submit_limit("buy", 1, 1)
        for price in range(1000, 1131):
            book.submit_limit("sell", price, 1)
            if price < 1130:
                book.submit_stop_market("buy", price, 1)
        assert submit(book).stops_due == book.stops_due == 1
        assert book.resume_stops() == book.stops_due == 0
    assert book.last_trade_price() == 1130


def test_refused_operations_leave_no_trace():
    """What raises in the middle of a tape of events undoes nothing and does nothing."""
    rows = operations(500, 38, "dense")
    book = after(rows)
    before, logged = book.digest(), len(book.events())
    bad = as_events([Event(MessageKind.LIMIT, price=1, quantity=1), Event(MessageKind.MARKET, quantity=0)])
    with pytest.raises(ValueError, match="quantity"):
        book.apply_all(bad)
    assert (book.digest(), len(book.events())) == (before, logged)


def test_a_plain_log_makes_a_plain_book():
    book = Exchange()
    book.submit_limit("sell", 100, 5)
    book.submit_market("buy", 2)
    book.modify(1, 99, 4)
    book.cancel(7)
    again = Exchange.replay(book.events())
    assert again == book
    assert not again._rich
    assert again.events() == book.events()


def test_what_a_stop_became_counts_to_the_message_that_fired_it():
    rows = [
        nanobook.Event.submit_limit("sell", 100, 1),
        nanobook.Event.submit_limit("sell", 105, 9),
        nanobook.Event.submit_stop_market("buy", 100, 2),
        nanobook.Event.submit_market("buy", 1),
        nanobook.Event.amend(2, 4),
        nanobook.Event.submit_stop_market("buy", 1, 3),
    ]
    result = Exchange().process(rows)
    assert result.trades.aggressor_order_id.tolist() == [4, 5, 7]
    assert result.trade_message().tolist() == [3, 3, 5]


@every_profile
def test_levels_after_every_message(profile):
    rows = operations(400, 41, profile)
    levels = Exchange().process(rows, levels=3).levels
    book = Exchange()
    for at in range(len(rows)):
        book.process(rows[at : at + 1])
        bids, asks = book.depth_columns(3)
        for name, bid, ask in zip(levels.COLUMNS, bids, asks, strict=True):
            np.testing.assert_array_equal(getattr(levels, f"bid_{name}")[at], bid, err_msg=f"{at} {name}")
            np.testing.assert_array_equal(getattr(levels, f"ask_{name}")[at], ask, err_msg=f"{at} {name}")
