"""Tiny notebooks for testing the tests of notebooks: cells by hand, with the outputs they would have."""

import html

import nbformat.v4 as v4


def code(source, *outputs, id=None, tags=(), count="next", **marks):
    """A code cell; strings among the outputs are stdout, and marks are its `interestkit` metadata."""
    cell = v4.new_code_cell(source, outputs=[stdout(o) if isinstance(o, str) else o for o in outputs])
    return _dress(cell, id, tags, marks, count)


def text(source, id=None, **marks):
    """A markdown cell."""
    return _dress(v4.new_markdown_cell(source), id, (), marks, None)


def _dress(cell, id, tags, marks, count):
    cell.id = id or ""
    if tags:
        cell.metadata["tags"] = list(tags)
    if marks:
        cell.metadata["interestkit"] = marks
    if cell.cell_type == "code":
        cell.execution_count = count
    return cell


def notebook(*cells):
    """A notebook of these cells (a string is a code cell), counted and named where they are not."""
    cells = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    counted = 0
    for number, cell in enumerate(cells):
        cell.id = cell.id or f"cell-{number}"
        if cell.get("execution_count") == "next":
            counted += 1
            cell.execution_count = counted
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = counted
    nb = v4.new_notebook()
    nb.cells = cells  # set, not passed: passing would repair what is meant to be bad
    nb.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    nb.nbformat_minor = 5
    return nb


def stdout(text):
    return v4.new_output("stream", name="stdout", text=text)


def stderr(text):
    return v4.new_output("stream", name="stderr", text=text)


def result(text, **data):
    return v4.new_output("execute_result", data={"text/plain": text, **_mime(data)}, execution_count=1)


def display(text, **data):
    return v4.new_output("display_data", data={"text/plain": text, **_mime(data)})


def error(name, value):
    return v4.new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])


def picture(alt, data="iVBORw0KGgo="):
    """What `show` leaves behind."""
    return display(alt, html=f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}">')


def _mime(data):
    known = {
        "html": "text/html",
        "markdown": "text/markdown",
        "png": "image/png",
        "widget": "application/vnd.jupyter.widget-view+json",
    }
    return {known[key]: value for key, value in data.items()}
