"""``lob``: an order book to type at. ``run_line`` is all of it but the terminal.

Its words and lines are the original's; ``load`` and ``save`` are always there, and a price must be a
number that a book can hold (``nan`` and ``inf`` are none).
"""

from __future__ import annotations

import argparse
import io
import math
import os
import re
import sys
from pathlib import Path

from .._version import __version__
from . import hush

PROMPT = "lob> "
GREETING = ("Limit Order Book CLI v0.2.0", "Type 'help' for commands, 'quit' to exit.", "")
GOODBYE = "Goodbye!"
SIDES = {"buy": "buy", "b": "buy", "sell": "sell", "s": "sell"}
TIFS = ("gtc", "ioc", "fok")
CENTS_BELOW = 2.0**63
INT64_MAX = 2**63 - 1
MAX_QUANTITY = 2**62
BOOK_LEVELS = 10
TRADES_SHOWN = 20
BAR_LOTS, BAR_LONGEST = 50, 20
HISTORY_LINES = 1000
STATUSES = {"partiallyfilled": "PartiallyFilled"}

USAGES = {
    "buy": "<price> <qty> [ioc|fok]",
    "sell": "<price> <qty> [ioc|fok]",
    "market": "<buy|sell> <qty>",
    "stop": "<buy|sell> <stop_price> <qty>",
    "stoplimit": "<buy|sell> <stop_price> <limit_price> <qty> [ioc|fok]",
    "cancel": "<order_id>",
    "status": "<order_id>",
    "save": "<path>",
    "load": "<path>",
}
HELP = """\
Commands (prices in dollars, quantities in shares):
  buy <price> <qty> [gtc|ioc|fok]     limit order to buy
  sell <price> <qty> [gtc|ioc|fok]    limit order to sell
  market <buy|sell> <qty>             market order
  stop <buy|sell> <stop_price> <qty>  stop-market order
  stoplimit <buy|sell> <stop_price> <limit_price> <qty> [gtc|ioc|fok]
                                      stop-limit order
  cancel <order_id>                   cancel an order or a stop     (c)
  status <order_id>                   what became of an order       (s)
  book                                best 10 levels of both sides  (b)
  trades                              last 20 trades, newest first  (t)
  save <path>                         write the session to a file
  load <path>                         read a session from a file
  clear                               start over with an empty book
  help                                this list                     (h, ?)
  quit                                leave                         (exit, q)""".splitlines()


class Refusal(Exception):
    """A line that makes no command; says why."""


class Session:
    """What lasts from line to line.

    Attributes
    ----------
    book : Exchange
        Made when it is first asked for, since that loads the compiler.
    over : bool
        Whether ``quit`` was said.
    """

    def __init__(self):
        self.over = False
        self._book = None

    @property
    def book(self):
        """The exchange."""
        if self._book is None:
            from ..exchange import Exchange

            self._book = Exchange()
        return self._book

    @book.setter
    def book(self, book):
        self._book = book


def run_line(session, line):
    """Carry out one line.

    Parameters
    ----------
    session : Session
        Changed.
    line : str

    Returns
    -------
    list of str
        The lines to print.

    Examples
    --------
    >>> from nanobook.cli.lob import Session, run_line
    >>> session = Session()
    >>> run_line(session, "sell 100.50 100")
    ['Order #1: SELL 100 @ $100.50 GTC', '  Status: New (filled: 0, resting: 100, cancelled: 0)']
    >>> run_line(session, "buy 1oo 5")
    ["Invalid price: '1oo'"]
    """
    words = line.split()
    if not words:
        return []
    name = words[0].lower()
    name = ALIASES.get(name, name)
    if name not in COMMANDS:
        return [f"Unknown command: '{name}'. Type 'help' for commands."]
    needed = sum(word.startswith("<") for word in USAGES.get(name, "").split())
    if len(words) <= needed:
        return [f"Usage: {name} {USAGES[name]}"]
    from ..errors import NanobookError

    try:
        return COMMANDS[name](session, *words[1:])
    except (Refusal, NanobookError) as refusal:
        return [str(refusal)]


# Commands


def buy(session, price, quantity, tif="gtc", *_):
    """Submit a limit order to buy."""
    return limit(session, "buy", price, quantity, tif)


def sell(session, price, quantity, tif="gtc", *_):
    """Submit a limit order to sell."""
    return limit(session, "sell", price, quantity, tif)


def limit(session, side, price, quantity, tif):
    """Submit a limit order."""
    cents, lots, tif = cents_of(price, "price"), quantity_of(quantity), tif_of(tif)
    done = session.book.submit_limit(side, cents, lots, tif)
    return [
        f"Order #{done.order_id}: {side.upper()} {lots} @ {money(cents)} {tif.upper()}",
        *trade_lines(done),
        f"  Status: {done.status} (filled: {done.filled_quantity}, "
        f"resting: {done.resting_quantity}, cancelled: {done.cancelled_quantity})",
    ]


def market(session, side, quantity, *_):
    """Submit a market order."""
    side, lots = side_of(side), quantity_of(quantity)
    done = session.book.submit_market(side, lots)
    lines = [f"Order #{done.order_id}: MARKET {side.upper()} {lots}", *trade_lines(done)]
    if done.trades:
        paid = sum(trade.price * trade.quantity for trade in done.trades)
        lines.append(f"  Avg price: ${paid / done.filled_quantity / 100:.4f}")
    status = f"  Status: {done.status} (filled: {done.filled_quantity}, cancelled: {done.cancelled_quantity})"
    return [*lines, status]


def stop(session, side, price, quantity, *_):
    """Submit a stop-market order."""
    side, cents, lots = side_of(side), cents_of(price, "stop price"), quantity_of(quantity)
    done = session.book.submit_stop_market(side, cents, lots)
    title = f"Stop order #{done.order_id}: {side.upper()} stop-market @ {money(cents)} for {lots}"
    return [title, f"  Status: {done.status}"]


def stoplimit(session, side, stop_price, limit_price, quantity, tif="gtc", *_):
    """Submit a stop-limit order."""
    side, trigger = side_of(side), cents_of(stop_price, "stop price")
    cents, lots, tif = cents_of(limit_price, "limit price"), quantity_of(quantity), tif_of(tif)
    done = session.book.submit_stop_limit(side, trigger, cents, lots, tif)
    title = (
        f"Stop-limit order #{done.order_id}: {side.upper()} stop@{money(trigger)} limit@{money(cents)} "
        f"for {lots} {tif.upper()}"
    )
    return [title, f"  Status: {done.status}"]


def cancel(session, order_id, *_):
    """Cancel an order or a stop."""
    number = order_id_of(order_id)
    done = session.book.cancel(number)
    if done.success:
        return [f"Cancelled order #{number} ({done.cancelled_quantity} shares)"]
    return [f"Failed to cancel order #{number}: Some({done.error})"]


def status(session, order_id, *_):
    """Tell what became of an order or a stop."""
    number = order_id_of(order_id)
    pending = session.book.get_stop_order(number)
    if pending is not None:
        return stop_lines(number, pending)
    order = session.book.get_order(number)
    if order is None:
        return [f"Order #{number} not found"]
    return [
        f"Order #{number}:",
        f"  Side:      {order.side.capitalize()}",
        f"  Price:     {money(order.price)}",
        f"  Quantity:  {order.original_quantity} "
        f"(filled: {order.filled_quantity}, remaining: {order.remaining_quantity})",
        f"  Status:    {status_name(order.status)}",
        f"  TIF:       {order.time_in_force.upper()}",
    ]


def stop_lines(number, order):
    """What there is to say of a stop, pending or not."""
    limit_price = order["limit_price"]
    tif = "gtc" if limit_price is None else order.time_in_force  # of a market stop as the original says
    return [
        f"Stop order #{number}:",
        f"  Side:       {order['side'].capitalize()}",
        f"  Stop price: {money(order['stop_price'])}",
        *([] if limit_price is None else [f"  Limit price: {money(limit_price)}"]),
        f"  Quantity:   {order['quantity']}",
        f"  Status:     {status_name(order['status'])}",
        f"  TIF:        {tif.upper()}",
    ]


def book(session, *_):
    """Show the best levels."""
    shot = session.book.depth(BOOK_LEVELS)
    lines = ["", " " * 12 + "ORDER BOOK", "  " + "─" * 30]
    if not (shot.bids or shot.asks):
        return [*lines, "  (empty)", ""]
    spread = shot.spread()
    told = "(no spread)" if spread is None else f"spread: ${spread / 100:.2f}"
    lines += [level_line("ASK", level) for level in reversed(shot.asks)]
    lines.append(f"  ─────── {told} ───────")
    lines += [level_line("BID", level) for level in shot.bids]
    return [*lines, ""]


def level_line(side, level):
    """One price level with a bar of its lots."""
    bar = "█" * min(level.quantity // BAR_LOTS, BAR_LONGEST)
    price = f"{level.price / 100:>8.2f}"
    return f"  {side} ${price}  {level.quantity:>6}  {bar:<{BAR_LONGEST}}  ({level.order_count} orders)"


def trades(session, *_):
    """Show the last trades, newest first."""
    done = session.book.trades()
    if not len(done):
        return ["No trades yet."]
    heads = f"  {'ID':>4}  {'Price':>10}  {'Qty':>8}  {'Buyer':>6} → {'Seller':>6}"
    lines = ["", f"  TRADE HISTORY ({len(done)} trades)", "  " + "─" * 42, heads]
    for trade in reversed(done[-TRADES_SHOWN:]):
        pair = trade.aggressor_order_id, trade.passive_order_id
        buyer, seller = pair if trade.aggressor_side == "buy" else pair[::-1]
        price = f"${trade.price / 100:>9.2f}"
        lines.append(f"  {trade.trade_id:>4}  {price}  {trade.quantity:>8}  {buyer:>6} → {seller:>6}")
    if len(done) > TRADES_SHOWN:
        lines.append(f"  ... and {len(done) - TRADES_SHOWN} more")
    return [*lines, ""]


def save(session, path, *_):
    """Write the session to a file."""
    from ..errors import NanobookError

    try:
        session.book.save(path)
    except (OSError, NanobookError) as error:
        return [f"Save failed: {error}"]
    return [f"Saved to {path}"]


def load(session, path, *_):
    """Read a session from a file; the present one stays if that fails."""
    from ..errors import NanobookError
    from ..exchange import Exchange

    try:
        session.book = Exchange.load(path)
    except (OSError, NanobookError) as error:
        return [f"Load failed: {error}"]
    return [f"Loaded from {path}"]


def clear(session, *_):
    """Start over."""
    session.book = None
    return ["Book cleared."]


def help_(session, *_):
    """List the commands."""
    return HELP


def leave(session, *_):
    """End the session."""
    session.over = True
    return [GOODBYE]


COMMANDS = {
    "buy": buy,
    "sell": sell,
    "market": market,
    "stop": stop,
    "stoplimit": stoplimit,
    "cancel": cancel,
    "status": status,
    "book": book,
    "trades": trades,
    "save": save,
    "load": load,
    "clear": clear,
    "help": help_,
    "quit": leave,
}
ALIASES = {
    "c": "cancel",
    "s": "status",
    "b": "book",
    "t": "trades",
    "h": "help",
    "?": "help",
    "exit": "quit",
    "q": "quit",
}


# Words into values and values into words


def cents_of(word, name):
    """Cents of a price in dollars, halves away from zero."""
    try:
        cents = 100.0 * float(word) if word.isascii() and "_" not in word else math.nan
    except ValueError:
        cents = math.nan
    if not 0.0 < cents < CENTS_BELOW:  # false for nan, too
        raise Refusal(f"Invalid {name}: '{word}'")
    whole = math.floor(cents)
    return whole + (cents - whole >= 0.5)


def quantity_of(word):
    """Shares of an order."""
    return whole_of(word, "quantity", 1, MAX_QUANTITY)


def order_id_of(word):
    """Id of an order."""
    return whole_of(word, "order ID", 0, INT64_MAX)


def whole_of(word, name, lowest, highest):
    """Whole number within bounds."""
    # 20 digits are enough for any; Python refuses to read some thousands.
    digits = re.fullmatch(r"\+?0*([0-9]{1,20})", word, re.ASCII)
    number = int(digits[1]) if digits else -1
    if not lowest <= number <= highest:
        raise Refusal(f"Invalid {name}: '{word}'")
    return number


def side_of(word):
    """Side of an order."""
    if word.lower() not in SIDES:
        raise Refusal(f"Invalid side: '{word.lower()}'. Use buy or sell.")
    return SIDES[word.lower()]


def tif_of(word):
    """Time in force of an order."""
    if word.lower() not in TIFS:
        raise Refusal(f"Unknown TIF: '{word.lower()}'. Use gtc, ioc, or fok.")
    return word.lower()


def trade_lines(done):
    """Trades of a submission, nothing if there are none."""
    lines = [f"    {trade.quantity} @ {money(trade.price)}" for trade in done.trades]
    return ["  Trades:", *lines] if lines else []


def money(cents):
    """Price as dollars and cents."""
    from ..values import Price

    return str(Price(cents))


def status_name(text):
    """Status as the command line writes it: ``PartiallyFilled`` for ``partiallyfilled``."""
    return STATUSES.get(text, text.capitalize())


# The terminal


def main(argv=None):
    """Run the console script ``lob``.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process unless told.

    Returns
    -------
    int
        0.
    """
    parser = argparse.ArgumentParser(
        prog="lob",
        description="A limit order book to type at: orders go in, line by line, and what became of them "
        "comes out. 'help' lists the commands.",
    )
    parser.add_argument("--version", action="version", version=f"lob {__version__}")
    parser.parse_args(argv)
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        with_history(converse)
    except BrokenPipeError:  # whoever read our output has seen enough
        hush()
    return 0


def converse():
    """Read lines and print answers until the end; Ctrl-C gives up the line."""
    session = Session()
    print(*GREETING, sep="\n")
    while not session.over:
        try:
            answer = run_line(session, input(PROMPT))
        except EOFError:
            session.over = True
            answer = [*([""] if sys.stdin.isatty() else []), GOODBYE]
        except KeyboardInterrupt:
            answer = [""]
        for line in answer:
            print(line)


def with_history(run):
    """Run with line editing and with the lines of earlier sessions, where someone types them."""
    readline = readline_of() if sys.stdin.isatty() else None
    if readline is None:
        return run()
    readline.set_history_length(HISTORY_LINES)
    try:
        path = history_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            readline.read_history_file(path)
    except (OSError, RuntimeError) as error:  # the latter where there is no home
        print(f"lob: no history: {error}", file=sys.stderr)
        return run()
    try:
        return run()
    finally:
        write_history(readline, path)


def readline_of():
    """Import ``readline``, None on systems without it."""
    try:
        import readline
    except ImportError:
        return None
    return readline


def history_path():
    """Where the history lies: in the user's folder for state."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "nanobook" / "lob_history"


def write_history(readline, path):
    """Replace the history file at once, so that it is never half written."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        readline.write_history_file(half)
        os.replace(half, path)
    except OSError as error:
        print(f"lob: history not kept: {error}", file=sys.stderr)
