"""The report: whole, well formed, nothing from outside, nothing unescaped, whatever the result."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from nanobook.errors import ShapeError, WrongType
from nanobook.portfolio import HtmlReport, backtest_report, backtest_weights
from nanobook.portfolio.charts import linear, logarithmic, nice_step, period_labels, thin, trace
from nanobook.portfolio.report import spell_settings
from nanobook.portfolio.report_returns import money
from tests.test_report import Outline

VOID = {"meta", "input"}
HEADINGS = [
    "Key figures",
    "Equity",
    "Drawdowns",
    "Rolling figures over 63 periods",
    "Returns by month and year",
    "Distribution of returns",
    "Weights",
    "Turnover and cost",
    "Contributions",
    "To be aware of",
]


class Page(Outline):
    """Checks that tags are closed in order; keeps text, headings and attributes."""

    def __init__(self, text):
        self.headings, self.words = [], []
        super().__init__(text)

    def handle_starttag(self, tag, attrs):
        """Open a tag, unless it closes itself."""
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Keep a tag that closes itself."""
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, text):
        """Keep text by what it stands in."""
        if self.open[-1:] == ["h2"]:
            self.headings.append(text)
        if "style" not in self.open:
            self.words.append(text)


def market(periods=300, count=4, seed=1, start="2020-01-01"):
    rng = np.random.default_rng(seed)
    prices = 100.0 * np.cumprod(1.0 + rng.normal(0.0005, 0.02, (periods, count)), axis=0)
    weights = rng.random((periods, count)) * (rng.random((periods, count)) < 0.7)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
    days = pd.date_range(start, periods=periods, freq="B")
    symbols = [f"S{i}" for i in range(count)]
    return pd.DataFrame(weights, days, symbols), pd.DataFrame(prices, days, symbols)


def run(weights, prices, **options):
    return backtest_weights(weights, prices, 100_000_000, 10, **options)


def check(page):
    """A page that parses, and points to nothing."""
    outline = Page(page)
    for _, attributes in outline.seen:
        assert not {"src", "href", "srcset", "onload", "onclick"} & attributes.keys()
        assert "url(" not in attributes.get("style", "")
    tags = {tag for tag, _ in outline.seen}
    assert not tags & {"script", "link", "iframe", "object", "img", "base", "form"}
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in page
    assert "url(" not in page
    places = re.findall(r' d="([^"]*)"', page)
    assert not any("nan" in place or "inf" in place for place in places)
    assert "nan" not in re.sub(r"nanobook", "", "".join(outline.words)).split()
    identities = [attributes["id"] for _, attributes in outline.seen if "id" in attributes]
    assert len(identities) == len(set(identities))
    return outline


def test_all_sections_are_there():
    page = run(*market()).report()
    outline = check(page)
    assert outline.headings == HEADINGS
    assert sum(tag == "svg" for tag, _ in outline.seen) == 11


def test_a_benchmark_is_compared():
    weights, prices = market()
    benchmark = prices["S0"].pct_change()
    outline = check(run(weights, prices).report(benchmark=benchmark))
    assert outline.headings[3] == "Beside the benchmark"
    text = " ".join(outline.words)
    for word in ("Benchmark", "Tracking error a year", "Up capture", "Beta over 63 periods", "299 of 300"):
        assert word in text


def test_figures_stand_with_their_units_and_formulas():
    result = run(*market())
    text = " ".join(check(result.report()).words)
    for figure in (
        f"{100 * result.metrics.cagr:,.2f} %",
        f"{result.metrics.sharpe:,.2f}",
        f"{100 * result.metrics.max_drawdown:,.2f} %",
        "CAGR a year",
        "Sharpe ratio a year",
        "sd x sqrt(P), ddof 1",
        "P = 252 the periods in a year",
        "1,000,000.00",
        "Cost of a fill [bps]",
        "Made with",
        "numba",
        "SHA-256",
    ):
        assert figure in text, figure


def test_a_file_is_written_whole(tmp_path):
    result = run(*market())
    path = result.report(tmp_path / "a.html", title="T")
    assert path == tmp_path / "a.html"
    assert path.read_text(encoding="utf-8") == result.report(title="T") == backtest_report(result, title="T")
    with pytest.raises(ShapeError):
        result.report(path, benchmark=[0.1])
    assert path.read_text(encoding="utf-8") == result.report(title="T")


def test_names_cannot_inject():
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&"
    weights, prices = market(80, 2)
    weights.columns = prices.columns = [evil, "B&B"]
    prices.iloc[40:, 0] *= 3.0
    page = run(weights, prices).report(title=evil)
    outline = check(page)
    assert evil not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4  # title, weights, contributions, jumps
    assert "".join(outline.words).count(evil) >= 4


@pytest.mark.parametrize("kind", ["arrays", "rows", "numbered"])
def test_results_without_dates(kind):
    weights, prices = market(120)
    if kind == "arrays":
        tables = weights.to_numpy(), prices.to_numpy()
    elif kind == "numbered":
        tables = weights.reset_index(drop=True), prices.reset_index(drop=True)
    else:
        tables = tuple(
            [list(zip(table.columns, row, strict=True)) for row in table.to_numpy().tolist()]
            for table in (weights, prices)
        )
    outline = check(run(*tables).report(benchmark=prices["S0"].pct_change().tolist()))
    assert "Returns by 21 periods" in outline.headings
    assert "There are no dates: a column is 21 periods, a row 12 of these." in outline.words


@pytest.mark.parametrize("periods", [1, 2, 3, 62, 63, 64])
def test_short_runs(periods):
    weights, prices = market(periods)
    outline = check(run(weights, prices).report())
    assert (f"Left out: {periods} periods are fewer than the window of 63." in outline.words) == (
        periods < 63
    )
    if periods > 2:
        check(run(weights, prices).report(benchmark=prices["S1"].pct_change(), window=2))


def test_a_lean_result_says_what_is_left_out():
    outline = check(run(*market(), lean=True).report())
    assert outline.headings == HEADINGS
    text = " ".join(outline.words)
    assert text.count("Left out: the backtest was run with lean=True") == 2


def test_nothing_held_and_nothing_earned():
    weights, prices = market(100)
    outline = check(run(weights * 0.0, prices).report(benchmark=prices["S0"].pct_change()))
    text = " ".join(outline.words)
    for word in (
        "Nothing was ever held.",
        "Nothing was traded.",
        "Equity never fell",
        "all returns are the same",
    ):
        assert word in text
    check(run(weights, prices * 0.0 + 100.0).report())


def test_ruin_and_shorts():
    weights, prices = market(100)
    weights.iloc[:] = 0.0
    weights.iloc[:, 0], weights.iloc[:, 1] = -1.0, 0.5
    prices.iloc[50:, 0] *= 4.0
    result = run(weights, prices, max_leverage=2.0)
    assert result.to_frame()["equity"].min() < 0
    text = " ".join(check(result.report()).words)
    assert "No logarithmic scale" in text
    assert "began without equity" in text
    assert "Net" in text


def test_jumps_of_prices_are_listed():
    weights, prices = market(100)
    prices.iloc[60:, 2] *= 0.5
    outline = check(run(weights, prices).report())
    text = " ".join(outline.words)
    assert "1 price rose by more than half, or fell by more than a third" in text
    assert str(prices.index[60].date()) in text


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("step", ["min", "h", "D", "W", "ME"])
def test_any_frequency(step, zone):
    weights, prices = market(150)
    index = pd.date_range("2020-01-31", periods=150, freq=step, tz=zone)
    check(run(weights.set_axis(index), prices.set_axis(index)).report())
    check(
        run(
            weights.set_axis(index.strftime("%Y %j %H %M")), prices.set_axis(index.strftime("%Y %j %H %M"))
        ).report()
    )


def test_equal_results_make_equal_pages():
    assert run(*market()).report() == run(*market()).report()


def test_a_large_run_makes_a_small_page():
    page = run(*market(2520, 500)).report(benchmark=market(2520, 500)[1]["S0"].pct_change())
    check(page)
    assert len(page.encode()) < 1_000_000


def test_a_notebook_shows_the_page():
    page = run(*market(70)).report()
    assert isinstance(page, HtmlReport)
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert repr(page).startswith("HtmlReport(")


def test_something_else_is_refused():
    with pytest.raises(WrongType, match="result: list, needs a BacktestResult"):
        backtest_report([0.1])


@dataclass(frozen=True)
class Group:
    """Settings of one kind."""

    rate: float = 0.0
    limit: int | None = None


@dataclass(frozen=True)
class Made:
    """Settings as a backtest has them."""

    cost_bps: int
    max_leverage: float = 1.0
    lean: bool = False
    rules: Group = Group()
    financing: Group = Group()
    fill: str = "close"
    max_age: int = 0


def test_settings_are_spelled_where_they_matter():
    assert spell_settings(Made(5)) == [
        ("Cost of a fill [bps]", "5"),
        ("Largest sum of weights", "1"),
        ("Fills", "at the period's close"),
    ]
    special = Made(Group(0.1, 3), math.inf, True, Group(limit=2), fill="next_open", max_age=5)
    assert spell_settings(special) == [
        ("Cost of a fill [bps]", "rate 0.1, limit 3"),
        ("Largest sum of weights", "no limit"),
        ("Lean", "yes"),
        ("Rules", "limit 2"),
        ("Fills", "at the next period's open"),
        ("Max age", "5"),
    ]


@pytest.mark.parametrize("kind", ["dicts", "records", "frame"])
def test_stops_are_counted_by_reason(kind):
    result = run(*market(70))
    events = [{"reason": reason} for reason in ("fixed", "trailing", "trailing")]
    records = np.array([(event["reason"],) for event in events], [("reason", "U8")])
    result.stop_events = {"dicts": events, "records": records, "frame": pd.DataFrame(events)}[kind]
    assert "Stops that were hit: 2 trailing, 1 fixed." in check(result.report()).words


# Charts


def test_steps_are_nice():
    assert [nice_step(rough) for rough in (0.9, 1.0, 1.1, 3.0, 7.0, 0.03)] == [1, 1, 2, 5, 10, 0.05]


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-3.7, 12.2), (5.0, 5.0), (0.0, 0.0), (1e9, 1.0001e9), (-1e-9, 1e-9)]
)
def test_linear_axes_span_what_they_show(low, high):
    axis = linear(low, high, str)
    slack = 0.03 * (axis.ticks[1][0] - axis.ticks[0][0])
    assert axis.low - slack <= low <= high <= axis.high + slack
    assert 2 <= len(axis.ticks) <= 12
    assert axis.place(axis.high) == 0.0
    assert axis.place(axis.low) == 400.0


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (0.9, 1.1), (1e6, 9e6), (1.0, 1e9), (123.0, 456.0)])
def test_logarithmic_axes_span_what_they_show(low, high):
    axis = logarithmic(low, high, str)
    assert 10**axis.low < low <= high < 10**axis.high
    assert all(-1 <= axis.place(value) <= 401 for value, _ in axis.ticks)
    assert len(axis.ticks) <= 12


def test_thinned_lines_keep_their_extremes():
    values = np.random.default_rng(1).normal(size=50_000)
    values[1000:1200] = math.nan
    values[3000:3300] = math.nan
    rows = thin(values)
    assert rows.size <= 1002
    assert np.nanmax(values[rows]) == np.nanmax(values)
    assert np.nanmin(values[rows]) == np.nanmin(values)
    assert (rows[0], rows[-1]) == (0, 49_999)
    assert thin(values[:10]).tolist() == list(range(10))


def test_paths_break_where_nothing_is_known():
    path = trace(np.arange(5.0), np.array([math.nan, 1.0, 2.0, math.nan, 3.0]))
    assert path == "M1.0 1.0L2.0 2.0M4.0 3.0"
    assert trace(np.arange(2.0), np.array([math.nan, math.nan])) == ""


def test_labels_of_time_are_few():
    for step in ("YS", "MS", "W", "B", "h", "min"):
        for count in (1, 2, 10, 100, 3000):
            labels = period_labels(
                pd.date_range("2001-01-01", periods=min(count, 250), freq=step), min(count, 250)
            )
            assert len(labels) <= 12
            assert all(0.0 <= x <= 1000.0 for x, _, _ in labels)
    assert [text for _, text, _ in period_labels(None, 41)][:3] == ["0", "10", "20"]


def test_amounts_are_short():
    assert [money(v) for v in (0, 5, 1500, -2e6, 3.25e9, 1e12)] == ["0", "5", "1.5k", "-2M", "3.25B", "1T"]
