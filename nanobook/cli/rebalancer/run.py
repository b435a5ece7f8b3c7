"""``rebalancer run TARGET``: plan, check, ask, execute, reconcile."""

from contextlib import nullcontext, suppress

from .opening import broker_of, config_of
from .talk import ask, give, say


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="bring the account to a target",
        description="Bring the account to the weights of a target. What an earlier run left unfinished is "
        "settled first; a target that was executed before is not executed again.",
    )
    parser.add_argument("target", metavar="TARGET", help="target.json")
    parser.add_argument("--dry-run", action="store_true", help="plan and check, and send nothing")
    parser.add_argument("--force", action="store_true", help="do not ask before orders are sent")
    parser.add_argument("--cron-mode", action="store_true", help="do not ask, and say little: for cron")
    parser.add_argument("--live", action="store_true", help="needed, beside broker.live, to trade real money")
    parser.set_defaults(func=run)


def run(args):
    """Bring an account to a target."""
    from ...rebalancer.running.execute import run_rebalance
    from .progress import Progress

    def action(session):
        if args.cron_mode:
            session.log.record("cron_start", durable=False)
        report = run_rebalance(
            session,
            dry_run=args.dry_run,
            confirm=session.stop.asking(asker(args)),
            progress=Progress(quiet=args.cron_mode),
        )
        if args.cron_mode:  # an error has left before: what failed was not completed
            session.log.record("cron_completed", outcome=report.outcome)
        return report

    return trade(args, action)


def trade(args, action):
    """Open a session, do what trades, and give its report; also of a run that an error ended."""
    from ...rebalancer.running.session import open_session
    from ...rebalancer.settings.rules import check_switch
    from ...rebalancer.stopping.signals import StopSignals
    from ...rebalancer.stopping.switch import KillSwitch
    from ...rebalancer.targets.target import read_target

    config = config_of(args)
    target = read_target(args.target)
    if not args.dry_run:
        check_switch(config, args.live)
    broker, stop = broker_of(config), StopSignals(KillSwitch(config.log_folder))
    with stop, open_session(config, target, broker, stop=stop) as session:
        try:
            report = action(session)
        except Exception:
            if session.report is not None:
                say(session.report)
            raise
    give_report(args, report)
    return 0


def asker(args):
    """Make what is called before orders are sent."""

    def confirm(plan):
        unasked = args.force or args.cron_mode
        if not args.json:
            with suppress(OSError) if unasked else nullcontext():  # who meant to read it may have left
                print(f"{plan}\n", flush=not unasked)
        return unasked or ask("Execute?")

    return confirm


ENDS = {
    "nothing_to_do": "No rebalancing needed.",
    "dry_run": "[DRY RUN] No orders submitted.",
    "declined": "Declined: no orders submitted.",
}

SHOWN = ("dry_run", "nothing_to_do")
"""Outcomes whose plan nobody has seen yet."""


def give_report(args, report):
    """Give what has become of a run."""
    data = {
        name: getattr(report, name)
        for name in ("scope", "outcome", "submitted", "filled", "failed", "orders", "notes", "head")
    }
    data["plan"] = list(report.plan or ())
    parts = [report.plan] if report.plan is not None and report.outcome in SHOWN else []
    if report.outcome not in ENDS:
        parts.append(report)
    elif report.plan is None or ENDS[report.outcome] not in str(report.plan):
        parts.append(ENDS[report.outcome])
    parts += report.notes if report.outcome in ENDS else ()
    if report.reconciliation is not None:
        data["reconciliation"] = list(report.reconciliation)
        parts.append(report.reconciliation)
    give(args, data, "\n\n".join(map(str, parts)))
    if report.head:
        say(f"audit trail: {report.head}")
