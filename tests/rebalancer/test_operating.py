"""The operator's page says what the code does: its tables are made of the code."""

from dataclasses import fields
from pathlib import Path

import pytest

from nanobook.cli.rebalancer import new_parser
from nanobook.rebalancer.exits import MEANING
from nanobook.rebalancer.settings.check import toml
from nanobook.rebalancer.settings.sections import SECTIONS, Risk, defaults_of, keys_of
from nanobook.risk import RiskLimits

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
TEXT = PAGE.read_text(encoding="utf-8")
KINDS = {"text": "text", "count": "whole number", "number": "number", "switch": "true or false"}


def section_rows(name):
    """The rows of the reference of one section."""
    section = SECTIONS[name]
    defaults = defaults_of(section)
    for key, rule in keys_of(section).items():
        default = f"`{toml(defaults[key])}`" if key in defaults and not rule.required else "must be there"
        low = f"> {rule.above}" if rule.above is not None else f"≥ {rule.low}" if rule.low is not None else ""
        high = f"≤ {rule.high}" if rule.high is not None else ""
        bounds = ", ".join(filter(None, [low, high])) or ", ".join(rule.choices)
        kind = f"{KINDS[rule.kind]}{': ' if bounds else ''}{bounds}"
        yield f"| `{key}` | {kind} | {default} | {rule.meaning} |"


def limit_rows():
    """The rows of the limits that the original does not have."""
    own = keys_of(Risk)
    for limit in fields(RiskLimits):
        if limit.name not in own:
            default = "none" if limit.default is None or limit.default == () else f"`{toml(limit.default)}`"
            yield f"| `{limit.name}` | {default} |"


@pytest.mark.parametrize("name", SECTIONS)
def test_reference_of_a_section(name):
    assert f"\n### [{name}]\n" in TEXT
    for row in section_rows(name):
        assert row in TEXT


def test_reference_of_further_limits():
    for row in limit_rows():
        assert row in TEXT


def test_exit_codes():
    for code, meaning in MEANING.items():
        assert f"| {code} | {meaning} |" in TEXT


def test_every_command_and_flag_is_named():
    commands = next(action for action in new_parser()._actions if action.dest == "command").choices
    for name, parser in commands.items():
        assert f"`rebalancer {name}" in TEXT
        for action in parser._actions:
            for flag in action.option_strings:
                if flag.startswith("--") and flag not in ("--help", "--config", "--set", "--json"):
                    assert flag in TEXT, f"{name} {flag}"
