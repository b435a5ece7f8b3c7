"""The fake in a process of its own, with the same controls, over its standard input and output."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from decimal import Decimal

from ...errors import ConnectionFailed, InvalidValue
from .controls import Controls, line_of
from .server import HOST

GRACE = 10  # seconds that the process has to end by itself


class FakeTwsProcess(Controls):
    """A fake that runs in another process; made by ``fake_tws_process``.

    Attributes
    ----------
    host : str
    port : int
    pid : int
    """

    host = HOST

    def __init__(self, process, port):
        self._process, self.port, self.pid = process, port, process.pid
        self._lock = threading.Lock()

    def __repr__(self):
        return f"FakeTwsProcess({HOST}:{self.port}, pid {self.pid})"

    def _call(self, name, *args, **kwargs):
        with self._lock:
            try:
                self._process.stdin.write(line_of(name, args, kwargs) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (OSError, ValueError):
                line = ""
        if not line:
            raise ConnectionFailed("the fake has ended")
        answer = json.loads(line, parse_float=Decimal)
        if "error" in answer:
            raise InvalidValue(answer["error"])
        return answer["result"]


@contextmanager
def fake_tws_process(*arguments):
    """Start ``nanobook fake-tws`` in a process of its own, and wait until it listens.

    It ends with the block, or with this process.

    Parameters
    ----------
    *arguments : str
        Options of the command: ``"--cash", "50000"``. A free port is taken unless ``--port`` is told.

    Yields
    ------
    FakeTwsProcess

    Raises
    ------
    ConnectionFailed
        It did not start; tells what it said.

    Examples
    --------
    >>> from nanobook.testing import fake_tws_process
    >>> with fake_tws_process("--cash", "50000") as tws:
    ...     tws.values()["TotalCashValue"]
    '50000.00'
    """
    command = [
        sys.executable,
        "-m",
        "nanobook",
        "fake-tws",
        "--commands",
        "--port",
        "0",
        *map(str, arguments),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            line = process.stdout.readline()
            if not line:
                raise ConnectionFailed(f"the fake did not start: {process.stderr.read().strip()}")
            yield FakeTwsProcess(process, json.loads(line)["port"])
        finally:
            _end(process)


def _end(process):
    """Let the process end, as its input ends."""
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
