"""What a person sees while orders work: one line each."""

import sys
import threading

from ...rebalancer.tables import GREEN, RED, YELLOW
from .talk import is_terminal, say

ENDS = {"Filled": "FILLED", "PartialFill": "PARTIAL", "Cancelled": "CANCELLED", "Failed": "FAILED"}


SLOW = "preparing orders; a paper broker's matching engine is compiled once a machine, for up to a minute"


class Progress:
    """Called with every record of a run; writes ``[i/n] ACTION shares SYM @ $limit ... FILLED`` to stderr.

    On a terminal a line begins when its order leaves, elsewhere it is written as a whole.

    Parameters
    ----------
    quiet : bool
        Say nothing but what went wrong.
    patience : float
        Seconds without a word, once orders may follow, until it is said what may take so long.
    """

    def __init__(self, quiet=False, patience=3.0):
        self.quiet, self.patience = quiet, patience
        self.waiting = None  # who will say so
        self.planned = {}
        self.lines = {}
        self.shares = {}
        self.begun = None  # the order whose line waits for its end

    def __call__(self, record):
        """Take in a record."""
        event = record["event"]
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None
        if event == "execution_started" and not self.quiet:
            self.waiting = threading.Timer(self.patience, say, [SLOW])
            self.waiting.daemon = True
            self.waiting.start()
        if event == "diff_computed":
            self.planned = {order["symbol"]: n for n, order in enumerate(record["orders"], 1)}
        elif event == "order_intent":
            self.begin(record)
        elif event in END_OF:
            self.end(record, END_OF[event](record | {"shares": self.shares.get(record["client_order_id"])}))
        elif event in ("order_skipped", "order_cut"):
            self.end_line()
            say(f"{record['symbol']}: {record['reason']}")

    def begin(self, record):
        """Begin an order's line."""
        name = record["client_order_id"]
        place = f"[{self.planned.get(record['symbol'], '?')}/{len(self.planned)}] "
        action = f"{record['action']} {record['shares']} {record['symbol']} @ ${record['limit']} ... "
        self.lines[name], self.shares[name] = place + action, record["shares"]
        if is_terminal(sys.stderr) and not self.quiet:
            self.end_line()
            say(self.lines[name], end="")
            self.begun = name

    def end(self, record, text):
        """End an order's line."""
        if self.quiet and text == "FILLED":
            return
        code = GREEN if text == "FILLED" else YELLOW if text.startswith("PARTIAL") else RED
        name = record["client_order_id"]
        if self.begun == name:
            self.begun = None
        else:
            self.end_line()
            text = self.lines.get(name, "") + text
        say(text, code)

    def end_line(self):
        """Leave the line of an order whose end is not known yet."""
        if self.begun is not None:
            self.begun = None
            say("")


def filled(record):
    """Say how an order ended."""
    end = ENDS.get(record["status"], record["status"])
    return f"{end} {record['filled']}/{record['shares']}" if end == "PARTIAL" else end


END_OF = {
    "order_filled": filled,
    "order_failed": lambda record: f"FAILED: {record.get('error_message') or record.get('reason', '')}",
    "order_unknown": lambda record: "UNKNOWN: asking the broker",
}
