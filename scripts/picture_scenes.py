"""Scenes that a program draws, and captions that say what is in them: all that the small picture model learns from."""

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

SIZE = 48
"""Side of a picture in pixels."""
ZOOM = 3
"""Scenes are drawn this many times larger and then reduced, so that edges are smooth."""

RGB = tuple[int, int, int]

THINGS = ("house", "tent", "car", "boat", "tree", "balloon")
COLOURS: dict[str, RGB] = {
    "red": (214, 40, 40),
    "blue": (38, 92, 214),
    "yellow": (246, 212, 44),
    "green": (24, 140, 62),
    "purple": (140, 60, 180),
}
PLACES = {"meadow": "in a meadow", "desert": "in the desert", "sea": "by the sea", "mountains": "in the mountains"}
WEATHERS = {
    "": ("",),
    "rain": ("in the rain",),
    "snow": ("in the snow", "in winter"),
    "fog": ("in the fog", "in the mist"),
    "autumn": ("in autumn",),
}
TIMES = {"": ("",), "night": ("at night",), "sunset": ("at sunset", "in golden light")}
STYLES = {"": ("",), "pencil": ("as a pencil drawing",)}


@dataclass(frozen=True)
class Scene:
    """What is in a picture; empty strings are clear weather, day and the plain style."""

    thing: str
    colour: str
    place: str
    weather: str = ""
    time: str = ""
    style: str = ""

    @property
    def held_out(self) -> bool:
        """Whether the model never sees this combination: every tenth thing with its colour and place, and every tenth scene."""
        return _tenth(self.thing, self.colour, self.place) or _tenth(*self.words())

    def words(self) -> tuple[str, ...]:
        return (self.thing, self.colour, self.place, self.weather, self.time, self.style)

    def caption(self) -> str:
        """The plainest caption."""
        settings = (WEATHERS[self.weather][0], TIMES[self.time][0], STYLES[self.style][0])
        return " ".join(part for part in (f"a {self.colour} {self.thing}", PLACES[self.place], *settings) if part)

    def some_caption(self, dice: random.Random) -> str:
        """A caption in other words and another order, which now and then leaves something out."""
        forgotten = [dice.random() < 0.06 for _ in range(2)]
        thing = f"a {self.thing}" if forgotten[0] else f"a {self.colour} {self.thing}"
        parts = [] if forgotten[1] else [PLACES[self.place]]
        parts += [dice.choice(WEATHERS[self.weather]), dice.choice(TIMES[self.time]), dice.choice(STYLES[self.style])]
        if dice.random() < 0.3:
            dice.shuffle(parts)
        return " ".join([thing, *filter(None, parts)])


def _tenth(*words: str) -> bool:
    return int(hashlib.sha256(" ".join(words).encode()).hexdigest(), 16) % 10 == 0


def all_scenes() -> Iterator[Scene]:
    yield from itertools.starmap(Scene, itertools.product(THINGS, COLOURS, PLACES, WEATHERS, TIMES, STYLES))


def random_scene(dice: random.Random) -> Scene:
    """A scene of the training set; the plain ones are more frequent than their share."""
    while True:
        scene = Scene(
            dice.choice(THINGS),
            dice.choice(list(COLOURS)),
            dice.choice(list(PLACES)),
            dice.choices(list(WEATHERS), (4, 1, 1.3, 1.3, 1.3))[0],
            dice.choices(list(TIMES), (4, 2, 2))[0],
            dice.choices(list(STYLES), (4, 1))[0],
        )
        if not scene.held_out:
            return scene


def draw(scene: Scene, dice: random.Random) -> Image.Image:
    """Draw a scene: RGB, SIZE × SIZE. The dice decide positions and sizes."""
    image = Image.new("RGB", (SIZE * ZOOM, SIZE * ZOOM))
    _Painter(image, scene, dice).paint()
    if scene.style == "pencil":
        image = _pencil(image)
    return image.reduce(ZOOM)


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    return tuple(round(x + share * (y - x)) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def _pencil(image: Image.Image) -> Image.Image:
    """Dark outlines on paper, with a trace of the colours."""
    lines = image.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    lines = lines.point([min(255, 6 * level) for level in range(256)])
    ImageDraw.Draw(lines).rectangle(
        (0, 0, lines.width - 1, lines.height - 1), outline=0, width=2
    )  # the filter frames it
    paper = Image.blend(image, Image.new("RGB", image.size, (246, 243, 234)), 0.68)
    paper.paste((60, 58, 62), mask=lines)
    return paper


class _Painter:
    """One picture in the making; lengths are in pixels of the finished picture."""

    def __init__(self, image: Image.Image, scene: Scene, dice: random.Random) -> None:
        self.scene, self.dice, self.image = scene, dice, image
        self.brush = ImageDraw.Draw(image)
        self.horizon = 25 + dice.uniform(-1, 1)

    def paint(self) -> None:
        self.sky()
        self.place()
        x, y, zoom = 24 + self.dice.uniform(-2, 2), 40 + self.dice.uniform(-0.5, 0.5), self.dice.uniform(1.0, 1.05)
        if self.scene.thing == "balloon":
            y -= 8
        getattr(self, self.scene.thing)(x, y, zoom, self.lit(COLOURS[self.scene.colour], 0.45))
        self.weather()

    # ---- light and shapes

    def lit(self, colour: RGB, most: float = 1.0) -> RGB:
        """A colour in the light of the scene's time and weather, changed by at most this share."""
        if self.scene.time == "night":
            colour = _mix(colour, tuple(round(c * f) for c, f in zip(colour, (0.28, 0.32, 0.5), strict=True)), most)  # type: ignore[arg-type]
        elif self.scene.time == "sunset":
            colour = _mix(colour, (255, 140, 40), 0.38 * most)
        if self.scene.weather == "fog":
            colour = _mix(colour, self.mist(), 0.55 if most < 1 else 0.75)
        return colour

    def mist(self) -> RGB:
        return {"night": (70, 76, 98), "sunset": (238, 200, 160), "": (218, 221, 224)}[self.scene.time]

    def polygon(self, colour: RGB, *points: tuple[float, float]) -> None:
        self.brush.polygon([(x * ZOOM, y * ZOOM) for x, y in points], fill=colour)

    def box(self, colour: RGB, left: float, top: float, right: float, bottom: float) -> None:
        self.polygon(colour, (left, top), (right, top), (right, bottom), (left, bottom))

    def circle(self, colour: RGB, x: float, y: float, radius: float) -> None:
        self.brush.ellipse([(v * ZOOM) for v in (x - radius, y - radius, x + radius, y + radius)], fill=colour)

    # ---- sky, ground, weather

    def sky(self) -> None:
        time, weather = self.scene.time, self.scene.weather
        top, low = {
            "": ((120, 190, 245), (190, 225, 250)),
            "night": ((10, 12, 44), (30, 34, 78)),
            "sunset": ((240, 110, 60), (255, 205, 110)),
        }[time]
        grey = {"": (148, 156, 168), "night": (30, 34, 46), "sunset": (196, 130, 98)}[time]
        pale = {"": (214, 220, 230), "night": (40, 46, 74), "sunset": (240, 180, 140)}[time]
        if weather in ("rain", "snow", "fog"):
            cover = {"rain": grey, "snow": pale, "fog": self.mist()}[weather]
            top, low = _mix(top, cover, 0.85), _mix(low, cover, 0.85)
        for row in range(round(self.horizon * ZOOM) + ZOOM):
            self.brush.line([(0, row), (SIZE * ZOOM, row)], fill=_mix(top, low, row / (self.horizon * ZOOM)))
        x = self.dice.choice((9, 39)) + self.dice.uniform(-2, 2)
        if weather == "rain":
            for cloud in range(3):
                self.circle(_mix(grey, (70, 76, 90), 0.6), 10 + 14 * cloud + self.dice.uniform(-3, 3), 5, 6)
        elif weather == "fog":
            pass
        elif time == "night":
            self.circle((244, 240, 206), x, 9, 4)
            self.circle(top, x + 2, 8, 3.4)
            for _ in range(7):
                self.circle((230, 230, 255), self.dice.uniform(1, 47), self.dice.uniform(1, 20), 0.6)
        elif time == "sunset":
            self.circle((255, 236, 150), x, 20, 5.5)
        elif weather != "snow":
            self.circle((255, 226, 70), x, 9, 4.5)

    def place(self) -> None:
        weather, y = self.scene.weather, self.horizon
        ground: RGB = {
            "meadow": (112, 190, 84),
            "desert": (232, 202, 132),
            "sea": (238, 220, 168),
            "mountains": (134, 150, 122),
        }[self.scene.place]
        white, brown = (243, 247, 252), (206, 118, 44)
        if weather == "snow":
            ground = _mix(ground, white, 0.92)
        elif weather == "autumn":
            ground = _mix(ground, brown, 0.8)
        elif weather == "rain":
            ground = _mix(ground, (90, 100, 110), 0.25)
        if self.scene.place == "mountains":
            for x, peak in ((8, 8), (26, 5), (42, 10)):
                x += self.dice.uniform(-2, 2)
                self.polygon(self.lit((112, 116, 136)), (x - 15, y + 1), (x, peak), (x + 15, y + 1))
                self.polygon(self.lit((250, 250, 255)), (x - 4, peak + 5), (x, peak), (x + 4, peak + 5))
        self.box(self.lit(ground), 0, y, SIZE, SIZE)
        if self.scene.place == "meadow":
            hill = _mix(ground, (40, 90, 40), 0.25)
            self.polygon(self.lit(hill), (0, y - 3), (14, y - 4), (30, y), (48, y - 2), (48, y + 3), (0, y + 3))
        elif self.scene.place == "desert":
            self.polygon(
                self.lit(_mix(ground, (160, 110, 50), 0.2)), (0, y), (12, y - 6), (27, y), (40, y - 5), (48, y)
            )
            cactus = self.lit((60, 110, 60))
            for left in (4, 43):
                self.box(cactus, left - 1, y - 6, left + 1, y + 4)
                self.box(cactus, left - 3, y - 2, left + 3, y - 0.5)
        elif self.scene.place == "sea":
            self.box(self.lit((26, 104, 170)), 0, y, SIZE, y + 8)
            for row in (2, 5):
                self.box(self.lit((120, 180, 220)), 0, y + row, SIZE, y + row + 0.7)

    def weather(self) -> None:
        spots = [(self.dice.uniform(0, 48), self.dice.uniform(0, 48)) for _ in range(44)]
        if self.scene.weather == "rain":
            for x, y in spots:
                ends = [(x * ZOOM, y * ZOOM), ((x - 1.2) * ZOOM, (y + 4) * ZOOM)]
                self.brush.line(ends, fill=self.lit((196, 216, 240), 0.4), width=2)
        elif self.scene.weather == "snow":
            for x, y in spots:
                self.circle(self.lit((255, 255, 255), 0.3), x, y, 0.9)
        elif self.scene.weather == "autumn":
            for x, y in spots[:26]:
                self.circle(self.lit(self.dice.choice(((226, 92, 20), (240, 160, 30))), 0.4), x, y, 1.1)

    # ---- things; (x, y) is the middle of the lower edge

    def house(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        w, h = 9 * zoom, 11 * zoom
        self.box(colour, x - w, y - h, x + w, y)
        self.polygon(_mix(colour, (40, 20, 20), 0.5), (x - w - 2, y - h), (x, y - h - 8 * zoom), (x + w + 2, y - h))
        self.box(self.lit((70, 44, 30)), x - 1.8, y - 6, x + 1.8, y)
        window = (255, 236, 150) if self.scene.time == "night" else self.lit((214, 236, 250))
        for side in (-1, 1):
            self.box(window, x + side * 5.6 - 1.6, y - 8.5, x + side * 5.6 + 1.6, y - 5)

    def tent(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        w, h = 12 * zoom, 16 * zoom
        self.polygon(colour, (x - w, y), (x, y - h), (x + w, y))
        self.polygon(_mix(colour, (20, 14, 20), 0.65), (x - 4 * zoom, y), (x, y - h), (x + 4 * zoom, y))

    def car(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        w = 13 * zoom
        self.box(colour, x - w, y - 9 * zoom, x + w, y - 2)
        self.polygon(colour, (x - w * 0.7, y - 8), (x - w * 0.45, y - 15), (x + w * 0.4, y - 15), (x + w * 0.7, y - 8))
        glass = self.lit((206, 230, 246))
        self.polygon(glass, (x - w * 0.5, y - 9), (x - w * 0.36, y - 13.5), (x - 0.6, y - 13.5), (x - 0.6, y - 9))
        self.polygon(glass, (x + 0.8, y - 9), (x + 0.8, y - 13.5), (x + w * 0.32, y - 13.5), (x + w * 0.5, y - 9))
        for side in (-1, 1):
            self.circle((28, 28, 32), x + side * w * 0.58, y - 2, 3.3 * zoom)
            self.circle((150, 150, 155), x + side * w * 0.58, y - 2, 1.3 * zoom)

    def boat(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        w = 12 * zoom
        self.polygon(colour, (x - w, y - 6), (x + w, y - 6), (x + w * 0.6, y), (x - w * 0.6, y))
        self.box(self.lit((80, 56, 40)), x - 0.7, y - 21 * zoom, x + 0.7, y - 6)
        sail = _mix(colour, (255, 255, 255), 0.25) if self.scene.time != "night" else colour
        self.polygon(sail, (x + 1.2, y - 20 * zoom), (x + 1.2, y - 7.5), (x + 9 * zoom, y - 7.5))

    def tree(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        self.box(self.lit((110, 72, 40)), x - 1.8, y - 10, x + 1.8, y)
        for dx, dy, radius in ((-5, -12, 5.5), (5, -12, 5.5), (0, -17, 6.5)):
            self.circle(colour, x + dx * zoom, y + dy * zoom, radius * zoom)

    def balloon(self, x: float, y: float, zoom: float, colour: RGB) -> None:
        self.circle(colour, x, y - 18 * zoom, 9.5 * zoom)
        self.polygon(
            colour, (x - 7 * zoom, y - 12 * zoom), (x + 7 * zoom, y - 12 * zoom), (x + 2, y - 5), (x - 2, y - 5)
        )
        self.box(_mix(colour, (255, 255, 255), 0.45), x - 1.5, y - 27 * zoom, x + 1.5, y - 7)
        self.box(self.lit((110, 72, 40)), x - 2.2, y - 4, x + 2.2, y)


def sheet(pictures: Sequence[Image.Image], across: int, zoom: int = 2) -> Image.Image:
    """Lay pictures out in rows."""
    side = SIZE * zoom
    paper = Image.new("RGB", (across * side, -(-len(pictures) // across) * side), "white")
    for i, picture in enumerate(pictures):
        paper.paste(picture.resize((side, side), Image.Resampling.NEAREST), (i % across * side, i // across * side))
    return paper
