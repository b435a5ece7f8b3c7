"""Values that are right one by one and wrong together; and which account may be traded at all."""

from __future__ import annotations

import re
from decimal import Decimal

from ...errors import ConfigError
from ...exact import exact, times
from ...risk import RiskLimits

PAPER_PORTS, LIVE_PORTS = (7497, 4002), (7496, 4001)
PAPER_ACCOUNT, LIVE_ACCOUNT = re.compile(r"D[A-Z]+\d+"), re.compile(r"U\d+")


def contradictions(config):
    """Yield ``where: what`` for keys of a configuration that contradict each other; each names both."""
    yield from limits_that_clash(config.risk, config.execution)
    yield from {"paper": paper_rules, "ibkr": ibkr_rules, "binance": binance_rules}[config.broker.kind](
        config
    )


def position_above_leverage(table):
    """Yield the clash of two limits of the table ``risk``, also where one of them is wrong by itself."""
    position, leverage = (table.get(name) for name in ("max_position_pct", "max_leverage"))
    if all(is_number(one) for one in (position, leverage)) and leverage < position <= 1:
        yield (
            f"risk.max_position_pct: {exact('limit', position)} is above risk.max_leverage, "
            f"{exact('limit', leverage)}: no position could be both"
        )


def is_number(value):
    """Whether a value of a table can be compared: TOML has nan and inf, too."""
    return isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())


def limits_that_clash(risk, execution):
    """Yield limits that cannot be, or that leave no room for each other."""
    if risk.min_trade_usd > risk.max_trade_usd:
        yield (
            f"risk.min_trade_usd: {risk.min_trade_usd} is above risk.max_trade_usd, {risk.max_trade_usd}: "
            "no order could be both"
        )
    if risk.allow_short and risk.max_short_pct == 0:
        yield (
            "risk.allow_short: true, but risk.max_short_pct is 0: "
            "write allow_short = false, or how much may be short"
        )
    try:
        limits = RiskLimits.from_mapping(risk.to_dict())
    except ConfigError as error:
        yield f"risk: {error}"
        return
    collar = limits.price_collar_pct
    if collar is not None and execution.limit_offset_bps > times(exact("collar", collar), 10_000):
        yield (
            f"execution.limit_offset_bps: {execution.limit_offset_bps} is beyond "
            f"risk.price_collar_pct, {collar}: every order would be refused"
        )


def paper_rules(config):
    """Yield what the paper broker cannot be told."""
    if config.broker.live:
        yield 'broker.live: true, but broker.kind is "paper", which has no real money: write live = false'


def ibkr_rules(config):
    """Yield whether port and account are those of the money that was meant."""
    account, live = config.account.id, config.broker.live
    port = config.connection.port if config.connection else None
    if live and port in PAPER_PORTS:
        yield f"connection.port: {port} is for paper trading, but broker.live is true; live: {LIVE_PORTS}"
    if not live and port in LIVE_PORTS:
        yield f"connection.port: {port} is for live trading, but broker.live is false; paper: {PAPER_PORTS}"
    if live and PAPER_ACCOUNT.fullmatch(account):
        yield f"account.id: {account} is a paper account, but broker.live is true"
    if not live and LIVE_ACCOUNT.fullmatch(account):
        yield f"account.id: {account} is a live account, but broker.live is false"


def binance_rules(config):
    """Yield whether the test network goes with the money that was meant."""
    testnet, live = config.broker.settings.get("testnet"), config.broker.live
    if testnet is not None and testnet is live:
        yield (
            f"broker.testnet: {str(testnet).lower()}, but broker.live is {str(live).lower()}: "
            "real money is not on the test network"
        )


def check_switch(config, live):
    """Refuse to trade real money unless the configuration and the command line both say so.

    Parameters
    ----------
    config : Config
    live : bool
        Whether the command line says ``--live``.

    Raises
    ------
    ConfigError
        Only one of the two says it.
    """
    if config.broker.live and not live:
        raise ConfigError("broker.live is true: this is real money; say --live, too, or nothing is sent")
    if live and not config.broker.live:
        raise ConfigError("--live: broker.live is false in the configuration; nothing is sent")
