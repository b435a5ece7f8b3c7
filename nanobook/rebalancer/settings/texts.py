"""What the environment and the command line say instead of the file: texts, made into values."""

from __future__ import annotations

from decimal import Decimal

from ...errors import NanobookError
from ...exact import exact
from ...hints import nearest, printable
from .sections import SECTIONS, keys_of

PREFIX = "NANOBOOK_"
FROM_FILE = {("broker", "live"), *(("risk", key) for key in keys_of(SECTIONS["risk"]))}
"""What only the file may say."""


def from_environ(environ, faults):
    """Give (where it stands, section, key, text) for each variable that names a key."""
    texts = []
    for name in sorted(environ):
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and section in SECTIONS:
            texts.append((name, section, key, environ[name]))
    return [entry for entry in texts if is_key(*entry[:3], faults)]


def from_overrides(overrides, faults):
    """Give the same for ``section.key=value``."""
    texts = []
    for given in overrides:
        path, equals, text = given.partition("=")
        section, _, key = path.partition(".")
        if not equals or not key:
            faults.add(f"--set {printable(given)}", "write section.key=value")
        else:
            texts.append((f"--set {printable(path)}", section, key, text))
    return [entry for entry in texts if is_key(*entry[:3], faults)]


def is_key(where, section, key, faults):
    """Note a name that is no key, or one that only the file may set."""
    if section not in SECTIONS:
        faults.add(where, f"there is no section {printable(section)!r}{nearest(section, SECTIONS)}")
    elif section == "risk" or (section, key) in FROM_FILE:
        faults.add(where, f"{section}.{printable(key)} is set in the file alone")
    elif key not in keys_of(SECTIONS[section]):
        faults.add(
            where, f"there is no key {section}.{printable(key)}{nearest(key, keys_of(SECTIONS[section]))}"
        )
    else:
        return True
    return False


def apply_texts(tables, texts, faults):
    """Put texts into the tables, later ones over earlier ones; values are never shown."""
    for where, section, key, text in texts:
        kind = keys_of(SECTIONS[section])[key].kind
        try:
            value = value_of(kind, text)
        except (NanobookError, ValueError):
            faults.add(where, f"not {NEEDS[kind]}, without blanks around it")
            continue
        table = tables.setdefault(section, {})
        if isinstance(table, dict):
            table[key] = value


NEEDS = {
    "text": "a text",
    "count": "a whole number",
    "number": "a number",
}


def value_of(kind, text):
    """Make a value of a text."""
    if not text or text != text.strip() or not text.isprintable():
        raise ValueError
    if kind == "text":
        return text
    number = exact("value", text)
    return number if isinstance(number, int) else Decimal(number)
