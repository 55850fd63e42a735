"""What an answer does with an exercise's inputs: outcomes, and when two of them are the same."""

import contextlib
import copy
import linecache
import traceback
from dataclasses import dataclass, field

import numpy as np

from interestkit.workbook.compare import Difference, plain
from interestkit.workbook.limits import TimeUp, limited

MUTATES, IGNORES_RNG = "mutates", "ignores rng"


@dataclass
class Outcome:
    """What an answer did with one input."""

    value: object = None
    raised: str = ""
    message: str = ""
    line: str = ""
    effects: set = field(default_factory=set)
    ended: bool = True


def run(exercise, answer, seed, learners=False, until=None):
    """The outcomes of an answer on the inputs of one judge seed.

    Args:
        exercise: an `Exercise`.
        answer: a function or class.
        seed: the judge seed.
        learners: True for a learner's own answer, which may not call the reference.
        until: outcomes to compare with; the run ends at the first that differs.

    Returns:
        list of `Outcome`, one an input; shorter if it ended early. If time ran out, the last has not `ended`.
    """
    outcomes, effects = [], set()

    def all_inputs():
        for number, case in enumerate(exercise.inputs(seed)):
            outcomes.append(Outcome(ended=False, effects=effects))
            outcomes[-1] = _one(exercise, answer, case, (seed, number), effects)
            if until is not None and (number >= len(until) or problem_of(exercise, outcomes[-1], until[number])):
                break

    with _closed(exercise, learners), contextlib.suppress(TimeUp):
        limited(all_inputs, exercise.seconds)
    return outcomes


def expected(exercise, seed):
    """The reference's outcomes, kept for the next check."""
    if seed not in exercise.expected:
        exercise.expected[seed] = run(exercise, exercise.reference, seed)
    return exercise.expected[seed]


@contextlib.contextmanager
def _closed(exercise, learners):
    """While a learner's answer runs, the exercise does not answer itself."""
    exercise.closed = learners
    try:
        yield
    finally:
        exercise.closed = False


def _one(exercise, answer, case, key, effects):
    outcome = Outcome(effects=effects)
    try:
        if exercise.kind == "class":
            outcome.value = plain(case[0](answer))
        elif exercise.takes_rng:
            outcome.value = _draws(exercise, answer, case, key, effects)
        else:
            outcome.value = _call(answer, case, effects)
    except (TimeUp, KeyboardInterrupt):
        raise
    except BaseException as problem:
        outcome.raised, outcome.message = type(problem).__name__, str(problem)[:120]
        outcome.line = _learners_line(problem, answer)
    return outcome


def _call(answer, case, effects, **more):
    arguments = copy.deepcopy(case)
    value = plain(answer(*arguments, **more))
    if not _equal(arguments, case):
        effects.add(MUTATES)
    return value


def _draws(exercise, answer, case, key, effects):
    """Summaries of many draws, or the one value where `same` is no distribution."""
    draws = exercise.draws
    generator = np.random.default_rng(key)
    before = generator.bit_generator.state
    values = [_call(answer, case, effects, rng=generator) for _ in range(draws)]
    if generator.bit_generator.state == before:
        effects.add(IGNORES_RNG)
    again = _call(answer, case, effects, rng=np.random.default_rng(key))
    if exercise.same.difference(values[0], again):
        effects.add(IGNORES_RNG)
    if draws == 1:
        return values[0]
    return values[0], [_summary(exercise, value, case) for value in values]


def _summary(exercise, value, case):
    try:
        return exercise.same.summary(value, *case)
    except Exception:
        return "not of the form that was asked"


def _equal(first, second):
    if isinstance(first, np.ndarray):
        return isinstance(second, np.ndarray) and first.shape == second.shape and first.tobytes() == second.tobytes()
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(_equal, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(_equal(first[key], second[key]) for key in first)
    return callable(first) or first == second or first != first


def problem_of(exercise, expected, got):
    """How one outcome differs from another; None if it does not."""
    if not got.ended:
        return Difference("time", "")
    if got.raised or expected.raised:
        return None if got.raised == expected.raised else Difference("error" if got.raised else "value", "")
    same = exercise.same
    if exercise.draws > 1:
        (first, expected_draws), (other, got_draws) = expected.value, got.value
        odd = same.form(first, other)
        return odd or (Difference("value", "") if same.differs(expected_draws, got_draws) else None)
    return same.difference(expected.value, got.value)


def same_outcomes(exercise, first, second):
    """Are two lists of outcomes the same, in values, exceptions and side effects?"""
    return (
        len(first) == len(second)
        and first[-1].effects == second[-1].effects
        and not any(problem_of(exercise, one, other) for one, other in zip(first, second, strict=True))
    )


def run_input(exercise, attempt, learners=False):
    """For kind "input": True, or the sentence that says why the input found is none."""
    outcome = Outcome(ended=False)

    def find():
        try:
            outcome.value = plain(attempt())
        except (TimeUp, KeyboardInterrupt):
            raise
        except BaseException as problem:
            outcome.raised, outcome.message = type(problem).__name__, str(problem)[:120]
            outcome.line = _learners_line(problem, attempt)

    with _closed(exercise, learners), contextlib.suppress(TimeUp):
        limited(find, exercise.seconds)
        outcome.ended = True
    if outcome.ended and not outcome.raised:
        verdict = exercise.accepted(outcome.value)
        outcome.value = True if verdict is True or isinstance(verdict, np.bool_) and verdict else str(verdict)
    return outcome


def _learners_line(problem, answer):
    """The last line of the learner's own cell in a traceback."""
    code = getattr(answer, "__code__", None)
    if code is None:
        return ""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == code.co_filename]
    return linecache.getline(frames[-1].filename, frames[-1].lineno).strip() if frames else ""
