"""Numbers in prose are printed by a cell, stand in the code or in a claim, or carry a source.

A number is looked for, rounded to the digits that the prose shows, among
  - what the notebook's code cells put out (34 %, 34%, .34 and 0.34 are one number, 1,000 is 1000),
  - numbers that its code is written with, and simple arithmetic of them (`10 * 60`),
  - the texts of its claims.
After "about", "nearly" and their like, trailing zeros are no digits: about 300 may be 297.

A paragraph, list item or table row carries a source where it links to another site, cites [1],
(Author 2020) or Author et al. (2020), or stands under a heading such as References.

In formulas, `$1 - 0.9^3 = 0.271$` is worked out: a result that is wrong is a finding, one that is
right counts as printed for its cell. `$\\varepsilon = 1.3$` is a number like any other in prose;
other formulas are definitions and are left alone.

Left alone too: code spans and blocks, `HARMLESS`, whole numbers up to ten, 0 % and 100 %, number
words, and digits that are part of a name (L2, Recall@20). A false alarm is solved by printing the number.
"""

import ast
import math
import re
from dataclasses import dataclass

from notebook_code import calls, tree
from notebook_rules import name_of, words
from notebook_text import MARKDOWN
from quantities import fold, numbers, read_formula

HARMLESS = (
    r"lessons?\s+\d+(?:\s*(?:,|and|or|to|–|-)\s*\d+)*",  # lessons 11, 12 and 13
    r"(?:sections?|chapters?|figures?|tables?|equations?|theorems?|algorithms?|pages?|§§?)\s*\(?\d+(?:\.\d+)*",
    r"(?:households?|users?|items?|products?)\s+\d+(?:\s*(?:,|and|or)\s*\d+)*",  # who, not how many
    r"30 seconds",  # the short answer
    r"24 hours|12 months|52 weeks|60 minutes|60 seconds|365 days",
    r"84\.51°",  # the publisher of the receipts
    r"(?:Python|version)\s+\d+(?:\.\d+)*|\d+\.\d+\.\d+",
    r"\d+(?:st|nd|rd|th|-?D)\b",
    r"\d\d_[a-z]\w*",  # the name of a lesson
)
MINUTES = r"\d+ minutes"  # harmless in headings and in the opening

_HARMLESS = re.compile("|".join(rf"(?<!\w)(?:{pattern})" for pattern in HARMLESS), re.IGNORECASE)
_LESSON = re.compile(r"\b(?:0\d|1\d|20)\b")
_YEAR = r"(?:19|20)\d\d[a-z]?"
_NAME = r"[A-Z][\w'’-]+"
_CITATION = re.compile(
    rf"\[\d+\](?!\()|\([^()]*{_NAME}[^()]*\b{_YEAR}\)"
    rf"|{_NAME} et al\.?,? \(?{_YEAR}|{_NAME}(?: and {_NAME})?,? \({_YEAR}\)"
)
_REFERENCES = re.compile(r"references|sources|further reading|credits", re.IGNORECASE)
_CODE_OR_MATH = re.compile(
    r"(?P<code>^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)|(?P<ticks>`+).+?(?P=ticks))"
    r"|(?<!\\)\$\$(?P<block>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+?)(?<!\\)\$",
    re.DOTALL | re.MULTILINE,
)


# --- what is printed ---


def pool(lesson):
    """All numbers that a notebook prints or is written with, sorted."""
    values = set()
    for cell in lesson.code:
        root = tree(cell)
        values.update(_constants(root))
        texts = [re.sub(r"<[^>]*>", " ", words(output)) for output in cell.outputs]
        for claim in calls(root, "claim"):
            strings = [part.value for part in ast.walk(claim) if isinstance(part, ast.Constant)]
            texts += [string for string in strings if isinstance(string, str)]
        for number in numbers("\n".join(texts)):
            values.update((number.value, number.value / 100) if number.percent else (number.value,))
    return sorted(values)


def _constants(root):
    for node in ast.walk(root):
        value = fold(node) if isinstance(node, (ast.Constant, ast.BinOp)) else None
        if value is not None and math.isfinite(value):
            yield abs(value)


# --- prose ---


@dataclass
class Unit:
    """A paragraph, heading, list item or table row."""

    text: str
    has_source: bool
    is_heading: bool


def units(markdown):
    """Markdown without its code, taken apart: [Unit].

    A link to a notebook is a title, and its words are left out; so are the numbers of lessons in
    the columns of a table that are headed so.
    """
    found, in_references, is_heading, columns, column = [], False, False, None, 0
    for token in MARKDOWN.parse(markdown):
        if token.type in ("table_open", "table_close"):
            columns = [] if token.type == "table_open" else None
        elif token.type == "tr_open":
            found.append(Unit("", in_references, False))
            column = 0
        elif token.type in ("heading_open", "heading_close"):
            is_heading = token.type == "heading_open"
        elif token.type == "html_block":
            text = re.sub(r"<(code|pre)\b.*?</\1>|<[^>]*>", " ", token.content, flags=re.DOTALL)
            found.append(Unit(text, in_references or "http" in token.content, False))
        elif token.type == "inline":
            text, linked = _words(token.children or ())
            if is_heading:
                in_references = bool(_REFERENCES.search(text))
                text = re.sub(r"^\d+(\.\d+)*[.)]?\s", "", text)
            if columns is None:
                found.append(Unit("", in_references, is_heading))
            else:
                columns, column = [*columns, text], column + 1
                if "lesson" in columns[column - 1].lower():
                    text = _LESSON.sub(" ", text)
            found[-1].text += " " + text
            found[-1].has_source |= linked or bool(_CITATION.search(text))
    return found


def _words(tokens):
    """The words of an inline token, and whether one is a link to another site."""
    text, hidden, linked = "", False, False
    for token in tokens:
        if token.type == "link_open":
            linked |= token.attrs["href"].startswith("http")
            hidden = token.attrs["href"].partition("#")[0].endswith(".ipynb")
        elif token.type == "link_close":
            hidden = False
        elif token.type == "html_inline" and re.match(r"</?code\b", token.content):
            hidden = not token.content.startswith("</")
        elif not hidden:
            text += token.content if token.type == "text" else " "
    return text, linked


def unfounded(lesson):
    """Numbers in prose that nothing in the notebook shows: [(cell, what is wrong)]."""
    printed = pool(lesson)
    found = []
    for position, cell in enumerate(lesson.cells):
        if cell.cell_type != "markdown":
            continue
        results, wrong = [], []

        def plain(match, results=results, wrong=wrong):
            tex = match["block"] or match["inline"]
            if tex is None:
                return match[0]
            prose, right, false = read_formula(tex)
            results.extend(right)
            wrong.extend(false)
            return f" {prose} "

        taken_apart = units(_CODE_OR_MATH.sub(plain, cell.source))
        found += [(cell, f"a formula does not add up: {what}") for what in wrong]
        known = sorted(printed + results)
        for unit in taken_apart:
            text = _HARMLESS.sub(" ", unit.text)
            if unit.is_heading or position == 0:
                text = re.sub(MINUTES, " ", text)
            if not unit.has_source:
                found += [
                    (cell, f"{number.shown} is printed by no cell, stands in no claim, and carries no source")
                    for number in numbers(text)
                    if not number.is_harmless and not number.is_among(known)
                ]
    return found


def findings(lesson):
    """The same, in sentences that name notebook, cell and number."""
    return [f"{name_of(lesson.path)}, cell {cell.get('id', '?')}: {what}" for cell, what in unfounded(lesson)]
