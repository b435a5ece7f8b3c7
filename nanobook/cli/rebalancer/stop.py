"""``rebalancer kill``: stop everything, or let it go on again."""

from .opening import broker_of, config_of
from .talk import give


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "kill",
        help="stop all orders, now",
        description="Turn the kill switch on, stop the run, cancel its open orders and see that they are gone. "
        "The switch stays on until --clear.",
    )
    parser.add_argument("--timeout-secs", type=float, metavar="N", help="how long the run may take to stop")
    parser.add_argument("--clear", action="store_true", help="turn the switch off again; needs --reason")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; goes into the audit trail")
    parser.set_defaults(func=run)


def run(args):
    """Stop everything, or let it go on again."""
    return clear(args) if args.clear else stop(args)
