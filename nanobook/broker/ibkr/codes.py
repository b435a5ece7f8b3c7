"""What the error numbers of Interactive Brokers mean for an order, a request and the connection.

Source: the message codes in the documentation of the TWS API. An error with the number of an order is no
proof that the order is dead: 10349 and all of ``NOTICES`` leave it at work.
"""

from __future__ import annotations

CONNECTION_LOST = {1100, 2110}  # between the gateway and its servers
RESTORED_WITHOUT_DATA = 1101  # subscriptions are gone
RESTORED = 1102
CLIENT_ID_IN_USE = 326
DUPLICATE_ORDER_ID = 103
CANCELLED = 202
NO_SECURITY = 200
NOT_ALLOWED = 321

NOTICES = {
    *(105, 165, 329, 399, 404, 492),  # the order works on, or waits for shares to borrow
    *(10167, 10349),  # delayed data; time in force set by a preset
}
"""Numbers that end neither an order nor a request, beside those from 2100 to 2199."""

NOT_CANCELLED = {
    135: "the broker does not find it",
    136: "it cannot be cancelled",
    161: "it cannot be cancelled in its state",
    10147: "the broker does not find it",
    10148: "it has ended",
}

REFUSALS = {
    110: "tick",
    200: "symbol",
    201: "",  # the text says why
    203: "permission",
    321: "other",
    322: "other",
    383: "lot",
    387: "other",
    388: "lot",
    389: "other",
    391: "other",
    434: "lot",
    481: "lot",
    10043: "other",
    10052: "other",
    10187: "other",
    10243: "lot",
    10244: "lot",
    10247: "lot",
    10268: "other",
    10318: "other",
}
"""Numbers that refuse a new order, and the word of ``OrderRejected.code``; '' where the text tells."""

WORDS = (
    ("short", ("short sale", "locate", "borrow", "not shortable", "sell short")),
    ("margin", ("margin", "equity with loan")),
    ("funds", ("funds", "cash", "buying power", "settled")),
    ("halted", ("halt",)),
    ("closed", ("closed", "trading hours", "not open")),
    ("tick", ("minimum price variation",)),
    ("notional", ("minimum order value", "minimum notional", "minimum value")),
    ("lot", ("order size", "fractional", "lot")),
    ("permission", ("permission", "not allowed", "pattern day", "restricted", "eligible")),
    ("price", ("price",)),
    ("symbol", ("security definition", "no longer available")),
)
"""Words of the reasons of error 201, the telling ones first."""


def is_notice(code):
    """Whether an error number only informs."""
    return code in NOTICES or 2100 <= code < 2200


def refusal_word(code, text):
    """Give the one word for why an order was refused.

    Examples
    --------
    >>> from nanobook.broker.ibkr.codes import refusal_word
    >>> refusal_word(201, "Order rejected - reason:Insufficient funds"), refusal_word(110, "")
    ('funds', 'tick')
    """
    word = REFUSALS.get(code, "")
    if word:
        return word
    lower = text.casefold()
    return next((word for word, signs in WORDS if any(sign in lower for sign in signs)), "other")
