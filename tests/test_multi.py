"""Books by symbol: each is the Exchange it would be alone, and a flow of many symbols is parted right."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from nanobook import Exchange, MultiExchange, Side, Symbol, errors
from tests.tapes import flow


def a_multi():
    """Two books, the second with a trade."""
    multi = MultiExchange()
    multi.submit_limit("MSFT", "buy", 40000, 5)
    multi.submit_limit("AAPL", "sell", 10050, 100)
    multi.submit_market("AAPL", "buy", 30)
    return multi


# The original's part


def test_each_symbol_has_a_book_of_its_own():
    multi = MultiExchange()
    assert multi.submit_limit("AAPL", "sell", 10050, 100).order_id == 1
    assert multi.submit_limit("MSFT", "sell", 10050, 7, "ioc").cancelled_quantity == 7
    assert multi.submit_limit("AAPL", Side.BUY, 10050, 30, tif="fok").status == "Filled"
    assert multi.submit_market("AAPL", "b", 100).filled_quantity == 70
    assert multi.best_prices() == [("AAPL", None, None), ("MSFT", None, None)]
    assert multi.modify("AAPL", 1, 10060, 5).error == "OrderNotActive"
    multi.submit_limit("MSFT", "buy", 10000, 7)
    assert multi.modify("MSFT", 2, 10010, 5).new_order_id == 3
    assert multi.cancel("MSFT", 3) == (True, 5, None)


def test_symbols_come_in_the_order_of_their_books():
    multi = MultiExchange()
    names = ["GOOG", "AAPL", "C", "E", "MSFT", "", "ΩΩ", "aapl"]
    for name in names:
        multi.get_or_create(name)
    multi.submit_limit("C", "buy", 1, 1)
    assert multi.symbols() == list(multi) == names
    assert [name for name, _ in multi.items()] == [name for name, _, _ in multi.best_prices()] == names
    assert len(multi) == multi.len() == 8


def test_books_are_the_live_ones():
    multi = MultiExchange()
    book = multi.get_or_create("AAPL")
    book.submit_limit("buy", 100, 5)
    assert multi.best_prices() == [("AAPL", 100, None)]
    for other in (multi.get_or_create("AAPL"), multi.get("AAPL"), multi.get_mut("AAPL"), multi["AAPL"]):
        assert other is book
    assert multi.get("MSFT") is multi.get_mut("MSFT") is None
    assert multi.symbols() == ["AAPL"]


def test_it_is_a_container():
    multi = MultiExchange()
    assert multi.is_empty()
    assert not multi
    multi = a_multi()
    assert not multi.is_empty()
    assert "AAPL" in multi
    assert Symbol("AAPL") in multi
    assert "aapl" not in multi
    assert 5 not in multi
    assert [] not in multi
    assert multi[Symbol("AAPL")] is multi["AAPL"]
    assert {type(symbol) for symbol in multi} == {str}


def test_strings_and_tables():
    assert repr(MultiExchange()) == "MultiExchange(symbols=0)"
    multi = a_multi()
    assert repr(multi) == str(multi) == "MultiExchange(symbols=2)"
    frame = multi.to_frame()
    assert frame.index.tolist() == ["MSFT", "AAPL"]
    assert frame.loc["AAPL", "best_ask"] == 10050
    assert frame.isna().to_numpy().sum() == 4
    assert {str(dtype) for dtype in frame.dtypes} == {"Int64"}
    assert "<table" in multi._repr_html_()
    assert MultiExchange().to_frame().shape == (0, 3)


def test_equality_copies_and_pickles():
    multi = a_multi()
    assert multi == a_multi() == copy.deepcopy(multi) == pickle.loads(pickle.dumps(multi))
    other = copy.deepcopy(multi)
    other.submit_limit("MSFT", "buy", 1, 1)
    assert other != multi
    other = copy.deepcopy(multi)
    other.get_or_create("IBM")
    assert other != multi
    assert multi != "MultiExchange(symbols=2)"
    turned = MultiExchange()
    for symbol in ("AAPL", "MSFT"):
        turned._books[symbol] = multi[symbol]
    assert turned == multi


# Refusals


BAD_CALLS = {
    "symbol too long": (("x" * 33, "buy", 1, 1), errors.InvalidSymbol, "exceeds 32 bytes. Use a shorter"),
    "symbol first": (("x" * 33, "hold", 1.5, 0), errors.InvalidSymbol, "exceeds 32 bytes"),
    "bytes, not characters": (("Ω" * 17, "buy", 1, 1), errors.InvalidSymbol, "exceeds 32 bytes"),
    "no text": ((5, "buy", 1, 1), errors.SymbolType, "5 is a int; use text"),
    "unhashable": ((["AAPL"], "buy", 1, 1), errors.SymbolType, "use text"),
    "half a pair": (("a\ud800", "buy", 1, 1), UnicodeEncodeError, "surrogates not allowed"),
    "side": (("NEW", "hold", 1, 1), errors.InvalidSide, "Invalid side 'hold'. Use 'buy' or 'sell'."),
    "side before tif": (("NEW", "hold", 1, 1, "day after"), errors.InvalidSide, "Invalid side"),
    "tif": (("NEW", "buy", 1, 1, "never"), errors.InvalidTimeInForce, "Invalid time_in_force 'never'"),
    "price": (("NEW", "buy", 1.5, 1), errors.PriceType, "price"),
    "quantity": (("NEW", "buy", 1, 0), errors.QuantityOutOfRange, "quantity"),
    "notional": (("NEW", "buy", 2**62, 3), errors.NotionalOverflow, "outside int64"),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_c028_a_refused_submission_makes_no_book(case):
    order, error, told = BAD_CALLS[case]
    multi = MultiExchange()
    with pytest.raises(error) as caught:
        multi.submit_limit(*order)
    assert told in str(caught.value)
    assert isinstance(caught.value, errors.NanobookError)
    with pytest.raises(errors.NanobookError):
        multi.submit_market(order[0], order[1], 0)
    assert multi.is_empty()


def test_too_long_a_symbol_is_a_value_error_with_the_originals_words():
    with pytest.raises(
        ValueError, match=r"^Symbol 'ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567' exceeds 32 bytes\. Use a"
    ):
        MultiExchange().get_or_create("ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567")


def test_a_refused_fok_makes_a_book():
    """It took an id: the next order of the symbol has the second."""
    multi = MultiExchange()
    assert multi.submit_limit("A", "buy", 1, 1, "fok").status == "Cancelled"
    assert multi.submit_limit("A", "buy", 1, 1).order_id == 2


def test_c032_an_unknown_symbol_has_no_orders_and_gets_no_book():
    multi = a_multi()
    assert multi.cancel("AAPLE", 1) == (False, 0, "OrderNotFound")
    assert multi.modify("AAPLE", 1, 100, 5) == (False, 1, None, 0, [], "OrderNotFound")
    assert multi.modify("AAPLE", 1, 100, 0).error == "InvalidQuantity"
    with pytest.raises(errors.OrderIdOutOfRange):
        multi.cancel("AAPLE", -1)
    with pytest.raises(errors.InvalidSymbol):
        multi.cancel("x" * 33, 1)
    assert multi.symbols() == ["MSFT", "AAPL"]


@pytest.mark.parametrize(
    "look",
    [
        lambda m, s: m[s],
        lambda m, s: m.depth(s),
        lambda m, s: m.full_book(s),
        lambda m, s: m.trades(s),
        lambda m, s: m.get_order(s, 1),
        lambda m, s: m.get_stop_order(s, 1),
        lambda m, s: m.best_bid_ask(s),
        lambda m, s: m.last_trade_price(s),
    ],
)
def test_c009_an_unknown_symbol_is_a_key_error_that_names_the_nearest(look):
    multi = a_multi()
    for symbol in ("aapl", "AAPL ", "APPL"):
        with pytest.raises(KeyError) as caught:
            look(multi, symbol)
        assert isinstance(caught.value, errors.UnknownSymbol)
        assert str(caught.value).startswith(f"symbol: no book of {symbol!r} (did you mean 'AAPL'?)")
    with pytest.raises(errors.UnknownSymbol, match="no book of 5"):
        look(multi, 5)
    assert len(multi) == 2


def test_looking_through_it_is_looking_at_the_book():
    multi = a_multi()
    book = multi["AAPL"]
    assert multi.depth("AAPL", 3) == book.depth(3)
    assert multi.full_book("AAPL") == book.full_book()
    assert multi.trades("AAPL") == book.trades() != []
    assert multi.get_order("AAPL", 1) == book.get_order(1) is not None
    assert multi.best_bid_ask("AAPL") == (None, 10050)
    assert multi.last_trade_price("AAPL") == 10050


def test_options_are_checked_at_once():
    with pytest.raises(TypeError):
        MultiExchange(no_such_option=1)


# The whole book, through its symbol


def test_stops_are_submitted_by_symbol():
    multi = a_multi()
    assert multi.submit_stop_market("AAPL", "buy", 10060, 5).status == "Pending"
    assert multi.get_stop_order("AAPL", 3)["stop_price"] == 10060
    assert multi.submit_stop_limit("IBM", "sell", 90, 80, 5, "ioc").order_id == 1
    assert multi.submit_trailing_stop_market("IBM", "sell", 90, 5, "fixed", 2).order_id == 2
    assert multi.submit_trailing_stop_limit("IBM", "sell", 90, 80, 5, "fixed", 2, "gtc").order_id == 3
    assert multi["IBM"].pending_stop_count() == 3
    assert multi.cancel("IBM", 1).success


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("submit_stop_market", ("hold", 90, 5)),
        ("submit_stop_limit", ("buy", 90, 80, 5, "never")),
        ("submit_trailing_stop_market", ("buy", 90, 5, "wiggly", 2)),
        ("submit_trailing_stop_limit", ("buy", 90, 80, 5, "wiggly", 2)),
    ],
)
def test_refused_stops_make_no_book(name, order):
    multi = MultiExchange()
    with pytest.raises(errors.NanobookError):
        getattr(multi, name)("IBM", *order)
    assert multi.is_empty()


def test_amend_by_symbol():
    multi = a_multi()
    multi.amend("MSFT", 1, 3)
    assert multi["MSFT"].get_order(1).remaining_quantity == 3
    assert multi.amend("IBM", 1, 3).error == "OrderNotFound"
    assert "IBM" not in multi


def test_options_reach_every_book():
    multi = MultiExchange(stp_policy="cancel_newest", tick_size=5)
    multi.submit_limit("A", "sell", 100, 5, "gtc", 7)
    assert multi.submit_limit("A", "buy", 100, 5, owner=7).filled_quantity == 0
    with pytest.raises(errors.InvalidPrice):
        multi.submit_limit("B", "buy", 101, 5)
    assert multi.symbols() == ["A"]


# The tape


SYMBOLS = ["BB", "A", "CCC"]


def mixed(n, seed, symbols=SYMBOLS, **how):
    """Flows of several symbols, shuffled together, each in its own order."""
    parts = [pd.DataFrame(flow(n, seed + i, **how)).assign(symbol=name) for i, name in enumerate(symbols)]
    turns = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(parts)), n))
    places = np.argsort(np.argsort(turns, kind="stable"), kind="stable")
    return pd.concat(parts).iloc[places].reset_index(drop=True)


@pytest.mark.parametrize("client_ids", [False, "pool"])
def test_a_flow_of_many_symbols_equals_flows_of_each(client_ids):
    tape = mixed(300, 4, client_ids=client_ids)
    multi = MultiExchange()
    result = multi.process(tape, client_ids=bool(client_ids), levels=2)
    assert result.symbols == multi.symbols() == tape["symbol"].drop_duplicates().tolist()
    assert list(result) == result.symbols
    for name in SYMBOLS:
        book, part = Exchange(), tape[tape["symbol"] == name]
        alone = book.process(part, client_ids=bool(client_ids), levels=2)
        assert multi[name].digest() == book.digest()
        pd.testing.assert_frame_equal(result[name].to_frame(), alone.to_frame())
        rows = result.rows_of(name)
        assert rows.tolist() == part.index.tolist()
        for column in ("outcome", "order_id", "filled", "resting", "cancelled"):
            np.testing.assert_array_equal(getattr(result, column)[rows], getattr(alone, column))
        for side in ("bid", "ask"):
            for column in ("price", "quantity", "orders"):
                column = f"{side}_{column}"
                np.testing.assert_array_equal(
                    getattr(result.levels, column)[rows], getattr(alone.levels, column)
                )
        mine = result.trades.symbol == name
        assert result.trades.trade_id[mine].tolist() == alone.trades.trade_id.tolist()
        assert result.trades.timestamp[mine].tolist() == alone.trades.timestamp.tolist()
        np.testing.assert_array_equal(result.trades.message[mine], rows[alone.trade_message()])
        assert [result.trades[row] for row in np.flatnonzero(mine).tolist()] == list(alone.trades)
    assert (np.diff(result.trade_message()) >= 0).all()
    assert len(result) == 900


def test_frames_of_many_symbols():
    tape = mixed(50, 1)
    result = MultiExchange().process(tape, levels=1)
    frame = result.to_frame()
    assert frame["symbol"].tolist() == result.symbol.tolist() == tape["symbol"].tolist()
    assert frame.columns.tolist() == ["symbol", "order_id", "status", "filled", "resting", "cancelled"]
    trades = result.trades.to_frame()
    assert trades.columns.tolist()[:3] == ["symbol", "message", "trade_id"]
    assert len(trades) == len(result.trades) == sum(len(result[name].trades) for name in result) > 0
    assert repr(result).startswith("MultiTapeResult(messages=150, trades=")
    assert repr(result).endswith(", symbols=3)")
    assert "<table" in result._repr_html_()
    assert len(result.plot("A").axes) == 3
    with pytest.raises(errors.UnknownSymbol, match="no message of 'D'"):
        result["D"]


def test_a_flow_goes_on_where_the_books_are():
    tape = mixed(200, 8)
    whole, parts = MultiExchange(), MultiExchange()
    whole.process(tape)
    for start in range(0, 600, 150):
        parts.process(tape.iloc[start : start + 150])
    assert parts == whole
    assert {type(symbol) for symbol in parts.symbols()} == {str}


@pytest.mark.parametrize(
    "symbols",
    [
        list,
        np.array,
        lambda c: np.array(c, object),
        lambda c: pd.Series(c, dtype="category"),
        pd.Series,
        tuple,
    ],
    ids=["list", "U array", "object array", "categorical", "series", "tuple"],
)
def test_c026_forms_of_the_symbol_column(symbols):
    tape = mixed(40, 2)
    columns = {name: column.to_numpy() for name, column in tape.items()}
    columns["symbol"] = symbols(tape["symbol"].tolist())
    one, other = MultiExchange(), MultiExchange()
    one.process(tape)
    other.process(columns)
    assert (one, one.symbols()) == (other, other.symbols())


def test_more_symbols_than_a_byte_counts():
    names = [f"S{n}" for n in range(700)]
    columns = {"symbol": names * 2, "kind": ["limit"] * 1400, "side": ["buy"] * 1400}
    columns |= {"price": np.arange(1400), "quantity": np.ones(1400, np.int64)}
    multi = MultiExchange()
    result = multi.process(columns)
    assert multi.symbols() == names
    assert (multi["S650"].best_bid(), len(result), set(result.order_id)) == (1350, 1400, {1, 2})


def spoilt(column, row, value):
    """Make a mixed flow with one wrong value."""
    tape = mixed(50, 3).astype({"symbol": object})
    tape.loc[row, "kind"] = 0
    tape.loc[row, column] = value
    return tape


@pytest.mark.parametrize(
    ("column", "value", "error", "told"),
    [
        ("quantity", 0, errors.InvalidQuantity, "row 77"),
        ("side", 3, errors.InvalidSide, "row 77"),
        ("symbol", "x" * 33, errors.InvalidSymbol, "exceeds 32 bytes"),
        ("symbol", 5, errors.SymbolType, "5 is a int"),
        ("symbol", None, errors.SymbolType, "row 77 is missing"),
        ("symbol", "\udc00", errors.SymbolEncoding, "surrogates"),
    ],
)
def test_a_refused_flow_leaves_all_books_alone(column, value, error, told):
    multi = a_multi()
    before = copy.deepcopy(multi)
    with pytest.raises(error, match=told):
        multi.process(spoilt(column, 77, value))
    assert multi == before


def test_c010_a_flow_without_symbols():
    with pytest.raises(errors.ShapeError, match=r"no column symbol among kind, .*Exchange\.process"):
        MultiExchange().process(flow(5, 1))
    with pytest.raises(errors.ShapeError, match="symbol: 1 values for 5 messages"):
        MultiExchange().process(flow(5, 1) | {"symbol": ["A"]})


def test_c020_an_empty_flow_is_no_flow():
    multi = MultiExchange()
    result = multi.process(mixed(5, 1).iloc[:0], levels=2)
    assert (len(result), len(result.trades), result.symbols, len(multi)) == (0, 0, [], 0)
    assert result.to_frame().shape == (0, 6)
    assert len(result.trades.to_frame()) == 0
    assert repr(result) == "MultiTapeResult(messages=0, trades=0, symbols=0)"
    assert result.levels.bid_price.shape == (0, 2)
