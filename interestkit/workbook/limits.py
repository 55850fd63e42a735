"""Ending a call that does not end.

A watcher thread, and on POSIX a timer that also wakes a sleeper, asks the main thread to run a
handler between two of its instructions. The handler raises, and makes every later line raise
too, so that no `except:` of the call survives it, however deep. A single long call into C, such as the product
of two huge matrices, is not interrupted: only the kernel's interrupt button, or its restart,
ends that. Outside the main thread, where no handler can run, a plain loop is ended and a
stubborn one is not.
"""

import _thread
import ctypes
import signal
import sys
import threading
import time

AGAIN = 0.05
_NOTHING = object()


class TimeUp(BaseException):
    """Raised inside the call that has run too long."""


def limited(call, seconds, timer=True):
    """The result of `call()`.

    Args:
        call: a function without arguments.
        seconds: how long it may take.
        timer: False leaves all to the watcher, as on Windows.

    Raises:
        TimeUp: if it was ended.
    """
    watch = _Watch(seconds, sys._getframe(), timer)
    result, handled = _NOTHING, sys.exc_info()[1]
    try:
        try:
            watch.start()
            watch.over = False
            result = call()
        finally:
            watch.over = True
            watch.stop()
    except TimeUp:
        watch.over = True
        watch.stop()
    else:
        return result
    # A `with` or `finally` that was ended has not said that it is done with its exception,
    # and every later error would be shown as "during the handling" of it.
    ctypes.pythonapi.PyErr_SetHandledException(ctypes.py_object(handled))
    if result is _NOTHING:
        raise TimeUp
    return result


class _Watch:
    def __init__(self, seconds, base, timer):
        self.seconds, self.base = seconds, base
        self.over, self.due = True, False  # not to raise in what starts and stops the watching
        self.trace, self.profile = sys.gettrace(), sys.getprofile()
        self.depth = sys.getrecursionlimit()
        self.thread = threading.Thread(target=self._bark, daemon=True)
        self.outer = 0.0, 0.0  # a timer that was set already: seconds left, and between alarms
        self.began = time.monotonic()
        self.main = threading.current_thread() is threading.main_thread()
        self.timer = timer and self.main and hasattr(signal, "setitimer")
        self.signal = signal.SIGALRM if self.timer else signal.SIGINT
        self.ident = threading.get_ident()
        self.running = threading.Lock()
        self.running.acquire()

    def start(self):
        if self.main:
            self.before = signal.signal(self.signal, self._alarm) or signal.SIG_DFL
        self.thread.start()
        if self.timer:
            self.outer = signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)

    def stop(self):
        if self.timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self.running.locked():
            self.running.release()
        if self.thread.ident:
            self.thread.join()
        if self.main:
            signal.signal(self.signal, self.before)
        elif self.due:
            _take_the_last(self.ident)
        left, between = self.outer
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - self.began), 1e-6), between)
        sys.setrecursionlimit(self.depth)
        if sys.getprofile() is not self.profile:
            sys.setprofile(self.profile)
        if sys.gettrace() is not self.trace:
            sys.settrace(self.trace)

    def _bark(self):
        if self.running.acquire(timeout=self.seconds):
            return
        self.due = True
        room = self.depth
        while not self.running.acquire(timeout=AGAIN):
            if self.main:
                # A handler is a call too: give it room where the call has used up all.
                room = min(room + 100, self.depth + 1000)
                sys.setrecursionlimit(room)
                _thread.interrupt_main(self.signal)
            else:
                _raise_soon(self.ident, TimeUp)

    def _alarm(self, number, frame):
        if not (self.timer or self.due):
            # The learner pressed the stop button.
            return self.before(number, frame) if callable(self.before) else None
        if self.over or frame.f_code.co_filename == __file__:
            return None  # one of the two functions below is at it already
        sys.setprofile(self._pass)
        sys.settrace(self._line)
        while frame is not None and frame is not self.base:
            frame.f_trace = self._line
            frame = frame.f_back
        raise TimeUp

    def _line(self, frame, event, argument):
        if self.over or frame is self.base or frame.f_code.co_filename == __file__:
            return None
        # Wait for a line, where an `except` is less likely to swallow it.
        if event == "line":
            raise TimeUp
        return self._line

    def _pass(self, frame, event, argument):
        # Raising ended the tracing, and a caller may have swallowed it: where a function begins or ends, trace again.
        frame = frame.f_back if event == "return" else frame
        if event in ("call", "return") and not self.over and frame not in (None, self.base):
            frame.f_trace = self._line
            sys.settrace(self._line)


def _raise_soon(ident, exception):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(exception))


def _take_the_last(ident):
    """Raise once more, and catch it here, in place of one that may be on its way.

    To call it back, with NULL for the exception, is no way: Python would go on looking for it at
    every step, and under a tracer find no end of that.
    """
    try:
        _raise_soon(ident, TimeUp)
        while True:
            pass
    except TimeUp:
        pass
