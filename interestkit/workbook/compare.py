"""When are two results the same? Converting results to plain values, and comparing those.

Nothing here trusts an object of the learner's: numbers and arrays are taken out of it
first, so an object that claims to equal everything is only an object of unknown type.
"""

import sys
from dataclasses import dataclass

import numpy as np

NUMERIC = "biufc"
# What a number of low precision may be off by: relative to itself, and to the largest.
LOW_PRECISION = {
    np.dtype(np.float16): (1e-2, 1e-2),
    np.dtype(np.float32): (1e-5, 1e-6),
    np.dtype(np.complex64): (1e-5, 1e-6),
}
NOISE = 1e-13  # what is left where terms of the size of 1 cancel
LARGEST = 10**7  # entries of an array or list that is worth a comparison
FEW = 100  # members of a set that are matched one by one
PLAIN = (type(None), bool, int, float, complex, str)
NUMBERS_AND_TEXTS = {int: int.__int__, float: float.__float__, complex: complex.__complex__, str: str.__str__}


@dataclass(frozen=True)
class Foreign:
    """A value that no exercise asks for, in words: "an object of type Fraction"."""

    words: str


@dataclass(frozen=True)
class Difference:
    """How a result differs: `kind` is "type", "shape", "finite" or "value"."""

    kind: str
    sentence: str = ""


def plain(value, around=()):
    """A result as plain Python values and base arrays; what is neither becomes `Foreign`."""
    kind = type(value)  # `isinstance` would believe what an object says of its class
    if kind in PLAIN:
        return value
    if any(value is outer for outer in around):
        return Foreign(f"a {kind.__name__} that contains itself")
    around = (*around, value)
    if issubclass(kind, np.ndarray):
        return _plain_array(value, around)
    for base, take in NUMBERS_AND_TEXTS.items():
        if issubclass(kind, base):
            return take(value)
    if issubclass(kind, np.generic):
        return _plain_array(np.generic.__array__(value), around)
    for base in (list, tuple):
        if issubclass(kind, base):
            if base.__len__(value) > LARGEST:
                return Foreign(f"a {base.__name__} of length {base.__len__(value)}")
            return base(plain(base.__getitem__(value, i), around) for i in range(base.__len__(value)))
    if issubclass(kind, dict):
        return {_key(key): plain(dict.__getitem__(value, key), around) for key in dict.keys(value)}
    for base in (set, frozenset):
        if issubclass(kind, base):
            return frozenset(map(_key, base.__iter__(value)))
    return _from_library(value, around)


def _key(value):
    value = plain(value)
    if isinstance(value, np.ndarray) and not value.ndim:
        return value.item()
    return value if isinstance(value, (*PLAIN, tuple, frozenset)) else str(value)


def _plain_array(array, around):
    masked = sys.modules.get("numpy.ma")  # not loaded just to look: that takes a tenth of NumPy's own time
    if masked and issubclass(type(array), masked.MaskedArray):
        return Foreign("a masked array")
    array = np.asarray(array)
    if array.size > LARGEST:
        return Foreign(f"an array of shape {array.shape}")
    if array.dtype.kind == "O":
        return plain(array.tolist(), around)
    if array.dtype.kind not in NUMERIC + "U":
        return Foreign(f"{'an array' if array.ndim else 'a value'} of {array.dtype}")
    usual = array.dtype.newbyteorder("=")
    if usual.itemsize > {"f": 8, "c": 16}.get(usual.kind, np.inf):
        usual = np.dtype(float if usual.kind == "f" else complex)
    array = np.array(array, dtype=usual)
    return array if array.ndim or usual in LOW_PRECISION else array.item()


def _from_library(value, around):
    for library, names in (("pandas", ("Series", "DataFrame", "Index")), ("scipy.sparse", ("spmatrix", "sparray"))):
        module = sys.modules.get(library)
        if module and issubclass(type(value), tuple(getattr(module, name) for name in names if hasattr(module, name))):
            return plain(value.toarray() if library == "scipy.sparse" else value.to_numpy(), around)
    if str(type(value).__module__).startswith(("tensorflow", "keras")) and hasattr(value, "numpy"):
        return plain(value.numpy(), around)
    return Foreign(f"an object of type {type(value).__name__}")


def describe(value):
    """A plain value's type and shape in words: "an array of shape (3, 2) of float64"."""
    if isinstance(value, Foreign):
        return value.words
    if isinstance(value, np.ndarray):
        kind = "texts" if value.dtype.kind == "U" else value.dtype
        return f"an array of shape {value.shape} of {kind}" if value.ndim else f"a {kind} number"
    if isinstance(value, (list, tuple, dict, frozenset)):
        name = {list: "list", tuple: "tuple", dict: "dict", frozenset: "set"}[type(value)]
        return f"a {name} of length {len(value)}"
    return {
        type(None): "None",
        bool: "a truth value",
        int: "a whole number",
        float: "a number",
        complex: "a complex number",
        str: "a text",
    }[type(value)]


def _some(keys):
    """At most three keys, shortened, in order."""
    return ", ".join(sorted(str(key)[:30] for key in keys)[:3])


def _wrong_type(expected, got):
    if got is None:
        return Difference("type", f"You returned None, where {describe(expected)} is asked: `return` may be missing.")
    return Difference("type", f"You returned {describe(got)}, where {describe(expected)} is asked.")


class values:
    """The same numbers, within a tolerance relative to their size; the same texts; the same structure.

    Whole numbers are compared exactly.

    Args:
        rtol: relative tolerance.
        atol: absolute tolerance, as a part of the largest expected value.
    """

    draws = 1

    def __init__(self, rtol=1e-6, atol=1e-9):
        self.rtol, self.atol = rtol, atol

    def difference(self, expected, got):
        """None if the two plain values are the same, otherwise their `Difference`."""
        if isinstance(expected, np.ndarray) and expected.ndim:
            return self._arrays(expected, got)
        if isinstance(expected, bool) or expected is None or isinstance(expected, str):
            if type(got) is not type(expected):
                return _wrong_type(expected, got)
            return None if got == expected else Difference("value")
        if _is_number(expected):
            return self._numbers(expected, got)
        if isinstance(expected, (list, tuple)):
            if isinstance(got, np.ndarray) and got.ndim:
                got = [plain(row) for row in got]
            if not isinstance(got, (list, tuple)):
                return _wrong_type(expected, got)
            if len(got) != len(expected):
                return Difference("shape", f"You returned {len(got)} values, where {len(expected)} are asked.")
            return next(filter(None, map(self.difference, expected, got)), None)
        if isinstance(expected, dict):
            if not isinstance(got, dict):
                return _wrong_type(expected, got)
            if got.keys() != expected.keys():
                missing, extra = (_some(one.keys() - other.keys()) for one, other in ((expected, got), (got, expected)))
                if missing and extra:
                    return Difference("shape", f"The keys differ. Missing: {missing}. Not asked for: {extra}.")
                if missing:
                    return Difference("shape", f"Keys are missing: {missing}.")
                return Difference("shape", f"Keys not asked for: {extra}.")
            return next(filter(None, (self.difference(expected[key], got[key]) for key in expected)), None)
        if isinstance(expected, frozenset) and isinstance(got, frozenset):
            return self._members(list(expected), list(got))
        return _wrong_type(expected, got)

    def _numbers(self, expected, got):
        if not _is_number(got) or np.iscomplexobj(got) and not np.iscomplexobj(expected):
            return _wrong_type(expected, got)
        if isinstance(expected, int) and isinstance(got, int):
            return None if got == expected else Difference("value")
        one, other = _as_array(expected), _as_array(got)
        if isinstance(got, int) and not np.isfinite(other):
            return Difference("value")
        far = isinstance(expected, int) and abs(other - one) >= 0.5
        return self._close(one, other) or (Difference("value") if far else None)

    def _arrays(self, expected, got):
        given = got
        if isinstance(got, (list, tuple)):
            try:
                got = np.array(got)
            except ValueError:
                return Difference("shape", "The rows of what you returned have different lengths.")
        if not isinstance(got, np.ndarray) or got.dtype.kind not in NUMERIC + "U":
            return _wrong_member(expected, given)
        if got.shape != expected.shape and not (isinstance(given, list) and not given and not len(expected)):
            return Difference("shape", f"You returned shape {got.shape}, where {expected.shape} is asked.")
        if not got.size:
            return None
        if expected.dtype.kind in "iu" and got.dtype.kind == "f":
            return Difference("type", "You returned decimal numbers, where whole numbers (dtype int) are asked.")
        allowed = {"i": "iu", "u": "iu", "f": "iuf", "c": "iufc", "b": "b", "U": "U"}[expected.dtype.kind]
        if got.dtype.kind not in allowed:
            return _wrong_type(expected, got)
        return self._close(expected, got)

    def _close(self, expected, got):
        if got.dtype.kind in "fc" and np.isfinite(expected).all() and not np.isfinite(got).all():
            return Difference("finite", "You returned NaN or infinity, where every number should be finite.")
        return None if self.near(expected, got).all() else Difference("value")

    def near(self, expected, got):
        """Which entries of two arrays of one shape are the same."""
        if expected.dtype.kind in "biuU" and got.dtype.kind in "biuU":
            return expected == got
        rtol, atol = LOW_PRECISION.get(got.dtype, (0, 0))
        size = np.abs(expected[np.isfinite(expected)]).max(initial=0)
        atol = max(max(atol, self.atol) * (size or 1), NOISE)
        return np.isclose(got, expected, rtol=max(rtol, self.rtol), atol=atol, equal_nan=True)

    def _members(self, expected, got):
        """How the members of two lists differ, in whatever order they stand."""
        if len(got) != len(expected):
            return Difference("shape", f"You returned {len(got)} members, where {len(expected)} are asked.")
        try:
            found = self.difference(sorted(expected), sorted(got))
        except (TypeError, ValueError):  # members without an order
            found = Difference("value")
        if found and len(expected) <= FEW:
            for one in expected:
                match = next((i for i, other in enumerate(got) if not self.difference(one, other)), None)
                if match is None:
                    return found
                del got[match]
            return None
        return found


def _is_number(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 0
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _as_array(number):
    if not isinstance(number, int):
        return np.asarray(number)
    try:
        return np.asarray(float(number))
    except OverflowError:
        return np.asarray(np.inf if number > 0 else -np.inf)


def _wrong_member(expected, got):
    """What is wrong with a list that makes no array of numbers."""
    for odd in _members_of(got):
        if not _is_number(odd) and not isinstance(odd, (bool, str)):
            return Difference("type", f"You returned a list with {describe(odd)} in it; {describe(expected)} is asked.")
    return _wrong_type(expected, got)


def _members_of(value):
    if isinstance(value, (list, tuple)):
        for member in value:
            yield from _members_of(member) if isinstance(member, (list, tuple)) else [member]


class labels(values):
    """The same grouping of n things, whatever its groups are called."""

    def difference(self, expected, got):
        """None if the labels are the same up to their names, otherwise their `Difference`."""
        return self._arrays(np.asarray(expected), got)

    def _close(self, expected, got):
        (names, one), (others, other) = (np.unique(labels, return_inverse=True) for labels in (expected, got))
        pairs = np.unique(one * len(others) + other)
        return None if len(pairs) == len(names) == len(others) else Difference("value")


class unordered(values):
    """The same members in any order, each as often."""

    def difference(self, expected, got):
        """None if the members are the same, otherwise their `Difference`."""
        if not isinstance(got, (list, tuple, frozenset)) and not (isinstance(got, np.ndarray) and got.ndim):
            return _wrong_type(expected, got)
        return values(self.rtol, self.atol)._members(_listed(expected), _listed(got))


def _listed(value):
    if isinstance(value, np.ndarray):
        return [plain(member) for member in value] if value.ndim == 1 else value.tolist()
    return list(value)
