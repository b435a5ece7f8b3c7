"""From the tables of a file to sections: every fault found, each with the path of its key, none repaired."""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal

from ...errors import NanobookError
from ...exact import exact
from ...hints import nearest, printable
from .sections import SECTIONS, BrokerSection, Risk, defaults_of, keys_of

SECRET = re.compile(r"secret|passw|passphrase|token|api_?key|private_?key", re.IGNORECASE)
RETIRED = {
    "logging.max_jump_rate_sec_per_sec": "the clock is judged by clock_skew_threshold_sec alone; take it out",
}
"""Keys of the original that have no use here, and what to do about them."""

NAMES = {"text": "a text", "count": "a whole number", "number": "a number", "switch": "true or false"}


class Faults(list):
    """What is wrong, as lines ``where: what``."""

    def add(self, where, what):
        """Note a fault."""
        self.append(f"{where}: {what}")


def check_section(name, table, faults):
    """Make a section from its table; None if anything of it is wrong."""
    section, before = SECTIONS[name], len(faults)
    if not isinstance(table, dict):
        faults.add(name, f"must be a table: write [{name}] and its keys below")
        return None
    known = keys_of(section)
    values = {
        key: check_value(f"{name}.{key}", known[key], table[key], faults) for key in known if key in table
    }
    rest = {key: value for key, value in table.items() if key not in known}
    complain_of_missing(name, section, table, faults)
    extra = take_rest(name, section, rest, faults)
    return section(**values, **extra) if len(faults) == before else None


def complain_of_missing(name, section, table, faults):
    """Note the keys that a table needs and does not have."""
    defaults = defaults_of(section)
    for key, rule in keys_of(section).items():
        if key in table or (key in defaults and not rule.required):
            continue
        proposal = (
            f"; for instance: {key} = {toml(defaults[key])}" if key in defaults else f"; {rule.meaning}"
        )
        faults.add(f"{name}.{key}", f"missing{proposal}")


def toml(value):
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def take_rest(name, section, rest, faults):
    """Sort what is no key of a section: settings of the broker, further limits, faults."""
    for key in sorted(rest, key=str):
        if SECRET.search(key) and not key.endswith("_file"):
            faults.add(f"{name}.{printable(key)}", "secrets do not belong in this file; use the environment")
    if section is BrokerSection:
        return {"settings": settled(name, rest, faults)}
    if section is Risk:
        return {"further": further_limits(rest, faults)}
    for key in rest:
        complain_of_unknown(name, key, keys_of(section), faults)
    return {}


def complain_of_unknown(name, key, known, faults):
    """Note a key that there is not, and which was probably meant."""
    where = f"{name}.{printable(key)}"
    if not (SECRET.search(key) and not key.endswith("_file")):
        faults.add(where, RETIRED.get(where) or f"there is no such key{nearest(key, known)}")


def settled(name, rest, faults):
    """Bring settings into plain types."""
    made = {}
    for key, value in rest.items():
        try:
            made[key] = settle(value)
        except (NanobookError, ArithmeticError):
            faults.add(f"{name}.{printable(key)}", "out of range")
    return made


def settle(value):
    """Bring a broker's setting into plain types: exact numbers, lists, dictionaries."""
    if isinstance(value, list):
        return [settle(one) for one in value]
    if isinstance(value, dict):
        return {key: settle(one) for key, one in value.items()}
    return exact("value", value) if isinstance(value, Decimal) else value


def further_limits(rest, faults):
    """Take the limits that the original does not have; what is none is noted: no limit is left out unseen."""
    from ...risk import RiskLimits

    known = [*keys_of(Risk), *(limit.name for limit in fields(RiskLimits))]
    for key in rest:
        if key not in known:
            complain_of_unknown("risk", key, known, faults)
    return settled("risk", rest, faults)


def check_value(where, rule, value, faults):
    """Give a value in its exact form; a fault is noted, and the value given as it is."""
    try:
        return KINDS[rule.kind](rule, value)
    except ArithmeticError:
        faults.add(where, "out of range")
        return value
    except (Unfit, NanobookError) as error:
        faults.add(where, str(error).removeprefix("value: "))
        return value


class Unfit(Exception):
    """A value that its key does not take."""


def wrong_kind(rule, value):
    """Say that a value is of another type."""
    shown = f"{value!r} is text; " if isinstance(value, str) else f"{printable(toml(value))[:80]} is not; "
    return Unfit(f"takes {NAMES[rule.kind]}; {shown}{advice(rule, value)}")


def advice(rule, value):
    """Say what to write instead of a value of another type."""
    if isinstance(value, str):
        return (
            "take the quotation marks away"
            if rule.kind != "switch"
            else "write true or false without quotation marks"
        )
    return "put it between quotation marks" if rule.kind == "text" else f"write {NAMES[rule.kind]}"


def text_value(rule, value):
    """Check a text."""
    if not isinstance(value, str):
        raise wrong_kind(rule, value)
    if not value or value != value.strip() or not value.isprintable():
        raise Unfit(f"{value!r} must not be empty, begin or end with a blank, or hold control characters")
    if rule.choices and value not in rule.choices:
        raise Unfit(f"{value!r} is none of {', '.join(rule.choices)}{nearest(value, rule.choices)}")
    return value


def switch_value(rule, value):
    """Check true or false."""
    if not isinstance(value, bool):
        raise wrong_kind(rule, value)
    return value


def count_value(rule, value):
    """Check a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_kind(rule, value)
    return within(rule, exact("value", value))


def number_value(rule, value):
    """Check a number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong_kind(rule, value)
    return within(rule, exact("value", value))


def within(rule, number):
    """Check the bounds of a number."""
    if rule.above is not None and number <= rule.above:
        raise Unfit(f"{number} must be above {rule.above}")
    if rule.low is not None and number < rule.low:
        raise Unfit(f"{number} must be at least {rule.low}")
    if rule.high is not None and number > rule.high:
        raise Unfit(f"{number} must be at most {rule.high}")
    return number


KINDS = {"text": text_value, "count": count_value, "number": number_value, "switch": switch_value}
