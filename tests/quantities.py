"""Numbers in text and in formulas: what they are worth, and to how many digits.

Used by lint_numbers.py, which says which of them prose may state.
"""

import ast
import bisect
import math
import operator
import re
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?P<about>(?:about|nearly|almost|roughly|around|some|near|close to|~|≈)\s*)?"
    r"(?<![\w.@])(?P<digits>(?:\d{1,3}(?:[,_\u2009\u202f]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
    r"(?:[eE](?P<power>[+-]?\d+)|\s?[×·]\s?10(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
    r"(?:\s?(?P<percent>%|per ?cent\b)|\s?(?P<scale>thousand|million|billion|[kM](?!\w)))?",
    re.IGNORECASE,
)
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9}


@dataclass(frozen=True)
class Number:
    """A number as prose shows it: its value, and half a unit of its last digit."""

    shown: str
    value: float
    half: float
    percent: bool = False

    @property
    def is_harmless(self):
        if self.percent:
            return self.value in (0, 100)
        return self.value <= 10 and self.half == 0.5 and "." not in self.shown

    def is_among(self, pool):
        """Whether a sorted list has a number that rounds to this one."""
        scales = (1, 0.01) if self.percent else (1,)
        return any(_has(pool, self.value * scale, self.half * scale) for scale in scales)


def _has(pool, value, half):
    reach = half * (1 + 1e-9) + 1e-12 * value
    at = bisect.bisect_left(pool, value - reach)
    return at < len(pool) and pool[at] <= value + reach


def numbers(text):
    """The numbers of a text: [Number]. Signs are left out."""
    found = []
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[,_\u2009\u202f]", "", match["digits"])
        power = match["power"] or (match["raised"] or "0").translate(_RAISED)
        scale = 10.0 ** int(power) * _SCALES.get((match["scale"] or "").lower(), 1)
        last = 10.0 ** -len(digits.partition(".")[2])
        if match["about"] and "." not in digits:
            last = 10.0 ** (len(digits) - len(digits.rstrip("0"))) if digits.strip("0") else 1.0
        shown = match[0][len(match["about"] or "") :].strip()
        found.append(Number(shown, float(digits) * scale, last * scale / 2, bool(match["percent"])))
    return found


# --- arithmetic and formulas ---

_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS = {
    "sqrt": math.sqrt,
    "ln": math.log,
    "logtwo": math.log2,
    "logten": math.log10,
    "exp": math.exp,
    "ceil": math.ceil,
    "floor": math.floor,
    "factorial": lambda n: math.gamma(n + 1),
}


def fold(node):
    """The value of arithmetic on plain numbers, as a float; None if it is anything else, or has no value."""
    try:
        if isinstance(node, ast.Expression):
            return fold(node.body)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return float(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -fold(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return float(_OPERATORS[type(node.op)](fold(node.left), fold(node.right)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            return float(_FUNCTIONS[node.func.id](fold(node.args[0])))
    except (ArithmeticError, ValueError, TypeError, KeyError):  # 1 / 0, the root of -1, a part without a value
        return None
    return None


_TEX = (
    (r"\\(?:left|right|,|;|!|quad|displaystyle)", ""),
    (r"\{,\}", ""),
    (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)"),
    (r"\be\^\{([^{}]*)\}", r"exp(\1)"),
    (r"\\l(ceil|floor)(.*?)\\r\1", r"\1(\2)"),
    (r"\\log_\{?2\}?", r"\\logtwo"),
    (r"\\log_\{?10\}?", r"\\logten"),
    (r"(\d+)!", r"factorial(\1)"),
    (r"\\(?:times|cdot)|[×·]", "*"),
    (r"\\div|÷", "/"),
    (r"\\%", "*0.01"),
    (r"−", "-"),
    (r"\\(ln|exp|logtwo|logten)\s*(\d[\d.]*)", r"\1(\2)"),
    (r"\\(ln|exp|logtwo|logten)", r"\1"),
    (r"\^\{([^{}]*)\}", r"**(\1)"),
    (r"\^", "**"),
)


def worth(tex):
    """The value of a formula that is plain arithmetic; None if it is not."""
    for pattern, plain in _TEX:
        tex = re.sub(pattern, plain, tex)
    try:
        return fold(ast.parse(tex.strip(), mode="eval"))
    except (SyntaxError, ValueError):
        return None


def read_formula(tex):
    """What a formula says of numbers.

    Returns:
        (a number to be treated as prose or "", results that were worked out, results that are wrong).
    """
    parts = [part.strip() for part in re.split(r"=|\\approx|≈|\\simeq", tex)]
    prose, right, wrong = "", [], []
    for before, part in zip([None, *parts], parts, strict=False):
        bare = numbers(part.replace("{,}", ",").replace("\\%", "%"))
        if len(bare) != 1 or not re.fullmatch(r"[-−]?[\d.,]+(?:\{,\}\d{3})*(?:\s*\\%)?", part):
            continue
        value = None if before is None else worth(before)
        if value is None or re.fullmatch(r"[\d.]+", before):
            prose = bare[0].shown
        elif bare[0].is_among(sorted((abs(value),))):
            right.append(bare[0].value)
        else:
            wrong.append(f"{part}, where {before} is {value:.6g}")
    return prose, right, wrong
