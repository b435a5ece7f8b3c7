"""After a run, or instead of one: what is held against what should be, to the share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from ...broker.types import Instrument, Number, Record
from ...errors import InvalidValue, TargetError
from ...exact import exact, plus, times
from ...hints import listing
from ..tables import figure, percent, table
from ..targets.check import symbol_fault, weight_fault, weight_of
from ..targets.target import Target, pairs_of
from .diff import whole_lots
from .multipliers import check_multipliers

HEADS = ("Symbol", "Target%", "Actual%", "Diff%", "TargetQty", "ActualQty")
OK, SMALL, OFF, UNEXPECTED, UNPRICED = "ok", "below min trade", "off", "unexpected", "no price"
LEFT = "left alone"
SPLITS = tuple(Fraction(a, b) for a in range(1, 51) for b in (1, 2, 3, 4, 5) if Fraction(a, b) != 1)
"""Ratios that shares are split by; their inverses too."""
DRIFT = Fraction(1, 100)  # that a split's ratio may be off, for fractions paid in cash


@dataclass(frozen=True, slots=True)
class ReconcileRow(Record):
    """One symbol.

    Attributes
    ----------
    symbol : str
    target_weight, actual_weight, diff : Fraction
        Shares of equity, exact; ``diff`` is actual less target. Without a price a weight is 0.
    target_shares, actual_shares, diff_shares : int or Decimal
        ``target_shares`` are whole lots; ``diff_shares`` is actual less target.
    verdict : str
        'ok': within one lot of its target. 'below min trade': farther, but not worth a trade. 'off'.
        'unexpected': held, and no target. 'left alone': the same, and ``close_missing`` of the target is
        False. 'no price'.
    """

    symbol: str
    target_weight: Fraction
    actual_weight: Fraction
    diff: Fraction
    target_shares: Number
    actual_shares: Number
    diff_shares: Number
    verdict: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What is held against what should be.

    Attributes
    ----------
    rows : tuple of ReconcileRow
        By symbol.
    """

    rows: tuple[ReconcileRow, ...]

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    @property
    def tracking_error(self):
        """Root of the mean squared difference of weights, in per cent, as a Decimal."""
        if not self.rows:
            return Decimal(0)
        mean = sum((row.diff**2 for row in self.rows), Fraction(0)) / len(self.rows)
        with localcontext(prec=40):
            return (Decimal(mean.numerator) / Decimal(mean.denominator)).sqrt() * 100

    @property
    def is_within_one_lot(self):
        """Whether every position that has a target is within one lot of it, and no other is there unasked."""
        return all(row.verdict in (OK, LEFT) for row in self.rows)

    @property
    def off(self):
        """Rows that a run should have changed: neither within one lot nor below the least trade."""
        return tuple(row for row in self.rows if row.verdict not in (OK, SMALL, LEFT))

    def to_frame(self):
        """Give the rows as a DataFrame; weights as floats.

        Returns
        -------
        DataFrame
        """
        import pandas as pd

        frame = pd.DataFrame([dict(row) for row in self.rows], columns=list(ReconcileRow.__slots__))
        weights = ["target_weight", "actual_weight", "diff"]
        return frame.astype(dict.fromkeys(weights, float))

    def _repr_html_(self):
        return f"<p><code>{self!r}</code></p>{self.to_frame()._repr_html_()}"

    def __repr__(self):
        told = "within one lot" if self.is_within_one_lot else f"{len(self.off)} off"
        return f"Reconciliation({len(self.rows)} symbols, {told}, tracking error {self.tracking_error:.3f}%)"

    def __str__(self):
        rows = [
            (
                row.symbol,
                *(percent(share, 2) for share in (row.target_weight, row.actual_weight, row.diff)),
                figure(row.target_shares),
                figure(row.actual_shares),
                "" if row.verdict == OK else row.verdict,
            )
            for row in self.rows
        ]
        heads = (*HEADS, "") if any(row[-1] for row in rows) else HEADS
        text = table(heads, [row[: len(heads)] for row in rows])
        return f"{text}\nTracking error: {self.tracking_error:.3f}%"


def reconcile_exact(targets, positions, prices, equity_cents, *, instruments=None, min_trade_cents=0):
    """Compare what is held with target weights; as ``nanobook.reconcile``, prices in cents alone."""
    equity = exact("equity_cents", equity_cents)
    if equity <= 0:
        raise InvalidValue(f"equity_cents: {equity} is not above 0; there is nothing to weigh against")
    weights = weights_in(targets)
    keep = isinstance(targets, Target) and targets.close_missing is False
    positions = {symbol: exact(symbol, held) for symbol, held in positions.items()}
    symbols = sorted({*weights, *(symbol for symbol, held in positions.items() if held)})
    check_multipliers(instruments or {}, symbols)
    rows = [
        row_of(
            (instruments or {}).get(symbol) or Instrument(symbol),
            weights.get(symbol),
            positions.get(symbol, 0),
            (exact(symbol, prices.get(symbol) or 0), equity),
            min_trade_cents,
            keep,
        )
        for symbol in symbols
    ]
    return Reconciliation(tuple(rows))


def weights_in(targets):
    """Give weights by symbol, each checked as a target's is; 0 is one, too."""
    pairs = [(symbol, weight_of(weight)) for symbol, weight in pairs_of(getattr(targets, "targets", targets))]
    faults = [
        f"targets[{symbol!r}]: {fault}"
        for symbol, weight in pairs
        if (fault := symbol_fault(symbol) or weight_fault(weight, zero=True))
    ]
    counts = Counter(symbol for symbol, _ in pairs)
    faults += [f"targets[{symbol!r}]: stands {n} times" for symbol, n in counts.items() if n > 1]
    if faults:
        raise TargetError(listing(faults))
    return dict(pairs)


def row_of(instrument, weight, held, money, min_trade_cents, keep=False):
    """Compare one position; ``money`` is its price and the equity, ``keep`` leaves it if it has no weight."""
    price, equity = money
    wish, share = Fraction(weight or 0), Fraction(0)
    goal = 0
    if price > 0:
        share = Fraction(held) * Fraction(price) / Fraction(equity)
        goal = whole_lots(int(times(equity, weight or 0)), price, instrument.lot)
    apart = abs(share - wish) * Fraction(equity)
    return ReconcileRow(
        symbol=instrument.symbol,
        target_weight=wish,
        actual_weight=share,
        diff=share - wish,
        target_shares=goal,
        actual_shares=held,
        diff_shares=exact("diff", plus(held, times(goal, -1))),
        verdict=LEFT
        if keep and weight is None
        else judge(weight, price, apart, instrument.lot, min_trade_cents),
    )


def judge(weight, price, apart, lot, min_trade_cents):
    """Say whether a position is where it should be, given how many cents it is apart."""
    if price <= 0:
        return UNPRICED
    if apart <= Fraction(price) * Fraction(lot):
        return OK
    if weight is None:
        return UNEXPECTED
    return SMALL if apart < min_trade_cents else OFF


def split_hint(before, now):
    """Name the split that a change of shares looks like, "" if like none."""
    if before * now <= 0:
        return ""
    ratio = now / before
    for split in (*SPLITS, *(1 / split for split in SPLITS)):
        if abs(ratio / split - 1) < DRIFT and abs(ratio - 1) > Fraction(1, 10):
            return f" (looks like a {split.numerator}-for-{split.denominator} split)"
    return ""
