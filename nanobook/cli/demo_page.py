"""The report of ``nanobook demo``: its pictures and its page."""

import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from .._version import __version__
from ..report import Section, html_page, paragraph, picture, table
from . import demo

BLUE, AMBER, GREY = "#1f4e79", "#d08a1d", "#8c959f"
BUY, SELL = "#2f7d4f", "#b03a2e"
POINTS = 1000  # of the mid, and a tenth as many of the spread
PACKAGES = ("numba", "numpy", "pandas", "matplotlib", "skfolio")


def page(study, session):
    """Make the report as one HTML document."""
    opening = paragraph(
        "A backtest on real prices, then a session of the matching engine. "
        "Made by the command nanobook demo, on this machine."
    )
    sections = [Section("", (opening,)), study_section(study), session_section(session)]
    return html_page("A first look at nanobook", sections, provenance(session))


def study_section(study):
    """Tell the rules of the backtests, show them, and say what not to conclude."""
    days = study.prices.index
    rules = paragraph(
        f"{study.prices.shape[1]} stocks of the S&P 500, {days[0].day} {days[0]:%B %Y} to "
        f"{days[-1].day} {days[-1]:%B %Y}. At the close of each month's first day the strategy puts equal "
        f"parts into the {demo.TOP} stocks that rose most over a year without its latest month: from "
        f"{demo.LOOKBACK} months to {demo.SKIP} month before the end of the month before. Until the next "
        f"month the holdings drift with their prices. Every fill costs {demo.COST_BPS} basis points. For "
        "comparison: all stocks in equal parts, rebalanced on the same days at the same cost."
    )
    chart = picture(
        equity_figure(study.results),
        "Equity after costs on a logarithmic scale, and its fall from the highest value so far.",
    )
    caution = paragraph(
        "Read this as a demonstration, not as evidence. The stocks were picked with hindsight, among "
        "companies that lived through all of these years, so both curves are better than what could have "
        "been had at the time. Prices are adjusted for splits and dividends: returns are right, counts of "
        "shares are not."
    )
    figures = table(("", *study.results), demo.study_rows(study))
    return Section("Momentum against equal weights", (rules, chart, figures, caution))


def session_section(session):
    """Tell what the session was, and show it."""
    story = paragraph(
        f"{len(session.result):,} messages of made-up order flow: limit orders around a mid that drifts, "
        "their cancels, and orders that trade at once. The book matched them by price and time in one "
        "compiled call that also recorded the best bid and ask after each message. The rate is the best "
        f"of {demo.RUNS} runs."
    )
    chart = picture(
        session_figure(session), "Mid price with every trade, and the mean spread. One tick is one cent."
    )
    return Section("A session of the matching engine", (story, chart, table((), demo.session_rows(session))))


def equity_figure(results):
    """Draw equity above drawdown, one line a strategy."""
    from matplotlib.ticker import FuncFormatter, PercentFormatter

    figure, (upper, lower) = panels((9, 5.6), (5, 2))
    for (name, result), color in zip(results.items(), (BLUE, AMBER), strict=True):
        curves = result.to_frame()
        upper.plot(curves.index, curves["equity"] / 1e8, color=color, linewidth=1.2, label=name)
        # As pixels: SVG keeps most of 8,000 days of ups and downs, half a megabyte of them.
        fall = -curves["drawdown"]
        lower.fill_between(curves.index, fall, 0.0, color=color, alpha=0.12, linewidth=0, rasterized=True)
        lower.plot(curves.index, fall, color=color, linewidth=0.7, rasterized=True)
    upper.set_yscale("log")
    upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    upper.set_ylabel("Equity [million USD]")
    upper.legend(frameon=False, loc="upper left")
    lower.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    lower.set_ylabel("Drawdown")
    lower.set_ylim(top=0.0)
    return figure


def session_figure(session):
    """Draw mid and trades above the spread."""
    figure, (upper, lower) = panels((9, 5.2), (5, 2))
    trades, thousand = session.result.trades, 1000.0
    row = session.result.trade_message() / thousand
    for side, (name, color) in enumerate((("bought", BUY), ("sold", SELL))):
        mine = trades.aggressor_side == side
        # As pixels: tens of thousands of dots would make the page megabytes long.
        upper.scatter(
            row[mine], trades.price[mine] / 100.0, s=1.2, color=color, linewidths=0, alpha=0.5,
            label=f"aggressor {name}", rasterized=True,
        )  # fmt: skip
    step = max(len(session.mid) // POINTS, 1)
    message = np.arange(len(session.mid))[::step] / thousand
    upper.plot(message, session.mid[::step] / 100.0, color="0.15", linewidth=0.8, label="mid")
    upper.yaxis.set_major_formatter("{x:.2f}")
    upper.set_ylabel("Price [USD]")
    upper.legend(frameon=False, markerscale=6, loc="best")
    wide = 10 * step
    spread = session.spread[: len(session.spread) // wide * wide].reshape(-1, wide)
    lower.plot(
        np.arange(len(spread)) * wide / thousand, np.nanmean(spread, axis=1), color=BLUE, linewidth=1.0
    )
    lower.set_ylabel("Spread [ticks]")
    lower.set_ylim(bottom=0.0)
    lower.set_xlabel("Message [thousands]")
    return figure


def panels(size, heights):
    """Make a figure of two panels that share their x axis."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained", dpi=200)
    both = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    for axes in both:
        axes.grid(color="0.92", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(GREY)
        axes.tick_params(color=GREY, labelcolor="0.3", labelsize=9)
        axes.margins(x=0.01)
    figure.align_ylabels(both)
    return figure, both


def provenance(session):
    """List what the figures were made with, as names and values."""
    versions = ", ".join(f"{name} {version_of(name)}" for name in PACKAGES)
    return [
        ("Software", f"nanobook {__version__}, Python {platform.python_version()}, {versions}"),
        (
            "Prices",
            f"{demo.DATA_FILE} of skfolio: adjusted closing prices; counted in 1/{demo.PRICE_SCALE} USD",
        ),
        (
            "Backtest",
            f"initial cash {demo.CASH // 100:,} USD, {demo.COST_BPS} bps a fill and side, whole shares, "
            f"{demo.DAYS} days a year, risk-free rate 0; standard deviations divide by n - 1",
        ),
        ("Order flow", f"nanobook.sample.order_flow(messages={demo.MESSAGES}, seed={demo.SEED})"),
        ("Final book", f"SHA-256 {session.digest}"),
    ]


def version_of(package):
    """Version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:  # on the path without having been installed
        return "of unknown version"
