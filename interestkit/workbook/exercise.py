"""What an exercise is: a reference, the inputs it is tried on, and what is known about getting it wrong."""

import functools
import importlib
import inspect
from dataclasses import dataclass

import numpy as np

from interestkit.workbook import places
from interestkit.workbook.compare import values

KINDS = ("function", "class", "input", "bug")
LEVELS = ("junior", "mid", "senior")


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people really give, and what to tell them."""

    message: str
    answer: object
    crashes: bool = False


class Exercise:
    """One exercise, callable as its reference.

    Attributes:
        id: `"clusters.assign"`; unique in the workbook.
        name: the name of the function or class that the learner writes.
        reference: the readable right answer.
        kind: `"function"`, `"class"`, `"input"` (find an input) or `"bug"` (mend the given function).
        same: says when two outcomes are the same (see `compare`).
        seconds: how long an attempt may take in all.
        given: functions that the learner is shown before the stub.
        expected: what the reference does with the inputs, by judge seed; kept by `outcome.expected`.
        closed: True while a learner's answer runs, which may not call the reference.
    """

    def __init__(self, reference, id, minutes, hints, same, level, kind, extra, seconds, given, claims):
        self.reference, self.id, self.minutes, self.hints, self.same = reference, id, minutes, tuple(hints), same
        self.level, self.kind, self.extra, self.seconds = level, kind, extra, seconds
        self.given, self.claims = tuple(given), tuple(claims)
        self.alternatives, self.misconceptions = [], []
        self._cases = self._accepts = None
        self.closed = False
        self._known, self.expected = {}, {}
        functools.update_wrapper(self, reference, updated=())

    def __repr__(self):
        return f"<exercise {self.id}>"

    def __call__(self, *args, **kwargs):
        if self.closed:
            raise UsesTheAnswer(self.name)
        return self.reference(*args, **kwargs)

    @property
    def name(self):
        return self.reference.__name__

    @property
    def theme(self):
        """The stem of the lesson that this exercise belongs to."""
        module = self.reference.__module__.rpartition(".")[2]
        return next((stem for stem in places.lesson_stems() if places.module_of(stem) == module), module)

    @property
    def parameters(self):
        return list(inspect.signature(self.reference).parameters)

    @property
    def takes_rng(self):
        return self.kind != "class" and "rng" in self.parameters

    @property
    def draws(self):
        """How often an answer is drawn for each input: 1 unless chance is judged."""
        return self.same.draws if self.takes_rng else 1

    def cases(self, function):
        """Register the generator of inputs: `rng -> tuples of arguments`, a hand-sized one first.

        Where the reference takes an `rng`, the judge supplies it. For a class, each case is a
        function that drives the class and returns what it saw; its docstring says what it does.
        """
        self._cases = function
        return function

    def accepts(self, function):
        """Register, for kind "input", `result -> True` or the sentence that says why not."""
        self._accepts = function
        return function

    def alternative(self, function):
        """Register another right answer."""
        self.alternatives.append(function)
        return function

    def misconception(self, message, *, crashes=False):
        """Register a wrong answer with the message that its author needs."""

        def register(function):
            self.misconceptions.append(Misconception(message, function, crashes))
            return function

        return register

    def inputs(self, judge_seed):
        """The inputs of one judge seed, a list of tuples; never to be changed."""
        if judge_seed not in self._known:
            rng = np.random.default_rng([judge_seed, 2718])
            cases = [case if isinstance(case, tuple) else (case,) for case in self._cases(rng)]
            self._known[judge_seed] = cases
        return self._known[judge_seed]

    def accepted(self, result):
        return self._accepts(result)


class UsesTheAnswer(Exception):
    """An attempt called the workbook's own answer."""


def exercise(
    id, *, minutes, hints, same=None, level="mid", kind="function", extra=False, seconds=2.0, given=(), claims=()
):
    """Make the decorated function or class the reference of an exercise.

    Args:
        id: `"topic.what"`.
        minutes: how long a learner takes.
        hints: from a nudge to nearly the code; none contains an expression of the reference.
        same: when two outcomes are the same; `compare.values()` unless given.
        level: `"junior"`, `"mid"` or `"senior"`.
        kind: see `Exercise`; a class is recognised.
        extra: True if the lesson's core does without it.
        seconds: how long an attempt may take in all.
        given: functions shown to the learner before the stub.
        claims: ids of claims that this exercise explains.
    """
    if level not in LEVELS or kind not in KINDS:
        raise ValueError(f"exercise {id}: level must be one of {LEVELS} and kind one of {KINDS}")

    def make(reference):
        kind_ = "class" if inspect.isclass(reference) else kind
        return Exercise(reference, id, minutes, hints, same or values(), level, kind_, extra, seconds, given, claims)

    return make


def exercises_of(stem):
    """The exercises of a lesson, in the order in which they were written."""
    name = f"interestkit.exercises.{places.module_of(stem)}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name != name:
            raise
        return []
    return [thing for thing in vars(module).values() if isinstance(thing, Exercise)]


def all_exercises():
    """The exercises of every lesson that exists: `{stem: [exercise, …]}`."""
    return {stem: exercises_of(stem) for stem in places.lesson_stems()}
