"""How long the notebooks run: each, and each folder in sum, one after the other and with one thread."""

import re
import time

import nbformat

from interestkit.workbook import build, places
from tests.benchmarks import figure

NOTEBOOK, FOLDER = 45, 360
HEAVY, HEAVY_NOTEBOOK = r"\b(networks|language|xllamacpp)\b", 90  # doors of the kit to TensorFlow and to language


def figures():
    """Seconds of each notebook, and of each folder."""
    found = []
    for folder in (places.notebooks(), places.solutions()):
        times = []
        for stem in places.lesson_stems(folder):
            path = folder / f"{stem}.ipynb"
            notebook = nbformat.read(path, as_version=4)
            begin = time.perf_counter()
            build.execute(notebook, path)  # in memory; nothing is written
            times.append(time.perf_counter() - begin)
            found.append(figure(f"{folder.name}/{path.name}", times[-1], "s", bound(notebook)))
        found.append(figure(f"{folder.name}/, in sum", sum(times), "s", FOLDER))
    return found


def bound(notebook):
    """Seconds that a notebook may take."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return HEAVY_NOTEBOOK if re.search(HEAVY, code) else NOTEBOOK
