"""What the browser costs: the same answers asked by a script and read on the Compare page, on one computer."""

import re
import shutil
import statistics
import time
from typing import Any

import psutil

from benchmarks.report import table
from benchmarks.speed.start import CONCEPT, QUESTION, client_at, free_port, studio, wait_for_page, wait_for_word
from lineas.errors import LineasError

TOKENS = 80
"""Length of an answer, the Compare page's default."""
IDLE_SECONDS = 10


def measure(name: str, rounds: int) -> str:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise LineasError(
            "This part needs a browser, and there is no program chromium. Install Debian's package chromium."
        )
    by_script, on_page = [], []
    port = free_port()
    program = studio(port, name)
    with program, sync_playwright() as playwright:
        wait_for_page(port)
        client = client_at(port)
        wait_for_word(client, CONCEPT)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for seed in range(max(3, rounds // 2)):
            began = time.perf_counter()
            answer = client.predict(
                prompt=QUESTION, concept=CONCEPT, strength=0.75, seed=seed, length=TOKENS, api_name="/compare"
            )
            by_script.append(max(answer["tokens"]) / (time.perf_counter() - began))
            page = _compare_page(browser, port)
            on_page.append(_tokens_per_second(page))
            page.context.close()
        cores = _idle_cores(_compare_page(browser, port), psutil.Process(program.id))
        browser.close()
    ratio = statistics.median(b / a for a, b in zip(by_script, on_page, strict=True))
    rows = [
        ("plain + steered, asked by a script, no page open", f"{statistics.median(by_script):.1f} tokens a second each"),
        ("the same, read on the page", f"{statistics.median(on_page):.1f} tokens a second each"),
        ("ratio of the two", f"{ratio:.2f}"),
        *((f"an idle page: the {who}", f"{100 * share:.0f} % of a processor core") for who, share in cores.items()),
    ]  # fmt: skip
    return table(("what", "measured"), rows)


def _compare_page(browser: Any, port: int) -> Any:
    """The Compare page with a concept and a question, ready to answer."""
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


def _tokens_per_second(page: Any) -> float:
    """Ask, wait for the end of the answers, and read their speed from the page."""
    page.click("#compare-button")
    page.locator("#stop-button:enabled").wait_for()
    page.locator("#stop-button:disabled").wait_for(timeout=300_000)
    found = re.search(r"([\d.]+) per second", page.locator("#plain-output footer").inner_text())
    assert found
    return float(found[1])


def _idle_cores(page: Any, program: psutil.Process) -> dict[str, float]:
    """Processor cores that the studio and the browser use while nothing happens on an open page."""
    page.wait_for_timeout(3000)
    browser = [process for process in psutil.Process().children(recursive=True) if process != program]
    groups = {"studio": [program], "browser": browser}
    before = {who: _cpu_seconds(processes) for who, processes in groups.items()}
    page.wait_for_timeout(1000 * IDLE_SECONDS)
    return {who: (_cpu_seconds(processes) - before[who]) / IDLE_SECONDS for who, processes in groups.items()}


def _cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)
