"""``nanobook itch COMMAND FILE``: what is in files of NASDAQ ITCH 5.0."""

from __future__ import annotations

import sys
import warnings


def add_parser(subparsers):
    """Add the group and its commands."""
    group = subparsers.add_parser(
        "itch", help="look into files of NASDAQ ITCH 5.0", description="Look into files of NASDAQ ITCH 5.0."
    )
    commands = group.add_subparsers(title="commands", metavar="COMMAND", dest="itch_command", required=True)
    add_stats(commands)


def add_stats(commands):
    """Add ``stats``."""
    parser = commands.add_parser(
        "stats",
        help="count messages by type and by symbol",
        description="Count the messages of a file by type and by symbol. The exit code is 2 if the file is "
        "empty, damaged or cut.",
    )
    add_source(parser)
    parser.set_defaults(func=run_stats)


def add_source(parser):
    """Add the file and how it is read."""
    parser.add_argument("file", metavar="FILE", help="an ITCH 5.0 file, plain or gzip")
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="take the type's length where the one before a message is wrong",
    )
    parser.add_argument(
        "--allow-truncated", action="store_true", help="do not mind that the file ends within a message"
    )


def run_stats(args):
    """Print the counts; those of a cut file, too, before its error."""
    from ..errors import ClockBackwards, EmptyInput
    from ..feeds.itch import itch_stats
    from . import complain

    with warnings.catch_warnings():
        for told_below in (EmptyInput, ClockBackwards):
            warnings.simplefilter("ignore", told_below)
        stats = itch_stats(
            args.file, strict=not args.lenient, allow_truncated=True, progress=sys.stderr.isatty()
        )
    if not (stats.messages or stats.unknown or stats.truncated):
        return complain(f"{args.file}: no messages")
    print(stats)
    if stats.truncated is None or args.allow_truncated:
        return 0
    return complain(stats.truncated)
