"""The command line of the rebalancer: ``rebalancer COMMAND``. One file per command or two.

Each file has ``add_parser(commands)``, which sets ``func``; that returns the exit code. Data goes to stdout,
what is said about it to stderr. What is heavy is imported inside functions, so that ``rebalancer --help``
answers at once. Exit codes are those of ``nanobook.rebalancer.exits``.
"""

import argparse

from ..._version import __version__


def main(argv=None):
    """Run one command of the rebalancer.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process unless told.

    Returns
    -------
    int
        The exit code; an error was told on stderr.

    Raises
    ------
    SystemExit
        From argparse: 0 after ``--help`` and ``--version``, 2 after arguments that make no command.

    Examples
    --------
    >>> from nanobook.cli.rebalancer import main
    >>> main(["--config", "no/such/config.toml", "status"])  # says so on stderr
    2
    """
    args = new_parser().parse_args(argv)
    from .talk import finish

    return finish(args.func, args)


def new_parser():
    """Make the parser of all commands."""
    from . import audit, check, init, look, recover, run, stop

    parser = argparse.ArgumentParser(
        prog="rebalancer",
        description="Bring an account to target weights: plan, check, execute, audit, reconcile.",
        epilog="Exit codes: 0 done, 2 bad input, 3 a file failed, 4 already running, 5 risk, 6 broker, "
        "7 unknown state, 8 kill switch, 9 audit trail changed. 'rebalancer init' writes a sample.",
    )
    parser.add_argument("--version", action="version", version=f"rebalancer {__version__}")
    add_common(parser, None, "overrides")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in (init, check, look, run, recover, stop, audit):
        command.add_parser(commands)
    for command in commands.choices.values():
        add_common(command, argparse.SUPPRESS, "overrides_behind")  # one name for both would lose the first
    return parser


def add_common(parser, default, overrides):
    """Add what every command takes, before its name or behind it."""
    parser.add_argument(
        "--config", metavar="FILE", default=default, help="configuration; ./config.toml unless told"
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        dest=overrides,
        default=default,
        help="use another value for section.key; limits of risk can only be set in the file",
    )
    parser.add_argument(
        "--json", action="store_true", default=default or False, help="give data as JSON on stdout"
    )
