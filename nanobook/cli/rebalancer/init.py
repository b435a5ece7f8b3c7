"""``rebalancer init [FOLDER]``: files to begin with; the whole story runs on them, on paper."""

import os
import shlex
import textwrap
from pathlib import Path


def add_parser(commands):
    """Add the command."""
    parser = commands.add_parser(
        "init",
        help="write a configuration, a target and quotes to try it all on paper",
        description="Write config.toml, target.json and quotes.csv for paper. Nothing is overwritten.",
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default=".", help="where; made if it is not there"
    )
    parser.set_defaults(func=run)


def run(args):
    """Write the files, all or none."""
    from ...errors import InvalidValue
    from ...hints import listing
    from .talk import give

    folder = Path(args.folder)
    texts = {"config.toml": config_text(), "target.json": target_text(), "quotes.csv": QUOTES}
    there = [name for name in texts if os.path.lexists(folder / name)]
    if there:
        raise InvalidValue(
            f"{folder}: {listing(there)} already there; nothing was written; name another folder"
        )
    write_all(folder, texts)
    begin = "rebalancer" if folder == Path(".") else f"cd {shlex.quote(str(folder))} && rebalancer"
    steps = (
        f"Written: {', '.join(texts)}. Next:\n  {begin} run target.json\n  rebalancer reconcile target.json"
    )
    give(args, {"folder": str(folder.absolute()), "files": list(texts)}, steps)
    return 0


def write_all(folder, texts):
    """Write files that only we may read; if one fails, none stays."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    try:
        for name, text in texts.items():
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            written.append(folder / name)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


SAMPLE = {
    "connection": None,
    "account": {"id": "paper", "type": "cash"},
    "risk": {"allow_short": False},
}
"""What the sample has other than the defaults; None leaves a section out."""

QUOTES = """symbol,bid,ask,last
AAPL,184.98,185.02,185.00
MSFT,409.95,410.05,410.00
SPY,549.99,550.01,550.00
"""

TARGET = {"AAPL": "0.20", "MSFT": "0.25", "SPY": "0.25"}


def config_text():
    """Write a configuration for paper: every key with its meaning, from the table that checks it."""
    from ...rebalancer.settings.sections import SECTIONS

    parts = [HEAD]
    for name, section in SECTIONS.items():
        if SAMPLE.get(name, ()) is not None:
            parts.append(section_text(name, section))
    return "\n".join(parts)


HEAD = """# The rebalancer on the paper broker. The reference is docs/operating.md;
# 'rebalancer check' tells whether this file can be used.
"""


def section_text(name, section):
    """Write one section."""
    from ...rebalancer.settings.check import toml
    from ...rebalancer.settings.sections import defaults_of, keys_of

    values = defaults_of(section) | (SAMPLE.get(name) or {})
    lines = [f"[{name}]"]
    for key, rule in keys_of(section).items():
        lines += [*textwrap.wrap(rule.meaning, 100, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"{key} = {toml(values[key])}")
    return "\n".join([*lines, *(PAPER if name == "broker" else ()), ""])


PAPER = (
    "# the paper broker's own: dollars to begin with, where prices come from, what keeps the account",
    "cash = 100000",
    'quotes = "quotes.csv"',
    'state = "paper.json"',
)


def target_text():
    """Write a target of now."""
    from ...clock import SystemClock

    moment = SystemClock().now().isoformat(timespec="seconds")
    rows = ",\n".join(
        f'    {{"symbol": "{symbol}", "weight": {weight}}}' for symbol, weight in TARGET.items()
    )
    return f'{{\n  "timestamp": "{moment}",\n  "targets": [\n{rows}\n  ]\n}}\n'
