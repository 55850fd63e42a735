"""Rules that every notebook keeps: how one is written, and those on cells and what they store.

A rule is a function of a `Lesson` that yields (cell, what is wrong). notebook_text.py has the
rules on prose and links, notebook_code.py those on code. Nothing here runs a notebook.
"""

import copy
import json
import re
import warnings
from functools import cached_property
from pathlib import Path

import nbformat
import nbformat.v4

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("notebooks", "solutions")
MAX_CELLS, MAX_LINES, MAX_BYTES = 70, 30, 200_000

RULES = {"hygiene": {}, "budget": {}}


def rule(function, group="hygiene"):
    """Register a rule."""
    RULES[group][function.__name__] = function
    return function


def budget(function):
    """Register a rule on size."""
    return rule(function, "budget")


class Lesson:
    """A notebook as its rules see it.

    Attributes:
        path: its file; links and its name are judged by where it lies.
        nb: what the file holds, as it is (neither validated nor repaired).
    """

    def __init__(self, path):
        self.path = Path(path)
        self.nb = nbformat.v4.reads(self.path.read_text(encoding="utf-8"))

    @property
    def stem(self):
        return self.path.stem

    @property
    def is_solution(self):
        return self.path.parent.name == "solutions"

    @property
    def cells(self):
        return self.nb.cells

    @cached_property
    def code(self):
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @cached_property
    def prose(self):
        return [cell for cell in self.cells if cell.cell_type == "markdown"]


def notebooks():
    """All notebooks that must keep the rules."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.ipynb"))


def name_of(path):
    return f"{path.parent.name}/{path.name}"


def findings(path, group, only=None):
    """What a notebook does against the rules of a group, in sentences that name notebook and cell.

    Args:
        path: the notebook.
        group: "hygiene" or "budget".
        only: the name of a rule, to ask for that one.
    """
    lesson = Lesson(path)
    return [
        f"{name_of(lesson.path)}, {'cell ' + cell.get('id', '?') if cell else 'as a whole'}: {what} ({name})"
        for name, check in RULES[group].items()
        if only in (None, name)
        for cell, what in check(lesson)
    ]


def mark(cell):
    """The workbook's own metadata of a cell."""
    return cell.metadata.get("interestkit", {})


def tags(cell):
    return set(cell.metadata.get("tags", ()))


WIDGET = "application/vnd.jupyter.widget-view+json"


def words(output):
    """All text of an output that a reader may see, without image data and colour codes."""
    parts = [output.get("text", ""), output.get("ename", ""), output.get("evalue", ""), *output.get("traceback", ())]
    for mime, data in output.get("data", {}).items():
        if not mime.startswith("image/") and mime != WIDGET:  # a picture, or the address of a widget: chance
            parts.append(data if isinstance(data, str) else json.dumps(data))
    text = re.sub(r"data:image/[^\"')\s]+", "", "\n".join(parts))
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


# --- the file ---


@rule
def is_valid(lesson):
    """It is a notebook of format 4.5, named as a lesson."""
    if (lesson.nb.nbformat, lesson.nb.nbformat_minor) != (4, 5):
        yield None, f"is of format {lesson.nb.nbformat}.{lesson.nb.nbformat_minor}, not 4.5"
    try:
        with warnings.catch_warnings(action="ignore"):  # it repairs ids and says so; there is a rule for those
            nbformat.validate(copy.deepcopy(lesson.nb))
    except nbformat.ValidationError as error:
        yield None, f"is no valid notebook: {str(error).splitlines()[0]}"
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", lesson.stem):
        yield None, "is not named as a lesson: two digits, an underscore, small letters"


@rule
def kernel_is_python3(lesson):
    name = lesson.nb.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield None, f"has the kernel {name!r}, not 'python3'"


@rule
def ids_are_unique_and_stable(lesson):
    """Ids are words that someone chose: a random one changes with every rebuild."""
    seen = set()
    for cell in lesson.cells:
        id = cell.get("id", "")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", id):
            yield cell, "has an id that is not of small letters, digits and hyphens"
        if re.fullmatch(r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?|[0-9a-f]{32}", id):
            yield cell, "has a random id: choose a word"
        if id in seen:
            yield cell, "has the id of an earlier cell"
        seen.add(id)


@rule
def no_execution_times(lesson):
    for cell in lesson.cells:
        if "execution" in cell.metadata or "ExecuteTime" in cell.metadata:
            yield cell, "stores when it was run"


# --- what was run ---


@rule
def counts_run_from_1(lesson):
    for expected, cell in enumerate(lesson.code, start=1):
        if cell.execution_count != expected:
            yield cell, f"has the count {cell.execution_count} where {expected} is due: run all, from a fresh kernel"
            return


@rule
def no_empty_cells(lesson):
    for cell in lesson.cells:
        if not cell.source.strip():
            yield cell, "is empty"


@rule
def errors_are_expected(lesson):
    """A cell fails if, and only if, it is tagged raises-exception."""
    for cell in lesson.code:
        raised = [output.ename for output in cell.outputs if output.output_type == "error"]
        expected = tags(cell) & {"raises-exception", "nbval-raises-exception"}
        if raised and not expected:
            yield cell, f"stores the error {raised[0]} and is not tagged raises-exception"
        if expected and not raised:
            yield cell, "is tagged raises-exception and stores no error"


@rule
def nothing_on_stderr(lesson):
    for cell in lesson.code:
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield cell, f"stores text on stderr: {output.text.strip()[:80]}"


@rule
def no_addresses(lesson):
    for cell in lesson.code:
        for found in re.findall(r"\b0x[0-9a-fA-F]{6,}", "\n".join(map(words, cell.outputs))):
            yield cell, f"stores the address {found}"


_TOPS = "home|root|tmp|Users|usr|work|workspace|opt|mnt|media|var|srv|private|Volumes|nix|content|builds?"
_PATHS = re.compile(rf"(?<![\w.~/:])/(?:{_TOPS})/\S+|file:///\S*|\b[A-Z]:\\\S+")


@rule
def no_absolute_paths(lesson):
    here = [str(ROOT), str(Path.home()) + "/"]
    for cell in lesson.cells:
        text = "\n".join([cell.source, json.dumps(cell.metadata), *map(words, cell.get("outputs", ()))])
        for found in sorted({*_PATHS.findall(text), *(path for path in here if path in text)}):
            yield cell, f"has the path {found}, which no other machine has"


@rule
def most_outputs_are_compared(lesson):
    """At least nine in ten of the cells with output, and none is skipped; tags say so, not comments."""
    shown = [cell for cell in lesson.code if cell.outputs]
    ignored = [cell for cell in shown if tags(cell) & {"nbval-ignore-output", "pytest-validate-ignore-output"}]
    if 10 * len(ignored) > len(shown):
        yield ignored[-1], f"is one of {len(ignored)} cells, of {len(shown)}, whose output is not compared"
    for cell in lesson.code:
        if "nbval-skip" in tags(cell):
            yield cell, "is never run by the tests (nbval-skip)"
        if found := re.search(r"^\s*#+\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)\s*$", cell.source, re.M):
            yield cell, f"says {found[1]} in a comment: tag the cell instead"


# --- sizes ---


@budget
def few_cells(lesson):
    if len(lesson.cells) > MAX_CELLS:
        yield None, f"has {len(lesson.cells)} cells; {MAX_CELLS} are the limit"


@budget
def short_code_cells(lesson):
    for cell in lesson.code:
        lines = len(cell.source.splitlines())
        if lines > MAX_LINES:
            yield cell, f"has {lines} lines; {MAX_LINES} are the limit"


@budget
def small_outputs(lesson):
    for cell in lesson.code:
        for output in cell.outputs:
            size = len(json.dumps(output, ensure_ascii=False).encode())
            if size > MAX_BYTES:
                yield cell, f"has an output of {size / 1000:.0f} kB; {MAX_BYTES / 1000:.0f} are the limit"
