"""What tests of the paper broker share."""

import pytest

from nanobook import PaperBroker
from nanobook.testing import VirtualClock

from .paper import QUOTES


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def make(clock):
    """Make a connected broker."""

    def make(cash=1_000_000, positions=None, quotes=QUOTES, **more):
        broker = PaperBroker(cash, positions, quotes, **{"clock": clock, **more})
        broker.connect()
        return broker

    return make
