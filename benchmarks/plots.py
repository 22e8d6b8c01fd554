"""Pictures of the results, as PNG files; without matplotlib there are tables only."""

from collections.abc import Mapping, Sequence
from pathlib import Path

WIDE = 20.0
"""Times the least value from which on an upright axis is logarithmic: one method's broken text must not flatten the others."""
COLORS = {
    "lineas": "tab:red", "prompting": "black", "caa": "tab:green", "caa_middle": "yellowgreen", "iti_c": "tab:purple",
    "mean_act": "tab:orange", "lin_act": "tab:blue", "lin_act_clamp": "tab:cyan", "aura": "tab:brown", "reft": "tab:pink",
    "lora": "tab:gray", "lora_rl": "gold",
}  # fmt: skip
"""A method has one colour in all pictures."""
Points = Sequence[tuple[float, float, float]]
"""x, y, and the half height of an error bar."""


def lines(
    path: Path,
    panels: Mapping[str, Mapping[str, Points]],
    x: str,
    y: Sequence[str],
    *,
    logarithmic: bool = True,
    order: bool = True,
    joined: bool = True,
) -> str:
    """A panel for each entry, a line for each method in it. Returns the Markdown that shows it, or that says why there is none.

    Args:
        y: the label of each panel's upright axis, or one for all.
        order: whether the points of a line are put in order of x.
        joined: whether points are joined by a line.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
    except ImportError:
        return "(No picture: matplotlib is not installed.)"
    figure = Figure(figsize=(4.6 * len(panels), 3.8), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    labels = list(y) * (len(panels) if len(y) == 1 else 1)
    for axis, (title, methods), label in zip(axes, panels.items(), labels, strict=True):
        for name, points in methods.items():
            drawn = sorted(points) if order else list(points)
            if not drawn:
                continue
            xs, ys, bars = zip(*drawn, strict=True)
            if name == "plain":
                if len(drawn) == 1:
                    axis.plot(xs, ys, "k*", markersize=13, label=name)
                else:
                    axis.plot(xs, ys, "k--", label=name)
            else:
                own = {"linewidth": 2.5, "zorder": 5} if name == "lineas" else {"linewidth": 1.2}
                own |= {
                    "color": COLORS.get(name),
                    "marker": "o",
                    "markersize": 4,
                    "capsize": 2,
                    "linestyle": "-" if joined else "none",
                }
                axis.errorbar(xs, ys, yerr=bars if any(bars) else None, label=name, **own)
        axis.set(title=title, xlabel=x, ylabel=label)
        heights = [height for points in methods.values() for _, height, _ in points]
        if min(heights) > 0 and max(heights) > WIDE * min(heights):
            axis.set_yscale("log")
        if logarithmic:
            axis.set_xscale("log")
            across = [place for points in methods.values() for place, _, _ in points]
            axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if max(across) < 100 * min(across) else (1,)))
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.xaxis.set_minor_formatter(NullFormatter())
        axis.grid(alpha=0.3)
    axes[-1].legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return f"![{path.stem}]({path.parent.name}/{path.name})"
