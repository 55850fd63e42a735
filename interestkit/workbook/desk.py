"""The learner's desk: copies of the lessons that an update never takes away.

A copy carries two hashes in its notebook metadata: its edition (what the cells said when it was laid)
and its content (that, and all else but the outputs). A copy whose cells still say what its edition
says is untouched, and newer content takes its place; any other file is the learner's, and nothing
here writes to it.
"""

import contextlib
import copy
import hashlib
import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from interestkit.workbook import places
from interestkit.workbook.errors import WorkbookError

# What a kernel says of itself. JupyterLab writes it into a notebook that lacks it, and a page that
# was only opened would ask to be saved.
THIS_PYTHON = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}


@dataclass
class Report:
    """What laying the desk did: stems, and the lines that a learner reads.

    Attributes:
        desk: the folder of the desk.
        laid: lessons that were not there.
        refreshed: lessons that the learner had not touched, in a newer edition.
        same: lessons that are as they should be.
        kept: lessons that the learner has touched.
        beside: newer editions laid beside a touched copy: {stem: file name}.
        notes: one line for each thing that the learner should know.
    """

    desk: Path
    laid: list = field(default_factory=list)
    refreshed: list = field(default_factory=list)
    same: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    beside: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def written(self):
        """The files that were laid: paths of notebooks without outputs."""
        names = [*(f"{stem}.ipynb" for stem in [*self.laid, *self.refreshed]), *self.beside.values()]
        return [self.desk / name for name in names]

    def __str__(self):
        lines = []
        if len(self.laid) > 4:
            lines.append(f"New on your desk: {len(self.laid)} lessons, {self.laid[0]} to {self.laid[-1]}.")
        elif self.laid:
            lines.append(f"New on your desk: {', '.join(self.laid)}.")
        if self.refreshed:
            lines.append(f"Brought up to date on your desk: {', '.join(self.refreshed)}.")
        if not lines and not self.notes:
            lines.append("Your desk is as you left it.")
        return "\n".join([*lines, *self.notes])


def lay(notebooks=None, desk=None):
    """Bring the desk up to date with the lessons; a learner's own work stays as it is.

    Args:
        notebooks: folder of the lessons; by default this checkout's.
        desk: folder of the copies; by default `places.desk()`.

    Returns:
        A `Report`; its text is what the learner reads.

    Raises:
        WorkbookError: if the desk cannot be written.
    """
    notebooks, desk = Path(notebooks or places.notebooks()), Path(desk or places.desk())
    report = Report(desk)
    with _writing(desk):
        desk.mkdir(parents=True, exist_ok=True)
        for stem in places.lesson_stems(notebooks):
            refresh(stem, notebooks, desk, report)
    return report


def refresh(stem, notebooks, desk, report):
    """Lay one lesson where it is absent or untouched, or beside a touched copy; add it to `report`."""
    lesson = fresh(notebooks / f"{stem}.ipynb")
    if lesson is None:
        report.notes.append(
            f"The lesson notebooks/{stem}.ipynb cannot be read: type  git checkout notebooks/{stem}.ipynb"
        )
        return
    target = desk / f"{stem}.ipynb"
    if not os.path.lexists(target):
        _write(lesson, target)
        report.laid.append(stem)
        return

    mine, newest = read(target), marks_of(lesson)
    laid = {} if mine is None else marks_of(mine)
    if mine is None or sources_of(mine) != laid.get("edition"):
        report.kept.append(stem)
        _lay_beside(stem, lesson, mine, desk, report)
    elif laid.get("content") != newest["content"]:
        _write(lesson, target)
        report.refreshed.append(stem)
    else:
        report.same.append(stem)


def reset(lesson, notebooks=None, desk=None):
    """Set the learner's copy of a lesson aside, and lay a fresh one.

    Args:
        lesson: `2`, `02`, `interest_clusters`, `02_interest_clusters` or the file's name.

    Returns:
        A sentence that says where the old copy is.

    Raises:
        WorkbookError: if there is no such lesson, or the desk cannot be written.
    """
    notebooks, desk = Path(notebooks or places.notebooks()), Path(desk or places.desk())
    stem = places.find_stem(lesson, notebooks)
    source = fresh(notebooks / f"{stem}.ipynb")
    if source is None:
        raise WorkbookError(
            f"The lesson notebooks/{stem}.ipynb cannot be read: type  git checkout notebooks/{stem}.ipynb"
        )
    with _writing(desk):
        desk.mkdir(parents=True, exist_ok=True)
        target = desk / f"{stem}.ipynb"
        if not os.path.lexists(target):
            _write(source, target)
            return f"A fresh {stem} lies on your desk; there was no copy to set aside."
        aside = _free_name(desk, f"{stem}.aside-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        os.rename(target, aside)
        _write(source, target)
    return f"A fresh {stem} lies on your desk; your copy is kept beside it as {aside.name}."


def fresh(path):
    """The lesson at `path` as a learner first sees it, with its marks; None if it cannot be read."""
    notebook = copy.deepcopy(read(path))
    if notebook is None:
        return None
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell.get("metadata", {}).pop("execution", None)
    metadata = notebook.setdefault("metadata", {})
    metadata.pop("widgets", None)  # the state of widgets is an output
    text = json.dumps(notebook, sort_keys=True, ensure_ascii=False)
    marks = {"edition": sources_of(notebook), "content": _hash(text)}
    metadata["interestkit"] = {**metadata.get("interestkit", {}), **marks}
    metadata["language_info"] = {**THIS_PYTHON}
    return notebook


def read(path):
    """The notebook at `path`, or None if it is no notebook that can be read."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        sources_of(notebook)
        marks_of(notebook)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return notebook


def sources_of(notebook):
    """A hash of what the cells say: kinds and sources, without the empty cells that running adds.

    JupyterLab may store a source as one text or as a list of lines: both are the same here.
    """
    cells = ((cell["cell_type"], _text(cell["source"])) for cell in notebook["cells"])
    return _hash(json.dumps([[kind, text] for kind, text in cells if text.strip()]))


def _text(source):
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n")


def marks_of(notebook):
    """The hashes that a copy was laid with: {"edition": …, "content": …}, or fewer."""
    return dict(notebook.get("metadata", {}).get("interestkit", {}))


def _hash(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _lay_beside(stem, lesson, mine, desk, report):
    """Lay a newer edition beside the learner's copy, once; a file that is there already stays."""
    edition = marks_of(lesson)["edition"]
    if mine is not None and edition in (marks_of(mine).get("edition"), sources_of(mine)):
        return
    beside = desk / f"{stem}.edition-{edition[:7]}.ipynb"
    if os.path.lexists(beside):
        return
    _write(lesson, beside)
    report.beside[stem] = beside.name
    if mine is None:
        report.notes.append(
            f"Your {stem}.ipynb cannot be read: it is kept, and a fresh copy lies beside it as {beside.name}."
        )
    else:
        report.notes.append(
            f"You have worked in {stem}, so it is kept; its newer edition lies beside it as {beside.name}."
        )


def _free_name(desk, stem):
    """A path in `desk` that no file has: `<stem>.ipynb`, `<stem>-2.ipynb`, …"""
    path, n = desk / f"{stem}.ipynb", 1
    while os.path.lexists(path):
        n += 1
        path = desk / f"{stem}-{n}.ipynb"
    return path


def _write(notebook, path):
    """Write all of a notebook or nothing: a kill at any moment leaves the old file or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            json.dump(notebook, file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextlib.contextmanager
def _writing(desk):
    """Turn a refusal of the file system into one sentence."""
    try:
        yield
    except OSError as error:
        raise WorkbookError(
            f"Your desk {desk} cannot be written ({error.strerror or error}): mend that, or name "
            "another folder in INTERESTKIT_DESK."
        ) from error
