"""``nanobook demo``: a backtest and a session of the matching engine, with nothing of the user's."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InvalidValue

DATA_FILE = "sp500_dataset.csv.gz"
TOP = 5
LOOKBACK, SKIP = 12, 1  # months: the return from 12 months ago to 1 month ago
CASH = 100_000_000  # cents
COST_BPS = 10
PRICE_SCALE = (
    10_000  # the data have three decimals, adjusted prices of 1990 start at 0.098: cents are too coarse
)
DAYS = 252
MESSAGES = 200_000
SEED = 7
RUNS = 3
STAGES = 8
BAR = "{desc:<44}{bar:24} {n_fmt}/{total_fmt}  {elapsed}"


class Study(NamedTuple):
    """The backtests: prices used, and a ``BacktestResult`` by the name of the strategy."""

    prices: Any
    results: dict


class Session(NamedTuple):
    """A session of the matching engine: the tape that came back, and what was measured.

    ``seconds`` is thread CPU time of one ``process``, the best of ``RUNS``. ``mid`` and ``spread`` are in
    ticks after every message, NaN while a side was empty.
    """

    result: Any
    seconds: float
    mid: Any
    spread: Any
    digest: str


def add_parser(subparsers):
    """Add the command."""
    parser = subparsers.add_parser(
        "demo",
        help="run a backtest on real prices and a session of the matching engine; write a report",
        description="Backtest momentum on 20 stocks of the S&P 500, 1990 to 2022 (the data come with "
        "skfolio; nothing is downloaded), run a session of the matching engine, print a summary and write "
        "one HTML file. The first run compiles for some seconds.",
    )
    parser.add_argument(
        "--out", default="nanobook_demo.html", metavar="FILE", help="where to write (default: %(default)s)"
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress (nor with TQDM_DISABLE=1)")
    parser.set_defaults(func=run, extra="demo")


def run(args):
    """Work, print the summary, write the report."""
    check_place(args.out)
    check_packages("matplotlib", "skfolio")
    with progress(args.quiet) as stage:
        study = backtests(stage)
        session = engine_session(stage)
        stage("report")
        from .demo_page import page

        write(args.out, page(study, session))
    print(summary(study, session, args.out))
    return 0


def check_place(out):
    """Refuse a file that could not be written, before any work is done."""
    path = Path(out)
    if path.is_dir():
        raise InvalidValue(f"--out {out}: a folder; name a file in it")
    if not path.parent.is_dir():
        raise InvalidValue(f"--out {out}: no folder {path.parent}; make it first")


def check_packages(*names):
    """Raise for the first package that is not installed, before any work is done."""
    for name in names:
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def write(out, text):
    """Write the report; an error names the option."""
    from ..report import write_whole

    try:
        write_whole(out, text)
    except OSError as error:
        raise InvalidValue(f"--out {out}: cannot be written: {error.strerror}") from error


@contextmanager
def progress(quiet):
    """Show a bar on stderr; yields a function that names the stage now beginning."""
    from tqdm import tqdm

    # Without --quiet the word is left to tqdm, which listens to TQDM_DISABLE only where it is not told.
    told = {"disable": True} if quiet else {}
    with tqdm(total=STAGES, file=sys.stderr, bar_format=BAR, **told) as bar:
        begun = False

        def stage(name):
            nonlocal begun
            bar.update(begun)
            begun = True
            bar.set_description_str(name)

        yield stage
        bar.set_description_str("done", refresh=False)
        bar.update(begun)


# The backtests


def backtests(stage):
    """Backtest momentum and equal weights over the same days."""
    from ..portfolio import backtest_weights

    stage("prices")
    prices = load_prices()
    stage("momentum weights")
    targets = momentum_targets(prices)
    even = targets * 0.0 + 1.0 / prices.shape[1]
    schedules = {f"Momentum, {TOP} of {prices.shape[1]}": targets, "Equal weights": even}
    stage("backtests (compiled once)")
    prices_held = prices.loc[targets.index[0] :]
    results = {
        name: backtest_weights(
            drift(schedule, prices),
            prices_held,
            CASH,
            COST_BPS,
            DAYS,
            price_scale=PRICE_SCALE,
            max_jump=None,  # four real ones
        )
        for name, schedule in schedules.items()
    }
    return Study(prices_held, results)


def load_prices():
    """Daily adjusted closing prices of 20 stocks, in dollars: the data set that skfolio brings.

    Read from the package's folder, because importing skfolio takes seconds (scikit-learn, cvxpy) and
    reading the file 0.02. Where a version keeps the file elsewhere its own loader finds it; this data set is
    part of the package in every version, so neither way needs a network.
    """
    import pandas as pd

    for folder in find_spec("skfolio").submodule_search_locations:
        path = Path(folder, "datasets", "data", DATA_FILE)
        if path.is_file():
            return pd.read_csv(path, index_col="Date", parse_dates=True)
    from skfolio.datasets import load_sp500_dataset

    return load_sp500_dataset()


def momentum_targets(prices, top=TOP):
    """Choose the ``top`` stocks of 12-1 month momentum in equal parts, anew every month.

    Returns
    -------
    DataFrame
        One row a month, at its first day of trading. The choice knows prices up to the end of the month but
        one before, so nothing of the day on which it is traded.
    """
    import pandas as pd

    month = prices.index.to_period("M")
    ends = prices.groupby(month).last()
    score = (ends.shift(1 + SKIP) / ends.shift(1 + LOOKBACK) - 1.0).dropna()
    chosen = score.rank(axis=1, ascending=False, method="first") <= top
    first_day = pd.Series(prices.index, prices.index).groupby(month).first()
    return (chosen / top).set_index(pd.DatetimeIndex(first_day[chosen.index], name=prices.index.name))


def drift(targets, prices):
    """Weights of every day: the targets on their days, in between what has become of them.

    A schedule of one weight a day rebalances daily. To hold shares from one target to the next, the
    weights move as the prices do, to that same day's close: it only keeps what is held.
    """
    bought = prices.loc[targets.index].reindex(prices.index).ffill()
    value = (targets.reindex(prices.index).ffill() * prices / bought).loc[targets.index[0] :]
    return value.div(value.sum(axis=1), axis=0)


# The session of the matching engine


def engine_session(stage):
    """Run sample order flow through a new book, recording the touch after every message."""
    import numpy as np

    from ..exchange import Exchange
    from ..sample import order_flow

    stage("order flow")
    flow = order_flow(MESSAGES, SEED)
    stage("matching engine: calls (compiled once)")
    book = Exchange()
    stage("matching engine: tape (compiled once)")
    book.process(flow.head(1), levels=1)
    stage("session")
    seconds = []
    for _ in range(RUNS):
        book = Exchange()
        start = time.thread_time()
        result = book.process(flow, levels=1)
        seconds.append(time.thread_time() - start)
    levels = result.levels
    bid, ask = levels.bid_price[:, 0], levels.ask_price[:, 0]
    both = (levels.bid_orders[:, 0] > 0) & (levels.ask_orders[:, 0] > 0)
    mid, spread = np.where(both, (bid + ask) / 2.0, np.nan), np.where(both, ask - bid, np.nan)
    return Session(result, min(seconds), mid, spread, book.digest())


# The figures, for the terminal and for the page


def study_rows(study):
    """Rows of the table of the backtests: label, then one text a strategy."""
    rows = [
        ("CAGR [% a year]", "{:.1f}", lambda r: 100 * r.metrics.cagr),
        ("Volatility [% a year]", "{:.1f}", lambda r: 100 * r.metrics.volatility),
        ("Sharpe ratio [a year, risk-free 0]", "{:.2f}", lambda r: r.metrics.sharpe),
        ("Max drawdown [%]", "{:.1f}", lambda r: 100 * r.metrics.max_drawdown),
        ("Turnover [% of equity a year]", "{:.0f}", lambda r: 100 * r.turnover.mean() * DAYS),
        ("Costs [% of equity a year]", "{:.2f}", lambda r: 100 * yearly_cost(r)),
        ("Costs [thousand USD]", "{:,.0f}", lambda r: r.cost.sum() / 1e5),
        ("Final equity [thousand USD]", "{:,.0f}", lambda r: r.equity_curve.iloc[-1] / 1e5),
    ]
    return [
        (label, *(form.format(value(result)) for result in study.results.values()))
        for label, form, value in rows
    ]


def yearly_cost(result):
    """Mean cost of a day over equity before it, times the days of a year."""
    return (result.cost / (result.equity_curve + result.cost)).mean() * DAYS


def session_rows(session):
    """Rows of the table of the session: label, text."""
    import numpy as np

    spread = session.spread[~np.isnan(session.spread)]
    low, middle, high = np.percentile(spread, [5, 50, 95])
    trades = session.result.trades
    return [
        ("Messages", f"{len(session.result):,}"),
        ("Trades", f"{len(trades):,}"),
        ("Lots traded", f"{trades.quantity.sum():,}"),
        ("Rate [million messages/s of CPU time]", f"{len(session.result) / session.seconds / 1e6:.1f}"),
        ("Mean spread [ticks]", f"{spread.mean():.2f}"),
        ("Spread, 5 / 50 / 95 % [ticks]", f"{low:.0f} / {middle:.0f} / {high:.0f}"),
    ]


def summary(study, session, out):
    """Make the text for the terminal."""
    days = study.prices.index
    return "\n".join(
        [
            f"{study.prices.shape[1]} stocks of the S&P 500, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, "
            f"{COST_BPS} bps a fill",
            "",
            *aligned([("", *study.results), *study_rows(study)]),
            "",
            "Session of the matching engine",
            "",
            *aligned(session_rows(session)),
            "",
            f"Report: {out}",
        ]
    )


def aligned(rows):
    """Lines of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
