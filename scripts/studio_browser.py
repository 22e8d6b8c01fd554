"""A fresh studio on the default model, and a browser in which to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, expect, sync_playwright

from lineas.files import models_folder

ROOT = Path(__file__).resolve().parents[1]
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TIMEOUT = 1_200_000
"""Milliseconds to wait for anything on a page."""


@contextmanager
def open_studio() -> Iterator[tuple[Any, str]]:
    """Start a studio with an empty home, and Chromium (Debian's, or the one named in CHROMIUM); yield browser and address."""
    expect.set_options(timeout=TIMEOUT)
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(models_folder(), Path(home) / "models")  # no second download
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        app = subprocess.Popen([sys.executable, "app.py", "--port", str(port), "--home", home], cwd=ROOT)
        try:
            with sync_playwright() as playwright:
                chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
                yield browser, f"http://127.0.0.1:{port}"
                browser.close()
        finally:
            app.terminate()
            app.wait()


def open_page(browser: Any, url: str, size: dict[str, int], *scripts: str) -> Page:
    """Open the studio's page without the tour, once it answers; ``scripts`` run in the page before anything else."""
    context = browser.new_context(viewport=size, color_scheme="light")
    context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
    for script in scripts:
        context.add_init_script(script)
    page: Page = context.new_page()
    while True:
        try:
            page.goto(url)
            break
        except Error:
            time.sleep(0.5)
    page.locator("#train-button").wait_for()
    return page
