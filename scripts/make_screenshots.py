"""Take the README's pictures of the studio on the default model: every page, light and dark, and a short film.

python -m scripts.make_screenshots       needs Chromium (Debian's, or the one named in CHROMIUM) and playwright
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from lineas.files import ASSETS, models_folder

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ASSETS / "screenshots"
SIZE, TALL = {"width": 1280, "height": 860}, {"width": 1280, "height": 1240}
WITH_CURVE = {"width": 1280, "height": 1300}
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TIMEOUT = 240_000
"""Milliseconds to wait for anything on a page."""
FILM_WIDTH = 760
FRAME_SECONDS = 0.7
"""Seconds between two frames of the film, which plays faster."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        shutil.copytree(models_folder(), Path(home) / "models")  # no second download
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        app = subprocess.Popen([sys.executable, "app.py", "--port", str(port), "--home", home], cwd=ROOT)
        try:
            with sync_playwright() as playwright:
                chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
                _take_all(browser, f"http://127.0.0.1:{port}")
                browser.close()
        finally:
            app.terminate()
            app.wait()


def _take_all(browser: Any, url: str) -> None:
    expect.set_options(timeout=TIMEOUT)
    page = _open(browser, url)
    _film(page)
    _shoot_page("teach", page, WITH_CURVE)
    for name, prepare in PAGES.items():
        page.get_by_role("tab", name=name, exact=True).click()
        prepare(page)
        _shoot_page(name.lower().replace("my ", ""), page)
    page.get_by_role("tab", name="Compare", exact=True).click()
    page.goto(f"{url}/?stage=1")
    page.locator("#ls-leave").wait_for()
    page.locator("#prompt textarea").press("Enter")
    expect(page.locator("#steered-output section")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#steered-output section")).to_have_attribute("aria-busy", "false")
    _shoot_page("stage", page, SIZE)


def _open(browser: Any, url: str) -> Page:
    context = browser.new_context(viewport=SIZE, color_scheme="light")
    context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
    page: Page = context.new_page()
    while True:
        try:
            page.goto(url)
            break
        except Exception:
            time.sleep(0.5)
    page.locator("#train-button").wait_for()
    return page


def _shoot_page(name: str, page: Page, size: Any = TALL) -> None:
    page.set_viewport_size(size)
    page.mouse.move(0, 0)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scheme => document.body.classList.toggle('dark', scheme === 'dark')", scheme)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
        page.wait_for_timeout(400)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
    page.set_viewport_size(SIZE)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.body.classList.remove('dark')")


def _film(page: Page) -> None:
    """Record a training and two answers, from the click on a preset on."""
    frames: list[Image.Image] = []

    def shoot(times: int = 1) -> None:
        picture = Image.open(BytesIO(page.screenshot()))
        height = round(picture.height * FILM_WIDTH / picture.width)
        frames.extend([picture.convert("RGB").resize((FILM_WIDTH, height), Image.Resampling.LANCZOS)] * times)

    def shoot_until(done: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT / 1000
        while not done() and time.monotonic() < end:
            shoot()
            page.wait_for_timeout(1000 * FRAME_SECONDS)
        shoot(3)

    page.set_viewport_size(WITH_CURVE)
    expect(page.locator("#train-button")).to_be_enabled()
    page.get_by_role("button", name="Pirate", exact=True).click()
    expect(page.locator("#target-examples textarea")).not_to_have_value("")
    shoot(3)
    page.click("#train-button")
    shoot_until(lambda: "is ready" in page.locator("#status-banner").inner_text())
    page.get_by_role("tab", name="Compare", exact=True).click()
    expect(page.locator("#map-choice input")).not_to_have_value("")
    shoot(2)
    page.click("#compare-button")
    expect(page.locator("#stop-button")).to_be_enabled()
    shoot_until(lambda: page.locator("#stop-button").is_disabled() and page.locator("#compare-button").is_enabled())
    shoot(6)
    page.set_viewport_size(SIZE)
    palette = frames[0].quantize(96)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    small[0].save(
        FOLDER / "teach-and-compare.gif", save_all=True, append_images=small[1:], duration=350, loop=0, optimize=True
    )
    page.get_by_role("tab", name="Teach", exact=True).click()


def _wait_for_answers(page: Page) -> None:
    page.wait_for_timeout(500)
    expect(page.locator("#compare-button")).to_be_enabled()
    page.wait_for_timeout(500)


def _compare(page: Page) -> None:
    """Wait for the whole health card of the new concept, then compare."""
    expect(page.locator("#concept-health .ls-verdict").first).to_be_visible()
    expect(page.locator("#concept-health .ls-examining")).to_have_count(0)
    page.click("#compare-button")
    _wait_for_answers(page)


def _strengths(page: Page) -> None:
    page.click("#strengths-run")
    expect(page.locator("#strengths-chart svg")).to_be_visible()


def _mix(page: Page) -> None:
    page.click("#mix-run")
    page.wait_for_timeout(500)
    expect(page.locator("#mix-run")).to_be_enabled()


def _inside(page: Page) -> None:
    expect(page.locator("#inside-health .ls-verdict")).to_be_visible()
    page.wait_for_timeout(1500)


def _wait(page: Page) -> None:
    page.wait_for_timeout(1500)


PAGES: dict[str, Callable[[Page], None]] = {
    "Compare": _compare,
    "Strengths": _strengths,
    "Mix": _mix,
    "Inside": _inside,
    "My concepts": _wait,
    "Model": _wait,
}


if __name__ == "__main__":
    main()
