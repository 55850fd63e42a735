"""The command line: every command is there, speaks in sentences and never in tracebacks."""

import json
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from interestkit.workbook import build, cli, desk, doctor, lab, places, practice, progress, seeds
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.exercise import KINDS, LEVELS, all_exercises
from interestkit.workbook.questions import MINUTES, all_questions

COMMANDS = ["lab", "doctor", "build", "seeds", "exercises", "questions", "progress", "reset", "practice"]
KEYS = ["id", "theme", "level", "minutes", "kind", "claims", "alternatives", "misconceptions", "hints"]


@pytest.fixture(autouse=True)
def own_desk(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERESTKIT_DESK", str(tmp_path / "desk"))


def shell(*arguments, **environment):
    """A line typed in a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "interestkit", *arguments],
        capture_output=True, cwd=places.root(), env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        encoding="utf-8", timeout=60,
    )  # fmt: skip


def typed(monkeypatch, capsys, *arguments):
    """The same in this process: (exit status, stdout, stderr)."""
    monkeypatch.setattr(sys, "argv", ["interestkit", *arguments])
    status = cli.main()
    return status, *capsys.readouterr()


# What there is -----------------------------------------------------------------------


def test_every_command_exists_and_helps():
    assert [command.callback.__name__ for command in cli.app.registered_commands] == COMMANDS
    for command in COMMANDS:
        result = CliRunner().invoke(cli.app, [command, "--help"])
        assert result.exit_code == 0
        assert f"{command} [OPTIONS]" in result.output and "\\[" not in result.output
    assert "--check" in CliRunner().invoke(cli.app, ["build", "--help"]).output


def test_help_shows_each_command_in_one_whole_line():
    typed_nothing, asked = shell(), shell("--help")
    assert typed_nothing.returncode == asked.returncode == 0
    assert typed_nothing.stdout == asked.stdout and not typed_nothing.stderr
    lines = asked.stdout[asked.stdout.index("Commands:") :].splitlines()[1:]
    assert [line.split()[0] for line in lines if line] == COMMANDS
    assert "..." not in "".join(lines)


def test_starting_the_command_line_loads_no_library_of_the_lessons():
    code = "import sys, interestkit.workbook.cli; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=places.root(), check=True)
    heavy = {"numpy", "pandas", "scipy", "tensorflow", "matplotlib", "IPython", "nbformat", "rich", "sqlite3", "fsrs"}
    assert not heavy & set(run.stdout.split())


# Tables and lists --------------------------------------------------------------------


@pytest.mark.parametrize("command, things", [("exercises", all_exercises), ("questions", all_questions)])
def test_lists_for_programs(command, things):
    result = shell(command, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    rows, things = json.loads(result.stdout), things()
    things = things if isinstance(things, list) else [one for lesson in things.values() for one in lesson]
    assert [row["id"] for row in rows] == [one.id for one in things]
    for row, one in zip(rows, things, strict=True):
        assert list(row) == KEYS
        assert [row[key] for key in KEYS[1:5]] == [one.theme, one.level, one.minutes, one.kind]
        assert row["theme"] in places.lesson_stems() and row["level"] in LEVELS
        assert row["kind"] in (KINDS if command == "exercises" else MINUTES)
        assert all(type(row[key]) is int for key in ("minutes", "alternatives", "misconceptions", "hints"))
        assert row["minutes"] >= 1
        assert type(row["claims"]) is list and all(type(claim) is str for claim in row["claims"])
        if command == "exercises":
            assert [row[key] for key in KEYS[6:]] == [len(getattr(one, key)) for key in KEYS[6:]]


@pytest.mark.parametrize("command", ["exercises", "questions"])
@pytest.mark.parametrize("width", ["200", "80", "40"])
def test_tables_lose_nothing_in_narrow_terminals(monkeypatch, capsys, command, width):
    monkeypatch.setenv("COLUMNS", width)
    rows = json.loads(typed(monkeypatch, capsys, command, "--json")[1])
    status, out, err = typed(monkeypatch, capsys, command)
    assert (status, err) == (0, "") and "…" not in out
    if width == "200":
        for row in rows:
            assert any(line.split() == [str(row[key]) for key in KEYS[:5]] for line in out.splitlines())


def test_a_workbook_without_lessons(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(places, "notebooks", lambda: tmp_path)
    for command in ("exercises", "questions"):
        assert typed(monkeypatch, capsys, command) == (0, "There are none yet.\n", "")
        assert typed(monkeypatch, capsys, command, "--json") == (0, "[]\n", "")
    assert typed(monkeypatch, capsys, "progress")[0] == 0
    assert typed(monkeypatch, capsys, "build", "--check")[0] == 0


def test_progress_counts_what_is_solved(monkeypatch, capsys):
    stem, lesson = next(iter(all_exercises().items()))
    before = typed(monkeypatch, capsys, "progress")[1].splitlines()
    assert before[0] == f"{stem}: 0 of {len(lesson)} exercises solved" and len(before) == len(places.lesson_stems())
    progress.record().attempt(lesson[0].id, stem, 1.0, "right")
    after = shell("progress").stdout.splitlines()
    assert after == [f"{stem}: 1 of {len(lesson)} exercises solved", *before[1:]]


# Refusals ----------------------------------------------------------------------------


def is_one_sentence(text):
    lines = text.splitlines()
    return len(lines) == 1 and lines[0].startswith("✘ ") and "Traceback" not in text


@pytest.mark.parametrize(
    "arguments", [["reset"], ["build"], ["build", "--check"], ["practice", "--lesson"], ["seeds"]], ids=" ".join
)
def test_an_unknown_lesson_is_one_sentence_with_the_nearest(arguments, monkeypatch, capsys, tmp_path):
    own = tmp_path / "desk" / "00_start_here.ipynb"
    own.parent.mkdir()
    own.write_text("mine")
    status, out, err = typed(monkeypatch, capsys, *arguments, "00_start_her")
    assert (status, out) == (1, "")
    assert err == "✘ There is no lesson '00_start_her': did you mean 00_start_here?\n"
    assert [path.name for path in own.parent.iterdir()] == [own.name] and own.read_text() == "mine"


def test_an_unknown_lesson_in_the_shell(tmp_path):
    result = shell("reset", "99_nowhere")
    assert (result.returncode, result.stdout) == (1, "")
    assert is_one_sentence(result.stderr) and "There is no lesson '99_nowhere'" in result.stderr
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["exercis"], "No such command 'exercis'. Did you mean 'exercises'? Type"),
        (["frobnicate"], "No such command 'frobnicate'. Type"),
        (["exercises", "--jsn"], "No such option '--jsn'. Did you mean '--json'? Type"),
        (["questions", "--jsn"], "No such option '--jsn'."),
        (["doctor", "now"], "unexpected extra argument (now). Type"),
        (["reset"], "Missing argument 'LESSON'. Type"),
        (["practice", "--minutes", "soon"], "'soon' is not a valid int"),
    ],
)
def test_a_line_not_understood_is_one_sentence_with_the_way_to_help(arguments, sentence, monkeypatch, capsys):
    status, out, err = typed(monkeypatch, capsys, *arguments)
    assert (status, out) == (2, "")
    assert is_one_sentence(err) and sentence in err and err.endswith(" Type  python -m interestkit --help\n")


def test_a_line_not_understood_in_the_shell():
    result = shell("frobnicate")
    assert (result.returncode, result.stdout) == (2, "") and is_one_sentence(result.stderr)


@pytest.mark.parametrize("arguments", [["--minutes", "0"], ["--minutes", "-3"], ["--level", "seniro"]])
def test_practice_refuses_what_it_cannot_do(arguments, monkeypatch, capsys):
    status, out, err = typed(monkeypatch, capsys, "practice", *arguments)
    assert (status, out) == (1, "") and is_one_sentence(err)


def test_a_terminal_that_cannot_show_everything():
    for arguments in (["reset", "99"], ["exercises"], ["questions", "--json"]):
        result = shell(*arguments, PYTHONIOENCODING="ascii")
        assert "Traceback" not in result.stderr and "Error" not in result.stderr
        assert result.returncode == (arguments[0] == "reset")
    code = """
import sys
from interestkit.workbook import cli, doctor
doctor.run = lambda: print("2 µs ✔ 好")
sys.argv[1:] = ["doctor"]
sys.exit(cli.main())
"""
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, text=True,
        cwd=places.root(),
    )  # fmt: skip
    assert (child.returncode, child.stdout, child.stderr) == (0, "2 ?s ? ?\n", "")


def test_a_reader_that_has_gone_is_no_error():
    code = "import time; time.sleep(0.5); import sys; sys.argv[1:] = ['exercises', '--json']; "
    code += "from interestkit.workbook.cli import main; sys.exit(main())"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=places.root()
    )
    child.stdout.close()
    assert "Traceback" not in child.communicate(timeout=60)[1]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, EOFError, typer.Abort])
def test_ctrl_c_and_a_closed_input_end_quietly(stop, monkeypatch, capsys):
    def interrupted():
        raise stop

    monkeypatch.setattr(doctor, "run", interrupted)
    status, out, err = typed(monkeypatch, capsys, "doctor")
    assert (status, out, err.strip()) == (130, "", "")


# What is passed on -------------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch):
    """Commands that only note how they were called; each returns 7."""
    noted = []

    def note(module, name):
        def stand_in(*arguments, **named):
            named.pop("say", None)
            noted.append((name, *arguments, named) if named else (name, *arguments))
            return 7

        monkeypatch.setattr(module, name, stand_in)

    for module, name in ((lab, "run"), (doctor, "run"), (practice, "run"), (build, "build"), (seeds, "main")):
        note(module, name)
    return noted


ALL, FIRST = places.lesson_stems(), places.lesson_stems()[0]


@pytest.mark.parametrize(
    "arguments, call",
    [
        (["lab"], ("run", [])),
        (["lab", "--no-browser", "--port", "8899"], ("run", ["--no-browser", "--port", "8899"])),
        (["lab", "--ServerApp.token=x", "-y"], ("run", ["--ServerApp.token=x", "-y"])),
        (["doctor"], ("run",)),
        (["build"], ("build", ALL)),
        (["build", "0", "start_here"], ("build", [FIRST, FIRST])),
        (["seeds"], ("main", ALL)),
        (["seeds", "00"], ("main", [FIRST])),
        (["practice"], ("run", {"minutes": 15, "lessons": None, "level": None})),
        (
            ["practice", "--minutes", "5", "--lesson", "0", "--lesson", "start_here", "--level", "mid"],
            ("run", {"minutes": 5, "lessons": [FIRST, FIRST], "level": "mid"}),
        ),
    ],
)
def test_arguments_and_exit_status_are_passed_on(arguments, call, calls, monkeypatch, capsys):
    assert typed(monkeypatch, capsys, *arguments)[0] == 7
    assert calls == [call]


def test_build_check_names_what_is_stale(monkeypatch, capsys):
    monkeypatch.setattr(build, "stale", lambda stem: [])
    fresh = "Everything derived is as its sources say.\n"
    assert typed(monkeypatch, capsys, "build", "--check") == (0, fresh, "")
    monkeypatch.setattr(build, "stale", lambda stem: [f"{stem} is old.", f"{stem} is odd."])
    expected = "".join(f"{stem} is old.\n{stem} is odd.\n" for stem in ALL)
    assert typed(monkeypatch, capsys, "build", "--check") == (1, expected, "")
    assert typed(monkeypatch, capsys, "build", "0", "--check") == (1, f"{FIRST} is old.\n{FIRST} is odd.\n", "")


def test_a_refused_build_is_one_sentence(monkeypatch, capsys):
    def refuse(*arguments, **named):
        raise WorkbookError("The lesson is broken: mend it.")

    monkeypatch.setattr(build, "build", refuse)
    assert typed(monkeypatch, capsys, "build") == (1, "", "✘ The lesson is broken: mend it.\n")


def test_an_error_of_ours_is_not_dressed_up_as_the_learners(monkeypatch, capsys):
    monkeypatch.setattr(build, "stale", lambda stem: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        typed(monkeypatch, capsys, "build", "--check")


def test_reset_sets_the_copy_aside(monkeypatch, capsys, tmp_path):
    desk.lay()
    own = tmp_path / "desk" / "00_start_here.ipynb"
    own.write_text("mine")
    status, out, err = typed(monkeypatch, capsys, "reset", "0")
    assert (status, err) == (0, "") and "00_start_here" in out and len(out.splitlines()) == 1
    aside = [path for path in own.parent.iterdir() if ".aside-" in path.name]
    assert [path.read_text() for path in aside] == ["mine"] and aside[0].name in out
    assert json.loads(own.read_text())["nbformat"] == 4
