"""No number is typed into prose that nothing in the notebook shows."""

import lint_numbers
import nbformat
import notebook_rules
import pytest
import quantities
import tiny
from test_hygiene import save

LESSONS = [path for path in notebook_rules.notebooks() if path.parent.name == "notebooks"]


@pytest.mark.parametrize("path", LESSONS, ids=notebook_rules.name_of)
def test_numbers_in_prose_are_shown(path):
    found = lint_numbers.findings(notebook_rules.Lesson(path))
    assert not found, "\n".join(found)


def alarms(tmp_path, prose, *code, position=1):
    """The numbers of a prose cell that are not shown by these code cells."""
    cells = {"opening": tiny.text("# Title"), **{f"code-{i}": cell for i, cell in enumerate(code)}}
    cells = {"prose": tiny.text(prose), **cells} if position == 0 else {**cells, "prose": tiny.text(prose)}
    lesson = notebook_rules.Lesson(save(tmp_path, cells))
    return [what.split(" is printed by")[0] for _, what in lint_numbers.unfounded(lesson)]


PRINTED = (
    tiny.code("print(share, n)", "share 0.438, growth 34.2%, n = 2,469, loss 1.5e-07\nwarm 12.5 cold\n"),
    tiny.code("f()", tiny.display("<b>", html='<p style="width: 77px">the mean is <b>0.6931</b></p>')),
    tiny.code("f()", tiny.display("3.14159", markdown="**1,234,567** rows of .95"), "-0.0321\n"),
    tiny.code(
        "rows, rate = 1000, 0.015\nday = 24 * 60 * 60\ntiny = 10**-6\nclaim('x.y', rate < 0.25, 'under 17 in 19')"
    ),
    tiny.code("f()", tiny.picture("a line that rises to 88")),
)

SHOWN = [
    "The share is 0.438, or .438, or 43.8 %, or 44%, about 0.44.",
    "It grows by 34 %, by 34.2%, by 0.34, by 0.342, by 34.2 percent.",
    "Of 2,469 households, 2469 in all, about 2,500, nearly 2000.",
    "A loss of 1.5e-7, and −0.032 before; -0.0321 exactly.",
    "About 0.693 and 0.7.",
    "1,234,567 rows, 1.2 million, 1235 thousand, 1235k; 95 %.",
    "1.2 × 10⁶ rows, 1.5·10⁻⁷ lost.",
    "A day has 86,400 seconds, a rate of 1.5 %, a bound of 25 %, 1e-6.",
    "Under 17 in 19.",
    "It rises to 88.",
    "It is 12 and 13 (12.5, to be exact).",
    "Formulas: $0.438$, $x = 0.438$, $p \\approx 43.8\\%$, $n = 2{,}469$.",
]
HARMLESS = [
    "One of 3, 10 at most, 0 % or 100 %, 2nd and 3-D.",
    "Lesson 12 and lessons 13, 14 and 15 and 16–18; section 11.2, Table 12, §13.",
    "In 30 seconds. It runs 24 hours. Python 3.11, version 2.21, and 4.5.6.",
    "Household 841 meets households 942 and 1023. (84.51° publishes them.)",
    "| lesson | lessons |\n|---|---|\n| 11_explore_exploit | 00, 02, 11 + 20 |",
    "L2, F1, Recall@20, k-means++, `0.77`, ``0.77 ` 0.78``.",
    "The span `$0.77$` and ``$x = 0.78$``.",
    "```python\nx = 0.77\n```\n\n~~~\n0.77\n~~~",
    "    0.77\n",
    "[lesson 0.77](02_next.ipynb#x), [here](../x-0.77.md), <span title='0.77'>x</span>",
    "<code>0.77</code>\n\n<pre>0.77</pre>\n",
    "### Exercise · Double (25 minutes)",
    "## 12. A heading\n\n### 12.3 Another",
    "11. First\n12. Second",
    "Formulas: $x_{12} = \\sum_{i=11}^{99} 0.5 y_i$, $$\\frac{77}{x}$$",
    "Worked: $1 - 0.9^3 = 0.271$, so 0.271 or 27 %. $\\frac{34}{100} = 0.34$; $12 \\times 12 = 144$.",
    "Worked: $10!/10^{10} = 0.00036$, $\\lceil\\ln 0.01 / \\ln 0.94\\rceil = 75$.",
    "Worked: $\\log_2 4096 = \\log_{10}(10^{12}) = 12$.",
    "Worked: $34 × 12 = 408$, $(50 \\cdot 64) \\div 100 = 32$, $\\left(1 + 2\\right)^3 = 27$.",
    "Worked: $e^{0.5} \\approx 1.65$, $\\sqrt{2} = 1.414$, $\\ln 2$, $34/100 = 34\\%$, $2^{10} = 1{,}024$.",
    "Worked: $1{,}024 - 24 = 1000$.",
]
SOURCED = [
    "It was 0.77 (Arthur and Vassilvitskii, 2007).",
    "It was 0.77 according to Saito et al. (2020), and to Saito et al. 2020.",
    "Arthur and Vassilvitskii (2007) found 0.77.",
    "It was 0.77 [1].",
    "It was 0.77, [they say](https://example.org/x).",
    "- item\n- It was 0.77, [they say](https://example.org/x).",
    "| method | gain |\n|---|---|\n| A (Saito et al. 2020) | 0.77 |",
    "## References\n\n- Arthur, D. k-means++. SODA 2007, 1027-1035.",
]
ALARMING = [
    ("It was 0.77.", ["0.77"]),
    ("It was 0.77, see [lesson](02_next.ipynb), [file](../x.md).", ["0.77"]),
    ("It was 77 %.", ["77 %"]),
    ("It was 5 % and .5.", ["5 %", ".5"]),
    ("In 2020 it was 4.0.", ["2020", "4.0"]),
    ("A source (Saito et al. 2020).\n\nIt was 0.77.", ["0.77"]),
    ("- sourced (Saito et al. 2020)\n- 0.77", ["0.77"]),
    ("| a (Saito et al. 2020) | 0.77 |\n|---|---|\n| b | 0.78 |", ["0.78"]),
    ("## References\n\n- SODA 2007\n\n## Recap\n\nIt was 0.77.", ["0.77"]),
    ("### It was 0.77", ["0.77"]),
    ("It took 25 minutes.", ["25"]),
    ("<details><summary>It was 0.77</summary>\n\n**0.78**\n\n</details>", ["0.77", "0.78"]),
    ("It was $0.77$, $x = 0.78$, $0.79 = 0.79$.", ["0.77", "0.78", "0.79"]),
    ("It was **0.77**, *0.78* and [0.79](../x.md).", ["0.77", "0.78", "0.79"]),
    ("| lesson | gain |\n|---|---|\n| 12 and 21 | 13 |", ["21", "13"]),
    ("From 11 to 16-fold, 21–23, and 1/77.", ["11", "16", "21", "23", "77"]),
    ("5 million, 20k.", ["5 million", "20k"]),
    ("Four lines: 77 px.", ["77"]),
]
# numbers that are near what is printed, and are not what it rounds to
OFF = [
    ("The share is 0.437, 0.4385, 43 %, 0.45.", ["0.437", "0.4385", "43 %", "0.45"]),
    ("2,470 households, 2500 of them, about 2,600.", ["2,470", "2500", "2,600"]),
    ("It grows by 35 %, 0.35, 34.3%.", ["35 %", "0.35", "34.3%"]),
    ("1.3 million.", ["1.3 million"]),
    ("1.3 × 10⁶ rows.", ["1.3 × 10⁶"]),
    ("$10!/10^{10} = 0.00037$", ["a formula does not add up: 0.00037, where 10!/10^{10} is 0.00036288"]),
    ("$1 - 0.9^3 = 0.28$", ["a formula does not add up: 0.28, where 1 - 0.9^3 is 0.271"]),
]


@pytest.mark.parametrize("prose", SHOWN)
def test_what_is_shown_is_silent(tmp_path, prose):
    assert alarms(tmp_path, prose, *PRINTED) == []


@pytest.mark.parametrize("prose", SHOWN[:10])
def test_what_is_no_longer_shown_is_not(tmp_path, prose):
    assert alarms(tmp_path, prose)


@pytest.mark.parametrize("prose", HARMLESS + SOURCED)
def test_what_needs_no_showing_is_silent(tmp_path, prose):
    assert alarms(tmp_path, prose) == []


@pytest.mark.parametrize("prose, expected", ALARMING)
def test_a_number_out_of_nowhere_is_found(tmp_path, prose, expected):
    assert alarms(tmp_path, prose) == expected


@pytest.mark.parametrize("prose, expected", OFF)
def test_a_number_beside_the_printed_one_is_found(tmp_path, prose, expected):
    assert alarms(tmp_path, prose, *PRINTED) == expected


@pytest.mark.parametrize(
    "tex, value",
    [("2^{10}", 1024), ("5!", 120), ("-3 + 2 \\times 4", 5), ("\\frac{1}{8}", 0.125), ("\\lfloor 2.7 \\rfloor", 2)]
    + [(tex, None) for tex in ("1/0", "(-8)^{0.5}", "9^{9999}", "999!", "\\ln 0", "f(2)", "x", "2 <", "", "-x", "'a'")],
)
def test_what_a_formula_is_worth(tex, value):
    assert quantities.worth(tex) == value


def test_style_sheets_and_pictures_print_nothing(tmp_path):
    assert alarms(tmp_path, "It was 77 px.", *PRINTED) == ["77"]
    images = tiny.picture("a line", "AA+77/"), tiny.display("a line", png="AA+55/")
    assert alarms(tmp_path, "It was 77 and 55.", tiny.code("f()", *images)) == ["77", "55"]


def test_the_address_of_a_widget_prints_nothing(tmp_path):
    """It is drawn anew in each build, and may look like a number too large for any: 9e9999…"""
    widget = tiny.result("VBox()", widget={"model_id": "9e99997700aa77", "version_major": 77, "version_minor": 0})
    assert alarms(tmp_path, "It was 77.", tiny.code("f()", widget)) == ["77"]


def test_minutes_are_free_in_the_opening(tmp_path):
    assert alarms(tmp_path, "# Title\n\n**90 minutes**", position=0) == []


def test_a_finding_names_notebook_cell_and_number(tmp_path):
    cells = {"a": tiny.text("It was 0.77."), "b": tiny.code("f()", "0.78\n")}
    (found,) = lint_numbers.findings(notebook_rules.Lesson(save(tmp_path, cells)))
    assert found == (
        "notebooks/01_tiny.ipynb, cell a: 0.77 is printed by no cell, stands in no claim, and carries no source"
    )


def test_outputs_that_are_no_longer_stored_show_nothing(tmp_path):
    path = save(tmp_path, {"a": tiny.text("It was 0.77."), "b": tiny.code("f()", "0.77\n")})
    assert lint_numbers.findings(notebook_rules.Lesson(path)) == []
    nb = nbformat.read(path, as_version=4)
    nb.cells[1].outputs = []
    nbformat.write(nb, path)
    assert len(lint_numbers.findings(notebook_rules.Lesson(path))) == 1
