"""``lineas train``, and resuming."""

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from commands import ROOT, Lineas, asking, environment, training
from tiny import SOURCE, TARGET

from lineas.methods import MIN_TEXT_STEPS
from lineas.methods.load import load_steering
from lineas.steering.map import SteeringMap
from lineas.storage import RunStore

STEP_KEYS = {"event", "step", "of", "loss", "elapsed"}
DONE_KEYS = {"event", "map", "loss_start", "loss_end", "seconds", "steps"}


def test_train_prints_the_documented_events_and_saves_the_run(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    out = tmp_path / "new" / "bright.safetensors"
    result = lineas(*training(folder, out, "--steps", 4, "--json"))
    assert result.code == 0, result.err
    *steps, done = result.lines
    assert [event["step"] for event in steps] == [1, 2, 3, 4]
    assert all(event.keys() == STEP_KEYS and event["event"] == "step" and event["of"] == 4 for event in steps)
    assert [event["elapsed"] for event in steps] == sorted(event["elapsed"] for event in steps)
    assert done.keys() == DONE_KEYS
    assert (done["event"], done["map"], done["steps"]) == ("done", str(out), 4)
    assert "fewer than 16 a side" in result.err

    steering_map = SteeringMap.load(out)
    assert steering_map.name == "bright"
    (run,) = RunStore(lineas_home).runs()
    assert (run.record.name, run.record.state, run.record.step) == ("bright", "done", 4)
    assert run.map_path.read_bytes() == out.read_bytes()
    assert f"Run {run.id}" in result.err


def test_train_prints_text_without_json(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "my map.safetensors"
    result = lineas(*training(folder, out, "--steps", 2))
    assert result.code == 0
    assert "The distance to the concept went from" in result.out
    assert f"lineas generate --map '{out}'" in result.out
    assert "%|" not in result.err  # no bar without a terminal


def test_train_shows_a_bar_on_a_terminal(
    lineas: Lineas, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    assert lineas(*training(folder, tmp_path / "m.safetensors", "--steps", 3)).code == 0
    assert "training" in screen.getvalue()
    assert "%|" in screen.getvalue()


def test_training_is_reproducible_and_obeys_its_settings(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.safetensors" for i in range(4)]
    flags = ["--steps", 3, "--sites", "mlp", "--recipe", "thorough", "--support", 50]
    for path, seed in zip(paths, (1, 1, 2), strict=False):
        assert lineas(*training(folder, path, *flags, "--seed", seed)).code == 0
    first, second, _ = (SteeringMap.load(path) for path in paths[:3])
    assert all(site.endswith(".mlp") for site in first.sites)
    assert all(torch.equal(first.shift[site], second.shift[site]) for site in first.sites)
    assert first.support() <= 0.51
    recipe = json.loads(first.metadata["recipe"])
    assert (recipe["recipe"]["name"], recipe["recipe"]["steps"], recipe["seed"]) == ("thorough", 3, 1)


@pytest.mark.parametrize("method", ["mean_act", "prompting"])
def test_train_runs_a_baseline(lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, method: str) -> None:
    out = tmp_path / "baseline.safetensors"
    result = lineas(*training(folder, out, "--method", method, "--json"))
    assert result.code == 0, result.err
    assert result.lines[-1].keys() == DONE_KEYS
    assert lineas(*asking(folder, out, "--prompt", "the day")).code == 0


def test_baselines_that_learn_from_text_take_more_steps_unless_a_number_is_given(
    lineas: Lineas, folder: Path, tmp_path: Path
) -> None:
    out, steps = tmp_path / "baseline.safetensors", []
    for asked in ([], ["--steps", 3]):
        assert lineas(*training(folder, out, "--method", "reft", *asked)).code == 0
        steps.append(json.loads(load_steering(out).metadata["recipe"])["recipe"]["steps"])
    assert steps == [MIN_TEXT_STEPS, 3]


def test_train_reads_tables(lineas: Lineas, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "source.csv"
    table.write_text("id,text\n" + "\n".join(f'{i},"{line}"' for i, line in enumerate(SOURCE)), encoding="utf-8")
    lines = tmp_path / "target.jsonl"
    lines.write_text("\n".join(json.dumps({"text": line}) for line in TARGET), encoding="utf-8")
    out = tmp_path / "m.safetensors"
    files = ["--source", table, "--target", lines, "--out", out]
    assert lineas("train", *files, "--model", folder / "model", "--steps", 1, "--no-check").code == 0
    assert json.loads(SteeringMap.load(out).metadata["examples"])["target"] == len(TARGET)


def test_a_run_stopped_by_ctrl_c_resumes_to_the_same_map(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    whole, resumed = tmp_path / "whole.safetensors", tmp_path / "resumed.safetensors"
    steps = ("--steps", 200, "--json")
    running = subprocess.Popen(
        [sys.executable, "-m", "lineas", *map(str, training(folder, resumed, *steps))],
        env=environment(lineas_home, {}), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell may have it ignored
    )  # fmt: skip
    assert running.stdout is not None
    for _ in range(3):
        assert json.loads(running.stdout.readline())["event"] == "step"
    running.send_signal(signal.SIGINT)
    began = time.perf_counter()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert time.perf_counter() - began < 10
    assert '"done"' not in out
    assert "Traceback" not in err
    assert not resumed.exists()

    (run,) = RunStore(lineas_home).runs()
    assert run.record.state == "cancelled"
    command = err.strip().splitlines()[-1].split()
    assert command == ["lineas", "train", "--resume", run.id, "--out", str(resumed)]
    again = lineas(*command[1:], "--no-check", "--json")
    assert again.code == 0, again.err
    assert again.lines[-1]["steps"] == 200
    assert lineas(*training(folder, whole, *steps)).code == 0
    one, other = SteeringMap.load(resumed), SteeringMap.load(whole)
    assert all(torch.equal(one.scale[site], other.scale[site]) for site in one.sites)


def test_a_run_is_resumed_by_its_folder_and_only_if_it_is_unfinished(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*anything: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lineas.training.trainer.train", interrupted)
        assert lineas(*training(folder, tmp_path / "m.safetensors", "--steps", 2)).code == 130
    (run,) = RunStore(lineas_home).runs()
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "elsewhere"))
    result = lineas("train", "--resume", run.folder, "--no-check", "--json")
    assert result.code == 0, result.err
    assert result.lines[-1]["map"] == str(run.map_path)

    result = lineas("train", "--resume", run.folder, "--no-check")
    assert result.code == 1
    assert "nothing to resume" in result.reason
    result = lineas("train", "--resume", "20000101-000000-abcdef")
    assert result.code == 1
    assert "There is no run '20000101-000000-abcdef'" in result.reason


def test_one_file_fills_both_sides_and_what_was_decided_is_told(
    lineas: Lineas, folder: Path, tmp_path: Path, lineas_home: Path
) -> None:
    said = [f"the day is {word}" for word in ("long", "short", "warm", "cold", "new")]
    pairs = tmp_path / "pairs.jsonl"
    rows = [{"prompt": "say it to me", "rejected": line, "chosen": f"oh {line} oh"} for line in said]
    pairs.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    table = tmp_path / "table.csv"
    table.write_text("plain,pirate\n" + "\n".join(f"{line},oh {line} oh" for line in said), encoding="utf-8")
    common = ["train", "--steps", "2", "--no-check", "--model", folder / "model", "--out", tmp_path / "m.safetensors"]
    result = lineas(*common, "--source", pairs, "--target", pairs)
    assert result.code == 0 and "the sentences in “chosen” were taken" in result.err
    [run] = RunStore(lineas_home).runs()
    assert run.sentences() == (said, [f"oh {line} oh" for line in said])
    refused = lineas(*common, "--source", table, "--target", table)
    assert refused.code == 1 and "“plain” and “pirate”. Say which one you mean (--column" in refused.reason
    named = lineas(*common, "--source", table, "--target", table, "--source-column", "plain", "--column", "pirate")
    assert named.code == 0
    assert RunStore(lineas_home).runs()[0].sentences() == run.sentences()
