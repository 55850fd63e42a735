"""How soon a learner has a first verdict, beside `import numpy`: two whole processes, in turns."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from interestkit.workbook import places
from tests.benchmarks import ONE_THREAD, figure

ROUNDS, BOUND = 15, 2.0
PEER = "import numpy\n"
OURS = """\
from interestkit import begin, check, claim

begin("00_start_here")


def shares(counts):
    totals = counts.sum(axis=1, keepdims=True)
    return counts / totals.clip(1)


verdict = check(shares)
claim("startup.right", verdict.state == "right", "the answer is right")
"""


def figures():
    """One figure: our median over the peer's."""
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = Path(folder, "ours.py"), Path(folder, "peer.py")
        ours.write_text(OURS)
        peer.write_text(PEER)
        _seconds(ours), _seconds(peer)  # compiles what they import, once, as an installed package is
        times = [(_seconds(ours), _seconds(peer)) for _ in range(ROUNDS)]
    ratio = statistics.median(t for t, _ in times) / statistics.median(t for _, t in times)
    peer = f"import numpy {np.__version__}"
    return [figure("import of begin, check, claim, and a first verdict: time", ratio, "times", BOUND, peer)]


def _seconds(program):
    """Of a whole process, for a learner who has never been here."""
    path = os.pathsep.join(filter(None, [str(places.root()), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(program.parent)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as home:
        environment["INTERESTKIT_HOME"] = home
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, program], env=environment, cwd=places.notebooks(), stdout=subprocess.DEVNULL, check=True
        )
        return time.perf_counter() - begin
