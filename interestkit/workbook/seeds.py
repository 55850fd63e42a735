"""How often a claim holds: each lesson's code under twenty families of seeds.

A family is one run of all code cells in a plain IPython process, without a kernel, as a fresh
learner: `INTERESTKIT_SEED` turns every seed, `INTERESTKIT_CLAIMS` records the claims. What came
out is kept in tests/seeds/, beside a hash of the code cells that it was measured on.

Not measured anew by itself: a change of the kit that leaves the cells as they are. `make seeds`
after such a change.
"""

import ast
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from interestkit.workbook import places
from interestkit.workbook.errors import WorkbookError

FAMILIES = 20
MAY_FAIL = 1  # families of twenty in which a claim that rests on chance may fail
AT_A_TIME = 2
SECONDS = 900  # for one family of one lesson

_CHILD = "import sys; from interestkit.workbook.seeds import play; play(sys.argv[1])"


def records():
    """The folder of what was measured."""
    return places.root() / "tests" / "seeds"


def code_cells(path):
    """[(id, source, tags)] of a notebook's code cells, in order; read as JSON, since nbformat takes a second."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [
        (cell.get("id"), "".join(cell["source"]), cell["metadata"].get("tags", ()))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def code_hash(path):
    """SHA-256 of a notebook's code cells: their sources, nothing else."""
    return hashlib.sha256("\0".join(source for _, source, _ in code_cells(path)).encode()).hexdigest()


def claims_of(path):
    """Ids of the claims that a notebook's code makes, sorted."""
    trees = (ast.parse(source) for _, source, _ in code_cells(path))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return sorted(
        {
            call.args[0].value
            for call in calls
            if isinstance(call.func, ast.Name) and call.func.id == "claim" and isinstance(call.args[0], ast.Constant)
        }
    )


def play(path):
    """Run a notebook's code cells in this process (a child's whole work); the first error ends it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    for name, source, tags in code_cells(path):
        outcome = shell.run_cell(source, store_history=True)
        error = outcome.error_before_exec or outcome.error_in_exec
        if error and "raises-exception" not in tags:
            sys.exit(f"cell {name}: {type(error).__name__}: {error}")


def measure(path, family):
    """Which claims hold under one family of seeds.

    Args:
        path: the notebook.
        family: its number, 1 or more; 0 is the family of the stored outputs.

    Returns:
        {claim id: whether it held, every time it was made}.

    Raises:
        WorkbookError: if a cell fails or the run takes too long; it names family and cell.
    """
    path = Path(path).resolve()
    with tempfile.TemporaryDirectory(prefix="interestkit-seeds-") as folder:
        record = Path(folder, "claims.jsonl")
        env = {
            **os.environ,
            "INTERESTKIT_SEED": str(family),
            "INTERESTKIT_CLAIMS": str(record),
            "INTERESTKIT_HOME": str(Path(folder, "home")),
            "IPYTHONDIR": str(Path(folder, "ipython")),
            "MPLBACKEND": "Agg",
            "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(places.root())])),
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        }
        command = [sys.executable, "-c", _CHILD, str(path)]
        try:
            child = subprocess.run(
                command,
                cwd=path.parent,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise WorkbookError(
                f"{path.stem} took more than {SECONDS} s under seed family {family}: "
                f"run it with INTERESTKIT_SEED={family} in the environment to see where."
            ) from None
        if child.returncode:
            why = (child.stderr.strip().splitlines() or ["its process was killed"])[-1]
            raise WorkbookError(
                f"{path.stem} stopped under seed family {family} in {why} "
                f"(run it with INTERESTKIT_SEED={family} in the environment to see it)."
            )
        made = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    held = {}
    for name, holds in map(json.loads, made):
        held[name] = holds and held.get(name, True)
    return held


def tally(path, families=FAMILIES):
    """In how many families each claim of a notebook holds.

    Returns:
        {"cells": hash of the code cells, "families": their number, "claims": {id: families in which it held}}.
        A claim that a family never made did not hold there.
    """
    before = code_hash(path)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        outcomes = list(pool.map(lambda family: measure(path, family), range(1, families + 1)))
    held = Counter({name: 0 for outcome in outcomes for name in outcome})
    for outcome in outcomes:
        held.update(name for name, holds in outcome.items() if holds)
    return {"cells": before, "families": families, "claims": dict(sorted(held.items()))}


def run(stems, families=FAMILIES):
    """Measure lessons and keep what came out in tests/seeds/.

    Returns:
        {stem: its record, as `tally` gives it}.
    """
    done = {}
    for stem in stems:
        done[stem] = tally(places.notebooks() / f"{stem}.ipynb", families)
        records().mkdir(parents=True, exist_ok=True)
        (records() / f"{stem}.json").write_text(json.dumps(done[stem], indent=1) + "\n", encoding="utf-8")
    return done


def failures(record):
    """[(claim id, families in which it held)] of a record, where those are too few."""
    return [(name, held) for name, held in record["claims"].items() if held < record["families"] - MAY_FAIL]


def problems(stem):
    """What is wrong with a lesson's record, in sentences; an empty list if nothing is."""
    path, file = places.notebooks() / f"{stem}.ipynb", records() / f"{stem}.json"
    mend = f"type  make seeds ARGS={stem}"
    if not file.exists():
        return [f"{stem} was never run under other seeds: {mend}"]
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        cells, families, claims = record["cells"], record["families"], set(record["claims"])
    except (ValueError, KeyError, TypeError):
        return [f"tests/seeds/{stem}.json cannot be read: {mend}"]
    if cells != code_hash(path):
        return [f"tests/seeds/{stem}.json is stale, the code cells of {stem} have changed: {mend}"]
    if families != FAMILIES:
        return [f"{stem} was run under {families} families of seeds instead of {FAMILIES}: {mend}"]
    missing = [
        f"{stem} makes the claim {name}, which no family of seeds made"
        for name in claims_of(path)
        if name not in claims
    ]
    return missing + [
        f"the claim {name} of {stem} holds in {held} of {families} families of seeds; {families - MAY_FAIL} are needed"
        for name, held in failures(record)
    ]


def main(stems=()):
    """Measure these lessons (all, if none is named) and print a table.

    Returns:
        0, or 1 if a claim holds in too few families.
    """
    chosen = [places.find_stem(stem) for stem in stems] or places.lesson_stems()
    if not chosen:
        print("There is no lesson in notebooks/ yet.")
    worst = 0
    for stem in chosen:
        start = time.monotonic()
        record = run([stem])[stem]
        print(
            f"{stem}: {len(record['claims'])} claims, {record['families']} families, {time.monotonic() - start:.0f} s"
        )
        weak = dict(failures(record))
        for name, held in record["claims"].items():
            print(f"  {'✘' if name in weak else '✔'} {held:2d}/{record['families']}  {name}")
        worst = max(worst, int(bool(weak)))
    return worst
