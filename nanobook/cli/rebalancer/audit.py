"""``rebalancer audit COMMAND FILE``: look into an audit trail; nothing is written."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS

WRONG = 9  # exit code of a trail that was changed


def add_parser(subparsers):
    """Add the group and its commands."""
    group = subparsers.add_parser(
        "audit", help="verify or read an audit trail", description="Verify or read an audit trail."
    )
    commands = group.add_subparsers(title="commands", metavar="COMMAND", dest="audit_command", required=True)
    add_verify(commands)
    add_show(commands)
    add_stats(commands)


def add_verify(commands):
    """Add ``verify``."""
    parser = commands.add_parser(
        "verify",
        help="check that no record was changed, added or removed",
        description="Check every record of a trail, the chain of them and its end. The exit code is 9 if the "
        "trail was changed or cut; the number of the first record that is wrong is told.",
    )
    add_source(parser)
    parser.add_argument(
        "--anchor", metavar="COUNT:HASH", help="a record that must be there, as a run printed it in the end"
    )
    parser.set_defaults(func=run_verify)


def add_show(commands):
    """Add ``show``."""
    parser = commands.add_parser(
        "show", help="print records", description="Print the records of a trail, one a line."
    )
    add_source(parser)
    parser.add_argument("--event", help="only records of this event")
    parser.add_argument("--last", type=int, metavar="N", help="only the last N records")
    parser.set_defaults(func=run_show)


def add_stats(commands):
    """Add ``stats``."""
    parser = commands.add_parser(
        "stats", help="count records and orders", description="Count the records of a trail, and its orders."
    )
    add_source(parser)
    parser.set_defaults(func=run_stats)


def add_source(parser):
    """Add the file, its key, and how to answer."""
    parser.add_argument("file", metavar="FILE", help="the trail, usually logs/audit.jsonl")
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help="holds the key that the trail was made with; else NANOBOOK_AUDIT_KEY does",
    )
    parser.add_argument("--json", action="store_true", default=SUPPRESS, help="print JSON")


def wants_json(args):
    """Whether JSON was asked for, here or before the command."""
    return getattr(args, "json", False)


def key_of(args):
    """Find the key."""
    from ...rebalancer.audit.keys import audit_key

    return audit_key(os.environ, args.key_file)


def run_verify(args):
    """Print what was found; 9 if it is not right."""
    from dataclasses import asdict

    from ...rebalancer.audit.verify import verify_log

    report = verify_log(args.file, key_of(args), anchor=args.anchor)
    print(dumped(asdict(report)) if wants_json(args) else report)
    if report.ok:
        return 0
    where = "the head" if report.record is None else f"record {report.record}"
    print(f"rebalancer: error: {report.path}: {where}: {report.problem}", file=sys.stderr)
    return WRONG


def run_show(args):
    """Print records."""
    from ...rebalancer.audit.contents import read_records

    for record in read_records(args.file, key_of(args), event=args.event, last=args.last):
        print(dumped(record) if wants_json(args) else line_of(record))
    return 0


def run_stats(args):
    """Print counts."""
    from dataclasses import asdict

    from ...rebalancer.audit.contents import log_stats

    stats = log_stats(args.file, key_of(args))
    print(dumped(asdict(stats)) if wants_json(args) else stats)
    return 0


def line_of(record):
    """Write a record for people: number, time, event, payload."""
    from ...hints import printable

    payload = {k: v for k, v in record.items() if k not in ("event", "ts", "seq", "prev", "hash")}
    told = " ".join(f"{name}={dumped(value)}" for name, value in payload.items())
    return f"{record.seq:>7} {printable(record['ts'][:23])} {printable(record.event):<22} {told}".rstrip()


def dumped(value):
    """Write JSON in one line; what a terminal would obey is escaped."""
    import json

    return json.dumps(value, separators=(",", ":"))
