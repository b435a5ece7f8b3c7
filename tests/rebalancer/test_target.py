"""``target.json``: what it says, and every way to get it wrong."""

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.errors import TargetError
from nanobook.rebalancer.settings.sections import Risk
from nanobook.rebalancer.targets.target import read_target, target_of
from tests.rebalancer.files import target_text, write

NOW = datetime(2026, 2, 8, 15, 30, tzinfo=UTC)
STAMP = "2026-02-08T15:30:00Z"


@pytest.fixture
def read(tmp_path):
    """Write a text and read it."""
    return lambda text, mode=0o600: read_target(write(tmp_path / "target.json", text, mode))


def faults(read, text):
    """The lines of a refusal, without the path."""
    with pytest.raises(TargetError) as caught:
        read(text)
    head, *lines = str(caught.value).split("\n  ")
    return lines or [head.partition("target.json: ")[2]]


def test_what_a_target_says(read):
    text = target_text(
        [("AAPL", 0.5), ("TSLA", -0.10)],
        STAMP,
        metadata={"id": "feb"},
        constraints={"max_leverage": 1.2, "min_trade_usd": 50.5},
        close_missing=True,
    )
    target = read(text)
    assert target.targets == (("AAPL", Decimal("0.5")), ("TSLA", Decimal("-0.1")))
    assert (target.timestamp, target.id, target.scope, target.close_missing) == (NOW, "feb", "feb", True)
    assert target.constraints.max_leverage == Decimal("1.2")
    assert target.constraints.max_position_pct is None
    assert target.min_trade_cents(Risk()) == 5050
    assert target.weights == {"AAPL": Decimal("0.5"), "TSLA": Decimal("-0.1")}


def test_the_scope_is_the_time_where_there_is_no_id(read):
    text = target_text([("A", 1)], "2026-02-08T10:30:00-05:00", metadata={"id": "  "})
    target = read(text)
    assert target.scope == "2026-02-08T15:30:00+00:00"
    assert target.close_missing is None
    assert target.min_trade_cents(Risk(min_trade_usd=Decimal("1.239"))) == 123


def test_c065_the_bytes_read_are_those_of_the_digest(read, tmp_path):
    import hashlib

    text = target_text([("A", 1)], STAMP)
    target = read(text)
    write(tmp_path / "target.json", "{}")
    assert target.digest == hashlib.sha256(text.encode()).hexdigest()
    assert target.targets == (("A", 1),)


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-02-08T15:30:00Z",
        "2026-02-08t15:30:00.000z",
        "2026-02-08 16:30:00+01:00",
        "2026-02-08T15:30:00-00:00",
    ],
)
def test_times_of_rfc_3339(read, stamp):
    assert read(target_text([("A", 1)], stamp)).timestamp == NOW


def test_c062_times_that_are_none(read):
    cases = {
        "2026-02-08T15:30:00": "has no time zone; add Z",
        "2026-02-08": "is no time",
        "2026-02-30T00:00:00Z": "is no time",
        "yesterday": "is no time",
        "20260208T153000Z": "is no time",
    }
    for stamp, told in cases.items():
        (fault,) = faults(read, target_text([("A", 1)], stamp))
        assert told in fault
    assert "timestamp: missing" in faults(read, '{"targets": [{"symbol": "A", "weight": 1}]}')[0]
    assert "timestamp" in faults(read, '{"timestamp": 5, "targets": [{"symbol": "A", "weight": 1}]}')[0]


def test_c061_an_old_target_and_its_age():
    target = target_of({"A": 1}, NOW)
    target.check_age(NOW + timedelta(hours=24), 24)
    with pytest.raises(
        TargetError, match=r"is 24\.0 hours old, more than execution\.target_max_age_hours, 24"
    ):
        target.check_age(NOW + timedelta(hours=24, seconds=1), 24)
    with pytest.raises(TargetError, match=r"3\.0 days old"):
        target.check_age(NOW + timedelta(days=3), Decimal("0.5"))


def test_c062_a_target_of_the_future():
    target = target_of({"A": 1}, NOW)
    target.check_age(NOW - timedelta(seconds=1), 24)
    with pytest.raises(TargetError, match="is 2 seconds in the future; now is 2026-02-08T15:29:58"):
        target.check_age(NOW - timedelta(seconds=2), 24)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("[]", "must be an object"),
        ("null", "must be an object"),
        ('{"timestamp": NaN}', "NaN is no number"),
        ('{"timestamp": -Infinity}', "-Infinity is no number"),
        ('{"targets": [], "targets": []}', "the key 'targets' stands twice"),
        ('{"targets": [{"symbol": "A", "symbol": "B"}]}', "the key 'symbol' stands twice"),
        ('{"targets": [],}', "line 1, column 16"),
        ('{"a": 1} x', "line 1, column 10"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "a number of 5000 characters"),
        ('{"a": 0.' + "9" * 5000 + "}", "a number of 5002 characters"),
        (b"\xff\xfe{}", "byte 0 is no UTF-8"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        ("x" * (2 << 20), "has 2,097,152 bytes; at most 1,048,576 are read"),
    ],
    ids=range(16),
)
def test_c063_what_is_no_json(read, text, told):
    (fault,) = faults(read, text)
    assert told in fault
    assert len(fault) < 300


def test_c063_every_half_of_a_file_is_refused(read):
    text = target_text([("AAPL", 0.5), ("MSFT", 0.25)], STAMP)
    for size in range(len(text)):
        assert faults(read, text[:size])
    assert "was it half written?" in faults(read, text[: len(text) // 2])[0]


def test_c064_everything_that_is_wrong_at_once(read):
    rows = [
        ("AAPL", 0.5),
        ("AAPL", 0.3),
        ("A", 0),
        ("msft", 0.1),
        ("", 0.1),
        ("B", 1.5),
        ("C", 60),
        ("D", "0.1"),
    ]
    rows += [("E", True), ("F", None), (7, 0.1), (" G", 0.1), ("H" * 40, 0.1)]
    with pytest.raises(TargetError) as caught:
        read(target_text(rows, STAMP, targts=1))
    text = str(caught.value)
    for told in (
        "13 faults",
        "targts: there is no such key (did you mean 'targets'?)",
        "targets[2].weight (A): is 0; leave the symbol out",
        "targets[3].symbol: 'msft' is not upper case (did you mean 'MSFT'?)",
        "targets[4].symbol: is empty",
        "targets[5].weight (B): 1.5 is beyond 1, which is all of the equity (per cent?)",
        "targets[7].weight (D): '0.1' is no number",
        "targets[8].weight (E): True is no number",
        "targets[9].weight (F): missing",
        "targets[10].symbol: 7 is no text",
        "... (13 in all)",
    ):
        assert told in text


def test_c064_duplicates_and_the_empty_list(read):
    assert faults(read, target_text([("A", 0.1), ("A", 0.1), ("A", 0.1)], STAMP)) == [
        "targets: A stands 3 times"
    ]
    assert "the list is empty" in faults(read, target_text([], STAMP))[0]
    assert faults(read, f'{{"timestamp": "{STAMP}", "targets": [5]}}') == [
        "targets[0]: must be an object with symbol and weight"
    ]
    assert "must be a list" in faults(read, f'{{"timestamp": "{STAMP}", "targets": {{}}}}')[0]
    assert "at most 5000" in faults(read, target_text([(f"S{n}", 0.0001) for n in range(5001)], STAMP))[0]


def test_long_weights_above_one_in_all(read):
    (fault,) = faults(read, target_text([("A", 0.6), ("B", 0.3), ("C", 0.2), ("D", -1)], STAMP))
    assert fault == "targets: long weights sum to 1.100000, above 1; the largest: A 0.6, B 0.3, C 0.2"
    read(target_text([("A", 0.6), ("B", 0.4), ("C", -1)], STAMP))
    read(target_text([(f"S{n}", 0.1) for n in range(10)], STAMP))  # as floats the sum is not 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"metadata": {"name": "x"}}, "metadata.name: there is no such key"),
        ({"metadata": []}, "metadata: must be an object"),
        ({"metadata": {"id": 5}}, "metadata.id: must be text"),
        ({"metadata": {"id": "a\nb"}}, "metadata.id: must be text"),
        ({"constraints": {"max_postion_pct": 0.1}}, "(did you mean 'max_position_pct'?)"),
        ({"constraints": {"max_leverage": 0.5}}, "constraints.max_leverage: "),
        ({"constraints": {"max_position_pct": 0}}, "constraints.max_position_pct: "),
        ({"constraints": {"max_position_pct": "0.1"}}, "constraints.max_position_pct: "),
        ({"constraints": {"min_trade_usd": True}}, "constraints.min_trade_usd: "),
        ({"constraints": 5}, "constraints: must be an object"),
        ({"close_missing": "yes"}, "close_missing: 'yes'; write true or false"),
        ({"close_missing": 1}, "close_missing: 1; write true or false"),
    ],
)
def test_c057_c058_other_parts_of_a_target(read, more, told):
    (fault,) = faults(read, target_text([("A", 1)], STAMP, **more))
    assert told in fault


def test_c058_numbers_beyond_all_exponents(read):
    text = target_text([("A", 1)], STAMP, constraints={"max_leverage": 1}).replace(
        '"max_leverage": 1', '"max_leverage": 1e99999999'
    )
    assert "must be a number from 1 to 10" in faults(read, text)[0]
    for weight in ("1e99999999", "-1e99999999", "1e-99999999"):
        (fault,) = faults(
            read, f'{{"timestamp": "{STAMP}", "targets": [{{"symbol": "A", "weight": {weight}}}]}}'
        )
        assert "targets[0].weight (A)" in fault


def test_c067_files_that_cannot_be_trusted(tmp_path, read, monkeypatch):
    text = target_text([("A", 1)], STAMP)
    read(text, 0o644)
    path = tmp_path / "target.json"
    link = tmp_path / "link.json"
    link.symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    cases = {
        link: "is a link",
        tmp_path: "a folder",
        tmp_path / "pipe": "not a plain file",
        "/dev/zero": "plain file",
    }
    for place, told in {
        **cases,
        tmp_path / "targt.json": "no such file; in the same folder: link.json",
    }.items():
        with pytest.raises(TargetError, match=told):
            read_target(place)
    for mode in (0o666, 0o620, 0o602):
        with pytest.raises(TargetError, match="chmod 644"):
            read(text, mode)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(TargetError, match="belongs to user"):
        read(text)


def test_c068_a_path_that_is_not_ascii(tmp_path):
    folder = tmp_path / "Ünïcode 目標"
    folder.mkdir()
    assert read_target(write(folder / "zïel.json", target_text([("A", 1)], STAMP))).targets == (("A", 1),)


def test_c067_a_file_that_grows_while_it_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "target.json", target_text([("A", 1)], STAMP))
    monkeypatch.setattr(os, "read", lambda handle, most: b" " * most)
    with pytest.raises(TargetError, match="grew while it was read"):
        read_target(path)


def test_c066_what_is_held_and_no_target():
    held = {"A": 5, "B": 0, "C": -1}
    with pytest.raises(TargetError, match='held, but no target: C; say "close_missing": true'):
        target_of({"A": 1}, NOW).missing(held)
    assert target_of({"A": 1}, NOW, close_missing=True).missing(held) == ["C"]
    assert target_of({"A": 1}, NOW, close_missing=False).missing(held) == ["C"]
    assert target_of({"A": 1, "C": 0}, NOW).missing(held) == []


@pytest.mark.parametrize(
    "weights",
    [
        {"A": 0.25, "B": -0.5},
        [("A", 0.25), ("B", -0.5)],
        pd.Series({"A": 0.25, "B": -0.5}),
        pd.DataFrame({"symbol": ["A", "B"], "weight": [0.25, -0.5]}),
        {"A": np.float32(0.25), "B": np.float64(-0.5)},
        {"A": Decimal("0.25"), "B": Decimal("-0.50")},
    ],
    ids=["dict", "pairs", "Series", "DataFrame", "NumPy", "Decimal"],
)
def test_weights_from_python(weights):
    target = target_of(weights, NOW, id="x")
    assert target.targets == (("A", Decimal("0.25")), ("B", Decimal("-0.5")))
    assert target.scope == "x"


def test_weights_from_python_that_are_none():
    for weights, told in (
        ({"A": float("nan")}, "no number"),
        ({"A": float("inf")}, "no number"),
        ({"A": None}, "missing"),
        ({"A": "1"}, "no number"),
        ({}, "empty"),
        ({5: 1.0}, "no text"),
        (pd.DataFrame({"a": [1]}), "needs columns symbol and weight"),
    ):
        with pytest.raises(TargetError, match=told):
            target_of(weights, NOW)
    with pytest.raises(TargetError, match="no time zone"):
        target_of({"A": 1}, datetime(2026, 1, 1))


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.floats(0, 1 / 6), min_size=1))
def test_a_float_counts_as_it_prints(weights):
    target = target_of(weights, NOW)
    for symbol, weight in target.targets:
        assert abs(weight - Decimal(repr(weights[symbol]))) <= Decimal("5e-19")
        assert json.loads(str(weight)) == pytest.approx(weights[symbol], abs=1e-17)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_target_or_a_target_error(content):
    from nanobook.rebalancer.targets.target import make_target
    from nanobook.rebalancer.targets.text import parse_target

    with pytest.raises(TargetError):
        make_target(parse_target("t", content))


@pytest.mark.parametrize(
    "when", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1969-12-31T00:00:00Z"]
)
def test_c062_a_time_that_no_target_is_of(tmp_path, when):
    with pytest.raises(TargetError, match=r"timestamp: .* is not of the years 1970 to 2100"):
        read_target(write(tmp_path / "t.json", target_text([("A", 0.1)], timestamp=when)))


def test_c062_a_time_that_is_a_number(tmp_path):
    text = '{"timestamp": 1700000000, "targets": [{"symbol": "A", "weight": 0.1}]}'
    with pytest.raises(TargetError, match="timestamp: 1700000000 is no text"):
        read_target(write(tmp_path / "t.json", text))
