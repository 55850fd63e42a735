"""How long a learner waits for a verdict, and for an endless loop to be ended."""

import inspect
import re
import time

from interestkit.workbook.exercise import all_exercises
from interestkit.workbook.judge import judge
from tests.benchmarks import figure, in_a_child

VERDICT, ENDLESS = 0.3, 3.0
LOADS = re.compile(r"^\s*(?:from|import) (?:scipy|tensorflow)", re.MULTILINE)  # once, and no learner's answer needs it


def figures():
    """The slowest verdict of all, and two loops without an end."""
    return in_a_child(__name__)


def measure():
    """The figures, measured in this process."""
    exercises = [one for lesson in all_exercises().values() for one in lesson]
    slowest, where = max((_seconds(one, answer), one.id) for one in exercises for answer in answers(one))
    found = [figure(f"slowest verdict of all answers known ({where})", slowest, "s", VERDICT)]
    plain = next(one for one in exercises if one.kind != "class" and not one.takes_rng)
    drawn = [one for one in exercises if one.takes_rng][:1]
    for name, loop in (("while True: pass", forever), ("the same in try: except BaseException", stubborn)):
        seconds = max(_ended(one, loop) for one in (plain, *drawn) if one.seconds <= 2)
        found.append(figure(f"an endless loop is ended: {name}", seconds, "s", ENDLESS))
    return found


def answers(exercise):
    """The reference, the alternatives, the misconceptions, and an answer that is like none of them."""
    known = [exercise.reference, *exercise.alternatives, *(one.answer for one in exercise.misconceptions)]
    return [*(one for one in known if not LOADS.search(inspect.getsource(one))), nothing]


def nothing(*arguments, **named):
    """No answer at all."""
    return None


def forever(*arguments, **named):
    """Does not end."""
    while True:
        pass


def stubborn(*arguments, **named):
    """Does not end, and catches what would end it."""
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def _seconds(exercise, answer):
    """Of a first verdict, before anything of the exercise is known; the shortest of three.

    Of the processor's time, since other programs may take some of the clock's.
    """
    times = []
    for _ in range(3):
        exercise._known.clear()
        exercise.expected.clear()
        begin = time.process_time()
        judge(exercise, answer)
        times.append(time.process_time() - begin)
    return min(times)


def _ended(exercise, loop):
    begin = time.perf_counter()
    verdict = judge(exercise, loop)
    seconds = time.perf_counter() - begin
    if verdict.state != "time":
        raise AssertionError(f"{exercise.id} said of an endless loop: {verdict.sentence}")
    return seconds
