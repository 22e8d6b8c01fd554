"""The Python snippets of README.md and docs/, each run as printed in a process of its own."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from lineas.models.builtin import fetch_default

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STUDIO = "http://127.0.0.1:7860/"
"""Address of the studio in snippets. The test's own studio listens on a free port, which is put in its place."""
COMMIT = "c0ffee" * 6 + "c0ff"

SNIPPETS = {
    f"{path.name}-{number}": code
    for path in DOCUMENTS
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S), 1)
}
CLIENTS = {name: code for name, code in SNIPPETS.items() if "gradio_client" in code or "openai" in code}
"""The snippets that need a running studio."""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Environment of a snippet: a home folder with the built-in model only, an empty hub cache, LinEAS from this checkout."""
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    built_in = fetch_default()
    (models / built_in.name).symlink_to(built_in, target_is_directory=True)
    return os.environ | {
        "LINEAS_HOME": str(models.parent),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "HF_HUB_OFFLINE": "1",
    }


@pytest.mark.default_model
@pytest.mark.parametrize("name", sorted(SNIPPETS.keys() - CLIENTS.keys()))
def test_a_printed_snippet_runs(name: str, tmp_path: Path, variables: dict[str, str]) -> None:
    fill_hub_cache(SNIPPETS[name], Path(variables["HF_HUB_CACHE"]))
    run(SNIPPETS[name], tmp_path, variables)


@pytest.mark.default_model
def test_the_printed_snippets_that_ask_a_studio_run(tmp_path: Path, variables: dict[str, str]) -> None:
    assert {"library.md", "server.md"} <= {name.partition("-")[0] for name in CLIENTS}
    with running_studio(tmp_path, variables) as address:
        # last those that teach: a health check follows, and would slow the others down
        for code in sorted(CLIENTS.values(), key=lambda code: "/teach" in code):
            assert STUDIO in code
            run(code.replace(STUDIO, address), tmp_path, variables)


def test_the_library_page_shows_steering_of_a_wrapped_model() -> None:
    library = [code for name, code in SNIPPETS.items() if name.startswith("library.md")]
    assert len(library) >= 3
    assert any("wrap_model(" in code and "steer(" in code for code in library)


def run(code: str, folder: Path, variables: dict[str, str]) -> None:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "a snippet prints something to look at"


def fill_hub_cache(code: str, cache: Path) -> None:
    """Store the built-in model under every Hugging Face id that the snippet names, since tests reach no hub."""
    for name in set(re.findall(r'"([\w.-]+/[\w.-]+)"', code)):
        repository = cache / f"models--{name.replace('/', '--')}"
        (repository / "snapshots").mkdir(parents=True)
        (repository / "snapshots" / COMMIT).symlink_to(fetch_default(), target_is_directory=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(COMMIT, encoding="utf-8")


@contextmanager
def running_studio(folder: Path, variables: dict[str, str]) -> Iterator[str]:
    """Start a studio with its command and yield its address once it answers a question."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    log = folder / "studio.txt"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "lineas", "app", "--port", str(port)]
        studio = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 120
        while not answers(address):
            assert studio.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield address
    finally:
        studio.terminate()
        studio.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether the studio is up and its model is loaded."""
    try:
        return bool(Client(address, verbose=False).predict(prompt="Hello", length=1, api_name="/compare"))
    except (AppError, httpx.HTTPError):
        return False
