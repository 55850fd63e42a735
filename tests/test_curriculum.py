"""The curriculum: the lessons in their order, the map, and what answers each item of the source article.

`seed_coverage.json` lists the items of the article that the workbook set out to answer. An item
of a lesson that does not exist yet stands as planned; once the lesson exists, the item needs a
question, a claim or an exercise in it.
"""

import json
import re
from pathlib import Path

import pytest
from tiny import code, notebook, text

from interestkit.workbook import places
from interestkit.workbook.questions import claims_in

COVERAGE = json.loads((Path(__file__).parent / "seed_coverage.json").read_text(encoding="utf-8"))
STEMS = list(COVERAGE["lessons"])


def marks(path):
    """Pairs of a cell and its `interestkit` metadata."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell, cell["metadata"].get("interestkit", {})) for cell in cells]


def answers_in(path):
    """Ids of the questions, exercises and claims of a notebook."""
    named = {mark[key] for _, mark in marks(path) for key in ("question", "exercise") if key in mark}
    return named | claims_in(path)


def waiting(lesson):
    """A lesson and the one that it waits for, as of "12_exploring_a_shop after 08_language_and_interest"."""
    stem, _, first = lesson.partition(" after ")
    return stem, first or None


def uncovered(items, folder):
    """What the items lack, a sentence each, given the lessons that exist in a folder."""
    existing = {stem: answers_in(folder / f"{stem}.ipynb") for stem in places.lesson_stems(folder)}
    for item in items:
        name, answers = item["id"], set(item["answers"])
        lessons = dict(map(waiting, item["lessons"]))
        for stem, first in lessons.items():
            for unknown in {stem, first} - {*STEMS, None}:
                yield f"{name} names the lesson {unknown}, which the curriculum does not have"
            if {stem, first} - {None} <= existing.keys() and not answers & existing[stem]:
                yield f"{name} has no answer in {stem}: name a question, claim or exercise there for: {item['item']}"
        there = set().union(*(existing.get(stem, ()) for stem in lessons))
        for answer in sorted(answers - there):
            yield f"{name} is answered by {answer}, which none of its lessons has"


def astray(path, existing):
    """What is wrong with the map of lessons in a notebook, a sentence each."""
    cells = [cell for cell, mark in marks(path) if mark.get("map")]
    if len(cells) != 1 or cells[0]["cell_type"] != "markdown":
        yield f"{len(cells)} cells are marked as the map; it is one Markdown cell"
        return
    lines = "".join(cells[0]["source"]).splitlines()
    last = -1
    for stem in STEMS:
        found = [number for number, line in enumerate(lines) if re.search(rf"\b{stem}\b", line)]
        if len(found) != 1:
            yield f"{stem} stands on {len(found)} lines of the map"
            continue
        if found[0] <= last:
            yield f"{stem} is out of order"
        last = found[0]
        linked = f"]({stem}.ipynb)" in lines[last]
        planned = "planned" in lines[last].lower()
        if stem in existing and (not linked or planned):
            yield f"{stem} exists: link it, without 'planned'"
        if stem not in existing and (linked or not planned):
            yield f"{stem} does not exist yet: no link, and 'planned'"


# The curriculum -----------------------------------------------------------------------


def test_there_are_21_lessons_numbered_in_order_each_with_its_question():
    assert [stem[:3] for stem in STEMS] == [f"{number:02d}_" for number in range(21)]
    assert all(places.STEM.fullmatch(stem) for stem in STEMS)
    assert all(COVERAGE["lessons"].values())


def test_every_lesson_that_exists_is_of_the_curriculum():
    assert set(places.lesson_stems()) <= set(STEMS)


def test_the_items_are_well_formed_and_every_place_of_the_article_has_some():
    items = COVERAGE["items"]
    assert all(list(item) == ["id", "place", "item", "lessons", "answers"] for item in items)
    assert all(item["lessons"] for item in items)
    assert len({item["id"] for item in items}) == len({item["item"] for item in items}) == len(items) == 88
    assert {item["place"] for item in items} == set(COVERAGE["places"])
    named = {waiting(lesson)[0] for item in items for lesson in item["lessons"]}
    assert set(STEMS) - named == {"00_start_here", "13_off_policy", "20_mock_interview"}


def test_every_item_of_a_lesson_that_exists_is_answered():
    assert list(uncovered(COVERAGE["items"], places.notebooks())) == []


def test_the_map_names_every_lesson_links_those_that_exist_and_marks_the_rest():
    assert list(astray(places.notebooks() / "00_start_here.ipynb", places.lesson_stems())) == []


# That the tests above find what they look for -----------------------------------------


@pytest.fixture
def folder(tmp_path):
    """One lesson with a question, an exercise and a claim; another with a claim."""
    lessons = {
        "02_interest_clusters": [
            text("### …", question="kmeans.stops"),
            text("…", exercise="clusters.assign", role="statement"),
            code('claim("kmeans.falls", True, "it falls")'),
        ],
        "03_interest_predictor": [code('claim("mlp.learns", True, "it learns")')],
    }
    for stem, cells in lessons.items():
        (tmp_path / f"{stem}.ipynb").write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return tmp_path


def item(*answers, lessons=("02_interest_clusters",)):
    return {"id": "x", "item": "the thing", "lessons": list(lessons), "answers": list(answers)}


BOTH = ("02_interest_clusters", "03_interest_predictor")
PARTLY = ("02_interest_clusters", "04_honest_evaluation")


@pytest.mark.parametrize(
    "fine",
    [
        item("kmeans.stops"),
        item("clusters.assign"),
        item("kmeans.falls", "kmeans.stops"),
        item("kmeans.stops", "mlp.learns", lessons=BOTH),
        item("kmeans.stops", lessons=PARTLY),
        item(lessons=["04_honest_evaluation", "05_similar_items"]),
        item(lessons=["02_interest_clusters after 08_language_and_interest"]),
        item("kmeans.stops", lessons=["02_interest_clusters after 03_interest_predictor"]),
    ],
    ids=["question", "exercise", "claim", "both lessons", "one lesson to come", "all to come", "waits", "waited"],
)
def test_an_item_that_is_answered_or_planned_passes(folder, fine):
    assert list(uncovered([fine], folder)) == []


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (item(), "x has no answer in 02_interest_clusters: name a question, claim or exercise there for: the thing"),
        (item("kmeans.stops", lessons=BOTH), "x has no answer in 03_interest_predictor"),
        (item(lessons=PARTLY), "x has no answer in 02_interest_clusters"),
        (item("kmeans.stops", "kmeans.ends"), "x is answered by kmeans.ends, which none of its lessons has"),
        (item("kmeans.stops", "mlp.learns"), "x is answered by mlp.learns, which none of its lessons has"),
        (item("later.claim", lessons=["04_honest_evaluation"]), "x is answered by later.claim"),
        (item("kmeans.stops", lessons=["02_interest_clusters", "02_clusters"]), "x names the lesson 02_clusters"),
        (item("kmeans.stops", lessons=["02_interest_clusters after 08"]), "x names the lesson 08"),
        (item(lessons=["02_interest_clusters after 03_interest_predictor"]), "x has no answer in 02_interest_clusters"),
    ],
    ids=["none", "one lesson", "lesson to come", "unknown", "elsewhere", "too early", "no lesson", "no such", "waited"],
)
def test_an_item_that_is_not_answered_fails(folder, bad, says):
    (sentence,) = uncovered([bad], folder)
    assert sentence.startswith(says)


EXISTING = STEMS[:3]
MAP = "\n".join(
    f"| [{stem}]({stem}.ipynb) | a question |" if stem in EXISTING else f"| {stem} *(planned)* | a question |"
    for stem in STEMS
)


def mapped(folder, source, *more):
    path = folder / "00_start_here.ipynb"
    path.write_text(json.dumps(notebook(text("# Welcome"), text(source, map=True), *more)), encoding="utf-8")
    return list(astray(path, EXISTING))


def test_a_good_map_passes(tmp_path):
    assert mapped(tmp_path, MAP) == []


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("| 05_similar_items *(planned)* | a question |\n", "", ["05_similar_items stands on 0 lines of the map"]),
        ("05_similar_items", "06_ranking", ["05_similar_items stands on 0", "06_ranking stands on 2"]),
        ("[02_interest_clusters](02_interest_clusters.ipynb)", "02_interest_clusters", ["02_interest_clusters exists"]),
        ("(01_traces_to_interest.ipynb)", "(../01_traces_to_interest.ipynb)", ["01_traces_to_interest exists"]),
        ("(02_interest_clusters.ipynb)", "(02_interest_clusters.ipynb) (planned)", ["02_interest_clusters exists"]),
        ("| 13_off_policy *(planned)*", "| 13_off_policy", ["13_off_policy does not exist yet"]),
        ("| 13_off_policy *", "| [13_off_policy](13_off_policy.ipynb) *", ["13_off_policy does not exist yet"]),
    ],
    ids=["missing", "twice", "no link", "wrong link", "planned", "unmarked", "dead link"],
)
def test_a_bad_map_fails(tmp_path, old, new, faults):
    assert MAP.count(old) == 1
    sentences = mapped(tmp_path, MAP.replace(old, new))
    assert len(sentences) == len(faults)
    assert all(sentence.startswith(fault) for sentence, fault in zip(sentences, faults, strict=True))


def test_a_map_out_of_order_fails(tmp_path):
    lines = MAP.splitlines()
    lines[8], lines[9] = lines[9], lines[8]
    assert mapped(tmp_path, "\n".join(lines)) == ["09_sequences_and_attention is out of order"]


def test_two_maps_or_none_fail(tmp_path):
    assert len(mapped(tmp_path, MAP, text(MAP, map=True))) == 1
    (tmp_path / "00_start_here.ipynb").write_text(json.dumps(notebook(text(MAP))), encoding="utf-8")
    assert len(list(astray(tmp_path / "00_start_here.ipynb", EXISTING))) == 1
