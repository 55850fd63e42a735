"""Deriving stubs and solutions: on tiny notebooks, whatever state they are in, and on the lessons themselves."""

import ast
import copy
import importlib.util
import itertools
import json
import sys

import nbformat
import pytest
import tiny

from interestkit.workbook import build, places, source
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.exercise import exercises_of

STEM, MODULE = "01_tiny_lesson", "interestkit.exercises.tiny_lesson"
TOY = '''\
import functools

from interestkit.workbook.exercise import exercise


def helper(x):
    """A given function."""
    # which keeps its comments
    return x


def other_helper(x):
    return -x


@exercise("toy.double", minutes=1, hints=("a", "b"), given=(helper, other_helper))
def double(x, *, times=(1,
                        1)):
    """Twice x.

    Args:
        x: a number.
    """
    # first a comment

    def inner(y):
        """A docstring inside."""
        return y  # and one at the end of a line

    text = """
a text with lines of its own
    ### not a marker
"""
    return inner(2 * x) + 0 * len(text)
    # a last one


@exercise("toy.same", minutes=1, hints=("a", "b"))
def same(x):
    """x."""
    return x


@exercise("toy.counter", minutes=2, hints=("a", "b"))
class Counter:
    """Counts."""

    start = 0

    def __init__(self):
        """Begin at zero."""
        self.n = self.start

    # between two methods
    @property
    def seen(self):
        """How many."""
        return self.n
        # a last comment that gives it away

    @staticmethod
    @functools.cache
    def unit():
        """One step."""
        return 1

    def add(
        self,
        step=None,
    ):
        """Count on."""
        # a comment
        self.n += step or self.unit()
'''
STUBS = {
    "double-stub": '''\
def double(x, *, times=(1,
                        1)):
    """Twice x.

    Args:
        x: a number.
    """
    ...''',
    "same-stub": '''\
def same(x):
    """x."""
    ...''',
    "counter-stub": '''\
class Counter:
    """Counts."""

    start = 0

    def __init__(self):
        """Begin at zero."""
        ...

    # between two methods
    @property
    def seen(self):
        """How many."""
        ...

    @staticmethod
    @functools.cache
    def unit():
        """One step."""
        ...

    def add(
        self,
        step=None,
    ):
        """Count on."""
        ...''',
}
GIVEN = '''\
def helper(x):
    """A given function."""
    # which keeps its comments
    return x


def other_helper(x):
    return -x'''
SETUP = "import functools\n\n\ndef check(answer):\n    return 0.0"


def cells():
    """A tiny lesson whose made cells are still empty."""
    return [
        tiny.text("# Tiny", id="title"),
        tiny.code(SETUP, id="setup", setup=True),
        tiny.text("Double.", id="double-text", exercise="toy.double", role="statement"),
        tiny.code("", id="double-given", exercise="toy.double", role="given"),
        tiny.code("", id="double-stub", exercise="toy.double", role="stub"),
        tiny.code("", id="double-check", exercise="toy.double", role="check"),
        tiny.code("", id="same-stub", exercise="toy.same", role="stub"),
        tiny.code("", id="same-check", exercise="toy.same", role="check"),
        tiny.code("", id="counter-stub", exercise="toy.counter", role="stub"),
        tiny.code("", id="counter-check", exercise="toy.counter", role="check"),
        tiny.code("print('end')", id="end", tags=["kept"]),
    ]


@pytest.fixture
def load(monkeypatch):
    """Imports a file under a name, for the length of a test."""

    def load(path, text, name=MODULE):
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def house(tmp_path, load, monkeypatch):
    """A workbook with one tiny lesson, laid out and derived but not run: its folder."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "solutions").mkdir()
    load(tmp_path / "tiny_lesson.py", TOY)
    monkeypatch.setattr(places, "root", lambda: tmp_path)
    notebook = build.normal(build.with_stubs(tiny.notebook(*cells()), STEM))
    write(tmp_path, "notebooks", notebook)
    write(tmp_path, "solutions", build.derive(notebook, STEM))
    return tmp_path


def write(root, folder, notebook):
    nbformat.write(notebook, root / folder / f"{STEM}.ipynb")


def read(root, folder):
    return nbformat.read(root / folder / f"{STEM}.ipynb", as_version=4)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


# What is written into a lesson -------------------------------------------------------


def test_stubs_given_and_checks_are_slices_of_the_source(house):
    made = by_id(read(house, "notebooks"))
    assert {name: made[name].source for name in STUBS} == STUBS
    assert made["double-given"].source == GIVEN
    assert [made[f"{name}-check"].source for name in ("double", "same", "counter")] == [
        "check(double)",
        "check(same)",
        "check(Counter)",
    ]
    assert made["title"].source == "# Tiny" and made["setup"].source == SETUP
    assert made["end"].metadata == {"tags": ["kept"]}


def test_a_solved_cell_is_the_source_between_markers(house):
    made = by_id(read(house, "solutions"))
    begin, end = f"    {source.BEGIN}\n", f"\n    {source.END}"
    assert made["same-stub"].source == f'def same(x):\n    """x."""\n{begin}    return x{end}'
    function = TOY[TOY.index("def double") : TOY.index("\n    # a last one")]
    assert made["double-stub"].source == function.replace("\n    # first", f"\n{begin}    # first") + end
    counter = made["counter-stub"].source
    assert counter.count(source.BEGIN) == counter.count(source.END) == 4
    kept = "\n".join(line for line in counter.splitlines() if line.strip() not in (source.BEGIN, source.END))
    assert kept + "\n" == TOY[TOY.index("class Counter") :]
    assert "@exercise" not in counter and "@staticmethod\n    @functools.cache\n" in counter


def test_a_stub_gives_nothing_of_the_body_away(house):
    for cell in read(house, "notebooks").cells:
        if build.mark(cell).get("role") == "stub":
            assert source.untouched(cell.source)
            assert "comment" not in cell.source and "away" not in cell.source


@pytest.mark.parametrize(
    "function, complaint",
    [
        ("def f(x): return x", "f needs a docstring"),
        ("def f(x):\n    return x", "f needs a docstring"),
        ('def f(x): """Doc."""; return x', "docstring of f needs lines of its own"),
        ('def f(x): """Doc."""', "docstring of f needs lines of its own"),
        ('def f(x):\n    """Doc."""; y = x\n    return y', "docstring of f needs lines of its own"),
        ('class C:\n    def f(self): return 1\n    def g(self):\n        """G."""\n        return 2', "f needs a doc"),
    ],
)
def test_a_body_that_cannot_be_cut_is_refused(tmp_path, load, function, complaint):
    module = load(tmp_path / "one.py", function + "\n", "one")
    thing = next(value for name, value in vars(module).items() if name in ("f", "C"))
    for cut in (source.stub, source.solved):
        with pytest.raises(ValueError, match=complaint):
            cut(thing)


def test_a_docstring_alone_is_a_stub_already(tmp_path, load):
    module = load(tmp_path / "one.py", 'def f(x):\n    """Doc."""\n', "one")
    assert source.stub(module.f) == 'def f(x):\n    """Doc."""\n    ...'
    assert source.released(source.solved(module.f)) == source.stub(module.f)


def test_deriving_changes_no_argument_and_ids_are_stable(house):
    notebook = tiny.notebook(*cells())
    before = copy.deepcopy(notebook)
    stubs, derived = build.with_stubs(notebook, STEM), build.derive(notebook, STEM)
    assert notebook == before
    ids = [cell.id for cell in notebook.cells]
    assert [cell.id for cell in stubs.cells] == [cell.id for cell in derived.cells] == ids


def test_deriving_twice_gives_the_same_bytes(house):
    first, second = read(house, "notebooks"), read(house, "solutions")
    text = (house / "notebooks" / f"{STEM}.ipynb").read_bytes(), (house / "solutions" / f"{STEM}.ipynb").read_bytes()
    write(house, "notebooks", build.with_stubs(first, STEM))
    write(house, "solutions", build.derive(build.with_stubs(first, STEM), STEM))
    assert (house / "notebooks" / f"{STEM}.ipynb").read_bytes() == text[0]
    assert (house / "solutions" / f"{STEM}.ipynb").read_bytes() == text[1]
    # A solved edition taken for the lesson derives the same: nothing but the exercises' module is read.
    assert build.derive(second, STEM) == build.derive(first, STEM)


@pytest.mark.parametrize("cell", [{"exercise": "toy.nothing", "role": "stub"}, {"role": "check"}])
def test_a_cell_of_an_unknown_exercise_is_named(house, cell):
    notebook = tiny.notebook(*cells(), tiny.code("", id="odd-one", **cell))
    for derive in (build.with_stubs, build.derive):
        with pytest.raises(WorkbookError) as refusal:
            derive(notebook, STEM)
        assert "odd-one" in str(refusal.value) and STEM in str(refusal.value)
        assert repr(cell.get("exercise")) in str(refusal.value) and "tiny_lesson.py" in str(refusal.value)


def test_cells_out_of_order_and_half_run_derive_the_same(house):
    notebook = read(house, "notebooks")
    messy = copy.deepcopy(notebook)
    code = [cell for cell in messy.cells if cell.cell_type == "code"]
    for count, cell in zip([7, 3, None, None, 12, 1, 1, None, 40], code, strict=True):
        cell.execution_count, cell.outputs = count, [tiny.stdout("left over\n")] if count else []
    assert build.derive(messy, STEM) == build.derive(notebook, STEM)
    write(house, "notebooks", messy)
    assert build.stale(STEM) == []


# Assignment metadata -----------------------------------------------------------------


def assignment(cell):
    return cell.metadata.get("nbgrader")


def check_assignment(notebook):
    """Schema 3 of nbgrader, as its own validator has it: every key, no other, one id each."""
    ids = []
    for cell in notebook.cells:
        role, marks = build.mark(cell).get("role"), assignment(cell)
        assert (marks is not None) == (role in ("stub", "check")), cell.id
        if marks is None:
            continue
        flags = {key: marks[key] for key in ("grade", "solution", "locked", "task")}
        assert marks["schema_version"] == 3
        if role == "stub":
            assert flags == {"grade": False, "solution": True, "locked": False, "task": False}
            assert set(marks) == {*flags, "schema_version", "grade_id"}
        else:
            assert flags == {"grade": True, "solution": False, "locked": True, "task": False}
            assert set(marks) == {*flags, "schema_version", "grade_id", "points"} and marks["points"] == 1
        assert cell.cell_type == "code"
        assert not set(marks["grade_id"]) & set(" ./\\") and marks["grade_id"]
        ids.append(marks["grade_id"])
    assert len(ids) == len(set(ids))
    return ids


def test_assignment_metadata_fits_the_schema(house):
    wanted = ["toy-double", "toy-double-check", "toy-same", "toy-same-check", "toy-counter", "toy-counter-check"]
    for folder in ("notebooks", "solutions"):
        notebook = read(house, folder)
        nbformat.validate(notebook)
        assert check_assignment(notebook) == wanted


def release(notebook):
    """The sources of a solutions notebook, released: each marked solution replaced by `...`."""
    return [source.released(cell.source) if assignment(cell) else cell.source for cell in notebook.cells]


def test_released_solutions_are_the_lesson(house):
    assert release(read(house, "solutions")) == [cell.source for cell in read(house, "notebooks").cells]


# What is stale -----------------------------------------------------------------------


def test_nothing_is_stale_in_a_derived_lesson(house):
    assert build.stale(STEM) == []


def change_source(cell_id, old, new):
    def change(notebook):
        cell = by_id(notebook)[cell_id]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def change_metadata(cell_id, **new):
    return lambda notebook: by_id(notebook)[cell_id].metadata.update(new)


def change_grade(notebook):
    by_id(notebook)["same-check"].metadata["nbgrader"]["points"] = 2


def change_id(notebook):
    by_id(notebook)["same-stub"].id = "same-stab"


def change_kernel(notebook):
    notebook.metadata["kernelspec"]["name"] = "python4"


def change_order(notebook):
    notebook.cells[-1], notebook.cells[-2] = notebook.cells[-2], notebook.cells[-1]


def drop(notebook):
    del notebook.cells[-1]


def to_markdown(notebook):
    cell = by_id(notebook)["end"]
    notebook.cells[-1] = tiny.text(cell.source, id="end")
    notebook.cells[-1].metadata = cell.metadata


@pytest.mark.parametrize(
    "folder, change, named",
    [
        ("notebooks", change_source("same-stub", '"x."', '"y."'), ["notebooks/", "same-stub"]),
        ("notebooks", change_source("double-given", "-x", "+x"), ["notebooks/", "double-given"]),
        ("notebooks", change_source("same-check", "check", "chick"), ["notebooks/", "same-check"]),
        ("notebooks", change_source("end", "end", "End"), ["solutions/", "end"]),
        ("notebooks", change_source("title", "#", "##"), ["solutions/", "title"]),
        ("notebooks", change_metadata("end", tags=["other"]), ["solutions/", "end"]),
        ("notebooks", change_grade, ["notebooks/", "same-check"]),
        ("notebooks", change_id, ["solutions/", "other cells"]),
        ("notebooks", change_kernel, ["solutions/", "other metadata"]),
        ("notebooks", change_order, ["solutions/", "other cells"]),
        ("solutions", change_source("same-stub", "return x", "return y"), ["solutions/", "same-stub"]),
        ("solutions", change_source("counter-stub", "### END", "## END"), ["solutions/", "counter-stub"]),
        ("solutions", change_source("double-given", "-x", "+x"), ["solutions/", "double-given"]),
        ("solutions", change_source("title", "#", "##"), ["solutions/", "title"]),
        ("solutions", change_metadata("end", tags=["other"]), ["solutions/", "end"]),
        ("solutions", change_metadata("end", scrolled=True), ["solutions/", "end"]),
        ("solutions", change_grade, ["solutions/", "same-check"]),
        ("solutions", change_id, ["solutions/", "other cells"]),
        ("solutions", change_kernel, ["solutions/", "other metadata"]),
        ("solutions", change_order, ["solutions/", "other cells"]),
        ("solutions", drop, ["solutions/", "other cells"]),
        ("solutions", to_markdown, ["solutions/", "end"]),
    ],
)
def test_one_change_is_found_and_named(house, folder, change, named):
    notebook = read(house, folder)
    change(notebook)
    write(house, folder, notebook)
    complaints = build.stale(STEM)
    assert complaints
    assert any(all(word in complaint for word in named) for complaint in complaints), complaints
    assert all("make build" in complaint for complaint in complaints)


def test_a_changed_reference_is_found(house, load):
    load(house / "tiny_lesson.py", TOY.replace("return x\n\n\n@", "return  x\n\n\n@"))
    assert build.stale(STEM) == [f"solutions/{STEM}.ipynb, cell same-stub, is not as its source says: run make build."]


def test_missing_solutions_are_named(house):
    (house / "solutions" / f"{STEM}.ipynb").unlink()
    assert build.stale(STEM) == [f"solutions/{STEM}.ipynb is missing: run make build."]


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
@pytest.mark.parametrize("garbage", ["", "<<<<<<< ours\n", "[]", "{}", '{"cells": 3}', "\xff"])
def test_a_file_that_is_no_notebook_is_one_sentence(house, folder, garbage):
    path = house / folder / f"{STEM}.ipynb"
    path.write_bytes(garbage.encode("latin-1"))
    with pytest.raises(WorkbookError, match=f"{folder}/{STEM}.ipynb is no notebook"):
        build.stale(STEM)


# Running -----------------------------------------------------------------------------


def test_building_runs_both_and_stores_the_outputs(house):
    messy = read(house, "notebooks")
    messy.cells[-1].outputs, messy.cells[-1].execution_count = [tiny.stdout("left over\n")], 90
    messy.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
    messy.metadata["language_info"] = {"name": "python", "version": "3.12.99"}
    messy.cells[4].source = "def double(x): broken("
    write(house, "notebooks", messy)
    said = []
    build.build([STEM], say=said.append)
    assert [line.partition(":")[0] for line in said] == [f"notebooks/{STEM}.ipynb", f"solutions/{STEM}.ipynb"]
    assert build.stale(STEM) == []
    for folder in ("notebooks", "solutions"):
        notebook = read(house, folder)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        assert code[-1].outputs == [tiny.stdout("end\n")]
        assert by_id(notebook)["same-check"].outputs[0].data["text/plain"] == "0.0"
        assert notebook.metadata == {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        assert all("execution" not in cell.metadata for cell in notebook.cells)


def test_a_failing_cell_is_named_and_nothing_is_written(house, capfd):
    notebook = read(house, "notebooks")
    notebook.cells[2:2] = [tiny.code("import sys; print(1); raise TypeError('bad luck')", id="bad", count=1)]
    notebook.cells[-1].execution_count = 12  # run once, in better days
    write(house, "notebooks", notebook)
    before = [(house / folder / f"{STEM}.ipynb").read_bytes() for folder in ("notebooks", "solutions")]
    with pytest.raises(WorkbookError, match=f"^notebooks/{STEM}.ipynb, cell bad: TypeError: bad luck$"):
        build.build([STEM])
    assert [(house / folder / f"{STEM}.ipynb").read_bytes() for folder in ("notebooks", "solutions")] == before
    assert "WARNING" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "cell, sentence",
    [
        ("import os; os._exit(3)", "cell bad ended its kernel"),
        ("while True: pass", "cell bad was still running after 1 seconds"),
    ],
)
def test_a_dead_or_endless_cell_is_named(house, monkeypatch, cell, sentence):
    monkeypatch.setattr(build, "TIMEOUT", 1)
    notebook = tiny.notebook(tiny.code(cell, id="bad", count=None), tiny.code("1", id="later", count=5))
    with pytest.raises(WorkbookError, match=sentence):
        build.execute(notebook, house / "notebooks" / f"{STEM}.ipynb")


def test_a_notebook_runs_in_its_folder_as_a_new_learner(house, monkeypatch):
    monkeypatch.setenv("INTERESTKIT_HOME", str(house / "mine"))
    look = "import os; print(os.getcwd()); print(os.environ['INTERESTKIT_HOME']); print(os.environ['OMP_NUM_THREADS'])"
    notebook = build.execute(tiny.notebook(look), house / "notebooks" / f"{STEM}.ipynb")
    folder, home, threads = notebook.cells[0].outputs[0].text.split()
    assert folder == str((house / "notebooks").resolve()) and threads == "1"
    assert home != str(house / "mine")


# The lessons themselves --------------------------------------------------------------

LESSONS = places.lesson_stems()
CORE = {"00_start_here": 1}


def lesson(stem, folder=places.notebooks):
    return nbformat.read(folder() / f"{stem}.ipynb", as_version=4)


@pytest.mark.parametrize("stem", LESSONS)
def test_nothing_derived_is_stale(stem):
    assert build.stale(stem) == []


@pytest.mark.parametrize("stem", LESSONS)
def test_releasing_a_lessons_solutions_gives_the_lesson(stem):
    solutions = lesson(stem, places.solutions)
    assert release(solutions) == [cell.source for cell in lesson(stem).cells]
    check_assignment(solutions)


def test_grade_ids_are_unique_in_the_workbook():
    ids = [check_assignment(lesson(stem, places.solutions)) for stem in LESSONS]
    assert len({*itertools.chain(*ids)}) == sum(map(len, ids))


@pytest.mark.parametrize("stem", LESSONS)
def test_a_solved_cell_stands_alone(stem):
    """Its free names are defined in the set-up cell or in an earlier code cell."""
    defined = set()
    for cell in lesson(stem, places.solutions).cells:
        if cell.cell_type != "code":
            continue
        if build.mark(cell).get("role") in ("given", "stub"):
            used = source.free_names(cell.source)
            assert used <= defined, f"{cell.id} uses {', '.join(sorted(used - defined))}"
        defined |= source.defined_names(cell.source)


@pytest.mark.parametrize("folder, score", [(places.solutions, "1.0"), (places.notebooks, "0.0")])
@pytest.mark.parametrize("stem", LESSONS)
def test_stored_verdicts(stem, folder, score):
    word = {"1.0": "✔ Right", "0.0": "◌ Not started"}[score]
    for cell in lesson(stem, folder).cells:
        if build.mark(cell).get("role") == "check":
            results = [output.data for output in cell.outputs if output.output_type == "execute_result"]
            assert [data["text/plain"] for data in results] == [score], cell.id
            assert results[0]["text/markdown"].startswith(word) and f">{word}<" in results[0]["text/html"], cell.id
            assert len(cell.outputs) == 1, cell.id


@pytest.mark.parametrize("stem", LESSONS)
def test_every_exercise_appears_once_in_order(stem):
    marks = [build.mark(cell) for cell in lesson(stem).cells]
    parts = [(mark["exercise"], mark["role"]) for mark in marks if "exercise" in mark]
    wanted = [
        (one.id, role)
        for one in exercises_of(stem)
        for role in ("statement", *(["given"] if one.given else []), "stub", "check")
    ]
    assert sorted(parts) == sorted(wanted)
    for one in exercises_of(stem):
        assert [part for part in parts if part[0] == one.id] == [part for part in wanted if part[0] == one.id]
    cells = lesson(stem).cells
    for cell, after in itertools.pairwise(cells):
        if build.mark(cell).get("role") == "stub":
            assert build.mark(after) == {**build.mark(cell), "role": "check"}, f"{cell.id}: its check stands next"
        if "exercise" in build.mark(cell):
            assert (cell.cell_type == "markdown") == (build.mark(cell)["role"] == "statement"), cell.id
    for number, mark in enumerate(marks):
        if mark.get("setup"):
            assert all("exercise" not in one for one in marks[:number])


@pytest.mark.parametrize("stem", LESSONS)
def test_size_of_a_lesson_in_exercises(stem):
    exercises = exercises_of(stem)
    core = [one for one in exercises if not one.extra]
    assert len(core) == CORE.get(stem, 3)
    assert len(exercises) - len(core) <= (0 if stem in CORE else 2)
    assert all(one.minutes <= 15 for one in core)


def test_every_module_of_exercises_is_the_module_of_one_lesson():
    folder = places.root() / "interestkit" / "exercises"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert modules <= {places.module_of(stem) for stem in LESSONS}
    ids = [one.id for stem in LESSONS for one in exercises_of(stem)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("stem", LESSONS)
def test_stored_files_are_as_a_build_writes_them(stem):
    """Compared with what would be written: the diff of a rebuilt lesson holds what has changed and no layout."""
    for folder in (places.notebooks, places.solutions):
        text = (folder() / f"{stem}.ipynb").read_text(encoding="utf-8")
        assert text == nbformat.writes(build.normal(lesson(stem, folder))) + "\n"
        assert json.loads(text)["nbformat_minor"] == 5


def test_a_lessons_code_is_python():
    for stem in LESSONS:
        for cell in lesson(stem).cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)
