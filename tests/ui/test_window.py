"""The studio in a window of its own."""

import sys
from pathlib import Path

import pytest
from polling import wait_for

from lineas.ui.window import open_window


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="made of shell scripts")
def test_the_window_opens_in_the_first_browser_that_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    executable(tmp_path / "chromium", "no").write_bytes(b"neither a program nor a script")
    executable(tmp_path / "microsoft-edge", f'echo "$@" > {tmp_path}/said')
    executable(tmp_path / "brave-browser", f"echo wrong > {tmp_path}/said")
    tabs: list[str] = []
    monkeypatch.setattr("webbrowser.open", tabs.append)
    assert open_window("http://127.0.0.1:1/")
    said = tmp_path / "said"
    wait_for(lambda: said.exists() and said.read_text(), seconds=10)
    assert said.read_text() == "--app=http://127.0.0.1:1/\n" and tabs == []


def test_without_such_a_browser_a_tab_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("lineas.ui.window.MAC", ())
    monkeypatch.setattr("lineas.ui.window.WINDOWS", ())
    tabs: list[str] = []
    monkeypatch.setattr("webbrowser.open", tabs.append)
    assert not open_window("http://127.0.0.1:1/") and tabs == ["http://127.0.0.1:1/"]
