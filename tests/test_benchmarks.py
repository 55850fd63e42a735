"""The runner of the benchmarks, on modules that measure nothing: what it prints, writes and returns.

No time is tested here: bounds belong to `make bench`, where a busy machine fails no test.
"""

import inspect
import json
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest
import tiny

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.benchmarks import __main__ as runner  # noqa: E402
from tests.benchmarks import figure, in_a_child, judge, lessons, startup  # noqa: E402


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Runs these modules, each a function that gives figures: (exit status, lines said, figures written)."""

    def run(*names, **modules):
        for name, figures in modules.items():
            module = types.ModuleType(f"tests.benchmarks.{name}")
            module.figures = figures
            monkeypatch.setitem(sys.modules, f"tests.benchmarks.{name}", module)
        there = [types.SimpleNamespace(name=name) for name in [*modules, "__main__"]]
        monkeypatch.setattr(runner.pkgutil, "iter_modules", lambda path: there)
        said, file = [], tmp_path / "build" / "bench.json"
        status = runner.main(names, file, said.append)
        return status, said, json.loads(file.read_text(encoding="utf-8"))

    return run


def holds():
    return [figure("a ratio", 1.23456, "times", 2, "a peer 1.0"), figure("a time", 0.1, "s", 0.3)]


def misses():
    return [figure("another time", 5, "s", 3)]


def test_all_hold(bench):
    status, said, written = bench(one=holds)
    assert status == 0
    assert written == [
        {"name": "a ratio", "value": 1.235, "unit": "times", "bound": 2.0, "ok": True, "peer": "a peer 1.0"},
        {"name": "a time", "value": 0.1, "unit": "s", "bound": 0.3, "ok": True, "peer": "limit"},
    ]
    assert said[0].split() == ["✔", "a", "ratio", "1.235", "times", "bound", "2", "(a", "peer", "1.0)"]
    assert said[1].split() == ["✔", "a", "time", "0.1", "s", "bound", "0.3"]
    assert said[2].startswith("all 2 figures hold; ") and said[2].endswith("written to build/bench.json")


def test_one_bound_missed_is_exit_status_1(bench):
    status, said, written = bench(two=misses, one=holds)
    assert status == 1
    assert [one["name"] for one in written] == ["a ratio", "a time", "another time"]  # modules by name
    assert [one["ok"] for one in written] == [True, True, False]
    assert said[2].startswith("✘ another time") and said[3].startswith("1 of 3 figures missed")


def test_a_bound_is_what_a_figure_may_be():
    assert figure("x", 3, "s", 3)["ok"] is True and figure("x", 3.001, "s", 3)["ok"] is False


def raises():
    raise ModuleNotFoundError("No module named 'peer'")


@pytest.mark.parametrize(
    "figures, sentence",
    [
        (raises, "ModuleNotFoundError: No module named 'peer'"),
        (lambda: [], "it measured nothing"),
        (lambda: [{"name": "x", "value": 1, "unit": "s", "bound": 2}], "a figure has the keys"),
        (lambda: [{**figure("x", 1, "s", 2), "colour": "red"}], "a figure has the keys"),
        (lambda: [{**figure("x", 1, "s", 2), "value": "fast"}], "ValueError"),
        (lambda: None, "TypeError"),
    ],
)
def test_a_module_that_fails_is_named_and_the_others_run(bench, figures, sentence):
    status, said, written = bench(bad=figures, good=holds)
    assert status == 1 and len(written) == 3
    assert written[0]["name"].startswith("bad: ") and sentence in written[0]["name"]
    assert written[0] == {"name": written[0]["name"], "value": None, "unit": "", "bound": None, "ok": False}
    assert said[0] == f"✘ {written[0]['name']}"
    assert [one["ok"] for one in written[1:]] == [True, True]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_no_number_is_not_ok(bench, value):
    status, _, written = bench(one=lambda: [{**figure("x", 1, "s", 2), "value": value}])
    assert status == 1 and written[0]["value"] is None and written[0]["ok"] is False


def test_modules_can_be_chosen(bench):
    status, _, written = bench("one", one=holds, two=misses)
    assert status == 0 and [one["name"] for one in written] == ["a ratio", "a time"]
    with pytest.raises(SystemExit, match="There is no benchmark 'three': choose from one, two."):
        bench("three", one=holds, two=misses)


def test_every_benchmark_is_found_and_its_names_are_its_own():
    names = runner.modules()
    assert {"clusters", "judge", "lessons", "shop", "startup"} <= set(names) and "__main__" not in names


def test_from_the_command_line():
    code = "import sys; from tests.benchmarks import __main__ as runner; sys.exit(runner.main(['nowhere']))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr.startswith("✘ There is no benchmark 'nowhere'")
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "nowhere"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1 and run.stderr.count("\n") == 1


# A child that measures ---------------------------------------------------------------


@pytest.fixture
def child_module(tmp_path, monkeypatch):
    def write(text):
        (tmp_path / "child_measure.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
        return "child_measure"

    return write


def test_a_child_measures_with_one_thread(child_module, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    name = child_module(
        "import os\ndef measure():\n    print('noise', end='')\n    return os.environ['OMP_NUM_THREADS']"
    )
    assert in_a_child(name) == "1"


def test_a_child_that_fails_or_hangs_is_one_sentence(child_module):
    with pytest.raises(RuntimeError, match="child_measure failed: .*ZeroDivisionError"):
        in_a_child(child_module("def measure():\n    1 / 0"))
    with pytest.raises(RuntimeError, match="child_measure was still measuring after 1 seconds"):
        in_a_child(child_module("import time\ndef measure():\n    time.sleep(60)"), seconds=1)


# The modules: what they measure, not how long it takes --------------------------------


def test_startup_compares_whole_processes(monkeypatch):
    programs, times = [], iter([9.0, 9.0] + [3.0, 2.0] * 12)
    monkeypatch.setattr(startup, "ROUNDS", 12)
    monkeypatch.setattr(startup, "_seconds", lambda path: programs.append(path.read_text()) or next(times))
    (one,) = startup.figures()
    assert programs == [startup.OURS, startup.PEER] * 13
    assert (one["value"], one["bound"], one["unit"]) == (1.5, 2.0, "times") and one["peer"].startswith("import numpy")


def test_startup_runs_a_right_answer(tmp_path):
    program = tmp_path / "ours.py"
    program.write_text(startup.OURS)
    assert 0 < startup._seconds(program) < 60
    program.write_text(startup.OURS.replace("axis=1", "axis=0"))
    with pytest.raises(subprocess.CalledProcessError):
        startup._seconds(program)


def first(kind="function"):
    return next(one for lesson in judge.all_exercises().values() for one in lesson if one.kind == kind)


def test_judge_tries_every_answer_that_loads_no_library():
    every = [one for lesson in judge.all_exercises().values() for one in lesson]
    for exercise in every:
        answers = judge.answers(exercise)
        assert answers[0] is exercise.reference and answers[-1] is judge.nothing
        left_out = len(exercise.alternatives) + len(exercise.misconceptions) + 2 - len(answers)
        assert left_out == sum("scipy" in inspect.getsource(one) for one in exercise.alternatives)
        assert {one.answer for one in exercise.misconceptions} <= set(answers)


def test_judge_measures_a_first_verdict(monkeypatch):
    exercise, known = first(), []

    def verdict(exercise, answer):
        known.append(bool(exercise.expected or exercise._known))
        exercise.expected[0], exercise._known[0] = [], []

    monkeypatch.setattr(judge, "judge", verdict)
    try:
        assert 0 <= judge._seconds(exercise, None) < 10
    finally:
        exercise.expected.clear(), exercise._known.clear()
    assert known == [False] * 3


def test_judge_refuses_a_loop_that_was_not_ended_for_time(monkeypatch):
    with pytest.raises(AssertionError, match="said of an endless loop"):
        judge._ended(first(), judge.nothing)
    monkeypatch.setattr(first(), "seconds", 0.1)
    for loop in (judge.forever, judge.stubborn):
        assert judge._ended(first(), loop) < 10


def test_lessons_run_both_folders(monkeypatch, tmp_path):
    for name in ("notebooks", "solutions"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(lessons.places, name, lambda name=name: tmp_path / name)
        nbformat.write(tiny.notebook("import numpy"), tmp_path / name / "01_a.ipynb")
        nbformat.write(tiny.notebook("from interestkit import networks, rng"), tmp_path / name / "02_b.ipynb")
    ran = []
    monkeypatch.setattr(lessons.build, "execute", lambda notebook, path: ran.append(path))
    found = [(one["name"], one["bound"]) for one in lessons.figures()]
    assert found == [
        ("notebooks/01_a.ipynb", 45),
        ("notebooks/02_b.ipynb", 90),
        ("notebooks/, in sum", 360),
        ("solutions/01_a.ipynb", 45),
        ("solutions/02_b.ipynb", 90),
        ("solutions/, in sum", 360),
    ]
    assert ran == [
        tmp_path / folder / f"{stem}.ipynb" for folder in ("notebooks", "solutions") for stem in ("01_a", "02_b")
    ]
