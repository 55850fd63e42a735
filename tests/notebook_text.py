"""Rules on what a notebook says in prose: its opening, headings, links and pictures."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from notebook_rules import Lesson, rule

MARKDOWN = MarkdownIt("commonmark").enable("table")


class Tags(HTMLParser):
    """The opening tags of a piece of HTML: [(name, attributes)]."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {key: value or "" for key, value in attrs}))


class Prose:
    """What markdown says, apart from its words.

    Attributes:
        headings: [(level, text)].
        links: where they lead.
        pictures: [(source, alt text)].
    """

    def __init__(self, markdown):
        self.headings, self.links, self.pictures = [], [], []
        level = None
        for token in MARKDOWN.parse(markdown):
            if token.type == "heading_open":
                level = int(token.tag[1])
            elif token.type == "heading_close":
                level = None
            elif token.type == "html_block":
                self._html(token.content)
            elif token.type == "inline":
                if level:
                    self.headings.append((level, text_of(token)))
                self._inline(token.children or ())

    def _inline(self, tokens):
        for token in tokens:
            if token.type == "link_open":
                self.links.append(token.attrs["href"])
                continue
            if token.type == "image":
                self.pictures.append((token.attrs["src"], text_of(token)))
            elif token.type == "html_inline":
                self._html(token.content)

    def _html(self, html):
        for tag, attrs in Tags(html).found:
            if tag == "a" and "href" in attrs:
                self.links.append(attrs["href"])
            elif tag == "img":
                self.pictures.append((attrs.get("src", ""), attrs.get("alt", "")))


def text_of(token):
    """The words of an inline token, as a browser's textContent has them."""
    return "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))


@rule
def opening_says_what_and_how_long(lesson):
    """The first cell has title, objectives, prerequisites and minutes."""
    first = lesson.cells[0] if lesson.cells else None
    text = first.source if first and first.cell_type == "markdown" else ""
    wanted = {
        r"\A# \S": "a title (# …)",
        r"(?i)after this(?: lesson| page)?,? you can": 'objectives ("After this you can …")',
        r"(?i)\bprerequisites?\b": "prerequisites",
        r"\b\d+ minutes\b": "its minutes",
    }
    for pattern, what in wanted.items():
        if not re.search(pattern, text):
            yield first, f"opens the lesson without {what}"


@rule
def headings_are_in_order(lesson):
    """One title, and no level skipped on the way down."""
    before = 0
    titles = 0
    for cell in lesson.prose:
        for level, text in Prose(cell.source).headings:
            titles += level == 1
            if level == 1 and titles > 1:
                yield cell, f"has a second title: {text}"
            if level > before + 1:
                yield cell, f"skips from heading level {before} to {level}: {text}"
            if not text.strip():
                yield cell, "has a heading without words"
            before = level
    if not titles:
        yield None, "has no title"


def anchors(lesson):
    """Where a link into a notebook may point, as JupyterLab names headings."""
    return {text.replace(" ", "-") for cell in lesson.prose for _, text in Prose(cell.source).headings}


def dead(link, lesson):
    """Why an internal link does not lead anywhere on every desk; None if it does, or is external."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "mailto") or link.startswith("data:image/"):
        return None
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return "is tied to one machine or server"
    target = lesson.path
    if parts.path:
        path = unquote(parts.path).removeprefix("./")
        target = lesson.path.parent / path
        if path.startswith("../../") or "/../" in path.removeprefix("../"):
            return "leaves the workbook"
        if not path.startswith("../") and ("/" in path or target.suffix != ".ipynb"):
            return "leads neither to a sibling notebook nor to ../"
        if not target.exists():
            return "is dead"
    if parts.fragment and target.suffix == ".ipynb":
        there = lesson if target == lesson.path else Lesson(target)
        if unquote(parts.fragment) not in anchors(there):
            return "points to a heading that is not there"
    return None


def marked_up(cell):
    """Markdown and HTML of a cell, whether written or put out: [Prose]."""
    if cell.cell_type == "markdown":
        return [Prose(cell.source)]
    data = [output.get("data", {}) for output in cell.get("outputs", ())]
    return [Prose(bundle[mime]) for bundle in data for mime in ("text/markdown", "text/html") if mime in bundle]


@rule
def links_are_alive(lesson):
    for cell in lesson.cells:
        for prose in marked_up(cell):
            sources = [source for source, _ in prose.pictures if not source.startswith("attachment:")]
            for link in prose.links + sources:
                if problem := dead(link, lesson):
                    yield cell, f"links to {link[:80]}, which {problem}"


@rule
def pictures_have_alt_text(lesson):
    """Every picture is told in words too: as alt text, and in an output as plain text besides."""
    for cell in lesson.cells:
        for prose in marked_up(cell):
            for source, alt in prose.pictures:
                if not alt.strip():
                    yield cell, f"has a picture without alt text: {source[:40]}"
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if bare := [mime for mime in data if mime.startswith("image/")]:
                yield cell, f"puts out {bare[0]} without alt text: use show(fig, alt=…)"
            plain = " ".join(data.get("text/plain", "").split())
            for _, alt in Prose(data.get("text/html", "")).pictures:
                if " ".join(alt.split()) not in plain or not plain:
                    yield cell, "shows a picture whose alt text is not put out as plain text"
