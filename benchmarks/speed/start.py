"""From ``python app.py`` to the page, to a model that is ready, and to the first steered word; beside an empty Gradio page."""

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

from benchmarks.report import table

ROOT = Path(__file__).resolve().parents[2]
EMPTY = """
import gradio as gr
with gr.Blocks(analytics_enabled=False) as page:
    gr.Markdown("empty")
page.launch(server_port={port}, quiet=True)
"""
ENOUGH = 300.0
QUESTION, CONCEPT = "Tell me about your day.", "Pirate"


def measure(name: str, rounds: int) -> str:
    pages, empty, ready, words = [], [], [], []
    for _ in range(max(3, rounds // 2)):
        port = free_port()
        with Program([sys.executable, "-W", "ignore", "-c", EMPTY.format(port=port)]) as began:
            empty.append(until_up(port) - began)
        port = free_port()
        with Program([sys.executable, "app.py", "--port", str(port), "--model", name]) as began:
            pages.append(until_up(port) - began)
            model, word = until_steered(port)
            ready.append(model - began - pages[-1])
            words.append(word - began)
    ratio = statistics.median(a / b for a, b in zip(pages, empty, strict=True))
    rows = [
        ("the page is up, against an empty Gradio page", f"{ratio:.2f} times", "1.3 times"),
        ("the page is up", f"{statistics.median(pages):.1f} s", ""),
        ("the model has answered with a word after that", f"{statistics.median(ready):.1f} s", "8 s"),
        ("first steered word, from the start of the program", f"{statistics.median(words):.1f} s", ""),
    ]
    return f"""### Start

`python app.py` with model `{name}` already fetched and the disk warm; medians of {len(pages)} rounds in turn.

{table(("what", "measured", "wanted, at most"), rows)}
"""


class Program:
    """Runs a command while the block lasts; entering gives the moment of its start."""

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


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def until_up(port: int) -> float:
    end = time.perf_counter() + ENOUGH
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                if answer.status == 200:
                    return time.perf_counter()
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(f"nothing answers at port {port}")


def until_steered(port: int) -> tuple[float, float]:
    """The moments of the model's first word, and of its first steered one, asked for as any script does."""
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(f"http://127.0.0.1:{port}", verbose=False)
    moments = []
    for concept in ("", CONCEPT):
        while True:
            try:
                client.predict(prompt=QUESTION, concept=concept, length=1, api_name="/compare")
                break
            except AppError as refusal:
                if "still being loaded" not in str(refusal):
                    raise
                time.sleep(0.05)
        moments.append(time.perf_counter())
    return moments[0], moments[1]
