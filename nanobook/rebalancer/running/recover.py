"""After a crash: what the log left open is settled at the broker, order by order, before anything new.

The log tells what may have been sent; the broker tells what became of it; ``settle`` decides. Nothing is
guessed: an order that cannot be accounted for, or a position that the fills do not explain, stops everything.
"""

from __future__ import annotations

from ...errors import IntegrityError, TargetError, UnknownState
from ...hints import printable
from ..audit.runs import open_runs
from .desk import Desk
from .execute import check_age, check_broker, close, execute, refuse_clashes, report_of
from .report import RunReport
from .settle import decide
from .state import ABSENT, INTENT, LIVE, UNKNOWN, rebuild

OPEN = (INTENT, UNKNOWN, LIVE, ABSENT)


def recover(session, *, dry_run=False, abandon=False, progress=None):
    """Settle and go on with a run that was not finished.

    Parameters
    ----------
    session : Session
        Of the same target, or of another: then the unfinished run is settled, its open orders are cancelled
        and it is closed.
    dry_run : bool
        Ask the broker, tell what would be done, and do nothing.
    abandon : bool
        Give the unfinished run up, whatever the positions are: its open orders are cancelled, the rest is
        not sent. For a person who has looked at the account.
    progress : callable, optional
        As of ``run_rebalance``.

    Returns
    -------
    RunReport
        'nothing_to_do' where no run was left open.

    Raises
    ------
    UnknownState
        Names each order or position that cannot be explained.
    NanobookError
        As ``run_rebalance``.
    """
    session.kill.check()
    desk = Desk(session, progress)
    report = resume(desk, dry_run, abandon)
    if report is None:
        report = session.reported(RunReport(session.scope, "nothing_to_do", notes=["no run was left open"]))
    return report


def resume(desk, dry_run=False, abandon=False):
    """Settle all runs that were left open; gives the report of the last one if the call is done with it."""
    report = None
    for entry in open_runs(desk.session.log):
        report = resume_one(desk, entry, dry_run, abandon) or report
        if report is not None and report.outcome not in ("superseded", "abandoned"):
            return report
    return report if abandon else None


def resume_one(desk, entry, dry_run, abandon):
    """Settle one run, and go on with it if it is of this target."""
    state = desk.trail.state = state_of(desk.session, entry)
    if state.phase != "confirmed":  # nothing was sent
        return None if dry_run else leave_behind(desk, "interrupted")
    target = desk.session.target
    same = target is not None and target.scope == state.scope
    if same and target.digest != state.digest and not abandon:
        raise TargetError(
            f"target {printable(target.scope)!r} was begun with other contents; bring the file back to "
            "finish it, or give the new one an id or a timestamp of its own"
        )
    desk.connect(patient=True)
    if dry_run:
        return tell(desk)
    desk.monitor.plan(state.planned.values())
    settle_all(desk, None if same and not abandon else 0, forgiving=abandon)
    if abandon:
        return close(desk, "abandoned")
    held = desk.facts.confirmed_positions()
    desk.trail.record("recovery_completed", orders=len(state.tickets))
    if not same:
        return close(desk, "superseded")
    check_age(desk.session)
    check_broker(desk)
    refuse_clashes(desk)
    desk.facts.price([*held, *state.planned])
    return execute(desk)


def leave_behind(desk, outcome):
    """Close a run that had sent nothing."""
    close(desk, outcome)
    desk.session.reported(None)


def settle_all(desk, patience, forgiving):
    """Find out about all orders that the log leaves open, and see them to their ends.

    ``forgiving`` notes those of which nobody can tell, and goes on.
    """
    tickets = [ticket for ticket in desk.state.tickets.values() if ticket.state in OPEN]
    told = [
        {"client_order_id": one.client_order_id, "symbol": one.symbol, "state": str(one.state)}
        for one in tickets
    ]
    desk.trail.record("recovery_started", orders=told)
    for ticket in tickets:
        before = ticket.state
        try:
            if before is not LIVE:
                desk.follower.look(ticket)
            desk.follower.settle(ticket, patience)
        except UnknownState as error:
            if not forgiving:
                raise
            desk.trail.notes.append(str(error))
        desk.trail.notes.append(
            f"{before} order {ticket.client_order_id} of {ticket.symbol}: {ticket.status or ticket.state}"
        )


def tell(desk):
    """Say what a recovery would do, asking the broker and changing nothing."""
    for ticket in desk.state.tickets.values():
        if ticket.state in OPEN:
            seconds = 0 if ticket.state is LIVE else desk.session.broker.in_flight_seconds
            status = desk.follower.found(ticket, seconds)
            told = "not found" if status is None else str(status.status)
            desk.trail.notes.append(
                f"{ticket.side} {ticket.quantity} {ticket.symbol} (order {ticket.client_order_id}): "
                f"{ticket.state} in the log, {told} at the broker: {decide(ticket.state, status)}"
            )
    for symbol in desk.state.planned:
        if (due := desk.state.due(symbol)) is not None:
            desk.trail.notes.append(f"{symbol}: {due[1]} still to be sent")
    return desk.session.reported(report_of(desk, "dry_run"))


def state_of(session, entry):
    """Rebuild the state of a run from the log."""
    records = session.log.records(entry.offset)
    first = next(iter(records), None)
    if first is None or first["event"] != "run_started" or first["scope"] != entry.scope:
        raise IntegrityError(
            f"{session.log.path}: the run {printable(entry.scope)!r} does not begin at byte {entry.offset}, "
            "where the list of runs has it"
        )
    return rebuild([first, *records])
