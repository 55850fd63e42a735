"""What a learner's code must not disturb while it is judged."""

import builtins
import contextlib
import copy
import io
import os
import random
import sys
import warnings

import numpy as np

from interestkit.workbook import source

KEPT = 2000  # characters of what was printed
KEEPERS = (list, dict, set, np.ndarray)


class Sandbox:
    """Catches printing and warnings, keeps `exit` from ending the kernel, puts global states back.

    Put back are the random states of `random` and `numpy.random`, NumPy's error and printing
    settings, warning filters, the recursion limit, the working folder, and what an answer keeps
    from call to call in a default argument or an attribute of its class, so that a check can be
    repeated. Not caught is what goes past Python: `os.write`, a C library's output, `os._exit`.

    Attributes:
        printed: the beginning of what was printed, once left.
    """

    def __init__(self, answer):
        self.answer = answer
        self.printed = ""

    def __enter__(self):
        self.out = _Beginning()
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(self.out))
            stack.enter_context(contextlib.redirect_stderr(self.out))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            stack.enter_context(np.errstate(all="ignore"))
            stack.enter_context(np.printoptions())
            stack.callback(random.setstate, random.getstate())
            stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002, what a learner may disturb
            stack.callback(sys.setrecursionlimit, sys.getrecursionlimit())
            with contextlib.suppress(OSError):  # a folder that is gone
                stack.callback(os.chdir, os.getcwd())
            stack.callback(setattr, sys, "unraisablehook", sys.unraisablehook)
            sys.unraisablehook = lambda unraisable: None  # as from a generator that swallows its end
            functions = source.functions_behind(self.answer)
            for names in (vars(builtins), *(function.__globals__ for function in functions)):
                for name in ("exit", "quit"):
                    if name in names:
                        stack.callback(names.__setitem__, name, names[name])
                        names[name] = sys.exit
            for function in functions:
                stack.callback(setattr, function, "__defaults__", _fresh(function.__defaults__))
            if isinstance(self.answer, type):
                for name, value in vars(self.answer).items():
                    if isinstance(value, KEEPERS):
                        stack.callback(setattr, self.answer, name, _fresh(value))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *problem):
        self.stack.close()
        self.printed = readable(self.out.getvalue()).strip()
        return False


def _fresh(value):
    """A copy of what can keep something from call to call; anything else itself."""
    if isinstance(value, tuple):
        return tuple(map(_fresh, value))
    with contextlib.suppress(Exception):  # it holds what cannot be copied, such as a module
        return copy.deepcopy(value) if isinstance(value, KEEPERS) else value
    return value


def readable(text):
    """A text without what no page can show: control characters, halves of characters."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")


class _Beginning(io.StringIO):
    """Keeps the beginning of what is written, however much it is."""

    def write(self, text):
        super().write(text[: max(0, KEPT - self.tell())])
        return len(text)

    def close(self):
        """Stay open: the next attempt to print is no error."""
