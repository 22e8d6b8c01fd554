"""Bad input ends in one sentence and loses no data."""

import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from commands import Lineas, asking, training

from lineas.cli import train
from lineas.steering.map import SteeringMap
from lineas.storage import RunStore
from lineas.training import gradients


def test_a_bad_map_is_refused_with_a_sentence(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    steering_map = SteeringMap.load(a_map)
    site = steering_map.sites[0]
    nan, other, cut = (tmp_path / f"{name}.safetensors" for name in ("nan", "other", "cut"))
    SteeringMap({**steering_map.scale, site: torch.full((16,), torch.nan)}, steering_map.shift).save(nan)
    SteeringMap.identity({"model.layers.0.post_attention_layernorm": 8}, {"base_model": "Qwen"}).save(other)
    cut.write_bytes(a_map.read_bytes()[:300])
    for path, words in (
        (tmp_path / "none.safetensors", "There is no"),
        ("no-such-concept", "no concept 'no-such-concept'"),
        (nan, "not numbers"),
        (cut, "cannot be used"),
        (other, "does not fit"),
    ):
        result = lineas(*asking(folder, path, "--prompt", "the day", "--json"))
        assert (result.code, result.out) == (1, ""), path
        assert words in result.reason
        assert Path(path).name in result.reason or path == other
        assert "Traceback" not in result.err
        if path != other:
            assert lineas("inspect", path).code == 1
    assert lineas("compose", a_map, other, "--out", tmp_path / "x.safetensors").code == 1
    assert not (tmp_path / "x.safetensors").exists()


def test_bad_training_input_leaves_no_run_behind(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    out = tmp_path / "m.safetensors"
    (tmp_path / "file").touch()
    (tmp_path / "few.txt").write_text("one sentence here\nand another one\nthree", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    model = ("--model", folder / "model")
    for words, reason in (
        (training(folder, out, "--sites", "nowhere"), "'nowhere'"),
        (training(folder, tmp_path / "file" / "m.safetensors"), str(tmp_path / "file" / "m.safetensors")),
        (training(folder, tmp_path), "is a folder"),
        (["train", "--source", tmp_path / "gone.txt", "--target", tmp_path / "few.txt", "--out", out], "gone.txt"),
        (["train", "--source", tmp_path / "few.txt", "--target", folder / "target.txt", "--out", out], "at least 4"),
        (["train", "--source", tmp_path / "binary.txt", "--target", folder / "target.txt", "--out", out], "binary.txt"),
        (["train", "--source", tmp_path / "empty.txt", "--target", folder / "target.txt", "--out", out], "empty.txt"),
        (["train", "--source", tmp_path / "table.csv", "--target", folder / "target.txt", "--out", out], "table.csv"),
        (["train", *training(folder, out)[1:5], "--out", out, "--model", tmp_path / "no-model"], "no-model"),
    ):  # fmt: skip
        result = lineas(*words, *(() if "--model" in words else model))
        assert (result.code, result.out) == (1, ""), words
        assert reason in result.reason
        assert len(result.reason) < 700
        assert "Traceback" not in result.err
    assert RunStore(lineas_home).runs() == []
    assert not out.exists()
    unknown = lineas(*training(folder, out, "--method", "magic"))
    assert unknown.code == 2
    assert "mean_act" in unknown.reason


def test_an_unwritable_home_is_named(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "file" / "home"))
    result = lineas(*training(folder, tmp_path / "m.safetensors"))
    assert result.code == 1
    assert "LINEAS_HOME" in result.reason


def test_a_map_that_cannot_be_copied_in_the_end_is_not_lost(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "m.safetensors"
    real = train._warn
    monkeypatch.setattr(train, "_warn", lambda *things: (shutil.rmtree(out.parent), real(*things)))
    result = lineas(*training(folder, out, "--steps", 1))
    assert result.code == 1
    (run,) = RunStore(lineas_home).runs()
    assert str(run.map_path) in result.reason
    assert run.map_path.exists()


def test_a_failed_training_says_why_and_how_to_resume(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lineas_home: Path
) -> None:
    def failing(*anything: object, **more: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")

    monkeypatch.setattr("lineas.training.trainer.train", failing)
    result = lineas(*training(folder, tmp_path / "m.safetensors"))
    assert result.code == 1
    (run,) = RunStore(lineas_home).runs()
    assert "ran out of memory" in result.reason
    assert f"lineas train --resume {run.id}" in result.reason


def test_a_training_that_is_told_to_end_can_be_resumed(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lineas_home: Path
) -> None:
    """SIGTERM, as a service manager sends it, is as good as Ctrl-C."""
    before = [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGHUP)]
    real = gradients.backward
    steps: list[int] = []

    def backward(*anything: object, **more: object) -> object:
        steps.append(1)
        if len(steps) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return real(*anything, **more)

    monkeypatch.setattr(gradients, "backward", backward)
    try:
        result = lineas(*training(folder, tmp_path / "m.safetensors", "--steps", 8))
    finally:
        for name, handler in zip((signal.SIGTERM, signal.SIGHUP), before, strict=True):
            signal.signal(name, handler)
    (run,) = RunStore(lineas_home).runs()
    assert result.code == 130 and f"lineas train --resume {run.id}" in result.err and "Traceback" not in result.err
    assert run.record.state == "cancelled" and run.record.resumable and not run.claimed
    assert lineas("train", "--resume", run.id, "--no-check").code == 0


def test_a_bug_shows_its_traceback(lineas: Lineas, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*anything: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("lineas.cli.inspect.load_map", faulty)
    result = lineas("inspect", "pirate")
    assert result.code == 1
    assert "Traceback" in result.err
    assert result.reason.startswith("lineas: ")
    assert "ZeroDivisionError: oh" in result.reason
