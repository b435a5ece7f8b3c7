"""A recorded session of the real workstation, server version 173: what it said, we say byte for byte."""

from decimal import Decimal

import pytest

from nanobook.testing import FakeTws
from nanobook.testing.fake_tws import messages, wire
from nanobook.testing.fake_tws.contracts import Contract
from tests.testing.tws_clients import At, Raw

ES = Contract(
    637533641, "ES", "FUT", "20250919", multiplier="50", exchange="", local_symbol="ESU5", trading_class="ES"
)
AAPL = {"symbol": "AAPL", "con_id": 265598, "bid": "210.65", "ask": "210.67", "last": "210.66"}


@pytest.fixture
def recorded(data):
    """Requests and responses by name, as lists of raw messages."""
    import yaml

    session = yaml.safe_load((data / "ibkr" / "tws_interactions.yaml").read_text())
    assert session["header"]["server_version"] == 173
    return {
        one["name"]: (one["request"]["raw"], [answer["raw"] for answer in one["responses"]])
        for one in session["interactions"]
    }


def raw(fields):
    return wire.frame(fields)[4:].decode()


def asked(recorded, name, tws):
    """What our server answers to the recorded request."""
    request, answers = recorded[name]
    with Raw(tws) as client:
        client.error(2158)
        client.send(*request.split("\0")[:-1])
        last = int(answers[-1].split("\0")[0])
        return [raw(fields) for fields in client.read_until(last)], answers


@pytest.fixture
def tws():
    with FakeTws(
        [AAPL],
        account="ACCOUNT_ID",
        cash="269339.33",
        positions=[("AAPL", -110, "201.8829709")],
        server_version=173,
        clock=At(1752606307),
    ) as tws:
        yield tws


def test_the_time(recorded, tws):
    ours, theirs = asked(recorded, "server_time", tws)
    assert ours == theirs


def test_the_accounts(recorded, tws):
    ours, theirs = asked(recorded, "managed_accounts", tws)
    assert ours == theirs


def test_the_positions(recorded, tws):
    ours, theirs = asked(recorded, "positions", tws)
    future = raw(messages.position("ACCOUNT_ID", ES, 1, Decimal("315114.75")))
    assert [ours[0], future, ours[1]] == theirs


def test_the_account_summary(recorded, tws):
    """The future's gain of 281.10 is in the recorded net liquidation, and no future is traded here."""
    ours, theirs = asked(recorded, "account_summary", tws)
    assert ours[0] == theirs[0]
    assert ours[1].replace("246166.73", "246447.83") == theirs[1]
    assert ours[2:] == theirs[2:]


def test_a_subscription_that_is_ended_is_not_answered(recorded, tws):
    request, answers = recorded["pnl"]
    assert answers == []
    with Raw(tws) as client:
        client.error(2158)
        client.send(*request.split("\0")[:-1])
        client.send(49, 1)
        assert client.read()[0] == "49"
