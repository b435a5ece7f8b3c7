"""What an answer of Binance means: done, refused, or nobody knows.

Only a refusal in the documented form (4xx and a code below 0) says that nothing happened. An answer of 5xx,
some codes, and whatever cannot be read say nothing about it (REST API documentation, "HTTP Return Codes";
error codes -1006 and -1007).
"""

from __future__ import annotations

import json
import re

from ...errors import AuthenticationFailed, BrokerError, ConnectionFailed
from ...hints import printable

UNSURE = frozenset({-1000, -1001, -1006, -1007})
KEYS = frozenset({-1002, -1022, -2014, -2015})
WRONG_TIME = -1021
NO_SUCH_ORDER = -2013
ARCHIVED = -2026
CANCEL_REFUSED = -2011
BAD_SYMBOL = -1121
TOO_MANY = frozenset({-1003, -1015, -1008})

_BY_FILTER = {
    "LOT_SIZE": "lot",
    "MARKET_LOT_SIZE": "lot",
    "PRICE_FILTER": "tick",
    "PERCENT_PRICE": "price",
    "PERCENT_PRICE_BY_SIDE": "price",
    "MIN_NOTIONAL": "notional",
    "NOTIONAL": "notional",
}
_BY_WORDS = (
    ("insufficient balance", "funds"),
    ("duplicate order", "duplicate"),
    ("market is closed", "closed"),
    ("trigger immediately", "price"),
    ("immediately match", "price"),
    ("price * qty is zero", "notional"),
    ("not permitted", "permission"),
    ("restricted", "permission"),
    ("disabled", "permission"),
    ("may not place", "permission"),
    ("not enabled", "permission"),
    ("not supported", "permission"),
    ("'quantity' has too much precision", "lot"),
    ("'price' has too much precision", "tick"),
    ("invalid symbol", "symbol"),
)


class Refused(BrokerError):
    """A request that Binance refused, with its code; nothing of it was done."""

    def __init__(self, code, text):
        super().__init__(f"Binance refused ({code}): {text}")
        self.code, self.text = code, text

    def __reduce__(self):
        return type(self), (self.code, self.text)


class Unanswered(ConnectionFailed):
    """A request without an answer that can be understood. If ``sent``, it may have been carried out."""

    def __init__(self, reason, sent):
        super().__init__(reason)
        self.sent = sent

    def __reduce__(self):
        return type(self), (self.reason, self.sent)


def content_of(answer):
    """Give the JSON of an answer of 200; raise what any other means.

    Limits (429, 418) are not this function's business.
    """
    if answer.status == 200:
        content, problem = _parsed(answer.body)
        if problem:
            raise Unanswered(f"an answer that is {problem}", True)
        return content
    raise _meaning(answer)


def _meaning(answer):
    """Give the error that an answer other than 200 stands for."""
    content, _ = _parsed(answer.body)
    code, text = _code_of(content)
    told = f"HTTP {answer.status}{f', {code}: {text}' if code else ''}"
    if answer.status // 100 == 3:
        return Unanswered(f"{told}: a redirection, which is not followed", True)
    if answer.status // 100 != 4 or not code or code in UNSURE:
        return Unanswered(told, True)
    if code in KEYS or answer.status == 401:
        return AuthenticationFailed(f"{text} ({code}); look at the key, its permissions and its addresses")
    return Refused(code, text)


def _parsed(body):
    """Read JSON: the content, and what is wrong with it."""
    try:
        return json.loads(body, parse_constant=_no_number), None
    except (ValueError, RecursionError):
        return None, "no JSON"


def _no_number(name):
    raise ValueError(name)


def _code_of(content):
    """Give the code and the words of a refusal; 0 if it is none."""
    if not isinstance(content, dict):
        return 0, ""
    code = content.get("code")
    known = isinstance(code, int) and not isinstance(code, bool) and code < 0
    return (code, printable(str(content.get("msg", ""))[:300])) if known else (0, "")


def reason_of(refused):
    """Give our one word for why an order was refused."""
    failed = re.search(r"Filter failure: ([A-Z_]+)", refused.text)
    if failed:
        return _BY_FILTER.get(failed[1], "other")
    words = refused.text.lower()
    return next((word for part, word in _BY_WORDS if part in words), "other")
