"""The paper broker: what is refused, what is charged, what is told of fills."""

import re
from decimal import Decimal

from .paper import QUOTES, refused, told

# Refusals


def test_c083_refusals_have_a_reason_and_a_code(make):
    instrument = {
        "lot": 10,
        "tick_cents": 5,
        "min_notional_cents": 5_000,
        "max_quantity": 500,
        "min_quantity": 20,
    }
    broker = make(100_000, {"A": 30}, {"A": {"bid_cents": 100, "ask_cents": 105, **instrument}})
    for order, code, words in [
        (("A", "buy", 55), "lot", "55 is not a multiple of the lot 10; use 50 or 60"),
        (("A", "buy", 10), "lot", "below the least, 20"),
        (("A", "buy", 510), "lot", "above the most, 500"),
        (
            ("A", "buy", 50, "limit", 103),
            "tick",
            "limit_price_cents 103 is not a multiple of the tick 5; use 100",
        ),
        (("A", "sell", 20, "stop", None, None, 3), "tick", "stop_price_cents 3 .* use 5"),
        (("A", "buy", 40), "notional", r"worth \$42.00, the least is \$50.00"),
        (("A", "sell", 50, "limit", 100), "short", "sale of 50 with 30 held"),
        (("A", "buy", 500, "limit", 205), "funds", r"needs \$1,025.00 and the buying power is \$1,000.00"),
    ]:
        error = refused(broker, *order, client_order_id=None) if len(order) < 6 else refused(broker, *order)
        assert error.code == code
        assert re.search(words, error.reason)
        assert error.reason.startswith("A: ")


def test_c083_refusals_on_demand(make):
    broker = make(reject={"A": "halted"})
    assert refused(broker, "A", "buy", 1).code == "halted"
    broker.submit_order("B", "buy", 1)
    broker = make(reject=lambda order: "permission" if order.quantity > 5 else None)
    assert refused(broker, "B", "buy", 6).code == "permission"
    broker.submit_order("B", "buy", 5)
    broker = make(reject="closed")
    assert refused(broker, "B", "buy", 6).code == "closed"


def test_a_refused_order_is_found_and_keeps_its_name(make):
    broker = make(0)
    refused(broker, "A", "buy", 1, client_order_id="poor")
    found = broker.find_order("poor")
    assert (found.status, found.filled_quantity) == ("Rejected", 0)
    assert "needs $100.10" in found.reason
    assert refused(broker, "A", "buy", 1, client_order_id="poor").code == "duplicate"


def test_an_order_beyond_all_bounds_is_refused(make):
    broker = make(10**17)
    assert refused(broker, "A", "buy", 10**12).code == "lot"
    assert refused(broker, "A", "buy", 10**5, "limit", 10**13).code == "lot"


def test_the_last_cent_buys(make):
    fee = {"commission_per_share_cents": Decimal("0.5")}
    exactly = 10 * 10_010 + 5
    assert refused(make(exactly - 1, **fee), "A", "buy", 10).code == "funds"
    broker = make(exactly, **fee)
    assert told(broker, broker.submit_order("A", "buy", 10))[0] == "Filled"
    assert broker.account().cash_cents == 0


def test_open_orders_count_in_the_buying_power(make):
    broker = make(100_000)
    assert broker.account().buying_power_cents == 100_000
    order = broker.submit_order("A", "buy", 9, "limit", 9_000)
    assert broker.account().buying_power_cents == 19_000
    assert refused(broker, "A", "buy", 3, "limit", 9_000).code == "funds"
    broker.cancel_order(order)
    assert broker.account().buying_power_cents == 100_000


def test_open_sales_count_in_what_may_be_sold(make):
    broker = make(positions={"A": 10})
    broker.submit_order("A", "sell", 8, "limit", 11_000)
    assert refused(broker, "A", "sell", 3, "limit", 11_000).code == "short"
    broker.submit_order("A", "sell", 2, "limit", 11_000)


def test_c092_a_sale_funds_nothing_before_it_is_filled(make):
    broker = make(0, {"A": 10})
    sale = broker.submit_order("A", "sell", 10, "limit", 10_000)
    assert refused(broker, "B", "buy", 10).code == "funds"
    broker.feed({"A": {"bid_cents": 10_000, "ask_cents": 10_010}})
    assert told(broker, sale)[0] == "Filled"
    assert told(broker, broker.submit_order("B", "buy", 10))[0] == "Filled"


def test_c091_a_fraction_of_a_share_is_refused_with_the_nearest_that_are_not(make):
    error = refused(make(), "A", "buy", 1.5)
    assert error.code == "lot"
    assert "use 1 or 2" in error.reason


def test_leverage_and_short_sales(make):
    broker = make(100_000, leverage=2, allow_short=True)
    broker.submit_order("A", "sell", 10)
    account = broker.account()
    assert account.cash_cents == 100_000 + 99_900
    assert account.equity_cents == 99_900
    assert account.gross_position_value_cents == 100_000
    assert account.buying_power_cents == 2 * 99_900 - 100_000
    assert refused(broker, "B", "buy", 200).code == "funds"
    broker.submit_order("A", "buy", 10)  # covering opens nothing
    assert broker.positions() == []


def test_a_purchase_that_covers_needs_no_buying_power(make):
    broker = make(100_000, {"A": -20}, leverage=0, allow_short=True)
    assert broker.account().buying_power_cents == 0
    assert told(broker, broker.submit_order("A", "buy", 20))[0] == "Filled"
    assert refused(broker, "A", "buy", 1).code == "funds"


def test_commissions_have_a_least_for_each_order(make):
    rates = {"commission_per_share_cents": Decimal("0.35"), "minimum_commission_cents": 35}
    broker = make(quotes={"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": 60}}, **rates)
    order = broker.submit_order("A", "buy", 160, "limit", 100)
    for size in (40, 60):
        broker.feed({"A": {"bid_cents": 99, "ask_cents": 100, "ask_size": size}})
    assert told(broker, order)[0] == "Filled"
    fees = [fill.commission_cents for fill in broker.executions()]
    assert fees == [35, 0, 21]  # 160 x 0.35 = 56 in all
    assert broker.account().cash_cents == 1_000_000 - 16_000 - 56


# Fills told, c079 and c080


def test_c079_fills_have_names_of_their_own_and_are_told_once(make):
    broker = make(partial_fills=0.25)
    orders = [broker.submit_order("A", "buy", 8, "limit", 10_010) for _ in range(3)]
    for _ in range(3):
        broker.feed(QUOTES)
    fills = broker.executions()
    assert len({fill.execution_id for fill in fills}) == len(fills) > len(orders)
    assert broker.executions() == fills
    assert sum(fill.quantity for fill in fills) == broker.positions()[0].quantity


def test_c080_a_commission_is_known_with_its_fill(make):
    broker = make(minimum_commission_cents=100)
    broker.submit_order("A", "buy", 1)
    assert [fill.commission_cents for fill in broker.executions()] == [100]
    assert broker.account().cash_cents == 1_000_000 - 10_010 - 100


def test_executions_are_those_of_the_day(make, clock):
    broker = make()
    broker.submit_order("A", "buy", 1)
    clock.advance(86_400)
    assert broker.executions() == []
    second = broker.submit_order("A", "buy", 1)
    assert [fill.order_id for fill in broker.executions()] == [second]


def test_parts_of_an_order_fill_at_first(make):
    broker = make(partial_fills=0.3)
    order = broker.submit_order("A", "buy", 9, "limit", 10_020)
    assert told(broker, order) == ("PartiallyFilled", 2, 10_010)
    broker.cancel_order(order)
    assert told(broker, order) == ("Cancelled", 2, 10_010)
    assert told(broker, broker.submit_order("A", "buy", 1))[1] == 1  # one lot at least


def test_random_parts_follow_from_the_seed(make):
    def fills(seed):
        broker = make(partial_fills="random", seed=seed)
        orders = [broker.submit_order("B", "buy", 100, "limit", 501) for _ in range(5)]
        return [broker.order_status(order).filled_quantity for order in orders]

    assert fills(1) == fills(1) != fills(2)
    assert any(0 < filled < 100 for filled in fills(1))
