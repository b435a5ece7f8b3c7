"""Charts as HTML: lines, areas and bars in an SVG that stretches, labels as text that does not.

A chart is as wide as its page. The drawing is stretched to it, while lines keep their width and labels
their size, so that a phone and a sheet of paper show the same chart legibly. Colours are variables of the
page's style, so that the same chart serves a light page and a dark one. There is no script.
"""

import math
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 1000, 400  # the drawing's own units
POINTS = 1000  # most places of a line that are told apart
SLACK = 0.02  # of a step: what may stand out beyond the last tick

STYLE = """
.chart { margin: 1rem 0 2.4rem; }
.chart figcaption { margin: 0 0 .6rem; font-size: .88rem; color: var(--label); }
.key { display: inline-block; margin: 0 .9rem 0 0; overflow-wrap: anywhere; }
.key i { display: inline-block; width: .85em; height: .85em; margin-right: .35em; vertical-align: -.08em;
  border-radius: 2px; }
.plot { position: relative; height: 17rem; margin: 0 .3rem 0 3.6rem; }
.plot.low { height: 11rem; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.plot span { position: absolute; font-size: .74rem; line-height: 1; color: var(--note); white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.plot .y { right: calc(100% + .45rem); transform: translateY(-50%); }
.plot .x { top: calc(100% + .5rem); transform: translateX(-50%); }
.plot .mark { bottom: .3rem; transform: translateX(-50%); }
.plot path, .plot line { vector-effect: non-scaling-stroke; fill: none; }
.grid { stroke: var(--rule); stroke-width: 1; }
.zero { stroke: var(--note); stroke-width: 1; }
.dashed { stroke: var(--note); stroke-width: 1; stroke-dasharray: 4 4; }
.two .minor { display: none; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2rem; }
@media (max-width: 34rem) { .plot .minor { display: none; } .plot { margin-left: 3.1rem; height: 13rem; }
  .two { grid-template-columns: 1fr; } }
@media print { .chart { break-inside: avoid; } .plot { height: 12rem; } .plot.low { height: 8rem; } }
"""


class Axis(NamedTuple):
    """An axis of values.

    Attributes
    ----------
    low, high : float
        What it spans; logarithms where ``log``.
    ticks : sequence of (float, str)
        Values with their labels.
    log : bool
    """

    low: float
    high: float
    ticks: tuple
    log: bool = False

    def place(self, values):
        """Heights of values in the drawing, 0 at the top."""
        values = np.log10(values) if self.log else np.asarray(values, np.float64)
        return (self.high - values) / (self.high - self.low) * HEIGHT


def linear(low, high, spell, count=5):
    """Make an axis of even steps that spans from ``low`` to ``high`` at least."""
    if not high > low:
        low, high = low - abs(low) * 0.05 - 1e-9, high + abs(high) * 0.05 + 1e-9
    step = nice_step((high - low) / count)
    first, last = math.floor(low / step + SLACK), math.ceil(high / step - SLACK)
    return Axis(first * step, last * step, tuple((i * step, spell(i * step)) for i in range(first, last + 1)))


def nice_step(rough):
    """The step of 1, 2 or 5 times a power of ten that is next above a rough one."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= rough * (1 - 1e-9))


def logarithmic(low, high, spell):
    """Make an axis of even ratios; ticks at 1, 2 and 5 times powers of ten, or at even steps if few fit."""
    if high < low * 1.0001:
        low, high = low * 0.99, high * 1.01
    bottom, top = math.log10(low), math.log10(high)
    pad = max(0.02 * (top - bottom), 1e-3)
    bottom, top = bottom - pad, top + pad
    powers = range(math.floor(bottom), math.ceil(top) + 1)
    parts = (1,) if top - bottom > 3.0 else (1, 2, 5)
    ticks = [part * 10.0**power for power in powers for part in parts]
    ticks = [tick for tick in ticks if bottom <= math.log10(tick) <= top]
    if len(ticks) < 4:
        step = nice_step((high - low) / 5)
        ticks = [i * step for i in range(max(1, math.ceil(low / step)), math.floor(high / step) + 1)]
    return Axis(bottom, top, tuple((tick, spell(tick)) for tick in ticks), log=True)


def line(xs, values, axis, colour, width=1.6):
    """Draw a line through values; broken where they are NaN."""
    path = trace(xs, axis.place(values))
    return f'<path d="{path}" style="stroke:var(--{colour});stroke-width:{width}"/>' if path else ""


def area(xs, values, base, axis, colour, opacity=0.3):
    """Fill what lies between values and a base: a number or as many numbers; NaN lies on the base."""
    base = np.broadcast_to(np.asarray(base, np.float64), np.shape(values))
    values = np.where(np.isnan(values), base, values)
    there, back = trace(xs, axis.place(values)), trace(xs[::-1], axis.place(base[::-1]))
    return f'<path d="{there}L{back[1:]}Z" style="fill:var(--{colour});fill-opacity:{opacity}"/>'


def bars(starts, ends, values, axis, colours, titles=None):
    """Draw upright bars from 0; ``colours`` is one, or one a bar."""
    zero = float(axis.place(0.0))
    colours = [colours] * len(values) if isinstance(colours, str) else colours
    drawn = []
    for i, top in enumerate(axis.place(np.nan_to_num(values))):
        told = f"<title>{escape(titles[i])}</title>" if titles else ""
        y, height = min(top, zero), abs(top - zero)
        drawn.append(
            f'<rect x="{starts[i]:.1f}" y="{y:.1f}" width="{ends[i] - starts[i]:.1f}" height="{height:.1f}" '
            f'style="fill:var(--{colours[i]})">{told}</rect>'
        )
    return "".join(drawn)


def band(start, end, colour, opacity=0.13):
    """Shade what lies between two places, over the full height."""
    return (
        f'<rect x="{start:.1f}" y="0" width="{max(end - start, 1.0):.1f}" height="{HEIGHT}" '
        f'style="fill:var(--{colour});fill-opacity:{opacity}"/>'
    )


def level(value, axis, style="zero"):
    """Draw a line across at a value."""
    y = float(axis.place(value))
    return f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="{style}"/>'


def trace(xs, ys):
    """Spell a path through places, in pieces where there is a NaN."""
    known = ~np.isnan(ys)
    pen_up = np.r_[True, ~known[:-1]]
    places = zip(xs[known].tolist(), ys[known].tolist(), pen_up[known].tolist(), strict=True)
    return "".join(f"{'M' if up else 'L'}{x:.1f} {y:.1f}" for x, y, up in places)


def thin(values):
    """Choose rows that draw a line as all of them would: the lowest and highest of each stretch.

    Parameters
    ----------
    values : float64 array, shape (T,)

    Returns
    -------
    int64 array
        Rows in order; all where they are few.
    """
    size = values.size
    if size <= POINTS:
        return np.arange(size)
    edges = np.linspace(0, size, POINTS // 2 + 1).astype(np.int64)
    known = np.isnan(values)
    lows, highs = np.where(known, np.inf, values), np.where(known, -np.inf, values)
    rows = {0, size - 1}
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        rows |= {start + int(lows[start:end].argmin()), start + int(highs[start:end].argmax())}
    return np.array(sorted(rows))


def across(rows, periods):
    """Places of rows of ``periods`` in the drawing."""
    return np.asarray(rows, np.float64) * (WIDTH / max(periods - 1, 1))


def chart(caption, axis, places, drawn, keys=(), marks=(), low=False):
    """Put a drawing into a figure.

    Parameters
    ----------
    caption : str
        Plain text.
    axis : Axis
        Of the values.
    places : iterable of (float, str, bool)
        Labels of the horizontal axis: place from 0 to ``WIDTH``, plain text, whether a small screen does
        without.
    drawn : iterable of str
        From `line`, `area`, `bars`, `band` and `level`, hindmost first.
    keys : iterable of (str, str)
        Colours and the plain text of what has them.
    marks : iterable of (float, str)
        Places and plain text at the top.
    low : bool
        Whether a low figure does.
    """
    grid = "".join(level(value, axis, "grid") for value, _ in axis.ticks)
    labels = [
        f'<span class="y" style="top:{percent(axis.place(value), HEIGHT)}">{escape(text)}</span>'
        for value, text in axis.ticks
    ]
    labels += [
        f'<span class="x{" minor" if minor else ""}" style="left:{percent(x, WIDTH)}">{escape(text)}</span>'
        for x, text, minor in places
    ]
    labels += [
        f'<span class="mark" style="left:{percent(x, WIDTH)}">{escape(text)}</span>' for x, text in marks
    ]
    legend = "".join(
        f'<span class="key"><i style="background:var(--{colour})"></i>{escape(text)}</span>'
        for colour, text in keys
    )
    return (
        f'<figure class="chart"><figcaption>{escape(caption)} {legend}</figcaption>'
        f'<div class="plot{" low" if low else ""}"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="{escape(caption)}">{grid}{"".join(drawn)}</svg>'
        f"{''.join(labels)}</div></figure>"
    )


def percent(place, size):
    """A place as CSS spells it."""
    return f"{100.0 * float(place) / size:.2f}%"


SPANS = (
    ("Y", "%Y"),
    ("Q", "%b %Y"),
    ("M", "%b %Y"),
    ("W", "%d %b"),
    ("D", "%d %b"),
    ("h", "%d %b %H:%M"),
    ("min", "%H:%M"),
)
"""Spans of the calendar, longest first, and how the first period of one is written."""
FEW, MANY = 4, 12  # how many labels a horizontal axis bears


def period_labels(index, periods, before=0):
    """Label a horizontal axis: the first row of each year, quarter, month ... or of even steps.

    Parameters
    ----------
    index : pandas.Index or None
    periods : int
    before : int
        Places in front of the first period.

    Returns
    -------
    list of (float, str, bool)
        As `chart` takes them.
    """
    rows, texts = label_rows(index, periods)
    every = max(1, math.ceil(len(rows) / MANY))
    xs = across(np.asarray(rows[::every]) + before, periods + before).tolist()
    return [(x, text, i % 2 == 1) for i, (x, text) in enumerate(zip(xs, texts[::every], strict=True))]


def label_rows(index, periods):
    """Choose rows to label, and write their labels."""
    import pandas as pd

    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        wall = index.tz_localize(None)
        for span, form in SPANS:
            rows = (np.flatnonzero(np.diff(wall.to_period(span).asi8)) + 1).tolist()
            if len(rows) >= FEW:
                return rows, [wall[row].strftime(form) for row in rows]
        return list(range(periods)), [time.strftime("%d %b %H:%M") for time in wall]
    rows = list(range(0, periods, max(1, int(nice_step(periods / 8)))))
    return rows, [str(row if index is None else index[row]) for row in rows]
