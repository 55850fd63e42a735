"""Question cells: how they are read, what is refused, and what holds for the questions of the lessons."""

import dataclasses
import json
import re
import sys
from collections import Counter

import pytest
from tiny import code, notebook, text

from interestkit.workbook import places
from interestkit.workbook.errors import WorkbookError
from interestkit.workbook.questions import (
    MINUTES,
    Question,
    all_questions,
    claims_in,
    missing_claims,
    near_duplicates,
    questions_of,
    similarity,
)

LESSON = "02_interest_clusters"
CELL = """### Why does k-means stop? · K-means 为何停止

<details><summary>Answer</summary>

**In 30 seconds.** Each step can only lower the objective, and there are finitely many assignments.

**In full.** With 6 points and 2 centers there are 64 assignments.
It is *not* a promise of the best one.

**A strong answer**

- says that both steps lower the same objective
- says that the end
  is a local minimum

**A weak answer**

- "it converges"

**They may go on to ask**

- Can it cycle? (No, not with ties broken by the lower index (n, k).)
- How many steps? (Few in practice: 10 to 30.)

</details>"""
MARKS = {"question": "kmeans.stops", "level": "mid", "kind": "derive", "claims": ["kmeans.falls"]}


def write(folder, *cells, stem=LESSON):
    folder.mkdir(exist_ok=True)
    (folder / f"{stem}.ipynb").write_text(json.dumps(notebook(*cells)), encoding="utf-8")


def cell(source=CELL, id="q-stops", **marks):
    return text(source, id, **{**MARKS, **marks})


def read(tmp_path, *cells):
    write(tmp_path, *(cells or [cell()]))
    return questions_of(LESSON, tmp_path)


# Reading ------------------------------------------------------------------------------


def test_a_question_cell_is_read_whole(tmp_path):
    assert read(tmp_path, text("## Why stop?"), cell(), "x = 1") == [
        Question(
            id="kmeans.stops",
            theme=LESSON,
            level="mid",
            kind="derive",
            claims=("kmeans.falls",),
            title="Why does k-means stop?",
            title_zh="K-means 为何停止",
            short="Each step can only lower the objective, and there are finitely many assignments.",
            full="With 6 points and 2 centers there are 64 assignments.\nIt is *not* a promise of the best one.",
            strong=("says that both steps lower the same objective", "says that the end is a local minimum"),
            weak=('"it converges"',),
            follow_ups=(
                ("Can it cycle?", "No, not with ties broken by the lower index (n, k)."),
                ("How many steps?", "Few in practice: 10 to 30."),
            ),
        )
    ]


def test_questions_are_frozen_and_have_minutes_by_kind(tmp_path):
    for kind, minutes in MINUTES.items():
        (question,) = read(tmp_path, cell(kind=kind))
        assert question.minutes == minutes > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.level = "junior"


def test_a_source_stored_as_lines_reads_the_same(tmp_path):
    expected = read(tmp_path)
    path = tmp_path / f"{LESSON}.ipynb"
    nb = json.loads(path.read_text(encoding="utf-8"))
    nb["cells"][0]["source"] = nb["cells"][0]["source"].splitlines(keepends=True)
    path.write_text(json.dumps(nb), encoding="utf-8")
    assert questions_of(LESSON, tmp_path) == expected


def test_a_heading_may_hold_the_dot_itself_and_a_design_prompt_needs_no_claim(tmp_path):
    source = CELL.replace("Why does k-means stop?", "What is a · b?")
    (question,) = read(tmp_path, cell(source, kind="design", claims=[]))
    assert (question.title, question.title_zh) == ("What is a · b?", "K-means 为何停止")
    assert question.claims == ()


def test_all_questions_come_in_the_order_of_lessons_and_cells(tmp_path):
    write(tmp_path, cell(question="ts.a"), cell(question="ts.b", id="two"), stem="11_explore_exploit")
    write(tmp_path, cell(), stem=LESSON)
    write(tmp_path, cell(), stem="02_interest_clusters.edition-2")
    assert [(q.theme, q.id) for q in all_questions(tmp_path)] == [
        (LESSON, "kmeans.stops"),
        ("11_explore_exploit", "ts.a"),
        ("11_explore_exploit", "ts.b"),
    ]


def test_reading_questions_loads_no_notebook_library(tmp_path):
    import subprocess

    program = "import sys, interestkit.workbook.questions; print({'nbformat', 'IPython'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=places.root())
    assert done.stdout == "set()\n"


# Refusing -----------------------------------------------------------------------------

BAD_MARKS = [
    ({"question": 7}, "id 7"),
    ({"question": "Stops"}, "id 'Stops'"),
    ({"level": "expert"}, "level 'expert'"),
    ({"level": None}, "level None"),
    ({"kind": "riddle"}, "kind 'riddle'"),
    ({"claims": "kmeans.falls"}, "no list"),
    ({"claims": None}, "no list"),
    ({"claims": [3]}, "no list"),
    ({"claims": []}, "names no claim"),
]
BAD_SOURCES = [
    ("### Why", "## Why", "no heading"),
    (CELL.partition("\n")[0], "", "no heading"),
    (" · K-means 为何停止", "", "no Chinese term"),
    ("K-means 为何停止", "K-means", "no Chinese term"),
    (CELL[CELL.index("<details>") :], "It falls.", "no answer"),
    (CELL[CELL.index("**In 30") : CELL.index("</details>")], "", "no answer"),
    ("</details>", "", "no answer"),
    ("</summary>\n\n", "</summary>\n", "no answer"),
    ("**In 30 seconds.**", "In short:", "0 parts `**In 30 seconds.**`"),
    ("**In full.**", "", "0 parts `**In full.**`"),
    ("**A strong answer**", "**A good answer**", "0 parts `**A strong answer**`"),
    ("**A weak answer**", "", "0 parts `**A weak answer**`"),
    ("**They may go on to ask**", "", "0 parts `**They may go on to ask**`"),
    ("**A weak answer**", "**In full.**", "2 parts `**In full.**`"),
    ("**In 30 seconds.**", "Well.\n\n**In 30 seconds.**", "does not begin"),
    (" Each step can only lower the objective, and there are finitely many assignments.", "", "is empty"),
    ("- says that both steps lower the same objective\n- says that the end\n  is a local minimum", "", "no points"),
    ("\n\n- says that both", " says that both", "no points"),
    ('- "it converges"', '"it converges"', "no points"),
    ('- "it converges"', '- "it converges"\n- \n- "it stops"', "no points"),
    ('- "it converges"\n\n', '- "it converges"\n', "glues `**They may go on to ask**`"),
    (" (Few in practice: 10 to 30.)", "", "follow-up 'How many steps?' has no answer"),
]


def refusal(folder, *cells):
    with pytest.raises(WorkbookError) as refused:
        read(folder, *cells)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(("marks", "says"), BAD_MARKS, ids=[str(marks) for marks, _ in BAD_MARKS])
def test_malformed_metadata_is_refused_by_notebook_and_cell(tmp_path, marks, says):
    sentence = refusal(tmp_path, cell(**marks))
    assert says in sentence
    assert "02_interest_clusters.ipynb, cell 'q-stops'" in sentence


@pytest.mark.parametrize(("old", "new", "says"), BAD_SOURCES, ids=range(len(BAD_SOURCES)))
def test_a_malformed_cell_is_refused_by_notebook_and_cell(tmp_path, old, new, says):
    assert CELL.count(old) == 1
    sentence = refusal(tmp_path, cell(CELL.replace(old, new)))
    assert says in sentence
    assert "02_interest_clusters.ipynb, cell 'q-stops'" in sentence


def test_a_question_in_a_code_cell_is_refused(tmp_path):
    assert "code cell" in refusal(tmp_path, code("x = 1", id="q-stops", **MARKS))


def test_a_question_twice_is_refused_within_and_across_lessons(tmp_path):
    assert "'kmeans.stops'" in refusal(tmp_path, cell(), cell(id="again"))
    write(tmp_path, cell())
    write(tmp_path, cell(), stem="11_explore_exploit")
    with pytest.raises(WorkbookError, match=r"02_interest_clusters\.ipynb.*11_explore_exploit\.ipynb"):
        all_questions(tmp_path)


def test_a_notebook_that_is_missing_or_no_notebook_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match="no notebook 02_interest_clusters.ipynb"):
        questions_of(LESSON, tmp_path)
    for content in ("{", "[]", '{"nbformat": 4}'):
        (tmp_path / f"{LESSON}.ipynb").write_text(content)
        with pytest.raises(WorkbookError, match="02_interest_clusters.ipynb cannot be read"):
            questions_of(LESSON, tmp_path)


# Claims -------------------------------------------------------------------------------


def test_claims_are_calls_with_the_id_written_out(tmp_path):
    write(
        tmp_path,
        code('claim("a.one", x > 0,\n      "holds")\nif x:\n    claim("a.two", True, "holds")'),
        code('name = "a.three"\nclaim(name, True, "holds")\n# claim("a.four", True, "…")'),
        code("print('claim(\"a.five\", 1)')"),
        text('claim("a.six", True, "in prose")'),
    )
    assert claims_in(tmp_path / f"{LESSON}.ipynb") == {"a.one", "a.two"}


def test_a_claim_that_its_notebook_does_not_make_is_missing(tmp_path):
    write(tmp_path, code('claim("kmeans.falls", True, "it falls")'), cell(claims=["kmeans.falls", "kmeans.ends"]))
    write(tmp_path, code('claim("kmeans.ends", True, "it ends")'), stem="11_explore_exploit")
    assert missing_claims(tmp_path / f"{LESSON}.ipynb") == [("kmeans.stops", "kmeans.ends")]


def test_code_that_does_not_parse_is_refused_by_cell(tmp_path):
    write(tmp_path, code("claim('a.one', True", id="broken"))
    with pytest.raises(WorkbookError, match=r"02_interest_clusters\.ipynb, cell 'broken'"):
        claims_in(tmp_path / f"{LESSON}.ipynb")


# Near duplicates ----------------------------------------------------------------------


def question(title, short):
    return Question("q.x", LESSON, "mid", "concept", (), title, "问", short, "", (), (), ())


SEEDING = question(
    "Why does k-means++ choose its first centers far apart?",
    "Random first centers often fall into the same group, and no later step moves one across. Choosing each with a "
    "probability that grows with its squared distance spreads them out.",
)
ASKED_AGAIN = question(
    "How does k-means++ choose first centers that are far apart?",
    "It takes one point at random, then each next one in proportion to the squared distance from those it has.",
)
ANSWERED_AGAIN = question(
    "What goes wrong with random initialisation?",
    "Random first centers often fall into one group and no later step moves a center across; choosing each with "
    "probability that grows with squared distance spreads them.",
)
ANOTHER = question(
    "Why does k-means prefer groups of the same size?",
    "The objective weighs every point alike, so a large group is cheaper to cut in two than a small one to keep whole. "
    "Look at the counts, and at centers closer together than their groups are wide.",
)


@pytest.mark.parametrize("again", [ASKED_AGAIN, ANSWERED_AGAIN], ids=["asked again", "answered again"])
def test_a_question_asked_or_answered_twice_is_a_near_duplicate(again):
    assert near_duplicates([SEEDING, ANOTHER, again]) == [(SEEDING, again)]


def test_two_questions_on_one_subject_are_no_near_duplicates():
    assert near_duplicates([SEEDING, ANOTHER]) == []
    assert near_duplicates([SEEDING, ANOTHER], threshold=0.05) == [(SEEDING, ANOTHER)]


def test_similarity_is_symmetric_and_from_nothing_to_one():
    assert similarity(SEEDING, SEEDING) == 1
    assert similarity(SEEDING, ANOTHER) == similarity(ANOTHER, SEEDING) < 0.3
    assert similarity(question("Is it?", "It is."), question("Is it?", "Was it?")) == 0


def test_the_most_alike_come_first():
    assert similarity(SEEDING, ANSWERED_AGAIN) < 1
    pairs = near_duplicates([SEEDING, ANSWERED_AGAIN, SEEDING])
    assert pairs == [(SEEDING, SEEDING), (SEEDING, ANSWERED_AGAIN), (ANSWERED_AGAIN, SEEDING)]


# The lessons --------------------------------------------------------------------------

STEMS = places.lesson_stems()


def faults(questions):
    """What is wrong with the answers, beyond their form."""
    for q in questions:
        if len(q.short.split()) > 90:
            yield f"{q.id}: the 30-second answer has {len(q.short.split())} words; 90 can be said"
        if not re.search(r"\d|\bexample\b|\bfor instance\b|\be\.g\.", q.full):
            yield f"{q.id}: the full answer has neither a number nor an example"
        if not re.search(r"\bnot\b", q.full, re.IGNORECASE):
            yield f"{q.id}: the full answer does not say when not"


def too_few(questions):
    """What a lesson's questions lack in number: 7 to 10, at least 2 junior, 3 mid, 2 senior."""
    levels = Counter(q.level for q in questions)
    if not 7 <= len(questions) <= 10:
        yield f"{len(questions)} questions"
    for level, least in {"junior": 2, "mid": 3, "senior": 2}.items():
        if levels[level] < least:
            yield f"{levels[level]} {level}"


def test_faults_are_found():
    good = dataclasses.replace(SEEDING, full="An example. Not for text.")
    assert list(faults([good])) == []
    assert len(list(faults([dataclasses.replace(good, short="word " * 91)]))) == 1
    assert len(list(faults([dataclasses.replace(good, full="Not for text, nothing else.")]))) == 1
    assert len(list(faults([dataclasses.replace(good, full="It is 7; nothing more is known.")]))) == 1


def test_too_few_are_found():
    levels = ["junior"] * 2 + ["mid"] * 3 + ["senior"] * 2
    enough = [dataclasses.replace(SEEDING, level=level) for level in levels]
    assert list(too_few(enough)) == []
    assert list(too_few(enough[1:])) == ["6 questions", "1 junior"]
    assert list(too_few(enough + enough[:2] * 2)) == ["11 questions"]


def test_the_questions_of_all_lessons_parse_and_no_two_are_alike():
    pairs = near_duplicates(all_questions())
    assert not pairs, [f"{one.theme} {one.id} ~ {other.theme} {other.id}" for one, other in pairs]


@pytest.mark.parametrize("stem", STEMS)
def test_the_questions_of_a_lesson(stem):
    questions = questions_of(stem)
    assert missing_claims(places.notebooks() / f"{stem}.ipynb") == []
    assert list(faults(questions)) == []
    if stem != "00_start_here":
        assert list(too_few(questions)) == []


@pytest.mark.parametrize("stem", STEMS)
def test_every_answer_of_a_lesson_belongs_to_a_marked_question(stem):
    nb = json.loads((places.notebooks() / f"{stem}.ipynb").read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        if "**A strong answer**" in "".join(cell["source"]):
            assert cell["metadata"].get("interestkit", {}).get("question"), cell["id"]
