"""When are two results the same? Converting results to plain values, and comparing those.

Nothing here trusts an object of the learner's: numbers and arrays are taken out of it
first, so an object that claims to equal everything is only an object of unknown type.
"""

import sys
from dataclasses import dataclass

import numpy as np

NUMERIC = "biufc"
LOW_PRECISION = {np.dtype(np.float16): (1e-2, 1e-2), np.dtype(np.float32): (1e-5, 1e-6)}


@dataclass(frozen=True)
class Foreign:
    """A value of a type that no exercise asks for."""

    type: str


@dataclass(frozen=True)
class Difference:
    """How a result differs: `kind` is "type", "shape", "finite" or "value"."""

    kind: str
    sentence: str


def plain(value):
    """A result as plain Python values and base arrays; what is neither becomes `Foreign`."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biU" else _plain_array(np.asarray(value))
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple)):
        base = list if isinstance(value, list) else tuple
        return base(plain(base.__getitem__(value, i)) for i in range(base.__len__(value)))
    if isinstance(value, dict):
        return {_key(key): plain(dict.__getitem__(value, key)) for key in dict.keys(value)}
    if isinstance(value, (set, frozenset)):
        return frozenset(_key(member) for member in list(value))
    return _from_library(value)


def _key(value):
    value = plain(value)
    return value if isinstance(value, (str, int, float, bool, tuple, frozenset, type(None))) else str(value)


def _plain_array(array):
    array = np.asarray(array)
    if array.dtype.kind == "O":
        return plain(array.tolist())
    if array.dtype.kind not in NUMERIC + "US":
        return Foreign(f"an array of {array.dtype}")
    if array.ndim == 0 and array.dtype.kind == "f" and array.dtype in LOW_PRECISION:
        return array.copy()
    return array.item() if array.ndim == 0 else np.array(array)


def _from_library(value):
    for library, names in (("pandas", ("Series", "DataFrame", "Index")), ("scipy.sparse", ("spmatrix", "sparray"))):
        module = sys.modules.get(library)
        if module and isinstance(value, tuple(getattr(module, name) for name in names if hasattr(module, name))):
            return _plain_array(value.toarray() if library == "scipy.sparse" else value.to_numpy())
    if type(value).__module__.startswith(("tensorflow", "keras")) and hasattr(value, "numpy"):
        return _plain_array(value.numpy())
    return Foreign(type(value).__name__)


def describe(value):
    """A value's type and shape in words: "an array of shape (3, 2) of float64"."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} of {value.dtype}" if value.ndim else f"a {value.dtype} number"
    if isinstance(value, Foreign):
        return f"an object of type {value.type}"
    if isinstance(value, (list, tuple, dict, frozenset)):
        name = {list: "list", tuple: "tuple", dict: "dict", frozenset: "set"}[type(value)]
        return f"a {name} of length {len(value)}"
    return {
        bool: "a truth value",
        int: "a whole number",
        float: "a number",
        complex: "a complex number",
        str: "a text",
    }[type(value)]


def _wrong_type(expected, got):
    return Difference("type", f"You returned {describe(got)}, where {describe(expected)} is asked.")


class values:
    """The same numbers, within a tolerance relative to their size; the same texts; the same structure.

    Args:
        rtol: relative tolerance.
        atol: absolute tolerance, as a part of the largest expected value.
    """

    draws = 1

    def __init__(self, rtol=1e-6, atol=1e-9):
        self.rtol, self.atol = rtol, atol

    def difference(self, expected, got):
        """None if the two plain values are the same, otherwise their `Difference`."""
        if isinstance(expected, np.ndarray):
            return self._arrays(expected, got)
        if isinstance(expected, bool) or expected is None or isinstance(expected, str):
            if type(got) is not type(expected):
                return _wrong_type(expected, got)
            return None if got == expected else Difference("value", "")
        if isinstance(expected, (int, float, complex)):
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
                odd = sorted(map(str, got.keys() ^ expected.keys()))
                return Difference("shape", f"The keys differ from those asked for: {', '.join(odd[:3])}.")
            return next(filter(None, (self.difference(expected[key], got[key]) for key in expected)), None)
        if isinstance(expected, frozenset):
            if not isinstance(got, frozenset):
                return _wrong_type(expected, got)
            return None if got == expected else Difference("value", "")
        return _wrong_type(expected, got)

    def _numbers(self, expected, got):
        if isinstance(got, bool) or not (isinstance(got, (int, float, complex)) or _is_number(got)):
            return _wrong_type(expected, got)
        return self._close(np.asarray(expected), np.asarray(got))

    def _arrays(self, expected, got):
        if isinstance(got, (list, tuple)):
            try:
                got = np.array(got)
            except ValueError:
                return Difference("shape", "The rows of what you returned have different lengths.")
        if not isinstance(got, np.ndarray) or got.dtype.kind not in NUMERIC + "U":
            return _wrong_type(expected, got)
        if got.shape != expected.shape:
            return Difference("shape", f"You returned shape {got.shape}, where {expected.shape} is asked.")
        if expected.dtype.kind in "iu" and got.dtype.kind == "f" and got.size:
            return Difference("type", "You returned decimal numbers, where whole numbers (dtype int) are asked.")
        allowed = {"i": "iu", "u": "iu", "f": "iuf", "c": "iufc", "b": "b", "U": "U"}[expected.dtype.kind]
        if got.dtype.kind not in allowed and got.size:
            return _wrong_type(expected, got)
        if expected.dtype.kind in "bU":
            return None if np.array_equal(expected, got) else Difference("value", "")
        return self._close(expected, got)

    def _close(self, expected, got):
        if np.isfinite(expected).all() and not np.isfinite(got).all():
            return Difference("finite", "You returned NaN or infinity, where every number should be finite.")
        rtol, atol = LOW_PRECISION.get(got.dtype, (0, 0))
        size = np.abs(expected[np.isfinite(expected)]).max(initial=0)
        atol = max(atol, self.atol) * (size or 1)
        same = np.isclose(got, expected, rtol=max(rtol, self.rtol), atol=atol, equal_nan=True)
        return None if same.all() else Difference("value", "")


def _is_number(value):
    return isinstance(value, np.ndarray) and value.ndim == 0


class labels(values):
    """The same grouping of n things, whatever its groups are called."""

    def _close(self, expected, got):
        pairs = len(np.unique(np.stack([expected, got]), axis=1).T)
        same = pairs == len(np.unique(expected)) == len(np.unique(got))
        return None if same else Difference("value", "")


class unordered(values):
    """The same members in any order, each as often."""

    def difference(self, expected, got):
        """None if both have the same members, otherwise the `Difference`."""
        if isinstance(got, np.ndarray):
            got = got.tolist()
        if not isinstance(got, (list, tuple, frozenset)):
            return _wrong_type(expected, got)
        try:
            return super().difference(sorted(_listed(expected)), sorted(_listed(got)))
        except TypeError:
            return _wrong_type(expected, got)


def _listed(value):
    return value.tolist() if isinstance(value, np.ndarray) else list(value)
