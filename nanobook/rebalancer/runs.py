"""Which targets have been executed: one small file a target, so that the question costs no reading of the trail."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ..errors import IntegrityError, InvalidValue
from .storage import SystemStorage, read_file, write_file

FOLDER = "runs"


class RunEntry(NamedTuple):
    """A run of a target: where it begins in the trail, and what became of it.

    ``state`` is 'open' or what the run ended with ('done', 'declined', ...); ``offset`` and ``seq`` are those of
    its ``run_started``.
    """

    scope: str
    state: str
    offset: int
    seq: int

    @property
    def is_open(self):
        """Whether the run has not ended."""
        return self.state == "open"


class RunIndex:
    """The runs of a folder, by scope.

    The entry is written before ``run_started`` is, and believed only where that record is found at its place.
    Where there is no entry, the trail is searched: a lost file never lets a target be executed twice.

    Parameters
    ----------
    folder : path-like
        Of the run; the files lie in ``runs`` below it.
    log : AuditLog
    storage : Storage, optional
    """

    def __init__(self, folder, log, storage=None):
        self.folder = Path(folder) / FOLDER
        self._log = log
        self._storage = storage or SystemStorage()

    def start(self, scope, **payload):
        """Record ``run_started`` with ``scope``, with its entry; returns the entry."""
        entry = RunEntry(scope, "open", self._log.size, self._log.count + 1)
        self._write(entry)
        self._log.record("run_started", scope=scope, **payload)
        return entry

    def finish(self, entry, state="done"):
        """Write what became of a run, after its last record."""
        self._write(entry._replace(state=state))

    def find(self, scope):
        """Give the last run of a scope, or None."""
        raise NotImplementedError

    def unfinished(self):
        """Give the runs that have not ended."""
        raise NotImplementedError

    def _write(self, entry):
        self._storage.make_folder(self.folder)
        path = self.folder / f"{sha256(entry.scope.encode()).hexdigest()[:32]}.json"
        write_file(self._storage, path, json.dumps(entry._asdict()).encode() + b"\n")
