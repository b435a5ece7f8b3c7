"""The rules of a run: what is sent, when, in which order, and what is not."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from nanobook.errors import (
    ClockSkew,
    ConfigError,
    ConnectionFailed,
    IntegrityError,
    KillSwitchOn,
    MultiplierError,
    NoQuote,
    OrderRejected,
    RateLimited,
    RiskRejected,
    RunStopped,
    TargetError,
    UnknownInstrument,
    UnknownState,
)
from nanobook.rebalancer.exits import exit_code
from nanobook.rebalancer.stopping.switch import KillSwitch

from .invariants import Witness
from .rig import GOAL, PRICES, WEIGHTS, Rig, multiplied, new_market


@pytest.fixture
def rig(tmp_path):
    """A run that nothing happens to; no order arrives without an intent."""
    rig = Rig(tmp_path)
    Witness(rig)
    return rig


def scripted(tmp_path, scripts, **options):
    """A rig whose orders become what scripts say."""
    rig = Rig(tmp_path, new_market(scripts=scripts), **options)
    Witness(rig)
    return rig


def sent(rig):
    """Orders that arrived at the broker: symbol, side, quantity."""
    return [(order["symbol"], order["side"], order["quantity"]) for order in rig.market.orders]


# The whole of it


def test_nothing_heavy_is_loaded():
    import subprocess
    import sys

    code = (
        "import sys, nanobook.rebalancer.running.recover, nanobook.rebalancer.running.session\n"
        "print(sorted({'numpy', 'numba', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_run_reaches_its_target(rig):
    report = rig.run()
    assert rig.held() == GOAL
    assert (report.outcome, report.submitted, report.filled, report.failed) == ("done", 4, 4, 0)
    assert report.reconciliation.is_within_one_lot
    assert report.head.split(":")[0].isdecimal()


def test_sells_come_before_buys(rig):
    rig.run()
    assert [side for _, side, _ in sent(rig)] == ["sell", "sell", "buy", "buy"]


def test_every_record_comes_before_its_effect(rig):
    """The plan before the first intent, an intent before each order (the witness looks), ends in turn."""
    rig.run()
    assert rig.events[:5] == [
        "run_started",
        "positions_fetched",
        "diff_computed",
        "risk_check",
        "execution_started",
    ]
    assert rig.events[5:17] == ["order_intent", "order_submitted", "order_filled"] * 4
    assert rig.events[17:] == ["risk_state", "run_completed", "reconciled"]


def test_records_of_the_original_have_its_fields(rig):
    rig.run()
    by_event = {record["event"]: record for record in rig.records}
    assert {"target_file", "account"} <= by_event["run_started"].keys()
    assert {"symbol", "qty", "avg_cost"} <= by_event["positions_fetched"]["positions"][0].keys()
    planned = by_event["diff_computed"]["orders"][0]
    assert {"symbol", "action", "shares", "limit", "description"} <= planned.keys()
    assert planned["limit"] == "99.95"
    assert {"symbol", "action", "shares", "limit", "ibkr_id"} <= by_event["order_submitted"].keys()
    filled = by_event["order_filled"]
    assert {"symbol", "ibkr_id", "filled", "avg_price", "commission_cents", "status"} <= filled.keys()
    assert (filled["status"], filled["avg_price"], filled["commission_cents"]) == ("Filled", "200.01", 100)
    assert {"submitted", "filled", "failed"} <= by_event["run_completed"].keys()


def test_client_ids_are_those_of_the_original(rig):
    from nanobook.broker import ClientOrderId

    rig.run()
    assert rig.market.orders[0]["client"] == ClientOrderId.derive("2026-01", "AAA", "sell", 200)


def test_c061_a_target_is_executed_once(rig):
    rig.run()
    rig.market.positions.clear()  # even if it would trade again
    for _ in range(20):
        report = rig.run()
    assert report.outcome == "already_done"
    assert "executed before" in str(report)
    assert len(rig.market.orders) == 4
    assert rig.wire.messages == 0


def test_c061_a_target_executed_with_other_contents_is_refused(rig):
    rig.run()
    rig.target = rig.target_for({**WEIGHTS, "AAA": 0.2}, "2026-01")
    with pytest.raises(TargetError, match="'2026-01' was executed before, with other contents"):
        rig.run()
    assert rig.wire.messages == 0


def test_c061_a_stale_target_is_refused(rig):
    rig.clock.advance(25 * 3600)
    with pytest.raises(TargetError, match=r"1\.0 days|25\.0 hours"):
        rig.run()
    assert rig.wire.messages == 0


def test_a_dry_run_sends_nothing_and_counts_for_nothing(rig):
    report = rig.run(dry_run=True)
    assert (report.outcome, len(report.plan.orders)) == ("dry_run", 4)
    assert sent(rig) == []
    assert rig.run().outcome == "done"


def test_declined(rig):
    asked = []
    report = rig.run(confirm=lambda plan: asked.append(plan))
    assert report.outcome == "declined"
    assert len(asked[0].orders) == 4
    assert (sent(rig), rig.records[4]["approved"]) == ([], False)
    assert rig.run(confirm=lambda plan: True).outcome == "done"


def test_nothing_to_do(rig):
    rig.run()
    rig.target = rig.target_for(WEIGHTS, "next")
    report = rig.run()
    assert report.outcome == "nothing_to_do"
    assert "no_rebalance_needed" in rig.events
    assert len(sent(rig)) == 4


def test_a_report_can_be_looked_at(rig):
    report = rig.run()
    frame = report.to_frame()
    assert list(frame["status"]) == ["Filled"] * 4
    assert "AAA" in report._repr_html_()
    assert "SELL 200 AAA @ $99.95: Filled 200/200" in str(report)


def test_orders_keep_their_interval(tmp_path):
    rig = Rig(tmp_path, order_interval_ms=500)
    times = []
    take = rig.market.on_submit
    rig.market.on_submit = lambda **order: (times.append(rig.clock.monotonic()), take(**order))[1]
    rig.run()
    assert all(b - a >= 0.5 for a, b in pairwise(times))


def test_too_many_orders_are_refused(tmp_path):
    rig = Rig(tmp_path, max_orders_per_run=3)
    with pytest.raises(RiskRejected, match="4 orders, more than"):
        rig.run()
    assert sent(rig) == []


# Partial fills and time-outs


def test_partial_fills_are_followed_to_the_end(tmp_path):
    rig = scripted(tmp_path, {"AAA": ["part rest part fill"]})
    assert rig.run().outcome == "done"
    assert rig.held() == GOAL
    assert rig.events.count("order_progress") == 2


def test_what_is_not_filled_in_time_is_cancelled(tmp_path):
    rig = scripted(tmp_path, {"BBB": ["part"]})
    report = rig.run()
    assert rig.held() == {**GOAL, "BBB": 300}
    row = next(row for row in report.orders if row["symbol"] == "BBB")
    assert (row["status"], row["filled"], row["reason"]) == ("PartialFill", 300, "timeout")
    assert rig.events.count("cancel_intent") == 1
    assert report.outcome == "done"
    assert rig.run().outcome == "already_done"  # a time-out is an end


def test_a_fill_that_beats_its_cancellation_counts(tmp_path):
    rig = scripted(tmp_path, {"BBB": [" ".join(["rest"] * 8)]})
    cancel = rig.market.on_cancel

    def too_late(id):
        rig.market.fill(rig.market.by_id[id], 600)
        return cancel(id)

    rig.market.on_cancel = too_late
    assert rig.run().outcome == "done"
    assert rig.held() == GOAL


def test_a_cancellation_without_effect_is_unknown(tmp_path):
    rig = scripted(tmp_path, {"BBB": [""]})
    rig.market.scripts["BBB"] = ["rest"]
    rig.market.on_cancel = lambda id: {}
    with pytest.raises(UnknownState, match=r"buy 600 BBB .* no answer to its cancellation") as error:
        rig.run()
    assert exit_code(error.value) == 7
    assert ("DDD", "buy", 100) not in sent(rig)


# Money


def test_c092_buys_wait_for_the_proceeds_of_sells(tmp_path):
    """Sells that are refused fund nothing: the buys are cut to the cash that there is."""
    rig = scripted(tmp_path, {"AAA": ["reject halted"]}, on_reject="continue")
    rig.market.cash = 3_000_000
    rig.market.positions["AAA"] = 600
    rig.run()
    assert rig.market.cash >= 0
    spent = sum(order["spent"] for order in rig.market.orders if order["side"] == "buy")
    assert spent <= 3_000_000 + 250 * 1999
    assert "order_cut" in rig.events or "order_skipped" in rig.events


def test_c092_proceeds_that_come_late_are_waited_for(rig):
    """The account shows the money of the sells 3 s after they were filled."""
    rig.market.cash = 4_100_000
    rig.market.positions["AAA"] = 490
    account, late = rig.market.on_account, []

    def lagging():
        told = account()
        if rig.market.fills and not late:
            late.append(rig.clock.monotonic() + 3)
        if late and rig.clock.monotonic() < late[0]:
            told["cash"] = 100_000
        return told

    rig.market.on_account = lagging
    assert rig.run().outcome == "done"
    assert {symbol: rig.held()[symbol] for symbol in ("BBB", "DDD")} == {"BBB": 600, "DDD": 100}
    assert "order_cut" not in rig.events


def test_c091_a_buy_is_cut_to_whole_lots_that_the_money_pays(tmp_path):
    from nanobook.rebalancer.planning.costs import money_needed
    from nanobook.rebalancer.running.facts import most_for
    from nanobook.rebalancer.settings.sections import Cost

    for money in (0, 1, 9_999, 10_035, 10_036, 123_456, 10_000_000):
        for lot in (1, 10):
            quantity = most_for(money, 10_000, Cost(), lot)
            assert quantity % lot == 0
            assert quantity == 0 or money_needed(quantity, 10_000, Cost()) <= money
            assert money_needed(quantity + lot, 10_000, Cost()) > money


# Rejects


def test_c083_a_reject_stops_the_run(tmp_path):
    rig = scripted(tmp_path, {"CCC": ["reject margin"]})
    with pytest.raises(OrderRejected, match="refused for margin") as error:
        rig.run()
    assert exit_code(error.value) == 6
    assert [symbol for symbol, *_ in sent(rig)] == ["AAA"]
    failed = next(record for record in rig.records if record["event"] == "order_failed")
    assert (failed["code"], failed["symbol"]) == ("margin", "CCC")
    assert sum(rig.market.received.values()) == 2  # no second try


def test_c083_or_the_others_are_sent(tmp_path):
    rig = scripted(tmp_path, {"CCC": ["reject short"]}, on_reject="continue")
    report = rig.run()
    assert rig.held() == {**GOAL, "CCC": 500}
    assert (report.submitted, report.filled, report.failed) == (4, 3, 1)
    assert sum(rig.market.received.values()) == 4  # no second try
    assert rig.run().outcome == "already_done"


def test_c083_after_a_stop_the_same_target_goes_on_with_the_others(tmp_path):
    rig = scripted(tmp_path, {"CCC": ["reject margin", "fill"]})
    with pytest.raises(OrderRejected):
        rig.run()
    assert rig.run().outcome == "done"
    assert rig.held() == {**GOAL, "CCC": 500}
    assert sum(rig.market.received.values()) == 4


def test_c083_rejects_in_a_row_stop_everything(tmp_path):
    rig = scripted(tmp_path, {symbol: ["reject price"] for symbol in PRICES}, on_reject="continue")
    rig.config.risk.further["max_rejects"] = 3
    with pytest.raises(RiskRejected, match="3 orders in a row were rejected") as error:
        rig.run()
    assert exit_code(error.value) == 5
    assert sum(rig.market.received.values()) == 3


def test_c083_a_reject_as_a_duplicate_means_that_the_broker_has_the_order(rig):
    broker = rig.broker()
    submit = broker._submit

    def twice(order):
        submit(order)
        raise OrderRejected("duplicate order", "duplicate", order.client_order_id)

    broker._submit = twice
    assert rig.run(broker).outcome == "done"
    assert rig.held() == GOAL
    assert "order_failed" not in rig.events


def test_c084_a_closed_market_stops_the_run_before_its_second_order(tmp_path):
    rig = scripted(tmp_path, {symbol: ["reject closed"] for symbol in PRICES})
    with pytest.raises(OrderRejected, match="closed"):
        rig.run()
    assert sum(rig.market.received.values()) == 1


# Limits


def test_the_limits_hold_for_the_plan(tmp_path):
    rig = Rig(tmp_path)
    rig.config.risk.further["max_order_value_cents"] = 2_500_000
    with pytest.raises(RiskRejected, match="BBB"):
        rig.run()
    assert sent(rig) == []
    assert rig.records[-1]["outcome"] == "failed"


def test_the_limits_hold_for_every_order(rig):
    """The price runs away between the plan and the order: its collar holds it back."""
    confirm = lambda plan: rig.market.prices.update(BBB=6_000) or True  # noqa: E731
    with pytest.raises(RiskRejected, match=r"BBB: .*[Cc]ollar"):
        rig.run(confirm=confirm)
    assert [symbol for symbol, *_ in sent(rig)] == ["AAA", "CCC"]
    skipped = next(record for record in rig.records if record["event"] == "order_skipped")
    assert (skipped["symbol"], skipped["shares"]) == ("BBB", 600)


def test_a_loss_above_its_limit_turns_the_kill_switch_on(rig):
    rig.run()
    rig.market.cash -= 3_000_000
    rig.target = rig.target_for({"AAA": 0.3}, "next")
    with pytest.raises(RiskRejected, match="halted"):
        rig.run()
    assert len(sent(rig)) == 4
    with pytest.raises(KillSwitchOn, match=r"Drawdown|Daily loss"):
        rig.run()


def test_losses_count_from_run_to_run_until_a_person_clears_them(rig):
    test_a_loss_above_its_limit_turns_the_kill_switch_on(rig)
    switch = KillSwitch(rig.config.log_folder)
    from nanobook.rebalancer.audit.log import AuditLog

    with AuditLog(rig.config.audit_path, clock=rig.clock) as log:
        switch.clear("me", "seen", log)
    assert rig.run().outcome == "done"


def test_a_fill_of_more_than_was_ordered_stops_everything(rig):

    broker = rig.broker()
    told = broker._executions
    broker._executions = lambda: [
        replace(fill, quantity=101) if fill.symbol == "DDD" else fill for fill in told()
    ]
    with pytest.raises(RiskRejected, match="unexpected fill: buy 101 DDD"):
        rig.run(broker)
    with pytest.raises(KillSwitchOn, match="unexpected fill"):
        rig.run()


# What the broker says of itself


def test_c073_an_unknown_symbol_fails_before_any_order(rig):
    rig.target = rig.target_for({**WEIGHTS, "NOPE": 0.1, "NADA": 0.1}, "typo")
    with pytest.raises(UnknownInstrument, match="NOPE, NADA"):
        rig.run()
    assert sent(rig) == []


@pytest.mark.parametrize("symbol", ["CCC", "DDD"])
def test_c088_a_multiplier_stops_a_run_before_anything_is_written(rig, symbol):
    """One is held, the other is wanted; when it is gone the same target is run."""
    with pytest.raises(MultiplierError, match=f"{symbol} has the multiplier 50: .*take them out") as caught:
        rig.run(multiplied(rig, symbol))
    assert (sent(rig), rig.records, exit_code(caught.value)) == ([], [], 2)
    assert rig.run().outcome == "done"


def test_c088_a_multiplier_that_comes_during_a_run_is_not_reconciled(rig):
    rig.market.prices["ES"] = 630_000
    broker = multiplied(rig, "ES")
    submit = broker._submit

    def bought_meanwhile(order):
        rig.market.positions["ES"] = 1
        return submit(order)

    broker._submit = bought_meanwhile
    report = rig.run(broker)
    assert report.outcome == "done"
    assert report.reconciliation is None
    assert "not reconciled: ES has the multiplier 50" in report.notes[-1]


def test_c085_a_stale_quote_is_refused(rig):
    broker = rig.broker()
    fresh = broker._quote
    broker._quote = lambda symbol: _with_time(fresh(symbol), rig.clock.now() - timedelta(seconds=31))
    with pytest.raises(NoQuote, match="older than 30 s"):
        rig.run(broker)
    assert sent(rig) == []


@pytest.mark.parametrize(("ahead", "outcome"), [(0.9, "done"), (1.1, "refused")])
def test_c085_a_quote_of_the_future_is_refused_unless_clocks_may_differ_so(rig, ahead, outcome):
    broker = rig.broker()
    fresh = broker._quote
    broker._quote = lambda symbol: _with_time(fresh(symbol), rig.clock.now() + timedelta(seconds=ahead))
    if outcome == "done":
        assert rig.run(broker).outcome == "done"
    else:
        with pytest.raises(NoQuote):
            rig.run(broker)
        assert sent(rig) == []


def test_c085_a_quote_that_becomes_stale_stops_before_the_order(rig):
    broker = rig.broker()
    fresh, old = broker._quote, []

    def quote(symbol):
        seconds = 31 if old and symbol == "BBB" else 0
        return _with_time(fresh(symbol), rig.clock.now() - timedelta(seconds=seconds))

    broker._quote = quote
    with pytest.raises(NoQuote, match="BBB"):
        rig.run(broker, confirm=lambda plan: old.append(1) or True)
    assert [symbol for symbol, *_ in sent(rig)] == ["AAA", "CCC"]


def _with_time(quote, moment):

    return replace(quote, timestamp=moment)


@pytest.mark.parametrize("seconds", [-1.5, 1.5])
def test_c094_a_clock_that_is_off_is_refused(rig, seconds):
    broker = rig.broker()
    broker._server_time = lambda: rig.clock.now() + timedelta(seconds=seconds)
    with pytest.raises(ClockSkew, match=r"1\.5 s apart, and at most 1 s"):
        rig.run(broker)
    assert sent(rig) == []


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_c094_a_jump_of_the_wall_clock_is_noticed(rig, seconds):
    """The clock is set back or forth after the plan: the broker's is another now, so nothing is sent."""
    broker = rig.broker()
    start = rig.clock.now()
    broker._server_time = lambda: start + timedelta(seconds=rig.clock.monotonic())
    with pytest.raises(ClockSkew):
        rig.run(broker, confirm=lambda plan: rig.clock.jump(seconds) or True)
    assert sent(rig) == []


def test_another_account_is_refused(rig):

    rig.config = replace(rig.config, account=replace(rig.config.account, id="DU1"))
    with pytest.raises(ConfigError, match="names 'DU1', and the broker reports 'SIM'"):
        rig.run()
    assert sent(rig) == []


def test_c089_an_account_without_equity_is_refused(rig):
    rig.market.cash = -10_000_000
    with pytest.raises(RiskRejected, match="equity"):
        rig.run()
    assert sent(rig) == []


def test_c086_a_broker_that_wants_a_pause_gets_it(rig):
    broker = rig.broker()
    ask, asked = broker._account, []

    def limited():
        asked.append(rig.clock.monotonic())
        if len(asked) == 1:
            raise RateLimited("slow down", retry_after=7)
        return ask()

    broker._account = limited
    assert rig.run(broker).outcome == "done"
    assert asked[1] - asked[0] == pytest.approx(7)


def test_c086_a_ban_stops_all(rig):
    broker = rig.broker()

    def banned(symbol):
        raise RateLimited("banned", banned=True)

    broker._quote = banned
    with pytest.raises(RateLimited):
        rig.run(broker)
    assert sent(rig) == []


def test_a_broker_that_cannot_be_reached_is_told_at_once(rig):
    broker = rig.broker(refusals=1)
    broker.wire.was_cut = True
    with pytest.raises(ConnectionFailed):
        rig.run(broker)
    assert rig.clock.slept == 0
    assert rig.run().outcome == "done"


# What others do in the account


def test_c081_c082_an_open_order_of_somebody_else_in_the_same_symbol_is_refused(tmp_path):
    foreign = {"symbol": "BBB", "side": "buy", "quantity": 5, "limit": 4000}
    rig = Rig(tmp_path, new_market(foreign=[foreign]))
    with pytest.raises(UnknownState, match=r"buy 5 BBB \(order 1\)") as error:
        rig.run()
    assert exit_code(error.value) == 7
    assert len(sent(rig)) == 1


def test_c081_one_in_another_symbol_is_shown_and_left_alone(tmp_path):
    foreign = {"symbol": "EEE", "side": "buy", "quantity": 5, "limit": 4000}
    rig = Rig(tmp_path, new_market(foreign=[foreign], prices={**PRICES, "EEE": 4100}))
    report = rig.run()
    assert "buy 5 EEE (order 1)" in str(report)
    assert rig.market.orders[0]["status"] == "Submitted"


@pytest.mark.parametrize(("change", "hint"), [(7, ""), (900, "looks like a 4-for-1 split")])
def test_c081_c093_positions_that_change_from_outside_stop_the_run(rig, change, hint):
    def confirm(plan):
        rig.market.positions["AAA"] += change
        return True

    with pytest.raises(UnknownState, match=rf"AAA is {300 + change}, not 300.*{hint}") as error:
        rig.run(confirm=confirm)
    assert exit_code(error.value) == 7
    assert sent(rig) == []


def test_c093_they_do_after_a_crash_too(tmp_path):
    rig = scripted(tmp_path, {"BBB": ["reject margin"]})
    with pytest.raises(OrderRejected):
        rig.run()
    rig.market.positions["AAA"] *= 4
    with pytest.raises(UnknownState, match=r"AAA is 400, not 100.*4-for-1 split"):
        rig.run()
    assert len(sent(rig)) == 2


# Stopping


def test_c095_with_the_kill_switch_on_nobody_is_asked_anything(rig):
    KillSwitch(rig.config.log_folder).turn_on("because", "test")
    broker = rig.broker()
    with pytest.raises(KillSwitchOn, match="because") as error:
        rig.run(broker)
    assert exit_code(error.value) == 8
    assert (broker.attempts, rig.wire.messages) == (0, 0)


def test_who_looks_on_cannot_end_a_run(tmp_path):
    rig, seen = scripted(tmp_path, {}), []

    def progress(record):
        seen.append(record["event"])
        if record["event"] == "order_intent":
            raise BrokenPipeError(32, "Broken pipe")

    report = rig.run(progress=progress)
    assert report.outcome == "done"
    assert seen[-1] == "order_intent"
    assert seen.count("order_intent") == 1
    assert any("progress failed: BrokenPipeError" in note for note in report.notes)


@pytest.mark.parametrize("policy", ["cancel", "leave"])
def test_c071_a_signal_stops_between_orders(tmp_path, policy):
    rig = scripted(tmp_path, {"CCC": [" ".join(["rest"] * 9 + ["fill"])]}, on_interrupt=policy)

    def progress(record):
        rig.records.append(record)
        if record["event"] == "order_submitted" and record["symbol"] == "CCC":
            rig.stopping = "SIGTERM"

    with pytest.raises(RunStopped, match="SIGTERM") as error:
        rig.run(progress=progress)
    assert exit_code(error.value) == 130
    assert [symbol for symbol, *_ in sent(rig)] == ["AAA", "CCC"]
    assert rig.market.orders[1]["status"] == ("Cancelled" if policy == "cancel" else "Submitted")
    rig.stopping = ""
    assert rig.run().outcome == "done"  # the rest, and what was cancelled
    assert rig.held() == GOAL


def test_c018_the_kill_switch_cancels_what_lives_and_sends_nothing(tmp_path):
    rig = scripted(tmp_path, {"CCC": ["part rest rest rest"]})
    switch = KillSwitch(rig.config.log_folder)

    def progress(record):
        rig.records.append(record)
        if record["event"] == "order_submitted" and record["symbol"] == "CCC":
            switch.turn_on("stop!", "test")

    with pytest.raises(KillSwitchOn, match="stop!"):
        rig.run(progress=progress)
    assert [symbol for symbol, *_ in sent(rig)] == ["AAA", "CCC"]
    assert rig.market.orders[1]["status"] == "Cancelled"


def test_no_intent_is_written_when_the_kill_switch_was_turned_on_before(rig):
    broker = rig.broker()
    quote = broker._quote

    def slow(symbol):
        if "execution_started" in rig.events:
            KillSwitch(rig.config.log_folder).turn_on("now", "test")
        return quote(symbol)

    broker._quote = slow
    with pytest.raises(KillSwitchOn):
        rig.run(broker)
    assert "order_intent" not in rig.events


def test_the_kill_switch_counts_between_intent_and_order(rig):
    """The last look is after the intent: it was not sent, says the log, and it can be sent later."""
    switch = KillSwitch(rig.config.log_folder)

    def progress(record):
        rig.records.append(record)
        if record["event"] == "order_intent":
            switch.turn_on("now", "test")

    with pytest.raises(KillSwitchOn):
        rig.run(progress=progress)
    assert sent(rig) == []
    assert "order_not_sent" in rig.events
    switch.clear("me", "looked")
    assert rig.run().outcome == "done"
    assert rig.held() == GOAL


def test_c097_a_log_of_another_account_or_key_is_refused(rig, monkeypatch):

    from nanobook.rebalancer.audit.keys import VARIABLE

    rig.run()
    rig.target = rig.target_for(WEIGHTS, "next")
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, "0123456789abcdef")
        with pytest.raises(IntegrityError):
            rig.run()
    assert rig.wire.messages == 0
    rig.config = replace(rig.config, account=replace(rig.config.account, id="DU1"))
    with pytest.raises(IntegrityError, match="another account"):
        rig.run()
    assert rig.wire.messages == 0


def test_c097_an_edited_log_is_never_traded_on(rig):
    rig.run()
    path = rig.config.audit_path
    path.write_bytes(path.read_bytes().replace(b'"AAA"', b'"AAB"', 1))
    rig.target = rig.target_for(WEIGHTS, "next")
    with pytest.raises(IntegrityError) as error:
        rig.run()
    assert (exit_code(error.value), rig.wire.messages) == (9, 0)
