"""What must hold after anything that may happen to a run: read from its log and from the market."""

from __future__ import annotations

import json
from collections import Counter

from nanobook.rebalancer.audit.verify import verify_log


def intents_of(rig):
    """Client order ids that the log has an intent of."""
    path = rig.config.audit_path
    text = rig.memory.files[str(path)] if rig.memory else path.read_bytes()
    return {
        record["client_order_id"]
        for line in text.splitlines()
        if (record := json.loads(line))["event"] == "order_intent"
    }


class Witness:
    """Stands between a wire and its market: no order may arrive of which no intent is in the log (26)."""

    def __init__(self, rig):
        self.rig, self.handle = rig, rig.market.handle
        rig.market.handle = self

    def __call__(self, request):
        """Hand a message on."""
        if request["do"] == "submit":
            assert request["client"] in intents_of(self.rig), "an order without an intent"
        return self.handle(request)


def check_invariants(market, rig, planned):
    """Check 26 to 29 of what a market reports and the log of a rig.

    ``planned`` are the quantities that may be traded, by symbol, signed.
    """
    ours = [order for order in market["orders"] if order["client"] != "somebody-else"]
    assert {order["client"] for order in ours} <= intents_of(rig)  # 26
    again = {name: n for name, n in Counter(order["client"] for order in ours).items() if n > 1}
    assert not again, f"sent twice: {again}"  # 27
    filled = Counter()
    for order in ours:
        filled[order["symbol"]] += order["filled"] * (1 if order["side"] == "buy" else -1)
    for symbol, quantity in filled.items():  # 28
        assert abs(quantity) <= abs(planned[symbol]), f"{symbol}: {quantity} filled of {planned[symbol]}"
        assert quantity * planned[symbol] >= 0
    report = verify_log(rig.config.audit_path, storage=rig.memory)  # 29
    assert report.ok, report
