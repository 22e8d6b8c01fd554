"""``lineas doctor``, ``fetch`` and ``app``."""

import io
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Lineas

from lineas.cli import app
from lineas.cli.start_checks import start_checks


def test_doctor_reports_what_it_finds(lineas: Lineas, lineas_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = lineas("doctor", "--json")
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"versions", "device", "default_model", "judge", "start", "home", "hub", "problems"}
    assert document["judge"] == {"present": False}
    assert document["problems"] == []
    assert document["home"]["folder"] == str(lineas_home)
    assert document["home"]["writable"] is True
    assert document["default_model"]["present"] is False
    assert document["hub"]["reachable"] is False
    text = lineas("doctor").out
    assert str(lineas_home) in text
    assert "'lineas fetch'" in text


def test_doctor_never_hangs(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts the connection and never answers
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("lineas.cli.doctor.HUB_SECONDS", 0.3)
        began = time.perf_counter()
        assert lineas("doctor", "--json").document["hub"]["reachable"] is False
        assert time.perf_counter() - began < 10


def test_doctor_fails_if_the_home_cannot_be_written(
    lineas: Lineas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = lineas("doctor", "--json")
    assert result.code == 1
    assert result.document["home"]["writable"] is False
    assert str(tmp_path / "file" / "home") in result.reason


def test_fetch_prints_the_folder_of_the_model(lineas: Lineas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(progress: Callable[[str, float | None], None]) -> Path:
        progress("Fetching …", 0.5)
        return tmp_path

    judges: list[object] = []
    monkeypatch.setattr("lineas.models.builtin.fetch_default", fetch)
    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", judges.append)
    assert lineas("fetch", "--json").document == {"model": "default", "folder": str(tmp_path)}
    assert str(tmp_path) in lineas("fetch").out
    assert len(judges) == 2  # the judge's language model comes with it


def test_app_passes_its_flags_to_the_studio(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []

    def launch(*, model: str = "default", host: str = "", port: int = 0) -> None:
        print("words for people")
        started.append({"model": model, "host": host, "port": port})

    monkeypatch.setattr(app, "launch", launch)
    result = lineas("app", "--port", 8123, "--model", "here", "--json")
    assert result.code == 0
    assert result.lines == [{"event": "starting", "url": "http://127.0.0.1:8123/"}]
    assert "words for people" in result.err
    assert started == [{"model": "here", "host": "127.0.0.1", "port": 8123}]


def test_app_names_a_busy_port(lineas: Lineas) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = lineas("app", "--port", port)
    assert result.code == 1
    assert str(port) in result.reason
    assert "Traceback" not in result.err


STARTS: tuple[tuple[dict[str, str], str], ...] = (
    ({"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}, "HTTP_PROXY and ALL_PROXY are set"),
    ({"https_proxy": "http://127.0.0.1:9"}, "HTTPS_PROXY is set: downloads go through that proxy"),
    ({"SSL_CERT_FILE": "/nonexistent"}, "SSL_CERT_FILE names '/nonexistent', which does not exist"),
    ({"GRADIO_ROOT_PATH": "studio"}, "such as /studio"),
    ({"GRADIO_TEMP_DIR": "{file}/uploads"}, "Uploads cannot be kept in GRADIO_TEMP_DIR"),
)


@pytest.mark.parametrize(("variables", "said"), STARTS, ids=[said[:20] for _, said in STARTS])
def test_doctor_tells_what_may_keep_the_studio_from_starting(
    variables: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "GRADIO_TEMP_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr("lineas.cli.start_checks.check_port", lambda *_: None)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert start_checks() == []
    (tmp_path / "file").touch()
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("{file}", str(tmp_path / "file")))
    [sentence] = start_checks()
    assert said in sentence


def test_doctor_tells_of_a_busy_machine_port_and_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (1000.0, 0.0, 0.0))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp437"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("lineas.cli.start_checks.DEFAULT_PORT", port)
        said = " ".join(start_checks())
    assert "is busy (load" in said and f"Port {port} is in use" in said and "writes cp437" in said
    monkeypatch.delenv("LINEAS_HOME", raising=False)
    monkeypatch.setattr("lineas.cli.start_checks.as_path", Path)
    assert "set LINEAS_HOME" in " ".join(start_checks())
