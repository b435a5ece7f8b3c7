"""The limits of a run: those of the configuration, and the target's own where they are stricter."""

from __future__ import annotations

from ...risk import RiskEngine, RiskLimits, RiskMonitor
from ..settings.sections import keys_of

OWN = ("max_position_pct", "max_leverage")
"""What a target may make stricter."""


def limits_of(config, target=None):
    """Give the limits in force.

    Parameters
    ----------
    config : Config
    target : Target, optional

    Returns
    -------
    RiskLimits
    """
    table = {name: getattr(config.risk, name) for name in keys_of(type(config.risk))} | config.risk.further
    for name in OWN if target is not None else ():
        own = getattr(target.constraints, name)
        if own is not None:
            table[name] = min(own, table[name])
    return RiskLimits.from_mapping(table)


def new_monitor(config, target, log, clock):
    """Make the monitor that every order of a run passes; it goes on from the losses of the runs before.

    When a person has cleared the kill switch since, losses count from there.

    Parameters
    ----------
    config : Config
    target : Target or None
    log : AuditLog
    clock : Clock

    Returns
    -------
    RiskMonitor
    """
    limits, state, cleared = limits_of(config, target), None, False
    for record in log.search("risk_state", "kill_cleared"):
        cleared = record.event == "kill_cleared"
        state = state if cleared else record
    if state is None:
        return RiskMonitor(limits, clock=clock)
    monitor = RiskMonitor.from_dict(state, limits, clock=clock)
    if cleared:
        monitor.reset()
    return monitor


def check_plan(plan, session, account, held, prices):
    """Hold a plan against the limits.

    Parameters
    ----------
    plan : Plan
    session : Session
    account : Account
    held : mapping of str to number
    prices : mapping of str to number
        Mid prices in cents.

    Returns
    -------
    RiskReport
    """
    engine = RiskEngine.from_limits(limits_of(session.config, session.target))
    orders = [(one.symbol, one.side, one.quantity, one.limit_price_cents) for one in plan.orders]
    return engine.check_batch(
        orders, account.equity_cents, dict(held), list(session.target.targets), prices=prices
    )
