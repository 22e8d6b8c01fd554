"""The program, started as people start it: killed, restarted, and restarting itself."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from page_actions import field, open_fold, open_tab
from playwright.sync_api import expect
from polling import wait_for
from studio_server import free_port
from tiny import SOURCE, TARGET, save_model

from lineas.ui import text as ui_text

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.browser

SOME_STEPS = re.compile(r"step ([3-9]|\d{2,}) of 100000")

LOSES_ITS_CARD = """
import lineas.generation.streaming

def fail(*args, **kwargs):
    raise RuntimeError("CUDA error: device-side assert triggered")

lineas.generation.streaming.decode = fail
from app import main
sys.exit(main())
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """``start()`` runs the program, always on one port and one home, and returns its process and address."""
    model, port = save_model(tmp_path / "model"), free_port()
    flags = ["--port", str(port), "--home", str(tmp_path / "home"), "--model", str(model)]
    running: list[subprocess.Popen[str]] = []

    def start_one(*program: str) -> tuple[subprocess.Popen[str], str]:
        log = (tmp_path / "log.txt").open("a")
        command = [sys.executable, *(program or ("app.py",)), *flags]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, text=True)
        running.append(process)
        wait_for(lambda: answers(port) or process.poll() is not None, seconds=120)
        assert process.poll() is None, (tmp_path / "log.txt").read_text()
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
    field(page, "concept-name").fill("bright")
    field(page, "source-examples").fill("\n".join(SOURCE))
    field(page, "target-examples").fill("\n".join(TARGET))
    open_fold(page, ui_text.ADVANCED)
    field(page, "steps").fill("100000")
    expect(page.locator("#target-count")).to_contain_text(f"{len(TARGET)} sentences")
    page.click("#train-button")
    expect(page.locator("#run-status")).to_contain_text(SOME_STEPS, timeout=60_000)
    app.send_signal(signal.SIGKILL)
    app.wait()
    start()
    # the page reconnects by itself and keeps the draft
    expect(page.locator("#status-banner")).to_contain_text(
        "The studio closed while it was learning “bright”", timeout=90_000
    )
    expect(field(page, "source-examples")).to_have_value("\n".join(SOURCE))
    expect(field(page, "concept-name")).to_have_value("bright")
    expect(page.locator("#loss-plot polyline")).to_have_count(1)
    expect(page.locator("#previews li").first).to_contain_text(ui_text.PREVIEW_START)
    button = page.locator("#banner-button")
    expect(button).to_have_text(ui_text.ACT_RESUME, timeout=90_000)
    button.click()
    expect(page.locator("#run-status")).to_contain_text("Teaching “bright”")
    expect(page.locator("#run-status")).to_contain_text(SOME_STEPS, timeout=60_000)
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
    open_tab(page, ui_text.COMPARE)
    field(page, "prompt").fill("your day")
    expect(page.locator("#compare-button")).to_be_enabled(timeout=90_000)
    page.click("#compare-button")
    expect(page.locator("#status-banner .bad")).to_contain_text("The graphics card stopped answering")
    before = (tmp_path / "log.txt").read_text().count(url)
    page.get_by_role("button", name=ui_text.ACT_RESTART).click()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY, timeout=120_000)
    open_tab(page, ui_text.COMPARE)
    expect(field(page, "prompt")).to_have_value("your day")
    assert app.poll() is None and (tmp_path / "log.txt").read_text().count(url) == before + 1  # the same process
