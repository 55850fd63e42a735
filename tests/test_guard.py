"""Each hole of nbval has a tiny bad notebook here, which must fail; good ones beside them must pass.

All of them run in one child session, in a project of their own, in parallel and from the
`notebooks` folder, with nothing but `--nbval`: so this also holds the options to be right everywhere.
"""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import notebook_guard
import pytest
import tiny

ROOT = Path(__file__).resolve().parents[1]
FAR_AWAY = "192.0.2.1"  # an address that no machine may have (RFC 5737)

GOOD = {
    "plain": ["x = 1", tiny.code("x + 1", tiny.result("2")), tiny.code("print(x)", "1\n")],
    "semicolon": ["import math", "math.pi;", tiny.code("_ = 3\nprint(_)", "3\n")],
    "history": [tiny.code("6 * 7", tiny.result("42")), tiny.code("print(_, Out[1])", "42 42\n")],
    "raises": [tiny.code("1 / 0", tiny.error("ZeroDivisionError", "division by zero"), tags=["raises-exception"])],
    "other_pixels": [
        "from IPython.display import HTML, display",
        tiny.code(
            "display({'text/plain': 'a line', 'text/html': "
            '\'<img src="data:image/png;base64,AAAA\\nBBBB" alt="a line">\'}, raw=True)',
            tiny.picture("a line", data="iVBORw0KGgo="),
        ),
    ],
    "loopback": [
        "import socket",
        tiny.code(
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "near = socket.create_connection(('localhost', server.getsockname()[1]))\n"
            "pair = socket.socketpair()\n"
            "print(near.getpeername()[0])",
            "127.0.0.1\n",
        ),
    ],
    "fresh_home": [
        "import os, pathlib\nhome = pathlib.Path(os.environ['INTERESTKIT_HOME'])",
        tiny.code("print(home.exists(), os.environ['OMP_NUM_THREADS'])", "False 1\n"),
        "home.mkdir()",
    ],
    "fresh_home_again": [
        "import os, pathlib\nhome = pathlib.Path(os.environ['INTERESTKIT_HOME'])",
        tiny.code("print(home.exists())", "False\n"),
        "home.mkdir()",
    ],
    "shadowed_sitecustomize": [tiny.code("import sys\nprint(sys.shadowed)", "True\n")],
    "native_output": [tiny.code("import os\n_ = os.system('echo from below')", "from below\n")],
}

# stem: (cells, number of the cell that must fail, words of its message)
BAD = {
    "other_output": ([tiny.code("print(2)", "1\n")], 0, "outputs differ"),
    "other_alt": (
        [
            tiny.code(
                "from IPython.display import display\ndisplay({'text/plain': 'a line', 'text/html': "
                '\'<img src="data:image/png;base64,AAAA" alt="no line">\'}, raw=True)',
                tiny.picture("a line"),
            )
        ],
        0,
        "outputs differ",
    ),
    "unknown_magic": (
        [
            tiny.code(
                "%notmagic\nraise TypeError", tiny.stderr("UsageError: Line magic function `%notmagic` not found.\n")
            )
        ],
        0,
        "failed without an error output: UsageError: Line magic function `%notmagic` not found",
    ),
    "unknown_cell_magic": (
        [tiny.code("%%notmagic\nraise TypeError", tiny.stderr("UsageError: Cell magic `%%notmagic` not found.\n"))],
        0,
        "failed without an error output: UsageError: Cell magic `%%notmagic` not found",
    ),
    "unknown_magic_tagged": (
        [tiny.code("%notmagic", tags=["raises-exception", "nbval-ignore-output"])],
        0,
        "failed without an error output",
    ),
    "never_run": ([tiny.code("print(1)", count=None)], 0, "never run"),
    "dead_kernel": (["x = 1", "import os; os._exit(1)", "x"], 1, "the kernel died"),
    "late_dead_kernel": (
        ["import os, threading; threading.Timer(0.5, os._exit, [1]).start()", "import time; time.sleep(9)"],
        1,
        "the kernel died",
    ),
    "endless": (["while True: pass", "x = 1", tiny.code("print(2)", "1\n")], 0, "Timeout of 5 seconds"),
    "swallowed_interrupt": (
        ["import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(7)", "x = 1"],
        0,
        "ran out of time",
    ),
    "raises_no_more": (
        [
            tiny.code(
                "1 / 1;",
                tiny.error("ZeroDivisionError", "division by zero"),
                tags=["raises-exception", "nbval-ignore-output"],
            )
        ],
        0,
        "raised nothing",
    ),
    "stderr": (
        [tiny.code("import sys; print('oh', file=sys.stderr)", tiny.stderr("oh\n"), tags=["nbval-ignore-output"])],
        0,
        "wrote to stderr",
    ),
    "native_stderr": (["import os, time; os.write(2, b'oh'); time.sleep(1)"], 0, "wrote to stderr"),
    "connect": ([f"import socket; socket.socket().connect(('{FAR_AWAY}', 80))"], 0, "network is closed"),
    "swallowed_connect": (
        [f"import socket\ntry: socket.socket().connect(('{FAR_AWAY}', 80))\nexcept OSError: pass"],
        0,
        f"reached for the network: socket.connect {FAR_AWAY}",
    ),
    "sendto": (
        [
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"try: s.sendto(b'x', ('{FAR_AWAY}', 9))\nexcept OSError: pass"
        ],
        0,
        f"reached for the network: socket.sendto {FAR_AWAY}",
    ),
    "look_up": (
        [
            "import socket\nfor ask in (socket.gethostbyname, lambda host: socket.getaddrinfo(host, 80)):\n"
            "    try: ask('example.invalid')\n    except OSError: pass"
        ],
        0,
        "reached for the network: socket.gethostbyname example.invalid, socket.getaddrinfo example.invalid",
    ),
    "child_connect": (
        [
            "import subprocess, sys\nask = 'import socket; socket.gethostbyname(\"example.invalid\")'\n"
            "_ = subprocess.run([sys.executable, '-c', ask], capture_output=True)"
        ],
        0,
        "reached for the network: socket.gethostbyname example.invalid",
    ),
}

UNIT = f"""
import os, socket, pathlib, pytest

def swallow():
    try: socket.socket().connect(("{FAR_AWAY}", 80))
    except OSError: pass

def test_swallowed(): swallow()

def test_raised():
    with pytest.raises(PermissionError, match="network is closed"):
        socket.gethostbyname("example.invalid")

def test_loopback():
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(("127.0.0.1", server.getsockname()[1]))

@pytest.mark.parametrize("time", [1, 2])
def test_fresh_home(time):
    home = pathlib.Path(os.environ["INTERESTKIT_HOME"])
    home.mkdir()
"""


def run(folder, *arguments):
    """A child pytest; returns it and {file stem: {test name: (outcome, message)}}."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], str(folder.parent / "elsewhere")])
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=report.xml", *arguments]
    child = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    results = defaultdict(dict)
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        stem = case.get("classname").removesuffix(".ipynb").split(".")[-1]
        outcome = [(bad.tag, (bad.get("message") or "") + (bad.text or "")) for bad in case]
        results[stem].setdefault(case.get("name"), []).extend(outcome)
    return child, results


def write(folder, notebooks):
    for stem, cells in notebooks.items():
        nbformat.write(tiny.notebook(*cells), folder / f"{stem}.ipynb")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """All notebooks in one parallel run."""
    project = tmp_path_factory.mktemp("guard") / "project"
    for name in ("notebooks", "tests", "elsewhere"):
        (project / name).mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (project / "elsewhere" / "sitecustomize.py").write_text("import sys; sys.shadowed = True\n")
    shutil.copy(ROOT / "conftest.py", project)
    shutil.copy(ROOT / "tests" / "notebook_guard.py", project / "tests")
    shutil.copytree(ROOT / "tests" / "offline", project / "tests" / "offline")
    (project / "tests" / "test_unit.py").write_text(UNIT)
    write(project / "notebooks", GOOD)
    write(project / "notebooks", {stem: cells for stem, (cells, _, _) in BAD.items()})
    return run(project / "notebooks", "--nbval", "--nbval-cell-timeout=5", "-n", "2", ".", "../tests")


def test_all_were_run(session):
    child, results = session
    assert set(results) == {*GOOD, *BAD, "test_unit"}, child.stdout[-3000:] + child.stderr[-3000:]


@pytest.mark.parametrize("stem", GOOD)
def test_a_good_notebook_passes(session, stem):
    results = session[1][stem]
    assert len(results) == len(GOOD[stem])
    assert not any(results.values()), results


@pytest.mark.parametrize("stem", BAD)
def test_a_bad_notebook_fails(session, stem):
    cells, number, words = BAD[stem]
    results = session[1][stem]
    assert len(results) == len(cells)
    assert not any(results[f"Cell {before}"] for before in range(number)), "it failed too early"
    (outcome, message), *_ = results[f"Cell {number}"]
    assert outcome == "failure"
    assert words in message


@pytest.mark.parametrize("stem", ["endless", "swallowed_interrupt"])
def test_after_a_time_out_all_cells_fail(session, stem):
    for results in session[1][stem].values():
        assert [outcome for outcome, _ in results] == ["failure"]
    assert "an earlier cell" in session[1][stem]["Cell 1"][0][1]


def test_cells_after_a_dead_kernel_fail(session):
    assert session[1]["dead_kernel"]["Cell 2"][0][0] == "failure"


def test_an_attempt_after_the_last_cell_fails_the_file(tmp_path):
    file = notebook_guard.File.__new__(notebook_guard.File)
    file.path, file.learner, file.log, file.reported = tmp_path / "a.ipynb", tmp_path / "learner", tmp_path / "log", 1
    file.log.write_text("socket.connect reported-with-its-cell\nsocket.connect late\n")
    with pytest.raises(pytest.fail.Exception, match="after its cells had run: socket.connect late$"):
        file.teardown()


def test_unit_tests_are_offline_too(session):
    results = session[1]["test_unit"]
    ((outcome, message),) = results.pop("test_swallowed")
    assert f"reached for the network: socket.connect {FAR_AWAY}" in message
    ((outcome, message),) = results.pop("test_raised")
    assert outcome == "error", "the refusal was expected by the test; that it was asked for still counts"
    assert not any(results.values()), results


def options(**changes):
    defaults = {
        "nbval": True,
        "nbval_kernel_name": None,
        "nbval_current_env": False,
        "nbval_cell_timeout": 2000,
        "nbval_kernel_startup_timeout": 60,
        "dist": "no",
    }
    return SimpleNamespace(**{**defaults, **changes})


def test_plain_nbval_is_settled():
    option = options()
    notebook_guard.settle(option)
    assert option.nbval_current_env
    assert (option.nbval_cell_timeout, option.nbval_kernel_startup_timeout) == (120, 120)


@pytest.mark.parametrize(
    "dist, settled",
    [
        ("load", "loadfile"),
        ("worksteal", "loadfile"),
        ("loadgroup", "loadfile"),
        ("loadfile", "loadfile"),
        ("loadscope", "loadscope"),
        ("no", "no"),
    ],
)
def test_cells_of_a_notebook_stay_together(dist, settled):
    option = options(dist=dist)
    notebook_guard.settle(option)
    assert option.dist == settled


def test_what_was_asked_for_is_kept():
    option = options(nbval_cell_timeout=5, nbval_kernel_name="python3")
    notebook_guard.settle(option)
    assert option.nbval_cell_timeout == 5 and not option.nbval_current_env
    without = options(nbval=False, dist="load")
    notebook_guard.settle(without)
    assert without.dist == "load" and not without.nbval_current_env


def test_another_nbval_is_refused(monkeypatch):
    monkeypatch.setattr(notebook_guard, "version", lambda name: "0.12.0")
    with pytest.raises(pytest.UsageError, match="nbval==0.11.0"):
        notebook_guard.settle(options())
