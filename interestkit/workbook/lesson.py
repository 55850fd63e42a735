"""What a lesson calls: begin, check, hint, solution, progress."""

import inspect
import sys
from pathlib import Path

from interestkit.workbook import places, source
from interestkit.workbook.errors import WorkbookError, did_you_mean
from interestkit.workbook.exercise import Exercise, exercises_of
from interestkit.workbook.judge import judge, taken
from interestkit.workbook.progress import record
from interestkit.workbook.verdict import Verdict

_begun = None  # the stem of the lesson begun in this kernel


def begin(stem):
    """Begin a lesson: say what is ready and how far you are.

    Args:
        stem: the lesson's name, `"02_interest_clusters"`.

    Raises:
        WorkbookError: if there is no such lesson, or the notebook belongs to another checkout.
    """
    global _begun
    if stem not in places.lesson_stems():
        raise WorkbookError(f"There is no lesson {stem!r}: {did_you_mean(stem, places.lesson_stems())}")
    _here()
    _begun = stem
    exercises = exercises_of(stem)
    solved = record().solved(stem)
    left = [one for one in exercises if one.id not in solved]
    if not exercises:
        print(f"{stem} is ready.")
    elif not left:
        print(f"{stem} is ready. You have solved all {len(exercises)} exercises.")
    else:
        count = len(exercises) - len(left)
        print(f"{stem} is ready. Exercises solved: {count} of {len(exercises)}. Next: {left[0].name}.")


def _here():
    """Warn where links or answers may go astray: a notebook outside this checkout."""
    here, root = Path.cwd().resolve(), places.root()
    if here in (root, places.notebooks(), places.solutions(), places.desk().resolve()):
        return
    other = next((folder for folder in (here, *here.parents) if (folder / "interestkit" / "workbook").is_dir()), None)
    if other and other != root:
        raise WorkbookError(
            "This notebook lies in another copy of the workbook than the interestkit it imports: "
            "close it, type `make lab` in the folder of this notebook's copy, and open it there."
        )
    print("This notebook lies outside the desk, so its links to other lessons lead nowhere: `make lab` opens the desk.")


def _lesson():
    if _begun is None:
        raise WorkbookError('No lesson has begun: run the first code cell, the one with begin("…").')
    return _begun


def _find(answer, frame):
    """The exercise that is meant, by the name of a function, or by the name it is bound to."""
    exercises = {one.name: one for one in exercises_of(_lesson())}
    bound = [name for name, value in frame.f_globals.items() if value is answer and name in exercises]
    name = answer if isinstance(answer, str) else next(iter(bound), getattr(answer, "__name__", "this"))
    if name in exercises:
        return exercises[name]
    raise WorkbookError(f"{_begun} has no exercise {name!r}: {did_you_mean(name, exercises)}")


def check(answer=None):
    """Check your answer to an exercise of this lesson.

    Args:
        answer: the function or class itself: `check(assign)`.

    Returns:
        Verdict: a number from 0 to 1 that shows itself as a card.
    """
    if isinstance(answer, Exercise) or getattr(answer, "__module__", None) and _of_the_kit(answer):
        name = getattr(answer, "__name__", "this")
        text = f"That is the workbook's own {name}. Write yours in the cell above and check it by its plain name."
        return Verdict(0, "refused", name, text)
    if not callable(answer):
        name = type(answer).__name__
        return Verdict(0, "refused", name, "A check takes the function itself: write check(name), without calling it.")
    try:
        exercise = _find(answer, sys._getframe(1))
    except WorkbookError as problem:
        return Verdict(0, "refused", getattr(answer, "__name__", "this"), str(problem))
    verdict = judge(exercise, answer)
    if Path.cwd().resolve() != places.solutions() and verdict.state != "refused":
        record().attempt(exercise.id, _begun, float(verdict), verdict.state, taken=taken(exercise, answer))
    return verdict


def _of_the_kit(answer):
    return (inspect.isroutine(answer) or inspect.isclass(answer)) and answer.__module__.split(".")[0] == "interestkit"


def hint(answer):
    """Show the next hint for an exercise: `hint(assign)`. The first is a nudge, the last nearly the code."""
    exercise = _find(answer, sys._getframe(1))
    seen = record().hint(exercise.id)
    shown = min(max(seen, 1), len(exercise.hints))
    print(f"Hint {shown} of {len(exercise.hints)}: {exercise.hints[shown - 1]}")
    if seen > len(exercise.hints):
        print(f"That was the last one: `solution({exercise.name})` shows an answer.")


def solution(answer):
    """Show the workbook's answer to an exercise, and why the usual wrong ones fail: `solution(assign)`."""
    exercise = _find(answer, sys._getframe(1))
    print(source.text_of(exercise.reference))
    if exercise.misconceptions:
        print("\n# Easy mistakes, and what we say to them:")
        for known in exercise.misconceptions:
            print(f"# - {known.message}")


def progress():
    """Print how far you are in the lesson that has begun."""
    exercises = exercises_of(_lesson())
    solved = record().solved(_begun)
    tried = {attempt.exercise for attempt in record().attempts(theme=_begun)}
    print(f"{_begun}: {sum(one.id in solved for one in exercises)} of {len(exercises)} exercises solved")
    for one in exercises:
        mark = "✔ solved" if one.id in solved else "◐ tried" if one.id in tried else "◌ to do"
        extra = "extra" if one.extra else "core"
        print(f"  {mark:9} {one.name} ({extra}, {one.minutes} minutes)")
