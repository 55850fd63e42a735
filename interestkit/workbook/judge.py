"""The judge: an attempt against an exercise, from "not started" to "right".

It runs what a learner wrote on copies, within a time limit, with printing caught and global
states put back. An outcome (a value or an exception, and the side effects) is compared with
the reference's, then with those of each known misconception.

Nothing local is a secret: a learner who wants to fool this judge can. It is made so that
nobody is fooled by accident.
"""

import inspect
import zlib

from interestkit.workbook import source
from interestkit.workbook.compare import plain, values
from interestkit.workbook.exercise import UsesTheAnswer
from interestkit.workbook.outcome import (
    IGNORES_RNG,
    MUTATES,
    expected,
    problem_of,
    run,
    run_input,
    same_outcomes,
    text_of,
)
from interestkit.workbook.verdict import Verdict
from interestkit.workbook.wording import LONG, MANY, first_difference, input_of, short, show, show_both, size

NOT_STARTED = "Nothing to check yet. Replace the `...` in {name} and run its cell."
STOPPED = "The check was stopped, so there is no verdict."
FAILED = "The check itself failed ({problem}). Please report it; your answer may be fine."
PRINTED = "{text}\nIt printed: {printed}"
BORROWED = "Your code calls the workbook's own {name}. Write it yourself; `solution({name})` shows ours."
OURS = "This is the workbook's own solution. Can you write it again without looking?"
RIGHT = "The same as ours on all {count} inputs tried."
RIGHT_CHANCE = "Distributed as ours, over {draws} draws on each of {count} inputs."
FOUND = "Your input does what was asked."
SIGNATURE = "It is called as {asked}, but yours takes {taken}. Give it the arguments of the stub."
TIME = "After {seconds:g} seconds your code was still running, on {where}. Does its loop end?"
TIME_INPUT = "After {seconds:g} seconds your code was still running. Does its loop end?"
EXIT = "Your code calls `exit()`, which would end Python. End a function with `return`."
ERROR = "{problem}. It happened on {where}"
ERROR_LINE = "{problem}, in your line `{line}`. It happened on {where}"
ERROR_INPUT = "{problem}, in your line `{line}`."
ERROR_INPUT_LINELESS = "{problem}, while your code looked for the input."
NO_INPUT = "What you returned has not the form that is asked: it could not be tried."
TYPE = "{sentence} The input was {where}"
MUTATES_RIGHT = "Right, but your code changes its input: the caller's data differ afterwards. Work on a copy."
MUTATES_WRONG = "Your code changes its input: the caller's data differ afterwards. Work on a copy first."
RNG_RIGHT = "Right, but the same `rng` gives different results: draw every random number from the `rng` passed in."
RNG_WRONG = "Your code does not draw from the `rng` passed in, so its caller can neither repeat nor vary the result."
CHANCE = "Over {draws} draws your results are distributed otherwise than they should be, on {where}"
ASKED_ERROR = "A {raised} is asked here, and you returned {came}. The input was {where}"
ASKED_OTHER_ERROR = "A {raised} is asked here, and your code raised {problem}. The input was {where}"
WRONG = "You returned {came}, expected {want}. The input was {where}"
WRONG_LARGE = "{difference} The input was {where}"


def judge(exercise, attempt, seed=0):
    """The verdict on an attempt; never raises.

    Args:
        exercise: an `Exercise`.
        attempt: the learner's function or class.
        seed: which family of inputs is tried first.
    """
    try:
        text = _text(attempt)
        if text and source.untouched(text):
            return _say(exercise, 0, "not started", NOT_STARTED)
        climb = _climb_input if exercise.kind == "input" else _climb
        return climb(exercise, attempt, text, seed)
    except KeyboardInterrupt:
        return _say(exercise, 0, "refused", STOPPED)
    except BaseException as problem:
        problem = f"{type(problem).__name__}: {short(text_of(problem), LONG)}"
        return _say(exercise, 0, "refused", FAILED, problem=problem)


def taken(exercise, attempt):
    """Is the attempt the reference's own code?"""
    return source.same_code(_text(attempt), source.text_of(exercise.reference))


def _text(attempt):
    """The attempt's source, or "" where there is none, as for what is no plain definition."""
    try:
        return source.text_of(attempt)
    except Exception:
        return ""


def _say(exercise, score, state, template, **fields):
    return Verdict(score, state, exercise.name, template.format(name=exercise.name, **fields))


def _climb(exercise, attempt, text, seed):
    if exercise.kind != "class" and not _fits(attempt, exercise.inputs(seed)[0], exercise.takes_rng):
        return _stranger(exercise, attempt)
    tried = []
    # Right on the first family of inputs? Then on a second one, which no table of answers foresees.
    # (Where chance is judged, the draws are such a family.)
    families = (seed, zlib.crc32(text.encode(errors="replace")) | 1) if exercise.draws == 1 else (seed,)
    for judge_seed in families:
        wanted = expected(exercise, judge_seed)
        outcomes = run(exercise, attempt, judge_seed, learners=True)
        if any(outcome.raised == UsesTheAnswer.__name__ for outcome in outcomes):
            return _say(exercise, 0, "refused", BORROWED)
        problems = [problem_of(exercise, one, other) for one, other in zip(wanted, outcomes, strict=False)]
        effects = set().union(*(got.effects - want.effects for want, got in zip(wanted, outcomes, strict=False)))
        if any(problems) or effects:
            return _heard(exercise, outcomes, _explain(exercise, judge_seed, wanted, outcomes, problems, effects))
        tried += [case for case in exercise.inputs(judge_seed) if not any(_same(case, other) for other in tried)]
    if taken(exercise, attempt):
        return _say(exercise, 1, "right", OURS)
    if exercise.draws > 1:
        return _say(exercise, 1, "right", RIGHT_CHANCE, draws=exercise.draws, count=len(tried))
    return _say(exercise, 1, "right", RIGHT, count=len(tried))


def _same(case, other):
    """Are two inputs the same? Those that need no chance come in every family."""
    return values(0, 0).difference(plain(case), plain(other)) is None


def _fits(attempt, case, rng):
    """Can the attempt be called with a case?"""
    try:
        signature = inspect.signature(attempt)
    except Exception:  # as of some functions of C
        return True
    try:
        signature.bind(*case, **({"rng": None} if rng else {}))
        return True
    except TypeError:
        return False


def _stranger(exercise, attempt):
    asked = f"{exercise.name}({', '.join(exercise.parameters)})"
    taken = f"({', '.join(inspect.signature(attempt).parameters)})"
    return _say(exercise, 0, "error", SIGNATURE, asked=asked, taken=taken)


def _heard(exercise, outcomes, verdict):
    """The verdict with what the attempt printed, which may be its author's own search for the fault."""
    if not outcomes.printed:
        return verdict
    printed = short(outcomes.printed, LONG)
    return _say(exercise, float(verdict), verdict.state, PRINTED, text=verdict.text, printed=printed)


def _explain(exercise, seed, wanted, outcomes, problems, effects):
    """Why outcomes are not the wanted ones."""
    inputs = exercise.inputs(seed)
    if not outcomes[-1].ended:
        where = input_of(exercise, inputs[len(outcomes) - 1])
        return _say(exercise, 0, "time", TIME, seconds=exercise.seconds, where=where)
    failing = [i for i, problem in enumerate(problems) if problem]
    score = 0.5 * (1 - len(failing) / len(problems))
    for known in exercise.misconceptions:
        if same_outcomes(exercise, run(exercise, known.answer, seed, until=outcomes), outcomes):
            return _say(exercise, score, "misconception", "{text}", text=known.message)
    if failing and all(outcomes[i].raised for i in failing):
        return _stopped(exercise, score, wanted[failing[0]], outcomes[failing[0]], inputs[failing[0]])
    if failing and all(problems[i].kind in ("type", "shape", "finite") for i in failing):
        where = input_of(exercise, inputs[failing[0]])
        return _say(exercise, score, "type", TYPE, sentence=problems[failing[0]].sentence, where=where)
    if MUTATES in effects:
        return _side_effect(exercise, score, failing, MUTATES_RIGHT, MUTATES_WRONG)
    if IGNORES_RNG in effects or exercise.takes_rng and not any(outcome.drew for outcome in outcomes):
        return _side_effect(exercise, score, failing, RNG_RIGHT, RNG_WRONG)
    # A crash says most, then a wrong value rather than a wrong type; of these, the smallest input that fails.
    shown = min(failing, key=lambda i: (not outcomes[i].raised, problems[i].kind == "type", size(inputs[i])))
    return _wrong(exercise, score, wanted[shown], outcomes[shown], inputs[shown])


def _side_effect(exercise, score, failing, right, wrong):
    return _say(exercise, score, "wrong", wrong) if failing else _say(exercise, 0.5, "property", right)


def _stopped(exercise, score, want, came, case):
    if came.raised == "SystemExit":
        return _say(exercise, score, "error", EXIT)
    problem, where = _problem(came), input_of(exercise, case)
    if want.raised:
        return _say(exercise, score, "error", ASKED_OTHER_ERROR, raised=want.raised, problem=problem, where=where)
    template = ERROR_LINE if came.line else ERROR
    return _say(exercise, score, "error", template, problem=problem, line=short(came.line, LONG), where=where)


def _problem(outcome):
    """An exception in words: its name, and its text if it has one, without a full stop."""
    message = short(outcome.message, 120).rstrip(" .:")
    raised = short(outcome.raised, 60)
    return f"{raised}: {message}" if message else raised


def _wrong(exercise, score, want, came, case):
    """What came and what was expected, on one input that fails."""
    where = input_of(exercise, case)
    if came.raised:
        return _stopped(exercise, score, want, came, case)
    if want.raised:
        came = short(show(came.value), LONG)
        return _say(exercise, score, "wrong", ASKED_ERROR, raised=want.raised, came=came, where=where)
    if exercise.draws > 1:
        return _say(exercise, score, "wrong", CHANCE, draws=exercise.draws, where=where)
    if size(want.value) <= MANY:
        one, other = show_both(want.value, came.value)
        if one != other and max(len(one), len(other)) <= LONG:
            return _say(exercise, score, "wrong", WRONG, came=other, want=one, where=where)
    difference = first_difference(exercise.same, want.value, came.value)
    return _say(exercise, score, "wrong", WRONG_LARGE, difference=difference, where=where)


def _climb_input(exercise, attempt, text, seed):
    if not _fits(attempt, (), False):
        return _stranger(exercise, attempt)
    outcomes = run_input(exercise, attempt, learners=True)
    (outcome,) = outcomes
    if outcome.raised == UsesTheAnswer.__name__:
        return _say(exercise, 0, "refused", BORROWED)
    if outcome.value is True and outcome.ended:
        return _say(exercise, 1, "right", OURS if taken(exercise, attempt) else FOUND)
    return _heard(exercise, outcomes, _explain_input(exercise, outcome))


def _explain_input(exercise, outcome):
    if not outcome.ended:
        return _say(exercise, 0, "time", TIME_INPUT, seconds=exercise.seconds)
    if outcome.raised == "SystemExit":
        return _say(exercise, 0, "error", EXIT)
    if outcome.raised:
        template = ERROR_INPUT if outcome.line else ERROR_INPUT_LINELESS
        return _say(exercise, 0, "error", template, problem=_problem(outcome), line=short(outcome.line, LONG))
    if outcome.value is None:
        return _say(exercise, 0, "type", NO_INPUT)
    known = any(outcome.value == misconception.message for misconception in exercise.misconceptions)
    return _say(exercise, 0, "misconception" if known else "wrong", "{text}", text=outcome.value)
