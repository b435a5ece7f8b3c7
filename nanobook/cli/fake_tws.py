"""``nanobook fake-tws``: a fake Trader Workstation on loopback, to rehearse against."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import suppress


def add_parser(subparsers):
    """Add the command."""
    parser = subparsers.add_parser(
        "fake-tws",
        help="start a fake Trader Workstation to rehearse against",
        description="Start a fake Trader Workstation on loopback. It speaks the real wire protocol, and "
        "fills orders from our own matching engine. It runs until Ctrl-C. At a terminal, or with "
        "--commands, it takes commands, a line each: set_quote AAPL bid=184.9 ask=185.1 / orders / "
        "executions / positions / values / add_fault on=placeOrder do=drop_after / drop / "
        "restart seconds=2 / end_day / quit; all are methods of nanobook.testing.FakeTws. On a new machine "
        "the engine is compiled first, which takes up to a minute.",
    )
    parser.add_argument("--port", type=int, default=4002, metavar="N", help="4002 unless told; 0: a free one")
    parser.add_argument("--quotes", metavar="FILE", help="CSV or JSON with symbol, bid, ask[, last, ...]")
    parser.add_argument("--positions", metavar="FILE", help="CSV or JSON with symbol, quantity, average_cost")
    parser.add_argument("--cash", default="1000000", metavar="N", help="dollars; a million unless told")
    parser.add_argument("--account", default="DU1234567", metavar="ID", help="name of the account")
    parser.add_argument("--server-version", type=int, default=178, metavar="N", help="protocol, 157 to 178")
    parser.add_argument("--commands", action="store_true", help="take commands, and end with the input")
    parser.set_defaults(func=run)


def run(args):
    """Serve until Ctrl-C, ``quit``, or the end of the commands."""
    from ..testing.fake_tws import FakeTws

    tws = FakeTws(
        args.quotes,
        positions=args.positions or (),
        cash=args.cash,
        account=args.account,
        port=args.port,
        server_version=args.server_version,
    )
    if not args.commands:  # a program that starts it need not wait
        print("loading the matching engine ...", file=sys.stderr, flush=True)
        tws.prepare()
    with suppress(KeyboardInterrupt), tws:
        if args.commands:
            print(json.dumps({"port": tws.port}), flush=True)
        else:
            print(
                f"fake TWS at {tws.host}:{tws.port}, account {tws.account}: {' '.join(tws.symbols)}",
                flush=True,
            )
        if args.commands or sys.stdin.isatty():
            take_commands(tws, sys.stdin)
        else:
            threading.Event().wait()
    return 0


def take_commands(tws, lines):
    """Do what the lines say, and answer each with a line of JSON."""
    from ..errors import NanobookError
    from ..testing.fake_tws.controls import command_of

    for line in lines:
        if not line.strip():
            continue
        try:
            name, args, kwargs = command_of(line)
            if name == "quit":
                return
            answer = {"result": tws._call(name, *args, **kwargs)}
        except NanobookError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer, default=float), flush=True)
