"""Draw assets/icon.png, a plain and a steered line from one start: ``python -m scripts.make_icon``."""

from PIL import Image, ImageDraw

from lineas.files import ASSETS

SIZE, OVERSAMPLING = 512, 4
TOP, BOTTOM = (124, 108, 246), (70, 54, 178)
FAINT, WHITE = (255, 255, 255, 120), (255, 255, 255, 255)


def draw() -> Image.Image:
    big = SIZE * OVERSAMPLING
    unit = big / 64
    shade = Image.linear_gradient("L").resize((big, big))
    background = Image.composite(Image.new("RGB", (big, big), BOTTOM), Image.new("RGB", (big, big), TOP), shade)
    corners = Image.new("L", (big, big), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, big - 1, big - 1), radius=15 * unit, fill=255)
    background.putalpha(corners)
    lines = Image.new("RGBA", (big, big))
    pen = ImageDraw.Draw(lines)

    def dot(x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        box = (x - radius) * unit, (y - radius) * unit, (x + radius) * unit, (y + radius) * unit
        pen.ellipse(box, fill=colour)

    for i in range(100):
        dot(12 + 40 * i / 99, 44, 2.2, FAINT)
    for i in range(200):
        dot(*_bezier(i / 199, (12, 44), (30, 44), (30, 20), (50, 20)), 2.6, WHITE)
    dot(50, 20, 5.4, WHITE)
    return Image.alpha_composite(background, lines).resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _bezier(t: float, *points: tuple[float, float]) -> tuple[float, float]:
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    p, q, r, s = points
    return a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]


if __name__ == "__main__":
    draw().save(ASSETS / "icon.png", optimize=True)
