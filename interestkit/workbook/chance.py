"""Are two sets of draws from one distribution? An exact test with a stated false-alarm rate."""

import math
from bisect import bisect_left
from collections import Counter

import numpy as np

from interestkit.workbook.compare import plain, values

ODD = "not of the form that was asked"


class distribution(values):
    """Draws that are distributed as the reference's, however they are made.

    Each draw is summarised as a category or a number. The pooled draws are cut in two in
    many ways (this category or another; below this quantile or above), and each cut is held
    to Fisher's exact test with Bonferroni's correction. Given the pooled draws that test is
    exact, so a right answer is refused with a probability below `alpha` per input, whatever
    the distribution.

    Args:
        summary: `(result, *arguments) -> category or number`; the result itself unless given.
        draws: how often an answer is drawn for each input.
        alpha: the false-alarm rate for one input.
    """

    def __init__(self, summary=None, draws=250, alpha=4e-8):
        super().__init__()
        self.summary = summary or (lambda result, *arguments: result)
        self.draws, self.alpha = draws, alpha

    def summarise(self, result, arguments):
        """A result's summary as a number or something to count; `ODD` where it has none."""
        try:
            return _counted(plain(self.summary(result, *arguments)))
        except Exception:
            return ODD

    def differs(self, expected, got):
        """Are two lists of summaries from different distributions?"""
        return smallest_p(expected, got) < self.alpha

    def forms(self, results):
        """One result of each type and shape among many."""
        return list({_form(one): one for one in results}.values())

    def form(self, expected, got):
        """None if the `forms` of draws are of the type of those expected, and of their shape if they share one."""
        asked, *others = expected
        loose = {odd.kind for odd in (self.difference(asked, one) for one in others) if odd}
        problems = (self.difference(asked, one) for one in got)
        return next((odd for odd in problems if odd and odd.kind not in loose | {"value"}), None)


def noise_summary(noise):
    """What one answer with much noise tells of it, to be the summary of a `distribution`.

    Three hundred draws in one answer separate two scales that hundreds of answers with one draw each would not.

    Args:
        noise: (m,) draws in units of the scale that is asked, of independent cells. `m % 3` says what is looked at:
            0 their size, 1 their tails, 2 their middle.

    Returns:
        a number; a category where cells share a draw or have none, or where the draws are far too large.
    """
    sizes = np.sort(np.abs(noise))
    if sizes[-1] > 40:
        return "what was added up is not what was asked"
    if (np.diff(sizes) < 1e-12).any():
        return "cells share their noise, or have none"
    return float((sizes.mean(), (sizes > 2.5).sum(), noise.mean())[len(noise) % 3])


def _form(value):
    """What two draws share that differ in their numbers alone."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.kind, value.dtype.kind not in "fc" or bool(np.isfinite(value).all())
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(_form, value))
    return type(value), isinstance(value, float) and math.isfinite(value)


def _counted(value):
    """A plain summary made hashable, with decimals that do not depend on the order of adding up."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(float(f"{one:.9g}") if isinstance(one, float) else _counted(one) for one in value)
    hash(value)
    return value


def smallest_p(first, second, cuts=20):
    """The p-value that two samples come from one distribution, corrected for the cuts tried.

    Args:
        first: list of numbers and categories.
        second: list of numbers and categories.
        cuts: numbers with more different values than this are cut at so many quantiles.
    """
    pooled = sorted(value for value in first + second if _is_number(value))
    tops = _tops(pooled)
    one, two = (
        Counter(bisect_left(tops, value) if _is_number(value) else value for value in sample)
        for sample in (first, second)
    )
    if len(tops) > cuts:
        edges = {bisect_left(tops, pooled[len(pooled) * i // (cuts + 1)]) for i in range(1, cuts + 1)}
        tables = [[sum(sample[level] for level in range(edge + 1)) for sample in (one, two)] for edge in edges]
    else:
        tables = [(one[level], two[level]) for level in range(len(tops))]
    tables += [(one[value], two[value]) for value in one | two if not _is_number(value)]
    if not tables:
        return 1.0
    return min(1.0, len(tables) * min(fisher(a, len(first), b, len(second)) for a, b in tables))


def _is_number(value):
    return isinstance(value, (int, float))


def _tops(numbers):
    """The highest of each group of sorted numbers that differ by rounding alone."""
    if not numbers:
        return []
    rounding = 1e-9 * (numbers[-1] - numbers[0]) + 1e-14 * max(abs(numbers[0]), abs(numbers[-1]))
    return [a for a, b in zip(numbers, numbers[1:], strict=False) if b - a > rounding] + numbers[-1:]


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
