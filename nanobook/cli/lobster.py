"""``nanobook lobster check MESSAGES ORDERBOOK``: whether two files of LOBSTER explain each other."""

from __future__ import annotations

import warnings

SHOWN = 10


def add_parser(subparsers):
    """Add the group and its command."""
    group = subparsers.add_parser(
        "lobster", help="check files of LOBSTER", description="Check files of LOBSTER."
    )
    commands = group.add_subparsers(
        title="commands", metavar="COMMAND", dest="lobster_command", required=True
    )
    parser = commands.add_parser(
        "check",
        help="compare every row of an order-book file with its message, and with a book built from them",
        description="Say how many rows of the order-book file their message explains, and in how many the "
        "book built from the messages equals the file. The exit code is 1 if any does not.",
    )
    parser.add_argument("messages", metavar="MESSAGES", help="the message file")
    parser.add_argument("orderbook", metavar="ORDERBOOK", help="the order-book file")
    parser.set_defaults(func=run)


def run(args):
    """Print the comparison."""
    from ..errors import ClockBackwards
    from ..feeds.lobster import read_lobster
    from ..feeds.lobster_check import explain_lobster, replay_lobster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClockBackwards)
        messages, book = read_lobster(args.messages, args.orderbook)
    explained, replay = explain_lobster(messages, book), replay_lobster(messages, book)
    print(f"messages    {len(messages):,}")
    if messages.backwards:
        print(f"backwards   {messages.backwards:,} times")
    print(f"explained   {explained.explained:,} of {explained.transitions:,}")
    print(f"book equal  {int(replay.equal.sum()):,} of {replay.equal.size:,}, ", end="")
    print(f"{replay.known.min()} to {replay.known.max()} of {book.price.shape[2]} levels known on each side")
    if explained.explained < explained.transitions:
        print(explained.to_frame().head(SHOWN).to_string(index=False))
    if replay.books.faults.total:
        print(replay.books.faults)
    return int(explained.explained < explained.transitions or not replay.equal.all())
