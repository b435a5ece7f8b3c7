"""Seeded streams of valid ITCH 5.0 messages: every type, random fields, a clock that rises."""

import random

from tests.oracle.itch import SPECIFICATION, structure

LETTERS = "".join(SPECIFICATION)
SIDES = (b"B", b"S")
SYMBOLS = (b"AAPL", b"BP", b"BRK.A", b"ZVZZT", b"LONGNAME", b"A")


def framed(message):
    """A message behind its length."""
    return len(message).to_bytes(2) + message


def a_message(draw, letter, timestamp=None):
    """One message of a type with random fields, as bytes; numbers often at their limits."""
    form, names = SPECIFICATION[letter]
    codes = form.replace(" ", "").replace("8s", "t").replace("4s", "f").replace("2s", "w")
    values = [a_value(draw, code, name) for code, name in zip(codes, names, strict=True)]
    time = draw.randrange(86_400 * 10**9) if timestamp is None else timestamp
    header = (letter.encode(), draw.randrange(2**16), draw.randrange(2**16), time.to_bytes(6))
    return structure(letter).pack(*header, *values)


def a_value(draw, code, name):
    """A value of one field."""
    if code in "IQ":
        top = {"I": 2**32, "Q": 2**64}[code]
        return draw.choice((0, 1, top - 1, top // 2, draw.randrange(top), draw.randrange(10_000)))
    if name == "side":
        return draw.choice(SIDES)
    if name == "stock":
        return draw.choice(SYMBOLS).ljust(8)
    width = {"c": 1, "w": 2, "f": 4, "t": 8}[code]
    return bytes(draw.choices(b" ABCNXYZ0123", k=width))


def messages(count, seed=0, letters=LETTERS):
    """List messages; the first ones are one of each type."""
    draw = random.Random(seed)
    chosen = [*letters, *draw.choices(letters, k=count)][:count]
    times = sorted(draw.randrange(86_400 * 10**9) for _ in chosen)
    return [a_message(draw, letter, time) for letter, time in zip(chosen, times, strict=True)]


def stream(count, seed=0, letters=LETTERS):
    """Bytes of a strict stream."""
    return b"".join(map(framed, messages(count, seed, letters)))
