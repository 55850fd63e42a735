"""Is this machine ready? One line for each thing, and for each that is not, the line that mends it.

It imports none of the packages it looks at, Jupyter's finder of kernels apart: what is installed,
and in which version, stands in their metadata. It changes nothing. `python -m interestkit doctor`
calls `run`.
"""

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from interestkit import datafiles
from interestkit.workbook import places

GB = 10**9
MEMORY = 4 * GB
DISK = 1 * GB


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        ok: whether there is nothing to do.
        text: one sentence; where something is to do, it ends in the line to type.
    """

    ok: bool
    text: str

    def __str__(self):
        return f"[ok]  {self.text}" if self.ok else f"[fix] {self.text}"


def this_python():
    """How to call this interpreter from here: `.venv/bin/python`, or its full path."""
    here = os.path.join(os.getcwd(), "")
    return sys.executable.removeprefix(here)


def checkout():
    """The checkout we stand in (the working folder or one above it); else the kit's own."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "interestkit" / "workbook").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    return places.root()


def mend():
    """The line that installs the packages afresh, by the kind of environment this is."""
    if datafiles.in_our_venv():
        return datafiles.MEND_VENV
    if Path(sys.prefix, "conda-meta").is_dir():
        return "conda env update --file environment.yml"
    return f"{this_python()} -m pip install --require-hashes -r requirements.txt"


def bounds_of(specifiers):
    """`>=2.4,<2.5` of a `packaging.specifiers.SpecifierSet`, the lower bound first."""
    return ",".join(sorted(map(str, specifiers), reverse=True))


def check_python():
    """Is this Python within the bounds of interestkit's own metadata?"""
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(metadata.metadata("interestkit")["Requires-Python"])
    found = platform.python_version()
    if wanted.contains(found, prereleases=True):
        return Finding(True, f"Python {found} ({bounds_of(wanted)})")
    return Finding(False, f"Python {found} is not within {bounds_of(wanted)}; type  make -B env PYTHON=python3.12")


def check_package(requirement):
    """Is one requirement of interestkit installed, in a version within its bounds?

    Args:
        requirement: a `packaging.requirements.Requirement`.
    """
    name, bounds = requirement.name, bounds_of(requirement.specifier)
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(False, f"{name} ({bounds}) is not installed; type  {mend()}")
    if requirement.specifier.contains(found, prereleases=True):
        return Finding(True, f"{name} {found} ({bounds})")
    return Finding(False, f"{name} {found} is not within {bounds}; type  {mend()}")


def check_packages():
    """A finding for each package that interestkit's metadata asks for on this machine, by name."""
    from packaging.requirements import Requirement

    asked = map(Requirement, metadata.requires("interestkit") or ())
    here = [requirement for requirement in asked if not requirement.marker or requirement.marker.evaluate()]
    return [check_package(requirement) for requirement in sorted(here, key=lambda each: each.name)]


def check_data(distribution):
    """Is a data package there in its pinned version, each file with its size and checksum?"""
    names = [name for name, file in datafiles.DATA_FILES.items() if file.distribution == distribution]
    pinned = datafiles.VERSIONS[distribution]
    try:
        size = sum(datafiles.verify(name).stat().st_size for name in names)
        found = metadata.version(distribution)
    except datafiles.MissingData as error:
        return Finding(False, str(error))
    except metadata.PackageNotFoundError:
        return Finding(False, f"{distribution} {pinned} is not installed; type  {datafiles.mend()}")
    if found != pinned:
        return Finding(False, f"{distribution} {found} should be {pinned}; type  {datafiles.mend()}")
    return Finding(True, f"{distribution} {found}, data files whole: {len(names)} ({size / 1e6:.1f} MB)")


def available_memory(meminfo="/proc/meminfo", cgroup="/sys/fs/cgroup"):
    """Bytes that a new process can have: of the machine, and of the container's limit if lower."""
    try:
        lines = Path(meminfo).read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):  # not Linux: all there is, in use or not
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit, used = (int(Path(cgroup, name).read_text()) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return free
    return min(free, limit - used)


def check_memory():
    """Can the largest lesson run, JupyterLab and a browser beside it?"""
    found = available_memory()
    if found >= MEMORY:
        return Finding(True, f"memory: {found / GB:.1f} GB available ({MEMORY / GB:.0f} are enough)")
    return Finding(
        False,
        f"memory: {found / GB:.1f} GB available, and the largest lessons want {MEMORY / GB:.0f};"
        " close what you do not need, and to see what takes most, type  top -o %MEM",
    )


def check_disk():
    """Is there room for the desk, built notebooks, and what tests leave behind?"""
    found = shutil.disk_usage(checkout()).free
    if found >= DISK:
        return Finding(True, f"disk: {found / GB:.1f} GB free ({DISK / GB:.0f} is enough)")
    return Finding(
        False,
        f"disk: {found / GB:.1f} GB free, and {DISK / GB:.0f} is wanted;"
        f" to throw away what pip keeps for later, type  {this_python()} -m pip cache purge",
    )


def check_kernel():
    """Does the kernel `python3`, which every lesson names, start this interpreter?"""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return Finding(False, f"the kernel: jupyter-client is not installed; type  {mend()}")
    try:
        program = (KernelSpecManager().get_kernel_spec("python3").argv or [""])[0]
    except NoSuchKernel:
        return Finding(
            False, f"the kernel python3 is not there; type  {this_python()} -m ipykernel install --sys-prefix"
        )
    # Jupyter reads a bare "python" as the interpreter that JupyterLab itself runs on.
    bare = program.startswith("python") and os.sep not in program
    if bare or os.path.dirname(os.path.abspath(program)) == os.path.dirname(sys.executable):
        return Finding(True, "the kernel python3 starts this Python")
    return Finding(
        False,
        f"the kernel python3 starts another Python, {program};"
        f" type  {this_python()} -m jupyter kernelspec remove -f python3",
    )


def check_kit():
    """Do the notebooks import the interestkit of the checkout we stand in, as it is now?"""
    wanted = checkout()
    fix = f"{this_python()} -m pip install --no-deps --no-build-isolation --editable {os.path.relpath(wanted)}"
    try:
        record = json.loads(metadata.distribution("interestkit").read_text("direct_url.json") or "{}")
    except metadata.PackageNotFoundError:
        return Finding(False, f"interestkit is not installed; type  {fix}")
    if not record.get("dir_info", {}).get("editable"):
        return Finding(False, f"interestkit is a copy that does not follow this checkout; type  {fix}")
    found = Path(url2pathname(urlsplit(record["url"]).path))
    if found.resolve() != wanted.resolve():
        return Finding(False, f"interestkit is the one of another checkout, {found}; type  {fix}")
    return Finding(True, "interestkit is the one of this checkout")


def findings():
    """All findings, in the order they are printed."""
    try:
        yield check_python()
        yield from check_packages()
    except (ImportError, metadata.PackageNotFoundError) as error:
        yield Finding(False, f"{error.name} is not installed; type  {mend()}")
    yield from map(check_data, datafiles.VERSIONS)
    yield check_memory()
    yield check_disk()
    yield check_kernel()
    yield check_kit()


def run():
    """Print every finding and a closing line.

    Returns:
        0 if there is nothing to mend, else 1: the exit status.
    """
    to_mend = 0
    for finding in findings():
        print(finding, flush=True)
        to_mend += not finding.ok
    if to_mend:
        print(f"\nTo mend: {to_mend}. Begin with the first, then type  {this_python()} -m interestkit doctor  again.")
        return 1
    print("\nThis machine is ready: type  make lab")
    return 0
