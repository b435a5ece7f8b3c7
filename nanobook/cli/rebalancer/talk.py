"""How commands talk: data to stdout, everything else to stderr, questions only to a person."""

import json
import sys
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

from ...errors import ConfigError, InvalidValue, RiskRejected, TargetError
from ...hints import printable
from ...rebalancer.exits import DONE, exit_code
from ...rebalancer.tables import RED, colour


def finish(command, args):
    """Run a command; gives its exit code, or tells its error and gives the error's."""
    if hasattr(sys.stdout, "reconfigure"):  # what its encoding does not have is escaped, as on stderr
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = command(args)
        flush()
        return code
    except BrokenPipeError:  # whoever read our output has seen enough
        from .. import hush

        hush()
        return DONE
    except (Exception, KeyboardInterrupt) as error:
        code = exit_code(error)
        if code is None:
            raise
        say(told(error), RED)
        if args.json:
            give_json({"error": type(error).__name__, "message": str(error), "exit_code": code})
        with suppress(OSError):
            flush()
        return code


def flush():
    """Bring out what was printed, or the interpreter fails at it in the end, with a code of its own."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            from .. import hush

            hush()
            raise


def told(error):
    """Write an error as the original does."""
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    if isinstance(error, RiskRejected):
        return f"\nAborted: {error}"
    kinds = ((ConfigError, "Error loading config"), (TargetError, "Error loading target"))
    head = next((head for kind, head in kinds if isinstance(error, kind)), "Error")
    if isinstance(error, OSError) and error.filename is not None:
        return f"{head}: {error.filename}: {error.strerror}"
    return f"{head}: {error}"


def say(text, colour_code=None, end="\n"):
    """Tell a person something, if one is left to hear it; strangers' texts in it cannot act.

    A closed terminal or a pipe that nobody reads ends no run: its orders are followed and written down.
    """
    if sys.stderr is None:
        return
    safe = "\n".join(printable(line) for line in str(text).split("\n"))
    with suppress(OSError, ValueError):  # ValueError: closed
        if colour_code is not None:
            safe = colour(safe, colour_code, sys.stderr)
        print(safe, end=end, file=sys.stderr, flush=True)


def give(args, data, text):
    """Give the result of a command: as JSON if asked for, else as text."""
    if args.json:
        give_json(data)
    else:
        print(text)


def give_json(data):
    """Write JSON: fractions of money and quantities as text, so that they stay exact."""
    print(json.dumps(plain(data), indent=2))


def plain(value):
    """Bring records into what JSON has."""
    if hasattr(value, "items"):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Fraction):
        return float(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def is_terminal(stream):
    """Whether a person is at the other end; a stream may be closed, or not be there at all."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def ask(question):
    """Ask for a yes; anything else is a no.

    Raises
    ------
    InvalidValue
        Nobody can be asked.
    """
    if not is_terminal(sys.stdin):
        raise InvalidValue(
            "nobody can be asked to confirm, since stdin is no terminal; say --force if that is meant"
        )
    say(f"{question} [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
