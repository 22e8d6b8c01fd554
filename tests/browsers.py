"""Twenty people at one studio, each in a browser profile of their own, and a training: ``python -m tests.browsers --pages 20``.

Each page is opened by a link with its own concept and strength, and all press Compare at once, in each round with a question of
their own. Every pair of answers has to be the one that the same link shows afterwards, alone, and the training has to go on.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).parents[1]), *(str(Path(__file__).parent / part) for part in ("helpers", "ui"))]

import torch
from page_actions import field, open_tab, wait_until_loaded
from playwright.sync_api import Browser, Page, expect, sync_playwright
from polling import wait_for
from small_presets import presets_with_maps
from studio_server import open_studio, start_service
from tiny import SOURCE, TARGET, WORDS, make_model

import lineas.data.presets
from lineas.service.service import StudioService
from lineas.ui import text as ui_text

TEXTS = "#plain-output .ls-text, #steered-output .ls-text"
ANSWERED = f"""(before) => {{
  const texts = [...document.querySelectorAll('{TEXTS}')].map((text) => text.innerText);
  return texts.every((text, i) => text && text !== before[i]) && !document.querySelector('#compare-button').disabled;
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
        links = [
            f"{studio.url}?{urlencode({'concept': presets[i % 2].name, 'strength': round(0.5 + i / 20, 2)})}"
            for i in range(pages)
        ]
        opened = [visit(browser, link) for link in links]
        shown: list[list[list[str]]] = [[] for _ in opened]
        waits = []
        for number in range(rounds):
            began = time.monotonic()
            before = [ask(page, question(i, number)) for i, page in enumerate(opened)]
            for page, old in zip(opened, before, strict=True):
                page.wait_for_function(ANSWERED, arg=old, polling=200)
                waits.append(time.monotonic() - began)
            for answers, page in zip(shown, opened, strict=True):
                answers.append(whole(service, page))
        steps = service.snapshot().run.step
        service.cancel(run)
        for page in opened:
            page.context.close()
        alone: list[list[list[str]]] = []
        for i, link in enumerate(links):
            page = visit(browser, link)
            alone.append([])
            for number in range(rounds):
                page.wait_for_function(ANSWERED, arg=ask(page, question(i, number)), polling=200)
                alone[-1].append(whole(service, page))
            page.context.close()
        browser.close()
        studio.blocks.close()
        service.close()
    pairs = [(links[i], seen, own) for i in range(pages) for seen, own in zip(shown[i], alone[i], strict=True)]
    wrong = [pair for pair in pairs if pair[1] != pair[2]]
    for link, seen, own in wrong:
        print(f"{link}\n  in the crowd: {seen}\n  alone:        {own}")
    found = {
        "pages": pages, "comparisons": len(pairs), "wrong": len(wrong), "different_pairs": len({tuple(own) for *_, own in pairs}),
        "training_steps": steps, "longest_wait": round(max(waits), 1),
    }  # fmt: skip
    print(json.dumps(found))
    return int(bool(wrong) or steps < 2)


def question(page: int, number: int) -> str:
    """What a page asks in a round: no two ask the same."""
    return " ".join([*WORDS[page : page + 3], WORDS[-1 - number]])


def visit(browser: Browser, link: str) -> Page:
    context = browser.new_context()
    context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(link)
    wait_until_loaded(page)
    open_tab(page, ui_text.COMPARE)
    return page


def ask(page: Page, question: str) -> list[str]:
    """Press Compare; return the answers that the page has shown so far."""
    before = page.locator(TEXTS).all_inner_texts()
    field(page, "prompt").fill(question)
    page.click("#compare-button")
    return before


def whole(service: StudioService, page: Page) -> list[str]:
    """Wait until the studio answers nobody and a page has heard so; return its plain and its steered answer.

    In a crowd the button to ask again may come early, with what a page heard before its answer began.
    """
    wait_for(lambda: service.answers.count == 0)
    texts: list[str] = []
    while texts != (texts := page.locator(TEXTS).all_inner_texts()):
        page.wait_for_timeout(2000)
    return texts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.browsers", description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    sys.exit(main(**vars(parser.parse_args())))
