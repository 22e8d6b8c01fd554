"""A film of a page of the studio: its frames, the mouse that people would not see otherwise, and a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page

from scripts.studio_browser import TIMEOUT

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
CLOCK = """addEventListener('DOMContentLoaded', () => {
  const clock = document.createElement('div');
  clock.style.cssText = 'position:fixed;z-index:9999;right:24px;top:16px;padding:6px 14px;border-radius:18px;pointer-events:none;' +
    'background:#1d1a3a;color:#fff;font:600 20px system-ui,sans-serif';
  document.body.append(clock);
  let began;
  addEventListener('mousedown', () => (began ??= performance.now()), true);
  setInterval(() => (clock.textContent = `${began ? Math.floor((performance.now() - began) / 1000) : 0} s`), 100);
});"""
"""Shows the real seconds since the first click, because the film shortens what one waits for."""
NO_OFFER = "localStorage.setItem('lineas-dismissed-better', 'yes')"
"""Leaves out the offer of a better model: it is not there on every computer, and the films are about other things."""


@dataclass
class Film:
    """Frames of a page, each with the milliseconds for which it stands."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def shoot(self, length: int = STILL) -> None:
        picture = Image.open(BytesIO(self.page.screenshot())).convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        self._add(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), length)

    def _add(self, frame: Image.Image, length: int) -> None:
        if self.frames and ImageChops.difference(frame, self.frames[-1]).getbbox() is None:
            self.lengths[-1] = max(self.lengths[-1], length)
            return
        self.frames.append(frame)
        self.lengths.append(length)

    def click(self, selector: str) -> None:
        """Move the mouse to an element, press it, and show both."""
        target = self.page.locator(selector)
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        self.shoot(STILL // 2)
        self.page.mouse.down()
        self.shoot(STILL // 3)
        self.page.mouse.up()
        self.shoot(STILL // 3)

    def type(self, selector: str, text: str, letters: int = 4) -> None:
        """Click into a field and write, so many letters a frame."""
        self.click(selector)
        self.page.keyboard.press("Control+A")
        for first in range(0, len(text), letters):
            self.page.keyboard.insert_text(text[first : first + letters])
            self.shoot(MOVING)

    def scroll_to(self, selector: str) -> None:
        """Bring the upper edge of an element near that of the window, and show it."""
        self.page.locator(selector).evaluate("(one) => scrollBy(0, one.getBoundingClientRect().top - 70)")
        self.shoot()

    def shoot_until(self, done: Callable[[], bool]) -> float:
        """Watch the page until something is done, and return the seconds that it took; a long wait is shortened."""
        first, began = len(self.frames), time.monotonic()
        while not done():
            assert time.monotonic() < began + TIMEOUT / 1000, "it takes too long"
            self.shoot(MOVING)
            self.page.wait_for_timeout(1000 * FRAME_SECONDS)
        seconds = time.monotonic() - began
        moving = self.frames[first:]
        step = max(1.0, len(moving) / MOST_MOVING)
        kept = [moving[int(number * step)] for number in range(int(len(moving) / step))]
        self.frames[first:], self.lengths[first:] = kept, [MOVING] * len(kept)
        self.shoot()
        return seconds

    def save(self, file: Path) -> None:
        self.lengths[-1] = LAST
        first, *rest = self.frames
        first.save(
            file, save_all=True, append_images=rest, duration=self.lengths, loop=0, quality=QUALITY, method=6,
            minimize_size=True,
        )  # fmt: skip
        seconds, size = sum(self.lengths) / 1000, file.stat().st_size / 1e6
        print(f"{file}: {len(self.frames)} frames, {seconds:.0f} s, {size:.2f} MB")
