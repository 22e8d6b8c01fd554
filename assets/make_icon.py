"""Draws ``icon.png``: two lines from one start, the plain one and the steered one. Run it in this folder."""

from pathlib import Path

from PIL import Image, ImageDraw

SIZE, FINE = 512, 4  # drawn larger, then made smaller: smooth edges
TOP, BOTTOM = (124, 108, 246), (70, 54, 178)


def draw(size: int = SIZE) -> Image.Image:
    big = size * FINE
    unit = big / 64
    shade = Image.linear_gradient("L").resize((big, big))
    ground = Image.composite(Image.new("RGB", (big, big), BOTTOM), Image.new("RGB", (big, big), TOP), shade)
    corners = Image.new("L", (big, big), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, big - 1, big - 1), radius=15 * unit, fill=255)
    ground.putalpha(corners)
    over = Image.new("RGBA", (big, big))
    pen = ImageDraw.Draw(over)
    _stroke(pen, [(12 + 40 * t / 99, 44) for t in range(100)], 2.2 * unit, unit, (255, 255, 255, 120))
    _stroke(
        pen,
        [_bezier(t / 199, (12, 44), (30, 44), (30, 20), (50, 20)) for t in range(200)],
        2.6 * unit,
        unit,
        (255, 255, 255, 255),
    )
    _dot(pen, (50, 20), 5.4 * unit, unit, (255, 255, 255, 255))
    return Image.alpha_composite(ground, over).resize((size, size), Image.Resampling.LANCZOS)


def _bezier(t: float, *points: tuple[float, float]) -> tuple[float, float]:
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    p, q, r, s = points
    return a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]


def _stroke(
    pen: ImageDraw.ImageDraw, line: list[tuple[float, float]], radius: float, unit: float, colour: tuple[int, ...]
) -> None:
    for point in line:
        _dot(pen, point, radius, unit, colour)


def _dot(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, unit: float, colour: tuple[int, ...]
) -> None:
    x, y = at[0] * unit, at[1] * unit
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


if __name__ == "__main__":
    draw().save(Path(__file__).with_name("icon.png"), optimize=True)
