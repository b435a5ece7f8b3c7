"""Sections of a report on what was held: weights, turnover and cost, contributions, stops, warnings."""

from collections import Counter
from html import escape

import numpy as np

from ..report import Section, paragraph, table
from .attribution import trade_columns
from .calendar import MONTH
from .charts import across, area, bars, chart, level, line, linear, period_labels, thin
from .definitions import percent
from .report_returns import money, part

LARGEST = 10  # symbols that are told apart in the picture of weights
STRIPES = 300  # periods that the picture of weights shows
NAMED = 10  # symbols and trades named at either end
LISTED = 20  # warnings listed
LEFT_OUT = "Left out: the backtest was run with lean=True, which keeps no holdings."


def plural(count, noun):
    """Write a number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def weights_section(facts):
    """Weights of the largest positions over time, and exposure."""
    if facts.parts is None:
        return Section("Weights", (paragraph(LEFT_OUT),))
    weights = np.nan_to_num(facts.parts.weights)
    if not weights.any():
        return Section("Weights", (paragraph("Nothing was ever held."),))
    sizes = np.abs(weights).mean(axis=0)
    largest = np.argsort(-sizes, kind="stable")[:LARGEST]
    largest = largest[sizes[largest] > 0.0]
    step = -(-facts.periods // STRIPES)
    rows = np.arange(0, facts.periods, step)
    shown = np.repeat(weights[rows], 2, axis=0)  # steps: a weight stays until the next one shown
    edges = np.repeat(np.r_[rows, facts.periods], 2)[1:-1]
    rest = np.delete(shown, largest, axis=1)
    layers = [(f"c{i}", str(facts.parts.symbols[k]), [shown[:, k]]) for i, k in enumerate(largest.tolist())]
    held = np.count_nonzero(sizes) - largest.size
    if held:  # longs and shorts apart: they do not cancel
        layers.append(
            ("rest", f"{held} others", [rest.clip(min=0.0).sum(axis=1), rest.clip(max=0.0).sum(axis=1)])
        )
    drawn, tops = stack(layers, across(edges, facts.periods + 1))
    axis = linear(float(tops.min()), float(tops.max()), part)
    every = f", at every {step}th period" if step > 1 else ""
    picture = chart(
        f"Parts of equity{every}; the largest mean size first, shorts below 0.",
        axis,
        facts.places(),
        [draw(axis) for draw in drawn] + [level(0.0, axis)],
        [(colour, name) for colour, name, _ in layers],
    )
    return Section("Weights", (picture, exposure_chart(facts, weights)))


def stack(layers, xs):
    """Stack layers of weights, longs upward and shorts downward from 0.

    Returns
    -------
    drawn : list of callables
        Each draws one layer on an axis.
    tops : float64 array
        Both outlines together.
    """
    up, down = np.zeros(xs.size), np.zeros(xs.size)
    drawn = []
    for colour, _, columns in layers:
        for weights in columns:
            longs, shorts = weights.clip(min=0.0), weights.clip(max=0.0)
            for base, change in ((up, longs), (down, shorts)):
                if change.any():
                    edge, floor = base + change, base.copy()
                    drawn.append(lambda axis, e=edge, f=floor, c=colour: area(xs, e, f, axis, c, 0.85))
                    base += change
    return drawn, np.r_[up, down]


def exposure_chart(facts, weights):
    """Gross and net exposure over time; one line where nothing is short."""
    curves = [("accent", "Gross", np.abs(weights).sum(axis=1)), ("other", "Net", weights.sum(axis=1))]
    curves = curves if (weights < 0.0).any() else curves[:1]
    every = np.concatenate([values for _, _, values in curves])
    axis = linear(min(float(every.min()), 0.0), float(every.max()), part, 4)
    drawn = [level(0.0, axis)]
    for colour, _, values in curves:
        rows = thin(values)
        drawn.append(line(across(rows, facts.periods), values[rows], axis, colour))
    keys = [(colour, text) for colour, text, _ in curves] if len(curves) > 1 else ()
    return chart("Exposure as part of equity.", axis, facts.places(), drawn, keys, low=True)


def costs_section(facts):
    """Turnover by month, and cost so far."""
    turnover = facts.frame["turnover"].to_numpy(np.float64)
    cost = np.cumsum(facts.frame["cost"].to_numpy(np.float64)) / 100.0
    if not turnover.any():
        return Section("Turnover and cost", (paragraph("Nothing was traded."),))
    starts, span = months_of(facts)
    sums = np.add.reduceat(turnover, starts)
    axis = linear(0.0, float(sums.max()), part, 4)
    xs = across(np.r_[starts, facts.periods], facts.periods + 1)
    gap = np.diff(xs) * 0.08
    traded = chart(
        f"Turnover by {span}: value of the fills as part of equity.",
        axis,
        period_labels(facts.index, facts.periods),
        [bars(xs[:-1] + gap, xs[1:] - gap, sums, axis, "accent")],
        low=True,
    )
    axis, rows = linear(0.0, float(cost[-1]), money, 4), thin(cost)
    paid = chart(
        "Cost of fills so far, in units of currency.",
        axis,
        facts.places(),
        [line(across(rows, facts.periods), cost[rows], axis, "loss")],
        low=True,
    )
    return Section("Turnover and cost", (f'<div class="two">{traded}{paid}</div>',))


def months_of(facts):
    """First row of every month, or of every 21 periods without dates; and what they are called."""
    if not facts.dated:
        return np.arange(0, facts.periods, MONTH), f"{MONTH} periods"
    months = np.asarray(facts.index.year) * 12 + np.asarray(facts.index.month)
    return np.flatnonzero(np.r_[True, np.diff(months) != 0]), "month"


def contributions_section(facts):
    """Symbols that earned and lost most, and the trades that did."""
    if facts.parts is None:
        return Section("Contributions", (paragraph(LEFT_OUT),))
    earned = facts.parts.contributions.sum(axis=0)
    order = np.argsort(-earned, kind="stable")
    order = order[(earned[order] != 0.0)]
    if not order.size:
        return Section("Contributions", (paragraph("No position earned or lost anything."),))
    best, worst = order[earned[order] > 0.0][:NAMED], order[earned[order] < 0.0][::-1][:NAMED]
    scale = float(np.abs(earned).max())
    tables = "".join(
        bar_table(head, [(str(facts.parts.symbols[k]), float(earned[k])) for k in chosen.tolist()], scale)
        for head, chosen in (("Earned most", best), ("Lost most", worst))
        if chosen.size
    )
    note = paragraph(
        "Weight at the end of a period times the symbol's return over the next, summed, before costs. "
        f"All {len(earned)} symbols together: {percent(float(earned.sum()))}."
    )
    return Section("Contributions", (note, f'<div class="groups">{tables}</div>', trades_table(facts)))


def bar_table(header, rows, scale):
    """Make a table of names and returns, each with a bar of its size."""
    body = "".join(
        f'<tr><td>{escape(name)}</td><td class="bar"><i style="width:{100.0 * abs(value) / scale:.1f}%;'
        f'background:var(--{"gain" if value > 0.0 else "loss"})"></i></td><td>{percent(value)}</td></tr>\n'
        for name, value in rows
    )
    return (
        f'<div class="table bars"><table><thead><tr><th>{escape(header)}</th><th></th><th></th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def trades_table(facts):
    """Holdings that earned and lost most, from entry to exit."""
    columns, entries, exits, _, _, earned = trade_columns(facts.parts)
    order = np.argsort(-earned, kind="stable")
    half = NAMED // 2
    chosen = order if order.size <= NAMED else np.r_[order[:half], order[-half:]]
    rows = [
        (
            facts.parts.symbols[columns[i]],
            facts.name(entries[i]),
            facts.name(exits[i]) if exits[i] < facts.periods else "open",
            int(exits[i] - entries[i]),
            percent(float(earned[i])),
        )
        for i in chosen.tolist()
    ]
    head = f"{plural(earned.size, 'time')} that a symbol was held without a break; what earned and lost most:"
    return paragraph(head) + table(("Symbol", "From", "Until", "Periods", "Contribution"), rows)


def stops_part(facts):
    """Say how many stops were hit, and of which kinds."""
    events = facts.result.stop_events
    if not len(events):
        return ""
    named = events["reason"] if hasattr(events, "dtype") or hasattr(events, "columns") else None
    reasons = Counter(map(str, (event["reason"] for event in events) if named is None else named))
    kinds = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return f"Stops that were hit: {kinds}."


def warnings_section(facts):
    """What to look at before the figures are trusted."""
    lines = []
    unknown = int(np.isnan(facts.returns).sum())
    if unknown:
        lines.append(
            f"{plural(unknown, 'period')} began without equity: no figure counts what these returned."
        )
    if facts.relative is not None and facts.relative.num_periods < facts.periods - unknown:
        lines.append(
            f"The benchmark is compared over {facts.relative.num_periods} of {facts.periods} periods."
        )
    skipped = facts.result.skipped_rebalances
    if len(skipped):
        names = ", ".join(map(str, skipped[:NAMED]))
        lines.append(f"Skipped: {plural(len(skipped), 'rebalance')}, at {names}.")
    if facts.parts is None:
        lines.append("Run with lean=True: weights, contributions and jumps of prices are left out.")
    parts = [paragraph(text) for text in (*lines, stops_part(facts)) if text]
    jumps = facts.jumps()
    if jumps:
        largest = f". The {LISTED} largest" if len(jumps) > LISTED else ""
        head = (
            f"{plural(len(jumps), 'price')} rose by more than half, or fell by more than a third, in one "
            f"period, as splits do that were not adjusted for{largest}:"
        )
        rows = [(facts.name(t), symbol, f"{ratio:,.4g}") for t, symbol, ratio in jumps[:LISTED]]
        parts += [paragraph(head), table(("Period", "Symbol", "Price over the one before"), rows)]
    return Section("To be aware of", tuple(parts or [paragraph("Nothing unusual was found.")]))
