"""Take the README's pictures of the studio on the default model: every page, light and dark.

python -m scripts.make_screenshots       needs playwright and Chromium (Debian's, or the one named in CHROMIUM)
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from lineas.files import ASSETS
from scripts.studio_browser import open_page, open_studio

FOLDER = ASSETS / "screenshots"
SIZE, TALL = {"width": 1280, "height": 860}, {"width": 1280, "height": 1240}
WITH_CURVE = {"width": 1280, "height": 1300}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with open_studio() as (browser, url):
        _take_all(browser, url)


def _take_all(browser: Any, url: str) -> None:
    page = open_page(browser, url, SIZE)
    _teach(page)
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


def _teach(page: Page) -> None:
    """Teach a concept whose curve and answers the pictures show."""
    expect(page.locator("#train-button")).to_be_enabled()
    page.get_by_role("button", name="Pirate", exact=True).click()
    expect(page.locator("#target-examples textarea")).not_to_have_value("")
    page.click("#train-button")
    expect(page.locator("#status-banner")).to_contain_text("is ready")


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
    expect(page.locator("#inside-summary .example")).to_have_count(2)
    page.wait_for_timeout(1500)


def _pictures(page: Page) -> None:
    page.get_by_role("button", name="Night", exact=True).click()
    expect(page.locator("#picture-strip img")).to_have_count(10)
    page.wait_for_timeout(1500)


def _model(page: Page) -> None:
    expect(page.locator("#model-about .ls-about")).to_be_visible()


def _wait(page: Page) -> None:
    page.wait_for_timeout(1500)


PAGES: dict[str, Callable[[Page], None]] = {
    "Compare": _compare,
    "Strengths": _strengths,
    "Mix": _mix,
    "Inside": _inside,
    "Pictures": _pictures,
    "My concepts": _wait,
    "Model": _model,
}


if __name__ == "__main__":
    main()
