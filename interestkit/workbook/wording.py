"""Values and inputs in words, short enough for a verdict."""

import numpy as np

from interestkit.workbook.compare import describe, plain


def size(value):
    """How many single values a value holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, (list, tuple, dict, frozenset)):
        return sum(map(size, value.values() if isinstance(value, dict) else value))
    return 1


def show(value):
    """A value as a learner would type it, numbers rounded to what is readable."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, separator=", ", threshold=60, suppress_small=True)
        return " ".join(text.split()).replace(" ,", ",").replace(" ]", "]")
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(show, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def input_of(exercise, case):
    """An input as the learner would type it: `points = [[0, 1]], k = 2`."""
    if exercise.kind == "class":
        return f"this: {(case[0].__doc__ or case[0].__name__).strip()}"
    names = [name for name in exercise.parameters if name != "rng"]
    return ", ".join(f"{name} = {short(show(plain(value)), 240)}" for name, value in zip(names, case, strict=True))


def short(text, length):
    """A text, cut to `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def first_difference(expected, got):
    """A sentence that says where two large values differ first."""
    try:
        one, other = np.asarray(expected), np.asarray(got)
        place = tuple(int(i) for i in np.argwhere(~np.isclose(one, other))[0])
        return f"At index {place} you have {show(other[place].item())}, expected {show(one[place].item())}."
    except (TypeError, ValueError, IndexError):
        return f"You returned {describe(got)} with other content than expected."
