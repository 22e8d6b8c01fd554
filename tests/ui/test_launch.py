"""How the studio starts: refusals in one sentence, nothing slow before them, and who may ask for the page."""

import functools
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from opened import Open

from lineas.errors import LineasError
from lineas.ui import check_port, is_loopback, launch
from lineas.ui.server import allowed_hosts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def busy() -> Any:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_named_with_another_one(busy: int) -> None:
    begun = time.monotonic()
    started = subprocess.run([sys.executable, "app.py", "--port", str(busy)], cwd=ROOT, capture_output=True, text=True)
    assert started.returncode == 1 and started.stdout == ""
    assert len(started.stderr.splitlines()) == 1
    assert f"Port {busy} is in use" in started.stderr and "--port" in started.stderr
    assert time.monotonic() - begun < 5
    other = int(started.stderr.rsplit("--port ", 1)[1].split()[0])
    check_port("127.0.0.1", other)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"host": "0.0.0.0"}, "--auth NAME:PASSWORD"),
        ({"host": "192.168.1.7"}, "192.168.1.7"),
        ({"share": True}, "--share"),
        ({"auth": "anna"}, "'anna'"),
        ({"auth": ":secret"}, "--auth wants a name"),
        ({"port": 0}, "1 to 65535"),
        ({"port": 70000}, "70000"),
    ],
)
def test_unsafe_or_wrong_flags_are_refused(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(LineasError) as refused:
        launch(**flags)
    assert said in str(refused.value)


def test_which_addresses_stay_on_this_computer() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.1.2.3", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "10.0.0.4", "example.org"]))
    assert allowed_hosts("127.0.0.1", share=False) == ["127.0.0.1", "localhost", "[::1]"]
    assert "*.gradio.live" in allowed_hosts("127.0.0.1", share=True)


def test_the_page_needs_no_torch() -> None:
    code = (
        "import sys, lineas.ui\n"
        "assert 'gradio' not in sys.modules\n"
        "import lineas.ui.server, lineas.workbench, lineas.examples.presets\n"
        "from lineas.ui.context import Context\n"
        "lineas.ui.server.build(Context(lineas.workbench.Workbench(), lineas.examples.presets.load_presets()))\n"
        "print([m for m in ('torch', 'transformers', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_app_opens_a_page_says_where_and_ends_quietly(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "app.py",
        "--port",
        str(port),
        "--home",
        str(tmp_path),
        "--model",
        str(tmp_path / "none"),
    ]
    # a shell that runs the tests in the background lets its children ignore Ctrl+C
    heeds = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipe = subprocess.PIPE
    app = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, preexec_fn=heeds)
    assert app.stdout is not None
    said = [app.stdout.readline(), app.stdout.readline()]
    assert f"http://127.0.0.1:{port}" in said[1]
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    page.request("GET", "/")
    assert page.getresponse().status == 200
    app.send_signal(signal.SIGINT)
    _, complaints = app.communicate(timeout=60)
    assert app.returncode == 0 and "Traceback" not in complaints


def get(studio: Open, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(studio.url).netloc)
    connection.request("GET", path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def test_a_foreign_host_name_is_refused(studio: Open) -> None:
    assert get(studio, "/")[0] == 200
    assert get(studio, "/", host=f"localhost:{urlsplit(studio.url).port}")[0] == 200
    assert get(studio, "/", host="evil.example")[0] == 400


def test_nothing_is_watched_and_it_can_be_installed(studio: Open) -> None:
    assert get(studio, "/monitoring")[0] == 403
    config = json.loads(get(studio, "/config")[1])
    assert config["footer_links"] == [] and config["analytics_enabled"] is False
    manifest = json.loads(get(studio, "/manifest.json")[1])
    assert manifest["name"] == "LinEAS Studio" and {icon["sizes"] for icon in manifest["icons"]} == {
        "192x192",
        "512x512",
    }
    assert get(studio, "/pwa_icon/192")[0] == 200
