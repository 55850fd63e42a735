"""plots.py: what a picture emits, what it refuses, and that it can be read by everyone."""

import base64
import io
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

from interestkit import plots

# Simulation of full colour blindness on linear RGB (Machado, Oliveira & Fernandes, 2009)
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.fixture
def emitted(monkeypatch):
    bundles = []
    monkeypatch.setattr(plots, "_emit", bundles.append)
    return bundles


def drawn(title="a title"):
    fig, ax = plots.figure()
    ax.plot([1, 2, 3], [1, 4, 9], **plots.style(0))
    ax.set_title(title)
    return fig


def pixels(bundle):
    from matplotlib.image import imread

    data = re.search(r"base64,([A-Za-z0-9+/=]+)", bundle["text/html"]).group(1)
    return imread(io.BytesIO(base64.b64decode(data)))


def test_show_emits_one_image_with_its_alt_text(emitted):
    assert plots.show(drawn(), alt="a curve\n  that rises") is None
    (bundle,) = emitted
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "a curve that rises"
    assert re.fullmatch(
        r'<img alt="a curve that rises" src="data:image/png;base64,[A-Za-z0-9+/=]+" style="[^"]*">',
        bundle["text/html"],
    )
    assert pixels(bundle).shape[:2] == (round(3.8 * plots.DPI), round(7 * plots.DPI))
    assert len(bundle["text/html"]) < 100_000


def test_alt_text_cannot_break_out_of_the_tag(emitted):
    plots.show(drawn(), alt='x < 3 & "wide" > y')
    assert 'alt="x &lt; 3 &amp; &quot;wide&quot; &gt; y"' in emitted[0]["text/html"]
    assert emitted[0]["text/plain"] == 'x < 3 & "wide" > y'


def test_the_same_picture_twice_is_the_same(emitted):
    for _ in range(2):
        plots.show(drawn(), alt="a curve")
    assert emitted[0] == emitted[1]


def test_the_background_is_opaque_and_light(emitted):
    plots.show(drawn(), alt="a curve")
    corner = pixels(emitted[0])[2, 2]
    assert corner.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("alt", ["", "  \n", None, 3])
def test_a_picture_without_alt_text_is_refused(emitted, alt):
    with pytest.raises(ValueError, match="a picture needs alt text"):
        plots.show(drawn(), alt=alt)
    assert not emitted


def test_what_is_no_figure_is_refused(emitted):
    with pytest.raises(ValueError, match="show needs a figure, got list"):
        plots.show([1, 2], alt="numbers")


def test_a_figure_of_pyplot_is_closed(emitted, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    fig, _ = plt.subplots()
    plots.show(fig, alt="nothing yet")
    assert plt.get_fignums() == []


def test_chinese_is_drawn_without_a_warning(emitted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for title in ("兴趣聚类 interests", "口口口口 interests"):
            plots.show(drawn(title), alt="a curve")
    assert not np.array_equal(pixels(emitted[0]), pixels(emitted[1]))


def test_chinese_is_drawn_in_a_figure_made_before_the_style_was_set():
    code = (
        "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots(); ax.set_title('兴趣'); ax.set_xlabel('聚类')\n"
        "from interestkit import plots; plots.show(fig, alt='axes')"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("axes\n", "")


def test_without_the_font_a_latin_picture_is_still_drawn():
    code = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'zhplot' else find(name, *a)\n"
        "from interestkit import plots\n"
        "fig, ax = plots.figure(); ax.set_title('plain'); plots.show(fig, alt='empty axes')\n"
        "print(plots.chinese_font())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("empty axes\nNone\n", "")


def test_importing_plots_loads_neither_matplotlib_nor_ipython():
    code = "import sys, interestkit.plots; print({'matplotlib', 'IPython', 'zhplot'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "set()\n"


def test_in_a_notebook_it_is_one_display_of_both_kinds():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from IPython.utils.capture import capture_output\n"
        "shell = InteractiveShell.instance(); shell.run_cell('import matplotlib')\n"
        "with capture_output() as seen:\n"
        "    shell.run_cell('from interestkit import plots; fig, ax = plots.figure(); plots.show(fig, alt=\"axes\")')\n"
        "print(len(seen.outputs), sorted(seen.outputs[0].data), repr(seen.stdout), repr(seen.stderr))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "1 ['text/html', 'text/plain'] '' ''\n", run.stderr


def test_a_line_is_named_at_its_last_point(emitted):
    fig, ax = plots.figure()
    lines = ax.plot([1, 2, 3], [5, 6, np.nan], **plots.style(1))
    plots.label_line(lines, "the mean silhouette of all households", up=4)
    (label,) = ax.texts
    assert (label.get_text(), label.xy) == ("the mean silhouette of all households", (2, 6))
    plots.show(fig, alt="a line")  # room is made for the name
    box = label.get_window_extent()
    assert 0 < box.x0 < box.x1 < fig.bbox.width
    with pytest.raises(ValueError, match="has no point"):
        plots.label_line(ax.plot([], []), "empty")


def test_series_differ_in_more_than_colour():
    styles = [plots.style(i) for i in range(4)]
    for key in ("color", "marker", "linestyle"):
        assert len({style[key] for style in styles}) == 4
    with pytest.raises(ValueError, match="at most 4 series"):
        plots.style(4)


def linear(color):
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colours_stay_apart_for_colour_blind_readers(kind):
    seen = [lab(np.asarray(BLINDNESS[kind]) @ linear(color)) for color in plots.COLORS]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > 35, [round(gap) for gap in gaps]


@pytest.mark.parametrize("color", [*plots.COLORS, plots.GREY, plots.INK])
def test_colours_stand_out_from_the_paper(color):
    luminance = linear(color) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 3  # WCAG 2.2, 1.4.11: graphical objects


@pytest.mark.parametrize("color", plots.COLORS)
def test_names_of_lines_can_be_read(color):
    _, ax = plots.figure()
    plots.label_line(ax.plot([1, 2], color=color), "name")
    red, green, blue = ax.texts[0].get_color()
    luminance = linear("#" + "".join(f"{round(255 * c):02x}" for c in (red, green, blue))) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2.2, 1.4.3: text
