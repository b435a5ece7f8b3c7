"""The fake exchange without a wire, and answers made by hand: for tests in virtual time."""

from nanobook.broker.binance.client import Client, Keys
from nanobook.broker.binance.transport import Answer, Failure
from nanobook.broker.secret import Secret
from nanobook.testing.fake_binance.rest import as_json


def revealed(value):
    """Text of a header."""
    return value.reveal() if isinstance(value, Secret) else value


class Direct:
    """A transport to a ``FakeBinance`` of the same process."""

    def __init__(self, fake):
        self.fake = fake

    def exchange(self, method, target, headers, body=None):
        """Ask."""
        path, _, query = target.partition("?")
        told = {name.lower(): revealed(value) for name, value in headers.items()}
        status, heads, content = self.fake.answer(method, path, query, told, (body or b"").decode())
        return Answer(status, {name.lower(): text for name, text in heads.items()}, as_json(content))

    def close(self):
        """Nothing to hang up."""


class Scripted:
    """A transport that gives prepared answers in turn, and keeps what was sent."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.sent = []

    def exchange(self, method, target, headers, body=None):
        """Give the next outcome."""
        self.sent.append((method, target, headers, body))
        return self.outcomes.pop(0)

    def close(self):
        """Nothing to hang up."""


def answer(content, status=200, **headers):
    """Make an answer; header names with ``_`` for ``-``."""
    body = content if isinstance(content, bytes) else as_json(content)
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def refusal(code, message="no", status=400, **headers):
    """Make a refusal."""
    return answer({"code": code, "msg": message}, status, **headers)


def lost(sent=True):
    """Make a request without an answer."""
    return Failure(sent, "test: gone")


def client_of(transport, clock, keys=("k" * 16, "s" * 16), window=5000):
    """Make a client."""
    return Client(transport, Keys(Secret(keys[0], "api_key"), Secret(keys[1], "secret_key")), clock, window)


def time_told(clock, ahead_ms=0):
    """Make the answer to a question for the time; ``ahead_ms``: of the exchange before us."""
    return answer({"serverTime": round(clock.now().timestamp() * 1000) + ahead_ms})
