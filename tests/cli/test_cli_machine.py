"""``lineas doctor``, ``fetch`` and ``app``."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Lineas

from lineas.cli import app


def test_doctor_reports_what_it_finds(lineas: Lineas, lineas_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = lineas("doctor", "--json")
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {"versions", "device", "default_model", "home", "hub", "problems"}
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

    monkeypatch.setattr("lineas.models.builtin.fetch_default", fetch)
    assert lineas("fetch", "--json").document == {"model": "default", "folder": str(tmp_path)}
    assert str(tmp_path) in lineas("fetch").out


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
