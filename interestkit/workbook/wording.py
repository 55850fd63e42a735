"""Values and inputs in words, short enough for a verdict."""

import re

import numpy as np

from interestkit.workbook.compare import Foreign, describe, labels, plain, unordered

LONG, MANY = 100, 24  # characters and single values of what is still shown whole
DIGITS = (4, 8, 17)  # significant digits: so many as show that two numbers differ


def size(value):
    """How many single values a value holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, (list, tuple, dict, frozenset)):
        return sum(map(size, value.values() if isinstance(value, dict) else value))
    return 1


def show(value, digits=DIGITS[0]):
    """A plain value as a learner would type it, numbers rounded to what is readable."""
    if isinstance(value, np.ndarray):
        form = {"float_kind": lambda number: _decimal(number, digits)}
        text = np.array2string(value, separator=", ", threshold=60, formatter=form)
        return " ".join(text.split()).replace("[ ", "[").replace(" ]", "]")
    if isinstance(value, float):
        return _decimal(value, digits)
    if isinstance(value, (list, tuple)):
        inside = ", ".join(show(one, digits) for one in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {show(one, digits)}' for key, one in value.items())}}}"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(show(one, digits) for one in value))}}}" if value else "set()"
    if isinstance(value, int) and value.bit_length() > 300:
        return f"a whole number of {value.bit_length()} bits"
    return value.words if isinstance(value, Foreign) else repr(value)


def _decimal(number, digits):
    text = f"{number:.{digits}g}"
    return f"{number:.0f}" if "e+" in text and abs(number) < 1e9 else text


def show_both(first, second):
    """Two values that differ, with as many digits as show it, whatever brackets they stand in."""
    usual = show(first), show(second)
    for digits in DIGITS:
        texts = show(first, digits), show(second, digits)
        if len({re.sub(r"[^\w.+-]+", " ", text).strip() for text in texts}) == 2:
            return texts
    return usual


def input_of(exercise, case):
    """An input as the learner would type it: `points = [[0, 1]], k = 2`."""
    if exercise.kind == "class":
        return f"this: {(case[0].__doc__ or case[0].__name__).strip()}"
    names = [name for name in exercise.parameters if name != "rng"]
    return ", ".join(f"{name} = {_shown(value)}" for name, value in zip(names, case, strict=False))


def _shown(given):
    """An input in words; an object of the workbook's own may say itself what it holds."""
    value, kind = plain(given), type(given)
    ours = kind.__module__.startswith("interestkit.") and kind.__repr__ is not object.__repr__
    text = repr(given) if ours else show(value)
    return text if size(value) <= MANY and len(text) <= LONG else describe(value)


def short(text, length):
    """A text, cut to `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def first_difference(same, expected, got, place=""):
    """A sentence that says where two large values differ first."""
    if isinstance(same, (labels, unordered)):
        return f"You returned {describe(got)} with other content than expected."
    if isinstance(expected, np.ndarray) and expected.ndim:
        got = np.asarray(got)
        step = tuple(np.argwhere(~same.near(expected, got))[0].tolist())
        one, other, index = expected[step], got[step], ", ".join(map(str, step))
    elif isinstance(expected, (list, tuple, dict)):
        steps = expected if isinstance(expected, dict) else range(len(expected))
        step = next(step for step in steps if same.difference(expected[step], got[step]))
        one, other, index = expected[step], got[step], repr(step)
    else:
        one, other = (short(text, LONG) for text in show_both(expected, got))
        return f"At index {place} you have {other}, expected {one}."
    return first_difference(same, plain(one), plain(other), f"{place}[{index}]")
