"""Record the README's film on the default model: from a phrase through drafts and a training to two answers, in five clicks.

python -m scripts.make_film       needs playwright and Chromium (Debian's, or the one named in CHROMIUM)
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from lineas.files import ASSETS
from scripts.studio_browser import TIMEOUT, open_page, open_studio

FILE = ASSETS / "screenshots" / "from-a-phrase.webp"
PHRASE = "a pirate captain"
MOST_CLICKS = 5
SIZE, WIDTH = {"width": 1200, "height": 900}, 840
FRAME_SECONDS = 0.6
"""Seconds between two looks at the page."""
STILL, MOVING, LAST = 1100, 160, 4000
"""Milliseconds that a frame stands after a click, while something grows, and at the end."""
MOST_MOVING = 26
"""Number of frames of one wait, evenly spread: a minute of teaching takes four seconds."""
QUALITY = 62
POINTER = """addEventListener('DOMContentLoaded', () => {
  const pointer = document.createElement('div');
  pointer.style.cssText = 'position:fixed;z-index:9999;width:22px;height:22px;margin:-11px;border-radius:50%;pointer-events:none;' +
    'background:rgba(91,75,216,.35);border:2px solid #5b4bd8;left:-40px;top:-40px';
  document.body.append(pointer);
  window.clicks = 0;
  addEventListener('mousemove', ({ clientX, clientY }) => {
    pointer.style.left = `${clientX}px`;
    pointer.style.top = `${clientY}px`;
  }, true);
  addEventListener('mousedown', ({ isTrusted }) => {
    window.clicks += isTrusted;
    pointer.style.background = 'rgba(91,75,216,.85)';
  }, true);
  addEventListener('mouseup', () => (pointer.style.background = 'rgba(91,75,216,.35)'), true);
});"""
"""Shows the mouse, which screenshots leave out, and counts what it presses."""

NO_OFFER = "localStorage.setItem('lineas-dismissed-better', 'yes')"
"""Leaves out the offer of a better model: it is not there on every computer, and the film is about another thing."""


@dataclass
class Film:
    """Frames of a page, each with the milliseconds for which it stands."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def shoot(self, length: int) -> None:
        picture = Image.open(BytesIO(self.page.screenshot())).convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        self._add(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), length)

    def _add(self, frame: Image.Image, length: int) -> None:
        if self.frames and ImageChops.difference(frame, self.frames[-1]).getbbox() is None:
            self.lengths[-1] = max(self.lengths[-1], length)
            return
        self.frames.append(frame)
        self.lengths.append(length)

    def click(self, elem_id: str) -> None:
        """Move the mouse to an element, press it, and show both."""
        target = self.page.locator(elem_id)
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        self.shoot(STILL // 2)
        self.page.mouse.down()
        self.shoot(STILL // 3)
        self.page.mouse.up()
        self.shoot(STILL // 3)

    def shoot_until(self, done: Callable[[], bool]) -> None:
        """Watch the page until something is done; a long wait is shortened."""
        first, end = len(self.frames), time.monotonic() + TIMEOUT / 1000
        while not done():
            assert time.monotonic() < end, "it takes too long"
            self.shoot(MOVING)
            self.page.wait_for_timeout(1000 * FRAME_SECONDS)
        moving = self.frames[first:]
        step = max(1.0, len(moving) / MOST_MOVING)
        kept = [moving[int(number * step)] for number in range(int(len(moving) / step))]
        self.frames[first:], self.lengths[first:] = kept, [MOVING] * len(kept)
        self.shoot(STILL)

    def save(self) -> None:
        self.lengths[-1] = LAST
        first, *rest = self.frames
        first.save(
            FILE, save_all=True, append_images=rest, duration=self.lengths, loop=0, quality=QUALITY, method=6,
            minimize_size=True,
        )  # fmt: skip


def main() -> None:
    with open_studio() as (browser, url):
        page = open_page(browser, url, SIZE, POINTER, NO_OFFER)
        expect(page.locator("#draft-button")).to_be_enabled()
        film = Film(page)
        record(film)
        clicks = page.evaluate("window.clicks")
        assert clicks <= MOST_CLICKS, f"it takes {clicks} clicks"
        film.save()
    seconds, size = sum(film.lengths) / 1000, FILE.stat().st_size / 1e6
    print(f"{FILE}: {clicks} clicks, {len(film.frames)} frames, {seconds:.0f} s, {size:.2f} MB")


def record(film: Film) -> None:
    page = film.page
    film.shoot(STILL)
    film.click("#wish textarea, #wish input")
    for end in range(4, len(PHRASE) + 4, 4):
        page.keyboard.insert_text(PHRASE[end - 4 : end])
        film.shoot(MOVING)
    film.click("#draft-button")
    film.shoot_until(lambda: page.locator("#draft-stop").is_hidden() and page.locator("#draft-button").is_enabled())
    expect(page.locator("#draft-status .good")).to_be_visible()
    film.click("#train-button")
    film.shoot_until(lambda: "is ready" in page.locator("#status-banner").inner_text())
    film.click("#try-button")
    expect(page.locator("#map-choice input")).not_to_have_value("")
    expect(page.locator("#compare-button")).to_be_enabled()
    film.shoot(STILL)
    film.click("#compare-button")
    expect(page.locator("#stop-button")).to_be_enabled()
    film.shoot_until(
        lambda: page.locator("#stop-button").is_disabled() and page.locator("#compare-button").is_enabled()
    )


if __name__ == "__main__":
    main()
