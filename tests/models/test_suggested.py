"""Which better model is offered where: by memory, disk and device, and without asking anybody."""

import socket
from pathlib import Path
from typing import Any

import pytest

from lineas.models import suggested
from lineas.models.hardware import GB, Room
from lineas.models.local import LocalModel, LocalModels
from lineas.models.suggested import SUGGESTED, suggest

SMALL, MIDDLE, LARGE = (model.name for model in reversed(SUGGESTED))


@pytest.mark.parametrize(
    ("device", "dtype", "memory", "disk", "offered"),
    [
        ("cuda:0", "bfloat16", 80, 500, LARGE),
        ("cuda:0", "bfloat16", 17, 500, MIDDLE),
        ("cuda:0", "bfloat16", 80, 10, MIDDLE),
        ("mps", "float32", 10, 500, MIDDLE),
        ("cpu", "float32", 500, 500, SMALL),  # larger ones answer too slowly
        ("cpu", "float32", 4, 500, SMALL),
        ("cpu", "float32", 3.5, 500, None),  # it would fit, but not be taught
        ("cpu", "float32", 500, 1, None),
    ],
)
def test_the_largest_that_fits(
    device: str, dtype: str, memory: float, disk: float, offered: str | None, tmp_path: Path, monkeypatch: Any
) -> None:
    def no_network(*args: Any, **options: Any) -> None:
        pytest.fail("somebody was asked")

    monkeypatch.setattr(socket, "create_connection", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "not" / "there"))
    monkeypatch.setattr(suggested, "disk_usage", lambda path: _Usage(path, disk))
    found = suggest(Room(device, dtype, int(memory * GB)), LocalModels(tmp_path / "models"))
    assert (found.name if found else None) == offered


def test_one_that_is_here_needs_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggested, "disk_usage", lambda path: _Usage(path, 0))
    monkeypatch.setattr(LocalModels, "models", lambda self: [LocalModel(SMALL, "hub", tmp_path)])
    found = suggest(Room("cpu", "float32", 8 * GB), LocalModels(tmp_path))
    assert found is not None and (found.name, found.size) == (SMALL, 0)


class _Usage:
    def __init__(self, path: Path, gigabytes: float) -> None:
        assert path.is_dir()
        self.free = int(gigabytes * 1e9)
