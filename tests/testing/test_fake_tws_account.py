"""Cash, positions and values of the fake's account: cases by hand, and what must hold of any."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanobook.testing.fake_tws.account import Account
from nanobook.testing.fake_tws.contracts import Contract
from nanobook.testing.fake_tws.orders import Execution, Order

AAPL, MSFT = Contract(1, "AAPL"), Contract(2, "MSFT")


def order(action, contract=AAPL):
    return Order(1, 1, 1, contract, action, "MKT", 10**9, None, None, "DAY")


def held(account, contract=AAPL):
    position = account.positions[contract.con_id]
    return position.quantity, position.average_cost


def test_buying_adds_the_commission_to_the_cost():
    account = Account("DU1", 10_000)
    assert account.book(order("BUY"), 10, 100, 1) is None
    assert held(account) == (10, Decimal("100.1"))
    assert account.cash == 8_999


def test_selling_short_takes_the_commission_off_the_proceeds():
    account = Account("DU1", 10_000)
    assert account.book(order("SELL"), 10, 100, 1) is None
    assert held(account) == (-10, Decimal("99.9"))
    assert account.cash == 10_999


def test_closing_realises_the_gain_after_commissions():
    account = Account("DU1", 10_000)
    account.book(order("BUY"), 10, 100, 1)
    assert account.book(order("SELL"), 4, 110, 1) == Decimal("38.6")
    assert held(account) == (6, Decimal("100.1"))
    assert account.book(order("SELL"), 6, 90, 1) == Decimal("-61.6")
    assert held(account) == (0, 0)
    assert account.realized == -23
    assert account.cash == 10_000 - 23


def test_one_fill_may_close_a_position_and_open_the_other_way():
    account = Account("DU1", 0, [(AAPL, 10, 100)])
    assert account.book(order("SELL"), 15, 120, 1) == 199
    assert held(account) == (-5, 120)
    assert account.book(order("BUY"), 5, 110, 1) == 49


def test_the_values_of_an_account_by_hand():
    account = Account("DU1", 269_339, [(AAPL, -110, 201), (MSFT, Decimal("0.5"), 300)], leverage=4)
    values = account.values({AAPL: 210, MSFT: 400}.__getitem__)
    assert values["GrossPositionValue"] == "23300.00"
    assert values["NetLiquidation"] == "246439.00"
    assert values["TotalCashValue"] == "269339.00"
    assert values["AvailableFunds"] == "240614.00"
    assert values["BuyingPower"] == "962456.00"
    assert values["UnrealizedPnL"] == "-940.00"
    assert list(values) == sorted(values)


def test_no_buying_power_is_never_below_zero():
    account = Account("DU1", -1_000, [(AAPL, 1, 1)])
    assert account.values(lambda contract: 1)["BuyingPower"] == "0.00"


fills = st.tuples(
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from([AAPL, MSFT]),
    st.integers(1, 50_000).map(lambda lots: Decimal(lots) / 10_000),
    st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100),
    st.integers(0, 300).map(lambda cents: Decimal(cents) / 100),
)


@given(st.lists(fills, max_size=30))
def test_what_any_fills_leave_behind(many):
    """Cash and positions are sums; booking anew gives the same; the gain is what the cash says."""
    account, done, cash = Account("DU1", 1_000), [], Fraction(1_000)
    quantities = {AAPL: Fraction(0), MSFT: Fraction(0)}
    for action, contract, quantity, price, fee in many:
        account.book(order(action, contract), quantity, price, fee)
        done.append(Execution("e", order(action, contract), "", quantity, price, 0, 0, fee))
        sign = 1 if action == "BUY" else -1
        cash -= sign * Fraction(quantity) * Fraction(price) + Fraction(fee)
        quantities[contract] += sign * Fraction(quantity)
    assert Fraction(account.cash) == cash
    assert {c: Fraction(account.quantity(c)) for c in quantities} == quantities
    anew = Account("DU1", 1_000)
    anew.rebuild(done)
    assert (anew.cash, anew.realized, anew.positions) == (account.cash, account.realized, account.positions)
    price_of = {AAPL: Decimal("12.34"), MSFT: Decimal("56.78")}.__getitem__
    worth = sum(Fraction(price_of(c)) * q for c, q in quantities.items())
    open_gain = sum(Fraction(Account.unrealized(p, price_of)) for p in account.positions.values())
    assert float(Fraction(account.realized) + open_gain) == pytest.approx(
        float(cash + worth - 1_000), abs=1e-3
    )
