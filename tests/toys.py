"""Toy exercises, one of each kind, for testing the judge: small, quick to time out, easy to get wrong."""

import contextlib
import linecache
import textwrap

import numpy as np

from interestkit.workbook.chance import distribution
from interestkit.workbook.compare import labels, unordered
from interestkit.workbook.exercise import exercise

HINTS = ("Look at one row.", "Then at all rows.")


def typed(code, name="answer", **names):
    """What a cell of a notebook defines under a name: its source is known to Python, but in no file."""
    cell = f"<cell {len(linecache.cache)}>"
    code = textwrap.dedent(code)
    linecache.cache[cell] = len(code), None, code.splitlines(keepends=True), cell
    names |= {"__name__": "__main__", "np": np}
    exec(compile(code, cell, "exec"), names)
    return names[name]


QUICK = {"minutes": 1, "hints": HINTS}


@contextlib.contextmanager
def hurry(*toys):
    """Less time for answers that do not end; the others have enough of it on a busy machine too."""
    try:
        for toy in toys:
            toy.seconds = 0.3
        yield
    finally:
        for toy in toys:
            toy.seconds = 2.0


@exercise("toys.scale", **QUICK)
def scale(rows, k):
    """Each row's mean, times k.

    Args:
        rows: (n, d) array.
        k: a number.
    Returns:
        (n,) array.
    """
    return rows.mean(axis=1) * k


@scale.cases
def _(rng):
    yield np.array([[1.0, 3.0], [0.0, 5.0], [2.0, 2.0]]), 2
    yield np.array([[4.0, 8.0, 0.0]]), 3
    yield rng.normal(size=(5, 3)), 0.5
    yield rng.normal(size=(40, 6)), -1.5


@scale.misconception("You took the sum of each row; its mean is asked.")
def _(rows, k):
    return rows.sum(axis=1) * k


@scale.misconception("You took the mean of each column; rows are asked.", crashes=True)
def _(rows, k):
    return rows.mean(axis=0) * k


@scale.misconception("You scaled the caller's rows in place.")
def _(rows, k):
    rows *= k
    return rows.mean(axis=1)


@exercise("toys.mean", **QUICK)
def mean(numbers):
    """The mean of a list, 0 if it is empty.

    Args:
        numbers: list of numbers.
    Returns:
        a number.
    """
    return sum(numbers) / len(numbers) if numbers else 0.0


@mean.cases
def _(rng):
    yield ([1, 2, 6],)
    yield ([],)
    yield ([0.1, 0.2, 0.3],)
    yield (rng.normal(size=9).tolist(),)


@exercise("toys.root", **QUICK)
def root(x):
    """The square root of a number that is not negative.

    Args:
        x: a number.
    Returns:
        a number.
    Raises:
        ValueError: if x is negative.
    """
    if x < 0:
        raise ValueError(f"x must not be negative, got {x}")
    return x**0.5


@root.cases
def _(rng):
    yield (4.0,)
    yield (-1.0,)
    yield (float(rng.random()),)


@exercise("toys.group", same=labels(), **QUICK)
def group(points):
    """Groups of equal numbers.

    Args:
        points: (n,) array.
    Returns:
        (n,) whole numbers, the same for equal points.
    """
    return np.unique(points, return_inverse=True)[1]


@group.cases
def _(rng):
    yield (np.array([5, 5, 7, 1]),)
    yield (rng.integers(0, 5, 40),)


@exercise("toys.pairs", same=unordered(), **QUICK)
def pairs(baskets):
    """The pairs of things that lie in one basket.

    Args:
        baskets: list of lists of words.
    Returns:
        list of (word, word), each in alphabetical order.
    """
    return [(a, b) for basket in baskets for a in sorted(basket) for b in sorted(basket) if a < b]


@pairs.cases
def _(rng):
    yield ([["tea", "milk"], ["tea", "rice", "milk"]],)
    yield ([[]],)
    yield ([sorted(rng.choice(["a", "b", "c", "d", "e"], 3, replace=False).tolist()) for _ in range(4)],)


@exercise("toys.draw", same=distribution(draws=150), **QUICK)
def draw(shares, rng):
    """Draw a kind with the probabilities given.

    Args:
        shares: (n,) array that sums to 1.
        rng: NumPy generator to draw from.
    Returns:
        a whole number below n.
    """
    return rng.choice(len(shares), p=shares)


@draw.cases
def _(rng):
    yield (np.array([0.1, 0.2, 0.7]),)
    yield (np.array([1.0]),)  # nothing is left to chance
    yield (np.array([0.6, 0.4]),)


@draw.misconception("You drew every kind with the same probability.")
def _(shares, rng):
    return rng.integers(len(shares))


@exercise("toys.noisy", same=distribution(draws=300), **QUICK)
def noisy(values, scale, rng):
    """Values with noise.

    Args:
        values: (n,) array.
        scale: the noise's standard deviation.
        rng: NumPy generator to draw from.
    Returns:
        (n,) array.
    """
    return values + rng.normal(0, scale, len(values))


noisy.same.summary = lambda result, values, scale: result[0] - values[0]


@noisy.cases
def _(rng):
    yield np.array([1.0, 2.0]), 3.0
    yield np.array([5.0]), 0.5


@exercise("toys.counter", **QUICK)
class Counter:
    """Counts what it is told."""

    def __init__(self, start=0):
        """Begin at `start`."""
        self.count = start

    def add(self, n):
        """Count n more, and say how many there are.

        Args:
            n: a number.
        Returns:
            the count so far.
        """
        self.count += n
        return self.count


@Counter.cases
def _(rng):
    def twice(Counter):
        """two counters, of which one counts 2 and then 3"""
        first, second = Counter(), Counter(10)
        return first.add(2), first.add(3), second.add(1)

    yield (twice,)

    numbers = rng.integers(9, size=20).tolist()

    def many(Counter):
        """twenty numbers one after the other"""
        counter = Counter(start=1)
        return [counter.add(n) for n in numbers]

    yield (many,)


@Counter.misconception("Your counters share one list: make it in `__init__`.")
class _Shared:
    seen = []

    def __init__(self, start=0):
        self.seen.append(start)

    def add(self, n):
        self.seen.append(n)
        return sum(self.seen)


@exercise("toys.breaker", kind="input", **QUICK)
def breaker():
    """Find a list that `careless` does not sort.

    Returns:
        a list of numbers.
    """
    return [2, 1, 1]


def careless(numbers):
    """Sorts, and loses what is there twice."""
    return sorted(set(numbers))


@breaker.accepts
def _(numbers):
    numbers = list(numbers)
    if not numbers:
        return "An empty list is sorted already. Find one with numbers in it."
    while numbers[0] < 0:  # for a test of endless trying
        pass
    return careless(numbers) != sorted(numbers) or "Your list comes out sorted."


@breaker.misconception("An empty list is sorted already. Find one with numbers in it.")
def _():
    return []


def given_share(part, whole):
    """A share, careless of nothing."""
    return part / whole


@exercise("toys.share", kind="bug", given=(given_share,), **QUICK)
def share(part, whole):
    """A part of a whole; 0 of nothing.

    Args:
        part: a number.
        whole: a number.
    Returns:
        a number.
    """
    return part / whole if whole else 0.0


@share.cases
def _(rng):
    yield 1, 4
    yield 0, 0
    yield float(rng.random()), 2.0


@share.misconception("That is still the given function: it divides by 0.", crashes=True)
def _(part, whole):
    return given_share(part, whole)


@exercise("toys.inventory", **QUICK)
def inventory(orders, stock):
    """What is left, by shop and thing.

    Args:
        orders: list of (shop, {thing: number}).
        stock: dict of dicts.
    Returns:
        dict of dicts.
    """
    left = {shop: dict(things) for shop, things in stock.items()}
    for shop, order in orders:
        for thing, number in order.items():
            left[shop][thing] -= number
    return left


@inventory.cases
def _(rng):
    yield [("north", {"tea": 2})], {"north": {"tea": 5, "rice": 1}, "south": {}}
    yield [("a", {"x": int(n)}) for n in rng.integers(3, size=4)], {"a": {"x": 20}}


ALL = (scale, mean, root, group, pairs, draw, noisy, Counter, breaker, share, inventory)


def judge_pairs(code):
    """The state of a verdict on `pairs`, for a process of its own."""
    from interestkit.workbook.judge import judge

    def both(basket):
        return {(a, b) for a in basket for b in basket if a < b}

    return judge(pairs, typed(code, "pairs", both=both)).state
