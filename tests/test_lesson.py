"""What a lesson calls: begin, check, hint, solution and progress, called rightly and wrongly."""

import functools
import re

import numpy as np
import pytest
import toys
from toys import typed

from interestkit.exercises import interest_clusters as kit
from interestkit.workbook import lesson, places
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.lesson import begin, check, hint, progress, solution
from interestkit.workbook.progress import record
from interestkit.workbook.verdict import Verdict

STEM = "01_toys"
RIGHT = "def scale(rows, k):\n    return k * rows.mean(axis=1)"


@pytest.fixture(autouse=True)
def house(tmp_path, monkeypatch):
    """A workbook of one lesson, the toys, seen from its desk."""
    for name in ("notebooks", "solutions", "desk"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(places, name, lambda name=name: tmp_path / name)
    (tmp_path / "notebooks" / f"{STEM}.ipynb").touch()
    monkeypatch.setattr(places, "root", lambda: tmp_path)
    monkeypatch.setattr(lesson, "exercises_of", lambda stem: list(toys.ALL))
    monkeypatch.setattr(lesson, "_begun", None)
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path


@pytest.fixture
def begun(house, capsys):
    begin(STEM)
    capsys.readouterr()


def said_by(verdict):
    """The text of a verdict that checks nothing."""
    assert isinstance(verdict, Verdict) and verdict == 0 and verdict.state == "refused"
    assert re.fullmatch(r"[A-Z0-9][^\n]{20,250}[.?]", verdict.text), verdict.text
    return verdict.text


def in_cell(code, **names):
    """What the code of a cell leaves in `result`, called as from a notebook."""
    return typed(code, "result", check=check, hint=hint, solution=solution, progress=progress, **names)


# begin ------------------------------------------------------------------------------------------


def test_begin_says_what_is_next(capsys):
    begin(STEM)
    assert capsys.readouterr().out == f"{STEM} is ready. Exercises solved: 0 of {len(toys.ALL)}. Next: scale.\n"
    check(typed(RIGHT, "scale"))
    begin(STEM)
    assert capsys.readouterr().out == f"{STEM} is ready. Exercises solved: 1 of {len(toys.ALL)}. Next: mean.\n"


def test_begin_when_all_is_solved_and_when_there_is_nothing(capsys, monkeypatch):
    monkeypatch.setattr(lesson, "exercises_of", lambda stem: [toys.scale])
    begin(STEM)
    check(typed(RIGHT, "scale"))
    begin(STEM)
    assert capsys.readouterr().out.endswith(f"{STEM} is ready. You have solved all 1 exercises.\n")
    monkeypatch.setattr(lesson, "exercises_of", lambda stem: [])
    begin(STEM)
    assert capsys.readouterr().out == f"{STEM} is ready.\n"


@pytest.mark.parametrize("stem", ["01_toy", "toys", "", "99_nothing", "01_toys.ipynb", None, 1])
def test_begin_refuses_an_unknown_lesson(stem):
    with pytest.raises(WorkbookError, match="There is no lesson"):
        begin(stem)
    with pytest.raises(WorkbookError, match="No lesson has begun"):
        progress()


def test_begin_warns_outside_the_desk_and_refuses_another_checkout(house, monkeypatch, capsys):
    (house / "elsewhere").mkdir()
    monkeypatch.chdir(house / "elsewhere")
    begin(STEM)
    assert "lies outside the desk" in capsys.readouterr().out
    (house / "elsewhere" / "interestkit" / "workbook").mkdir(parents=True)
    with pytest.raises(WorkbookError, match="another copy of the workbook"):
        begin(STEM)


# check: what is meant -----------------------------------------------------------------------------


def test_before_a_lesson_has_begun_nothing_is_checked():
    assert "run the first code cell" in said_by(check(typed(RIGHT, "scale")))
    for call in (lambda: hint(toys.typed(RIGHT, "scale")), lambda: solution("scale"), progress):
        with pytest.raises(WorkbookError, match="No lesson has begun"):
            call()


@pytest.mark.usefixtures("begun")
class TestCheck:
    """With a lesson begun."""

    def test_a_right_answer(self):
        assert check(typed(RIGHT, "scale")) == 1
        assert record().solved(STEM) == {"toys.scale"}

    def test_a_wrong_name_is_answered_with_the_nearest(self):
        said = said_by(check(typed("def skale(rows, k):\n    return 1", "skale")))
        assert said == "01_toys has no exercise 'skale': did you mean scale?"
        assert "choose from scale, mean" in said_by(check(np.argmin))

    def test_an_answer_is_found_by_the_name_it_is_bound_to(self):
        code = "import functools\nscale = {}\nresult = check(scale)"
        for answer in (
            "lambda rows, k: k * rows.mean(1)",
            "functools.partial(lambda k, rows, j: j * rows.mean(k), 1)",
            "type('Scaler', (), {'__call__': lambda self, rows, k: k * rows.mean(1)})()",
        ):
            assert in_cell(code.format(answer)) == 1
        assert in_cell("def other(rows, k):\n    return k * rows.mean(1)\nscale = other\nresult = check(scale)") == 1

    def test_check_may_be_called_from_a_function(self):
        assert in_cell(f"{RIGHT}\ndef ask():\n    return check(scale)\nresult = ask()") == 1

    @pytest.mark.parametrize(
        "thing", ["'scale'", "scale(np.ones((2, 3)), 2)", "None", "3", "...", "[scale]", "np", "float('nan')"]
    )
    def test_what_is_no_function_is_refused(self, thing):
        assert "takes the function itself" in said_by(in_cell(f"{RIGHT}\nresult = check({thing})"))

    def test_the_kits_own_is_refused(self):
        for own in (kit.assign, kit.assign.reference, kit.nightly_update, toys.scale, Verdict, check, kit.np.argmin):
            verdict = check(own)
            assert verdict.state == "refused"
        assert "the workbook's own assign" in said_by(check(kit.assign))
        assert not record().solved(STEM)

    def test_a_wrapper_that_calls_the_kits_own_is_refused(self):
        code = "import functools\n{}\nresult = check(scale)"
        for wrapper in (
            "def scale(rows, k):\n    return ours(rows, k)",
            "scale = lambda *args: ours(*args)",
            "scale = functools.partial(ours)",
            "scale = ours",
        ):
            assert "the workbook's own scale" in said_by(in_cell(code.format(wrapper), ours=toys.scale))
        assert not record().attempts(theme=STEM)

    def test_names_are_those_of_the_lesson_begun(self, monkeypatch):
        monkeypatch.setattr(lesson, "exercises_of", lambda stem: [toys.mean])
        assert "has no exercise 'scale': choose from mean." in said_by(check(typed(RIGHT, "scale")))

    @pytest.mark.parametrize("toy", toys.ALL, ids=lambda toy: toy.name)
    def test_whatever_it_does_an_answer_raises_nothing(self, toy):
        for body in ("raise BaseException", "exit()", "while True: pass", "return x", "raise KeyboardInterrupt"):
            answer = typed(f"def {toy.name}(*args, **kwargs):\n    {body}", toy.name)
            with toys.hurry(toy):
                assert check(answer) == 0

    def test_what_is_recorded(self):
        check(typed("def scale(rows, k):\n    ...", "scale"))
        check(typed("def scale(rows, k):\n    return rows.sum(axis=1) * k", "scale"))
        check(typed("def scale(rows, k):\n    return rows.mean(axis=1) * k", "scale"))
        check(typed(RIGHT, "scale"))
        check("scale")
        attempts = record().attempts(theme=STEM)
        assert [(one.exercise, one.score, one.state, one.taken) for one in attempts] == [
            ("toys.scale", 0, "misconception", False),
            ("toys.scale", 1, "right", True),
            ("toys.scale", 1, "right", False),
        ]

    def test_nothing_is_recorded_from_the_solutions(self, house, monkeypatch):
        monkeypatch.chdir(house / "solutions")
        assert check(typed(RIGHT, "scale")) == 1
        assert not record().solved(STEM) and not record().attempts(theme=STEM)

    def test_a_check_writes_nothing(self, capsys):
        check(typed("def scale(rows, k):\n    print(rows)\n    import warnings\n    warnings.warn('w')", "scale"))
        assert capsys.readouterr() == ("", "")


# hint, solution, progress -----------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
class TestHelp:
    """With a lesson begun."""

    @pytest.mark.parametrize("way", ["scale", "'scale'", "alias", "functools.partial(scale)"])
    def test_hints_come_one_by_one(self, way, capsys):
        code = f"import functools\n{RIGHT}\nalias = scale\n"
        if way.startswith("functools"):
            code += f"scale = {way}\n"
            way = "scale"
        for _ in range(3):
            in_cell(f"{code}result = hint({way})")
        said = capsys.readouterr().out.splitlines()
        assert said[0] == f"Hint 1 of 2: {toys.HINTS[0]}"
        assert said[1] == said[2] == f"Hint 2 of 2: {toys.HINTS[1]}"
        assert said[3] == "That was the last one: `solution(scale)` shows an answer."
        assert len(said) == 4

    def test_a_hint_for_the_kits_own_is_a_hint(self, capsys):
        hint(toys.scale)
        assert "Hint 1 of 2" in capsys.readouterr().out

    @pytest.mark.parametrize("call", [hint, solution])
    @pytest.mark.parametrize("answer", ["skale", 3, None, np.argmin, functools.partial(print)])
    def test_help_for_nothing_is_refused(self, call, answer):
        with pytest.raises(WorkbookError, match="01_toys has no exercise '.*': (did you mean|choose from)"):
            call(answer)

    def test_a_solution_says_why_the_others_fail(self, capsys):
        solution("scale")
        said = capsys.readouterr().out
        assert said.startswith("def scale(rows, k):") and "return rows.mean(axis=1) * k" in said
        assert all(f"# - {known.message}\n" in said for known in toys.scale.misconceptions)
        solution("mean")
        assert "others" not in capsys.readouterr().out

    def test_progress(self, capsys):
        check(typed(RIGHT, "scale"))
        check(typed("def mean(numbers):\n    return 1", "mean"))
        progress()
        said = capsys.readouterr().out.splitlines()
        assert said[0] == f"{STEM}: 1 of {len(toys.ALL)} exercises solved"
        assert said[1] == "  ✔ solved  scale (core, 1 minutes)"
        assert said[2] == "  ◐ tried   mean (core, 1 minutes)"
        assert said[3] == "  ◌ to do   root (core, 1 minutes)"
