"""Files of a run, as a person would write them."""

import json
import os
from datetime import UTC, datetime

RISK = """
[risk]
max_position_pct = 0.25
max_leverage = 1.5
max_trade_usd = 100000
allow_short = false
max_short_pct = 0.30
"""

IBKR = """
[broker]
kind = "ibkr"
[connection]
host = "127.0.0.1"
port = 7497
client_id = 7
[account]
id = "DU12345"
type = "margin"
"""


def write(path, text, mode=0o600):
    """Write a file with these permissions, whatever the umask."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    return path


def target_text(weights, timestamp=None, **more):
    """The text of a target."""
    timestamp = timestamp or datetime.now(UTC).isoformat()
    rows = [{"symbol": symbol, "weight": weight} for symbol, weight in weights]
    return json.dumps({"timestamp": timestamp, "targets": rows, **more})
