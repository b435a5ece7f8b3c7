"""Random numbers of a session: splitmix64, one word of state, the same on every machine and thread.

G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
"""

from numpy import float64, int64, uint64

from .._jit import helper, kernel

GOLDEN = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB
UNIT = 2.0**-53


@helper
def mixed(word):
    """A word of 64 bits stirred."""
    word = (word ^ (word >> uint64(30))) * uint64(FIRST)
    word = (word ^ (word >> uint64(27))) * uint64(SECOND)
    return word ^ (word >> uint64(31))


@helper
def draw(states, row):
    """Next 64 random bits of the generator whose state is ``states[row]``, an int64."""
    state = uint64(states[row]) + uint64(GOLDEN)
    states[row] = int64(state)
    return mixed(state)


@helper
def uniform(states, row):
    """Next float64 from [0, 1): 53 bits."""
    return float64(draw(states, row) >> uint64(11)) * UNIT


@helper
def below(states, row, bound):
    """Next integer from 0 to ``bound - 1``, for bounds up to 2**32; the bias is below bound / 2**32."""
    return int64(((draw(states, row) >> uint64(32)) * uint64(bound)) >> uint64(32))


@kernel
def seed(states, row, number, stream, book):
    """Start a generator: another one for every number, stream and book."""
    word = mixed(uint64(number) + uint64(GOLDEN))
    word = mixed(word ^ mixed(uint64(stream) + uint64(FIRST)))
    states[row] = int64(mixed(word ^ mixed(uint64(book) + uint64(SECOND))))
