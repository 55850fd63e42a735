"""Interview questions, read out of the notebooks: a question cell is the only copy of its question.

Nothing here imports a notebook library: a notebook is read as the JSON that it is.
"""

import ast
import json
import re
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from interestkit.workbook import places
from interestkit.workbook.errors import WorkbookError

LEVELS = ("junior", "mid", "senior")

# Minutes to answer aloud and read the answer, by kind. A design prompt is meant for its outline;
# worked out in full it is a mock of 45 minutes.
MINUTES = {"concept": 2, "estimate": 3, "debug": 3, "derive": 4, "design": 6}

# The parts of an answer: field, label as it stands in the cell, and whether it is a list.
PARTS = (
    ("short", "In 30 seconds.", False),
    ("full", "In full.", False),
    ("strong", "A strong answer", True),
    ("weak", "A weak answer", True),
    ("follow_ups", "They may go on to ask", True),
)

_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_HEADING = re.compile(r"### (?P<title>.+) · (?P<zh>[^·]*[\u3400-\u9fff][^·]*)")
_DETAILS = re.compile(r"<details>\s*<summary>Answer</summary>\s*\n\s*\n(?P<answer>.+)</details>", re.DOTALL)
_FOLLOW_UP = re.compile(r"(?P<question>.+?[?？.!])\s+\((?P<answer>.+)\)\.?", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """One interview question with its answer.

    Attributes:
        id: `"dp.epsilon"`; unique in the workbook.
        theme: the stem of its lesson.
        level: `"junior"`, `"mid"` or `"senior"`.
        kind: one of `MINUTES`.
        claims: ids of the claims, in the same notebook, that show its answer.
        title, title_zh: the question, and its term in Chinese.
        short: an answer of 30 seconds; full: with a number or an example, and when not. Markdown.
        strong, weak: what a strong and a weak answer say, point by point.
        follow_ups: pairs of a question and its answer.
    """

    id: str
    theme: str
    level: str
    kind: str
    claims: tuple
    title: str
    title_zh: str
    short: str
    full: str
    strong: tuple
    weak: tuple
    follow_ups: tuple

    @property
    def minutes(self):
        """Minutes to answer it aloud and to read the answer."""
        return MINUTES[self.kind]


def questions_of(stem, folder=None):
    """The questions of one lesson, in the order of its notebook.

    Raises:
        WorkbookError: if a question cell is malformed; it names the notebook and the cell.
    """
    path = Path(folder or places.notebooks()) / f"{stem}.ipynb"
    cells = [cell for cell in _cells(path) if "question" in _marks(cell)]
    questions = [_question(cell, stem, f"{path.name}, cell {cell.get('id')!r}") for cell in cells]
    _refuse_same_ids(questions)
    return questions


def all_questions(folder=None):
    """The questions of all lessons, in order."""
    questions = [question for stem in places.lesson_stems(folder) for question in questions_of(stem, folder)]
    _refuse_same_ids(questions)
    return questions


# Reading a cell -----------------------------------------------------------------------


def _cells(path):
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise WorkbookError(
            f"There is no notebook {Path(path).name}: see which there are with `ls notebooks`."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise WorkbookError(
            f"The notebook {Path(path).name} cannot be read: bring it back with `git checkout -- notebooks`."
        ) from None
    return cells


def _source(cell):
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _marks(cell):
    marks = cell.get("metadata", {}).get("interestkit", {})
    return marks if isinstance(marks, dict) else {}


def _question(cell, stem, where):
    """The `Question` of a cell; `where` names notebook and cell in a refusal."""
    marks = _marks(cell)
    name, level, kind, claims = (marks.get(key) for key in ("question", "level", "kind", "claims"))
    if cell.get("cell_type") != "markdown":
        raise WorkbookError(f"The question in {where} stands in a code cell: make it a Markdown cell.")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise WorkbookError(f"The question in {where} has the id {name!r}: write one like 'dp.epsilon'.")
    if level not in LEVELS:
        raise WorkbookError(f"The question in {where} has the level {level!r}: write one of {', '.join(LEVELS)}.")
    if kind not in MINUTES:
        raise WorkbookError(f"The question in {where} has the kind {kind!r}: write one of {', '.join(MINUTES)}.")
    if not isinstance(claims, list) or not all(isinstance(claim, str) for claim in claims):
        raise WorkbookError(f'The claims of the question in {where} are no list of ids: write ["dp.odds"] or [].')
    if not claims and kind != "design":
        raise WorkbookError(f"The question in {where} names no claim: name the one that shows its answer.")
    title, title_zh, answer = _title_and_answer(_source(cell).strip(), where)
    parts = _parts(answer, where)
    follow_ups = tuple(_follow_up(item, where) for item in parts.pop("follow_ups"))
    return Question(name, stem, level, kind, tuple(claims), title, title_zh, **parts, follow_ups=follow_ups)


def _title_and_answer(source, where):
    heading, _, rest = source.partition("\n")
    if not heading.startswith("### "):
        raise WorkbookError(
            f"The question in {where} has no heading: begin with `### the question · the Chinese term`."
        )
    match = _HEADING.fullmatch(heading.strip())
    if not match:
        raise WorkbookError(f"The heading in {where} has no Chinese term: end it with ` · ` and the term.")
    details = _DETAILS.fullmatch(rest.strip())
    if not details or not details["answer"].strip():
        raise WorkbookError(
            f"The question in {where} has no answer: write it between `<details><summary>Answer</summary>`, "
            "an empty line, and `</details>`, with nothing after it."
        )
    return match["title"].strip(), match["zh"].strip(), details["answer"].strip()


def _parts(answer, where):
    """The parts of an answer by field: text, or a tuple of the items of its list."""
    parts, starts = {}, {}
    for field, label, _ in PARTS:
        found = [match.start() for match in re.finditer(rf"^\*\*{re.escape(label)}\*\*", answer, re.MULTILINE)]
        if len(found) != 1:
            raise WorkbookError(f"The answer in {where} has {len(found)} parts `**{label}**`: write one.")
        starts[field] = found[0]
    if min(starts.values()) > 0:
        raise WorkbookError(f"The answer in {where} does not begin with `**{PARTS[0][1]}**`: begin with it.")
    for field, label, is_list in PARTS:
        start = starts[field]
        end = min((other for other in starts.values() if other > start), default=len(answer))
        if start and not answer[:start].endswith("\n\n"):
            raise WorkbookError(
                f"In {where}, Markdown glues `**{label}**` to the line above: put an empty line between."
            )
        text = answer[start + len(f"**{label}**") : end].strip()
        parts[field] = _items(text) if is_list else text
        if not parts[field] and is_list:
            raise WorkbookError(f"The part `**{label}**` in {where} has no points: write a list, each behind `- `.")
        if not parts[field]:
            raise WorkbookError(f"The part `**{label}**` in {where} is empty: write a few sentences.")
    return parts


def _items(text):
    """The items of a Markdown list, each on one line; none if it is no list."""
    items = []
    for line in text.splitlines():
        if line.startswith(("- ", "* ")):
            items.append(line[2:].strip())
        elif items:
            items[-1] = f"{items[-1]} {line.strip()}".strip()
        elif line.strip():
            return ()
    return tuple(items) if all(items) else ()


def _follow_up(item, where):
    match = _FOLLOW_UP.fullmatch(item)
    if not match:
        raise WorkbookError(f"In {where}, the follow-up {item!r} has no answer: end it with the answer in parentheses.")
    return match["question"].strip(), match["answer"].strip()


def _refuse_same_ids(questions):
    seen = {}
    for question in questions:
        if question.id in seen:
            raise WorkbookError(
                f"Two questions have the id {question.id!r}, {seen[question.id].title!r} in "
                f"{seen[question.id].theme}.ipynb and {question.title!r} in {question.theme}.ipynb: rename one."
            )
        seen[question.id] = question


# Holding questions to their notebook --------------------------------------------------


def claims_in(notebook):
    """Ids of the claims that a notebook's code cells make: `claim("…", …)` with the id written out."""
    found = set()
    for cell in _cells(notebook):
        if cell.get("cell_type") == "code":
            try:
                tree = ast.parse(_source(cell))
            except SyntaxError:
                name = Path(notebook).name
                raise WorkbookError(f"The code in {name}, cell {cell.get('id')!r}, does not parse: mend it.") from None
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "claim" and node.args:
                    if isinstance(node.args[0], ast.Constant):
                        found.add(node.args[0].value)
    return found


def missing_claims(notebook):
    """Pairs of a question's id and a claim that it names and its notebook does not make.

    Args:
        notebook: the path of a notebook.
    """
    notebook = Path(notebook)
    made = claims_in(notebook)
    questions = questions_of(notebook.stem, notebook.parent)
    return [(question.id, claim) for question in questions for claim in question.claims if claim not in made]


# Near duplicates ----------------------------------------------------------------------

_STOP_WORDS = frozenset(
    "a an and are as at be but by can do does for from has have how if in into is it its may not of on one only or so "
    "than that the their then there they this to was we what when where which who why will with you your".split()
)


def similarity(one, other):
    """How alike two questions are, from 0 to 1: the larger of the similarities of what is asked and what is answered.

    Each is a Jaccard index (what both have over what either has) of the words and the pairs of neighbouring
    words: of the two headings, and of the two short answers. A plural s and the most common words are left out.
    """
    return max(
        _jaccard(_shingles(one.title), _shingles(other.title)),
        _jaccard(_shingles(one.short), _shingles(other.short)),
    )


def near_duplicates(questions, threshold=0.4):
    """Pairs of questions at least `threshold` alike, the most alike first."""
    pairs = [(similarity(one, other), one, other) for one, other in combinations(questions, 2)]
    alike = sorted((pair for pair in pairs if pair[0] >= threshold), key=lambda pair: -pair[0])
    return [(one, other) for _, one, other in alike]


def _words(text):
    words = re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", text.casefold())
    return [word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in words if word not in _STOP_WORDS]


def _shingles(text):
    words = _words(text)
    return {*words, *zip(words, words[1:], strict=False)}


def _jaccard(one, other):
    return len(one & other) / len(one | other) if one | other else 0.0
