"""Portfolios in files: of ours, of nanobook 0.9.3, and broken ones."""

import json
import math
import os
from pathlib import Path

import pytest

from nanobook import CostModel, Financing, NanobookError, Portfolio, TradingRules

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "portfolio_093.json").read_text(encoding="utf-8"))


def used(**options):
    portfolio = Portfolio(1_000_000, CostModel(10, 5, 100), **options)
    portfolio.rebalance_simple([("A", 0.5), ("B", -0.3)], [("A", 3333), ("B", 777)])
    portfolio.record_return([("A", 3400), ("B", 800)])
    return portfolio


OPTIONS = {
    "rules": TradingRules(quantity_step=0.001, max_turnover=1.5, allow_margin=False),
    "financing": Financing(borrow_rate=0.01, cash_rate=0.02),
    "periods_per_year": 365.25,
    "max_leverage": 2.0,
    "missing": "zero",
}


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "options"])
def test_what_was_saved_is_loaded(tmp_path, options):
    portfolio, path = used(**options), tmp_path / "portfolio.json"
    portfolio.save_json(path)
    loaded = Portfolio.load_json(str(path))
    assert loaded == portfolio == Portfolio.from_dict(portfolio.to_dict())
    for each in (portfolio, loaded):
        each.rebalance_simple({"A": 0.1}, {"A": 3500, "B": 700})
    assert loaded == portfolio
    assert loaded.trades.equals(portfolio.trades)
    assert os.listdir(tmp_path) == ["portfolio.json"]


def test_a_file_of_093_is_read():
    loaded, ours = Portfolio.from_dict(GOLDEN["saved"]), used()
    assert (loaded.cash, loaded.positions()) == (ours.cash, ours.positions())
    assert (loaded.returns(), loaded.equity_curve()) == (ours.returns(), ours.equity_curve())
    assert loaded.cost_model == ours.cost_model
    assert loaded == Portfolio.from_dict(loaded.to_dict())


def test_a_file_has_the_entries_of_093():
    """Those in its order, so that 0.9.3 reads it; ours behind them, which it leaves alone."""
    saved = used().to_dict()
    ours = saved.pop("nanobook")
    assert saved == GOLDEN["saved"]
    assert list(saved) == list(GOLDEN["saved"])
    assert ours["format"] == 1


def test_a_file_of_093_after_a_bust_gets_its_returns_back():
    saved = json.loads(json.dumps(GOLDEN["saved"]))
    saved |= {"equity_curve": [100, -5, 20, 30], "prev_equity": 30, "returns": [-1.05, 0.5]}
    returns = Portfolio.from_dict(saved).returns()
    assert (returns[0], returns[2]) == (-1.05, 0.5)
    assert math.isnan(returns[1])


def test_undefined_returns_are_null(tmp_path):
    portfolio = Portfolio(-5)
    portfolio.record_return({})
    portfolio.save_json(tmp_path / "a.json")
    assert '"returns": [\n    null\n  ]' in (tmp_path / "a.json").read_text()
    assert math.isnan(Portfolio.load_json(tmp_path / "a.json").returns()[0])


def broken(**changes):
    saved = json.loads(json.dumps(used().to_dict()))
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = saved
        for parent in parents:
            place = place[int(parent) if parent.isdigit() else parent]
        last = int(last) if last.isdigit() else last
        if value is KeyError:
            del place[last]
        else:
            place[last] = value
    return saved


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"cash": KeyError}, "'cash'"),
        ({"cash": 1.5}, "initial_cash=1.5"),
        ({"cash": "100"}, "initial_cash='100'"),
        ({"cost_model": KeyError}, "'cost_model'"),
        ({"cost_model__commission_bps": -1}, "commission_bps=-1"),
        ({"positions__0__0": "C"}, "another's position"),
        ({"positions__1": ["A", {}]}, "'symbol'"),
        ({"positions__0__1__quantity": 0}, "contradict"),
        ({"positions__0__1__quantity": -150}, "contradict"),
        ({"positions__0__1__avg_entry_price": -1}, "contradict"),
        ({"positions__0__1__total_cost": 1.5}, "1.5 is no whole number"),
        ({"positions__0__1__realized_pnl": 2**63}, "no whole number"),
        ({"equity_curve": []}, "prev_equity"),
        ({"prev_equity": 1}, "prev_equity"),
        ({"returns": [0.1, 0.2]}, "2 for 1 periods"),
        ({"returns": ["x"]}, "x"),
        ({"nanobook__format": 2}, "format 2"),
        ({"nanobook__rules__max_trade": 3}, "max_trade"),
        ({"nanobook__missing": "no"}, "missing='no'"),
        ({"nanobook__counters__cost": KeyError}, "'cost'"),
        ({"nanobook__fills__0__1": "ZZ"}, "'ZZ'"),
        ({"nanobook__fills__0": [1]}, "unpack"),
    ],
)
def test_what_contradicts_itself_is_refused(changes, part):
    with pytest.raises(NanobookError) as caught:
        Portfolio.from_dict(broken(**changes))
    assert isinstance(caught.value, (OSError, ValueError))
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Expecting value"),
        ("[1, 2]", "no saved portfolio"),
        ('{"cash": NaN}', "NaN is no JSON number"),
        ('{"cash": 1, "cash": 2}', "'cash' is there twice"),
        ('{"cash": 1,', "Expecting"),
        ("[" * 100_000, ""),
        ("\udcff", ""),
    ],
)
def test_a_file_that_is_none_is_an_oserror_that_names_it(tmp_path, text, part):
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(OSError, match=r"bad\.json") as caught:
        Portfolio.load_json(path)
    assert isinstance(caught.value, NanobookError)
    assert part in str(caught.value)


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        Portfolio.load_json(tmp_path / "none.json")
    with pytest.raises(OSError, match="none"):
        Portfolio(5).save_json(tmp_path / "none" / "a.json")


def test_a_failed_save_leaves_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    used().save_json(path)
    before = path.read_bytes()

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        Portfolio(5).save_json(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.json"]
