"""Ending a call that does not end.

On POSIX a timer, elsewhere a watcher thread, asks the main thread to run a handler between
two of its instructions. The handler raises, and makes every later line raise too, so that no
`except:` of the call survives it. A single long call into C, such as the product of two huge
matrices, is not interrupted: only the kernel's interrupt button, or its restart, ends that.
Outside the main thread, where no handler can run, a plain loop is ended and a stubborn one is not.
"""

import _thread
import ctypes
import signal
import sys
import threading

AGAIN = 0.05
_NOTHING = object()


class TimeUp(BaseException):
    """Raised inside the call that has run too long."""


def limited(call, seconds, timer=True):
    """The result of `call()`.

    Args:
        call: a function without arguments.
        seconds: how long it may take.
        timer: False leaves all to the watcher thread, as on Windows.

    Raises:
        TimeUp: if it was ended.
    """
    watch = _Watch(seconds, sys._getframe(), timer)
    result = _NOTHING
    try:
        try:
            watch.start()
            result = call()
        finally:
            watch.over = True
            watch.stop()
    except TimeUp:
        watch.over = True
        watch.stop()
        if result is _NOTHING:
            raise
    return result


class _Watch:
    def __init__(self, seconds, base, timer):
        self.seconds, self.base = seconds, base
        self.over = self.due = False
        self.trace = sys.gettrace()
        self.thread = None
        self.main = threading.current_thread() is threading.main_thread()
        self.timer = timer and self.main and hasattr(signal, "setitimer")
        self.signal = signal.SIGALRM if self.timer else signal.SIGINT
        self.ident = threading.get_ident()
        self.done = threading.Event()

    def start(self):
        if self.main:
            self.before = signal.signal(self.signal, self._alarm)
        if self.timer:
            signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)
        else:
            self.thread = threading.Thread(target=self._bark, daemon=True)
            self.thread.start()

    def stop(self):
        if self.timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
        elif self.thread:
            self.done.set()
            self.thread.join()
        if self.main:
            signal.signal(self.signal, self.before)
        else:
            _raise_soon(self.ident, None)
        sys.settrace(self.trace)

    def _bark(self):
        if self.done.wait(self.seconds):
            return
        self.due = True
        while not self.done.wait(AGAIN):
            if self.main:
                _thread.interrupt_main(self.signal)
            else:
                _raise_soon(self.ident, ctypes.py_object(TimeUp))

    def _alarm(self, number, frame):
        if not (self.timer or self.due):
            # The learner pressed the stop button.
            return self.before(number, frame) if callable(self.before) else None
        if self.over:
            return None
        sys.settrace(self._line)
        while frame is not None and frame is not self.base:
            frame.f_trace = self._line
            frame = frame.f_back
        raise TimeUp

    def _line(self, frame, event, argument):
        if self.over or frame is self.base or frame.f_code.co_filename == __file__:
            return None
        # Raising ends the tracing: wait for a line, where an `except` cannot swallow it.
        if event in ("line", "call"):
            raise TimeUp
        return self._line


def _raise_soon(ident, exception):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), exception)
