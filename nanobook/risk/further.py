"""Rows that the original does not have: what fails beyond its checks, and limits that were set."""

from fractions import Fraction

from ..hints import listing
from .amounts import decimal_text
from .bounds import percent_of, times_of, whole_dollars, within
from .exposure import Exposure, unpriced, values_of
from .report import FAIL, PASS, compared, judged, new_row


def add_failures(report, bounds, order, equity, held, marks):
    """Add what an order breaks and the original does not look at: only where it fails."""
    symbol, _, _, price = order
    missing = [symbol] if price <= 0 else []
    missing += [name for name in unpriced(held, marks) if name != symbol]
    if missing:
        report.append(new_row("Unpriced", FAIL, f"no price of {listing(missing)}"))
    raised, _ = change_of(order, held, marks)
    if equity > 0 and not within(raised.gross, bounds.leverage, equity):
        detail = f"{times_of(raised.gross, equity)} {bounds.leverage_texts[True]}"
        report.append(new_row("Leverage", FAIL, detail))
    if equity > 0 and not within(raised.short, bounds.short, equity):
        detail = f"{percent_of(raised.short, equity)} {bounds.short_texts[True]}"
        report.append(new_row("Short exposure", FAIL, detail))


def change_of(order, held, marks):
    """Give the exposures that an order raises, and those after it.

    Its symbol is valued at the order's own price unless one is told.
    """
    symbol, sign, quantity, price = order
    marks = marks if symbol in marks else {**marks, symbol: max(price, 0)}
    before = Exposure.of(values_of(held, marks))
    old = held.get(symbol, 0)
    after = before.moved(old, old + sign * quantity, marks[symbol])
    return after.raised_from(before), after


def add_order(report, bounds, order, held, marks, volumes):
    """Add a row for each limit that was set."""
    symbol, sign, quantity, _ = order
    add_values(report, bounds, *change_of(order, held, marks))
    goes_short = sign < 0 and held.get(symbol, 0) < quantity
    add_permission(report, bounds, {symbol: goes_short})
    add_sizes(report, bounds, [(symbol, quantity)], volumes)


def add_batch(report, bounds, facts, volumes):
    """Add a row for each limit that was set; values are the highest that any order leads to."""
    raised = Exposure()
    shorted = dict.fromkeys(facts.symbols, False)
    for symbol, old, new, now, then in facts.steps():
        raised = Exposure(*map(max, raised, then.raised_from(now)))
        shorted[symbol] |= new < min(old, 0)
    add_values(report, bounds, raised, Exposure.of(facts.final))
    add_permission(report, bounds, shorted)
    add_sizes(report, bounds, list(zip(facts.symbols, facts.quantities, strict=True)), volumes)


def add_values(report, bounds, raised, final):
    """Add gross and net value."""
    rows = (
        ("Gross notional", "max_gross_cents", bounds.gross, raised.gross, final.gross),
        ("Net notional", "max_net_cents", bounds.net, raised.net, abs(final.net)),
    )
    for name, key, limit, high, last in rows:
        if limit is not None:
            status = judged(high, last, limit)
            value = whole_dollars(high if status == FAIL else last)
            report.append(new_row(name, status, f"{value} {compared(status)} {whole_dollars(limit)} {key}"))


def add_permission(report, bounds, symbols):
    """Add whether symbols may be traded, and those that go short be sold short."""
    if bounds.allowed is None and not bounds.denied and bounds.shortable is None:
        return
    wrong = []
    for symbol, goes_short in symbols.items():
        if symbol in bounds.denied:
            wrong.append(f"{symbol} is in denied_symbols")
        if bounds.allowed is not None and symbol not in bounds.allowed:
            wrong.append(f"{symbol} is not in allowed_symbols")
        if goes_short and bounds.shortable is not None and symbol not in bounds.shortable:
            wrong.append(f"{symbol} is not in shortable_symbols")
    detail = listing(wrong) if wrong else f"{listing(symbols)} may be traded"
    report.append(new_row("Symbols", FAIL if wrong else PASS, detail))


def add_sizes(report, bounds, orders, volumes):
    """Add the largest order by shares, and by its part of the day's volume."""
    if bounds.quantity is not None:
        symbol, most = max(orders, key=lambda order: order[1], default=("?", 0))
        status = judged(most, most, bounds.quantity)
        limit = f"{decimal_text(bounds.quantity)} max_order_quantity"
        detail = f"{decimal_text(most)} ({symbol}) {compared(status)} {limit}"
        report.append(new_row("Order quantity", status, detail))
    if bounds.adv is not None:
        _add_volume(report, bounds, orders, volumes)


def _add_volume(report, bounds, orders, volumes):
    unknown = [symbol for symbol, quantity in orders if quantity and not volumes.get(symbol)]
    if unknown:
        detail = f"no volume of {listing(dict.fromkeys(unknown))}; give volumes="
        report.append(new_row("Volume share", FAIL, detail))
        return
    shares = [(quantity / Fraction(volumes[symbol]), symbol) for symbol, quantity in orders if quantity]
    share, symbol = max(shares, default=(0, "?"))
    status = judged(share, share, bounds.adv)
    detail = (
        f"{float(share) * 100:.1f}% ({symbol}) {compared(status)} {float(bounds.adv) * 100:.1f}% max_adv_pct"
    )
    report.append(new_row("Volume share", status, detail))
