"""``rebalancer status``, ``positions`` and ``reconcile``: what is so at the broker; nothing is changed."""

from ...hints import printable
from .opening import config_of, connected, held_by, prices_of
from .talk import give


def add_parser(commands):
    """Add the three commands."""
    about = "show account, kill switch and unfinished runs"
    commands.add_parser("status", help=about, description=about).set_defaults(func=run_status)
    about = "show what is held"
    commands.add_parser("positions", help=about, description=about).set_defaults(func=run_positions)
    about = (
        "compare what is held with a target; exit code 7 if a position is neither within a lot nor too small"
    )
    parser = commands.add_parser("reconcile", help="compare what is held with a target", description=about)
    parser.add_argument("target", metavar="TARGET", help="target.json")
    parser.set_defaults(func=run_reconcile)


def run_status(args):
    """Show account, kill switch and unfinished runs."""
    from ...rebalancer.tables import money as written

    config = config_of(args)
    data = {"broker": config.broker.kind, "live": config.broker.live, **run_state(config)}
    with connected(config) as (broker, account):
        data |= {
            "account": account,
            "open_orders": len(broker.open_orders()),
            "positions": len(held_by(broker)),
        }
    money = {
        name: written(account[f"{key}_cents"])
        for name, key in (
            ("Equity", "equity"),
            ("Cash", "cash"),
            ("Buying power", "buying_power"),
            ("Gross positions", "gross_position_value"),
        )
    }
    lines = {
        "Broker": f"{config.broker.kind}, {'LIVE' if config.broker.live else 'not live'}",
        "Account": f"{account.account_id or config.account.id} ({config.account.type})",
        **money,
        "Positions": data["positions"],
        "Open orders": data["open_orders"],
        "Kill switch": data["kill_switch"],
        "Going on": data["run"],
        "Last run": data["last_run"],
    }
    give(args, data, "\n".join(f"{name:<16}{printable(value)}" for name, value in lines.items()))
    return 0


def run_state(config):
    """Tell of the kill switch and of runs, from files alone."""
    from ...rebalancer.stopping.lock import RunLock
    from ...rebalancer.stopping.switch import KillSwitch

    state, lock = KillSwitch(config.log_folder).state(), RunLock(config.log_folder)
    told = {
        "kill_switch": "off" if state is None else f"ON since {state.time}: {state.reason}",
        "last_run": last_run(config.audit_path),
        "run": "none",
    }
    if lock.is_taken():
        told["run"] = f"process {lock.holder().pid}, since {lock.holder().started}"
    return told


def last_run(path):
    """Tell how the last run of an audit trail ended."""
    from ...rebalancer.audit.contents import iter_records

    scope, told = "", "none"
    for record in iter_records(path) if path.exists() else ():
        if record.event == "run_started":
            scope = record.get("scope", "")
            told = f"{scope}: not ended; 'run' goes on with it"
        elif record.event == "run_completed":
            told = f"{scope}: {record.get('outcome', 'done')}"
    return told


def run_positions(args):
    """Show what is held."""
    from ...rebalancer.tables import figure, money, table

    with connected(config_of(args)) as (broker, _):
        positions = broker.positions()
    rows = [
        (
            one.symbol,
            figure(one.quantity),
            money(one.avg_cost_cents, 4),
            money(one.market_value_cents),
            money(one.unrealized_pnl_cents),
        )
        for one in positions
    ]
    text = table(("Symbol", "Quantity", "AvgCost", "Value", "Unrealised"), rows) if rows else "No positions."
    give(args, positions, text)
    return 0


def run_reconcile(args):
    """Compare what is held with a target."""
    from ...rebalancer.exits import DONE, UNKNOWN
    from ...rebalancer.planning.reconcile import reconcile_exact
    from ...rebalancer.targets.target import read_target

    config, target = config_of(args), read_target(args.target)
    with connected(config) as (broker, account):
        held = held_by(broker)
        symbols = sorted({*held, *target.weights})
        found = reconcile_exact(
            target,
            held,
            prices_of(broker, symbols),
            account.equity_cents,
            instruments={symbol: broker.instrument(symbol) for symbol in symbols},
            min_trade_cents=target.min_trade_cents(config.risk),
        )
    data = {
        "rows": list(found),
        "tracking_error_pct": found.tracking_error,
        "within_one_lot": found.is_within_one_lot,
    }
    give(args, data, found)
    return UNKNOWN if found.off else DONE
