"""A key or password that can be used and not shown."""

from __future__ import annotations

import os
import stat
from typing import NoReturn

from ..errors import ConfigError, WrongType

_MOST = 4096  # bytes of a file of secrets


class Secret:
    """A text that no repr, message, format or pickle shows; ``reveal`` gives it to whoever sends it.

    Parameters
    ----------
    text : str or Secret
        Printable ASCII without blanks: whatever else gets into a key came with the clipboard.
    name : str
        What messages call it: the variable or the key of a file.

    Raises
    ------
    ConfigError
        It cannot be one; names ``name``, never the text.

    Examples
    --------
    >>> from nanobook.broker.secret import Secret
    >>> key = Secret("correct-horse", "MY_KEY")
    >>> key, f"{key}"
    (<MY_KEY: hidden>, '<MY_KEY: hidden>')
    """

    __slots__ = ("_text", "name")

    def __init__(self, text, name="secret"):
        self.name = name
        problem = _problem_of(text)
        if problem:
            text = None  # so that no listing of local variables shows it
            kind = ConfigError if problem != "is no text" else WrongType
            raise kind(f"{name} {problem}; set it to the key alone (its value is not shown)")
        self._text = text.reveal() if isinstance(text, Secret) else str(text)

    def reveal(self):
        """Give the text itself; keep it in no variable of yours."""
        return self._text

    def __repr__(self):
        return f"<{self.name}: hidden>"

    __str__ = __repr__

    def __format__(self, spec):
        return format(repr(self), spec)

    def __eq__(self, other):
        return isinstance(other, Secret) and self._text == other._text

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol) -> NoReturn:
        raise WrongType(f"{self.name} is a secret and is not pickled; read it where it is needed")

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _problem_of(text):
    """Say what is wrong with a text as a secret, without showing it."""
    if isinstance(text, Secret):
        return None
    if not isinstance(text, str):
        return "is no text"
    if not text:
        return "is empty"
    if any(c.isspace() for c in text):
        return "holds a newline or a blank"
    if not (text.isascii() and text.isprintable()):
        return "holds characters that no key has"
    return None


def secret_of(name, environ, file=None):
    """Read a secret from the environment, else from a file.

    Parameters
    ----------
    name : str
        The variable; also the name in the file.
    environ : mapping of str
    file : str or path-like, optional
        Lines ``NAME=value`` (and comments, ``#``); a file of ours that nobody else may read.

    Returns
    -------
    Secret

    Raises
    ------
    ConfigError
        There is none, or the file is not safe.
    """
    if name in environ:
        return Secret(environ[name], name)
    if file is None:
        raise ConfigError(f"{name} is not set; set the variable, or name a file with it as secrets_file")
    found = read_secrets(file)
    if name not in found:
        raise ConfigError(f"{name} is neither set nor a line of {os.fspath(file)}; add {name}=<the key>")
    return found[name]


def read_secrets(file):
    """Read a file of ``NAME=value`` lines that only its owner, who is us, may read.

    Returns
    -------
    dict of str to Secret

    Raises
    ------
    ConfigError
        It is a link, a folder or a device, somebody else's, readable by others, or not of that form.
    """
    secrets, problem = _parsed(_lines(file))
    if problem:
        raise ConfigError(f"secrets_file: {os.fspath(file)}, {problem} (the text is not shown)")
    return secrets


def _parsed(lines):
    """Read lines; give what was found and what is wrong. Raises nothing: a traceback would show the text."""
    secrets: dict[str, Secret] = {}
    for number, line in enumerate(lines, 1):
        name, equals, text = line.removesuffix("\r").partition("=")
        name = name.strip()
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not name.isidentifier():
            return {}, f"line {number} is not NAME=value"
        if name in secrets:
            return {}, f"line {number}: {name} comes twice"
        problem = _problem_of(text)
        if problem:
            return {}, f"line {number}: {name} {problem}"
        secrets[name] = Secret(text, name)
    return secrets, None


def _lines(file):
    """Read the lines of a file after looking at the file that was opened, not at its name."""
    path = os.fspath(file)
    problem, content = None, b""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK)
    except OSError as error:
        problem = (
            "is a link; name the file itself" if os.path.islink(path) else f"cannot be read: {error.strerror}"
        )
    else:
        try:
            problem = _unsafe(os.fstat(handle))
            content = b"" if problem else os.read(handle, _MOST + 1)
        finally:
            os.close(handle)
    if problem is None and len(content) > _MOST:
        problem = f"is longer than {_MOST} bytes; it should hold keys only"
    if problem is None and not content.isascii():
        problem = "holds more than plain ASCII"
    if problem:
        content = b""
        raise ConfigError(f"secrets_file: {path} {problem}")
    return content.decode("ascii").split("\n")


def _unsafe(status):
    """Say why a file is no place for a secret, None if it is one."""
    if not stat.S_ISREG(status.st_mode):
        return "is no file"
    if status.st_uid != os.getuid():
        return f"belongs to user {status.st_uid}, not to you"
    if stat.S_IMODE(status.st_mode) & 0o177:
        mode = stat.S_IMODE(status.st_mode)
        return f"has mode {mode:04o}; nobody but you may read it: chmod 600"
    return None
