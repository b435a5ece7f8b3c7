"""After a crash: a test for each thing that log and broker can say of an order, and what follows."""

import pytest

from nanobook.errors import KillSwitchOn, MultiplierError, OrderRejected, TargetError, UnknownState
from nanobook.rebalancer.audit.contents import read_records
from nanobook.rebalancer.exits import exit_code
from nanobook.rebalancer.stopping.switch import KillSwitch
from nanobook.testing.storage import Crash

from .invariants import Witness, check_invariants
from .rig import GOAL, HELD, WEIGHTS, Rig, multiplied, new_market

PLANNED = {symbol: GOAL[symbol] - HELD.get(symbol, 0) for symbol in GOAL}


def rig_of(tmp_path, scripts=None, **options):
    """A rig; no order arrives without an intent."""
    rig = Rig(tmp_path, new_market(scripts=scripts), **options)
    Witness(rig)
    return rig


def die_at(rig, event, symbol="BBB", times=1):
    """Run until a record of an order was written, and die right after it."""
    seen = []

    def progress(record):
        if record["event"] == event:
            ticket = record.get("symbol") or symbol_of(rig, record["client_order_id"])
            seen.append(ticket == symbol)
            if sum(seen) == times and seen[-1]:
                raise Crash(event)

    with pytest.raises(Crash):
        rig.run(progress=progress)


def symbol_of(rig, name):
    """Whose order it was, by the log."""
    records = read_records(rig.config.audit_path)
    return next(record["symbol"] for record in records if record.get("client_order_id") == name)


def die_in_submit(rig, symbol="BBB", arrives=True):
    """Die while an order is on its way: it arrives, or it does not."""
    broker = rig.broker()
    submit = broker._submit

    def dying(order):
        if order.symbol != symbol:
            return submit(order)
        if arrives:
            submit(order)
        raise Crash("submit")

    broker._submit = dying
    with pytest.raises(Crash):
        rig.run(broker)


def finish(rig, **options):
    """Run again, and look that all is as without the crash."""
    report = rig.run(**options)
    assert report.outcome == "done"
    assert rig.held() == GOAL
    check_invariants(rig.market.on_report(), rig, PLANNED)
    return report


def near(held, goal):
    """Whether positions are within a share: what has been traded has cost a spread."""
    return all(abs(held[symbol] - goal[symbol]) <= 1 for symbol in goal)


# What has come to be held meanwhile


def test_c088_a_contract_with_a_multiplier_stops_what_is_left(tmp_path):
    rig = rig_of(tmp_path)
    die_at(rig, "order_filled")
    rig.market.positions["ES"], rig.market.prices["ES"] = 1, 630_000
    orders = len(rig.market.orders)
    with pytest.raises(MultiplierError, match="ES has the multiplier 50"):
        rig.run(multiplied(rig, "ES"))
    assert len(rig.market.orders) == orders
    del rig.market.positions["ES"]
    finish(rig)


# An intent without an answer


def test_intent_and_never_arrived_is_sent_again_under_the_same_name(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig, arrives=False)
    finish(rig)
    intents = [
        record["client_order_id"]
        for record in read_records(rig.config.audit_path)
        if record["event"] == "order_intent" and record["symbol"] == "BBB"
    ]
    assert len(intents) == 2
    assert len(set(intents)) == 1
    assert "order_not_found" in rig.events


def test_c082_intent_and_lives_is_followed(tmp_path):
    rig = rig_of(tmp_path, {"BBB": ["rest rest fill"]})
    die_in_submit(rig)
    finish(rig)
    assert rig.market.received.most_common(1)[0][1] == 1


def test_intent_and_filled_is_written_down(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    assert rig.held()["BBB"] == 600
    finish(rig)
    assert rig.market.received.most_common(1)[0][1] == 1
    found = next(record for record in rig.records if record["event"] == "order_submitted")
    assert found["found"] is True


def test_intent_and_cancelled_meanwhile_sends_what_remains_as_a_new_slice(tmp_path):
    rig = rig_of(tmp_path, {"BBB": ["part rest rest rest rest", "fill"]})
    die_in_submit(rig)
    rig.market.while_away("cancel")
    finish(rig)
    slices = [(order["quantity"], order["filled"]) for order in rig.market.orders if order["symbol"] == "BBB"]
    assert slices == [(600, 300), (300, 300)]
    assert rig.market.received.most_common(1)[0][1] == 1  # under a name of its own


def test_intent_and_rejected_meanwhile_is_an_end(tmp_path):
    rig = rig_of(tmp_path, {"BBB": ["reject halted"]}, on_reject="continue")
    die_in_submit_rejected(rig)
    report = rig.run()
    assert report.outcome == "done"
    assert rig.held() == {symbol: GOAL[symbol] for symbol in ("AAA", "CCC", "DDD")}


def die_in_submit_rejected(rig):
    """Die while the broker's reject is on its way; such an order is not known to it afterwards."""
    broker = rig.broker()
    submit = broker._submit

    def dying(order):
        try:
            return submit(order)
        except OrderRejected:
            raise Crash("reject") from None

    broker._submit = dying
    with pytest.raises(Crash):
        rig.run(broker)


def test_it_waits_until_nothing_can_be_on_its_way(tmp_path):
    """The order of the dead process arrives 1 s after the new one has connected."""
    rig = rig_of(tmp_path)
    die_in_submit(rig, arrives=False)
    intent = [r for r in read_records(rig.config.audit_path) if r["event"] == "order_intent"][-1]
    late = {"symbol": "BBB", "side": "buy", "quantity": 600, "limit": 5002}
    rig.clock.at(
        rig.clock.monotonic() + 1.0,
        lambda: rig.market.on_submit(**late, client=intent["client_order_id"]),
    )
    broker = rig.broker(in_flight=2.0)
    report = rig.run(broker)
    assert report.outcome == "done"
    rig.clock.advance(60)
    assert rig.held() == GOAL
    assert rig.market.received[intent["client_order_id"]] == 1


def test_never_arrived_and_there_after_all_is_followed(tmp_path):
    """The broker did not know the order, the run died, and now it does: it is looked for once more."""
    rig = rig_of(tmp_path)
    die_in_submit(rig, arrives=False)
    die_at(rig, "order_not_found")
    intent = [r for r in read_records(rig.config.audit_path) if r["event"] == "order_intent"][-1]
    late = {"symbol": "BBB", "side": "buy", "quantity": 600, "limit": 5002}
    rig.market.on_submit(**late, client=intent["client_order_id"])
    finish(rig)
    assert rig.market.received[intent["client_order_id"]] == 1


# An answer, and no end


def test_c082_acknowledged_and_lives_is_followed(tmp_path):
    rig = rig_of(tmp_path, {"BBB": ["rest part fill"]})
    die_at(rig, "order_submitted")
    finish(rig)


def test_acknowledged_and_filled_is_written_down(tmp_path):
    rig = rig_of(tmp_path)
    die_at(rig, "order_submitted")
    finish(rig)


def test_c074_partly_filled_then_gone_goes_on_from_the_brokers_position(tmp_path):
    rig = rig_of(tmp_path, {"BBB": ["part rest rest", "fill"]})
    die_at(rig, "order_progress")
    rig.market.while_away("cancel")
    finish(rig)


def test_c077_ids_that_begin_anew_do_not_matter(tmp_path):
    """The broker counts from 1 again: the id in the log is another order's now, the name is not."""
    rig = rig_of(tmp_path, {"BBB": ["rest rest rest fill"]})
    die_at(rig, "order_submitted")
    rig.market.while_away("ids")
    other = {"symbol": "EEE", "side": "buy", "quantity": 1, "limit": 1, "client": "somebody-else"}
    rig.market.prices["EEE"] = 10
    for _ in range(4):
        rig.market._place(dict(other), ["rest"])
    rig.market.by_id[3]["status"] = "Cancelled"
    finish(rig)


def test_acknowledged_and_not_found_stops(tmp_path):
    """What the broker had taken cannot be gone: exit 7, with the order's name; nothing is sent."""
    rig = rig_of(tmp_path, {"BBB": ["rest"]})
    die_at(rig, "order_submitted")
    gone = rig.market.orders.pop()
    with pytest.raises(UnknownState, match=rf"order {gone['client']} \(buy 600 BBB at \$50\.02\)") as error:
        rig.run()
    assert exit_code(error.value) == 7
    assert [order["symbol"] for order in rig.market.orders] == ["AAA", "CCC"]
    report = rig.recover(abandon=True)  # the person who has looked has the last word
    assert report.outcome == "abandoned"
    assert gone["client"] in str(report)
    rig.target = rig.target_for(WEIGHTS, "next")
    rig.market.scripts.clear()
    assert rig.run().outcome == "done"
    assert near(rig.held(), GOAL)


def test_a_cancellation_that_was_asked_for_is_an_end(tmp_path):
    """Its time was over before the crash: what remains is not sent again."""
    rig = rig_of(tmp_path, {"BBB": ["part"]})
    die_at(rig, "cancel_intent")
    rig.run()
    assert rig.held() == {**GOAL, "BBB": 300}
    assert [order["symbol"] for order in rig.market.orders].count("BBB") == 1


# Ends


def test_an_order_that_ended_is_not_asked_for(tmp_path):
    rig = rig_of(tmp_path)
    die_at(rig, "order_filled")
    report = finish(rig)
    assert report.notes == []


def test_died_before_anything_was_sent(tmp_path):
    rig = rig_of(tmp_path)
    for event in ("run_started", "diff_computed", "risk_check"):

        def progress(record, event=event):
            if record["event"] == event:
                raise Crash(event)

        with pytest.raises(Crash):
            rig.run(progress=progress)
        assert rig.market.orders == []
    finish(rig)
    outcomes = [
        record["outcome"]
        for record in read_records(rig.config.audit_path)
        if record["event"] == "run_completed"
    ]
    assert outcomes == ["interrupted"] * 3 + ["done"]


def test_died_after_the_last_record(tmp_path):
    rig = rig_of(tmp_path)

    def progress(record):
        if record["event"] == "run_completed":
            raise Crash("late")

    with pytest.raises(Crash):
        rig.run(progress=progress)
    assert rig.run().outcome == "already_done"
    assert rig.held() == GOAL


def test_a_crash_in_every_recovery(tmp_path):
    """Each recovery dies at a later record than the one before, until one is through."""
    rig = rig_of(tmp_path, {"AAA": ["part fill"], "BBB": ["rest part fill"]})
    for place in range(1, 60):
        count = iter(range(1, 1000))

        def progress(record, place=place, count=count):
            if next(count) == place:
                raise Crash(str(place))

        try:
            rig.run(progress=progress)
        except Crash:
            continue
        break
    assert rig.held() == GOAL
    check_invariants(rig.market.on_report(), rig, PLANNED)


# What a person may ask for


def test_a_dry_run_tells_and_does_nothing(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    before = rig.config.audit_path.read_bytes()
    report = rig.recover(dry_run=True)
    assert report.outcome == "dry_run"
    assert "intent in the log, Filled at the broker: end" in str(report)
    assert "DDD: 100 still to be sent" in str(report)
    assert rig.config.audit_path.read_bytes() == before
    assert len(rig.market.orders) == 3
    assert rig.run(dry_run=True).outcome == "dry_run"
    assert rig.config.audit_path.read_bytes() == before


def test_recover_goes_on_with_the_run(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    assert rig.recover().outcome == "done"
    assert rig.held() == GOAL
    assert rig.recover().notes == ["no run was left open"]


def test_another_target_settles_the_old_run_and_takes_its_place(tmp_path):
    """Live orders of the old run are cancelled, its rest is not sent; the new one takes what is held."""
    rig = rig_of(tmp_path, {"BBB": ["part rest rest rest rest", "fill"]})
    die_in_submit(rig)
    old, rig.target = rig.target, rig.target_for({**WEIGHTS, "DDD": 0.1}, "next")
    before = rig.clock.monotonic()
    assert rig.run().outcome == "done"
    assert rig.clock.monotonic() - before < 2  # nobody waits for an order of the old run
    new, rig.target = rig.target, old
    with pytest.raises(TargetError, match="left unfinished for another target; part of it"):
        rig.run()
    rig.target = new
    assert near(rig.held(), {**GOAL, "DDD": 50})
    outcomes = [r["outcome"] for r in read_records(rig.config.audit_path) if r["event"] == "run_completed"]
    assert outcomes == ["superseded", "done"]
    assert rig.market.received.most_common(1)[0][1] == 1


def test_positions_that_the_old_run_does_not_explain_stop_the_new_one(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    rig.market.positions["AAA"] += 1
    rig.target = rig.target_for(WEIGHTS, "next")
    with pytest.raises(UnknownState, match="AAA is 101, not 100"):
        rig.run()
    assert len(rig.market.orders) == 3


def test_the_old_run_without_its_target(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    rig.target = None
    assert rig.recover().outcome == "nothing_to_do"
    assert rig.held()["BBB"] == 600
    assert "DDD" not in rig.held()


def test_the_same_name_with_other_contents_is_refused(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    rig.target = rig.target_for({**WEIGHTS, "DDD": 0.1}, "2026-01")
    with pytest.raises(TargetError, match="was begun with other contents"):
        rig.run()
    assert len(rig.market.orders) == 3


def test_a_stale_target_is_settled_but_not_gone_on_with(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    rig.clock.advance(30 * 3600)
    with pytest.raises(TargetError, match="old"):
        rig.run()
    assert len(rig.market.orders) == 3
    rig.target = rig.target_for(WEIGHTS, "today")
    assert rig.run().outcome == "done"
    assert near(rig.held(), GOAL)


def test_a_run_can_be_given_up(tmp_path):
    """Positions that nobody can explain stop every run, until a person who has looked gives it up."""
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    rig.market.positions["AAA"] += 1
    for _ in range(2):
        with pytest.raises(UnknownState, match=r"AAA is 101, not 100.*--abandon"):
            rig.run()
    assert rig.recover(abandon=True).outcome == "abandoned"
    with pytest.raises(TargetError, match="given up with `recover --abandon`; part of it"):
        rig.run()
    rig.target = rig.target_for(WEIGHTS, "next")
    assert rig.run().outcome == "done"
    assert near(rig.held(), GOAL)


def test_c095_with_the_kill_switch_on_nothing_is_recovered(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    KillSwitch(rig.config.log_folder).turn_on("because", "test")
    broker = rig.broker()
    with pytest.raises(KillSwitchOn):
        rig.recover(broker)
    assert broker.attempts == 0


def test_c096_recovery_is_recorded(tmp_path):
    rig = rig_of(tmp_path)
    die_in_submit(rig)
    finish(rig)
    started = next(record for record in rig.records if record["event"] == "recovery_started")
    assert [order["state"] for order in started["orders"]] == ["intent"]
    assert started["orders"][0]["symbol"] == "BBB"
    assert "recovery_completed" in rig.events
