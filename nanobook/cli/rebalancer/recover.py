"""``rebalancer recover TARGET``: settle a run that was not finished, and go on with it."""

from .opening import broker_of, config_of
from .run import give_report


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "recover",
        help="settle an unfinished run",
        description="Ask the broker what became of each order that an unfinished run may have sent, and go "
        "on with what remains. Nothing is guessed: what cannot be told ends with exit code 7.",
    )
    parser.add_argument("target", metavar="TARGET", help="target.json of that run")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    parser.add_argument(
        "--abandon", action="store_true", help="give the run up: cancel its orders, send nothing more"
    )
    parser.add_argument("--live", action="store_true", help="needed, beside broker.live, to trade real money")
    parser.set_defaults(func=run)


def run(args):
    """Settle an unfinished run."""
    from ...rebalancer.config_rules import check_switch
    from ...rebalancer.recover import recover
    from ...rebalancer.session import open_session
    from ...rebalancer.signals import StopSignals
    from ...rebalancer.switch import KillSwitch
    from ...rebalancer.target import read_target
    from .progress import Progress

    config = config_of(args)
    if not args.dry_run:
        check_switch(config, args.live)
    target = read_target(args.target)
    stop = StopSignals(KillSwitch(config.log_folder))
    with stop, open_session(config, target, broker_of(config), stop=stop) as session:
        report = recover(session, dry_run=args.dry_run, abandon=args.abandon, progress=Progress())
    give_report(args, report)
    return 0
