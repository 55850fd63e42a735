"""A lesson stays small enough to be read: cells, lines, outputs. Time and memory: `make bench`."""

import notebook_rules
import pytest
import tiny
from test_hygiene import lesson, save


@pytest.mark.parametrize("path", notebook_rules.notebooks(), ids=notebook_rules.name_of)
def test_notebook_keeps_the_budget(path):
    found = notebook_rules.findings(path, "budget")
    assert not found, "\n".join(found)


def with_cells(count):
    cells = lesson()
    return {**cells, **{f"more-{i}": tiny.text("More.") for i in range(count - len(cells))}}


CASES = [
    ("few_cells", with_cells(70), 0, ""),
    ("few_cells", with_cells(71), 1, "as a whole: has 71 cells; 70 are the limit"),
    ("short_code_cells", {"a": tiny.code("\n".join(["x = 1"] * 30))}, 0, ""),
    ("short_code_cells", {"a": tiny.code("\n".join(["x = 1"] * 31))}, 1, "cell a: has 31 lines; 30 are the limit"),
    ("short_code_cells", {"a": tiny.text("\n".join(["More."] * 31))}, 0, ""),
    ("small_outputs", {"a": tiny.code("f()", "x" * 199_000, "y" * 199_000)}, 0, ""),
    ("small_outputs", {"a": tiny.code("f()", "x" * 201_000)}, 1, "cell a: has an output of 201 kB; 200 are the limit"),
    ("small_outputs", {"a": tiny.code("f()", tiny.picture("a line", "A" * 201_000))}, 1, "an output of 201 kB"),
    ("small_outputs", {"a": tiny.code("f()", "猫" * 70_000)}, 1, "an output of 210 kB"),
]


@pytest.mark.parametrize("rule, cells, count, words", CASES)
def test_a_budget_can_be_exceeded(tmp_path, rule, cells, count, words):
    found = notebook_rules.findings(save(tmp_path, cells), "budget", rule)
    assert len(found) == count
    assert all(words in line for line in found)


def test_every_budget_is_shown_to_be_exceeded():
    assert {rule for rule, _, count, _ in CASES if count} == set(notebook_rules.RULES["budget"])
