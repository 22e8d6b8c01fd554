"""Seconds from ``python app.py`` to the page, to a loaded model and to the first steered word, beside an empty Gradio page."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.report import table

ROOT = Path(__file__).resolve().parents[2]
EMPTY = """
import gradio as gr
with gr.Blocks(analytics_enabled=False) as page:
    gr.Markdown("empty")
page.launch(server_port={port}, quiet=True)
"""
TIMEOUT = 300.0
QUESTION, CONCEPT = "Tell me about your day.", "Pirate"


def measure(name: str, rounds: int) -> str:
    pages, empty, ready, words = [], [], [], []
    for _ in range(max(3, rounds // 2)):
        port = free_port()
        with Program([sys.executable, "-W", "ignore", "-c", EMPTY.format(port=port)]) as began:
            empty.append(wait_for_page(port) - began)
        port = free_port()
        with studio(port, name) as began:
            pages.append(wait_for_page(port) - began)
            client = client_at(port)
            ready.append(wait_for_word(client, "") - began - pages[-1])
            words.append(wait_for_word(client, CONCEPT) - began)
    ratio = statistics.median(a / b for a, b in zip(pages, empty, strict=True))
    rows = [
        ("the page is up, against an empty Gradio page", f"{ratio:.2f} times", "1.3 times"),
        ("the page is up", f"{statistics.median(pages):.1f} s", ""),
        ("the model has answered with a word after that", f"{statistics.median(ready):.1f} s", "8 s"),
        ("first steered word, from the start of the program", f"{statistics.median(words):.1f} s", ""),
    ]
    return table(("what", "measured", "wanted, at most"), rows)


class Program:
    """Runs a command within a ``with`` block, which receives the time of the start."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def __enter__(self) -> float:
        environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
        began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return began

    @property
    def id(self) -> int:
        return self._process.pid

    def __exit__(self, *failure: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


def studio(port: int, model: str) -> Program:
    """The studio at this port."""
    return Program([sys.executable, "app.py", "--port", str(port), "--model", model])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for_page(port: int) -> float:
    """The time at which the page answers."""
    end = time.perf_counter() + TIMEOUT
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                if answer.status == 200:
                    return time.perf_counter()
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(f"nothing answers at port {port}")


def client_at(port: int) -> Any:
    """A client of the studio's endpoints."""
    from gradio_client import Client

    return Client(f"http://127.0.0.1:{port}", verbose=False)


def wait_for_word(client: Any, concept: str) -> float:
    """The time at which the studio has answered with a word; concept "" is the plain model."""
    from gradio_client.exceptions import AppError

    end = time.perf_counter() + TIMEOUT
    while True:
        try:
            client.predict(prompt=QUESTION, concept=concept, length=1, api_name="/compare")
            return time.perf_counter()
        except AppError:  # refused while the model is being loaded
            if time.perf_counter() > end:
                raise
            time.sleep(0.05)
