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
    add_replay(commands)


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


def add_replay(commands):
    """Add ``replay``."""
    parser = commands.add_parser(
        "replay",
        help="build the books of all symbols; write executions, or levels after every message",
        description="Build the books of all symbols from a file, order by order, and tell what was wrong "
        "with it. Executions, or with --levels the best levels after each message, are written as columns.",
    )
    add_source(parser)
    parser.add_argument("--symbol", help="the symbol whose levels are recorded; all unless told")
    parser.add_argument(
        "--levels", type=int, default=0, metavar="N", help="record so many levels of both sides"
    )
    parser.add_argument("--out", metavar="FILE", help="where columns go: .npz, .csv or .parquet")
    parser.set_defaults(func=run_replay)


def run_replay(args):
    """Print what the books look like in the end; write columns."""
    from ..errors import ClockBackwards, EmptyInput
    from ..feeds.books import FeedBooks
    from ..feeds.feed_replay import replay_feed
    from ..feeds.itch import read_itch
    from . import complain
    from .columns import check_suffix, write_columns

    if args.out:
        check_suffix(args.out)
    books = FeedBooks()
    with warnings.catch_warnings():
        for told_below in (EmptyInput, ClockBackwards):
            warnings.simplefilter("ignore", told_below)
        with read_itch(
            args.file,
            strict=not args.lenient,
            allow_truncated=args.allow_truncated,
            progress=sys.stderr.isatty(),
        ) as reader:
            result = replay_feed(reader, levels=args.levels, symbol=args.symbol, books=books)
    if not reader.messages:
        return complain(f"{args.file}: no messages")
    if args.out:
        write_columns(args.out, result.columns() if args.levels else executions_of(result))
    print("\n".join(told_of(result, reader)))
    return 0


def told_of(result, reader):
    """Lines about a replay: what was read, what rests, what was wrong."""
    books = result.books
    yield f"messages    {books.messages:,}"
    yield f"executions  {len(result.executions):,}"
    yield f"symbols     {len(books.symbols()):,} with orders of {len(books.directory):,}"
    yield f"orders      {len(books):,}"
    if len(result.places):
        yield f"recorded    {len(result.places):,}"
    if reader.backwards:
        yield f"backwards   {reader.backwards:,} times"
    yield f"books       sha256 {books.digest()}"
    if books.faults.total:
        yield repr(books.faults)


def executions_of(result):
    """Executions as columns."""
    executions = result.executions
    return {name: executions[name] for name in executions.dtype.names}
