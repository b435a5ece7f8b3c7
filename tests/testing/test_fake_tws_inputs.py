"""What users give the fake: quotes, positions, rules, faults and commands; and what is wrong with them."""

import json
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.errors import ConnectionFailed, CorruptFile, InvalidValue
from nanobook.testing import FakeTws, Fault
from nanobook.testing.fake_tws.contracts import Listings
from nanobook.testing.fake_tws.controls import command_of, line_of
from nanobook.testing.fake_tws.inputs import read_positions, read_quotes
from nanobook.testing.fake_tws.script import Script

ROWS = [{"symbol": "A", "bid": 1.5, "ask": "1.6"}, {"symbol": "B", "bid": 2, "tick": 0.05, "data": "delayed"}]
READ = [
    {"contract": {"symbol": "A"}, "quote": {"bid": 1.5, "ask": "1.6"}},
    {"contract": {"symbol": "B", "tick": Decimal("0.05")}, "quote": {"bid": 2, "data": "delayed"}},
]


def test_quotes_as_rows_mapping_and_table_are_one_thing():
    assert read_quotes(ROWS) == READ
    by_symbol = {row["symbol"]: {k: v for k, v in row.items() if k != "symbol"} for row in ROWS}
    assert read_quotes(by_symbol) == READ
    assert read_quotes(pd.DataFrame(ROWS)) == READ
    assert read_quotes(pd.DataFrame(ROWS).set_index("symbol")) == READ
    assert read_quotes({"A": (1, 2, 3, 4)})[0]["quote"] == {"bid": 1, "ask": 2, "last": 3, "volume": 4}


def test_quotes_from_files(tmp_path):
    table = tmp_path / "quotes.csv"
    pd.DataFrame(ROWS).to_csv(table, index=False)
    assert [row["contract"] for row in read_quotes(table)] == [row["contract"] for row in READ]
    file = tmp_path / "quotes.json"
    for content in (ROWS, {row["symbol"]: row for row in ROWS}):
        file.write_text(json.dumps(content))
        [first, second] = read_quotes(str(file))
        assert first["quote"] == {"bid": Decimal("1.5"), "ask": "1.6"}
        assert second["contract"] == {"symbol": "B", "tick": Decimal("0.05")}


@pytest.mark.parametrize(
    ("quotes", "named"),
    [
        ({"A": (1,)}, "quotes: A has 1 numbers"),
        ([{"bid": 1}], "a row without a symbol"),
        ([{"symbol": "A", "bidd": 1}], r"'bidd' of A: no such column \(did you mean 'bid'\?\)"),
        ({"A": (2, 1.005)}, "ask: 1.005 of A; use a multiple of 0.01"),
        ([{"symbol": "A", "con_id": 5}, {"symbol": "B", "con_id": 5}], "con_id: 5 is A's; give B another"),
    ],
)
def test_quotes_that_cannot_be_name_the_culprit(quotes, named):
    with pytest.raises(InvalidValue, match=named):
        FakeTws(quotes)


@pytest.mark.parametrize("text", ['{"A": ', "[1, 2]", '["a"]'])
def test_files_that_are_neither_csv_nor_json(tmp_path, text):
    path = tmp_path / "q.json"
    path.write_text(text)
    with pytest.raises(CorruptFile, match=r"q\.json"):
        FakeTws(path)


def test_positions(tmp_path):
    listings = Listings()
    listings.add("A"), listings.add("B")
    wanted = [("A", 10, Decimal("1.5")), ("B", Decimal("-0.5"), 0)]
    assert read_positions([("A", 10, 1.5), ("B", "-0.5", 0)], listings) == wanted
    assert read_positions({"A": (10, "1.5"), "B": -0.5}, listings) == wanted
    path = tmp_path / "positions.csv"
    path.write_text("symbol,quantity,average_cost\nA,10,1.5\nB,-0.5,\n")
    assert read_positions(path, listings) == wanted
    with pytest.raises(InvalidValue, match="positions: 'C' has no quote"):
        read_positions({"C": 1}, listings)


def test_contract_ids_are_the_same_in_every_process():
    assert Listings().add("AAPL").con_id == 429_042_616
    both = Listings()
    assert both.add("X").con_id != both.add("X", exchange="ARCA").con_id


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"server_versoin": 170}, r"server_versoin: there is no such option \(did you mean 'server_version'"),
        ({"server_version": 156}, "server_version: 156; use 157 to 178"),
        ({"server_version": 179}, "server_version: 179"),
        ({"message_rate": 0}, "message_rate: 0; use 1 to"),
        ({"leverage": 0}, "leverage: 0; use 1 to 100"),
        ({"commission_minimum": -1}, "commission_minimum: -1"),
        ({"tif_preset": "EOD"}, "tif_preset: 'EOD'; use one of DAY, GTC"),
        ({"port": -1}, "port: -1; use 0"),
        ({"cash": float("inf")}, "cash: inf is not finite"),
    ],
)
def test_rules_that_cannot_be(rules, named):
    with pytest.raises(InvalidValue, match=named):
        FakeTws(**rules)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (("placeOder", "mute"), r"there is no message 'placeOder' \(did you mean 'placeOrder'"),
        (("placeOrder", "duplicate"), "do: 'duplicate' at placeOrder; use one of drop_before"),
        (("execDetails", "reject"), "do: 'reject' at execDetails"),
        (("placeOrder", "mute", 0), "nth: 0"),
        (("placeOrder", "mute", 1, 0), "times: 0"),
        (("placeOrder", "mute", "1"), "nth: '1'"),
        (("placeOrder", "mute", 1, 1.5), "times: 1.5"),
        (("placeOrder", "delay", 1, 1, "2"), "seconds: '2'"),
        (("placeOrder", "delay", 1, 1, -1), "seconds: -1"),
        (("placeOrder", "delay", 1, 1, float("nan")), "seconds: nan"),
        (("placeOrder", "reject", 1, 1, 0.1, "201"), "code: '201'"),
    ],
)
def test_faults_that_cannot_be(fault, named):
    with pytest.raises(InvalidValue, match=named):
        Fault(*fault)


def test_a_fault_meets_so_many_messages_from_the_nth_on():
    script = Script([Fault("placeOrder", "mute", nth=2, times=2), Fault("cancelOrder", "lose", times=None)])
    assert [bool(script.at("placeOrder")) for _ in range(5)] == [False, True, True, False, False]
    assert [bool(script.at("cancelOrder")) for _ in range(3)] == [True] * 3
    assert script.at("reqIds") is None


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.decimals("-1e9", "1e9", places=4).filter(lambda x: x != x.to_integral_value()),
)
names = st.sampled_from(["bid", "ask", "do", "next_id"])


@given(st.lists(values, max_size=4), st.dictionaries(names, values))
def test_a_command_comes_back_from_its_line(args, kwargs):
    line = line_of("set_quote", args, kwargs)
    assert "\n" not in line
    assert command_of(line) == ("set_quote", args, kwargs)


def test_commands_as_a_person_types_them():
    assert command_of("set_quote 'BRK B' bid=1.5 ask=2 last=null") == (
        *("set_quote", ["BRK B"]),
        {"bid": Decimal("1.5"), "ask": 2, "last": None},
    )
    with pytest.raises(InvalidValue, match="command: No closing quotation"):
        command_of("set_quote 'A")


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (lambda tws: tws.set_quote("APPL", bid=1), r"there is no 'APPL' \(did you mean 'AAPL'\?\)"),
        (lambda tws: tws.set_quote("?", bid=1), "there is no '[?]'; there are AAPL, AMZN"),
        (lambda tws: tws.set_quote("AAPL", bd=1), "quote: 'bd' is none of bid, ask"),
        (lambda tws: tws.set_quote("AAPL", bid=1.001), "bid: 1.001 of AAPL"),
        (lambda tws: tws.cancel_order(5), "perm_id: 5 is no order that lives"),
        (lambda tws: tws.set_link("down"), "state: 'down'; use 'lost'"),
        (lambda tws: tws.add_fault("x", "mute"), "there is no message 'x'"),
        (lambda tws: tws.correct_execution("e.01", 1), "there is no execution 'e.01'"),
        (lambda tws: tws.place_by_hand("AAPL", "HOLD", 1), "AAPL: error 321: .*Invalid side 'HOLD'"),
        (lambda tws: tws.place_by_hand("AAPL", "BUY", 1, 1.001), "AAPL: error 110"),
        (lambda tws: tws._call("explode"), "explode: there is no such command"),
        (lambda tws: tws._call("drop", 1, 2), "drop: too many positional arguments"),
    ],
)
def test_commands_that_cannot_be_done_change_nothing(command, named):
    with FakeTws() as tws:
        before = tws.values(), tws.orders()
        with pytest.raises(InvalidValue, match=named):
            command(tws)
        assert (tws.values(), tws.orders()) == before


def test_before_the_start_and_after_the_end_there_is_nothing_to_command():
    tws = FakeTws()
    with pytest.raises(ConnectionFailed, match="not started"):
        tws.orders()
    with tws:
        assert tws.orders() == []
    with pytest.raises(ConnectionFailed, match="not started"):
        tws.orders()


def test_a_port_in_use_is_told():
    with FakeTws() as tws, pytest.raises(ConnectionFailed, match=f"port {tws.port}: "):
        FakeTws(port=tws.port).start()


def test_the_state_survives_a_stop_and_the_port_is_kept():
    tws = FakeTws()
    with tws:
        port = tws.port
        tws.place_by_hand("AAPL", "BUY", 3)
    with tws:
        assert (tws.port, tws.positions()) == (port, {"AAPL": 3})
    assert repr(tws) == f"FakeTws(127.0.0.1:{port}, account DU1234567, 6 symbols)"


def test_the_sample_fills_what_the_rebalancer_sends():
    """Else a first rehearsal waits for minutes, and nothing happens."""
    from nanobook.rebalancer.planning.diff import limit_price
    from nanobook.rebalancer.settings.sections import Execution
    from nanobook.testing.fake_tws.inputs import SAMPLE

    for bid, ask in SAMPLE.values():
        low, high = round(bid * 100), round(ask * 100)
        middle = Decimal(low + high) / 2
        offset = Execution().limit_offset_bps
        assert limit_price(middle, "sell", offset) <= low < high <= limit_price(middle, "buy", offset)
