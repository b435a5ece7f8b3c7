"""Where one may connect to, and which account one may trade in: paper and live money told apart."""

from __future__ import annotations

import ipaddress
from numbers import Integral, Real

from ...errors import AuthenticationFailed, InvalidValue, WrongType
from ...hints import listing, printable

LIVE_PORTS = {7496: "TWS", 4001: "IB Gateway"}
PAPER_PORTS = {7497: "TWS", 4002: "IB Gateway"}
PAPER_ACCOUNTS = ("DU", "DF")


def check_kinds(switches, texts, timeout):
    """Refuse what is not True or False, no text, or no time; "no" must not count as True.

    Raises
    ------
    InvalidValue, WrongType
    """
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise WrongType(f"{name}: {value!r} is a {type(value).__name__}; give True or False")
    for name, value in texts.items():
        if (value is not None or name == "currency") and (not isinstance(value, str) or not value.strip()):
            raise InvalidValue(f"{name}: {value!r}; give a text, as 'DU1234567' or 'USD'")
    if isinstance(timeout, bool) or not isinstance(timeout, Real) or not 0 < timeout < float("inf"):
        raise InvalidValue(f"timeout: {timeout!r}; give seconds, above 0")


def check_place(host, port, client_id, live, remote):
    """Refuse what is no place, another machine, and a port of the other kind of money.

    Raises
    ------
    InvalidValue
    """
    if not isinstance(host, str) or not host:
        raise InvalidValue(f"host: {host!r}; give a name or an address, as '127.0.0.1'")
    for name, value, least, most in (("port", port, 1, 65535), ("client_id", client_id, 0, 2**31 - 1)):
        if isinstance(value, bool) or not isinstance(value, Integral) or not least <= value <= most:
            raise InvalidValue(f"{name}: {value!r}; give a whole number from {least} to {most}")
    if not remote and not is_loopback(host):
        raise InvalidValue(
            f"host: {printable(host)} is another machine, and the connection is not encrypted; use "
            "'127.0.0.1' (through a tunnel), or say remote=True"
        )
    if port in LIVE_PORTS and not live:
        kind = LIVE_PORTS[port]
        paper = next(number for number, name in PAPER_PORTS.items() if name == kind)
        raise InvalidValue(f"port: {port} is that of a live {kind}; use {paper} for paper, or live=True")
    if port in PAPER_PORTS and live:
        raise InvalidValue(f"port: {port} is that of a paper {PAPER_PORTS[port]}; leave out live=True")


def is_loopback(host):
    """Whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def account_among(reported, wanted, live):
    """Give the account to trade in.

    Parameters
    ----------
    reported : list of str
        By the gateway.
    wanted : str or None
    live : bool

    Raises
    ------
    AuthenticationFailed
        The gateway does not report the one that is wanted, or several and none is; or the account is of the
        other kind of money.
    """
    shown = listing(printable(name) for name in reported)
    if wanted is None and len(reported) != 1:
        raise AuthenticationFailed(f"the gateway reports the accounts {shown}; name one, as account=")
    account = reported[0] if wanted is None else wanted
    if account not in reported:
        raise AuthenticationFailed(f"account {wanted!r} is not what the gateway reports: {shown}")
    is_paper = account.startswith(PAPER_ACCOUNTS)
    told = f"account {printable(account)}"
    if live and is_paper:
        raise AuthenticationFailed(f"{told} is a paper account; leave out live=True")
    if not live and not is_paper:
        raise AuthenticationFailed(f"{told} is a live account; log in to the paper one, or say live=True")
    return account
