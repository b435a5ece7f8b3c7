"""Where Binance is: the hosts that may be talked to, and no others."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...errors import ConfigError

LIVE = "https://api.binance.com"
TESTNET = "https://testnet.binance.vision"
STREAMS = {
    "api.binance.com": "ws-api.binance.com",
    "testnet.binance.vision": "ws-api.testnet.binance.vision",
}
"""Host of the WebSocket API that belongs to a host of the REST API."""
OTHERS = ("api-gcp", "api1", "api2", "api3", "api4")  # further doors to the live exchange, as documented
PINNED = (*STREAMS, *(f"{name}.binance.com" for name in OTHERS))


@dataclass(frozen=True, slots=True)
class Site:
    """One server: where its REST API and its WebSocket API are, and whether the way is encrypted."""

    host: str
    port: int
    stream_host: str
    secure: bool

    @classmethod
    def of(cls, url):
        """Read a base URL.

        Parameters
        ----------
        url : str
            ``https://`` and one of Binance's hosts; or a server on this machine, also ``http://``.

        Raises
        ------
        ConfigError
            Any other.
        """
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
            told_port = parts.port
        except ValueError:  # no port, or no address in brackets
            parts, told_port = urlsplit(""), None
        host, local = parts.hostname or "", _is_loopback(parts.hostname)
        known = host in PINNED and parts.scheme == "https" and told_port in (None, 443)
        bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
        if not bare or told_port == 0 or not (known or (local and parts.scheme in ("http", "https"))):
            raise ConfigError(
                f"base_url: {url!r}; use {LIVE}, {TESTNET} or a server on this machine, as http://127.0.0.1:8080"
            )
        secure = parts.scheme == "https"
        port = told_port or (443 if secure else 80)
        return cls(host, port, host if local else STREAMS.get(host, STREAMS["api.binance.com"]), secure)

    @property
    def is_live(self):
        """Whether it trades real money."""
        return self.host.endswith("binance.com")

    @property
    def name(self):
        """What to call it, in messages and in names of files."""
        return self.host if self.host in PINNED else f"{self.host}-{self.port}".replace(":", ".")


def _is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
