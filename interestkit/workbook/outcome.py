"""What an answer does with an exercise's inputs: outcomes, and when two of them are the same."""

import contextlib
import copy
import linecache
import traceback
from dataclasses import dataclass, field

import numpy as np

from interestkit.workbook import source
from interestkit.workbook.compare import Difference, Foreign, plain
from interestkit.workbook.limits import TimeUp, limited
from interestkit.workbook.sandbox import Sandbox, readable

MUTATES, IGNORES_RNG = "mutates", "ignores rng"
REPEATS = 5  # draws made a second time, from a generator in the same state


@dataclass
class Outcome:
    """What an answer did with one input.

    Attributes:
        value: the result as a plain value; where chance is judged, one result of each form, and all summaries.
        raised: the name of the exception that came instead, with `kinds`, the names of what it also is.
        message: the exception's text.
        line: the line of the learner's own where it happened.
        effects: which of `MUTATES` and `IGNORES_RNG` are true of it.
        drew: whether it moved the generator passed in.
        ended: False if its time ran out.
    """

    value: object = None
    raised: str = ""
    kinds: tuple = ()
    message: str = ""
    line: str = ""
    effects: set = field(default_factory=set)
    drew: bool = False
    ended: bool = True


class Outcomes(list):
    """One `Outcome` an input, and what was printed meanwhile."""

    printed = ""


def run(exercise, answer, seed, learners=False, until=None):
    """The outcomes of an answer on the inputs of one judge seed.

    Args:
        exercise: an `Exercise`.
        answer: a function or class.
        seed: the judge seed.
        learners: True for a learner's own answer, which may not call the reference.
        until: outcomes to compare with; the run ends at the first that differs.

    Returns:
        `Outcomes`, shorter than the inputs if it ended early. If time ran out, the last has not `ended`.
    """
    outcomes = Outcomes()

    def all_inputs():
        for number, case in enumerate(exercise.inputs(seed)):
            # Where draws are compared, a learner's are independent of ours: the test of `chance` needs that.
            key = (seed, number) if learners or exercise.draws == 1 else (seed, number, 1)
            outcomes.append(Outcome(ended=False))
            if until is not None and exercise.draws > 1 and number < len(until):
                # A quarter of the draws tells most wrong answers apart.
                look = _one(exercise, answer, case, key, exercise.draws // 4 or 1)
                if problem_of(exercise, look, until[number]):
                    outcomes[-1] = look
                    break
            outcomes[-1] = _one(exercise, answer, case, key, exercise.draws)
            if until is not None and (number >= len(until) or problem_of(exercise, outcomes[-1], until[number])):
                break

    outcomes.printed = _guarded(exercise, answer, all_inputs, learners)
    return outcomes


def expected(exercise, seed):
    """The reference's outcomes, kept for the next check.

    Raises:
        RuntimeError: if the reference did not end in time, on a machine that is too busy.
    """
    if seed not in exercise.expected:
        outcomes = run(exercise, exercise.reference, seed)
        if not all(outcome.ended for outcome in outcomes):
            raise RuntimeError("the workbook's own answer took too long")
        exercise.expected[seed] = outcomes
    return exercise.expected[seed]


def _guarded(exercise, answer, call, learners):
    """Run `call()` in a sandbox until it ends or its time does; what it printed."""
    exercise.closed = learners
    try:
        with Sandbox(answer) as sandbox, contextlib.suppress(TimeUp):
            limited(call, exercise.seconds)
    finally:
        exercise.closed = False
    return sandbox.printed


def _one(exercise, answer, case, key, draws):
    outcome = Outcome()
    with _caught(outcome, answer):
        if exercise.kind == "class":
            outcome.value = plain(case[0](answer))
        elif exercise.takes_rng:
            _draw(exercise, answer, case, key, draws, outcome)
        else:
            outcome.value = _call(answer, case, outcome)
    return outcome


@contextlib.contextmanager
def _caught(outcome, answer):
    """Make an exception a part of the outcome."""
    try:
        yield
    except (TimeUp, KeyboardInterrupt):
        raise
    except BaseException as problem:
        outcome.raised = type(problem).__name__
        outcome.kinds = tuple(kind.__name__ for kind in type(problem).__mro__)
        outcome.message = text_of(problem)
        outcome.line = _learners_line(problem, answer)


def text_of(problem):
    """An exception's text in one line, even if the exception cannot say it."""
    try:
        return readable(" ".join(str(problem).split()))
    except Exception:
        return ""


def _call(answer, case, outcome, **more):
    arguments = copy.deepcopy(case)
    value = plain(answer(*arguments, **more))
    if not _unchanged(arguments, case):
        outcome.effects.add(MUTATES)
    return value


def _draw(exercise, answer, case, key, draws, outcome):
    """Many draws and their summaries, or the one result where `same` is no distribution."""
    same = exercise.same
    generator = np.random.default_rng(key)
    before = _state(generator)
    results = [_call(answer, case, outcome, rng=generator) for _ in range(draws)]
    outcome.drew = _state(generator) != before
    generator = np.random.default_rng(key)
    again = [_call(answer, case, outcome, rng=generator) for _ in results[:REPEATS]]
    pairs = zip(results, again if outcome.drew else results[:1] * draws, strict=False)
    if any(same.difference(first, second) for first, second in pairs):
        outcome.effects.add(IGNORES_RNG)
    outcome.value = results[0]
    if exercise.draws > 1:
        outcome.value = same.forms(results), [same.summarise(result, case) for result in results]


def _state(generator):
    """What changes when somebody draws from a generator, or from one that it spawns."""
    return generator.bit_generator.state, generator.bit_generator.seed_seq.n_children_spawned


def _unchanged(now, before):
    """Is an input as it was, in type and content?"""
    if type(now) is not type(before):
        return False
    if isinstance(now, np.ndarray):
        if now.dtype.hasobject:
            return _unchanged(now.tolist(), before.tolist())
        return (now.shape, now.dtype, now.tobytes()) == (before.shape, before.dtype, before.tobytes())
    if isinstance(now, (list, tuple)):
        return len(now) == len(before) and all(map(_unchanged, now, before))
    if isinstance(now, dict):
        return now.keys() == before.keys() and all(_unchanged(now[key], before[key]) for key in now)
    if hasattr(type(now), "equals"):  # a pandas table
        return now.equals(before)
    if isinstance(now, (set, frozenset)):
        return now == before
    value = plain(now)
    if isinstance(value, Foreign):
        return not hasattr(now, "__dict__") or _unchanged(vars(now), vars(before))
    if value is now:  # a number or a text
        return now == before or now != now
    return _unchanged(value, plain(before))


def problem_of(exercise, expected, got):
    """How one outcome differs from another; None if it does not."""
    if not got.ended:
        return Difference("time")
    if got.raised or expected.raised:
        asked = expected.raised and expected.raised in got.kinds
        return None if asked else Difference("error" if got.raised else "value")
    same = exercise.same
    if exercise.draws > 1:
        (forms, summaries), (other_forms, other_summaries) = expected.value, got.value
        odd = same.form(forms, other_forms)
        return odd or (Difference("value") if same.differs(summaries, other_summaries) else None)
    return same.difference(expected.value, got.value)


def same_outcomes(exercise, first, second):
    """Are two lists of outcomes the same, in values, exceptions and side effects?"""
    return len(first) == len(second) and not any(
        problem_of(exercise, one, other) or one.effects != other.effects
        for one, other in zip(first, second, strict=True)
    )


def run_input(exercise, answer, learners=False):
    """For kind "input": one outcome, whose value is True, or the sentence that says why the input found is none.

    Where the input has not the form that was asked, so that it cannot even be tried, the value is None.
    """
    outcomes = Outcomes([Outcome(ended=False)])
    (outcome,) = outcomes

    def find():
        with _caught(outcome, answer):
            outcome.value = plain(answer())
        if not outcome.raised:
            outcome.value = _accepted(exercise, outcome.value)
        outcome.ended = True

    outcomes.printed = _guarded(exercise, answer, find, learners)
    return outcomes


def _accepted(exercise, value):
    try:
        verdict = exercise.accepted(value)
    except Exception:
        return None
    return True if plain(verdict) is True else str(verdict)


def _learners_line(problem, answer):
    """The last line of the learner's own cell in a traceback."""
    files = {function.__code__.co_filename for function in source.functions_behind(answer)}
    files = {file for file in files if "site-packages" not in file}
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename in files]
    return linecache.getline(frames[-1].filename, frames[-1].lineno).strip() if frames else ""
