"""Endless calls end, whatever they catch, and leave nothing behind: with the timer, and with the watcher of Windows.

Stubborn calls run in a process of their own, so that one that does not end cannot hang the tests.
"""

import signal
import subprocess
import sys
import threading
import time

import pytest

from interestkit.workbook.limits import TimeUp, limited

POSIX = hasattr(signal, "setitimer")

CALLS = {
    "a plain loop": """
    while True:
        pass""",
    "a loop that catches all": """
    while True:
        try:
            x = 1
        except:
            pass""",
    "a loop that goes on after all": """
    while True:
        try:
            for i in range(1000):
                x = i * i
        except BaseException:
            continue""",
    "catches in catches": """
    while True:
        try:
            try:
                try:
                    x = 1
                except:
                    pass
            except:
                pass
        except:
            pass""",
    "a recursion that begins again wherever it ends": """
    try:
        return call()
    except BaseException:
        return call()""",
    "a recursion in finally": """
    try:
        return call()
    finally:
        return call()""",
    "a function that swallows, in a loop that does": """
    def step():
        try:
            x = [i for i in range(10)]
        except:
            pass
    while True:
        try:
            step()
        except:
            pass""",
    "a generator without an end": """
    return max(i for i in iter(int, 1))""",
    "a generator that swallows": """
    def ones():
        while True:
            try:
                yield 1
            except BaseException:
                pass
    for x in ones():
        pass""",
    "suppress": """
    import contextlib
    while True:
        with contextlib.suppress(BaseException):
            x = 1""",
    "a with and a finally that let it through": """
    import contextlib
    try:
        with contextlib.suppress(KeyError):
            while True:
                x = 1
    finally:
        x = 2""",
    "products of matrices": """
    import numpy as np
    a = np.ones((300, 300))
    while True:
        a = a @ a * 1e-4""",
}
SLEEP = {
    "sleep": """
    import time
    time.sleep(30)""",
}

CHILD = """
import signal, sys, threading, time
import numpy
from interestkit.workbook.limits import AGAIN, TimeUp, limited

def tried(call):
    began = time.perf_counter()
    try:
        limited(call, 0.1, timer={timer})
        return "it ended by itself"
    except TimeUp:
        taken = time.perf_counter() - began
    time.sleep(2 * AGAIN)  # an alarm that was left would ring now
    if hasattr(signal, "setitimer"):
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.gettrace() is sys.getprofile() is None
    assert sys.exc_info()[1] is None  # else each later error is told as "during the handling" of TimeUp
    assert sys.getrecursionlimit() == 1000
    assert threading.active_count() == 1
    assert sum(range(1000)) == 499500
    return "ended" if taken < 3 else f"ended after {{taken}} s"

for name, body in {calls}.items():
    names = dict(globals())
    exec("def call():" + body, names)
    print(name, tried(names["call"]), sep=": ", flush=True)
"""


def children(calls, timer):
    code = CHILD.format(calls=calls, timer=timer)
    try:
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
        output, error = run.stdout, run.stderr
    except subprocess.TimeoutExpired as hung:
        output, error = (hung.stdout or b"").decode(), "and the next did not end"
    return dict(line.split(": ", 1) for line in output.splitlines()), error


@pytest.fixture(scope="module", params=[True, False], ids=["timer", "watcher"])
def came(request):
    return children(CALLS, request.param)


@pytest.mark.parametrize("name", [*CALLS])
def test_an_endless_call_ends_and_leaves_nothing(came, name):
    ends, error = came
    assert ends.get(name) == "ended", error


@pytest.mark.skipif(not POSIX, reason="no timer here")
def test_the_timer_wakes_a_sleeper():
    assert children(SLEEP, True)[0] == {"sleep": "ended"}


# What holds without a child process -----------------------------------------------------


@pytest.fixture(params=[True, False], ids=["timer", "watcher"])
def timer(request):
    return request.param


def busy():
    """Long enough to be ended, and no endless loop for the day on which it is not."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        pass


def test_a_result_comes_through(timer):
    assert limited(lambda: 6 * 7, 5, timer=timer) == 42


def test_an_exception_comes_through(timer):
    with pytest.raises(ZeroDivisionError):
        limited(lambda: 1 / 0, 5, timer=timer)


def test_a_long_call_into_c_ends_late_but_ends(timer):
    with pytest.raises(TimeUp):
        limited(lambda: [sum(range(10**7)), busy()], 0.02, timer=timer)


@pytest.mark.parametrize("seconds", [0.0, 1e-4, 1e-3, 2e-3])
def test_whenever_the_alarm_rings_there_is_a_result_or_a_time_up(timer, seconds):
    came = set()
    for _ in range(100):
        try:
            came.add(limited(lambda: sum(range(10_000)), seconds, timer=timer))
        except TimeUp:
            came.add("ended")
    assert came <= {"ended", 49_995_000}
    assert threading.active_count() == 1


def test_nothing_is_left_behind(timer):
    before = [signal.getsignal(signal.SIGINT), sys.gettrace(), sys.getprofile(), sys.getrecursionlimit()]
    before += [signal.getsignal(signal.SIGALRM)] * POSIX
    limited(lambda: None, 5, timer=timer)
    with pytest.raises(TimeUp):
        limited(busy, 0.05, timer=timer)
    after = [signal.getsignal(signal.SIGINT), sys.gettrace(), sys.getprofile(), sys.getrecursionlimit()]
    after += [signal.getsignal(signal.SIGALRM)] * POSIX
    assert after == before


def test_an_outer_tracer_goes_on(timer):
    seen = []

    def tracer(frame, event, argument):
        seen.append(frame.f_code.co_name)
        return None

    def later():
        return 1

    old = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(TimeUp):
            limited(busy, 0.05, timer=timer)
        restored = sys.gettrace() is tracer
        later()
    finally:
        sys.settrace(old)
    assert restored and "later" in seen


def test_a_profiler_goes_on(timer):
    import cProfile

    def later():
        return 1

    profile = cProfile.Profile()
    profile.enable()
    limited(later, 5, timer=timer)
    later()
    profile.disable()
    profile.create_stats()
    assert next(calls for (_, _, name), (calls, *_) in profile.stats.items() if name == "later") == 2


@pytest.mark.skipif(not POSIX, reason="no SIGALRM here")
def test_an_outer_alarm_still_rings_at_its_time():
    rung = []
    old = signal.signal(signal.SIGALRM, lambda *_: rung.append(time.monotonic()))
    try:
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.25)
        with pytest.raises(TimeUp):
            limited(busy, 0.05)
        assert not rung
        time.sleep(0.3)
        assert len(rung) == 1 and 0.2 < rung[0] - began < 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_limits_nest(timer):
    def outer():
        with pytest.raises(TimeUp):
            limited(busy, 0.05, timer=timer)
        busy()

    began = time.monotonic()
    with pytest.raises(TimeUp):
        limited(outer, 0.2, timer=timer)
    assert 0.15 < time.monotonic() - began < 2


def test_in_another_thread_a_plain_loop_ends():
    came = []

    def work():
        try:
            limited(busy, 0.05)
        except TimeUp:
            came.append("ended")
        came.append(limited(lambda: 1, 5))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(5)
    assert came == ["ended", 1]


def test_after_one_in_another_thread_the_next_ends_too():
    """In a process of its own: where Python was left looking for an exception, a tracer hangs."""
    other = """
    def work():
        while True:
            pass
    for seconds, call in ((5, lambda: 1), (0.05, work)):
        def other():
            try:
                limited(call, seconds)
            except TimeUp:
                pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    work()"""
    for timer in (True, False):
        ends, error = children({"work": other}, timer)
        assert ends == {"work": "ended"}, error


def test_the_stop_button_stops_the_call_and_is_no_time_up(timer):
    def press():
        signal.raise_signal(signal.SIGINT)
        busy()

    with pytest.raises(KeyboardInterrupt):
        limited(press, 5, timer=timer)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
