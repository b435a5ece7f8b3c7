"""``rebalancer kill``: stop everything, or let it go on again."""

from ...errors import ConfigError, InvalidValue
from .opening import broker_of, config_of
from .talk import give


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "kill",
        help="stop all orders, now",
        description="Turn the kill switch on, stop the run, cancel its orders and see that they are gone. "
        "The switch stays on until --clear.",
    )
    parser.add_argument("--timeout-secs", metavar="N", help="seconds that all of it may take")
    parser.add_argument("--all", action="store_true", help="cancel all orders of the account, not only ours")
    parser.add_argument("--clear", action="store_true", help="turn the switch off again; needs --reason")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; goes into the audit trail")
    parser.set_defaults(func=run)


def run(args):
    """Stop everything, or let it go on again."""
    if args.timeout_secs is not None:
        args.overrides = [*(args.overrides or ()), f"kill.timeout_secs={args.timeout_secs}"]
    try:
        config = config_of(args)
    except ConfigError as error:
        raise ConfigError(f"{error}; without a configuration: touch the file 'kill' in logging.dir") from None
    return clear(args, config) if args.clear else stop(args, config)


def stop(args, config):
    """Stop the run and cancel its orders; exit code 7 if that is not certain."""
    from ...rebalancer.exits import DONE, UNKNOWN
    from ...rebalancer.running.session import open_log
    from ...rebalancer.stopping.kill import kill

    report = kill(
        config.log_folder,
        lambda: broker_of(config),
        reason=args.reason or "asked for",
        timeout=float(config.kill.timeout_secs),
        everything=args.all,
        open_log=lambda: open_log(config),
    )
    give(args, {"ok": report.ok, **vars(report)}, report)
    return DONE if report.ok else UNKNOWN


def clear(args, config):
    """Turn the switch off; who and why go into the audit trail."""
    from getpass import getuser

    from ...rebalancer.running.session import open_log
    from ...rebalancer.stopping.switch import KillSwitch

    if not args.reason.strip():
        raise InvalidValue("--reason: say why the kill switch is cleared; it goes into the audit trail")
    switch = KillSwitch(config.log_folder)
    if not switch.is_on():
        give(args, {"was_on": False}, "The kill switch was not on.")
        return 0
    with open_log(config) as log:
        switch.clear(getuser(), args.reason, log)
    give(args, {"was_on": True}, "The kill switch is off.")
    return 0
