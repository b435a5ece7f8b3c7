"""A recorded session of a real TWS, through ib_async's decoder into the listener and what is made of it."""

import re
from decimal import Decimal

import pytest
from ib_async.decoder import Decoder

from nanobook.broker.ibkr.account import account_of, positions_of
from nanobook.broker.ibkr.answers import HELD, Answer
from nanobook.broker.ibkr.contracts import Catalogue
from nanobook.broker.ibkr.listener import Listener
from nanobook.broker.ibkr.orders import Ledger
from nanobook.errors import BrokerError

ACCOUNT = "ACCOUNT_ID"
SERVER = 173
SUMMARY = 9000  # request


class Future:
    """Resolved at once."""

    result = None

    def done(self):
        """Whether it has a result."""
        return self.result is not None

    def set_result(self, result):
        """Resolve it."""
        self.result = result


@pytest.fixture
def frames(data):
    """Fields of all recorded answers; the file is YAML of a shape so plain that a pattern reads it."""
    text = (data / "ibkr" / "tws_interactions.yaml").read_text()
    answers = re.findall(r'- raw: "(.*)"', text)
    return [answer.replace("\\0", "\0").split("\0")[:-1] for answer in answers]


@pytest.fixture
def heard(frames):
    """A listener that has heard the session."""
    listener = Listener(Ledger(1), Catalogue(), ACCOUNT)
    listener.waiting = {HELD: Answer(Future()), SUMMARY: Answer(Future()), "time": Answer(Future())}
    decoder = Decoder(listener, SERVER)
    decoder.logger = listener
    for fields in frames:
        decoder.interpret(fields)
    assert listener.unreadable == 0
    return listener


def test_the_session_is_read_whole(frames, heard):
    assert [fields[0] for fields in frames] == ["49", "15", "61", "61", "62", "63", "63", "63", "64"]
    assert heard.accounts == [ACCOUNT]
    assert heard.waiting["time"].future.result.isoformat() == "2025-07-15T19:05:07+00:00"
    assert all(answer.future.done() for answer in heard.waiting.values())


def test_figures_are_those_of_the_session(heard):
    rows = heard.waiting[SUMMARY].rows
    with pytest.raises(BrokerError, match=f"account {ACCOUNT}: BuyingPower is missing"):
        account_of(rows, ACCOUNT, "USD")  # the recording did not ask for it
    account = account_of([*rows, ("BuyingPower", "USD", "900000.00")], ACCOUNT, "USD")
    assert account.equity_cents == 246_447_83
    assert account.cash_cents == 269_339_33
    assert account.gross_position_value_cents == 23_172_60


def test_c088_the_cost_of_a_future_contains_its_multiplier(heard):
    held = positions_of(heard.waiting[HELD].rows, {}, heard.catalogue, ACCOUNT)
    assert [(p.symbol, p.quantity, p.avg_cost_cents) for p in held] == [
        ("AAPL", -110, Decimal("20188.29709")),
        ("ESU5", 1, 315_114_75),
    ]


def test_other_accounts_are_not_heard(frames):
    listener = Listener(Ledger(1), Catalogue(), "SOMEBODY_ELSE")
    listener.waiting = {HELD: Answer(Future()), SUMMARY: Answer(Future())}
    decoder = Decoder(listener, SERVER)
    for fields in frames:
        decoder.interpret(fields)
    assert listener.waiting[HELD].rows == listener.waiting[SUMMARY].rows == []
