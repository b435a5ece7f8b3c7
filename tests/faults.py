"""Calls of the operating system that fail, one after the other."""

import builtins
import os


class Faults:
    """Counts the calls that bring a file to the disk and lets the n-th one fail.

    Use as ``with Faults(monkeypatch, nth): ...``; ``names`` tells what was called.
    """

    def __init__(self, monkeypatch, nth, error=OSError):
        self.monkeypatch = monkeypatch
        self.nth = nth
        self.error = error
        self.names = []

    def call(self, name, real, *args, **kwargs):
        """Call the real one unless it is this one's turn to fail."""
        self.names.append(name)
        if len(self.names) == self.nth:
            raise self.error(28, "No space left on device")
        return real(*args, **kwargs)

    def __enter__(self):
        context = self.context = self.monkeypatch.context()
        patch = context.__enter__()
        for name in ("fsync", "chmod", "replace", "close"):
            real = getattr(os, name)
            patch.setattr(os, name, lambda *args, _real=real, _name=name: self.call(_name, _real, *args))
        real_open = builtins.open
        real_os_open = os.open
        patch.setattr(os, "open", lambda *args: self.call("open_folder", real_os_open, *args))

        def opened(path, mode="r", *args, **kwargs):
            if "x" not in mode:
                return real_open(path, mode, *args, **kwargs)
            return Failing(self.call("open", real_open, path, mode, *args, **kwargs), self)

        patch.setattr(builtins, "open", opened)
        return self

    def __exit__(self, *error):
        return self.context.__exit__(*error)


class Failing:
    """A file whose writes are counted."""

    def __init__(self, file, faults):
        self.file = file
        self.faults = faults

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *error):
        return self.file.__exit__(*error)

    def write(self, data):
        """Write, or fail."""
        return self.faults.call("write", self.file.write, data)

    def flush(self):
        """Flush, or fail."""
        return self.faults.call("flush", self.file.flush)

    def __getattr__(self, name):
        return getattr(self.file, name)


def outcomes(monkeypatch, path, write, error=OSError):
    """Yield for every n (the place of the fault, whether it raised) until nothing fails any more."""
    nth = 0
    while True:
        nth += 1
        with Faults(monkeypatch, nth, error) as faults:
            try:
                write(path)
            except error:
                raised = True
            else:
                raised = False
        if len(faults.names) < nth:
            return
        yield faults.names[-1], raised
