"""Sample order flow: what the engine makes of it, and that a seed decides it."""

import doctest

import numpy as np
import pandas as pd
import pytest

from nanobook import Exchange, sample
from nanobook.errors import InvalidValue, WrongType
from nanobook.sample import order_flow
from nanobook.types import MessageKind, Outcome, TimeInForce
from tests.oracle.book import NaiveBook
from tests.tapes import messages


@pytest.fixture(scope="module")
def flow():
    return order_flow(50_000, seed=3)


def test_columns_need_no_conversion(flow):
    assert flow.dtypes.astype(str).to_dict() == {
        "kind": "uint8",
        "side": "uint8",
        "price": "int64",
        "quantity": "int64",
        "tif": "uint8",
        "order_id": "int64",
    }


def test_the_seed_decides_the_flow(flow):
    pd.testing.assert_frame_equal(flow, order_flow(50_000, seed=3))
    assert not flow.equals(order_flow(50_000, seed=4))


@pytest.mark.parametrize("count", [1, 2, 3, 17, 1000])
def test_there_are_as_many_messages_as_asked_for(count):
    flow = order_flow(count)
    assert len(flow) == count
    assert len(Exchange().process(flow)) == count


def test_cancels_name_orders_that_came_before_and_rest_and_none_twice(flow):
    is_cancel = (flow["kind"] == MessageKind.CANCEL).to_numpy()
    before = np.cumsum(~is_cancel)
    named = flow["order_id"][is_cancel].to_numpy()
    assert (named >= 1).all()
    assert (named <= before[is_cancel]).all()
    assert len(set(named)) == len(named)
    assert (flow["tif"][~is_cancel].to_numpy()[named - 1] == TimeInForce.GTC).all()
    assert (flow["order_id"][~is_cancel] == 0).all()


def test_the_book_gives_new_orders_the_ids_that_cancels_name(flow):
    result = Exchange().process(flow)
    is_cancel = (flow["kind"] == MessageKind.CANCEL).to_numpy()
    np.testing.assert_array_equal(result.order_id[~is_cancel], np.arange(1, (~is_cancel).sum() + 1))
    outcome = result.outcome[is_cancel]
    assert set(outcome.tolist()) == {Outcome.CANCELLED, Outcome.ORDER_NOT_ACTIVE}
    assert (outcome == Outcome.CANCELLED).mean() > 0.8


def test_shares_are_as_documented(flow):
    new = flow[flow["kind"] != MessageKind.CANCEL]
    assert (new["kind"] == MessageKind.MARKET).mean() == pytest.approx(0.04, abs=0.005)
    limit = new[new["kind"] == MessageKind.LIMIT]
    assert (limit["tif"] == TimeInForce.IOC).sum() / len(new) == pytest.approx(0.04, abs=0.005)
    assert new["quantity"].between(1, 100).all()
    assert new["side"].mean() == pytest.approx(0.5, abs=0.02)


def test_the_book_lives(flow):
    book = Exchange()
    result = book.process(flow, levels=1)
    assert 1000 < len(result.trades) < len(flow) / 5
    both = (result.levels.bid_orders[:, 0] > 0) & (result.levels.ask_orders[:, 0] > 0)
    assert both[100:].all()
    spread = (result.levels.ask_price - result.levels.bid_price)[both, 0]
    assert 1.0 < spread.mean() < 3.0
    assert 50 < len(book.queue("buy")[0]) < 2000  # neither empty nor ever growing


def test_the_naive_book_agrees():
    flow = order_flow(3000)
    naive = NaiveBook(False)
    rows = [naive.apply(*row) for row in messages({name: flow[name] for name in flow})]
    result = Exchange().process(flow)
    np.testing.assert_array_equal(result.filled, [row.filled for row in rows])
    assert len(result.trades) == len(naive.trades)


@pytest.mark.parametrize(
    ("count", "error"), [(0, InvalidValue), (-5, InvalidValue), (2.5, InvalidValue), ("9", WrongType)]
)
def test_a_wrong_count_is_refused(count, error):
    with pytest.raises(error, match="messages"):
        order_flow(count)


def test_the_examples_are_true():
    assert doctest.testmod(sample).failed == 0
