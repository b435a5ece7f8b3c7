"""What a power cut may leave: every state of the files that POSIX allows after a trace of calls.

What was not synced may be there, in part, as zeros, or not at all; a name that was not synced with its folder
may be the old one, and may be the new one of a file whose content never came. The method is that of Pillai et
al., "All File Systems Are Not Created Equal" (OSDI 2014).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import product

SECTOR = 512


@dataclass
class _File:
    """Content that is on the disk, and the writes and cuts that may be."""

    durable: bytes = b""
    pending: list = field(default_factory=list)


class _Disk:
    """Files and names after a trace, with what is not sure of both."""

    def __init__(self, before):
        self.names = {path: _File(data) for path, data in before.items()}  # as the process sees them
        self.durable = dict(self.names)
        self.renames: list[tuple] = []  # changes of names that are not synced: (folder, name, file or None)

    def take(self, step):
        """Take in one call."""
        kind, *args = step
        getattr(self, f"_{kind}", lambda *_: None)(*args)

    def _create(self, path):
        self._name(path, _File())

    def _write(self, path, offset, data):
        self.names[path].pending.append((offset, data))

    def _truncate(self, path, size):
        self.names[path].pending.append((size, None))

    def _sync(self, path):
        file = self.names[path]
        for change in file.pending:
            file.durable = _changed(file.durable, *change)
        file.pending = []

    def _replace(self, source, target):
        self._name(target, self.names[source])
        self._name(source, None)

    def _unlink(self, path):
        self._name(path, None)

    def _name(self, path, file):
        self.renames.append((path, file))
        if file is None:
            self.names.pop(path, None)
        else:
            self.names[path] = file

    def _sync_folder(self, folder):
        for path, file in [change for change in self.renames if os.path.dirname(change[0]) == folder]:
            self._settle(self.durable, path, file)
        self.renames = [change for change in self.renames if os.path.dirname(change[0]) != folder]

    @staticmethod
    def _settle(names, path, file):
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file

    def states(self):
        """Yield what the files may be: names to contents."""
        for done in range(len(self.renames) + 1):  # changes of one folder keep their order
            names = dict(self.durable)
            for path, file in self.renames[:done]:
                self._settle(names, path, file)
            files = list({id(file): file for file in names.values()}.values())
            for contents in product(*(list(_contents(file)) for file in files)):
                by_file = {id(file): content for file, content in zip(files, contents, strict=True)}
                yield {path: by_file[id(file)] for path, file in names.items()}


def _changed(content, offset, data):
    """Apply a write, or a cut where ``data`` is None."""
    if data is None:
        return content[:offset].ljust(offset, b"\0")
    content = content.ljust(offset, b"\0")
    return content[:offset] + data + content[offset + len(data) :]


def _contents(file):
    """Yield what a file may hold: of the changes that are not synced all before one, and that one in part."""
    content = file.durable
    yield content
    for offset, data in file.pending:
        if data is not None:
            yield from _parts(content, offset, data)
        content = _changed(content, offset, data)
        yield content
    if len(file.pending) > 1:  # the last alone, without those before it
        yield _changed(file.durable, *file.pending[-1])


def _parts(content, offset, data):
    """Yield what a write may have done in part: its beginning, zeros, some sectors without the others."""
    step = max(1, len(data) // 32)
    for k in range(1, len(data), step):
        yield _changed(content, offset, data[:k])
    whole = _changed(content, offset, data)
    old = content.ljust(len(whole), b"\0")
    yield old  # the length came, the content did not
    cuts = [at for at in range(0, len(whole), SECTOR) if offset < at < offset + len(data)]
    for at in cuts[:8]:
        yield whole[:at] + old[at:]
        yield old[:at] + whole[at:]


def power_cuts(trace, before=None, every=1):
    r"""Play a power cut after each call of a trace.

    Parameters
    ----------
    trace : list of tuple
        Of ``TracedStorage``.
    before : mapping of str to bytes, optional
        Files that were there, durable.
    every : int
        Only after each so many calls.

    Yields
    ------
    position : int
        How many calls there were.
    marks : list
        What ``mark`` noted until then: what was promised.
    files : dict of str to bytes
        What may be on the disk, each state once.

    Examples
    --------
    >>> from nanobook.testing.power import power_cuts
    >>> trace = [("create", "a"), ("write", "a", 0, b"xy")]
    >>> sorted({files.get("a") for _, _, files in power_cuts(trace)}, key=str)
    [None, b'', b'\x00\x00', b'x', b'xy']
    """
    disk, marks = _Disk(before or {}), []
    for position, step in enumerate(trace, 1):
        if step[0] == "mark":
            marks.append(step[1])
        disk.take(step)
        if position % every:
            continue
        seen = set()
        for files in disk.states():
            key = tuple(sorted(files.items()))
            if key not in seen:
                seen.add(key)
                yield position, list(marks), files
