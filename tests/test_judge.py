"""The judge: each flaw of the best checkers in the field by name, the ladder of verdicts, and hostile attempts.

L1 to L15 are the measured flaws of a well-known checker of notebook exercises.
"""

import contextlib
import functools
import os
import random
import re
import subprocess
import sys
import time

import numpy as np
import pytest
import toys
from toys import typed

from interestkit.workbook import judge as judging
from interestkit.workbook.chance import distribution
from interestkit.workbook.exercise import UsesTheAnswer, exercise
from interestkit.workbook.judge import judge, taken
from interestkit.workbook.verdict import STATES

A = np.array


def verdict(toy, code, name=None, **names):
    """The verdict on an answer typed in a cell."""
    with toys.hurry(toy) if "while " in code else contextlib.nullcontext():
        said = judge(toy, typed(code, name or toy.name, **names))
    sound(said)
    return said


def state(toy, code, **names):
    return verdict(toy, code, **names).state


def sound(said):
    """What holds of every verdict: a score and a state that fit, and a sentence fit to be read."""
    assert 0 <= said <= 1 and said.state in STATES
    assert (said == 1) == (said.state == "right")
    if said.state in ("not started", "refused", "time"):
        assert said == 0
    text = said.text
    assert text and text[0] == text[0].upper() and not text.startswith((" ", "."))
    assert len(text) <= 420, text
    for ugly in ("Foreign", "interestkit", "<object", "<function", "Traceback", " .", ": .", " ,", "{}"):
        assert ugly not in text.replace("'south': {}", ""), text
    assert ".." not in text.replace("...", "") and not re.search(r"[{]\w+[}]", text), text


# Flaws by name -----------------------------------------------------------------------------


def test_L1_a_mean_that_differs_in_the_last_bit_is_right():
    code = "def mean(numbers):\n    m = 0.0\n    for x in numbers:\n        m += x / len(numbers)\n    return m"
    assert 0.1 / 3 + 0.2 / 3 + 0.3 / 3 != sum([0.1, 0.2, 0.3]) / 3  # whether sum() compensates (3.12) or not
    assert state(toys.mean, code) == "right"


def test_L2_an_array_that_is_returned_crashes_no_check():
    code = "def mean(numbers):\n    return np.array(numbers) * 2.0"
    assert verdict(toys.mean, code).state == "type"


def test_L3_a_constant_is_an_attempt():
    for constant in ("0", "5", "None", "True", "''", "...", "float('nan')"):
        assert state(toys.mean, f"def mean(numbers):\n    return {constant}") != "not started"


def test_L4_a_wrong_number_never_looks_like_the_right_one():
    for slightly in ("1.0001", "1 + 2e-6", "(1 + 1e-5)"):
        code = f"def scale(rows, k):\n    return rows.mean(axis=1) * k * ({slightly})"
        said = verdict(toys.scale, code)
        came, wanted = re.search(r"You returned (.*), expected (.*)\. The input", said.text).groups()
        assert came != wanted
        code = f"def mean(numbers):\n    return sum(numbers) / max(len(numbers), 1) * ({slightly})"
        came, wanted = re.search(
            r"You returned (.*), expected (.*)\. The input", verdict(toys.mean, code).text
        ).groups()
        assert came != wanted


def test_L5_a_wrong_tail_of_a_long_result_is_wrong():
    @exercise("toys.long", **toys.QUICK)
    def double(x):
        """Twice x."""
        return 2 * x

    @double.cases
    def _(rng):
        yield (A([1.0, 2.0]),)
        yield (rng.normal(size=100_000),)

    code = "def double(x):\n    y = 2 * x\n    if len(y) > 9:\n        y[-1] += 1\n    return y"
    began = time.perf_counter()
    said = verdict(double, code)
    assert said.state == "wrong" and said == 0.25 and "At index [99999] you have" in said.text
    assert time.perf_counter() - began < 1.5  # 0.02 on a machine that is not busy


def test_L6_noise_where_0_is_expected_is_right():
    code = "def mean(numbers):\n    return sum(numbers) / len(numbers) if numbers else 1e-17"
    assert state(toys.mean, code) == "right"


def test_L7_an_attempt_that_changes_nested_inputs_changes_no_later_check():
    code = """
        def inventory(orders, stock):
            for shop, order in orders:
                for thing, number in order.items():
                    stock[shop][thing] -= number
            orders.clear()
            return stock"""
    first = verdict(toys.inventory, code)
    assert first.state == "property" and first == 0.5 and "changes its input" in first.text
    assert str(verdict(toys.inventory, code)) == str(first)
    assert judge(toys.inventory, toys.inventory.reference) == 1


def test_L8_a_table_of_the_answers_is_wrong():
    cases = [case for seed in range(4) for case in toys.scale.inputs(seed)]
    table = {str(case): toys.scale.reference(*case) for case in cases}
    code = "def scale(rows, k):\n    return table.get(str((rows, k)), 0.0)"
    assert state(toys.scale, code, table=table) != "right"


@pytest.mark.parametrize(
    "thing", [functools.partial(print), 3, None, "text", print, len, int, np.argmin, object(), [], lambda *a: 1 / 0]
)
@pytest.mark.parametrize("toy", toys.ALL, ids=lambda toy: toy.name)
def test_L9_whatever_is_checked_nothing_is_raised(toy, thing):
    said = judge(toy, thing)
    sound(said)
    assert said.state != "right"


def test_L9_an_endless_loop_and_exit_are_verdicts():
    began = time.monotonic()
    assert state(toys.mean, "def mean(numbers):\n    while True:\n        pass") == "time"
    assert time.monotonic() - began < 3
    assert "`exit()`" in verdict(toys.mean, "def mean(numbers):\n    exit()").text


def test_L10_there_is_nothing_private_to_leak():
    """Theirs exposed "private" members by accident. Ours hides nothing: the solution is one call away, and said so."""
    assert "Nothing local is a secret" in judging.__doc__


@pytest.mark.parametrize("toy", toys.ALL, ids=lambda toy: toy.name)
def test_L11_nothing_is_right_with_nothing_done(toy):
    from interestkit.workbook import source

    said = verdict(toy, source.stub(toy.reference))
    assert said == 0 and said.state == "not started"


@pytest.mark.parametrize("toy", [toy for toy in toys.ALL if toy.misconceptions], ids=lambda toy: toy.name)
def test_L12_each_wrong_answer_gets_its_own_message(toy):
    for known in toy.misconceptions:
        said = judge(toy, known.answer)
        sound(said)
        assert (said.state, said.text) == ("misconception", known.message)
        assert said < 1


def test_L13_the_outcome_counts_and_not_how_it_is_made():
    ways = [
        "def scale(rows, k):\n    return [sum(row) / len(row) * k for row in rows]",
        "def scale(rows, k):\n    return tuple(np.float32(np.mean(row) * k) for row in rows)",
        "def scale(a, b, /):\n    return np.einsum('ij->i', a) / a.shape[1] * b",
        "scale = lambda rows, k: rows.mean(1) * k",
        "class scale:\n    def __new__(cls, rows, k):\n        return rows.mean(1) * k",
        "def scale(*args, **kwargs):\n    return args[0].mean(1) * args[1]",
        "class Scaler:\n    def go(self, rows, k):\n        return rows.mean(1) * k\nscale = Scaler().go",
        "class Scaler:\n    def __call__(self, rows, k):\n        return rows.mean(1) * k\nscale = Scaler()",
        "import functools\ndef f(k, a):\n    return a.mean(1) * k\nscale = lambda a, b: functools.partial(f, b)(a)",
    ]
    for code in ways:
        assert state(toys.scale, code) == "right", code


def test_L14_every_exercise_has_right_wrong_and_untouched_answers_in_its_tests():
    import test_exercises

    assert {"stub", "alternative", "misconception", "reference"} <= test_exercises.LEGS


def test_L15_members_without_an_order_are_compared_without_one():
    code = "def pairs(baskets):\n    return {pair for basket in baskets for pair in both(basket)}"

    def both(basket):
        return {(a, b) for a in basket for b in basket if a < b}

    many = "def pairs(baskets):\n    return sorted((p for basket in baskets for p in both(basket)), reverse=True)"
    assert state(toys.pairs, many, both=both) == "right"
    said = [str(verdict(toys.pairs, code, both=both)) for _ in range(3)]
    assert "shape" not in said[0] and len(set(said)) == 1
    for seed in ("0", "1", "2"):  # the order of a set of words differs from process to process
        child = f"import toys; print(toys.judge_pairs({many!r}))"
        run = subprocess.run(
            [sys.executable, "-c", child],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.path.dirname(toys.__file__)},
        )
        assert run.stdout == "right\n", run.stderr


# The traps of NumPy comparison, and how naive checks fail ---------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return (rows.mean(axis=1) * k)[:, None]", "type"),  # broadcasts to the right numbers
        ("return rows.mean(axis=1, keepdims=True) * k", "type"),
        ("return 0.0", "type"),
        ("return np.array([])", "type"),
        ("return None", "type"),
        ("return np.full(len(rows), np.nan)", "type"),
        ("return ['%s' % x for x in rows.mean(axis=1) * k]", "type"),
        ("return Equal()", "type"),
        ("return [Equal()] * len(rows)", "type"),
        ("return rows.mean(axis=1).astype(complex) * k", "type"),
        ("return np.ma.masked_array(rows.mean(axis=1) * k, True)", "type"),
        ("yield rows.mean(axis=1) * k", "type"),
        ("return (x * k for x in rows.mean(axis=1))", "type"),
        ("return lambda: rows.mean(axis=1) * k", "type"),
        ("return np.zeros(10**8)", "type"),
        ("return np.broadcast_to(0.0, (10**6, 10**6))", "type"),
        ("return rows.mean() * k", "type"),  # a number for an array
        ("return rows.mean(axis=1)", "wrong"),  # right where k is 1
        ("return np.resize(rows.mean(axis=0) * k, len(rows))", "wrong"),  # right on a symmetric square
    ],
)
def test_right_shapes_and_types_are_demanded(body, found):
    class Equal:
        def __eq__(self, other):
            return True

        __array_priority__ = 99

    assert state(toys.scale, f"def scale(rows, k):\n    {body}", Equal=Equal) == found


def test_true_is_not_1_and_a_text_is_no_number():
    code = "def root(x):\n    if x < 0:\n        raise ValueError\n    return True if x == 1 else x ** 0.5"
    assert state(toys.root, code) == "right"
    assert state(toys.root, code.replace("x == 1", "x == 4")) == "type"
    assert state(toys.mean, "def mean(numbers):\n    return str(sum(numbers))") == "type"


# The ladder --------------------------------------------------------------------------------


def test_the_scores():
    assert verdict(toys.scale, "def scale(rows, k):\n    ...") == 0
    assert verdict(toys.scale, "def scale(rows, k):\n    return 1 / 0") == 0
    assert verdict(toys.scale, "def scale(rows, k):\n    return None") == 0
    wrong = verdict(toys.scale, "def scale(rows, k):\n    return rows.mean(axis=1) * abs(k)")
    assert wrong == pytest.approx(0.5 * 3 / 4) and wrong.state == "wrong"
    nearly = verdict(toys.mean, "def mean(numbers):\n    n = len(numbers)\n    numbers.append(0)\n"
                     "    return sum(numbers) / n if n else 0.0")  # fmt: skip
    assert nearly == 0.5 and nearly.state == "property"
    right = verdict(toys.scale, "def scale(rows, k):\n    return k * rows.mean(1)")
    assert right == 1 and right.text == "The same as ours on all 6 inputs tried."  # two of the four are drawn twice


def test_a_known_misconception_comes_before_a_crash_and_a_wrong_shape():
    assert state(toys.scale, "def scale(rows, k):\n    return k * rows.mean(0)") == "misconception"
    assert state(toys.share, "def share(part, whole):\n    return part / whole") == "misconception"


def test_a_misconception_must_fit_all_inputs():
    code = "def scale(rows, k):\n    return rows.sum(axis=1) * k + (len(rows) > 9)"
    assert state(toys.scale, code) == "wrong"


def test_a_crash_on_one_input_names_line_and_input():
    code = "def mean(numbers):\n    total = sum(numbers)\n    return total / len(numbers)"
    said = verdict(toys.mean, code)
    assert said.state == "error" and said == 0.5 * 3 / 4
    assert said.text == (
        "ZeroDivisionError: division by zero, in your line `return total / len(numbers)`. It happened on numbers = []"
    )


def test_a_crash_in_a_helper_names_the_line_that_calls_it():
    helper = typed("def helper(x):\n    return x[99]", "helper")
    said = verdict(toys.mean, "def mean(numbers):\n    return helper(numbers)", helper=helper)
    assert "in your line `return helper(numbers)`" in said.text


@pytest.mark.parametrize(
    ("raising", "words"),
    [
        ("raise ValueError('no such thing.')", "ValueError: no such thing, in your line"),
        ("raise ValueError", "ValueError, in your line"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines, in your line"),
        ("raise ValueError('x' * 999)", "x…, in your line"),
        ("raise Dumb()", "Dumb, in your line"),
        ("raise type('X' * 999, (Exception,), dict())('a')", "X…: a, in your line"),
        ("raise ValueError('\\x1b[31m\\x00 \\ud800')", "ValueError: [31m, in your line"),
        ("raise KeyError('a')", "KeyError: 'a', in your line"),
        ("raise StopIteration", "StopIteration, in your line"),
        ("raise GeneratorExit", "GeneratorExit, in your line"),
        ("raise ExceptionGroup('many', [ValueError(1)])", "ExceptionGroup: many (1 sub-exception), in your line"),
        ("raise BaseException('low')", "BaseException: low, in your line"),
        ("assert numbers is None", "AssertionError, in your line"),
        ("return undefined", "NameError: name 'undefined' is not defined, in your line"),
        ("return np.zeros(10**14)", "MemoryError: Unable to allocate"),
        ("return [0] * 10**14", "MemoryError, in your line"),
        ("return mean(numbers)", "RecursionError: maximum recursion depth exceeded"),
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("exit()", "Your code calls `exit()`"),
        ("quit()", "Your code calls `exit()`"),
        ("import sys; sys.exit(3)", "Your code calls `exit()`"),
        ("raise SystemExit", "Your code calls `exit()`"),
    ],
)
def test_exceptions_become_sentences(raising, words):
    class Dumb(Exception):
        def __str__(self):
            raise RuntimeError("cannot say")

    said = verdict(toys.mean, f"def mean(numbers):\n    {raising}", Dumb=Dumb)
    assert said.state == "error" and said == 0 and words in said.text


def test_no_line_of_a_library_is_called_yours():
    said = verdict(toys.mean, "mean = np.vectorize(lambda n: n)")
    assert said.state == "error" and "your line" not in said.text


def test_a_number_beyond_all_floats_is_shown_nevertheless():
    assert verdict(toys.mean, "def mean(numbers):\n    return 10**5000").text.startswith(
        "You returned a whole number of 16610 bits, expected 0."
    )


def test_an_interrupt_is_no_verdict_on_the_answer():
    said = verdict(toys.mean, "def mean(numbers):\n    raise KeyboardInterrupt")
    assert said.state == "refused" and "stopped" in said.text


def test_the_exception_that_is_asked_may_be_a_special_one():
    class Special(ValueError):
        pass

    code = "def root(x):\n    if x < 0:\n        raise Special\n    return x ** 0.5"
    assert state(toys.root, code, Special=Special) == "right"
    said = verdict(toys.root, code, Special=TypeError)
    assert said.state == "error" and said.text.startswith("A ValueError is asked here, and your code raised TypeError.")
    said = verdict(toys.root, "def root(x):\n    return abs(x) ** 0.5")
    assert said.text == "A ValueError is asked here, and you returned 1. The input was x = -1"
    assert said == pytest.approx(1 / 3)


def test_the_smallest_input_that_fails_is_shown():
    code = "def scale(rows, k):\n    return rows.mean(axis=1) * abs(k) + (len(rows) > 4)"
    said = verdict(toys.scale, code)
    assert re.search(r"The input was rows = .*, k = 0.5$", said.text), said.text
    said = verdict(toys.scale, "def scale(rows, k):\n    return rows.mean(axis=1) + k")
    assert said.text == "You returned [7], expected [12]. The input was rows = [[4, 8, 0]], k = 3"


def test_a_wrong_value_is_told_before_a_wrong_type():
    """Decimals on the smallest input, wrong numbers on another: the numbers are what to mend first."""

    @exercise("toys.bigger", **toys.QUICK)
    def bigger(x):
        """How many of the others are smaller."""
        return (x[:, None] > x).sum(axis=1)

    @bigger.cases
    def _(rng):
        yield (np.array([5]),)
        yield (np.array([3, 8, 8]),)
        yield (rng.integers(0, 9, 12),)

    said = verdict(
        bigger, "def bigger(x):\n    r = (x[:, None] >= x).sum(axis=1) - 1\n    return r if r.any() else 1.0 * r"
    )
    assert (
        said.state == "wrong" and said.text == "You returned [0, 2, 2], expected [0, 1, 1]. The input was x = [3, 8, 8]"
    )


def test_a_large_result_is_compared_at_its_first_difference():
    code = "def scale(rows, k):\n    y = rows.mean(axis=1) * k\n    y[9:] = 7\n    return y"
    said = verdict(toys.scale, code)
    assert re.match(r"At index \[9\] you have 7, expected -?[\d.]+\. The input was rows = an array of shape", said.text)


def test_a_nested_result_is_compared_at_its_first_difference():
    @exercise("toys.summary", **toys.QUICK)
    def summary(x):
        """Statistics."""
        return {"mean": x.mean(), "rows": [x, (x + 1)], "n": len(x)}

    @summary.cases
    def _(rng):
        yield (rng.normal(size=(9, 5)),)

    code = "def summary(x):\n    y = x + 1\n    y[3, 2] = 8\n    return {'mean': x.mean(), 'rows': (x, y), 'n': len(x)}"
    assert "At index ['rows'][1][3, 2] you have 8, expected " in verdict(summary, code).text


def test_time_is_told_with_the_input():
    code = "def mean(numbers):\n    while not numbers:\n        pass\n    return sum(numbers) / len(numbers)"
    said = verdict(toys.mean, code)
    assert said.text == "After 0.3 seconds your code was still running, on numbers = []. Does its loop end?"


@pytest.mark.parametrize("catch", ["except:", "except BaseException:", "finally:"])
def test_no_except_survives_the_end_of_its_time(catch):
    body = "continue" if catch == "finally:" else "pass"
    code = f"def mean(numbers):\n    while True:\n        try:\n            x = 1\n        {catch}\n            {body}"
    assert state(toys.mean, code) == "time"


def test_after_an_endless_recursion_the_judge_judges_on():
    again = "try:\n        return mean(n)\n    except BaseException:\n        return mean(n)"
    code = f"def mean(n):\n    {again}  # for a while and longer"
    assert state(toys.mean, code) == "time"
    assert judge(toys.mean, toys.mean.reference) == 1


def test_what_was_printed_is_shown_unless_the_answer_is_right(capfd):
    code = "def mean(numbers):\n    print('n is', len(numbers))\n    return 1.0"
    assert "It printed: n is 3" in verdict(toys.mean, code).text
    assert len(verdict(toys.mean, code.replace("'n is'", "'n' * 10**6")).text) < 420
    assert "print" not in verdict(toys.mean, "def mean(n):\n    print(1)\n    return sum(n) / max(len(n), 1)").text
    assert capfd.readouterr() == ("", "")


def test_nothing_is_written(capfd):
    noisy = "def mean(n):\n    import sys, warnings\n    warnings.warn('w')\n    print(1, file=sys.stderr)\n    "
    asynchronous, generator = "async def mean(n):\n    return 1", "def mean(n):\n    yield 1"
    for code in (f"{noisy}return np.log(0)", f"{noisy}1 / 0", asynchronous, generator):
        assert state(toys.mean, code) in ("type", "error", "wrong")
    assert capfd.readouterr() == ("", "")


# Arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "takes"),
    [
        ("def scale(rows):\n    return rows", "(rows)"),
        ("def scale():\n    return 1", "()"),
        ("def scale(rows, k, n):\n    return rows", "(rows, k, n)"),
        ("def scale(rows, *, k):\n    return rows", "(rows, k)"),
        ("scale = lambda rows: rows", "(rows)"),
        ("class scale:\n    pass", "()"),
    ],
)
def test_a_wrong_number_of_arguments_names_the_right_ones(code, takes):
    said = verdict(toys.scale, code)
    assert said.text == (f"It is called as scale(rows, k), but yours takes {takes}. Give it the arguments of the stub.")
    assert said == 0 and said.state == "error"


def test_arguments_may_be_renamed_but_for_rng():
    assert state(toys.scale, "def scale(table, factor):\n    return table.mean(1) * factor") == "right"
    assert state(toys.draw, "def draw(p, rng):\n    return rng.choice(len(p), p=p)") == "right"
    said = verdict(toys.draw, "def draw(shares, generator):\n    return generator.choice(len(shares), p=shares)")
    assert said.text.startswith("It is called as draw(shares, rng), but yours takes (shares, generator).")


# Side effects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "numbers.sort()",
        "numbers.append(1); numbers.pop(0) if len(numbers) > 1 else numbers",
        "numbers[:] = [float(x) for x in numbers] or [1]",
        "numbers[:] = [[x] for x in numbers]",
        "numbers.clear()",
    ],
)
def test_a_changed_input_is_seen(body):
    code = f"def mean(numbers):\n    copy = list(numbers)\n    {body}\n    return sum(copy) / max(len(copy), 1)"
    said = verdict(toys.mean, code)
    assert said.state == "property" and said == 0.5
    wrong = verdict(toys.mean, code.replace("return", "return 5 +"))
    assert wrong.state == "wrong" and "changes its input" in wrong.text


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (A([1.0, 2.0]), "x[0] = 5"),
        (A([1.0, 2.0]), "x.resize(3, refcheck=False)"),
        (A([[1.0, 2.0]]), "x.shape = (2, 1)"),
        (A([1, [2]], object), "x[1].append(3)"),
        ([A([1.0])], "x[0] += 1"),
        ([1], "x[0] = 1.0"),
        ([5], "x[0] = []"),
        ([[]], "x[0] = 5"),
        ({"a": [1]}, "x['a'].append(2)"),
        ({"a": 1}, "x['b'] = 2"),
        ({1, 2}, "x.add(3)"),
        ((A([1.0]), {2}), "x[1].clear()"),
    ],
    ids=str,
)
def test_every_kind_of_input_is_watched(value, change):
    @exercise("toys.watch", **toys.QUICK)
    def watch(x):
        """Nothing."""
        return 1

    @watch.cases
    def _(rng):
        yield (value,)

    assert judge(watch, lambda x: 1) == 1
    assert verdict(watch, f"def watch(x):\n    {change}\n    return 1").state == "property"


def test_tables_of_pandas_and_scipy_are_watched():
    import pandas as pd
    from scipy import sparse

    class Box:
        def __init__(self):
            self.things = [1]

    @exercise("toys.tables", **toys.QUICK)
    def tables(frame, matrix, box):
        """Nothing."""
        return frame.shape[0] + matrix.shape[0] + len(box.things)

    @tables.cases
    def _(rng):
        yield pd.DataFrame({"a": [1.0, np.nan]}), sparse.csr_array([[1.0, 0.0]]), Box()

    assert judge(tables, tables.reference) == 1
    for change in ("frame['b'] = 1", "frame.loc[0, 'a'] = 7", "frame.columns = ['z']", "matrix.data[:] = 7",
                   "box.things.append(1)", "box.other = 1"):  # fmt: skip
        said = verdict(tables, f"def tables(frame, matrix, box):\n    {change}\n    return 4")
        assert said.state == "property", change


def test_an_input_that_is_only_read_is_no_change():
    code = "def scale(rows, k):\n    rows = rows.copy()\n    rows *= k\n    return rows.mean(axis=1)"
    assert state(toys.scale, code) == "right"


IGNORANT = {
    "a generator of its own": "return np.random.default_rng().choice(len(shares), p=shares)",
    "numpy's global generator": "return np.random.choice(len(shares), p=shares)",
    "python's generator": "import random; return random.choices(range(len(shares)), shares)[0]",
    "one generator for all calls": "return mine.choice(len(shares), p=shares)",
}


@pytest.mark.parametrize("name", IGNORANT)
def test_a_right_draw_that_ignores_rng_is_half_right(name):
    code = f"def draw(shares, rng):\n    {IGNORANT[name]}"
    said = verdict(toys.draw, code, mine=np.random.default_rng(5))
    assert said.state == "property" and said == 0.5 and "`rng`" in said.text


@pytest.mark.parametrize("seed", ["0", "[1, 2]"])
def test_a_generator_seeded_inside_draws_one_thing_only(seed):
    code = f"def draw(shares, rng):\n    return np.random.default_rng({seed}).choice(len(shares), p=shares)"
    said = verdict(toys.draw, code)
    assert said.state == "wrong" and "does not draw from the `rng` passed in" in said.text


@pytest.mark.parametrize(
    "body",
    [
        "return rng.choice(len(shares), p=shares)",
        "return int(np.searchsorted(shares.cumsum(), rng.random()))",
        "return int((1 - rng.random() > shares.cumsum()).sum())",  # turned round: independent of ours nonetheless
        "rng.random(7); return rng.choice(len(shares), p=shares)",
        "return np.random.default_rng(rng.integers(2**32)).choice(len(shares), p=shares)",
        "return rng.spawn(1)[0].choice(len(shares), p=shares)",
        "return 0 if len(shares) == 1 else rng.choice(len(shares), p=shares)",  # nothing to draw
        "return rng.choice(len(shares), p=shares, size=1)[0]",
        "import random; return random.Random(int(rng.integers(2**32))).choices(range(len(shares)), shares)[0]",
        "np.random.seed(rng.integers(2**32)); return np.random.choice(len(shares), p=shares)",
    ],
)
def test_any_right_way_of_drawing_is_right(body):
    assert state(toys.draw, f"def draw(shares, rng):\n    {body}") == "right"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return rng.integers(len(shares))", "misconception"),
        ("return int(shares.argmax())", "wrong"),
        ("return 0", "wrong"),
        ("return None", "type"),
        ("return rng.random()", "wrong"),
        ("return [rng.choice(len(shares), p=shares)]", "type"),
        ("return rng.choice(len(shares), p=shares) if rng.random() < 0.9 else None", "type"),
        ("return rng.choice(len(shares), p=shares) if rng.random() < 0.6 else 0", "wrong"),
        ("shares[0] = 1; return 0", "wrong"),
        ("while True: pass", "time"),
    ],
)
def test_wrong_ways_of_drawing(body, found):
    assert state(toys.draw, f"def draw(shares, rng):\n    {body}") == found


@pytest.mark.parametrize("draws", [2, 3, 5, 60])
def test_however_few_draws_are_judged(draws):
    @exercise("toys.few", same=distribution(draws=draws), **toys.QUICK)
    def few(x, rng):
        """x, drawn with probability 1."""
        return x

    @few.cases
    def _(rng):
        yield (1.0,)

    @few.misconception("You forgot x.")
    def _(x, rng):
        return 0.0

    code = "def few(x, rng):\n    return {}"
    assert state(few, code.format("x + 0")) == "right"
    assert state(few, code.format("None")) == "type"
    assert state(few, code.format("'x'")) == "type"
    if draws > 50:  # fewer tell nothing apart
        assert state(few, code.format("0.0")) == "misconception"


def test_noise_is_judged_by_its_distribution():
    right = "def noisy(values, scale, rng):\n    return [v + rng.normal() * scale for v in values]"
    said = verdict(toys.noisy, right)
    assert said == 1 and said.text == "Distributed as ours, over 300 draws on each of 2 inputs."
    said = verdict(toys.noisy, right.replace("* scale", "/ scale"))
    assert said.state == "wrong" and said.text.startswith("Over 300 draws your results are distributed otherwise")
    for odd in ("rng.laplace(0, scale * 9)", "scale", "0", "abs(rng.normal()) * scale"):
        assert state(toys.noisy, right.replace("rng.normal() * scale", odd)) == "wrong"
    assert state(toys.noisy, right.replace("* scale", "* scale if rng.random() < 0.99 else np.nan")) == "type"


def test_a_check_leaves_no_trace_in_the_random_states():
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    wanted = random.random(), np.random.random()  # noqa: NPY002
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    for name in IGNORANT:
        verdict(toys.draw, f"def draw(shares, rng):\n    {IGNORANT[name]}", mine=np.random.default_rng(5))
    assert (random.random(), np.random.random()) == wanted  # noqa: NPY002


@pytest.mark.parametrize(
    "disturb",
    [
        "np.seterr(all='raise')",
        "import inspect, sys; sys.setrecursionlimit(len(inspect.stack(0)) + 30)",
        "import warnings; warnings.simplefilter('error')",
        "np.set_printoptions(precision=1, threshold=1, formatter={'all': lambda x: 1 / 0})",
        "import os; os.chdir('/')",
        "import sys; sys.settrace(lambda *a: None)",
        "import sys; sys.stdout = None",
        "np.random.seed(0)",
    ],
)
def test_what_an_attempt_sets_does_not_reach_the_answers_it_is_compared_with(disturb):
    """A fresh exercise each time: the reference runs after the attempt for the first time, if ever."""
    toys.scale.expected.clear()
    before = sys.gettrace(), os.getcwd(), sys.stdout, sys.getrecursionlimit(), np.geterr()
    code = f"def scale(rows, k):\n    {disturb}\n    return rows.sum(axis=1) * k"
    assert state(toys.scale, code) == "misconception"
    assert judge(toys.scale, toys.scale.reference) == 1
    assert (sys.gettrace(), os.getcwd(), sys.stdout, sys.getrecursionlimit(), np.geterr()) == before


def test_an_attempt_may_lose_its_own_name():
    code = "def mean(numbers):\n    global mean, np\n    del np\n    mean = None\n    return sum(numbers)"
    assert verdict(toys.mean, code).state == "error"  # the second input finds no np to delete


# Our own answer ----------------------------------------------------------------------------


def test_the_workbooks_own_answer_may_not_be_called():
    for code in (
        "def scale(rows, k):\n    return ours(rows, k)",
        "def scale(rows, k):\n    return ours(rows + 0, k) * 1.0",
        "import functools\nscale = functools.partial(ours)",
        "scale = lambda *args: ours(*args)",
    ):
        said = verdict(toys.scale, code, ours=toys.scale)
        assert said.state == "refused" and said == 0 and "Write it yourself" in said.text
    assert verdict(toys.breaker, "def breaker():\n    return ours()", ours=toys.breaker).state == "refused"
    assert toys.scale(np.ones((1, 2)), 3) == 3  # and is open again


def test_the_workbooks_answer_is_open_again_after_an_interrupt():
    verdict(toys.mean, "def mean(numbers):\n    raise KeyboardInterrupt")
    with pytest.raises(UsesTheAnswer):
        toys.mean.closed = True
        toys.mean([1])
    toys.mean.closed = False
    assert toys.mean([1]) == 1


def test_an_answer_that_is_ours_is_right_and_said_to_be_ours():
    code = 'def scale(rows, k):\n    """Mine."""\n    return rows.mean(axis=1) * k  # typed by hand'
    said = verdict(toys.scale, code)
    assert said == 1 and "own solution" in said.text and taken(toys.scale, typed(code, "scale"))
    assert not taken(toys.scale, typed("def scale(rows, k):\n    return k * rows.mean(axis=1)", "scale"))
    assert not taken(toys.scale, typed("scale = lambda rows, k: k * rows.mean(axis=1)", "scale"))


# The other kinds ---------------------------------------------------------------------------

COUNTER = """
    class Counter:
        def __init__(self, start=0):
            self.seen = [start]

        def add(self, n):
            {body}
"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("self.seen.append(n); return sum(self.seen)", "right"),
        ("self.seen.append(n); return np.sum(self.seen)", "right"),
        ("return sum(self.seen) + n", "wrong"),
        ("self.seen.append(n)", "type"),
        ("return self.total + n", "error"),
        ("while True: pass", "time"),
        ("exit()", "error"),
    ],
)
def test_a_class(body, found):
    ended = []
    code = COUNTER.replace("{body}", body)
    said = verdict(toys.Counter, code, exit=lambda: ended.append(1))
    assert said.state == found and not ended
    if found == "wrong":
        assert said.text.endswith("The input was this: two counters, of which one counts 2 and then 3")
    if body.startswith("return self.total"):
        assert "in your line `return self.total + n`" in said.text


def test_a_class_may_keep_state_wrongly_and_is_judged_the_same_again():
    code = "class Counter:\n    seen = []\n    def __init__(self, start=0):\n        self.seen.append(start)\n" \
           "    def add(self, n):\n        self.seen.append(n)\n        return sum(self.seen)"  # fmt: skip
    answer = typed(code, "Counter")
    said = [str(judge(toys.Counter, answer)) for _ in range(3)]
    assert len(set(said)) == 1 and "share one list" in said[0]


def test_a_class_stub_typed_in_a_notebook_is_not_started():
    from interestkit.workbook import source

    assert state(toys.Counter, source.stub(toys.Counter.reference)) == "not started"
    assert taken(toys.Counter, typed(source.text_of(toys.Counter.reference), "Counter"))


@pytest.mark.parametrize(
    ("body", "found", "words"),
    [
        ("return [1, 1]", "right", "Your input does what was asked."),
        ("return (3, 1, 1)", "right", "Your input"),
        ("return np.array([1, 1])", "right", "Your input"),
        ("return []", "misconception", "An empty list is sorted already."),
        ("return [1, 2]", "wrong", "Your list comes out sorted."),
        ("return None", "type", "has not the form that is asked"),
        ("return [[1], 'a']", "type", "has not the form that is asked"),
        ("return object()", "type", "has not the form that is asked"),
        ("return [-1, 2]  # while it is tried", "time", "still running"),
        ("while True: pass", "time", "After 0.3 seconds your code was still running. Does its loop end?"),
        ("return 1 / 0", "error", "ZeroDivisionError: division by zero, in your line `return 1 / 0`."),
        ("exit()", "error", "Your code calls `exit()`"),
        ("...", "not started", "Nothing to check yet."),
    ],
)
def test_find_an_input(body, found, words):
    said = verdict(toys.breaker, f"def breaker():\n    {body}")
    assert said.state == found and words in said.text
    assert said == (found == "right")


def test_find_an_input_takes_no_argument_and_tells_its_printing():
    assert "It is called as breaker()" in verdict(toys.breaker, "def breaker(numbers):\n    return [1, 1]").text
    assert "It printed: trying" in verdict(toys.breaker, "def breaker():\n    print('trying')\n    return [1]").text


def test_find_the_bug():
    code = "def share(part, whole):\n    {}"
    assert state(toys.share, code.format("return given(part, whole)"), given=toys.given_share) == "misconception"
    assert state(toys.share, code.format("return given(part, whole or 1)"), given=toys.given_share) == "right"


# When the judge itself is at fault -----------------------------------------------------------


def test_a_fault_of_the_judge_is_a_verdict(monkeypatch):
    def fail(*_, **__):
        raise LookupError("something of ours")

    monkeypatch.setattr(judging, "run", fail)
    said = judge(toys.scale, lambda rows, k: rows.mean(1) * k)
    sound(said)
    assert said.state == "refused" and "The check itself failed (LookupError: something of ours)" in said.text


def test_a_reference_out_of_time_is_not_remembered(monkeypatch):
    @exercise("toys.slow", **toys.QUICK)
    def slow(x):
        """Slow at first."""
        while busy:
            pass
        return x

    @slow.cases
    def _(rng):
        yield (1,)

    busy = [1]
    slow.seconds = 0.05
    assert "took too long" in judge(slow, lambda x: x).text
    busy.clear()
    slow.seconds = 2
    assert judge(slow, lambda x: x) == 1


def test_labels_of_a_large_result_are_not_compared_by_index():
    code = "def group(points):\n    groups = np.unique(points, return_inverse=True)[1]\n    groups[30:] = 1\n"
    code += "    return groups"
    said = verdict(toys.group, code)
    assert said.state == "wrong" and "At index" not in said.text


def test_a_verdict_is_quick():
    code = "def scale(rows, k):\n    return rows.mean(axis=1) + k"
    verdict(toys.scale, code)
    began = time.perf_counter()
    for _ in range(5):
        verdict(toys.scale, code)
    assert (time.perf_counter() - began) / 5 < 0.3


# In a real shell ------------------------------------------------------------------------------

SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import toys\\nfrom interestkit.workbook.judge import judge\\nfrom interestkit.workbook import source")
for cell in {cells!r}:
    shell.run_cell(cell)
print("alive", getattr(shell, "exit_now", False))
"""


def test_in_a_real_shell(tmp_path):
    from interestkit.workbook import source

    cells = [
        source.stub(toys.Counter.reference) + "\nprint(judge(toys.Counter, Counter).state)",
        "class Counter:\n    def __init__(self, start=0):\n        exit()\nprint(judge(toys.Counter, Counter).text)",
        "def scale(rows, k):\n    quit\n    quit()\nprint(judge(toys.scale, scale).text)",
        "def scale(rows, k):\n    return rows[9]",
        "print(judge(toys.scale, scale).text)",
        "def mean(n):\n    while True:\n        try: x = 1\n        except: pass\nprint(judge(toys.mean, mean).state)",
        "def scale(rows, k):\n    ...\njudge(toys.scale, scale)",
    ]
    run = subprocess.run(
        [sys.executable, "-c", SHELL.format(cells=cells)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": os.path.dirname(toys.__file__)},
    )
    assert run.stderr == ""
    said = run.stdout.splitlines()
    assert said[0] == "not started"
    assert said[1].startswith("Your code calls `exit()`") and said[2] == said[1]
    assert "in your line `return rows[9]`" in said[3]
    assert said[4] == "time"
    assert said[5].endswith("0.0") and said[-1] == "alive False"
