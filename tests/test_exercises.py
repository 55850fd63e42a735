"""What is demanded of every exercise of every lesson, and that breaking a reference in any place is noticed.

`INTERESTKIT_JUDGE_SEEDS` says on how many families of inputs: 3 unless `make seeds` asks for twenty.
"""

import ast
import inspect
import itertools
import os
import re
import textwrap

import numpy as np
import pytest

from interestkit import clusters
from interestkit.exercises import interest_clusters as kit
from interestkit.workbook import source
from interestkit.workbook.chance import ODD
from interestkit.workbook.exercise import LEVELS, all_exercises
from interestkit.workbook.judge import judge
from interestkit.workbook.outcome import expected, problem_of, run, run_input, same_outcomes

SEEDS = range(int(os.environ.get("INTERESTKIT_JUDGE_SEEDS", "3")))
EXERCISES = [one for exercises in all_exercises().values() for one in exercises]
JUDGED_BY_INPUTS = [one for one in EXERCISES if one.kind != "input"]
DETERMINED = [one for one in JUDGED_BY_INPUTS if one.draws == 1]
LEGS = set()  # what `leg` has registered: each is checked of every exercise


def leg(check):
    """Register a demand; it is checked of every exercise."""
    LEGS.add(check.__name__.removeprefix("demand_"))
    return check


def every(exercises):
    return pytest.mark.parametrize("exercise", exercises, ids=lambda one: one.id)


def states(exercise, answer):
    return {judge(exercise, answer, seed).state for seed in SEEDS}


def inputs_of(exercise):
    return [case for seed in SEEDS for case in exercise.inputs(seed)]


# Right, untouched and wrong answers ----------------------------------------------------------


@leg
def demand_stub(exercise):
    """The untouched stub is "not started", and so is the stub in a cell with comments."""
    for text in (source.stub(exercise.reference), source.released(source.solved(exercise.reference))):
        assert source.untouched(text)
        assert states(exercise, typed(exercise, text)) == {"not started"}


@leg
def demand_reference(exercise):
    for seed in SEEDS:
        verdict = judge(exercise, exercise.reference, seed)
        assert verdict == 1, verdict
    assert states(exercise, typed(exercise, source.text_of(exercise.reference))) == {"right"}


@leg
def demand_alternative(exercise):
    """Two more right answers, of which one is made of plain loops."""
    for answer in exercise.alternatives:
        for seed in SEEDS:
            verdict = judge(exercise, answer, seed)
            assert verdict == 1, verdict
            assert not source.same_code(source.text_of(answer), source.text_of(exercise.reference))
    assert len(exercise.alternatives) >= 2
    if exercise.kind in ("function", "bug"):
        assert any(is_plain(answer) for answer in exercise.alternatives), "none is made of plain loops"


WHOLE_ARRAY = {
    "sum",
    "mean",
    "min",
    "max",
    "argmin",
    "argmax",
    "argsort",
    "sort",
    "cumsum",
    "prod",
    "any",
    "all",
    "dot",
}


def is_plain(answer):
    """Made of loops: it has one, and it reduces no array as a whole (`x.sum()`, `np.dot`, `@`, `axis=`).

    Python's own `sum` and `min` over a loop are fine: they are what a beginner writes. Converting the
    end result with `np.array` is too.
    """
    tree = ast.parse(textwrap.dedent(source.text_of(answer)))
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    whole = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in WHOLE_ARRAY
        or isinstance(node, ast.MatMult)
        or isinstance(node, ast.keyword) and node.arg in ("axis", "keepdims")
        or isinstance(node, ast.Subscript) and any(isinstance(part, ast.Constant) and part.value is None
                                                   for part in ast.walk(node.slice))
    ]  # fmt: skip
    return any(isinstance(node, loops) for node in ast.walk(tree)) and not whole


@leg
def demand_misconception(exercise):
    """Three wrong answers, each recognised by its own message, whatever the family of inputs."""
    messages = [known.message for known in exercise.misconceptions]
    assert len(set(messages)) == len(messages) >= 3
    for known in exercise.misconceptions:
        assert re.fullmatch(r"[A-Z`0-9][^\n]{20,220}[.?!]", known.message), known.message
        for seed in SEEDS:
            verdict = judge(exercise, known.answer, seed)
            assert (verdict.state, verdict.text) == ("misconception", known.message)
            assert verdict < 1


@leg
def demand_pairwise_different(exercise):
    """Whoever gives one of the wrong answers is told of that one."""
    if exercise.kind == "input":
        answers = [run_input(exercise, known.answer)[0].value for known in exercise.misconceptions]
        assert len(set(answers)) == len(answers)
        return
    for seed in SEEDS:
        outcomes = [run(exercise, one, seed) for one in answers_of(exercise)]
        for first, second in itertools.combinations(outcomes, 2):
            assert not same_outcomes(exercise, first, second), f"seed {seed}"


def answers_of(exercise):
    return [exercise.reference, *(known.answer for known in exercise.misconceptions)]


@leg
def demand_right_form_of_wrong_answers(exercise):
    """A misconception has the right type and shape everywhere, unless it is marked; then it has not."""
    if exercise.kind == "input":
        return
    for known in exercise.misconceptions:
        kinds = set()
        for seed in SEEDS:
            for want, came in zip(expected(exercise, seed), run(exercise, known.answer, seed), strict=True):
                problem = problem_of(exercise, want, came)
                kinds |= {problem.kind} if problem else set()
        assert bool(kinds & {"type", "shape", "error"}) == known.crashes, (known.message, kinds)


@leg
def demand_no_hard_coded_answer(exercise):
    """A table of all that the reference returns on the first family of inputs is wrong."""
    if exercise.kind in ("class", "input"):
        return  # a class has no results to put into a table; of an input one is all that is asked
    cases, chance = exercise.inputs(0), {"rng": np.random.default_rng(5)} if exercise.takes_rng else {}
    table = {repr(case): [exercise.reference(*case, **chance) for _ in range(exercise.draws)] for case in cases}
    table = {case: itertools.cycle(results) for case, results in table.items()}
    default = expected(exercise, 1)[0].value

    def answer(*case, rng=None):
        return next(table.get(repr(case), iter([default])))

    assert judge(exercise, answer) < 1
    assert judge(exercise, lambda *case, **rng: default) < 1


@leg
def demand_verdicts_on_nonsense(exercise):
    """An endless loop, an exception, None, NaN, a wrong shape, an object that equals everything."""
    long = exercise.seconds
    try:
        exercise.seconds = 0.15
        assert judge(exercise, made(exercise, endless)).state == "time"
    finally:
        exercise.seconds = long
    verdict = judge(exercise, made(exercise, failing))
    assert verdict == 0 and verdict.state == "error" and "a clear word" in verdict.text
    for nonsense in (None, AlwaysEqual(), [AlwaysEqual()] * 3, float("nan"), np.zeros((1, 2, 0, 3)), {}, "", lambda: 0):
        verdict = judge(exercise, made(exercise, lambda nonsense=nonsense: nonsense))
        assert verdict == 0 and verdict.state in ("type", "wrong", "error", "misconception"), (nonsense, verdict)
    if exercise.kind in ("function", "bug"):
        assert judge(exercise, made(exercise, lambda: None)).state == "type"
        for spoil in (_all_nan, _one_axis_more):
            verdict = judge(exercise, spoilt(exercise, spoil))
            assert verdict < 0.5 and verdict.state in ("type", "wrong", "misconception"), verdict


def made(exercise, call):
    """An answer of the exercise's kind that does nothing but a call."""
    if exercise.kind == "class":
        methods = [name for name, part in vars(exercise.reference).items() if inspect.isfunction(part)]
        return type(exercise.name, (), {name: lambda self, *args, **kwargs: call() for name in methods})
    return lambda *args, **kwargs: call()


def spoilt(exercise, spoil):
    """The reference with its result spoilt."""
    return lambda *args, **kwargs: spoil(exercise.reference(*args, **kwargs))


def _all_nan(result):
    return result * np.nan if isinstance(result, (float, np.ndarray)) else np.full(np.shape(result), np.nan)


def _one_axis_more(result):
    return np.asarray(result)[..., None] if np.ndim(result) else [result]


def endless():
    while True:
        pass


def failing():
    raise LookupError("a clear word")


class AlwaysEqual:
    """Claims to be whatever it is compared with."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


# Inputs -----------------------------------------------------------------------------------


@leg
def demand_inputs(exercise):
    """A hand-sized input first; of several arrays in an input never all square; awkward ones among them."""
    if exercise.kind in ("class", "input"):
        return
    parameters = [name for name in exercise.parameters if not exercise.takes_rng or name != "rng"]
    for seed in SEEDS:
        cases = exercise.inputs(seed)
        assert sum(np.size(part) for part in cases[0]) <= 16
        assert len(cases) >= 3
        assert all(len(case) == len(parameters) for case in cases)
    tables = [[part for part in case if np.ndim(part) >= 2] for case in inputs_of(exercise)]
    tables = [parts for parts in tables if parts]
    if tables:
        assert any(len({size for part in parts for size in part.shape}) > 1 for parts in tables)
        square = [parts for parts in tables if all(len(set(part.shape)) == 1 for part in parts)]
        assert not any(len(parts) > 1 for parts in square), "all arrays of an input are square"
        assert len(square) < len(tables) / 2
    for place, name in enumerate(parameters):
        numbers = [case[place] for case in inputs_of(exercise) if isinstance(case[place], (int, float))]
        assert not numbers or set(numbers) - {0, 1}, f"{name} is never other than 0 and 1"


@leg
def demand_a_new_input_each_time(exercise):
    """The inputs of two families differ, so that no answer can be learnt by heart."""
    if exercise.kind in ("class", "input"):
        return
    seen = [repr([[np.asarray(part).tolist() for part in case] for case in exercise.inputs(seed)]) for seed in SEEDS]
    assert len(set(seen)) == len(seen)


@leg
def demand_a_quiet_reference(exercise):
    """It raises only what its docstring says, prints nothing, and leaves its input and chance alone."""
    raises = re.findall(r"^\s+(\w+):", (inspect.getdoc(exercise.reference) or "").partition("Raises:")[2], re.MULTILINE)
    for seed in SEEDS if exercise.kind != "input" else ():
        outcomes = expected(exercise, seed)
        assert not outcomes.printed
        for outcome in outcomes:
            assert not outcome.effects
            assert not outcome.raised or outcome.raised in raises
            if exercise.draws > 1:
                assert ODD not in outcome.value[1]


# Words --------------------------------------------------------------------------------------


@leg
def demand_words(exercise):
    assert re.fullmatch(r"[a-z_]+\.[a-z0-9_-]+", exercise.id)
    assert exercise.level in LEVELS and 1 <= exercise.minutes <= 60 and 0 < exercise.seconds <= 30
    doc = inspect.getdoc(exercise.reference)
    assert doc[0].isupper()
    if exercise.kind in ("function", "bug"):
        assert "Returns:\n" in doc
        if exercise.parameters:
            stated = set(re.findall(r"^\s+(\w+):", doc.partition("Args:\n")[2], re.MULTILINE))
            assert set(exercise.parameters) <= stated


@leg
def demand_hints(exercise):
    """Two or more, from a nudge to nearly the code, none of which contains an expression of the answer."""
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    for text in exercise.hints:
        assert re.fullmatch(r"[A-Z`][^\n]+[.?]", text), text
        found = [code for code in expressions(exercise.reference) if squeezed(code) in squeezed(text)]
        assert not found, f"the hint {text!r} gives {found} away"


def expressions(reference):
    """The expressions of three or more nodes in a reference, as text."""
    for node in ast.walk(ast.parse(source.text_of(reference))):
        if isinstance(node, ast.expr) and not isinstance(node, ast.Constant) and nodes(node) >= 3:
            yield ast.unparse(node)


def nodes(tree):
    return sum(isinstance(node, (ast.expr, ast.operator, ast.cmpop)) for node in ast.walk(tree))


def squeezed(text):
    return re.sub(r"\s", "", text)


def typed(exercise, text):
    """A definition as a learner would type it, beside what a lesson's cells have imported."""
    import toys

    return toys.typed(text, exercise.name, **vars(inspect.getmodule(exercise.reference)))


DEMANDS = [check for name, check in sorted(globals().items()) if name.startswith("demand_")]


@every(EXERCISES)
@pytest.mark.parametrize("demand", DEMANDS, ids=lambda check: check.__name__.removeprefix("demand_"))
def test_every_exercise(exercise, demand):
    demand(exercise)


def test_ids_names_and_messages_are_their_own():
    ids = [one.id for one in EXERCISES]
    assert len(set(ids)) == len(ids) and ids
    for stem, exercises in all_exercises().items():
        names = [one.name for one in exercises]
        assert len(set(names)) == len(names)
        assert all(one.theme == stem for one in exercises)
    messages = [known.message for one in EXERCISES for known in one.misconceptions]
    assert len(set(messages)) == len(messages)


# Breaking a reference in one place ------------------------------------------------------------

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.FloorDiv: ast.Div, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "sum": "mean", "mean": "sum",
         "maximum": "minimum", "minimum": "maximum", "zeros": "ones", "ones": "zeros", "any": "all", "all": "any",
         "sqrt": "abs", "exp": "abs", "log": "abs", "cumsum": "cumprod", "round": "floor"}  # fmt: skip

# What may be broken without a difference: the line that then stands there, and why it is the same.
EQUIVALENT = {
    "start.shares": {"return counts / np.maximum(1, totals)": "a maximum has no order"},
    "clusters.assign": {
        "squared = ((points[:, None] - centers[None]) ** 2).mean(axis=2)": "d divides all: the same order",
    },
    "clusters.seed": {
        "squared = ((points[:, None] - np.array(centers)[None]) ** 2).mean(axis=2)": "d cancels in the probabilities",
    },
    "clusters.silhouette": {
        "distances = np.sqrt(((points[:, None] - points[None]) ** 2).mean(axis=2))": "d cancels in (b - a) / max(a, b)",
        "a = distances[labels == labels[i], i].sum() / own": "distances are symmetric",
        "b = min((distances[labels == other, i].mean() for other in np.unique(labels) if other != labels[i]))": (
            "distances are symmetric"
        ),
        "result[i] = (b - a) / max(b, a)": "a maximum has no order",
    },
    "clusters.align": {
        "kept = np.array([[np.mean((old == i) & (new == j)) for j in range(k)] for i in range(k)])": (
            "shares of all households instead of counts: the same order"
        ),
    },
}


def mutants(reference):
    """A reference broken in one place each: (the line that stands there instead, the function)."""
    text = source.text_of(reference)
    lines = ast.unparse(ast.parse(text)).splitlines()
    for place, node in enumerate(ast.walk(ast.parse(text))):
        for change in changes(node):
            tree = ast.parse(text)
            change(next(itertools.islice(ast.walk(tree), place, None)))
            broken = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
            names = dict(vars(inspect.getmodule(reference)))
            exec(compile(tree, "<mutant>", "exec"), names)
            line = next(after for before, after in zip(lines, broken, strict=True) if after != before)
            yield line.strip(), names[reference.__name__]


def changes(node):
    """What can be broken about one node of the syntax tree: functions that do it."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
        yield lambda n: setattr(n, "op", SWAPS[type(n.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield lambda n: setattr(n, "ops", [SWAPS[type(n.ops[0])](), *n.ops[1:]])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield lambda n: setattr(n, "attr", NAMES[n.attr])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda n: setattr(n, "id", NAMES[n.id])
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.Call) and node.keywords:
        yield lambda n: n.keywords.pop()
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        yield lambda n: n.args.reverse()
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        yield lambda n: n.slice.elts.reverse()


@every(JUDGED_BY_INPUTS)
def test_a_reference_broken_in_one_place_disagrees_with_the_alternatives(exercise):
    """So one changed character of it makes the tests red."""
    wanted = {seed: [run(exercise, answer, seed) for answer in exercise.alternatives] for seed in SEEDS}
    survivors, count, long = set(), 0, exercise.seconds
    exercise.seconds = 0.5
    try:
        for line, broken in mutants(exercise.reference):
            count += 1
            pairs = [(one, seed) for seed in SEEDS for one in wanted[seed]]
            if all(same_outcomes(exercise, run(exercise, broken, seed, until=one), one) for one, seed in pairs):
                survivors.add(line)
    finally:
        exercise.seconds = long
    assert count >= 3
    assert survivors == set(EQUIVALENT.get(exercise.id, {}))


# The fast versions of the kit -------------------------------------------------------------------


def tables(n=150):
    """Points and centers: whole numbers, so that there are ties, some centers twice, and decimals."""
    for number in range(n):
        rng = np.random.default_rng([number, 31])
        (rows, d, k), whole = rng.integers(1, [30, 5, 7]), number % 2
        points, centers = (rng.integers(-2, 3, (m, d)).astype(float) for m in (rows, k))
        yield rng, points if whole else rng.normal(size=(rows, d)), centers


def test_the_fast_assign_agrees():
    for _, points, centers in tables():
        assert np.array_equal(clusters.assign(points, centers), kit.assign(points, centers))


def test_the_fast_update_agrees():
    for rng, points, centers in tables():
        some = rng.integers(0, max(1, len(centers) - 1), len(points))  # the last center is often without points
        for labels in (some, some * 0, kit.assign(points, centers)):
            ours = kit.update(points, labels, centers)
            np.testing.assert_allclose(clusters.update(points, labels, centers), ours, rtol=1e-12, atol=1e-12)


def test_the_fast_silhouette_agrees():
    compared = 0
    for rng, points, _ in tables():
        labels = rng.choice([0, 2, 3, 7], len(points), p=[0.6, 0.3, 0.06, 0.04])  # some alone
        if len(np.unique(labels)) > 1:
            with np.errstate(invalid="ignore"):  # equal points in two clusters: 0 / 0
                ours = kit.silhouette(points, labels)
            fast = clusters.silhouette_samples(points, labels)
            defined = np.isfinite(ours)
            np.testing.assert_allclose(fast[defined], ours[defined], rtol=1e-9, atol=1e-9)
            compared += defined.sum()
    assert compared > 1000


def test_the_fast_align_agrees():
    for number in range(120):
        rng = np.random.default_rng([number, 37])
        k, n = int(rng.integers(1, 6)), int(rng.integers(1, 40))
        old, new = rng.integers(0, k, n), rng.integers(0, k, n)
        ours, fast = kit.align(old, new, k), clusters.align_labels(old, new)
        # where several renamings keep as many households, each is right
        assert (ours == old).sum() == (fast == old).sum()
        assert {*zip(new, fast, strict=True)} == dict(zip(new, fast, strict=True)).items()


def test_the_fast_seeding_draws_from_the_same_distribution():
    for seed in SEEDS:
        outcomes = run(kit.seed_centers, clusters.seed_plus_plus, seed, learners=True)
        for want, came in zip(expected(kit.seed_centers, seed), outcomes, strict=True):
            assert not problem_of(kit.seed_centers, want, came)
    uniform = run(kit.seed_centers, clusters.seed_random, 0, learners=True)
    assert not same_outcomes(kit.seed_centers, expected(kit.seed_centers, 0), uniform)  # the test can tell
