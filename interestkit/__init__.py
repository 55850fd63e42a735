"""The kit of the Interest Workbook: what a lesson imports, loaded only when it is used."""

import importlib

__version__ = "0.1.0"

_HOME = {
    "begin": "workbook.lesson",
    "check": "workbook.lesson",
    "hint": "workbook.lesson",
    "progress": "workbook.lesson",
    "solution": "workbook.lesson",
    "claim": "workbook.claims",
    "rng": "workbook.claims",
    "seed": "workbook.claims",
    "show": "plots",
}

__all__ = [*_HOME]  # noqa: PLE0604


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'interestkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"interestkit.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return [*globals(), *_HOME]
