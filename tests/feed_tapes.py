"""Seeded messages of a feed: valid ones, and ones with every kind of fault."""

import numpy as np

from nanobook.kernels.feed import state

LETTERS = {name: ord(name) for name in "AFECXDU"}
FIELDS = state.Messages._fields


def feed(n, seed, *, symbols=3, references="dense", grid=100, faults=0.0, spread=3):
    """Messages as a list of tuples in the sequence of ``Messages``.

    Parameters
    ----------
    references : str
        ``dense`` counts up; ``far`` is anywhere in 64 bits, with many of equal low and high bits.
    grid : int
        Prices are its multiples; with 1 some are no whole cents.
    faults : float
        Share of messages with something wrong.
    spread : int
        Ticks between the sides on average; negative for books that are crossed.
    """
    rng = np.random.default_rng(seed)
    names = _references(rng, n, references)
    live, out = [], []
    draws = rng.random((n, 6))
    for m in range(n):
        a, b, c, d, e, f = draws[m].tolist()
        symbol = int(a * symbols) * (1 if symbols < 10 else 7)
        side = int(b * 2)
        step = int(-10 * np.log(1 - c)) + (spread if d < 0.9 else 0)
        price = (5000 + (step if side else -step)) * grid + (int(d * 100) % 3 == 0) * (grid == 1)
        quantity = 1 + int(e * 300)
        letter = b"BS"[side]
        if faults and f < faults:
            out.append(_fault(rng, live, names[m], (symbol, letter, quantity, price)))
        elif a + e < 0.9 or not live:
            kind = LETTERS["F" if d < 0.1 else "A"]
            out.append((kind, letter, symbol, names[m], 0, quantity, price))
            live.append([names[m], quantity, symbol, side])
        else:
            out.append(_change(live, draws[m], names[m], m, price))
    return out


def columns(messages):
    """Messages as a mapping of columns."""
    parts = zip(*messages, strict=True) if messages else [[]] * len(FIELDS)
    kinds = ("u1", "u1", "u2", "u8", "u8", "u4", "u4")
    return {name: np.array(part, dtype=kind) for name, part, kind in zip(FIELDS, parts, kinds, strict=True)}


def _references(rng, n, references):
    if references == "dense":
        return list(range(1, n + 1))
    low = rng.integers(0, 4, n, dtype=np.uint64) << np.uint64(61)
    names = low | (np.arange(n, dtype=np.uint64) << np.uint64(int(rng.integers(0, 40))))
    return [int(name) for name in names]


def _change(live, draw, name, m, price):
    """Execute, cancel, delete or replace a live order."""
    at = int(draw[1] * len(live))
    reference, left, symbol, side = live[at]
    part = 1 + int(draw[4] * left)
    kind = "DDEEXCU"[int(draw[5] * 7)]
    if kind == "D" or (kind != "U" and part >= left):
        live[at] = live[-1]
        live.pop()
    elif kind == "U":
        live[at] = [name, part, symbol, side]
    else:
        live[at][1] -= part
    link = name if kind == "U" else m
    return LETTERS[kind], 0, symbol, reference, link, part, price


def _fault(rng, live, name, order):
    """Make a message with something wrong, or with a type that changes no book."""
    symbol, letter, quantity, price = order
    reference = live[int(rng.integers(len(live)))][0] if live else 1
    odd = int(rng.integers(10))
    if odd == 0:
        return ord("PQBSR"[int(rng.integers(5))]), letter, symbol, reference, 0, quantity, price
    if odd == 1:
        return LETTERS["A"], letter, symbol, reference, 0, quantity, price
    if odd == 2:
        return LETTERS["A"], 66 + int(rng.integers(2)) * 3, symbol, name, 0, quantity, price
    if odd == 3:
        return LETTERS["AXE"[int(rng.integers(3))]], letter, symbol, reference, 0, 0, price
    if odd == 4:
        return LETTERS["ECX"[int(rng.integers(3))]], letter, symbol, reference, 9, 2**32 - 1, price
    if odd == 5:
        return LETTERS["U"], 0, symbol, reference, reference, quantity, price
    if odd == 6 and len(live) > 1:
        return LETTERS["U"], 0, symbol, reference, live[0][0], quantity, price
    if odd == 7:
        return LETTERS["U"], 0, symbol, reference, name, 0, price
    kind = LETTERS["EXDCU"[int(rng.integers(5))]]
    return kind, letter, symbol, name ^ 2**63, name, quantity, price
