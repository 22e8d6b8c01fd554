"""Twenty people at one studio, each in a browser profile of their own, and a training: ``python -m tests.browsers --pages 20``.

Each page is opened by a link with its own concept, strength and question, and all press Compare at once, again and again. Every
pair of answers has to be the one that the same link shows when it is opened alone afterwards, and the training has to go on.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).parents[1]), *(str(Path(__file__).parent / part) for part in ("helpers", "ui"))]

import torch
from page_actions import open_tab, wait_until_loaded
from playwright.sync_api import Browser, Page, expect, sync_playwright
from small_presets import presets_with_maps
from studio_server import open_studio, start_service
from tiny import SOURCE, TARGET, WORDS, make_model

import lineas.data.presets
from lineas.ui import text as ui_text

TEXTS = "#plain-output .ls-text, #steered-output .ls-text"
CLEAR = f"() => {{ for (const text of document.querySelectorAll('{TEXTS}')) text.textContent = ''; }}"
"""Without the answers of the round before, which are the same, nobody can take them for new ones."""
ANSWERED = f"""() => {{
  const texts = [...document.querySelectorAll('{TEXTS}')];
  return texts.length === 2 && texts.every((text) => text.textContent) && !document.querySelector('#compare-button').disabled;
}}"""


def main(pages: int, rounds: int) -> int:
    """Return 1 if a page showed an answer that was not its own."""
    torch.set_num_threads(1)
    expect.set_options(timeout=300_000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        model = make_model("llama")
        presets = presets_with_maps(Path(folder), model)
        lineas.data.presets.load_presets = lambda: presets
        service = start_service(Path(folder) / "home", model)
        studio = open_studio(service)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        run = service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=100_000)
        links = [f"{studio.url}?{urlencode(asked)}" for asked in questions(pages, [preset.name for preset in presets])]
        opened = [visit(browser, link) for link in links]
        shown: list[list[list[str]]] = []
        waits = []
        for _ in range(rounds):
            began = time.monotonic()
            for page in opened:
                ask(page)
            shown.append([])
            for page in opened:
                shown[-1].append(answers(page))
                waits.append(time.monotonic() - began)
        steps = service.snapshot().run.step
        service.cancel(run)
        for page in opened:
            page.context.close()
        alone = []
        for link in links:
            page = visit(browser, link)
            ask(page)
            alone.append(answers(page))
            page.context.close()
        browser.close()
        studio.blocks.close()
        service.close()
    wrong = [
        (number, seen, own)
        for one in shown
        for number, (seen, own) in enumerate(zip(one, alone, strict=True))
        if seen != own
    ]
    for number, seen, own in wrong:
        print(f"{links[number]}\n  in the crowd: {seen}\n  alone:        {own}")
    found = {
        "pages": pages, "comparisons": pages * rounds, "wrong": len(wrong), "different_pairs": len(set(map(tuple, alone))),
        "training_steps": steps, "longest_wait": round(max(waits), 1),
    }  # fmt: skip
    print(json.dumps(found))
    return int(bool(wrong) or steps < 2)


def questions(count: int, concepts: list[str]) -> list[dict[str, Any]]:
    """What each page's link says: no two are the same."""
    return [
        {"concept": concepts[i % len(concepts)], "strength": round(0.5 + i / 20, 2), "q": " ".join(WORDS[i : i + 4])}
        for i in range(count)
    ]


def visit(browser: Browser, link: str) -> Page:
    context = browser.new_context()
    context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(link)
    wait_until_loaded(page)
    open_tab(page, ui_text.COMPARE)
    return page


def ask(page: Page) -> None:
    page.evaluate(CLEAR)
    page.click("#compare-button")


def answers(page: Page) -> list[str]:
    """Wait until a page's comparison has ended; return its plain and its steered answer."""
    page.wait_for_function(ANSWERED, polling=200)
    return page.locator(TEXTS).all_inner_texts()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.browsers", description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    sys.exit(main(**vars(parser.parse_args())))
