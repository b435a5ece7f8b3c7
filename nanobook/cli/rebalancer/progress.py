"""What a person sees while orders work: one line each."""

from ...rebalancer.tables import GREEN, RED, YELLOW
from .talk import say

ENDS = {"Filled": "FILLED", "PartialFill": "PARTIAL", "Cancelled": "CANCELLED", "Failed": "FAILED"}


class Progress:
    """Called with every record of a run; writes ``[i/n] ACTION shares SYM @ $limit ... FILLED`` to stderr.

    Parameters
    ----------
    quiet : bool
        Say nothing but what went wrong.
    """

    def __init__(self, quiet=False):
        self.quiet = quiet
        self.planned = {}
        self.lines = {}

    def __call__(self, record):
        """Take in a record."""
        event = record["event"]
        if event == "diff_computed":
            self.planned = {order["symbol"]: n for n, order in enumerate(record["orders"], 1)}
        elif event == "order_intent":
            self.lines[record["client_order_id"]] = self.line_of(record)
        elif event in ("order_filled", "order_failed", "order_unknown"):
            self.tell(record, END_OF[event](record))
        elif event in ("order_skipped", "order_cut"):
            say(f"{record['symbol']}: {record['reason']}")

    def line_of(self, record):
        """Write the beginning of an order's line."""
        place = f"[{self.planned.get(record['symbol'], '?')}/{len(self.planned)}] "
        return f"{place}{record['action']} {record['shares']} {record['symbol']} @ ${record['limit']} ... "

    def tell(self, record, end):
        """Write an order's line."""
        if not self.quiet or end != "FILLED":
            code = GREEN if end == "FILLED" else YELLOW if end.startswith("PARTIAL") else RED
            say(self.lines.get(record["client_order_id"], "") + end, code)


def filled(record):
    """Say how an order ended."""
    end = ENDS.get(record["status"], record["status"])
    return f"{end} {record['filled']}" if end == "PARTIAL" else end


END_OF = {
    "order_filled": filled,
    "order_failed": lambda record: f"FAILED: {record.get('error_message') or record.get('reason', '')}",
    "order_unknown": lambda record: "UNKNOWN: asking the broker",
}
