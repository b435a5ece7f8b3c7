"""``rebalancer check [TARGET]``: whether configuration and target can be used; nobody is asked."""

from .opening import broker_of, config_of
from .talk import give


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "check",
        help="check configuration and target, offline",
        description="Check configuration and target, and show what is in force. No broker is asked.",
    )
    parser.add_argument("target", metavar="TARGET", nargs="?", help="target.json")
    parser.set_defaults(func=run)


def run(args):
    """Check, and show what is in force."""
    config = config_of(args)
    broker_of(config)
    data = {"config": config.to_dict(), "path": str(config.path), "digest": config.digest}
    lines = [f"{config.path}: good, {config.broker.kind}, {'LIVE' if config.broker.live else 'not live'}"]
    lines += [f"  {name}.{key} = {value}" for name, key, value in flat(data["config"])]
    if args.target:
        target = checked_target(args.target, config)
        data["target"] = {"scope": target.scope, "digest": target.digest, "weights": target.weights}
        lines.append(f"{args.target}: good, {len(target.targets)} targets, scope {target.scope}")
    give(args, data, "\n".join(lines))
    return 0


def checked_target(path, config):
    """Read a target, and refuse one that a run would refuse."""
    from ...clock import SystemClock
    from ...rebalancer.planning.plan import check_shorts
    from ...rebalancer.targets.target import read_target

    target = read_target(path)
    target.check_age(SystemClock().now(), config.execution.target_max_age_hours)
    check_shorts(target, config)
    return target


def flat(sections):
    """Yield section, key and value of all that is in force."""
    for name, keys in sections.items():
        for key, value in (keys or {}).items():
            if not isinstance(value, dict):
                yield name, key, value
            else:
                yield from ((name, inner, one) for inner, one in value.items())
