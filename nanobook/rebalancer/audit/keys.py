"""The key of an audit trail: with it the hashes are HMACs that nobody without it can make."""

from __future__ import annotations

from pathlib import Path

from ...errors import ConfigError, InvalidValue, WrongType
from ..storage import SystemStorage, opened

VARIABLE = "NANOBOOK_AUDIT_KEY"
SHORTEST = 16  # bytes of a key, at least
_MOST = 4096  # bytes of a file of a key


def key_bytes(key):
    """Give a key as bytes.

    Parameters
    ----------
    key : bytes, str, or object with ``reveal()``, or None

    Returns
    -------
    bytes or None

    Raises
    ------
    InvalidValue
        It has fewer than 16 bytes; the message does not show it.
    WrongType
        It is something else.
    """
    if key is None:
        return None
    if hasattr(key, "reveal"):
        key = key.reveal()
    if isinstance(key, str):
        key = key.encode()
    if not isinstance(key, bytes):
        raise WrongType(f"key: a {type(key).__name__} is no key; give bytes or a text")
    if len(key) < SHORTEST:
        raise InvalidValue(f"key: {len(key)} bytes are too few; use {SHORTEST} or more")
    return key


def audit_key(environ, file=None):
    """Find the key of the trail: in a file, else in the environment, else there is none.

    Parameters
    ----------
    environ : mapping of str
        ``NANOBOOK_AUDIT_KEY`` is looked up.
    file : path-like, optional
        Holds the key alone, one newline may follow; a file of ours that nobody else may read.

    Returns
    -------
    bytes or None

    Raises
    ------
    ConfigError
        It is empty, short, or holds a blank; the message does not show it.
    InvalidValue
        The file is not safe.
    OSError
        The file cannot be read.
    """
    if file is not None:
        return _checked(_content_of(Path(file)).removesuffix(b"\n"), f"the key in {file}")
    if VARIABLE in environ:
        return _checked(environ[VARIABLE].encode(errors="surrogateescape"), VARIABLE)
    return None


def _content_of(path):
    storage = SystemStorage()
    with opened(storage, storage.open_update(path)) as handle:
        return storage.read_at(handle, _MOST, 0)


def _checked(key, name):
    if len(key) < SHORTEST or len(key.split()) != 1 or len(key.split()[0]) != len(key) or len(key) >= _MOST:
        raise ConfigError(
            f"{name} cannot be one: use {SHORTEST} bytes or more, without blanks (it is not shown)"
        )
    return key
