"""Every notebook keeps the rules, and every rule can fail: each has tiny notebooks that break it."""

import copy

import nbformat
import notebook_code  # noqa: F401  registers its rules
import notebook_rules
import notebook_text  # noqa: F401  registers its rules
import pytest
import tiny

OPENING = """\
# Which kinds of shopper are there?

Look before you count.

**After this you can** tell a cluster from a habit.

**Prerequisites** none · **90 minutes**
"""
SETUP = """\
import numpy as np
from interestkit import begin, check, claim, rng, seed, show

begin("01_tiny")"""
STUB = 'def double(x):\n    """Twice x."""\n    ...'
EXERCISE = {"exercise": "tiny.double"}


@pytest.mark.parametrize("path", notebook_rules.notebooks(), ids=notebook_rules.name_of)
def test_notebook_keeps_the_rules(path):
    found = notebook_rules.findings(path, "hygiene")
    assert not found, "\n".join(found)


def lesson(folder="notebooks"):
    """The cells of a tiny lesson that keeps every rule."""
    solved = folder == "solutions"
    return {
        "opening": tiny.text(OPENING),
        "setup": tiny.code(SETUP, "01_tiny is ready.\n", setup=True),
        "question": tiny.text(
            "## How many?\n\nSee [the start](00_start.ipynb#Where-to-go), [the file](../README.md), "
            "[this](#How-many?) and [there](https://example.org/home/x).\n\n"
            "![a map of the lessons](../map.png)\n\n### A detail"
        ),
        "bet": tiny.code("bet = ...   # how many?", bet=True),
        "experiment": tiny.code(
            "def draw(rng):\n    seed = 3\n    return rng.random(seed)[..., None]\n\n"
            "x = draw(rng(7)), draw(rng=rng(8)), np.random.default_rng([seed(3), 1]), dict(random_state=seed(7))\n"
            "y: tuple[int, ...] = (1,)\nprint([seed for seed in y])",
            "3 of 10, a 0x1F and a/home/x\n",
        ),
        "picture": tiny.code("show(fig, alt='a line & a dot')", tiny.picture("a line & a dot")),
        "claim": tiny.code('claim("tiny.three", len(x) == 3, "there are three")', "✔ tiny.three: there are three\n"),
        "statement": tiny.text("### Exercise · Double (5 minutes)", **EXERCISE, role="statement"),
        "stub": tiny.code("def double(x):\n    return 2 * x" if solved else STUB, **EXERCISE, role="stub"),
        "check": tiny.code("check(double)", tiny.result("1.0" if solved else "0.0"), **EXERCISE, role="check"),
        "raise": tiny.code("1 / 0", tiny.error("ZeroDivisionError", "no"), tags=["raises-exception"]),
    }


def save(root, cells, folder="notebooks", stem="01_tiny", change=lambda nb: None):
    (root / folder).mkdir(exist_ok=True)
    (root / "README.md").touch()
    (root / "map.png").touch()
    start = tiny.notebook(tiny.text("# Start\n\n## Where to go"))
    (root / folder / "00_start.ipynb").write_text(nbformat.v4.writes(start), encoding="utf-8")
    for id, cell in cells.items():
        cell.id = cell.id or id
    nb = tiny.notebook(*cells.values())
    change(nb)
    path = root / folder / f"{stem}.ipynb"
    path.write_text(nbformat.v4.writes(nb), encoding="utf-8")
    return path


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_a_good_lesson_breaks_no_rule(tmp_path, folder):
    path = save(tmp_path, lesson(folder), folder)
    assert notebook_rules.findings(path, "hygiene") == []
    assert notebook_rules.findings(path, "budget") == []


def add(cell, after="experiment", id="new"):
    """A change that puts a cell into the lesson."""

    def change(cells):
        cell.id = cell.id or id
        kept = list(cells.items())
        cells.clear()
        for name, old in kept:
            cells[name] = old
            if name == after:
                cells[id] = cell

    return change


def put(name, **fields):
    """A change of a cell's fields."""
    return lambda cells: cells[name].update(copy.deepcopy(fields))


def code(source, *outputs, **more):
    return add(tiny.code(source, *outputs, **more))


def text(source):
    return add(tiny.text(source))


def drop(name):
    return lambda cells: cells.pop(name)


def both(*changes):
    return lambda cells: [change(cells) for change in changes]


# (rule, words of the finding, cell that is named or None, change of the good lesson)
BROKEN = [
    ("kernel_is_python3", "'julia'", None, lambda nb: nb.metadata.kernelspec.update(name="julia")),
    ("is_valid", "format 4.4", None, lambda nb: nb.update(nbformat_minor=4)),
    ("is_valid", "no valid notebook", None, lambda nb: nb.cells[1].metadata.update(collapsed="odd")),
    ("ids_are_unique_and_stable", "not of small letters", "Bet", put("bet", id="Bet")),
    ("ids_are_unique_and_stable", "not of small letters", "-bet", put("bet", id="-bet")),
    ("ids_are_unique_and_stable", "random id", "1b2c3d4e", put("bet", id="1b2c3d4e")),
    (
        "ids_are_unique_and_stable",
        "random id",
        "d9428888-122b-11e1-b85c-61cd3cbb3210",
        put("bet", id="d9428888-122b-11e1-b85c-61cd3cbb3210"),
    ),
    ("ids_are_unique_and_stable", "earlier cell", "setup", put("bet", id="setup")),
    ("no_execution_times", "when it was run", "bet", put("bet", metadata={"execution": {"iopub.status.busy": "x"}})),
    ("counts_run_from_1", "count 7 where 2", "bet", put("bet", execution_count=7)),
    ("counts_run_from_1", "count None where 2", "bet", put("bet", execution_count=None)),
    ("no_empty_cells", "empty", "new", code(" \n")),
    ("no_empty_cells", "empty", "new", text("")),
    ("errors_are_expected", "ZeroDivisionError and is not tagged", "raise", put("raise", metadata={})),
    ("errors_are_expected", "stores no error", "raise", put("raise", outputs=[])),
    ("nothing_on_stderr", "oh", "new", code("x = 1", tiny.stderr("oh"))),
    ("no_addresses", "0x7f3a2b1c9d00", "new", code("x", tiny.result("<object at 0x7f3a2b1c9d00>"))),
    ("no_addresses", "0x7f3a2b1c9d00", "new", code("x", tiny.display("", html="<p>0x7f3a2b1c9d00</p>"))),
    ("no_absolute_paths", "/home/ada/x.csv", "new", code("print(p)", "see /home/ada/x.csv\n")),
    ("no_absolute_paths", "/root/x", "new", code("open('/root/x')")),
    ("no_absolute_paths", "/usr/lib/x", "new", text("It lies in `/usr/lib/x`.")),
    ("no_absolute_paths", r"C:\Users", "new", code("print(p)", "C:\\Users\\ada\n")),
    ("no_absolute_paths", "file:///", "new", text("[x](file:///x)")),
    ("no_absolute_paths", "/root/x", "new", code("f()", tiny.error("E", "in /root/x.py"), tags=["raises-exception"])),
    ("most_outputs_are_compared", "one of 1 cells, of 7", "new", code("f()", "1", tags=["nbval-ignore-output"])),
    ("most_outputs_are_compared", "never run", "new", code("f()", "1", tags=["nbval-skip"])),
    ("most_outputs_are_compared", "NBVAL_SKIP in a comment", "new", code("# NBVAL_SKIP\nf()")),
    ("most_outputs_are_compared", "NBVAL_IGNORE_OUTPUT", "new", code("f()\n  ## NBVAL_IGNORE_OUTPUT")),
    ("opening_says_what_and_how_long", "a title", "opening", put("opening", source=OPENING[2:])),
    ("opening_says_what_and_how_long", "objectives", "opening", put("opening", source=OPENING.replace("After", "By"))),
    ("opening_says_what_and_how_long", "prerequ", "opening", put("opening", source=OPENING.replace("requi", ""))),
    ("opening_says_what_and_how_long", "minutes", "opening", put("opening", source=OPENING.replace("90", "some"))),
    ("opening_says_what_and_how_long", "a title", "setup", drop("opening")),
    ("headings_are_in_order", "second title: Again", "new", text("# Again")),
    ("headings_are_in_order", "second title: Again", "new", text("Again\n=====")),
    ("headings_are_in_order", "level 1 to 3", "question", put("question", source="### How many?")),
    ("headings_are_in_order", "without words", "new", text("##")),
    ("headings_are_in_order", "no title", None, put("opening", source="Hello")),
    ("links_are_alive", "dead", "new", text("[next](02_next.ipynb)")),
    ("links_are_alive", "dead", "new", text("[next][1]\n\n[1]: 02_next.ipynb")),
    ("links_are_alive", "dead", "new", text('<a href="02_next.ipynb">next</a>')),
    ("links_are_alive", "dead", "new", text("![a map](../nothing.png)")),
    ("links_are_alive", "dead", "new", code("f()", tiny.display("", html='<a href="02_next.ipynb">next</a>'))),
    ("links_are_alive", "dead", "new", code("f()", tiny.display("", markdown="[next](02_next.ipynb)"))),
    ("links_are_alive", "neither to a sibling", "new", text("[x](notebooks/01_tiny.ipynb)")),
    ("links_are_alive", "neither to a sibling", "new", text("![a map](map.png)")),
    ("links_are_alive", "leaves the workbook", "new", text("[x](../../x.md)")),
    ("links_are_alive", "leaves the workbook", "new", text("[x](../notebooks/../../x.md)")),
    ("links_are_alive", "one machine", "new", text("[x](/lab/tree/x.ipynb)")),
    ("links_are_alive", "one machine", "new", text("[x](vscode://x)")),
    ("links_are_alive", "heading that is not there", "new", text("[x](#How-much?)")),
    ("links_are_alive", "heading that is not there", "new", text("[x](00_start.ipynb#Nowhere)")),
    ("pictures_have_alt_text", "without alt text", "new", text("![](../map.png)")),
    ("pictures_have_alt_text", "without alt text", "new", text('<img src="../map.png">')),
    ("pictures_have_alt_text", "without alt text", "new", code("f()", tiny.picture(""))),
    ("pictures_have_alt_text", "image/png without", "new", code("f()", tiny.display("<Figure>", png="AAAA"))),
    (
        "pictures_have_alt_text",
        "not put out as plain text",
        "new",
        code("f()", tiny.display("<HTML>", html='<img alt="a line" src="data:image/png;base64,AA">')),
    ),
    ("code_is_plain_python", "line 2", "new", code("x = 1\n%timeit x")),
    ("code_is_plain_python", "line 1", "new", code("!ls")),
    ("code_is_plain_python", "line 1", "new", code("%%bash\nls")),
    ("code_is_plain_python", "line 1", "new", code("x?")),
    ("code_is_plain_python", "get_ipython", "new", code("get_ipython().system('ls')")),
    ("nothing_is_left_out", "line 2", "new", code("def f():\n    ...")),
    ("nothing_is_left_out", "line 1", "new", code("data = ...")),
    ("nothing_is_left_out", "line 1", "new", code("fit([1, 2, ...])")),
    ("chance_has_one_door", "default_rng(…) has a seed of its own", "new", code("np.random.default_rng(7)")),
    ("chance_has_one_door", "default_rng(…) has a seed of its own", "new", code("r = default_rng()")),
    ("chance_has_one_door", "RandomState(…)", "new", code("np.random.RandomState(seed=3)")),
    ("chance_has_one_door", "Random(…)", "new", code("random.Random(3)")),
    ("chance_has_one_door", "np.random.seed(…) is another door", "new", code("np.random.seed(7)")),
    ("chance_has_one_door", "random.seed(…) is another door", "new", code("random.seed(7)")),
    ("chance_has_one_door", "kit.rng(…) is another door", "new", code("kit.rng(7)")),
    ("chance_has_one_door", "set_seed(…)", "new", code("tf.random.set_seed(7)")),
    ("chance_has_one_door", "set_random_seed(…)", "new", code("keras.utils.set_random_seed(7)")),
    ("chance_has_one_door", "random_state=0", "new", code("KMeans(3, random_state=0)")),
    ("chance_has_one_door", "random_state=None", "new", code("KMeans(3, random_state=None)")),
    ("chance_has_one_door", "seed=40 + 2", "new", code("f(seed=40 + 2)")),
    ("chance_has_one_door", "rng=7", "new", code("f(rng=7)")),
    ("chance_has_one_door", "np.random.normal(…) draws", "new", code("np.random.normal(size=3)")),
    ("chance_has_one_door", "random.choice(…) draws", "new", code("random.choice([1, 2])")),
    ("chance_has_one_door", "imports from random", "new", code("from random import choice")),
    ("chance_has_one_door", "takes one number", "new", code("rng()")),
    ("chance_has_one_door", "takes one number", "new", code("seed(1, 2)")),
    ("chance_has_one_door", "binds rng anew", "new", code("rng = rng(7)")),
    ("chance_has_one_door", "binds seed anew", "new", code("for seed in range(3): pass")),
    ("chance_has_one_door", "binds seed anew", "new", code("def seed(n): return n")),
    ("chance_has_one_door", "binds rng anew", "new", code("from kit import rng")),
    ("checks_stand_alone_after_their_stubs", "not exactly", "check", put("check", source="check(double)  # try")),
    ("checks_stand_alone_after_their_stubs", "not exactly", "check", put("check", source="x = 1\ncheck(double)")),
    ("checks_stand_alone_after_their_stubs", "does not define", "check", put("check", source="check(triple)")),
    ("checks_stand_alone_after_their_stubs", "without its stub", "check", add(tiny.text("So:"), "stub")),
    ("checks_stand_alone_after_their_stubs", "without its check", "stub", add(tiny.text("So:"), "stub")),
    ("checks_stand_alone_after_their_stubs", "without its check", "stub", both(drop("check"), drop("raise"))),
    ("checks_stand_alone_after_their_stubs", "without its stub", "check", drop("stub")),
    (
        "checks_stand_alone_after_their_stubs",
        "without its stub",
        "check",
        put("check", metadata={"interestkit": {"exercise": "tiny.other", "role": "check"}}),
    ),
    ("checks_stand_alone_after_their_stubs", "not marked", "new", code("check(double)")),
    ("a_learners_function_stays_theirs", "binds double anew", "new", add(tiny.code("double = 2, 4"), "check")),
    ("a_learners_function_stays_theirs", "of tiny.double", "new", add(tiny.code("for double in x: pass"), "check")),
    ("claims_are_named", "plain name", "new", code('claim(f"tiny.{k}", True, "so")')),
    ("claims_are_named", "plain name", "new", code('claim("Tiny", True, "so")')),
    ("claims_are_named", "plain name", "new", code("claim()")),
    ("begins_with_its_own_stem", 'begin("01_tiny")', "setup", put("setup", source='begin("02_other")')),
    ("begins_with_its_own_stem", 'begin("01_tiny")', "setup", put("setup", source="import numpy")),
    ("begins_with_its_own_stem", "not marked", "setup", put("setup", metadata={})),
    ("begins_with_its_own_stem", "again", "new", code('begin("01_tiny")')),
    (
        "begins_with_its_own_stem",
        "does not call",
        None,
        lambda cells: [cells.pop(name) for name in list(cells) if cells[name].cell_type == "code"],
    ),
]


@pytest.mark.parametrize("rule, words, cell, change", BROKEN, ids=[f"{rule}-{words}" for rule, words, _, _ in BROKEN])
def test_a_rule_can_fail(tmp_path, rule, words, cell, change):
    cells = lesson()
    of_the_whole = rule in ("kernel_is_python3", "is_valid")
    if not of_the_whole:
        change(cells)
    path = save(tmp_path, cells, change=change if of_the_whole else lambda nb: None)
    found = notebook_rules.findings(path, "hygiene", rule)
    where = f"notebooks/01_tiny.ipynb, {f'cell {cell}' if cell else 'as a whole'}: "
    assert [line for line in found if line.startswith(where) and words in line], found


def test_a_solution_has_no_stubs(tmp_path):
    path = save(tmp_path, {**lesson("solutions"), "stub": lesson()["stub"]}, "solutions")
    (found,) = notebook_rules.findings(path, "hygiene", "nothing_is_left_out")
    assert "solutions/01_tiny.ipynb, cell stub: has ... in line 3" in found


def test_a_lesson_is_named_as_one(tmp_path):
    path = save(tmp_path, lesson(), stem="Draft")
    assert "not named as a lesson" in notebook_rules.findings(path, "hygiene", "is_valid")[0]


def test_every_rule_is_shown_to_fail():
    assert {rule for rule, *_ in BROKEN} == set(notebook_rules.RULES["hygiene"])
