"""What `make bench` measures: one module for each thing, with a function `figures()`.

A figure is a dict: `name`, `value`, `unit`, `bound`, `ok`, and, where it is a comparison, `peer`.
Bounds live here and in no timed test, so that a busy machine fails no `make test`.
"""

import json
import os
import subprocess
import sys

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def figure(name, value, unit, bound, peer="limit"):
    """A figure that may be at most its bound."""
    return {"name": name, "value": value, "unit": unit, "bound": bound, "ok": bool(value <= bound), "peer": peer}


def in_a_child(module, seconds=300):
    """What `measure()` of a module returns in a process of its own, with one thread.

    Raises:
        RuntimeError: if the process failed or took longer than so many seconds.
    """
    code = f"import json\nfrom {module} import measure\nfound = measure()\nprint()\nprint(json.dumps(found))"
    try:
        child = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **ONE_THREAD}, capture_output=True, text=True,
            timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{module} was still measuring after {seconds} seconds") from None
    if child.returncode:
        raise RuntimeError(f"{module} failed: {child.stderr.strip().splitlines()[-1:]}")
    return json.loads(child.stdout.splitlines()[-1])
