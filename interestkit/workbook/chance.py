"""Are two sets of draws from one distribution? An exact test with a stated false-alarm rate."""

import math
from collections import Counter

from interestkit.workbook.compare import Difference, values


class distribution(values):
    """Draws that are distributed as the reference's, however they are made.

    Each draw is summarised as a category or a number. The pooled draws are cut in two in
    many ways (this category or another; below this quantile or above), and each cut is held
    to Fisher's exact test with Bonferroni's correction. Given the pooled draws that test is
    exact, so a right answer is refused with a probability below `alpha` per input, whatever
    the distribution.

    Args:
        summary: `(result, *arguments) -> hashable or float`; the result itself unless given.
        draws: how often an answer is drawn for each input.
        alpha: the false-alarm rate for one input.
    """

    def __init__(self, summary=None, draws=250, alpha=4e-8):
        super().__init__()
        self.summary = summary or (lambda result, *arguments: result)
        self.draws, self.alpha = draws, alpha

    def differs(self, expected, got):
        """Are two lists of summaries, of equal length, from different distributions?"""
        return smallest_p(expected, got) < self.alpha

    def form(self, expected, got):
        """None if one result has the type and shape of another, otherwise the `Difference`."""
        difference = super().difference(expected, got)
        return difference if difference and difference.kind != "value" else None


def smallest_p(first, second, cuts=20):
    """The p-value that two samples come from one distribution, corrected for the cuts tried."""
    pooled = first + second
    if all(isinstance(value, (int, float)) for value in pooled) and len(set(pooled)) > cuts:
        ranked = sorted(pooled)
        edges = {ranked[len(ranked) * i // (cuts + 1)] for i in range(1, cuts + 1)}
        tables = [(sum(v <= e for v in first), sum(v <= e for v in second)) for e in edges]
    else:
        one, two = Counter(first), Counter(second)
        tables = [(one[value], two[value]) for value in one | two]
    if not tables:
        return 1.0
    return min(1.0, len(tables) * min(fisher(a, len(first), b, len(second)) for a, b in tables))


def fisher(a, n, b, m):
    """Two-sided p-value that a of n and b of m are shares of one urn (Fisher's exact test, doubled tail)."""

    def tail(a, n, b, m):
        total = a + b
        ways = _log_choose(n + m, total)
        logs = (_log_choose(n, i) + _log_choose(m, total - i) - ways for i in range(a, min(n, total) + 1))
        return sum(map(math.exp, logs))

    return min(1.0, 2 * min(tail(a, n, b, m), tail(b, m, a, n)))


def _log_choose(n, k):
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) if 0 <= k <= n else -math.inf


__all__ = ["Difference", "distribution"]
