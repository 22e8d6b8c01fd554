"""How the studio starts: refusals in one sentence, nothing slow before them, and who may open the page."""

import errno
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette
from studio_server import OpenStudio, free_port

from lineas.errors import LineasError
from lineas.server.network import DEFAULT_PORT, allowed_hosts, check_port, is_loopback
from lineas.ui.launch import launch
from lineas.ui.opening import SECONDS_TO_OPEN, patient

ROOT = Path(__file__).parents[2]


@pytest.fixture
def busy() -> Any:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_reported_with_a_free_one(busy: int) -> None:
    begun = time.monotonic()
    started = subprocess.run([sys.executable, "app.py", "--port", str(busy)], cwd=ROOT, capture_output=True, text=True)
    assert started.returncode == 1 and started.stdout == ""
    assert len(started.stderr.splitlines()) == 1
    assert f"Port {busy} is in use" in started.stderr and "--port" in started.stderr
    assert time.monotonic() - begun < 5
    other = int(started.stderr.rsplit("--port ", 1)[1].split()[0])
    check_port("127.0.0.1", other)


def test_no_port_above_the_last_one_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def busy(host: str, port: int) -> None:
        tried.append(port)
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr("lineas.server.network._try_to_listen", busy)
    with pytest.raises(LineasError, match=f"--port {DEFAULT_PORT}"):
        check_port("127.0.0.1", 65530)
    assert tried == [*range(65530, 65536)]


def test_a_port_that_is_taken_in_the_last_moment_is_reported(busy: int, tmp_path: Path) -> None:
    from lineas.service.service import StudioService
    from lineas.ui.context import Context
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    service = StudioService(root=tmp_path)
    with pytest.raises(LineasError, match=f"Port {busy} is in use"):
        open_page(build(Context(service, [])), service, server_port=busy)


@pytest.mark.parametrize("variable", ["LINEAS_HOME", "GRADIO_TEMP_DIR"])
def test_a_folder_that_cannot_be_written_is_named_before_anything_slow(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setenv(variable, str(tmp_path / "file" / "folder"))
    monkeypatch.setattr("lineas.ui.server.serve", lambda *_, **options: pytest.fail("too late"))
    with pytest.raises(LineasError, match="a file stands in its place") as refused:
        launch(port=free_port())
    assert str(tmp_path / "file" / "folder") in str(refused.value)


def test_an_account_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINEAS_HOME", raising=False)
    monkeypatch.setattr("lineas.files.user_data_path", lambda *_, **options: Path("~/.local/share/lineas"))
    with pytest.raises(LineasError, match="Set the environment variable LINEAS_HOME"):
        launch(port=free_port())
    assert not Path("~").exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"host": "0.0.0.0"}, "--auth NAME:PASSWORD"),
        ({"host": "192.168.1.7"}, "192.168.1.7"),
        ({"share": True}, "--share"),
        ({"auth": "anna"}, "'anna'"),
        ({"auth": ":secret"}, "--auth needs a name"),
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
        "import lineas.ui.server, lineas.service.service, lineas.data.presets\n"
        "from lineas.ui.context import Context\n"
        "lineas.ui.server.build(Context(lineas.service.service.StudioService(), lineas.data.presets.load_presets()))\n"
        "print([m for m in ('torch', 'transformers', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def start_app(*flags: str, env: dict[str, str] | None = None) -> Any:
    """Start the program, which ends at Ctrl-C even where a shell in the background lets its children ignore that."""
    ends = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command, pipe = [sys.executable, "app.py", *flags], subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True, preexec_fn=ends)


NO_NETWORK = {
    "HTTP_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9",
    "no_proxy": "[::1]", "SSL_CERT_FILE": "/nonexistent", "PYTHONIOENCODING": "cp437", "GRADIO_ROOT_PATH": "/studio",
}  # fmt: skip


@pytest.mark.parametrize(
    ("end", "variables"), [(signal.SIGINT, {}), (signal.SIGTERM, NO_NETWORK)], ids=["usual", "odd variables"]
)
def test_the_app_prints_its_address_and_ends_quietly(
    tmp_path: Path, end: signal.Signals, variables: dict[str, str]
) -> None:
    """Also behind proxies, on a console with few letters, and below a path of another server."""
    port = free_port()
    flags = "--port", str(port), "--home", str(tmp_path), "--model", str(tmp_path / "none")
    app = start_app(*flags, env={**os.environ, **variables})
    assert f"http://127.0.0.1:{port}" in [app.stdout.readline(), app.stdout.readline()][1]
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    page.request("GET", "/config")
    root = json.loads(page.getresponse().read())["root"]
    assert root == f"http://127.0.0.1:{port}{variables.get('GRADIO_ROOT_PATH', '')}"
    app.send_signal(end)
    _, complaints = app.communicate(timeout=60)
    assert app.returncode == 0 and "Traceback" not in complaints


def test_a_slow_start_is_waited_for_and_one_that_fails_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Gradio's own server, whose 5 seconds are not enough on a busy machine."""
    from gradio.http_server import Server, ServerFailedToStartError

    def open_in(server: Any) -> Any:
        with patient():
            server.run_in_thread()
        return server

    go_on, usual = threading.Event(), Server.run_in_thread
    config = uvicorn.Config(Starlette(), port=free_port(), log_level="critical")
    slow, fails = Server(config), Server(config)
    monkeypatch.setattr(slow, "run", lambda: go_on.wait(60) and setattr(slow, "started", True))
    monkeypatch.setattr(fails, "run", lambda: None)
    with ThreadPoolExecutor() as pool:
        opening = pool.submit(open_in, slow)
        time.sleep(0.2)
        assert not opening.done()
        go_on.set()
        assert opening.result(60).started
    with pytest.raises(ServerFailedToStartError):
        open_in(fails)
    assert SECONDS_TO_OPEN >= 60 and Server.run_in_thread is usual


def get(studio: OpenStudio, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(studio.url).netloc)
    connection.request("GET", path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def test_a_foreign_host_name_is_refused(studio: OpenStudio) -> None:
    assert get(studio, "/")[0] == 200
    assert get(studio, "/", host=f"localhost:{urlsplit(studio.url).port}")[0] == 200
    assert get(studio, "/", host="evil.example")[0] == 400


@pytest.mark.parametrize(("host", "coding"), [("127.0.0.1", None), ("0.0.0.0", "br")])
def test_only_what_crosses_a_network_is_compressed(host: str, coding: str | None, tmp_path: Path) -> None:
    from lineas.service.service import StudioService
    from lineas.ui.context import Context
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    service, port = StudioService(root=tmp_path), free_port()
    blocks = build(Context(service, []))
    open_page(blocks, service, server_name=host, server_port=port)
    page = http.client.HTTPConnection("127.0.0.1", port)
    page.request("GET", "/theme.css", headers={"Accept-Encoding": "br"})
    answer = page.getresponse()
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, coding)
    blocks.close(verbose=False)


def test_the_page_has_no_analytics_and_can_be_installed(studio: OpenStudio) -> None:
    assert get(studio, "/monitoring")[0] == 403
    config = json.loads(get(studio, "/config")[1])
    assert config["footer_links"] == [] and config["analytics_enabled"] is False
    manifest = json.loads(get(studio, "/manifest.json")[1])
    assert manifest["name"] == "LinEAS Studio" and {icon["sizes"] for icon in manifest["icons"]} == {
        "192x192",
        "512x512",
    }
    assert get(studio, "/pwa_icon/192")[0] == 200


def test_tools_without_their_package_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineas.ui.launch.find_spec", lambda name: None)
    with pytest.raises(LineasError, match=r"pip install 'gradio\[mcp\]'"):
        launch(mcp=True)


def test_the_app_writes_below_its_home_only(tmp_path: Path) -> None:
    """Every file that a whole session creates, with an upload, is in the home folder."""
    nowhere, home = tmp_path / "nowhere", tmp_path / "home"
    nowhere.mkdir()
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GRADIO", "HF_", "XDG"))}
    environment |= {"HOME": str(nowhere), "TMPDIR": str(nowhere), "LINEAS_HOME": str(home)}
    app = start_app("--port", str(port), "--model", "/none", env=environment)
    app.stdout.readline(), app.stdout.readline()
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = "--x\r\nContent-Disposition: form-data; name=files; filename=a.txt\r\n\r\nhello\r\n--x--\r\n"
    page.request("POST", "/gradio_api/upload", body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert str(home / "uploads") in page.getresponse().read().decode()
    app.send_signal(signal.SIGINT)
    _, complaints = app.communicate(timeout=60)
    assert app.returncode == 0, complaints
    assert [str(path) for path in nowhere.rglob("*")] == []
