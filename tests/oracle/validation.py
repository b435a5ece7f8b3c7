"""Leaks, looked for pair by pair."""


def leaks(train, test, starts, ends):
    """Pairs of a training and a test sample whose labels share a moment; labels own both their ends."""
    return [(i, j) for i in train for j in test if starts[i] <= ends[j] and starts[j] <= ends[i]]


def may_train(tested, starts, ends, embargo):
    """Every sample that may train for a test on the rows of ``tested``, a list of runs of neighbours.

    It is in no run, shares no moment with a sample of one, and is none of the ``embargo`` samples that
    follow those which begin before a run's last label has ended.
    """
    count, rows = len(starts), {j for run in tested for j in run}
    kept = []
    for i in range(count):
        clean = i not in rows and not leaks([i], rows, starts, ends)
        for run in tested:
            last = max(ends[j] for j in run)
            later = [k for k in range(run[-1] + 1, count) if starts[k] > last]
            clean = clean and i not in later[:embargo]
        if clean:
            kept.append(i)
    return kept
