"""Sections of a report on what was earned: equity, drawdowns, rolling figures, months, distribution."""

import math
from html import escape

import numpy as np

from ..report import Section, paragraph, table
from .calendar import MONTH, MONTHS, monthly_returns, yearly_returns
from .charts import WIDTH, across, area, band, bars, chart, level, line, linear, logarithmic, thin
from .definitions import percent
from .drawdowns import find_spells
from .rolling import rolling_sharpe, rolling_volatility

WORST = 5
BINS = 41


def money(value):
    """Write an amount shortly, for an axis."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.4g}{letter}"
    return f"{value:,.4g}"


def part(value):
    """Write a fraction in percent, for an axis."""
    return f"{100.0 * value + 0.0:.4g} %"


def plain(value):
    """Write a number for an axis."""
    return f"{value + 0.0:.4g}"


def equity_section(facts):
    """Equity, on a linear and on a logarithmic scale."""
    curves = [("accent", "Backtest", np.r_[facts.start, facts.equity])]
    if facts.benchmark is not None:
        curves.append(("other", "Benchmark", np.r_[np.nan, facts.benchmark_equity()]))
    known = np.concatenate([values[~np.isnan(values)] for _, _, values in curves])
    low, high = float(known.min()), float(known.max())
    keys = [(colour, text) for colour, text, _ in curves] if len(curves) > 1 else ()

    def draw(axis, caption):
        drawn = [level(facts.start, axis, "dashed")]
        for colour, _, values in reversed(curves):
            rows = thin(values)
            drawn.append(line(across(rows, facts.periods + 1), values[rows], axis, colour))
        return chart(caption, axis, facts.places(1), drawn, keys)

    even = draw(linear(low, high, money), "In units of currency; dashed: the cash at the start.")
    if low <= 0.0:
        return Section("Equity", (even, paragraph("No logarithmic scale: equity fell to 0 or below.")))
    ratio = draw(logarithmic(low, high, money), "Logarithmic: equal heights are equal returns.")
    return Section("Equity", (switch("scale", (("Linear", even), ("Logarithmic", ratio))),))


def switch(name, choices):
    """Show one of several pieces at a time, chosen by radio buttons; without script."""
    buttons = "".join(
        f'<input type="radio" name="{name}" id="{name}{i}"{" checked" if i == 0 else ""}>'
        f'<label for="{name}{i}">{escape(text)}</label>'
        for i, (text, _) in enumerate(choices)
    )
    panes = "".join(f'<div class="pane">{piece}</div>' for _, piece in choices)
    return f'<div class="switch">{buttons}{panes}</div>'


def drawdown_section(facts):
    """Drawdown with the deepest shaded, and a table of them."""
    fall = -np.r_[0.0, facts.frame["drawdown"].to_numpy(np.float64)]
    spells, depths = find_spells(np.r_[facts.start, facts.equity])
    if not depths.size:
        return Section("Drawdowns", (paragraph("Equity never fell below its peak."),))
    worst = np.argsort(-depths, kind="stable")[:WORST]
    axis, rows = linear(float(fall.min()), 0.0, part), thin(fall)
    xs = across(rows, facts.periods + 1)
    ends = np.where(spells[worst, 3] < 0, facts.periods, spells[worst, 3])
    spans = across(np.c_[spells[worst, 0], ends], facts.periods + 1)
    drawn = [band(start, end, "loss") for start, end in spans]
    drawn += [area(xs, fall[rows], 0.0, axis, "loss", 0.35), line(xs, fall[rows], axis, "loss", 1.1)]
    picture = chart(
        f"Distance below the highest equity so far. Shaded: the deepest {len(worst)}, numbered as below.",
        axis,
        facts.places(1),
        drawn,
        marks=[(float(span.mean()), str(i + 1)) for i, span in enumerate(spans)],
        low=True,
    )
    return Section("Drawdowns", (picture, drawdown_table(facts, spells[worst], depths[worst])))


def drawdown_table(facts, spells, depths):
    """The deepest drawdowns in rows; rows of ``spells`` count from the cash at the start."""

    def name(row):
        return "start" if row == 0 else facts.name(row - 1)

    rows = []
    for i, ((peak, _, trough, recovery), depth) in enumerate(
        zip(spells.tolist(), depths.tolist(), strict=True)
    ):
        still = recovery < 0
        end = facts.periods if still else recovery
        back = "open" if still else name(recovery)
        rows.append(
            (i + 1, percent(depth), name(peak), name(trough), back, trough - peak, end - trough, end - peak)
        )
    header = ("", "Depth", "Peak", "Trough", "Recovered", "Periods down", "Periods up", "Both")
    return table(header, rows)


def rolling_section(facts):
    """Rolling Sharpe ratio and volatility."""
    if facts.periods < facts.window:
        text = f"Left out: {facts.periods} periods are fewer than the window of {facts.window}."
        return Section("Rolling figures", (paragraph(text),))
    rate = facts.result.settings.risk_free
    panes = [
        ("Sharpe ratio a year", lambda r: rolling_sharpe(r, facts.window, facts.year, rate), plain),
        ("Volatility a year", lambda r: rolling_volatility(r, facts.window, facts.year), part),
    ]
    return Section(
        f"Rolling figures over {facts.window} periods",
        (f'<div class="two">{"".join(rolling_chart(facts, *pane) for pane in panes)}</div>',),
    )


def rolling_chart(facts, caption, figure, spell):
    """One figure of a moving window, of the result and of the benchmark."""
    curves = [("accent", "Backtest", figure(facts.returns))]
    if facts.benchmark is not None:
        curves.append(("other", "Benchmark", figure(facts.benchmark)))
    known = np.concatenate([values[~np.isnan(values)] for _, _, values in curves])
    if not known.size:
        return paragraph(f"{caption}: no window without an unknown return.")
    low = float(known.min()) if spell is plain else 0.0
    axis = linear(min(low, 0.0), max(float(known.max()), 0.0), spell, 4)
    drawn = [level(0.0, axis)]
    for colour, _, values in reversed(curves):
        rows = thin(values)
        drawn.append(line(across(rows, facts.periods), values[rows], axis, colour))
    keys = [(colour, text) for colour, text, _ in curves] if len(curves) > 1 else ()
    return chart(f"{caption}.", axis, facts.places(), drawn, keys, low=True)


def months_section(facts):
    """Returns by month, coloured; and by year."""
    if facts.dated:
        months = monthly_returns(facts.series(facts.returns))
        rows = [(str(year), row.tolist()) for year, row in zip(months.index, months.to_numpy(), strict=True)]
        parts = [heat_table(("", *MONTHS, "Year"), rows, total=True), years_chart(facts)]
        return Section("Returns by month and year", tuple(parts))
    blocks = monthly_returns(facts.returns.tolist())
    rows = [
        (f"from period {i * 12 * MONTH}", row + [math.nan] * (12 - len(row))) for i, row in enumerate(blocks)
    ]
    note = paragraph(f"There are no dates: a column is {MONTH} periods, a row 12 of these.")
    header = ("", *(str(i + 1) for i in range(12)))
    return Section(f"Returns by {MONTH} periods", (note, heat_table(header, rows, total=False)))


def heat_table(header, rows, total):
    """Make a table of returns whose cells are coloured by size; the last column, a total, is not."""
    cells = np.array([values[: 12 if total else None] for _, values in rows])
    sizes = np.abs(cells[~np.isnan(cells)])
    full = float(np.quantile(sizes, 0.95)) if sizes.size else 1.0
    head = "".join(f"<th>{escape(text)}</th>" for text in header)
    body = ""
    for name, values in rows:
        body += f"<tr><td>{escape(name)}</td>"
        for i, value in enumerate(values):
            shade = shading(value, full) if i < 12 else ' class="total"'
            body += f"<td{shade}>{'' if math.isnan(value) else f'{round(100.0 * value, 1) + 0.0:.1f}'}</td>"
        body += "</tr>\n"
    return (
        f'<div class="table heat"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        + paragraph("Compounded returns in percent.")
    )


def shading(value, full):
    """Colour a cell by the size of its return."""
    if math.isnan(value) or value == 0.0:
        return ""
    strength = min(abs(value) / full, 1.0) if full else 1.0
    colour = "gain" if value > 0.0 else "loss"
    return f' style="background:rgba(var(--{colour}-rgb),{0.06 + 0.44 * strength:.2f})"'


def years_chart(facts):
    """Bars of the years' returns, beside the benchmark's."""
    years = yearly_returns(facts.series(facts.returns))
    groups = [("accent", "Backtest", years.to_numpy())]
    if facts.benchmark is not None:
        theirs = yearly_returns(facts.series(facts.benchmark)).reindex(years.index)
        groups.append(("other", "Benchmark", theirs.to_numpy()))
    every = np.nan_to_num(np.concatenate([values for _, _, values in groups]))
    axis = linear(min(float(every.min()), 0.0), max(float(every.max()), 0.0), part, 4)
    room = WIDTH / len(years)
    width = min(room * 0.64, 90.0) / len(groups)
    middles = (np.arange(len(years)) + 0.5) * room
    drawn = []
    for i, (colour, text, values) in enumerate(groups):
        starts = middles + (i - len(groups) / 2) * width
        titles = [f"{text} {year}: {percent(value)}" for year, value in zip(years.index, values, strict=True)]
        drawn.append(bars(starts, starts + width * 0.94, values, axis, colour, titles))
    skip = max(1, math.ceil(len(years) / 20))
    places = [
        (x, str(year), i % (2 * skip) >= skip)
        for i, (x, year) in enumerate(zip(middles.tolist(), years.index, strict=True))
        if i % skip == 0
    ]
    keys = [(colour, text) for colour, text, _ in groups] if len(groups) > 1 else ()
    return chart("Return by year.", axis, places, [*drawn, level(0.0, axis)], keys, low=True)


QUANTILES = (
    ("Lowest", 0.0),
    ("1 %", 0.01),
    ("5 %", 0.05),
    ("25 %", 0.25),
    ("Median", 0.5),
    ("75 %", 0.75),
    ("95 %", 0.95),
    ("99 %", 0.99),
    ("Highest", 1.0),
)


def distribution_section(facts):
    """Histogram of the returns beside a normal curve, and their quantiles."""
    known = facts.returns[~np.isnan(facts.returns)]
    if known.size < 2 or known.min() == known.max():
        return Section("Distribution of returns", (paragraph("Left out: all returns are the same."),))
    mean, spread = float(known.mean()), float(known.std(ddof=1))
    low, high = np.quantile(known, [0.001, 0.999])
    reach = max(abs(float(low) - mean), abs(float(high) - mean), 3.0 * spread)
    edges = np.linspace(mean - reach, mean + reach, BINS + 1)
    counts = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0] / known.size
    middles = (edges[:-1] + edges[1:]) / 2.0
    normal = np.exp(-(((middles - mean) / spread) ** 2) / 2.0) / (spread * math.sqrt(2.0 * math.pi))
    normal *= edges[1] - edges[0]
    axis = linear(0.0, max(float(counts.max()), float(normal.max())), part, 4)
    xs = (edges - edges[0]) / (2.0 * reach) * WIDTH
    colours = ["loss" if middle < 0.0 else "accent" for middle in middles]
    centres = (xs[:-1] + xs[1:]) / 2.0
    drawn = [
        bars(xs[:-1] + 1.0, xs[1:] - 1.0, counts, axis, colours),
        line(centres, normal, axis, "ink", 1.2),
    ]
    ticks = linear(edges[0], edges[-1], part, 10).ticks
    places = [
        ((value - edges[0]) / (2.0 * reach) * WIDTH, text, i % 2 == 1)
        for i, (value, text) in enumerate(ticks)
        if edges[0] <= value <= edges[-1]
    ]
    caption = "Part of the periods by return; what is beyond counts at the ends. Line: the normal curve."
    deviations = (known - mean) / known.std()
    shape = (
        ("Mean", percent(mean, 3)),
        ("Standard deviation (ddof 1)", percent(spread, 3)),
        ("Skewness", f"{np.mean(deviations**3):.2f}"),
        ("Excess kurtosis", f"{np.mean(deviations**4) - 3.0:.2f}"),
    )
    marks = [(name, percent(float(np.quantile(known, at)), 3)) for name, at in QUANTILES]
    tables = f'<div class="groups">{table(("Quantile", "Return"), marks)}{table(("Moment", ""), shape)}</div>'
    return Section("Distribution of returns", (chart(caption, axis, places, drawn, low=True), tables))
