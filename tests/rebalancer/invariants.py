"""What must hold after anything that may happen to a run: read from its log and from the market."""

from __future__ import annotations

import json
from collections import Counter

from nanobook.rebalancer.verify import verify_log


def intents_of(path):
    """Client order ids that the log has an intent of."""
    return {
        record["client_order_id"]
        for line in path.read_bytes().splitlines()
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
            assert request["client"] in intents_of(self.rig.config.audit_path), "an order without an intent"
        return self.handle(request)


def check_invariants(market, path, planned):
    """Check 26 to 29; ``planned`` are the quantities that may be traded, by symbol, signed."""
    ours = [order for order in market["orders"] if order["client"] != "somebody-else"]
    assert {order["client"] for order in ours} <= intents_of(path)  # 26
    again = {name: n for name, n in Counter(order["client"] for order in ours).items() if n > 1}
    assert not again, f"sent twice: {again}"  # 27
    filled = Counter()
    for order in ours:
        filled[order["symbol"]] += order["filled"] * (1 if order["side"] == "buy" else -1)
    for symbol, quantity in filled.items():  # 28
        assert abs(quantity) <= abs(planned[symbol]), f"{symbol}: {quantity} filled of {planned[symbol]}"
        assert quantity * planned[symbol] >= 0
    report = verify_log(path)  # 29
    assert report.ok, report
