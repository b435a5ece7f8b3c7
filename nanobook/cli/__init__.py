"""The command line: ``nanobook COMMAND``. One file per command group.

Each file has ``add_parser(subparsers)``, which sets ``func``, and ``run(args)``, which returns the exit
code. A command that needs optional packages names in ``extra`` the extra that brings them. These files
import what is heavy inside functions, so that ``nanobook --help`` answers at once.
"""

import argparse
import os
import sys

from .._version import __version__

USAGE_ERROR = 2  # what argparse exits with, too
INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


def main(argv=None):
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process unless told.

    Returns
    -------
    int
        0 if all went well, 2 after an error that was told on stderr, 130 after Ctrl-C.

    Raises
    ------
    SystemExit
        From argparse: 0 after ``--help`` and ``--version``, 2 after arguments that make no command.

    Examples
    --------
    >>> from nanobook.cli import main
    >>> main(["demo", "--out", "no/such/folder/report.html"])  # says so on stderr
    2
    """
    args = new_parser().parse_args(argv)
    from ..errors import NanobookError

    try:
        return args.func(args)
    except NanobookError as error:
        return complain(error)
    except ModuleNotFoundError as error:
        extra = getattr(args, "extra", None)
        if extra is None or (error.name or "nanobook").partition(".")[0] == "nanobook":
            raise
        return complain(f"{error.name} is not installed; run: pip install 'nanobook[{extra}]'")
    except BrokenPipeError:  # whoever read our output has seen enough
        hush()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        return complain(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        print("nanobook: interrupted", file=sys.stderr)
        return INTERRUPTED


def new_parser():
    """Make the parser of all commands."""
    from . import conformance, demo, fake_tws, itch, lobster, risk

    parser = argparse.ArgumentParser(
        prog="nanobook", description="Simulate and execute trades: a matching engine, backtests, sweeps."
    )
    parser.add_argument("--version", action="version", version=f"nanobook {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in (demo, conformance, itch, lobster, fake_tws, risk):
        command.add_parser(subparsers)
    return parser


def hush():
    """Send nowhere what stdout still buffers: it would raise again when the interpreter closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(reason):
    """Tell an error on stderr; returns the exit code."""
    print(f"nanobook: error: {reason}", file=sys.stderr)
    return USAGE_ERROR
