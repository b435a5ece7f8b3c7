"""What commands open: the configuration, the broker."""

import os
from contextlib import contextmanager, suppress

from ...hints import printable
from .talk import say


def config_of(args):
    """Read the configuration that the arguments name."""
    from ...rebalancer.settings.config import load_config

    overrides = [*(args.overrides or ()), *getattr(args, "overrides_behind", ())]
    config = load_config(args.config, overrides=overrides)
    with suppress(FileNotFoundError):
        os.lstat(config.log_folder / "lock")  # a path that cannot be is told before anything is done
    return config


def broker_of(config):
    """Make the broker of a configuration; it is not connected."""
    from ...broker.registry import open_broker

    return open_broker(config.broker.kind, config.broker_settings, folder=config.folder)


@contextmanager
def connected(config):
    """Connect to the broker of a configuration for the time of a block, to look only."""
    broker = broker_of(config)
    try:
        broker.connect()
        account = broker.account()
        if account.account_id and account.account_id != config.account.id:
            told = printable(account.account_id)
            say(f"account.id: {config.account.id} is configured, the broker reports {told}")
        yield broker, account
    finally:
        broker.disconnect()


def held_by(broker):
    """Give quantities by symbol."""
    return {position.symbol: position.quantity for position in broker.positions()}


def prices_of(broker, symbols):
    """Give mid prices in cents by symbol; 0 where there is none."""
    from ...errors import NoQuote

    prices = {}
    for symbol in symbols:
        try:
            prices[symbol] = broker.quote(symbol).mid_cents
        except NoQuote as error:
            say(error)
            prices[symbol] = 0
    return prices
