"""``lineas train`` on several processes, and many jobs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import ROOT, Lineas, Result, environment, training
from tiny import SOURCE, TARGET

from lineas.steering.map import SteeringMap
from lineas.storage import RunStore
from lineas.training.events import Step

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "lineas"]
ACCELERATE = [
    sys.executable,
    "-m",
    "accelerate.commands.launch",
    "--multi_gpu",
    "--num_processes",
    "2",
    "-m",
    "lineas",
]


def launched(launcher: list[str], *words: object, home: Path) -> Result:
    done = subprocess.run(
        [*launcher, *map(str, words)], env=environment(home, {}), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return Result(done.returncode, done.stdout, done.stderr)


def difference(one: SteeringMap, other: SteeringMap) -> float:
    return max(float((one.scale[s] - other.scale[s]).abs().max()) for s in one.sites)


def test_two_processes_print_and_write_as_one(lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path) -> None:
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    assert lineas(*training(folder, one, "--steps", 3)).code == 0
    result = launched(TORCHRUN, *training(folder, two, "--steps", 3, "--json"), home=lineas_home)
    assert result.code == 0, result.err
    assert "shared by 2 processes" in result.err
    assert [line.get("step", line["event"]) for line in result.lines] == [1, 2, 3, "done"]
    assert difference(SteeringMap.load(one), SteeringMap.load(two)) < 1e-5
    names = sorted(run.record.name for run in RunStore(lineas_home).runs())
    assert names == ["one", "two"]


def test_accelerate_goes_on_on_two_processes_with_a_run_of_one(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    whole, resumed = tmp_path / "whole.safetensors", tmp_path / "resumed.safetensors"

    def stop(event: object) -> None:
        if isinstance(event, Step) and event.step == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lineas.cli.train._Reporter.__call__", lambda self, event: stop(event))
        assert lineas(*training(folder, tmp_path / "part.safetensors", "--steps", 12)).code == 130
    (run,) = RunStore(lineas_home).runs()
    again = ["train", "--resume", run.id, "--out", resumed, "--no-check", "--json"]
    result = launched(ACCELERATE, *again, home=lineas_home)
    assert result.code == 0, result.err
    assert "shared by 2 processes" in result.err
    assert [line.get("step", line["event"]) for line in result.lines] == [*range(5, 13), "done"]
    assert lineas(*training(folder, whole, "--steps", 12)).code == 0
    assert difference(SteeringMap.load(whole), SteeringMap.load(resumed)) < 1e-5


@pytest.fixture
def jobs(folder: Path, tmp_path: Path) -> Path:
    """A list of three jobs, the second of which cannot be trained."""
    for name, sentences in (("plain", SOURCE), ("bright", TARGET), ("short", TARGET[:2])):
        (tmp_path / f"{name}.txt").write_text("\n".join(sentences), encoding="utf-8")
    path = tmp_path / "concepts.toml"
    path.write_text(
        '[[job]]\nsource = "plain.txt"\ntarget = "bright.txt"\nout = "maps/bright.safetensors"\nseed = 3\n'
        '[[job]]\nsource = "plain.txt"\ntarget = "short.txt"\nout = "maps/short.safetensors"\n'
        '[[job]]\nsource = "bright.txt"\ntarget = "plain.txt"\nout = "maps/dull.safetensors"\nsteps = 2\n',
        encoding="utf-8",
    )
    return path


def test_a_list_of_jobs_is_spread_and_one_failure_spares_the_others(
    lineas: Lineas, folder: Path, jobs: Path, tmp_path: Path, lineas_home: Path
) -> None:
    words = ["train", "--jobs", jobs, "--steps", 3, "--model", folder / "model", "--no-check", "--json"]
    result = launched(TORCHRUN, *words, home=lineas_home)
    assert result.code == 1
    ends = {line["job"]: line for line in result.lines if line["event"] != "step"}
    assert {job: end["event"] for job, end in ends.items()} == {"bright": "done", "short": "failed", "dull": "done"}
    assert (ends["bright"]["steps"], ends["dull"]["steps"]) == (3, 2)
    assert "at least" in ends["short"]["reason"]
    assert "1 of 3 jobs failed" in result.err
    alone = tmp_path / "alone.safetensors"
    assert lineas(*training(folder, alone, "--steps", 3, "--seed", 3)).code == 0
    assert difference(SteeringMap.load(alone), SteeringMap.load(tmp_path / "maps" / "bright.safetensors")) == 0


def test_a_folder_of_pairs(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    pairs, maps = tmp_path / "pairs", tmp_path / "maps"
    pairs.mkdir()
    for name in ("bright", "bright.again"):
        (pairs / f"{name}.source.txt").write_text("\n".join(SOURCE), encoding="utf-8")
        (pairs / f"{name}.target.txt").write_text("\n".join(TARGET), encoding="utf-8")
    result = lineas(
        "train", "--jobs", pairs, "--out", maps, "--steps", 2, "--model", folder / "model", "--no-check", "--json"
    )
    assert result.code == 0, result.err
    assert sorted(path.name for path in maps.iterdir()) == ["bright.again.safetensors", "bright.safetensors"]
    (pairs / "bright.target.txt").unlink()
    result = lineas("train", "--jobs", pairs, "--model", folder / "model")
    assert (result.code, result.reason.count("only one side of bright:")) == (2, 1)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "no [[job]] table"),
        ('[[job]]\nsource = "a"\ntarget = "b"\n', "job 1 of"),
        ('[[job]]\nsource = "a"\ntarget = "b"\nout = "c"\nspeed = 3\n', "speed"),
        ('[[job]]\nsource = "a"\ntarget = "b"\nout = "c"\nseed = -1\n', "seed"),
        ('[[job]]\nsource = "a"\ntarget = "b"\nout = "c"\n' * 2, "same map"),
    ],
)
def test_a_list_that_is_wrong_is_refused_before_work(lineas: Lineas, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text, encoding="utf-8")
    result = lineas("train", "--jobs", path)
    assert result.code == 2
    assert reason in result.reason


def test_a_baseline_is_refused_on_two_processes(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    began = time.perf_counter()
    result = lineas(*training(folder, tmp_path / "caa.safetensors", "--method", "caa"))
    assert result.code == 2
    assert "one process only" in result.reason
    assert time.perf_counter() - began < 10
