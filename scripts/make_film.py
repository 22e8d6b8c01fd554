"""Record the films of the documentation on the default model and the small picture model.

python -m scripts.make_film [from-a-phrase] [pictures]       needs playwright and Chromium (Debian's, or the one named in CHROMIUM)

from-a-phrase   from a phrase through drafts and a training to two answers, in five clicks
pictures        a ready-made concept at four strengths, then a new one: taught, and at four strengths
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from lineas.files import ASSETS
from scripts.film import CLOCK, NO_OFFER, POINTER, SIZE, STILL, Film
from scripts.picture_scenes import COLOURS, PLACES, THINGS
from scripts.studio_browser import open_page, open_studio

PHRASE = "a pirate captain"
MOST_CLICKS = 5


def from_a_phrase(browser: Any, url: str) -> Film:
    page = open_page(browser, url, SIZE, POINTER, NO_OFFER)
    expect(page.locator("#draft-button")).to_be_enabled()
    film = Film(page)
    film.shoot()
    film.type("#wish textarea, #wish input", PHRASE)
    film.click("#draft-button")
    film.shoot_until(lambda: page.locator("#draft-stop").is_hidden() and page.locator("#draft-button").is_enabled())
    expect(page.locator("#draft-status .good")).to_be_visible()
    film.click("#train-button")
    film.shoot_until(lambda: "is ready" in page.locator("#status-banner").inner_text())
    film.click("#try-button")
    expect(page.locator("#map-choice input")).not_to_have_value("")
    expect(page.locator("#compare-button")).to_be_enabled()
    film.shoot()
    film.click("#compare-button")
    expect(page.locator("#stop-button")).to_be_enabled()
    film.shoot_until(
        lambda: page.locator("#stop-button").is_disabled() and page.locator("#compare-button").is_enabled()
    )
    clicks = page.evaluate("window.clicks")
    assert clicks <= MOST_CLICKS, f"it takes {clicks} clicks"
    return film


def pictures(browser: Any, url: str) -> Film:
    page = open_page(browser, url, SIZE, POINTER, CLOCK, NO_OFFER)
    expect(page.locator("#draft-button")).to_be_enabled()  # the model for text is there
    began, film = time.monotonic(), Film(page)
    film.shoot()
    film.click("[role=tab]:visible:text-is('Pictures')")
    film.click("#picture-night")
    film.shoot_until(lambda: page.locator("#picture-strip img").count() == 10)
    print(f"Night at four strengths {time.monotonic() - began:.0f} s after the page Pictures was opened")
    film.scroll_to("#picture-strip")
    film.lengths[-1] = 3 * STILL
    source, target = ("\n".join(prompts) for prompts in daylight())
    film.type("#picture-source textarea", source, len(source) // 3)
    film.type("#picture-target textarea", target, len(target) // 3)
    film.type("#picture-name input, #picture-name textarea", "Daylight", 8)
    film.click("#picture-word input, #picture-word textarea")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")  # there is no word for what is taken away
    film.click("#picture-teach")
    film.scroll_to("#picture-status")
    seconds = film.shoot_until(lambda: "is taught" in page.locator("#picture-status").inner_text())
    print(f"taught from 16 and 16 prompts in {seconds:.0f} s")
    expect(page.locator("#picture-concept input")).to_have_value("Daylight · yours")
    film.lengths[-1] = 3 * STILL
    film.type("#picture-prompts textarea", "a blue house in the desert at night\na red tent by the sea at night", 33)
    old = page.locator("#picture-strip").inner_html()
    film.click("#picture-draw")
    film.shoot_until(lambda: page.locator("#picture-strip").inner_html() != old)
    film.scroll_to("#picture-strip")
    return film


def daylight() -> tuple[list[str], list[str]]:
    """Sixteen prompts of things at night, and sixteen of other things by day: the opposite of the ready-made concept."""
    dice = random.Random(0)
    scenes = [f"a {colour} {thing} {place}" for colour in COLOURS for thing in THINGS for place in PLACES.values()]
    return [f"{scene} at night" for scene in dice.sample(scenes, 16)], dice.sample(scenes, 16)


FILMS: dict[str, Callable[[Any, str], Film]] = {"from-a-phrase": from_a_phrase, "pictures": pictures}


def main(wanted: list[str]) -> None:
    for name in wanted or FILMS:
        with open_studio() as (browser, url):
            FILMS[name](browser, url).save(ASSETS / "screenshots" / f"{name}.webp")


if __name__ == "__main__":
    main(sys.argv[1:])
