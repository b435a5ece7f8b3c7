"""Real crashes: runs that are killed by SIGKILL at random moments, and what is so after the next run.

``python -m tests.rebalancer.crashes --trials 10000 --double 1000`` runs trials and prints what it found as
JSON. The broker is in a process that outlives them all. A run is forked from this process, which has all
modules loaded; it dies either at the n-th call of the disk or of the socket (before it, after it, or in the
middle of a write), or when its parent kills it after a random time. Then the next run has to end it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

from nanobook.errors import NanobookError
from nanobook.rebalancer.storage import SystemStorage
from nanobook.testing import VirtualClock

from .invariants import check_invariants
from .rig import CASH, GOAL, HELD, PRICES, Rig
from .simulator import SimulatorBroker, SocketWire, start

CALLS = (
    *("make_folder", "create", "open_append", "open_update", "open_read", "size", "read_at", "append"),
    *("write_at", "truncate", "sync", "sync_folder", "replace", "unlink", "exists", "try_lock", "close"),
)


class Fuse:
    """Counts calls; at the one that it is set to, the process dies."""

    def __init__(self, place=0, torn=None):
        self.place, self.torn, self.calls = place, torn, 0

    def burn(self):
        """Count a call."""
        self.calls += 1
        if self.calls == self.place:
            self.blow()

    def blow(self):
        """Die, as on a power cut of this process alone."""
        os.kill(os.getpid(), signal.SIGKILL)


class FusedStorage(SystemStorage):
    """The disk, with a fuse before and after each call; a write may tear."""

    def __init__(self, fuse):
        self.fuse = fuse

    def append(self, handle, data):
        """Append; the fuse may blow when a part of it is written."""
        fuse = self.fuse
        if fuse.torn is not None and fuse.calls + 1 == fuse.place:
            super().append(handle, bytes(data)[: int(len(data) * fuse.torn)])
        fuse.burn()
        super().append(handle, data)
        fuse.burn()


def fused(name):
    """Give a call of the disk with the fuse on both sides."""
    real = getattr(SystemStorage, name)

    def call(self, *args):
        self.fuse.burn()
        answer = real(self, *args)
        self.fuse.burn()
        return answer

    return call


for _name in CALLS:
    if _name != "append":
        setattr(FusedStorage, _name, fused(_name))


class HurriedClock(VirtualClock):
    """Waits of any length take a moment: enough for another process to do something."""

    def sleep(self, seconds):
        """Wait."""
        time.sleep(0.0002)
        super().sleep(seconds)


class CrashRig(Rig):
    """A run against the broker in the other process."""

    def __init__(self, folder, port, account, **options):
        super().__init__(folder, market=None, **options)
        self.port, self.account = port, account
        self.start_over(Fuse())

    def start_over(self, fuse):
        """Be another process: with a clock and a disk of its own."""
        self.fuse, self.clock, self.storage = fuse, HurriedClock(), FusedStorage(fuse)

    def broker(self):
        """A broker over a socket."""
        return SimulatorBroker(SocketWire(self.port, self.account, self.fuse.burn), self.clock)


class Trials:
    """Trials in turn, and what they found."""

    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.folder = Path(folder)
        self.process, self.port = start()
        self.control = SocketWire(self.port, "control")
        self.control.open()
        self.found = Counter()
        self.wrong = []
        self.length = self.seconds = 0

    def close(self):
        """Let the broker end."""
        self.control.close()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def scripts(self):
        """What becomes of orders: filled at once, after a while, in parts."""
        rest = lambda: [self.random.choice(("rest", "part")) for _ in range(self.random.randrange(3))]  # noqa: E731
        return {symbol: [" ".join([*rest(), "fill"])] for symbol in PRICES}

    def measure(self):
        """Learn how many calls, and how long, a run takes that nobody kills."""
        found = []
        for number in range(7):
            rig = self.new_rig(f"measure{number}")
            begin = time.perf_counter()
            rig.run()
            found.append((time.perf_counter() - begin, rig.fuse.calls))
            self.judge(rig)
        self.seconds, self.length = (median(numbers) for numbers in zip(*found, strict=True))

    def new_rig(self, account):
        """Make an account at the broker, and a run for it."""
        folder = self.folder / account
        folder.mkdir()
        market = {"cash": CASH, "positions": HELD, "prices": PRICES, "scripts": self.scripts()}
        self.control.call({"do": "new", "account": account, **market})
        return CrashRig(folder, self.port, account)

    def trial(self, number, crashes):
        """Kill a run so often, then let it end; look at what is so then. Tells whether it died each time."""
        rig = self.new_rig(f"t{number}")
        died = [self.crash(rig) for _ in range(crashes)]
        rig.start_over(Fuse())
        try:
            report = rig.run()
        except (NanobookError, OSError, AssertionError) as error:
            self.wrong.append(f"{number}: {type(error).__name__}: {error}")
        else:
            self.found[report.outcome] += 1
            self.found["recovered"] += bool(report.notes)
        self.judge(rig)
        return all(died)

    def crash(self, rig):
        """Run in a child that dies; tells whether it did before it had ended."""
        by_count = self.random.random() < 0.5
        place = self.random.randrange(1, int(self.length) + 1) if by_count else 0
        torn = self.random.random() if self.random.random() < 0.5 else None
        wait = self.random.uniform(0, self.seconds)
        child = os.fork()
        if child == 0:
            try:
                rig.start_over(Fuse(place, torn))
                rig.run()
            finally:
                os._exit(0)
        if not by_count:
            time.sleep(wait)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status)
        self.found["killed" if died else "ended before"] += 1
        return died

    def judge(self, rig):
        """Check the invariants and the positions."""
        told = self.control.call({"do": "report", "account": rig.account})
        planned = {symbol: GOAL[symbol] - HELD.get(symbol, 0) for symbol in GOAL}
        try:
            check_invariants(told, rig, planned)
            assert told["positions"] == GOAL, f"positions {told['positions']}"
        except AssertionError as error:
            self.wrong.append(f"{rig.account}: {error}")
        self.found["orders"] += len(told["orders"])
        self.control.call({"do": "drop", "account": rig.account})
        shutil.rmtree(rig.folder)


def run_trials(trials, double=0, seed=0, folder=None):
    """Run trials of one crash, then some of two (the second while recovering); gives what was found.

    A run that had ended before it was killed does not count as one of them.
    """
    fast = "/dev/shm" if folder is None and os.access("/dev/shm", os.W_OK) else folder
    with tempfile.TemporaryDirectory(dir=fast) as place:
        all_trials = Trials(seed, place)
        try:
            all_trials.measure()
            number, wanted = 0, {1: trials, 2: double}  # trials by how often they must die
            for crashes in wanted:
                while wanted[crashes]:
                    number += 1
                    wanted[crashes] -= all_trials.trial(number, crashes)
        finally:
            all_trials.close()
    return {
        "trials": number,
        "single": trials,
        "double": double,
        "calls": all_trials.length,
        "wrong": len(all_trials.wrong),
        "first": all_trials.wrong[:10],
        **all_trials.found,
    }


def main():
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--double", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(json.dumps(run_trials(args.trials, args.double, args.seed)))


if __name__ == "__main__":
    main()
