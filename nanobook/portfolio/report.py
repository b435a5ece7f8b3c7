"""One HTML file about one backtest."""

import dataclasses
import hashlib
import math
import platform
from html import escape
from pathlib import Path

from .._version import __version__
from ..errors import WrongType
from ..report import Section, html_page, paragraph, table, write_whole
from . import charts
from .definitions import DEFINITIONS, percent, spell_figure, spell_label
from .report_facts import read_facts
from .report_holdings import contributions_section, costs_section, warnings_section, weights_section
from .report_returns import (
    distribution_section,
    drawdown_section,
    equity_section,
    months_section,
    plain,
    rolling_chart,
    rolling_section,
)
from .rolling import DAYS, rolling_beta

STYLE = (
    charts.STYLE
    + """
:root { color-scheme: light dark; --accent: #1f5fa8; --other: #c77700; --gain: #2a6fb5; --loss: #b8402f;
  --gain-rgb: 42, 111, 181; --loss-rgb: 184, 64, 47; --rest: #a7adb5;
  --c0: #1f5fa8; --c1: #e08a1e; --c2: #3f9a57; --c3: #b8402f; --c4: #7d5ba6; --c5: #8c6045; --c6: #d573a8;
  --c7: #2aa1ad; --c8: #b3a125; --c9: #6c8ebf; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e3e7eb; --label: #aab3bd;
  --note: #939da8; --rule: #2b323a; --head: #3a434d; --row: #222930; --accent: #6aa9ea; --other: #eba13f;
  --gain: #5b9ee0; --loss: #e57863; --gain-rgb: 91, 158, 224; --loss-rgb: 229, 120, 99; --rest: #6b747e;
  --c0: #5b9ee0; --c1: #eba13f; --c2: #62bd7b; --c3: #e57863; --c4: #a98bd0; --c5: #b98f74; --c6: #e89ac5;
  --c7: #54c3ce; --c8: #d1c04c; --c9: #9db7dd; } }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem 1.5rem;
  margin: 1.5rem 0; }
.tiles div { border-top: 2px solid var(--accent); padding-top: .45rem; }
.tiles b { display: block; font-size: 1.45rem; font-weight: 400; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.tiles span { color: var(--label); font-size: .82rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .1rem 2rem;
  margin: 0; font-size: .86rem; }
.facts div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--row);
  padding: .2rem 0; }
.facts dt { color: var(--label); } .facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.groups { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0 2.5rem; }
.groups.wide { grid-template-columns: 1fr; }
.groups table { width: 100%; } .groups .table { margin: .5rem 0 1rem; }
.heat table { width: 100%; font-size: .82rem; }
.heat th, .heat td { padding: .3rem .45rem; text-align: right; }
.heat td:first-child { padding-left: 0; }
.heat .total { font-weight: 600; padding-left: .9rem; }
.bars table { table-layout: fixed; }
.bars td:first-child { width: 38%; white-space: normal; } .bars td:last-child { width: 22%; }
.bar i { display: block; height: .7em; border-radius: 2px; min-width: 1px; }
.switch > input { position: absolute; opacity: 0; }
.switch > label { display: inline-block; padding: .15rem .8rem; margin-right: .3rem; font-size: .82rem;
  border: 1px solid var(--head); border-radius: 1rem; cursor: pointer; color: var(--label); }
.switch > input:checked + label { background: var(--accent); border-color: var(--accent);
  color: var(--paper); }
.switch > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.switch > .pane { display: none; }
.switch > input:nth-of-type(1):checked ~ .pane:nth-of-type(1),
.switch > input:nth-of-type(2):checked ~ .pane:nth-of-type(2) { display: block; }
details { margin: 1rem 0; font-size: .9rem; } summary { cursor: pointer; color: var(--label); }
details td { white-space: normal; text-align: left; overflow-wrap: normal; }
details th { text-align: left; }
td { overflow-wrap: anywhere; }
@media (max-width: 34rem) { .groups.wide table { font-size: .78rem; }
  .groups.wide th, .groups.wide td { padding-right: .5rem; }
  .groups.wide td:first-child { white-space: normal; }
  .groups.wide tr > :last-child { padding-right: 0; } }
@media print { html { font-size: 12px; } .switch > input, .switch > label, summary { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
)

GROUPS = (
    ("Return", ("total_return", "cagr", "win_rate", "profit_factor", "payoff_ratio", "kelly")),
    ("Risk", ("volatility", "max_drawdown", "cvar_95", "sharpe", "sortino", "calmar")),
)
RELATIVE = (
    "alpha",
    "beta",
    "correlation",
    "r_squared",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
    "excess_cagr",
)
TILES = ("total_return", "cagr", "sharpe", "max_drawdown", "volatility")


class HtmlReport(str):
    """A report as HTML: a str that a notebook shows as the page."""

    __slots__ = ()

    def _repr_html_(self):
        page = escape(self, quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:50rem;border:0"></iframe>'

    def __repr__(self):
        return f"HtmlReport({len(self):,} characters; write it with result.report(path))"


def backtest_report(result, path=None, benchmark=None, *, title="Backtest", window=DAYS):
    """Make the report of a backtest: one HTML file that needs nothing else.

    It holds the key figures, equity, drawdowns, rolling figures, returns by month and year, their
    distribution, weights, turnover and cost, contributions, and what to be aware of; with a benchmark also
    the comparison. It loads nothing from anywhere, runs no script, follows the reader's light or dark
    setting, and can be printed.

    Parameters
    ----------
    result : BacktestResult
        Of a lean run, what it lacks is left out, and the report says so.
    path : str or path-like, optional
        File to write, whole or not at all; one of this name is replaced.
    benchmark : Series, array or list, optional
        Returns of a benchmark, as `relative_metrics` takes them.
    title : str, default "Backtest"
    window : int, default 63
        Periods in a window of the rolling figures.

    Returns
    -------
    pathlib.Path or HtmlReport
        The path, or without one the page itself, a str that a notebook displays.

    Raises
    ------
    WrongType
        Something else than a result.
    OSError
        The file cannot be written; what was there is unchanged.
    NonFiniteError, ShapeError, InvalidValue
        A benchmark that does not fit: see `relative_metrics`.

    Examples
    --------
    >>> import numpy as np
    >>> import nanobook
    >>> prices = np.array([[100.0], [110.0], [99.0]])
    >>> result = nanobook.backtest_weights(np.ones((3, 1)), prices, 1_000_000, 0)
    >>> page = nanobook.backtest_report(result, title="Buy & hold")
    >>> "<h1>Buy &amp; hold</h1>" in page
    True
    """
    if not hasattr(result, "to_frame") or not hasattr(result, "settings"):
        raise WrongType(f"result: {type(result).__name__}, needs a BacktestResult")
    facts = read_facts(result, benchmark, window)
    sections = [
        header_section(facts),
        figures_section(facts),
        equity_section(facts),
        drawdown_section(facts),
        *([benchmark_section(facts)] if facts.relative else []),
        rolling_section(facts),
        months_section(facts),
        distribution_section(facts),
        weights_section(facts),
        costs_section(facts),
        contributions_section(facts),
        warnings_section(facts),
    ]
    page = HtmlReport(html_page(str(title), sections, provenance(facts), STYLE))
    if path is None:
        return page
    write_whole(path, page)
    return Path(path)


def header_section(facts):
    """What was run: span, headline figures, settings."""
    metrics = facts.result.metrics
    count = "" if facts.parts is None else f", {facts.parts.weights.shape[1]:,} symbols"
    span = f"{facts.name(0)} to {facts.name(facts.periods - 1)}"
    text = f"{span[0].upper()}{span[1:]}: {facts.periods:,} periods{count}."
    tiles = "".join(
        f"<div><b>{escape(spell_figure(name, getattr(metrics, name)))}</b>"
        f"<span>{escape(spell_label(name))}</span></div>"
        for name in TILES
    )
    rows = [
        ("Cash at the start", f"{facts.start:,.2f}"),
        ("Equity at the end", f"{float(facts.equity[-1]):,.2f}"),
        ("Cost of fills", f"{float(facts.frame['cost'].sum()) / 100.0:,.2f}"),
        ("Mean turnover a period", percent(float(facts.frame["turnover"].mean()))),
        *spell_settings(facts.result.settings),
    ]
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return Section(
        "", (paragraph(text), f'<div class="tiles">{tiles}</div>', f'<dl class="facts">{cells}</dl>')
    )


NAMES = {
    "cost_bps": "Cost of a fill [bps]",
    "periods_per_year": "Periods in a year",
    "risk_free": "Risk-free return a period",
    "max_leverage": "Largest sum of weights",
    "fill": "Fills",
}


ALWAYS = ("cost_bps", "periods_per_year", "risk_free", "max_leverage", "fill")
FILLS = {
    "close": "at the period's close",
    "next_open": "at the next period's open",
    "next_typical": "at the next period's typical price",
}


def spell_settings(settings):
    """Write the settings of a run, name by name: those that matter always, others where they are set."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    values.setdefault("fill", "close")
    defaults = {field.name: field.default for field in dataclasses.fields(settings)}
    shown = [name for name in values if name in ALWAYS or values[name] not in (defaults[name], None, False)]
    return [
        (NAMES.get(name, name.replace("_", " ").capitalize()), spell_setting(values[name])) for name in shown
    ]


def spell_setting(value):
    """Write one setting; of a group of them those that are not as usual."""
    if dataclasses.is_dataclass(value):
        usual = type(value)()
        fields = [field.name for field in dataclasses.fields(value)]
        changed = [name for name in fields if getattr(value, name) != getattr(usual, name)]
        return ", ".join(f"{name} {getattr(value, name)}" for name in changed) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == math.inf:
        return "no limit"
    return f"{value:g}" if isinstance(value, float) else FILLS.get(value, str(value))


def figures_section(facts):
    """Key figures with their units, over the same periods too where the benchmark has fewer; formulas."""
    metrics = facts.result.metrics
    columns = {"Backtest": metrics}
    if facts.relative is not None:
        if facts.relative.num_periods < 0.99 * metrics.num_periods:
            columns["Same periods"] = facts.relative.metrics
        columns["Benchmark"] = facts.relative.benchmark
    tables = "".join(
        table(
            (group, *columns),
            [
                (spell_label(name), *(spell_figure(name, getattr(each, name)) for each in columns.values()))
                for name in names
            ],
        )
        for group, names in GROUPS
    )
    names = [*metrics_names(), *(RELATIVE if facts.relative else ())]
    formulas = table(
        ("Figure", "Unit", "Formula"),
        [(DEFINITIONS[name].label, DEFINITIONS[name].unit, DEFINITIONS[name].formula) for name in names],
    )
    legend = paragraph(
        f"r are the {metrics.num_periods:,} returns a period that are known, n their number, sd their "
        f"standard deviation (ddof 1), rf = {metrics.risk_free:g} the risk-free return a period, "
        f"P = {metrics.periods_per_year:g} the periods in a year"
        + (", b the benchmark's returns." if facts.relative else ".")
    )
    return Section(
        "Key figures",
        (
            f'<div class="groups{" wide" if len(columns) > 2 else ""}">{tables}</div>',
            f"<details><summary>How the figures are computed</summary>{legend}{formulas}</details>",
        ),
    )


def metrics_names():
    """Names of all figures of a series, in the order of their groups."""
    return [name for _, names in GROUPS for name in names]


def benchmark_section(facts):
    """Figures beside the benchmark, and the rolling beta."""
    relative = facts.relative
    rows = [(spell_label(name), spell_figure(name, getattr(relative, name))) for name in RELATIVE]
    rows.append(("Periods above the benchmark", percent(relative.win_rate)))
    half = len(rows) // 2
    parts = [
        f'<div class="groups">{table((), rows[:half])}{table((), rows[half:])}</div>',
        paragraph(f"Over the {relative.num_periods:,} periods that both have."),
    ]
    if facts.periods >= facts.window:
        alone = dataclasses.replace(facts, benchmark=None)
        caption = f"Beta over {facts.window} periods"
        theirs, window = facts.benchmark, facts.window
        parts.append(rolling_chart(alone, caption, lambda r: rolling_beta(r, theirs, window), plain))
    return Section("Beside the benchmark", tuple(parts))


def provenance(facts):
    """What the report was made with."""
    from importlib.metadata import version

    curves = facts.frame.to_numpy(dtype="float64")
    digest = hashlib.sha256(curves.tobytes()).hexdigest()[:16]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "pandas"))
    return [
        ("Made with", f"nanobook {__version__}, {libraries}, Python {platform.python_version()}"),
        ("Digest of the curves", f"{digest} (SHA-256 of {', '.join(facts.frame.columns)})"),
        *[(name, str(value)) for name, value in dict(getattr(facts.result, "provenance", {})).items()],
    ]
