"""``nanobook demo``: its figures recomputed by other means, its page self-contained, its manners."""

import base64
import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nanobook.cli import demo, main
from nanobook.sample import order_flow
from nanobook.types import MessageKind
from tests.oracle.book import NaiveBook
from tests.tapes import messages

pytest.importorskip("skfolio")
pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One whole run: exit code, what it said and the page."""
    path = tmp_path_factory.mktemp("demo") / "report.html"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["demo", "--quiet", "--out", str(path)])
    page = path.read_text(encoding="utf-8")
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue(), page=page, path=path)


@pytest.fixture(scope="module")
def prices():
    return demo.load_prices()


@pytest.fixture(scope="module")
def naive(prices):
    """Equity of the first strategy and of the second, day by day."""
    return naive_equity(prices, naive_momentum), naive_equity(prices, lambda ends: range(20))


@pytest.fixture
def brief(monkeypatch):
    """Make the session short."""
    monkeypatch.setattr(demo, "MESSAGES", 3000)
    monkeypatch.setattr(demo, "RUNS", 1)


def figures(text, label):
    """Numbers of the line of the summary that begins with ``label``."""
    line = next(line for line in text.splitlines() if line.startswith(label))
    return [float(number.replace(",", "")) for number in re.findall(r"-?[\d,.]+", line[len(label) :])]


def naive_momentum(ends):
    """Choose by 12-1 month momentum, given all month ends before today."""
    rose = [(ends[-2][s] / ends[-13][s], -s) for s in range(20)]
    return [-s for _, s in sorted(rose)[-5:]]


def naive_equity(prices, choose):
    """Buy and hold fractional shares from month to month, in plain floats; starts with 1."""
    rows, months = prices.to_numpy().tolist(), [(day.year, day.month) for day in prices.index]
    ends, cash, shares, equity = [], 1.0, [0.0] * 20, []
    for t in range(1, len(rows)):
        if months[t] != months[t - 1]:
            ends.append(rows[t - 1])
            if len(ends) >= 13:
                chosen = choose(ends)
                value = cash + sum(map(float.__mul__, shares, rows[t]))
                target = [value / len(chosen) / rows[t][s] if s in chosen else 0.0 for s in range(20)]
                for s in range(20):
                    traded = (target[s] - shares[s]) * rows[t][s]
                    cash -= traded + 0.001 * abs(traded)
                shares = target
        if len(ends) >= 13:
            equity.append(cash + sum(map(float.__mul__, shares, rows[t])))
    return equity


def test_it_ends_well_and_says_where_the_report_is(done):
    assert done.code == 0
    assert done.err == ""
    assert done.out.endswith(f"Report: {done.path}\n")
    assert os.listdir(done.path.parent) == ["report.html"]


def test_growth_of_both_strategies(done, naive):
    # The engine pays the cost of a fill by selling a little of everything the day after, the naive account
    # goes on owing it; and the engine holds whole shares. Over 32 years that makes 0.3 % of the end.
    years = len(naive[0]) / 252
    expected = [100 * (equity[-1] ** (1 / years) - 1) for equity in naive]
    assert figures(done.out, "CAGR [% a year]") == pytest.approx(expected, abs=0.06)
    final = figures(done.out, "Final equity [thousand USD]")
    assert final == pytest.approx([1000 * equity[-1] for equity in naive], rel=5e-3)


def test_risk_of_both_strategies(done, naive):
    for place, equity in enumerate(naive):
        curve = np.array([1.0, *equity])
        returns = curve[1:] / curve[:-1] - 1
        deepest = max(1 - curve[t] / curve[: t + 1].max() for t in range(len(curve)))
        volatility = returns.std(ddof=1) * 252**0.5
        assert figures(done.out, "Max drawdown [%]")[place] == pytest.approx(100 * deepest, abs=0.06)
        assert figures(done.out, "Volatility [% a year]")[place] == pytest.approx(100 * volatility, abs=0.06)
        sharpe = figures(done.out, "Sharpe ratio [a year, risk-free 0]")[place]
        assert sharpe == pytest.approx(252 * returns.mean() / volatility, abs=0.006)


def test_costs_are_ten_basis_points_of_the_turnover(done):
    turnover = figures(done.out, "Turnover [% of equity a year]")
    costs = figures(done.out, "Costs [% of equity a year]")
    assert costs == pytest.approx([0.001 * each for each in turnover], abs=0.006)


def test_trades_and_spread_of_the_session(done):
    book, spreads = NaiveBook(False), []
    flow = order_flow(200_000, seed=7)
    for row in messages({name: flow[name] for name in flow}):
        book.apply(*row)
        bid, ask = book.best_bid(), book.best_ask()
        if bid is not None and ask is not None:
            spreads.append(ask - bid)
    assert figures(done.out, "Messages") == [200_000]
    assert figures(done.out, "Trades") == [len(book.trades)]
    assert figures(done.out, "Lots traded") == [sum(trade.quantity for trade in book.trades)]
    assert figures(done.out, "Mean spread [ticks]") == pytest.approx([np.mean(spreads)], abs=0.006)
    assert figures(done.out, "Spread, 5 / 50 / 95 % [ticks]") == np.percentile(spreads, [5, 50, 95]).tolist()
    assert figures(done.out, "Rate [million messages/s of CPU time]")[0] > 0


def test_the_page_shows_the_figures_of_the_summary(done):
    table = done.out.split("\n\n")[1].splitlines()[1:]
    for line in table:
        for cell in re.split(r"  +", line):
            assert f"<td>{cell}</td>" in done.page


def test_the_page_refers_to_nothing_outside_itself(done):
    links = re.findall(r"""(?:src|href|srcset|action)\s*=\s*["']([^"']*)""", done.page)
    assert len(links) == 2
    for link in links:
        head, data = link.split(",")
        assert head == "data:image/svg+xml;base64"
        svg = base64.b64decode(data).decode()
        inner = re.findall(r'href="([^"]*)"', svg)
        assert all(each.startswith(("#", "data:image/png;base64,")) for each in inner)
    for word in ("<script", "<link", "<iframe", "@import", "url(", str(Path.home()), os.getcwd()):
        assert word not in done.page


def test_the_page_says_what_it_was_made_with(done):
    from importlib.metadata import version

    for name in ("numba", "numpy", "pandas", "matplotlib", "skfolio"):
        assert f"{name} {version(name)}" in done.page
    assert "seed=7" in done.page
    assert re.search("SHA-256 [0-9a-f]{64}", done.page)


def test_progress_goes_to_stderr(brief, tmp_path, capfd):
    assert main(["demo", "--out", str(tmp_path / "report.html")]) == 0
    told = capfd.readouterr()
    for stage in ("prices", "backtests", "order flow", "matching engine", "session", "report", "8/8"):
        assert stage in told.err
    assert "8/8" not in told.out
    assert "\r" not in told.out


@pytest.mark.parametrize(("setting", "shown"), [("1", False), ("", True)])
def test_tqdm_may_be_told_to_be_silent(setting, shown):
    code = "from nanobook.cli.demo import progress\nwith progress(False) as stage: stage('prices')"
    env = {**os.environ, "TQDM_DISABLE": setting}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert ("prices" in done.stderr) == shown


# What goes wrong


@pytest.fixture
def idle(monkeypatch):
    """Fail if work begins."""
    monkeypatch.setattr(demo, "backtests", lambda stage: pytest.fail("work began"))


@pytest.mark.usefixtures("idle")
def test_a_folder_that_is_not_there_is_told_before_any_work(tmp_path, capsys):
    path = tmp_path / "no" / "report.html"
    assert main(["demo", "--out", str(path)]) == 2
    reason = f"--out {path}: no folder {path.parent}; make it first"
    assert capsys.readouterr() == ("", f"nanobook: error: {reason}\n")


@pytest.mark.usefixtures("idle")
def test_a_folder_is_no_file(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"nanobook: error: --out {tmp_path}: a folder; name a file in it\n"


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize("name", ["matplotlib", "skfolio"])
def test_a_missing_package_is_told_before_any_work(name, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda asked: None if asked == name else object())
    assert main(["demo", "--out", str(tmp_path / "report.html")]) == 2
    reason = f"{name} is not installed; run: pip install 'nanobook[demo]'"
    assert capsys.readouterr() == ("", f"nanobook: error: {reason}\n")


def test_a_full_disk_leaves_the_old_report(brief, tmp_path, capsys, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    path = tmp_path / "report.html"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    assert main(["demo", "--quiet", "--out", str(path)]) == 2
    reason = f"--out {path}: cannot be written: No space left on device"
    assert capsys.readouterr() == ("", f"nanobook: error: {reason}\n")
    assert os.listdir(tmp_path) == ["report.html"]
    assert path.read_text() == "old"


def test_ctrl_c_leaves_nothing(tmp_path, capsys, monkeypatch):
    def interrupt(stage):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "engine_session", interrupt)
    assert main(["demo", "--quiet", "--out", str(tmp_path / "report.html")]) == 130
    assert capsys.readouterr() == ("", "nanobook: interrupted\n")
    assert os.listdir(tmp_path) == []


# The strategy


def test_prices_are_those_of_the_public_loader(prices, monkeypatch):
    monkeypatch.setattr(demo, "DATA_FILE", "moved.csv.gz")
    pd.testing.assert_frame_equal(demo.load_prices(), prices)
    assert prices.shape[1] == 20
    assert (prices > 0).all(axis=None)


def test_prices_are_counted_without_rounding(prices):
    units = prices * demo.PRICE_SCALE
    np.testing.assert_allclose(units, units.round(), rtol=1e-12)


def test_targets_are_traded_on_the_first_day_of_each_month(prices):
    targets = demo.momentum_targets(prices)
    months = targets.index.to_period("M")
    assert (np.diff(months.asi8) == 1).all()
    first = prices.index.to_series().groupby(prices.index.to_period("M")).min()
    assert (targets.index == first[months]).all()
    assert ((targets > 0).sum(axis=1) == demo.TOP).all()
    assert (targets.sum(axis=1) == 1.0).all()


@pytest.mark.parametrize("day", ["1995-03-31", "1995-04-03", "2008-10-15"])
def test_targets_do_not_know_the_day_they_are_traded_on(prices, day):
    changed = prices.copy()
    later = changed.loc[day:]
    changed.loc[day:] = later * np.random.default_rng(0).uniform(0.2, 5.0, later.shape)
    before, after = demo.momentum_targets(prices), demo.momentum_targets(changed)
    pd.testing.assert_frame_equal(before.loc[:day], after.loc[:day])
    assert not before.equals(after)


def test_momentum_by_hand():
    days = pd.bdate_range("2020-01-01", "2021-03-31", name="Date")
    prices = pd.DataFrame(100.0, days, ["up", "flat", "late"])
    prices.loc["2020-06-15":, "up"] = 150.0
    prices.loc["2021-01-04":, "late"] = 300.0  # in the month that is skipped, then no longer
    targets = demo.momentum_targets(prices, top=1)
    assert [f"{day:%Y-%m-%d}" for day in targets.index] == ["2021-02-01", "2021-03-01"]
    assert targets.idxmax(axis=1).tolist() == ["up", "late"]


def test_between_targets_shares_are_held(prices):
    study = demo.backtests(lambda name: None)
    named = study.prices.index.isin(demo.momentum_targets(prices).index)
    for result in study.results.values():
        assert result.turnover[~named].max() < 0.002  # the cost of the day before, and whole shares
        assert result.turnover[~named].sum() < 0.002 * result.turnover[named].sum()
        assert result.cash.iloc[-1] > -0.002 * result.equity_curve.iloc[-1]


def test_the_session_names_only_messages_that_trade():
    session = demo.engine_session(lambda name: None)
    row = session.result.trade_message()
    assert (np.diff(row) >= 0).all()
    assert (order_flow(demo.MESSAGES, demo.SEED)["kind"].to_numpy()[row] != MessageKind.CANCEL).all()
