"""Which pair an order belongs to.

Binance asks for the pair with every question about an order, and numbers orders anew for each pair; callers
have an id or their own name of it only. What was sent is noted here, in a file if there is a folder for it,
so that it is found at once after a restart. The exchange remains the authority: a note that is missing costs
a search through all pairs, never an answer.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass

_LOG = logging.getLogger("nanobook.broker.binance")
MOST = 16 * 2**20  # bytes of notes that are read: some 200,000 orders, the latest


@dataclass(frozen=True, slots=True)
class Note:
    """One order of ours: its pair, and its id once the exchange has told it."""

    pair: str
    order_id: int | None


class KnownOrders:
    """Notes of orders, by name and by id.

    Parameters
    ----------
    path : str or path-like, optional
        File to keep them in, of mode 0600.
    """

    def __init__(self, path=None):
        self._path = None if path is None else os.fspath(path)
        self._by_name = {}
        self._by_id = {}
        if self._path is not None:
            self._load()

    def note(self, name, pair, order_id=None, keep=True):
        """Take notice of an order; ``keep`` writes it down."""
        if self._by_name.get(name) == Note(pair, order_id):
            return
        self._by_name[name] = Note(pair, order_id)
        if order_id is not None:
            self._by_id.setdefault(order_id, {})[pair] = name
        if keep and self._path is not None:
            self._write({"client_order_id": name, "pair": pair, "order_id": order_id})

    def named(self, name):
        """Give the note of an order by its name, or None."""
        return self._by_name.get(name)

    def pairs_of(self, order_id):
        """Give the pairs that have an order of that id: one, unless two pairs happened to count alike."""
        return list(self._by_id.get(order_id, ()))

    def name_of(self, pair, order_id):
        """Give the name that an order was sent under, or None."""
        return self._by_id.get(order_id, {}).get(pair)

    def pairs(self):
        """Give all pairs that we have had orders of, the latest first."""
        return list(dict.fromkeys(note.pair for note in reversed(self._by_name.values())))

    def _load(self):
        """Read the notes; what cannot be read is left out, as the exchange has it all."""
        try:
            with open(_opened(self._path, os.O_RDONLY), "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - MOST))
                lines = file.read(MOST).splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            _LOG.warning("notes of orders in %s: %s; they will be searched for", self._path, error.strerror)
            return
        for line in lines:
            try:
                entry = json.loads(line)
                name, pair, order_id = entry["client_order_id"], entry["pair"], entry["order_id"]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
            if isinstance(name, str) and isinstance(pair, str) and isinstance(order_id, (int, type(None))):
                self.note(name, pair, order_id, keep=False)

    def _write(self, entry):
        """Add a line, in one call; what fails is told and does not keep an order back."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            handle = _opened(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            _LOG.warning("notes of orders in %s: %s; they will be searched for", self._path, error.strerror)


def _opened(path, flags):
    return os.open(path, flags | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o600)
