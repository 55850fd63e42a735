"""The judge: an attempt against an exercise, from "not started" to "right".

It runs what a learner wrote on copies, within a time limit, with printing caught and the
global random states put back. An outcome (a value or an exception, and the side effects) is
compared with the reference's, then with those of each known misconception.

Nothing local is a secret: a learner who wants to fool this judge can. It is made so that
nobody is fooled by accident.
"""

import zlib

from interestkit.workbook import source
from interestkit.workbook.exercise import UsesTheAnswer
from interestkit.workbook.outcome import IGNORES_RNG, MUTATES, expected, problem_of, run, run_input, same_outcomes
from interestkit.workbook.sandbox import Sandbox
from interestkit.workbook.verdict import Verdict
from interestkit.workbook.wording import first_difference, input_of, short, show, size

NOT_STARTED = "Nothing to check yet. Replace the `...` in {name} and run its cell."
STOPPED = "You stopped the check, so there is no verdict."
FAILED = "The check itself failed ({problem}). Please report it; your answer may be fine."
PRINTED = "{text}\nIt printed: {printed}"
BORROWED = "Your code calls the workbook's own {name}. Write it yourself; `solution({name})` shows ours."
OURS = "This is the workbook's own solution. Can you write it again without looking?"
RIGHT = "The same as ours on all {count} inputs tried."
FOUND = "Your input does what was asked."
TIME = "After {seconds:g} seconds your code was still running, on {where}. Does its loop end?"
TIME_INPUT = "After {seconds:g} seconds your code was still running. Does its loop end?"
ERROR = "{raised}: {message}. It happened on {where}"
ERROR_LINE = "{raised}: {message}, in your line `{line}`. It happened on {where}"
TYPE = "{sentence} The input was {where}"
MUTATES_RIGHT = "Right, but your code changes its input: the caller's data differ afterwards. Work on a copy."
MUTATES_WRONG = "Your code changes its input: the caller's data differ afterwards. Work on a copy first."
RNG_RIGHT = "Right, but the same `rng` gives different results: draw every random number from the `rng` passed in."
RNG_WRONG = "Your code does not draw from the `rng` passed in, so nobody can repeat its result."
EFFECTS = "The results are right, but the side effects differ from ours."
CHANCE = "Over {draws} draws your results are distributed otherwise than they should be, on {where}"
ASKED_ERROR = "A {raised} is asked here, and you returned {came}. The input was {where}"
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
        text = source.text_of(attempt)
    except (OSError, TypeError, SyntaxError, StopIteration):
        text = ""
    if text and source.untouched(text):
        return _say(exercise, 0, "not started", NOT_STARTED)
    with Sandbox(attempt) as sandbox:
        try:
            if exercise.kind == "input":
                verdict = _climb_input(exercise, attempt)
            else:
                verdict = _climb(exercise, attempt, text, seed)
        except KeyboardInterrupt:
            verdict = _say(exercise, 0, "refused", STOPPED)
        except BaseException as problem:
            verdict = _say(exercise, 0, "refused", FAILED, problem=f"{type(problem).__name__}: {problem}")
    if sandbox.printed and verdict.state not in ("right", "refused"):
        printed = short(sandbox.printed, 200)
        return _say(exercise, float(verdict), verdict.state, PRINTED, text=verdict.text, printed=printed)
    return verdict


def taken(exercise, attempt):
    """Is the attempt the reference's own code?"""
    try:
        return source.same_code(source.text_of(attempt), source.text_of(exercise.reference))
    except (OSError, TypeError, SyntaxError, StopIteration):
        return False


def _say(exercise, score, state, template, **fields):
    return Verdict(score, state, exercise.name, template.format(name=exercise.name, **fields))


def _climb(exercise, attempt, text, seed):
    tried = 0
    # Right on the first family of inputs? Then on a second one, which no table of answers foresees.
    # (Where chance is judged, the draws are such a family.)
    families = (seed, zlib.crc32(text.encode()) | 1) if exercise.draws == 1 else (seed,)
    for judge_seed in families:
        outcomes = run(exercise, attempt, judge_seed, learners=True)
        if any(outcome.raised == UsesTheAnswer.__name__ for outcome in outcomes):
            return _say(exercise, 0, "refused", BORROWED)
        if not same_outcomes(exercise, expected(exercise, judge_seed), outcomes):
            return _explain(exercise, judge_seed, expected(exercise, judge_seed), outcomes)
        tried += len(outcomes)
    if taken(exercise, attempt):
        return _say(exercise, 1, "right", OURS)
    return _say(exercise, 1, "right", RIGHT, count=tried)


def _explain(exercise, seed, wanted, outcomes):
    """Why outcomes are not the wanted ones."""
    inputs = exercise.inputs(seed)
    if not outcomes[-1].ended:
        where = input_of(exercise, inputs[len(outcomes) - 1])
        return _say(exercise, 0, "time", TIME, seconds=exercise.seconds, where=where)
    problems = [problem_of(exercise, one, other) for one, other in zip(wanted, outcomes, strict=True)]
    failing = [i for i, problem in enumerate(problems) if problem]
    score = 0.5 * (1 - len(failing) / len(problems))
    for known in exercise.misconceptions:
        if same_outcomes(exercise, run(exercise, known.answer, seed, until=outcomes), outcomes):
            return _say(exercise, score if failing else 0.5, "misconception", "{text}", text=known.message)
    if failing and all(outcomes[i].raised for i in failing):
        return _stopped(exercise, score, outcomes[failing[0]], inputs[failing[0]])
    formal = [i for i in failing if problems[i].kind in ("type", "shape", "finite")]
    if failing and formal == failing:
        where = input_of(exercise, inputs[failing[0]])
        return _say(exercise, score, "type", TYPE, sentence=problems[failing[0]].sentence, where=where)
    effects = outcomes[-1].effects - wanted[-1].effects
    if MUTATES in effects:
        return _side_effect(exercise, score, failing, MUTATES_RIGHT, MUTATES_WRONG)
    if IGNORES_RNG in effects:
        return _side_effect(exercise, score, failing, RNG_RIGHT, RNG_WRONG)
    if not failing:
        return _say(exercise, 0.5, "property", EFFECTS)
    smallest = min(failing, key=lambda i: size(inputs[i]))
    return _wrong(exercise, score, wanted[smallest], outcomes[smallest], inputs[smallest])


def _side_effect(exercise, score, failing, right, wrong):
    return _say(exercise, score, "wrong", wrong) if failing else _say(exercise, 0.5, "property", right)


def _stopped(exercise, score, outcome, case):
    template = ERROR_LINE if outcome.line else ERROR
    return _say(
        exercise, score, "error", template,
        raised=outcome.raised, message=outcome.message, line=outcome.line, where=input_of(exercise, case),
    )  # fmt: skip


def _wrong(exercise, score, want, came, case):
    """What came and what was expected, on the smallest input that fails."""
    where = input_of(exercise, case)
    if came.raised:
        return _stopped(exercise, score, came, case)
    if want.raised:
        came = short(show(came.value), 160)
        return _say(exercise, score, "wrong", ASKED_ERROR, raised=want.raised, came=came, where=where)
    if exercise.draws > 1:
        return _say(exercise, score, "wrong", CHANCE, draws=exercise.draws, where=where)
    if size(want.value) <= 24:
        came, want = show(came.value), show(want.value)
        return _say(exercise, score, "wrong", WRONG, came=came, want=want, where=where)
    difference = first_difference(want.value, came.value)
    return _say(exercise, score, "wrong", WRONG_LARGE, difference=difference, where=where)


def _climb_input(exercise, attempt):
    outcome = run_input(exercise, attempt, learners=True)
    if not outcome.ended:
        return _say(exercise, 0, "time", TIME_INPUT, seconds=exercise.seconds)
    if outcome.raised == UsesTheAnswer.__name__:
        return _say(exercise, 0, "refused", BORROWED)
    if outcome.raised:
        return _stopped(exercise, 0, outcome, ())
    if outcome.value is True:
        return _say(exercise, 1, "right", OURS if taken(exercise, attempt) else FOUND)
    known = any(outcome.value == misconception.message for misconception in exercise.misconceptions)
    return _say(exercise, 0, "misconception" if known else "wrong", "{text}", text=outcome.value)
