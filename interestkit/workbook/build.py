"""Writing what is derived: stub cells in notebooks/, all of solutions/, and the outputs of both.

The prose lives in notebooks/, the code of the exercises in `interestkit/exercises/`. A cell
says in its metadata which exercise it belongs to and what part it plays; see `ROLES`.
"""

import copy
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat

from interestkit.workbook import places, source
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.exercise import exercises_of

ROLES = ("statement", "given", "stub", "check")
TIMEOUT = 300  # seconds for one cell
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def mark(cell):
    """The workbook's own metadata of a cell, or an empty dict."""
    return cell.metadata.get("interestkit", {})


def with_stubs(notebook, stem):
    """A copy of a lesson in which given, stub and check cells are as its exercises say.

    Raises:
        WorkbookError: if a cell names an exercise that the lesson's module does not have.
    """
    notebook = copy.deepcopy(notebook)
    exercises = {one.id: one for one in exercises_of(stem)}
    for cell in notebook.cells:
        role = mark(cell).get("role")
        if role not in ROLES:
            continue
        name = mark(cell).get("exercise")
        exercise = exercises.get(name)
        if exercise is None:
            raise WorkbookError(
                f"Cell {cell.id} of {stem} belongs to the exercise {name!r}, "
                f"which interestkit/exercises/{places.module_of(stem)}.py does not have."
            )
        if role == "given":
            cell.source = source.given(exercise.given)
        elif role == "stub":
            cell.source = source.stub(exercise.reference)
            cell.metadata["nbgrader"] = _assignment(exercise, solution=True)
        elif role == "check":
            cell.source = f"check({exercise.name})"
            cell.metadata["nbgrader"] = _assignment(exercise, solution=False)
    return notebook


def _assignment(exercise, solution):
    """Metadata of nbgrader's schema 3: the answer is the learner's cell, the check is worth one point."""
    name = exercise.id.replace(".", "-")
    common = {"schema_version": 3, "solution": solution, "grade": not solution, "locked": not solution, "task": False}
    return {**common, "grade_id": name} if solution else {**common, "grade_id": f"{name}-check", "points": 1}


def derive(notebook, stem):
    """The lesson's edition for solutions/, without outputs: every stub replaced by the solved cell."""
    derived = with_stubs(notebook, stem)
    exercises = {one.id: one for one in exercises_of(stem)}
    for cell in derived.cells:
        if mark(cell).get("role") == "stub":
            cell.source = source.solved(exercises[mark(cell)["exercise"]].reference)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return derived


def stale(stem):
    """Sentences that say what of a lesson's derived files does not fit its sources."""
    notebook = _read(places.notebooks() / f"{stem}.ipynb")
    complaints = _differences(with_stubs(notebook, stem), notebook, f"notebooks/{stem}.ipynb")
    path = places.solutions() / f"{stem}.ipynb"
    if not path.exists():
        return [*complaints, f"solutions/{stem}.ipynb is missing: run make build."]
    return complaints + _differences(derive(notebook, stem), _read(path), f"solutions/{stem}.ipynb")


def _differences(expected, found, name):
    if [cell.id for cell in expected.cells] != [cell.id for cell in found.cells]:
        return [f"{name} has other cells than it should have: run make build."]
    complaints = []
    if expected.metadata != found.metadata:
        complaints.append(f"{name} has other metadata than it should have: run make build.")
    for one, other in zip(expected.cells, found.cells, strict=True):
        if (one.cell_type, one.source, one.metadata) != (other.cell_type, other.source, other.metadata):
            complaints.append(f"{name}, cell {one.id}, is not as its source says: run make build.")
    return complaints


def build(stems=None, say=print):
    """Write stubs, derive solutions/, run both, store the outputs.

    Args:
        stems: the lessons to build; all that exist unless given.
        say: where a line for each notebook goes.

    Raises:
        WorkbookError: if a cell fails.
    """
    jobs = []
    places.solutions().mkdir(exist_ok=True)
    for stem in stems or places.lesson_stems():
        notebook = with_stubs(_read(places.notebooks() / f"{stem}.ipynb"), stem)
        jobs.append((places.notebooks() / f"{stem}.ipynb", notebook))
        jobs.append((places.solutions() / f"{stem}.ipynb", derive(notebook, stem)))
    with ThreadPoolExecutor(2) as pool:
        for path, seconds in pool.map(lambda job: _run(*job), jobs):
            say(f"{path.parent.name}/{path.name}: {seconds:.0f} s")


def _run(path, notebook):
    begin = time.perf_counter()
    nbformat.write(normal(execute(notebook, path)), path)
    return path, time.perf_counter() - begin


def execute(notebook, path):
    """Run a notebook in a kernel of this environment, as a learner who has just begun.

    Raises:
        WorkbookError: if a cell fails, does not end, or ends the kernel; it names the cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    running = []
    with tempfile.TemporaryDirectory() as home:
        client = NotebookClient(
            notebook,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),  # else each kernel warns of its lack
            on_cell_execute=lambda cell, cell_index: running.append(cell),
            kernel_name="python3",
            timeout=TIMEOUT,
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
        )
        try:
            client.execute(env={**os.environ, **ONE_THREAD, "INTERESTKIT_HOME": home})
        except CellExecutionError as problem:
            raise WorkbookError(f"{_last(path, running)}: {problem.ename}: {problem.evalue}") from None
        except CellTimeoutError:
            raise WorkbookError(f"{_last(path, running)} was still running after {TIMEOUT} seconds.") from None
        except DeadKernelError:
            raise WorkbookError(f"{_last(path, running)} ended its kernel, perhaps for want of memory.") from None
    return notebook


def _last(path, cells):
    return f"{path.parent.name}/{path.name}, cell {cells[-1].id}" if cells else f"{path.parent.name}/{path.name}"


def normal(notebook):
    """A notebook without what differs from machine to machine."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def _read(path):
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError):
        name = f"{path.parent.name}/{path.name}"
        raise WorkbookError(f"{name} is no notebook that can be read: mend it, or type  git checkout {name}") from None
