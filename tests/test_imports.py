"""The architecture: what is loaded, who may import whom, how long a module may be, what must be documented."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from interestkit.workbook import places

ROOT = places.root()
KIT = ROOT / "interestkit"
HEAVY = {"tensorflow", "keras", "pandas", "matplotlib", "IPython", "scipy", "sklearn", "nbformat", "rich", "typer"}
LINES_OF_A_MODULE, LINES_OF_THE_KIT = 320, 6500  # "about 300", and the code of the kit without exercises/

MODULES = sorted(KIT.rglob("*.py"))
DOMAIN = [path for path in MODULES if path.parent == KIT and path.stem not in ("__init__", "__main__")]
WORKBOOK = [path for path in MODULES if path.parent == KIT / "workbook"]
EXERCISES = [path for path in MODULES if path.parent == KIT / "exercises" and path.stem != "__init__"]


def name_of(path):
    return str(path.relative_to(KIT))


def imported(tree):
    """Every module that a piece of code may load, as dotted names, at the top or inside functions."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def of_the_kit(path):
    """The parts of the kit that a module imports: `{"workbook", "clusters"}`."""
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    return {name.split(".")[1] for name in names if name.startswith("interestkit.")}


def child(code, **environment):
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


# What is loaded ----------------------------------------------------------------------


def test_a_first_verdict_loads_no_heavy_library(tmp_path):
    code = """
import sys
from interestkit import begin, check, claim, hint, progress, rng, seed, solution
begin("00_start_here")
def shares(counts):
    return counts / counts.sum(axis=1, keepdims=True).clip(1)
verdict = check(shares)
claim("tiny.right", verdict == 1, "the answer is right")
assert not isinstance(verdict, str)
print("MODULES", *sys.modules)
"""
    words = child(code, INTERESTKIT_HOME=str(tmp_path))
    loaded = {word.split(".")[0] for word in words[words.index("MODULES") :]}
    assert {"interestkit", "numpy", "sqlite3"} <= loaded
    assert not HEAVY & loaded


def test_importing_the_kit_loads_nothing_but_the_kit():
    code = "import sys; before = set(sys.modules); import interestkit; print(*set(sys.modules) - before)"
    assert set(child(code)) <= {"interestkit"}


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_a_domain_module_loads_no_heavy_library_before_it_is_used(path):
    needs = {"plots": {"matplotlib"}}.get(path.stem, set())
    loaded = child(f"import sys, interestkit.{path.stem}; print(*(name.split('.')[0] for name in sys.modules))")
    assert not ({"tensorflow", "keras", "IPython", "nbformat", "sklearn"} - needs) & set(loaded)


def test_the_names_of_the_kit_are_all_there():
    import interestkit

    assert set(interestkit.__all__) <= set(dir(interestkit))
    for name in interestkit.__all__:
        assert callable(getattr(interestkit, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        interestkit.nothing  # noqa: B018
    with pytest.raises(ImportError):
        from interestkit import nothing  # noqa: F401


# Who may import whom -----------------------------------------------------------------


def test_imports_inside_functions_are_seen():
    code = "import a.b\ndef f():\n    from interestkit.workbook import judge\n    from interestkit import shop"
    assert {"a.b", "interestkit.workbook.judge", "interestkit.shop"} <= imported(ast.parse(code))


@pytest.mark.parametrize("path", WORKBOOK, ids=name_of)
def test_the_machine_knows_nothing_of_the_domain(path):
    known = {"doctor": {"datafiles"}}.get(path.stem, set())  # which files must be there, and how large
    assert of_the_kit(path) <= {"workbook"} | known


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_knows_nothing_of_the_machine(path):
    assert not of_the_kit(path) & {"workbook", "exercises"}


def test_nothing_names_the_exercises_but_the_registry():
    """`exercise.py` loads them by name, when asked; messages may name their files, with slashes."""
    for path in set(MODULES) - set(EXERCISES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                docstring = "\n" in node.value or "`" in node.value
                assert docstring or "interestkit.exercises" not in node.value or path.stem == "exercise", path
        assert "exercises" not in of_the_kit(path), path
    loaded = child("import sys, interestkit.workbook.exercise, interestkit.workbook.lesson; print(*sys.modules)")
    assert not any(name.startswith("interestkit.exercises") for name in loaded)


@pytest.mark.parametrize("path", EXERCISES, ids=name_of)
def test_exercises_do_not_import_one_another(path):
    assert "exercises" not in of_the_kit(path)


# How long ----------------------------------------------------------------------------


def code_lines(text):
    """Lines that hold code: no blank lines, no comments, no docstrings."""
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                docstrings |= set(range(first.lineno, first.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and i not in docstrings for i, line in lines)


def test_lines_are_counted():
    assert (
        code_lines('"""Doc.\n\nMore."""\n\nimport a  # why\n\n# a comment\n\ndef f():\n    """Doc."""\n    return 1\n')
        == 3
    )


@pytest.mark.parametrize("path", [path for path in MODULES if path not in EXERCISES], ids=name_of)
def test_a_module_stays_short(path):
    assert code_lines(path.read_text(encoding="utf-8")) <= LINES_OF_A_MODULE


def test_the_kit_stays_short():
    lines = {path: code_lines(path.read_text(encoding="utf-8")) for path in MODULES if path not in EXERCISES}
    assert 500 < sum(lines.values()) <= LINES_OF_THE_KIT


# What is documented ------------------------------------------------------------------


def public(tree):
    """Public functions and classes of a module, and what its public classes do in more than one statement."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            for method in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_") and len(method.body) > 1:
                    yield method


@pytest.mark.parametrize("path", [path for path in MODULES if path not in EXERCISES], ids=name_of)
def test_public_names_have_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert [node.name for node in public(tree) if not ast.get_docstring(node)] == []


def arguments_of(function):
    names = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return [one.arg for one in names if one.arg not in ("self", "cls")]


def sections(function):
    """A docstring's sections: `{"Args": ["points: (n, d) array.", …], "Returns": […]}`."""
    found, lines = {}, (ast.get_docstring(function) or "").splitlines()
    for line in lines:
        if re.fullmatch(r"[A-Z][a-z]+:", line):
            section = found.setdefault(line[:-1], [])
        elif found and line.startswith("    "):
            section.append(line[4:])
    return found


def lacks(function):
    """What the docstring of a domain function leaves out."""
    told, arguments = sections(function), arguments_of(function)
    named = {name for line in told.get("Args", []) for name in re.findall(r"\w+", line.partition(":")[0])}
    missing = [name for name in arguments if name not in named]
    gives = any(isinstance(node, (ast.Return, ast.Yield)) and node.value for node in ast.walk(function))
    if gives and arguments and not {"Returns", "Yields"} & set(told):
        missing.append("Returns")
    return missing


INSIDE = {"nearest", "units"}  # imported by the kit's own modules alone: one line may say it all


@pytest.mark.parametrize("path", [path for path in DOMAIN if path.stem not in INSIDE], ids=name_of)
def test_domain_functions_say_what_they_take_and_return(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            defers = re.search(r"`[\w.]+` says what the arguments mean", ast.get_docstring(node) or "")
            if lacks(node) and not defers:
                found[node.name] = lacks(node)
    assert found == {}


def test_what_is_missing_is_found():
    text = 'def f(a, b, *, c):\n    """F.\n\n    Args:\n        a, b: two.\n            more: c\n    """\n    return 1'
    assert lacks(ast.parse(text).body[0]) == ["c", "Returns"]


# What no file says -------------------------------------------------------------------

# Written in pieces, so that this file does not hold what it looks for.
UNFINISHED = r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "coming " + "soon"]) + r")\b"
HOSTS = "|".join(
    f"{name}\\.{end}"
    for name, end in (
        ("py" + "pi", "org"), ("python" + "hosted", "org"), ("ana" + "conda", "(com|org)"), ("npm" + "js", "(com|org)"),
        ("hugging" + "face", "co"), ("jsdelivr" + "", "net"), ("un" + "pkg", "com"),
    )
)  # fmt: skip
OURS = {str(path) for path in (ROOT, Path.home(), Path(sys.base_prefix)) if len(path.parts) > 2}
MACHINE = "|".join(
    [re.escape(path) for path in OURS]
    + [rf"(?<![\w.~}}])/{folder}/\w" for folder in ("work", "home", "root", "Users", "opt")]  # and not below a folder
)
# Paths of no machine: inputs of the tests that look for such paths, and where a Python may be.
INVENTED = [*(f"/{path}" for path in ("home/ada", "home/x", "root/x", "opt/other", "opt/pyenv"))]


def tracked():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("this is no git checkout, so nobody knows which files belong to it")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts():
    """The text of every file of the repository, by its path."""
    found = {}
    for path in tracked():
        try:
            found[str(path.relative_to(ROOT))] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            assert path.suffix in (".png", ".ico"), path
    return found


def finds(pattern, line):
    for path in INVENTED:
        line = line.replace(path, "")
    return re.search(pattern, line) is not None


def test_the_patterns_find_what_they_look_for():
    assert finds(UNFINISHED, "# TO" + "DO: mend") and finds(UNFINISHED, "more is coming " + "soon")
    assert finds(HOSTS, "https://py" + "pi.org/simple") and finds(HOSTS, "files.python" + "hosted.org")
    assert finds(MACHINE, "cd /" + "work/x") and finds(MACHINE, f"open('{Path('/', 'home', 'me', 'x')}')")
    assert not finds(MACHINE, "notebooks/wo" + "rk/x, docs/home/x") and not finds(UNFINISHED, "to do")


@pytest.mark.parametrize("pattern", [UNFINISHED, HOSTS, MACHINE], ids=["unfinished", "hosts", "machine"])
def test_no_file_names_a_host_or_a_machine_or_is_unfinished(texts, pattern):
    lines = [(name, *line) for name, text in texts.items() for line in enumerate(text.splitlines(), 1)]
    assert len(lines) > 5000
    found = [f"{name}:{number}: {line.strip()[:100]}" for name, number, line in lines if finds(pattern, line)]
    assert found == []


def test_text_files_end_in_one_newline_and_hold_no_carriage_returns(texts):
    odd = [name for name, text in texts.items() if text and (not text.endswith("\n") or "\r" in text)]
    assert odd == []


def test_nothing_that_is_made_is_tracked(texts):
    assert not [name for name in texts if re.match(r"(desk|build|\.venv|dist)/", name) or name.endswith(".pyc")]
    assert Path(ROOT / ".gitignore").exists()
