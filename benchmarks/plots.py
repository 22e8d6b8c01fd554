"""Figures of the results as PNG files; without matplotlib the page has tables only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOG_RATIO = 20.0
"""Ratio of the largest to the smallest y above which the y axis is logarithmic, so that broken text does not flatten the rest."""
COLORS = {
    "lineas": "tab:red", "prompting": "black", "caa": "tab:green", "caa_middle": "yellowgreen", "iti_c": "tab:purple",
    "mean_act": "tab:orange", "lin_act": "tab:blue", "lin_act_clamp": "tab:cyan", "aura": "tab:brown", "reft": "tab:pink",
    "lora": "tab:gray", "lora_rl": "gold",
}  # fmt: skip
"""Each method's color, the same in all figures."""
Points = Sequence[tuple[float, float, float]]
"""x, y, and half the height of the error bar."""


def plot(
    path: Path,
    panels: Mapping[str, Mapping[str, Points]],
    x: str,
    y: Sequence[str],
    *,
    log_x: bool = True,
    sort: bool = True,
    connect: bool = True,
) -> str:
    """Save a figure with one panel for each entry and one line for each method in it.

    Args:
        y: one label for each panel, or one for all.
        sort: whether to sort a line's points by x.
        connect: whether to connect the points by a line.

    Returns:
        The Markdown that shows the figure, or says that matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return "(No figure: matplotlib is not installed.)"
    figure = Figure(figsize=(4.6 * len(panels), 3.8), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    labels = list(y) * (len(panels) if len(y) == 1 else 1)
    for axis, (title, methods), label in zip(axes, panels.items(), labels, strict=True):
        for name, points in methods.items():
            if points:
                _line(axis, name, sorted(points) if sort else points, "-" if connect else "none")
        axis.set(title=title, xlabel=x, ylabel=label)
        heights = [height for points in methods.values() for _, height, _ in points]
        if min(heights) > 0 and max(heights) > LOG_RATIO * min(heights):
            axis.set_yscale("log")
        if log_x:
            _log_x(axis, [value for points in methods.values() for value, _, _ in points])
        axis.grid(alpha=0.3)
    axes[-1].legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return f"![{path.stem}]({path.parent.name}/{path.name})"


def _line(axis: Any, name: str, points: Points, style: str) -> None:
    xs, ys, bars = zip(*points, strict=True)
    if name == "plain":
        axis.plot(xs, ys, "k*" if len(points) == 1 else "k--", markersize=13, label=name)
        return
    width = {"linewidth": 2.5, "zorder": 5} if name == "lineas" else {"linewidth": 1.2}
    look = {"color": COLORS.get(name), "marker": "o", "markersize": 4, "capsize": 2, "linestyle": style, **width}
    axis.errorbar(xs, ys, yerr=bars if any(bars) else None, label=name, **look)


def _log_x(axis: Any, values: Sequence[float]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if max(values) < 100 * min(values) else (1,)))
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
