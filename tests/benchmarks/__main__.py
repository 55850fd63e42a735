"""`python -m tests.benchmarks [MODULE …]`: measure, print a table, write build/bench.json; 1 if a bound is missed."""

import importlib
import json
import math
import pkgutil
import sys
import time
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "build" / "bench.json"
KEYS = {"name", "value", "unit", "bound", "ok"}


def modules(names=()):
    """The modules to run, in order: all beside this one, or those named."""
    import tests.benchmarks

    there = sorted(one.name for one in pkgutil.iter_modules(tests.benchmarks.__path__) if one.name != "__main__")
    for name in names:
        if name not in there:
            raise SystemExit(f"✘ There is no benchmark {name!r}: choose from {', '.join(there)}.")
    return [name for name in there if name in names or not names]


def measured(name):
    """The figures of one module; where it fails, one figure that says so and is not ok."""
    try:
        figures = importlib.import_module(f"tests.benchmarks.{name}").figures()
        return [checked(one) for one in figures] or [failed(name, "it measured nothing")]
    except Exception as problem:
        return [failed(name, f"{type(problem).__name__}: {problem}")]


def checked(figure):
    """A figure as JSON can hold it; one without a finite value is not ok.

    Raises:
        ValueError: if it lacks a key or holds another.
    """
    if not KEYS <= set(figure) <= KEYS | {"peer"}:
        raise ValueError(f"a figure has the keys {', '.join(sorted(KEYS))}, and perhaps peer: got {figure}")
    value = float(figure["value"])
    finite = math.isfinite(value)
    return {
        **figure,
        "value": float(f"{value:.4g}") if finite else None,
        "bound": float(figure["bound"]),
        "ok": finite and bool(figure["ok"]),
    }


def failed(name, problem):
    """The figure of a module that could not measure."""
    return {"name": f"{name}: {problem}", "value": None, "unit": "", "bound": None, "ok": False}


def line(figure):
    """A figure as a line of the table."""
    mark = "✔" if figure["ok"] else "✘"
    if figure["value"] is None:
        return f"{mark} {figure['name']}"
    bound = f"bound {figure['bound']:g}"
    peer = f" ({figure['peer']})" if figure.get("peer", "limit") != "limit" else ""
    return f"{mark} {figure['name']:64} {figure['value']:>9.4g} {figure['unit']:6} {bound}{peer}"


def main(names=(), file=FILE, say=print):
    """Measure, print and write.

    Returns:
        0 if every figure is ok, otherwise 1.
    """
    begin, found = time.perf_counter(), []
    for name in modules(names):
        for one in measured(name):
            found.append(one)
            say(line(one))
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    missed = sum(not one["ok"] for one in found)
    verdict = f"{missed} of {len(found)} figures missed" if missed else f"all {len(found)} figures hold"
    say(f"{verdict}; {time.perf_counter() - begin:.0f} s; written to {file.parent.name}/{file.name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
