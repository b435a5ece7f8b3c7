"""What a check answers: rows, as the original's list of dicts, that also answer for themselves."""

from html import escape

from ..hints import printable

PASS, WARN, FAIL = "PASS", "WARN", "FAIL"


class RiskReport(list):
    """Rows of a check, one a limit: ``{"name": ..., "status": "PASS" | "WARN" | "FAIL", "detail": ...}``.

    A plain list of plain dicts in every other respect: it compares, indexes, pickles and becomes JSON as one.
    The original's rows come first, in its order; ours follow, those that it does not have only where they
    fail or where their limit was set. So look rows up by name, or ask ``has_failures``; do not count them.

    Examples
    --------
    >>> from nanobook import RiskEngine
    >>> report = RiskEngine().check_order("AAPL", "buy", 100, 18500, 100_000_000, [("AAPL", 200)])
    >>> report.has_failures(), report[1]["detail"]
    (False, '5.5% (AAPL) <= 25.0% limit')
    >>> print(report)
    PASS  Max order value: $18500 <= $100000 max_order_value_cents
    PASS  Max position: 5.5% (AAPL) <= 25.0% limit
    PASS  Order size: $18500.00 <= $100000.00 max
    """

    __slots__ = ()

    def has_failures(self):
        """Whether anything forbids the order."""
        return any(row["status"] == FAIL for row in self)

    def has_warnings(self):
        """Whether anything is warned of."""
        return any(row["status"] == WARN for row in self)

    @property
    def failures(self):
        """Rows that forbid the order.

        Returns
        -------
        list of dict
        """
        return [row for row in self if row["status"] == FAIL]

    @property
    def warnings(self):
        """Rows that warn.

        Returns
        -------
        list of dict
        """
        return [row for row in self if row["status"] == WARN]

    def to_frame(self):
        """Give the rows as a table.

        Returns
        -------
        DataFrame
            Columns ``name``, ``status`` and ``detail``.
        """
        from pandas import DataFrame

        return DataFrame(list(self), columns=["name", "status", "detail"])

    def __str__(self):
        return "\n".join(f"{row['status']}  {row['name']}: {printable(row['detail'])}" for row in self)

    def _repr_html_(self):
        """A table for a notebook."""
        rows = "".join(
            f"<tr><td>{row['status']}</td><td>{escape(row['name'])}</td>"
            f"<td>{escape(printable(row['detail']))}</td></tr>"
            for row in self
        )
        return f"<table><tr><th>status</th><th>name</th><th>detail</th></tr>{rows}</table>"


def new_row(name, status, detail):
    """Make a row."""
    return {"name": name, "status": status, "detail": detail}


def judged(raised, final, limit):
    """Judge a figure: what raises it above its limit fails; where it stands there anyway, is warned of.

    An account that is above a limit must be able to come back below it.
    """
    if raised > limit:
        return FAIL
    return WARN if final > limit else PASS


def compared(status):
    """The sign between a figure and its limit."""
    return "<=" if status == PASS else ">"
