"""What a browser takes from the model: the same answers with nobody looking and as read on the Compare page, on one computer."""

import re
import shutil
import statistics
import sys
import time
from typing import Any

import psutil

from benchmarks.report import table
from benchmarks.speed.start import CONCEPT, QUESTION, Program, free_port, until_steered, until_up
from lineas.errors import LineasError

TOKENS = 80
"""What the page asks for by itself."""
IDLE_SECONDS = 10


def measure(name: str, rounds: int) -> str:
    from gradio_client import Client
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise LineasError(
            "This part needs a browser, and finds no program called chromium. Install Debian's package chromium."
        )
    alone, read = [], []
    port = free_port()
    program = Program([sys.executable, "app.py", "--port", str(port), "--model", name])
    with program, sync_playwright() as playwright:
        until_up(port)
        until_steered(port)
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for seed in range(max(3, rounds // 2)):
            began = time.perf_counter()
            answer = client.predict(
                prompt=QUESTION, concept=CONCEPT, strength=0.75, seed=seed, length=TOKENS, api_name="/compare"
            )
            alone.append(max(answer["tokens"]) / (time.perf_counter() - began))
            page = _compare_page(browser, port)
            read.append(_per_second(page))
            page.context.close()
        idle = _idle(_compare_page(browser, port), psutil.Process(program.id))
        browser.close()
    rows = [
        ("plain + steered, asked by a script, no page open", f"{statistics.median(alone):.1f} tokens a second each"),
        ("the same, read on the page", f"{statistics.median(read):.1f} tokens a second each"),
        ("ratio of the two", f"{statistics.median(b / a for a, b in zip(alone, read, strict=True)):.2f}"),
        *(
            (f"a page on which nothing happens: the {who}", f"{100 * share:.0f} % of a processor core")
            for who, share in idle
        ),
    ]
    return f"""### Page

Model `{name}`, {TOKENS} tokens, medians of {len(alone)} rounds in turn; Chromium on the same computer, drawing without a graphics
card.

{table(("what", "measured"), rows)}
"""


def _compare_page(browser: Any, port: int) -> Any:
    page = browser.new_page()
    page.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
    page.goto(f"http://127.0.0.1:{port}/")
    page.get_by_role("tab", name="Compare", exact=True).click()
    page.locator("#map-choice input").click()
    page.get_by_role("option", name=re.compile(CONCEPT)).first.click()
    page.fill("#prompt textarea", QUESTION)
    page.locator("#compare-button:enabled").wait_for()
    page.wait_for_timeout(1000)
    return page


def _per_second(page: Any) -> float:
    """Asks, waits for the end of the answers, and reads their speed from below them."""
    page.click("#compare-button")
    page.locator("#stop-button:enabled").wait_for()
    page.locator("#stop-button:disabled").wait_for(timeout=300_000)
    found = re.search(r"([\d.]+) per second", page.locator("#plain-output footer").inner_text())
    assert found
    return float(found[1])


def _idle(page: Any, studio: psutil.Process) -> list[tuple[str, float]]:
    """What an open page costs the program and the browser, in processor cores."""
    page.wait_for_timeout(3000)
    browser = [process for process in psutil.Process().children(recursive=True) if process != studio]
    both = (("studio", [studio]), ("browser", browser))
    before = [_seconds(processes) for _, processes in both]
    page.wait_for_timeout(1000 * IDLE_SECONDS)
    return [
        (who, (_seconds(processes) - then) / IDLE_SECONDS) for (who, processes), then in zip(both, before, strict=True)
    ]


def _seconds(processes: list[Any]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)
