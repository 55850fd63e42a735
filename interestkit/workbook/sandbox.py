"""What a learner's code must not disturb while it is judged."""

import contextlib
import io
import random
import sys
import warnings

import numpy as np


class Sandbox:
    """Catches printing and warnings, keeps `exit` from ending the kernel, puts global random states back.

    Attributes:
        printed: what was printed, once left.
    """

    def __init__(self, attempt):
        names = getattr(attempt, "__globals__", {})
        self.names = names if isinstance(names, dict) else {}
        self.printed = ""

    def __enter__(self):
        self.out = io.StringIO()
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(contextlib.redirect_stdout(self.out))
        self.stack.enter_context(contextlib.redirect_stderr(self.out))
        self.stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self.stack.enter_context(np.errstate(all="ignore"))
        self.stack.callback(random.setstate, random.getstate())
        self.stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002, what a learner may disturb
        self.stack.callback(sys.setrecursionlimit, sys.getrecursionlimit())
        for name in ("exit", "quit"):
            if name in self.names:
                self.stack.callback(self.names.__setitem__, name, self.names[name])
                self.names[name] = sys.exit
        return self

    def __exit__(self, *problem):
        self.stack.close()
        self.printed = self.out.getvalue().strip()
        return False
