"""The program itself, started as people start it: killed, restarted, and restarting by itself."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from opened import free_port
from page_actions import write
from playwright.sync_api import expect
from ready import SOURCE, TARGET

from lineas.models.loaded import LoadedModel
from lineas.ui import text as ui_text

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.browser

LOSES_ITS_CARD = """
import lineas.generation.streaming

def fail(*args, **kwargs):
    raise RuntimeError("CUDA error: device-side assert triggered")

lineas.generation.streaming.decode = fail
from app import main
sys.exit(main())
"""


@pytest.fixture
def start(tmp_path: Path, tiny_model: LoadedModel) -> Iterator[Callable[..., Any]]:
    """``start()`` runs the program on one port and one home, over and over; (process, address)."""
    tiny_model.network.save_pretrained(tmp_path / "model")
    tiny_model.tokenizer.save_pretrained(tmp_path / "model")
    port = free_port()
    flags = ["--port", str(port), "--home", str(tmp_path / "home"), "--model", str(tmp_path / "model")]
    running: list[subprocess.Popen[str]] = []

    def start_one(*program: str) -> tuple[subprocess.Popen[str], str]:
        log = (tmp_path / "log.txt").open("a")
        command = [sys.executable, *(program or ("app.py",)), *flags]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, text=True)
        running.append(process)
        deadline = time.monotonic() + 120
        while not answers(port):
            assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log.txt").read_text()
            time.sleep(0.2)
        return process, f"http://127.0.0.1:{port}/"

    yield start_one
    for process in running:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as other:
        return other.connect_ex(("127.0.0.1", port)) == 0


def test_killed_in_the_middle_of_a_training(start: Callable[..., Any], visit: Any) -> None:
    app, url = start()
    page = visit(url)
    expect(page.locator("#train-button")).to_be_enabled(timeout=90_000)
    write(page.locator("#concept-name textarea, #concept-name input"), "bright")
    write(page.locator("#source-examples textarea"), SOURCE)
    write(page.locator("#target-examples textarea"), TARGET)
    page.get_by_role("button", name=ui_text.ADVANCED).click()
    write(page.locator("#steps input"), "100000")
    expect(page.locator("#target-count")).to_contain_text("6 sentences")
    page.click("#train-button")
    expect(page.locator("#run-status")).to_contain_text(re.compile(r"step [1-9]\d* of 100000"), timeout=60_000)
    app.send_signal(signal.SIGKILL)
    app.wait()
    start()
    # the page finds the new one by itself, with what its person had written
    expect(page.locator("#status-banner")).to_contain_text(
        "The studio closed while it was learning “bright”", timeout=90_000
    )
    expect(page.locator("#source-examples textarea")).to_have_value(SOURCE)
    expect(page.locator("#concept-name textarea, #concept-name input")).to_have_value("bright")
    expect(page.locator("#loss-plot polyline")).to_have_count(1)
    expect(page.locator("#previews li").first).to_contain_text(ui_text.PREVIEW_START)
    button = page.locator("#banner-button")
    expect(button).to_have_text(ui_text.ACT_RESUME, timeout=90_000)
    button.click()
    expect(page.locator("#run-status")).to_contain_text("Teaching “bright”")
    expect(page.locator("#run-status")).to_contain_text(re.compile(r"step [1-9]\d* of 100000"), timeout=60_000)
    other = visit(url)  # a second window shows the same
    expect(other.locator("#status-banner")).to_contain_text("Teaching “bright”")
    other.click("#cancel-button")
    expect(page.locator("#status-banner")).to_contain_text("was stopped at step")


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process cannot become another one")
def test_it_restarts_itself_when_the_graphics_card_is_lost(
    start: Callable[..., Any], visit: Any, tmp_path: Path
) -> None:
    program = tmp_path / "loses_its_card.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{LOSES_ITS_CARD}")
    app, url = start(str(program))
    page = visit(url)
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()
    write(page.locator("#prompt textarea"), "your day")
    expect(page.locator("#compare-button")).to_be_enabled(timeout=90_000)
    page.click("#compare-button")
    expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card stopped answering")
    before = (tmp_path / "log.txt").read_text().count(url)
    page.get_by_role("button", name=ui_text.ACT_RESTART).click()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY, timeout=120_000)
    page.get_by_role("tab", name=ui_text.COMPARE, exact=True).click()
    expect(page.locator("#prompt textarea")).to_have_value("your day")
    assert app.poll() is None and (tmp_path / "log.txt").read_text().count(url) == before + 1  # the same process, anew
