"""What an attempt may do, and find everything as it was: printing, random states, settings, `exit`."""

import builtins
import io
import logging
import os
import random
import sys
import warnings

import numpy as np
import pytest

from interestkit.workbook.sandbox import KEPT, Sandbox


def nothing():
    """An attempt."""


def inside(call):
    """Run a call in a sandbox; what it printed."""
    with Sandbox(call) as sandbox:
        call()
    return sandbox.printed


def test_what_is_printed_is_kept_and_shown_to_nobody(capsys):
    def talk():
        print("one")
        print("two", file=sys.stderr)
        assert sys.stdout.write("three") == 5
        warnings.warn("four", stacklevel=1)

    assert inside(talk) == "one\ntwo\nthree"
    assert capsys.readouterr() == ("", "")


def test_what_is_logged_is_caught(capsys):
    logger = logging.getLogger("interestkit tests")
    logger.propagate = False  # pytest listens at the root
    assert inside(lambda: logger.warning("a word")) == "a word"
    assert capsys.readouterr() == ("", "")


def test_however_much_is_printed_its_beginning_is_kept():
    def chatter():
        for _ in range(2000):
            print("x" * 10_000)

    printed = inside(chatter)
    assert KEPT - 2 <= len(printed) <= KEPT


def test_what_no_page_can_show_is_left_out():
    assert inside(lambda: print("\x1b[31mred\x00 \ud800猫\n\tnext")) == "[31mred 猫\n\tnext"


def test_printing_goes_on_after_closing_the_output():
    def close():
        print("before")
        sys.stdout.close()
        print("after")

    assert inside(close) == "before\nafter"
    assert not sys.stdout.closed


def test_the_output_is_given_back_whatever_was_put_in_its_place():
    out, error = sys.stdout, sys.stderr

    def replace():
        sys.stdout = io.StringIO()
        sys.stderr = None

    inside(replace)
    assert sys.stdout is out and sys.stderr is error


def test_a_generator_that_swallows_its_end_says_nothing(monkeypatch):
    def leave():
        def ones():
            try:
                yield 1
            except BaseException:
                yield 2

        next(ones())

    heard = []
    monkeypatch.setattr(sys, "unraisablehook", heard.append)
    assert inside(leave) == "" and not heard
    leave()
    assert len(heard) == 1  # it is given back


def test_global_random_states_go_on_as_if_nothing_had_been_drawn():
    def draw():
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002, what is to be undone
        np.random.normal(size=3)  # noqa: NPY002

    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    wanted = random.random(), np.random.random()  # noqa: NPY002
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    inside(draw)
    assert (random.random(), np.random.random()) == wanted  # noqa: NPY002


def test_settings_are_put_back(tmp_path):
    def disturb():
        np.seterr(all="raise")
        np.set_printoptions(precision=1)
        warnings.simplefilter("error")
        sys.setrecursionlimit(5000)
        os.chdir(tmp_path)

    def settings():
        return np.geterr(), np.get_printoptions(), warnings.filters[:], sys.getrecursionlimit(), os.getcwd()

    before = settings()
    inside(disturb)
    assert settings() == before


def test_they_are_put_back_after_an_exception_too():
    out, state = sys.stdout, random.getstate()

    def fail():
        random.seed(1)
        raise KeyError("lost")

    with pytest.raises(KeyError), Sandbox(fail) as sandbox:
        print("said before")
        fail()
    assert sys.stdout is out and random.getstate() == state
    assert sandbox.printed == "said before"


def test_warnings_and_floating_point_errors_are_quiet_even_for_who_wants_them_raised():
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        inside(lambda: np.array([1.0]) / np.array([0.0]))
        inside(lambda: warnings.warn("of old age", DeprecationWarning, stacklevel=1))


def test_a_folder_that_is_gone_is_no_reason_to_fail(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert inside(lambda: print("still here")) == "still here"


# exit ----------------------------------------------------------------------------------------


def attempt_in(names, source="def attempt():\n    exit()"):
    exec(source, names)
    return names["attempt"]


@pytest.mark.parametrize("name", ["exit", "quit"])
@pytest.mark.parametrize("shape", ["function", "decorated", "method", "class", "partial", "object"])
def test_exit_of_a_notebook_ends_nothing(name, shape):
    ended = []
    names = {name: lambda *_: ended.append("the kernel"), "__name__": "__main__"}
    attempt = {
        "function": f"def attempt():\n    {name}()",
        "decorated": "import functools\ndef quick(f):\n    @functools.wraps(f)\n    def inner():\n        return f()\n"
        f"    return inner\n@quick\ndef attempt():\n    {name}()",
        "method": f"class C:\n    def go(self):\n        {name}()\nattempt = C().go",
        "class": f"class attempt:\n    def __init__(self):\n        {name}()",
        "partial": f"import functools\ndef f(x):\n    {name}()\nattempt = functools.partial(f, 1)",
        "object": f"class C:\n    def __call__(self):\n        {name}()\nattempt = C()",
    }[shape]
    attempt = attempt_in(names, attempt)
    before = names[name]
    with pytest.raises(SystemExit):
        inside(attempt)
    assert not ended and names[name] is before


def test_exit_of_plain_python_leaves_the_input_open(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed later"))
    monkeypatch.setattr(builtins, "exit", lambda: (sys.stdin.close(), sys.exit()), raising=False)
    theirs = builtins.exit
    with pytest.raises(SystemExit):
        inside(attempt_in({}))
    assert sys.stdin.read() == "typed later" and builtins.exit is theirs


def test_an_attempt_without_a_namespace_is_no_problem():
    for attempt in (len, print, np.argmin, int, "a text", None, object()):
        with Sandbox(attempt) as sandbox:
            print("a word")
        assert sandbox.printed == "a word"


def test_deleting_exit_does_not_lose_it():
    names = {"exit": print}
    inside(attempt_in(names, "def attempt():\n    global exit\n    del exit"))
    assert names["exit"] is print


# What is kept from call to call --------------------------------------------------------------


def test_a_default_argument_forgets():
    def collect(x=1, seen=[], names={}, module=np):  # noqa: B006, the mistake that is judged
        seen.append(x)
        names[x] = seen
        return len(seen)

    with Sandbox(collect):
        assert [collect(), collect()] == [1, 2]
    assert collect() == 1
    with Sandbox(collect):
        assert [collect(), collect()] == [2, 3]
    assert collect() == 2


def test_a_default_that_cannot_be_copied_stays():
    def collect(x=1, modules=[np]):  # noqa: B006
        return modules

    with Sandbox(collect):
        pass
    assert collect() == [np]


def test_a_class_forgets():
    class Collector:
        seen = []
        table = np.zeros(1)
        count = 0

        def add(self):
            self.seen.append(1)
            self.table[0] += 1
            return len(self.seen), self.table[0]

    with Sandbox(Collector):
        assert [Collector().add(), Collector().add()] == [(1, 1), (2, 2)]
    assert Collector().add() == (1, 1)


def test_low_level_output_is_not_caught(capfd):
    """What the module says it cannot do; here so that the sentence stays true."""

    def write():
        os.write(2, b"past Python")

    assert inside(write) == ""
    assert capfd.readouterr().err == "past Python"
