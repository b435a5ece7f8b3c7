"""How messages name things: the first few of many, the word that was probably meant, texts of others."""

import difflib

MOST = 10  # how many of a kind a message names


def listing(names):
    """Write the first few names, and how many there are if that is more."""
    names = list(names)
    text = ", ".join(str(name) for name in names[:MOST])
    return text if len(names) <= MOST else f"{text}, ... ({len(names)} in all)"


def nearest(name, others):
    """Hint at the name that was probably meant; nothing if none is near."""
    if not isinstance(name, str):
        return ""
    spelled = {other.strip().casefold(): other for other in others if isinstance(other, str)}
    near = difflib.get_close_matches(name.strip().casefold(), spelled, n=1)
    return f" (did you mean {spelled[near[0]]!r}?)" if near else ""


def printable(text):
    """Write a stranger's text so that it cannot act: what a terminal or a log would obey is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
