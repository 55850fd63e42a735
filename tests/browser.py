"""A learner at the screen: JupyterLab as `make lab` serves it, in a real Chromium.

    python -m tests.browser 02_interest_clusters build/lesson.png --theme dark --run

draws a lesson as a learner sees it, in pieces of 1,400 pixels: `build/lesson-01.png`, …

For looking on and for tests; nothing in `interestkit` uses it. Desk and data folder are temporary.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# A container has no sandbox and no graphics card, and the workbook no business on the network.
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # the notebook that is seen
LAB = [sys.executable, "-m", "interestkit", "lab"]


def why_not():
    """Why no browser can be driven here; None if it can."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed: type  make env"
    return None if CHROMIUM else "no Chromium was found: on Debian, type  apt-get install chromium"


class Learner:
    """One JupyterLab and one page in it.

    Attributes:
        page: Playwright's page.
        notebook: the name of the notebook that is open.
        desk: folder of the learner's copies.
        address: the address that `lab` printed, with its token.
        printed: the lines that the terminal has shown.
        asked: the addresses that the page has asked for.
        complaints: errors and warnings of the page's console.
    """

    def __init__(self, page, desk, address, printed):
        self.page, self.desk, self.address, self.printed = page, desk, address, printed
        self.notebook = address.partition("/tree/")[2].partition("?")[0]
        self.asked, self.complaints = [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda line: line.type in ("error", "warning") and self.complaints.append(line.text))

    def start(self):
        """Open the address that `lab` printed, and wait until its notebook can be used."""
        self.page.goto(self.address, wait_until="commit")
        self._wait_for_notebook()

    def open(self, notebook, mode="lab"):
        """Open a notebook of the desk; mode "doc" shows nothing beside it."""
        self.notebook = notebook
        token = self.address.partition("?")[2]
        base = self.address.partition("/lab")[0]
        self.page.goto(f"{base}/{mode}/tree/{notebook}?{token}", wait_until="commit")
        self._wait_for_notebook()

    def _wait_for_notebook(self):
        front = f".lm-DockPanel .jp-mod-current .lm-TabBar-tabLabel:text-is('{self.notebook}')"
        self.page.wait_for_selector(front, state="attached")  # others may be open, from the last time
        self.page.wait_for_function(  # they are drawn a few at a time
            "([cells, n]) => document.querySelectorAll(cells).length === n",
            arg=[f"{FRONT} .jp-Cell", len(self._cells())],
        )
        self.wait_until_idle()

    def wait_until_idle(self):
        """Wait until there is a kernel that has nothing to do."""
        self.page.wait_for_function(
            """front => {
                const [name, status] = ['.jp-KernelName', '.jp-Notebook-ExecutionIndicator']
                    .map(selector => document.querySelector(front + ' ' + selector));
                return name && status && name.textContent.trim() !== 'No Kernel' && status.dataset.status === 'idle';
            }""",
            arg=FRONT,
        )

    def choose(self, menu, entry):
        """Choose an entry of the menu bar."""
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def save(self):
        """Save the open notebook, and wait until it is on the disk."""
        self.choose("File", "Save Notebook")
        self.page.wait_for_selector(".lm-TabBar-tab.lm-mod-current.jp-mod-current:not(.jp-mod-dirty)")

    def dialogs(self):
        """The texts of what stands between the learner and the page: dialogs, pop-ups."""
        return self.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()

    def tabs(self):
        """The names of the documents that are open."""
        return self.page.locator(".lm-DockPanel .lm-TabBar-tabLabel").all_inner_texts()

    def unsaved(self):
        """The names of the documents that would ask to be saved."""
        return self.page.locator(".lm-DockPanel .jp-mod-dirty .lm-TabBar-tabLabel").all_inner_texts()

    def kernel(self):
        """The name that JupyterLab shows for the kernel."""
        return self.page.locator(f"{FRONT} .jp-KernelName").inner_text().strip()

    def run_all(self, seconds=180):
        """Run all cells as the menu does, and wait until the last has run.

        Raises:
            AssertionError: if a cell failed; it shows what stands below that cell.
        """
        self.choose("Run", "Run All Cells")
        self.page.wait_for_function(
            """prompts => {
                const texts = [...document.querySelectorAll(prompts)].map(prompt => prompt.textContent);
                return !texts.includes('[*]:') && texts.some(text => /[0-9]/.test(text));
            }""",
            arg=f"{FRONT} .jp-CodeCell .jp-InputPrompt",
            timeout=1000 * seconds,
        )
        self.wait_until_idle()
        failed = self.page.locator(f"{FRONT} [data-mime-type='application/vnd.jupyter.error']").all_text_contents()
        assert not failed, "\n".join(failed)

    def _cells(self):
        return json.loads((self.desk / self.notebook).read_text(encoding="utf-8"))["cells"]

    def sources(self):
        """What the cells of the open notebook say on the disk."""
        return ["".join(cell["source"]) for cell in self._cells()]

    def place(self, **marks):
        """The index of the cell that bears these marks: `exercise="clusters.assign", role="stub"`."""
        known = [cell["metadata"].get("interestkit", {}).items() for cell in self._cells()]
        return next(n for n, items in enumerate(known) if marks.items() <= items)

    def cell(self, n):
        """The nth cell of the open notebook, from 0."""
        return self.page.locator(f"{FRONT} .jp-Cell").nth(n)

    def write(self, n, source):
        """Replace what a code cell holds, with the keyboard."""
        self.cell(n).scroll_into_view_if_needed()
        self.cell(n).locator(".jp-InputArea-editor .cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def below(self, n):
        """What stands below a code cell: the text of its outputs."""
        outputs = self.cell(n).locator(".jp-OutputArea-output")
        if not outputs.count():
            return ""
        outputs.first.scroll_into_view_if_needed()  # JupyterLab does not draw what is out of sight
        drawn = "output => output.innerText !== '' || output.querySelector('img, svg, canvas')"
        self.page.wait_for_function(drawn, arg=outputs.first.element_handle())
        return "\n".join(outputs.all_inner_texts())

    def run(self, n):
        """Run a code cell with the keyboard, and return what then stands below it."""
        cell = self.cell(n)
        before = cell.locator(".jp-InputPrompt").text_content()
        cell.locator(".jp-InputArea-editor .cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            """([n, front, before]) => {
                const cell = document.querySelectorAll(front + ' .jp-Cell')[n];
                const prompt = cell.querySelector('.jp-InputPrompt').textContent;
                return prompt !== before && /^\\[[0-9]+\\]:$/.test(prompt);
            }""",
            arg=[n, FRONT, before],
        )
        self.wait_until_idle()
        return self.below(n)


@contextlib.contextmanager
def open_lab(folder, *args, theme="light", width=1280, height=900, lab=LAB):
    """JupyterLab on a desk of its own below `folder`, and a browser that has not opened it yet.

    Args:
        folder: where the desk and the learner's data folder go.
        args: further arguments for `lab`.
        theme: "light" or "dark".
        width, height: of the window, in pixels.
        lab: the command line that serves.

    Yields:
        A `Learner`.
    """
    from playwright.sync_api import sync_playwright

    folder = Path(folder)
    env = {**os.environ, "INTERESTKIT_DESK": str(folder / "desk"), "INTERESTKIT_HOME": str(folder / "home")}
    if theme == "dark":
        chosen = {"theme": "JupyterLab Dark"}
        path = folder / "home/jupyter/config/lab/user-settings/@jupyterlab/apputils-extension"
        path.mkdir(parents=True, exist_ok=True)
        (path / "themes.jupyterlab-settings").write_text(json.dumps(chosen), encoding="utf-8")
    with serving([*lab, "--no-browser", f"--port={free_port()}", *args], env) as (address, printed):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
            page.set_default_timeout(60_000)
            try:
                yield Learner(page, folder / "desk", address, printed)
            finally:
                browser.close()


@contextlib.contextmanager
def serving(line, env):
    """A server that prints its address; it has ended when this ends.

    Yields:
        The address with its token, and the list of lines printed so far, which grows.
    """
    server = subprocess.Popen(line, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed, found = [], threading.Event()

    def read():
        for row in server.stdout:
            printed.append(row.rstrip())
            if "/lab" in row and "token=" in row:
                found.set()
        found.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        found.wait(60)
        addresses = re.findall(r"http://\S+/lab\S*token=\w+", "\n".join(printed))
        if not addresses:
            raise RuntimeError("no address was printed:\n" + "\n".join(printed))
        _wait_until_listening(addresses[0])
        yield addresses[0], printed
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        reader.join(5)
        server.stdout.close()


def _wait_until_listening(address):
    """JupyterLab prints its address a moment before it listens there."""
    port = int(re.search(r":(\d+)/", address).group(1))
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(("localhost", port)).close()
            return
        time.sleep(0.05)


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def screenshot(learner, path, piece=1400):
    """Draw the open notebook from its top to its end, in pieces.

    Args:
        learner: one who has opened a notebook.
        path: `lesson.png` gives `lesson-01.png`, `lesson-02.png`, …
        piece: pixels of height of each.

    Returns:
        The paths written.
    """
    page, path, written = learner.page, Path(path), []
    path.parent.mkdir(parents=True, exist_ok=True)
    scroller = page.locator(f"{FRONT} .jp-WindowedPanel-outer").first
    if page.locator("#jp-left-stack").is_visible():
        page.keyboard.press("Control+b")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": piece + 100})
    page.mouse.move(0, 0)
    time.sleep(0.5)
    top = 0
    while True:
        scroller.evaluate("(box, top) => { box.scrollTop = top }", top)
        time.sleep(0.4)  # pictures and mathematics are drawn when they come into view
        at, seen, end = scroller.evaluate(
            """box => {
                const last = [...box.querySelectorAll('.jp-Cell')].pop().getBoundingClientRect();
                return [box.scrollTop, box.clientHeight, last.bottom - box.getBoundingClientRect().top];
            }"""
        )
        file = path.with_name(f"{path.stem}-{len(written) + 1:02d}{path.suffix}")
        scroller.screenshot(path=file)
        written.append(file)
        if end <= seen:
            return written
        top = at + seen - 40


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description="Draw a lesson as a learner sees it.")
    parser.add_argument("lesson", help="02_interest_clusters")
    parser.add_argument("picture", help="build/lesson.png, which gives build/lesson-01.png, …")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--run", action="store_true", help="run all cells first")
    parser.add_argument("--width", type=int, default=1100)
    parser.add_argument("--solved", action="store_true", help="draw the solved lesson")
    choice = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    with tempfile.TemporaryDirectory() as folder, open_lab(folder, theme=choice.theme, width=choice.width) as learner:
        name = f"{choice.lesson.removesuffix('.ipynb')}.ipynb"
        if choice.solved:
            from interestkit.workbook import places

            shutil.copy(places.solutions() / name, learner.desk / name)
        learner.open(name, mode="doc" if not choice.run else "lab")
        if choice.run:
            learner.run_all()
            learner.save()
            learner.open(name, mode="doc")
        print(*screenshot(learner, choice.picture), sep="\n")


if __name__ == "__main__":
    main()
