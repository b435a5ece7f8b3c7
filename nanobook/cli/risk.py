"""``nanobook risk show FILE``: the limits in force, set by a configuration or left at their defaults."""

from __future__ import annotations

LARGEST = 1 << 20  # bytes of a configuration


def add_parser(subparsers):
    """Add the group and its command."""
    group = subparsers.add_parser("risk", help="look at risk limits", description="Look at risk limits.")
    commands = group.add_subparsers(title="commands", metavar="COMMAND", dest="risk_command", required=True)
    parser = commands.add_parser(
        "show",
        help="print the limits that are in force",
        description="Print all limits that are in force with the table [risk] of a configuration, and which "
        "of them it sets. The exit code is 2 if it cannot be used.",
    )
    parser.add_argument("file", metavar="FILE", help="a config.toml")
    parser.set_defaults(func=run_show)


def run_show(args):
    """Print one limit a line."""
    from ..errors import ConfigError
    from ..risk.limits import RiskLimits

    table = read_table(args.file)
    try:
        limits = RiskLimits.from_mapping(table).to_dict()
    except ConfigError as error:
        raise ConfigError(f"{args.file}: [risk]: {error}") from None
    width = max(map(len, limits))
    for name, value in limits.items():
        value = None if (name, value) == ("denied_symbols", ()) else value
        print(f"{name:<{width}}  {told(value):<12}  {'set' if name in table else 'default'}")
    return 0


def told(value):
    """Write a limit; True and False as the file does."""
    from ..hints import printable
    from ..risk.amounts import plain

    if value is None:
        return "none"
    if value == ():
        return "nothing"  # may be traded, or be sold short: not the same as no limit
    if isinstance(value, bool):
        return str(value).lower()
    return printable(", ".join(value)) if isinstance(value, tuple) else plain(value)


def read_table(path):
    """Read the table ``[risk]`` of a TOML file."""
    import os
    import stat
    import tomllib

    from ..errors import ConfigError
    from ..hints import printable

    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ConfigError(f"{path}: not a regular file")
    with open(path, "rb") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ConfigError(f"{path}: more than {LARGEST} bytes")
    try:
        table = tomllib.loads(text.decode()).get("risk")
    except ValueError as error:  # of TOML and of UTF-8
        raise ConfigError(f"{path}: {printable(error)}") from None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: no table [risk]; add it, it may be empty")
    return table
