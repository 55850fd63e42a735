"""Pictures that everyone can read: one house style, and `show`, which demands alt text.

Matplotlib is loaded when the first picture is drawn. Not here: interactive pictures.
"""

from __future__ import annotations

import base64
import html
import importlib.util
import io
import logging
import pathlib
import sys

DPI = 110

# Four colours that stay far apart with any kind of colour blindness and stand out from white
# (tests/test_plots.py measures both). Markers and dashes tell the same without colour.
BLUE, ORANGE, PLUM, PINK = COLORS = ("#1a85ff", "#d55e00", "#3b1c5a", "#cc79a7")
GREY = "#6b6b6b"  # for what is only context
MARKERS = ("o", "s", "^", "D")
DASHES = ("-", "--", "-.", ":")

PAPER, INK, RULE = "#ffffff", "#1b1b1b", "#d9d9d9"

HOUSE = {
    "figure.dpi": DPI,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,  # so that dark text stays readable on a dark page
    "axes.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
}

_families = []  # of the fonts in use: the second has the glyphs that the first has not


def figure(width: float = 7, height: float = 3.8, rows: int = 1, columns: int = 1, **subplots):
    """An empty picture in the house style.

    Args:
        width: in inches.
        height: in inches.
        rows: of axes.
        columns: of axes.
        **subplots: passed to `Figure.subplots`, for instance `sharey=True`.
    Returns:
        The figure, and its axes (an array where there are several).
    """
    dress()
    from matplotlib.figure import Figure

    fig = Figure(figsize=(width, height))
    return fig, fig.subplots(rows, columns, **subplots)


def style(i: int) -> dict:
    """Colour, marker and dashes of one series.

    Args:
        i: which series, from 0 to 3.

    Returns:
        keywords for `plot`.
    """
    if not 0 <= i < len(COLORS):
        raise ValueError(f"a picture has at most {len(COLORS)} series, so i is 0 to 3, got {i}")
    return {"color": COLORS[i], "marker": MARKERS[i], "linestyle": DASHES[i]}


def label_line(line, text: str, up: float = 0) -> None:
    """Write the name of a line beside its last point, in place of a legend.

    The text has the colour of the line, darkened so that it can be read on white.

    Args:
        line: what `ax.plot(...)` returned, or one of its lines.
        text: the name.
        up: how far to move the name up, in points, where two would overlap.
    """
    line = line[0] if isinstance(line, (list, tuple)) else line
    seen = [(x, y) for x, y in line.get_xydata() if x == x and y == y]
    if not seen:
        raise ValueError(f"the line {text!r} has no point to be named at")
    line.axes.annotate(
        text,
        seen[-1],
        xytext=(8, up),
        textcoords="offset points",
        color=_dark(line.get_color()),
        va="center",
    )


def _dark(color) -> tuple:
    from matplotlib.colors import to_rgb

    return tuple((c + i) / 2 for c, i in zip(to_rgb(color), to_rgb(INK), strict=True))


def show(fig, alt: str) -> None:
    """Show a picture as one result: an image with its alt text, and the same text as plain text.

    The figure is closed.

    Args:
        fig: a Matplotlib figure.
        alt: what is to be seen, for those who do not see it.
    Raises:
        ValueError: if `alt` is empty, or `fig` is no figure.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError('a picture needs alt text: show(fig, alt="what is to be seen")')
    if not hasattr(fig, "savefig"):
        raise ValueError(f"show needs a figure, got {type(fig).__name__}: show(fig, alt=...)")
    dress()
    for text in fig.findobj(lambda artist: hasattr(artist, "set_fontfamily")):
        if text.get_fontfamily() == ["sans-serif"]:  # made before the style was set
            text.set_fontfamily(_families)
    alt = " ".join(alt.split())
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(fig)
    data = base64.b64encode(png.getvalue()).decode()
    image = (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
        f'style="max-width: 100%; background: {PAPER}">'
    )
    _emit({"text/html": image, "text/plain": alt})


def _emit(bundle: dict) -> None:
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if not shell:
        print(bundle["text/plain"])
        return
    from IPython.display import display

    display(bundle, raw=True)


def dress() -> None:
    """Load Matplotlib and set the house style, with a font for Chinese, once."""
    if _families:
        return
    # On a first run Matplotlib lists the machine's fonts and may log that this takes a moment.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    import matplotlib

    font = chinese_font()
    matplotlib.rcParams.update(HOUSE)
    _families.append("DejaVu Sans")
    if font is not None:
        from matplotlib import font_manager

        font_manager.fontManager.addfont(font)
        _families.append(font_manager.FontProperties(fname=font).get_name())
    matplotlib.rcParams["font.family"] = _families


def chinese_font() -> pathlib.Path | None:
    """Noto Sans SC, a file in the package zhplot that is read and never imported; or None."""
    spec = importlib.util.find_spec("zhplot")
    for folder in (spec and spec.submodule_search_locations) or ():
        file = pathlib.Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if file.is_file():
            return file
    return None
