"""A run: from target weights to orders at the broker, and its end in the audit trail.

``run_rebalance`` is all of it. Before anything is sent the plan is durable; orders are the ``desk``'s; what
an earlier run left open is settled first, by ``recover``.
"""

from __future__ import annotations

from ...errors import (
    AuditError,
    BrokerError,
    ConfigError,
    MultiplierError,
    NanobookError,
    RiskRejected,
    TargetError,
    UnknownState,
)
from ...exact import dollars
from ...hints import listing, printable
from ..audit.runs import last_run
from ..planning.plan import make_plan
from ..planning.reconcile import reconcile_exact
from .desk import Desk
from .limits import check_plan
from .records import money_text, order_record
from .report import RunReport, order_rows
from .state import RunState

AGAIN = ("dry_run", "declined", "failed", "interrupted")
"""Outcomes after which a target may be run anew: nothing was sent."""


BROKEN_OFF = {
    "abandoned": "given up with `recover --abandon`",
    "superseded": "left unfinished for another target",
}
"""Outcomes after which a target is neither executed nor run anew."""


def run_rebalance(session, *, dry_run=False, confirm=None, progress=None):
    """Bring an account to its target weights.

    Parameters
    ----------
    session : Session
        What ``open_session`` gives.
    dry_run : bool
        Plan and check, and send nothing.
    confirm : callable, optional
        Called with the ``Plan`` when it has passed the limits; nothing is sent unless it gives True. Without
        it nobody is asked.
    progress : callable, optional
        Called with every record of the audit trail (a dict with ``event``), after it was written. If it
        fails it is not called again, and the report's ``notes`` say so.

    Returns
    -------
    RunReport
        Also as ``session.report``, which is there when an error ends the run, too.

    Raises
    ------
    KillSwitchOn, RunStopped
        It was told to stop. The same call goes on with the rest.
    RiskRejected, OrderRejected
        A limit, or the broker, refused an order.
    BrokerError
        The broker cannot be reached, or has no fresh quote.
    UnknownState
        What is so at the broker cannot be told: a person must look.
    AuditError
        A record could not be made durable: nothing was sent after it.
    """
    from .recover import resume

    session.kill.check()
    done = already_done(session)
    if done is not None:
        return done
    desk = Desk(session, progress)
    report = resume(desk, dry_run)
    return report if report is not None else fresh_run(desk, dry_run, confirm)


def already_done(session):
    """Give the report of a target that was executed before, None if it was not."""
    target = session.target
    entry = last_run(session.log, target.scope)
    if entry is None or entry.is_open or entry.outcome in AGAIN:
        return None
    first = next(iter(session.log.records(entry.offset)))
    if first.get("digest") != target.digest:
        raise TargetError(
            f"target {printable(target.scope)!r} was executed before, with other contents; give the new one "
            "an id or a timestamp of its own"
        )
    if entry.outcome in BROKEN_OFF:
        raise TargetError(
            f"target {printable(target.scope)!r} was begun on {first['ts']} and {BROKEN_OFF[entry.outcome]}; "
            "part of it may have been executed; make the target anew, with an id or a timestamp of its own"
        )
    note = f"executed before, on {first['ts']}: nothing is sent again"
    return session.reported(RunReport(target.scope, "already_done", notes=[note]))


def fresh_run(desk, dry_run, confirm):
    """Run a target that was not begun before."""
    session, trail = desk.session, desk.trail
    check_age(session)
    trail.state = RunState()
    desk.connect()
    account = check_broker(desk)
    positions = resolved_positions(desk)
    trail.record(
        "run_started",
        scope=session.target.scope,
        digest=session.target.digest,
        target_file=printable(session.target.source),
        account=printable(account.account_id or session.config.account.id),
        config=session.config.digest,
        dry_run=dry_run,
    )
    try:
        plan = make_and_record_plan(desk, account, positions)
        outcome = may_execute(desk, plan, dry_run, confirm)
    except AuditError:
        raise
    except NanobookError as error:
        close(desk, "failed", error=error)
        raise
    if outcome:
        return close(desk, outcome, plan)
    trail.record("execution_started", orders=len(plan.orders))
    desk.monitor.plan(plan.orders)
    return execute(desk, plan)


def check_age(session):
    """Refuse a target that is too old to send orders for."""
    session.target.check_age(session.clock.now(), session.config.execution.target_max_age_hours)


def check_broker(desk):
    """Refuse a broker whose clock or account is not what it must be; gives the account."""
    desk.guard.check_clock()
    account, wanted = desk.facts.account(), desk.session.config.account.id
    if account.account_id and account.account_id != wanted:
        raise ConfigError(
            f"account.id: the configuration names {wanted!r}, and the broker reports "
            f"{printable(account.account_id)!r}; nothing was sent"
        )
    if account.equity_cents <= 0:
        raise RiskRejected(f"the account's equity is {dollars(account.equity_cents)}; nothing was sent")
    desk.monitor.equity(account.equity_cents)
    desk.guard.refuse_halted()
    return account


# The plan


def resolved_positions(desk):
    """Give what is held; refuses, before anything is written, what is unknown or cannot be weighed."""
    positions = desk.line.ask(desk.session.broker.positions)
    desk.facts.resolve([*(one.symbol for one in positions), *desk.session.target.weights])
    return positions


def make_and_record_plan(desk, account, positions):
    """Plan the orders; the plan is durable when this returns."""
    desk.trail.record(
        "positions_fetched",
        positions=[
            {"symbol": one.symbol, "qty": one.quantity, "avg_cost": money_text(one.avg_cost_cents)}
            for one in positions
        ],
        equity=money_text(account.equity_cents),
    )
    plan = plan_for(desk, account, {one.symbol: one.quantity for one in positions})
    desk.trail.record(
        "diff_computed",
        orders=[order_record(order) for order in plan.orders],
        skipped=[dict(one) for one in plan.skipped],
    )
    return plan


def plan_for(desk, account, held):
    """Plan from what the broker tells: every symbol is resolved and priced before any order is made."""
    session = desk.session
    prices = desk.facts.price([*held, *session.target.weights])
    plan = make_plan(session.target, held, prices, account, session.config, desk.facts.instruments)
    return plan.with_risk(check_plan(plan, session, account, held, prices))


def may_execute(desk, plan, dry_run, confirm):
    """Tell with what outcome a run ends before any order, '' if orders may follow."""
    if not plan.orders:
        desk.trail.record("no_rebalance_needed")
        return "dry_run" if dry_run else "nothing_to_do"
    refuse_clashes(desk)
    report = plan.risk
    desk.trail.record("risk_check", passed=not report.has_failures(), checks=[dict(row) for row in report])
    if report.has_failures():
        texts = listing(f"{row['name']}: {row['detail']}" for row in report.failures)
        raise RiskRejected(f"the limits do not let the plan out: {texts}", report)
    if dry_run:
        return "dry_run"
    if confirm is not None:
        approved = bool(confirm(plan))
        desk.trail.record("user_confirmed", approved=approved)
        if not approved:
            return "declined"
    return ""


def refuse_clashes(desk):
    """Refuse to trade a symbol of which somebody else has an order open; note what else is open."""
    orders = desk.line.ask(desk.session.broker.open_orders)
    others = {
        printable(f"{order.side} {order.remaining_quantity} {order.symbol} (order {order.id})"): order
        for order in orders
        if order.client_order_id not in desk.state.tickets
    }
    if not others:
        return
    desk.trail.record("foreign_orders", orders=list(others))
    desk.trail.notes.append(f"open orders that are not of this run: {listing(others)}")
    clashing = [text for text, order in others.items() if order.symbol in desk.state.planned]
    if clashing:
        raise UnknownState(
            f"somebody else has orders open in symbols of this plan: {listing(clashing)}; cancel them, or "
            "wait until they have ended"
        )


# The orders


def execute(desk, plan=None):
    """Send what is due of a plan, and end the run."""
    desk.session.broker.prepare()
    try:
        for symbol in desk.state.planned:
            desk.work(symbol)
        desk.guard.refuse_halted()
        desk.facts.confirmed_positions()
    except NanobookError as error:
        desk.session.reported(report_of(desk, "stopped", plan))
        if not isinstance(error, AuditError):
            desk.trail.record("run_stopped", error_type=type(error).__name__, reason=printable(error))
            desk.trail.record("risk_state", **desk.monitor.to_dict())
        raise
    report = close(desk, "done", plan)
    compare(desk, report)
    return report


def compare(desk, report):
    """Hold what is held now against the target; the run is over, so nothing of this can fail it."""
    session, facts = desk.session, desk.facts
    try:
        equity, held = facts.account().equity_cents, facts.positions()
        prices = facts.price([*held, *session.target.weights])
    except (BrokerError, MultiplierError) as error:
        report.notes.append(f"not reconciled: {printable(error)}")
        return
    found = reconcile_exact(
        session.target,
        held,
        prices,
        equity,
        instruments=facts.instruments,
        min_trade_cents=session.min_trade_cents,
    )
    report.reconciliation = found
    desk.trail.record(
        "reconciled", within_one_lot=found.is_within_one_lot, tracking_error=found.tracking_error
    )
    report.head = session.log.head


def close(desk, outcome, plan=None, error=None):
    """Write the end of a run."""
    report = report_of(desk, outcome, plan)
    details = {} if error is None else {"error_type": type(error).__name__, "reason": printable(error)}
    counts = {"submitted": report.submitted, "filled": report.filled, "failed": report.failed}
    desk.trail.record("risk_state", **desk.monitor.to_dict())
    desk.trail.record("run_completed", scope=desk.state.scope, outcome=outcome, **counts, **details)
    report.head = desk.session.log.head
    return desk.session.reported(report)


def report_of(desk, outcome, plan=None):
    """Write what a run has done so far."""
    return RunReport(desk.state.scope, outcome, order_rows(desk.state), plan, notes=list(desk.trail.notes))
