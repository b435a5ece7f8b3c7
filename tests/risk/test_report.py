"""Reports: lists of dicts in all respects, that also answer for themselves."""

import copy
import json
import pickle

import pandas as pd

from nanobook import RiskEngine, RiskReport

ENGINE = RiskEngine(max_position_pct=0.1, max_trade_usd=5)
REPORT = ENGINE.check_order("<b>", "buy", 100, 18500, 10_000_000, [])
ROWS = [
    {"name": "Max order value", "status": "PASS", "detail": "$18500 <= $100000 max_order_value_cents"},
    {"name": "Max position", "status": "FAIL", "detail": "18.5% (<b>) > 10.0% limit"},
    {"name": "Order size", "status": "WARN", "detail": "$18500.00 > $5.00 max"},
]


def test_it_is_a_list_of_dicts():
    assert REPORT == ROWS
    assert isinstance(REPORT, list)
    assert [type(row) for row in REPORT] == [dict] * 3
    assert json.loads(json.dumps(REPORT)) == ROWS
    assert pd.DataFrame(REPORT).equals(pd.DataFrame(ROWS))
    assert repr(REPORT) == repr(ROWS)


def test_it_answers():
    assert REPORT.has_failures()
    assert REPORT.has_warnings()
    assert REPORT.failures == ROWS[1:2]
    assert REPORT.warnings == ROWS[2:]
    assert not RiskReport(ROWS[:1]).has_failures()
    assert not RiskReport(ROWS[:1]).has_warnings()


def test_it_copies():
    for again in (pickle.loads(pickle.dumps(REPORT)), copy.deepcopy(REPORT)):
        assert again == REPORT
        assert type(again) is RiskReport


def test_tables():
    assert REPORT.to_frame().to_dict("records") == ROWS
    assert list(RiskReport().to_frame().columns) == ["name", "status", "detail"]
    assert "18.5% (&lt;b&gt;) &gt; 10.0% limit" in REPORT._repr_html_()


def test_c_b4_35_text_of_strangers():
    """A detail that a terminal would obey is escaped when it is shown."""
    report = RiskReport([{"name": "Symbols", "status": "FAIL", "detail": "\x1b[2Jx\n"}])
    assert str(report) == "FAIL  Symbols: \\x1b[2Jx\\n"
    assert "\x1b" not in report._repr_html_()
