"""``rebalancer recover TARGET``: settle a run that was not finished, and go on with it."""

from .run import trade


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
    from ...rebalancer.running.recover import recover
    from .progress import Progress

    return trade(
        args,
        lambda session: recover(session, dry_run=args.dry_run, abandon=args.abandon, progress=Progress()),
    )
