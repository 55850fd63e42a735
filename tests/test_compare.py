"""When two results are the same: tolerances, traps of NumPy, and objects that lie."""

import collections
import decimal
import enum
import fractions
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from interestkit.workbook.compare import LARGEST, Foreign, describe, labels, plain, unordered, values

A = np.array


def difference(expected, got, same=None):
    return (same or values()).difference(plain(expected), plain(got))


def kind(expected, got, same=None):
    found = difference(expected, got, same)
    return found and found.kind


class AlwaysEqual:
    """Claims to be whatever it is compared with."""

    __array_priority__ = 1e9

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0

    def __float__(self):
        return 0.25

    def __array__(self, dtype=None, copy=None):
        return A(0.25)

    def __isclose__(self, *_):
        return True

    def __array_function__(self, *_):
        return True

    def __array_ufunc__(self, *_, **__):
        return True


class FakeArray:
    """Says that it is an array."""

    __class__ = np.ndarray
    shape, ndim, dtype, size = (2,), 1, np.dtype(float), 2

    def tolist(self):
        return [1.0, 2.0]


class LyingArray(np.ndarray):
    """An array of other numbers than it claims."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array__(self, dtype=None, copy=None):
        return A([1.0, 2.0])

    def __getitem__(self, index):
        return 1.0

    def tolist(self):
        return [1.0, 2.0]

    def __array_ufunc__(self, *_, **__):
        return True

    def __array_function__(self, *_):
        return True


class LyingFloat(float):
    def __eq__(self, other):
        return True

    def __float__(self):
        return 0.25

    def __sub__(self, other):
        return 0.0

    __hash__ = float.__hash__
    __rsub__ = __sub__


class LyingInt(int):
    def __eq__(self, other):
        return True

    def __int__(self):
        return 3

    def __index__(self):
        return 3

    __hash__ = int.__hash__


class LyingFloat64(np.float64):
    def item(self):
        return 0.25

    def __float__(self):
        return 0.25

    def __array__(self, dtype=None, copy=None):
        return A(0.25)


class LyingFloat32(np.float32):
    def item(self):
        return 0.25

    def __array__(self, dtype=None, copy=None):
        return A(0.25)


class LyingText(str):
    def __eq__(self, other):
        return True

    def __str__(self):
        return "yes"

    __hash__ = str.__hash__


class LyingList(list):
    def __getitem__(self, index):
        return 1

    def __len__(self):
        return 2

    def __iter__(self):
        return iter([1, 1])

    def __eq__(self, other):
        return True


class LyingDict(dict):
    def __getitem__(self, key):
        return 1

    def keys(self):
        return {"a": 1}.keys()


# The traps of NumPy ------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [0.25, 1, "yes", True, None, A([1.0, 2.0]), [1, 2], {"a": 1}, (1.0, A([2]))])
@pytest.mark.parametrize(
    "liar", [AlwaysEqual(), FakeArray(), [AlwaysEqual(), AlwaysEqual()], A([AlwaysEqual()] * 2, object)]
)
def test_an_object_that_equals_everything_is_of_the_wrong_type(wanted, liar):
    assert kind(wanted, liar) in ("type", "shape")


@pytest.mark.parametrize(
    ("wanted", "liar"),
    [
        (A([1.0, 2.0]), A([5.0, 6.0]).view(LyingArray)),
        (0.25, LyingFloat(7)),
        (0.25, LyingFloat64(7)),
        (0.25, LyingFloat32(7)),
        (3, LyingInt(7)),
        ("yes", LyingText("no")),
        ([1, 1], LyingList([5, 6])),
        ({"a": 1}, LyingDict(a=2)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_subclass_that_lies_is_taken_for_what_it_holds(wanted, liar):
    assert kind(wanted, liar) == "value"


@pytest.mark.parametrize(
    ("wanted", "got", "odd"),
    [
        (np.zeros(5), np.zeros((5, 1)), "shape"),  # broadcasting
        (np.zeros((5, 1)), np.zeros(5), "shape"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "shape"),
        (np.zeros((3, 3)), np.zeros(3), "shape"),
        (0.0, np.zeros(7), "type"),  # allclose(0.0, zeros(7)) is True
        (np.zeros(7), 0.0, "type"),
        (3.0, A([]), "type"),  # allclose(empty, 3.0) is True
        (A([]), 3.0, "type"),
        (np.zeros((0, 3)), np.zeros((0, 2)), "shape"),
        (1, True, "type"),  # True == 1
        (True, 1, "type"),
        (False, 0.0, "type"),
        (A([True, False]), A([1, 0]), "type"),
        (A([1, 0]), A([True, False]), "type"),
        (A([1.0, 0.0]), A([True, False]), "type"),
        (1.0, "1.0", "type"),
        (A([1.0]), A(["1.0"]), "type"),
        (A(["1"]), A([1]), "type"),
        (0.5, 0.5 + 0j, "type"),
        (A([0.5]), A([0.5 + 0j]), "type"),
        (0.5, np.complex64(0.5), "type"),
        (0.5, None, "type"),
        (None, 0, "type"),
        (None, A([]), "type"),
        (1.0, np.nan, "finite"),
        (1, np.nan, "finite"),
        (1.0, -np.inf, "finite"),
        (A([1.0, 2.0]), A([1.0, np.nan]), "finite"),
        (A([1.0, np.nan]), A([np.nan, 1.0]), "value"),
        (np.inf, -np.inf, "value"),
        (np.nan, 1.0, "value"),
    ],
)
def test_what_numpy_would_let_pass(wanted, got, odd):
    assert kind(wanted, got) == odd


# Tolerances ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (0.3, 0.1 + 0.2),
        (0.2, sum([0.1, 0.2, 0.3]) / 3),
        (A([0.3]), [0.1 + 0.2]),
        ([0.3], [0.1 + 0.2]),
        ((0.3, {"a": [0.3]}), (0.1 + 0.2, {"a": [0.1 + 0.2]})),
        ({0.3}, {0.1 + 0.2}),
        ({(1, 0.3), (2, 0.6)}, {(2, 0.1 + 0.5), (1, 0.1 + 0.2)}),
        (0.0, 1e-17),
        (1e-17, 0.0),  # what the reference has left of a cancellation
        (A([0.1 + 0.2 - 0.3]), A([0.0])),
        (0.0, -0.0),
        (A([0.0, 1e6]), A([1e-4, 1e6])),
        (1e-20, 1e-20 * (1 + 1e-9)),
        (1e300, 1e300 * (1 + 1e-9)),
        (np.inf, np.inf),
        (np.nan, np.nan),
        (A([np.nan, 1.0, np.inf]), A([np.nan, 1.0, np.inf])),
        (1 / 3, np.float32(1 / 3)),
        (1 / 3, np.float16(1 / 3)),
        (A([1 / 3, 1e4]), A([1 / 3, 1e4], np.float32)),
        (A([1 / 3]), A([1 / 3], np.float16)),
        (A([1 / 3]), [np.float32(1 / 3)]),
        (A([1 / 3]), A([1 / 3], ">f4")),
        (A([1 / 3]), A([1 / 3], np.longdouble)),
        (1 / 3, np.longdouble(1) / 3),
        (1j / 3, np.complex64(1j / 3)),
        (1 + 1j, np.clongdouble(1 + 1j)),
        (A([1j]), A([1j], np.clongdouble)),
    ],
)
def test_the_same_number(wanted, got):
    assert difference(wanted, got) is None


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (0.3, 0.3001),
        (0.0, 1e-6),
        (1e-6, 0.0),
        (1e-20, 2e-9),
        (A([0.0, 1.0]), A([1e-6, 1.0])),
        (A([1 / 3]), A([0.3334], np.float32)),
        (A([1 / 3]), A([0.36], np.float16)),
        (A([0.0, 1.0]), A([0.03, 1.0], np.float16)),
        (A([0.0, 1.0]), A([1e-5, 1.0], np.float32)),
        (A([0.0, 1j]), A([1e-5, 1j], np.complex64)),
        (1j / 3, np.complex64(0.3334j)),
        (A([1e-10, 2e-10]), A([1.5e-10, 2e-10])),
        ({0.3, 0.5}, {0.3, 0.6}),
        ({0.3: 1}, {0.3: 2}),
        (5_000_000, 5_000_001),  # no relative tolerance for what is counted
        (A([5_000_000]), A([5_000_001])),
        (10**9, 10**9 + 0.6),
        (2**64, 2**64 + 1),
        (1, 10**400),
        (1.0, 10**400),
        (1.0, -(10**400)),
        (A([3], np.uint64), A([2**63 + 3], np.uint64)),
        (2**62, float(2**62) + 1024),
    ],
)
def test_another_number(wanted, got):
    assert kind(wanted, got) == "value"


# What a reasonable person accepts ------------------------------------------------------------


class Level(enum.IntEnum):
    """An int that is more."""

    TWO = 2


Pair = collections.namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (A([1, 2]), [1, 2]),
        (A([1, 2]), (1, 2)),
        (A([1, 2]), [np.int64(1), A(2)]),
        (A([1, 2]), A([1, 2], np.int8)),
        (A([1, 2]), A([1, 2], np.uint16)),
        (A([1, 2]), A([1, 2], object)),
        (A([1.0, 2.0]), A([1, 2])),
        (A([1, 2]), Pair(1, 2)),
        (A([1, 2]), pd.Series([1, 2])),
        (A([1, 2]), pd.Index([1, 2])),
        (A([1.5, 2.0]), pd.Series([1.5, 2.0], dtype="Float64")),
        (A([[1, 2]]), pd.DataFrame({"a": [1], "b": [2]})),
        (A([[1, 2.5]]), pd.DataFrame({"a": [1], "b": [2.5]}, dtype=object)),
        (A([[1, 2]]), np.matrix([[1, 2]])),
        (A([[1.0, 0.0]]), sparse.csr_matrix([[1.0, 0.0]])),
        (A([[1.0, 0.0]]), sparse.coo_array([[1.0, 0.0]])),
        (A([[1.0, 2.0], [3.0, 4.0]]), [A([1.0, 2.0]), A([3.0, 4.0])]),
        (A(["a", "b"]), ["a", "b"]),
        (A(["a", "b"]), pd.Series(["a", "b"])),
        (np.zeros((0, 3)), []),
        (A([], int), []),
        (np.zeros(0), A([], int)),
        ([1, 2], A([1, 2])),
        ([1, 2], (1, 2)),
        ((1.0, 2.0), [1, 2]),
        ([[1, 2], [3, 4]], A([[1, 2], [3, 4]])),
        (["a"], A(["a"])),
        (3, np.int32(3)),
        (3, A(3)),
        (3, A(3.0)),
        (3, 3.0),
        (3.0, 3),
        (2, Level.TWO),
        (True, np.True_),
        (True, A(True)),
        ("a", np.str_("a")),
        ({"a": 1}, collections.OrderedDict(a=np.int64(1))),
        ({"a": 2}, collections.Counter("aa")),
        ({1: 0.5}, {np.int64(1): 0.5}),
        ({0.5: 1}, {np.float32(0.5): 1}),
        ({True: 1}, {np.True_: 1}),
        ({(1, 2): 3}, {(np.int64(1), 2): 3}),
        ({1, 2}, frozenset([2, np.int8(1)])),
        (set(), set()),
        (2**64, 2**64),
        (1j, A(1j)),
        (None, A(None)),
    ],
)
def test_accepted(wanted, got):
    assert difference(wanted, got) is None


def test_a_tensor_is_accepted_without_loading_its_library():
    tensor = type("EagerTensor", (), {"numpy": lambda self: A([1.0, 2.0]), "__module__": "tensorflow.python.eager"})()
    assert difference(A([1.0, 2.0]), tensor) is None


def test_an_object_that_is_no_tensor_is_not_asked_for_its_numbers():
    liar = type("EagerTensor", (), {"numpy": lambda self: A([1.0, 2.0])})()
    assert kind(A([1.0, 2.0]), liar) == "type"
    assert kind(A([1.0, 2.0]), type("Model", (), {"__module__": "keras.models"})()) == "type"


# What nobody asked for -------------------------------------------------------------------------


def endless_list():
    one = [1]
    one.append(one)
    return one


def endless_array():
    one = np.empty(2, object)
    one[:] = [1, one]
    return one


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (fractions.Fraction(1, 2), "an object of type Fraction"),
        (decimal.Decimal("0.5"), "an object of type Decimal"),
        (b"bytes", "an object of type bytes"),
        (np.bytes_(b"bytes"), "a value of |S5"),
        (A([b"a"]), "an array of |S1"),
        (iter([1]), "an object of type list_iterator"),
        ((i for i in [1]), "an object of type generator"),
        (map(abs, [1]), "an object of type map"),
        (range(3), "an object of type range"),
        (lambda: 1, "an object of type function"),
        (int, "an object of type type"),
        (..., "an object of type ellipsis"),
        (NotImplemented, "an object of type NotImplementedType"),
        (np.datetime64("2026-01-01"), "a value of datetime64[D]"),
        (A(["2026-01-01"], "M8[D]"), "an array of datetime64[D]"),
        (np.zeros(2, [("a", int)]), "an array of [('a', '<i8')]"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "a masked array"),
        (pd.Timestamp("2026-01-01"), "an object of type Timestamp"),
        (AlwaysEqual(), "an object of type AlwaysEqual"),
        (endless_list(), None),
        (endless_array(), None),
        (np.broadcast_to(1.0, (LARGEST, 10**9)), f"an array of shape ({LARGEST}, 1000000000)"),
        ([0] * (LARGEST + 1), f"a list of length {LARGEST + 1}"),
        (A([None, AlwaysEqual()]), None),
        ({1: fractions.Fraction(1)}, None),
        ({AlwaysEqual(): 1}, None),
        ({AlwaysEqual()}, None),
        (A(endless_list(), object), None),
    ],
    ids=lambda one: type(one).__name__,
)
def test_foreign_things_are_told_in_words_and_are_never_right(value, words):
    seen = plain(value)
    if words:
        assert seen == Foreign(words)
    describe(seen)
    for wanted in (0.5, 1, "a", True, None, A([1.0, 2.0]), [1, 2], (1, 2), {1: 2}, {1}):
        assert kind(wanted, value) in ("type", "shape", "value")


def test_every_difference_of_form_is_one_sentence():
    things = [0.5, 1, True, "a", None, 1j, A([1.0]), A([1]), A(["a"]), [1, 2], (1,), {"a": 1}, {1}, np.float32(1)]
    odd = [AlwaysEqual(), [None], [1, [2, 3]], {1: 2}, A([1], "f2"), b"", [{}], [10**30], np.zeros((2, 0)), "2"]
    groups = [A([0, 1]), [0, 1], A(["a", "b"])]
    for same, asked in ((values(), things), (labels(), groups), (unordered(), groups)):
        for wanted, got in itertools.product(asked, things + odd):
            found = difference(wanted, got, same)
            if found and found.kind != "value":
                assert re.fullmatch(r"(You returned|The \w+) [^\n]+[.]", found.sentence), found
                assert "Foreign" not in found.sentence and "<class" not in found.sentence


@pytest.mark.parametrize(
    ("wanted", "got", "sentence"),
    [
        (
            A([1.0, 2.0]),
            [1.0, None],
            "You returned a list with None in it; an array of shape (2,) of float64 is asked.",
        ),
        (A([1.0]), 3, "You returned a whole number, where an array of shape (1,) of float64 is asked."),
        (A([1]), [1.0], "You returned decimal numbers, where whole numbers (dtype int) are asked."),
        (A([1, 2]), [[1], [1, 2]], "The rows of what you returned have different lengths."),
        (A([1, 2]), [[1, 2]], "You returned shape (1, 2), where (2,) is asked."),
        ({"a": 1}, {"b": 1}, "The keys differ. Missing: a. Not asked for: b."),
        ({}, {"d": 1, "c": 1, "b": 1, "a" * 99: 1}, f"Keys not asked for: {'a' * 30}, b, c."),
        ({"a": 1, "b": 2}, {"b": 2}, "Keys are missing: a."),
        ([1, 2], [1], "You returned 1 values, where 2 are asked."),
        ({1}, {1, 2}, "You returned 2 members, where 1 are asked."),
        ("a", A(["a"]), "You returned an array of shape (1,) of texts, where a text is asked."),
    ],
)
def test_what_is_wrong_with_the_form(wanted, got, sentence):
    assert difference(wanted, got).sentence == sentence


def test_plain_copies():
    array, row = A([1.0]), A([2.0])
    taken = plain([array, {"a": row}])
    array[0] = row[0] = 9
    assert taken[0][0] == 1 and taken[1]["a"][0] == 2


# Labels, and members in any order --------------------------------------------------------------


@pytest.mark.parametrize("got", [[0, 0, 1, 2], [2, 2, 0, 1], A([7, 7, 5, 3]), (1, 1, 2, 0)])
def test_labels_are_the_same_up_to_their_names(got):
    assert difference(A([0, 0, 1, 2]), got, labels()) is None
    assert difference([0, 0, 1, 2], got, labels()) is None


@pytest.mark.parametrize(
    ("got", "odd"),
    [
        ([0, 0, 1, 1], "value"),  # two groups in one
        ([0, 3, 1, 2], "value"),  # a group in two
        ([0, 1, 1, 2], "value"),
        ([0, 0, 0, 0], "value"),
        ([0, 0, 1], "shape"),
        ([[0], [0], [1], [2]], "shape"),
        ([0.0, 0.0, 1.0, 2.0], "type"),
        (["a", "a", "b", "c"], "type"),
        (None, "type"),
    ],
)
def test_other_labels(got, odd):
    assert kind(A([0, 0, 1, 2]), got, labels()) == odd


def test_labels_may_be_texts():
    assert difference(A(["x", "x", "y"]), ["b", "b", "a"], labels()) is None
    assert kind(A(["x", "x", "y"]), ["b", "a", "a"], labels()) == "value"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ([3, 1, 2], [1, 2, 3]),
        ([3, 1, 2], A([1, 2, 3])),
        (A([3, 1, 2]), {1, 2, 3}),
        ([0.3, 1.0], [1.0, 0.1 + 0.2]),
        (A([0.25, 1.0]), A([1.0, 0.25], np.float32)),
        ([1 / 3, 1.0], A([1.0, 1 / 3], np.float16)),
        ([("a", 0.3), ("b", 0.3)], [("b", 0.1 + 0.2), ("a", 0.3)]),
        ([(0.3, 2), (0.1 + 0.2, 1)], [(0.3, 1), (0.3, 2)]),  # sorting tears these apart
        (A([[1, 2], [0, 5]]), [[0, 5], [1, 2]]),
        ([A([1, 2]), A([0, 5])], [A([0, 5]), A([1, 2])]),  # members without an order
        ([None, "a", 1], [1, None, "a"]),
        ([], []),
    ],
)
def test_members_in_any_order(wanted, got):
    assert difference(wanted, got, unordered()) is None


@pytest.mark.parametrize(
    ("wanted", "got", "odd"),
    [
        ([1, 1, 2], [1, 2, 2], "value"),  # each as often
        ([1, 2], [1, 2, 2], "shape"),
        ([1, 1], {1}, "shape"),
        ([(1, 2)], [(2, 1)], "value"),  # order within a member counts
        ([1, 2], 3, "type"),
        ([1, 2], "12", "type"),
        ([1, 2], None, "type"),
        ([1, 2], {1: 1, 2: 2}, "type"),
        (["a", "b"], [1, 2], "type"),
        ([None, "a"], ["a", "a"], "value"),
    ],
)
def test_other_members(wanted, got, odd):
    assert kind(wanted, got, unordered()) == odd


def test_the_order_of_a_set_never_decides():  # L15
    rng = np.random.default_rng(1)
    members = [(f"word {i}", i / 7) for i in range(60)]
    for _ in range(50):
        mixed = [(word, number * (1 + 1e-12)) for word, number in rng.permutation(A(members, object))]
        assert difference(members, [(w, float(x)) for w, x in mixed], unordered()) is None
        assert difference(set(members), {(w, float(x)) for w, x in mixed}) is None
