"""Concepts and trainings over changes, restarts and a killed process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from polling import wait_for
from service_actions import SOURCE_TEXT, TARGET_TEXT, compare, final_texts, teach, wait_until_idle
from tiny import SOURCE, TARGET, make_model

from lineas.errors import LineasError
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage import RunSpec, RunStore


def test_every_change_of_a_concept_raises_the_version(service, tmp_path):
    concept_id = teach(service)
    exported = tmp_path / "theirs.safetensors"
    service.steering_map(concept_id).save(exported)
    copies = []
    for change in (
        lambda: copies.append(service.import_concept(exported)),
        lambda: copies.append(service.duplicate(concept_id)),
        lambda: copies.append(service.mix([(concept_id, 0.5), (copies[0].id, 0.5)], "mixed")),
        lambda: service.rename(concept_id, "buccaneer"),
        lambda: service.annotate(concept_id, "good at ½"),
        lambda: service.delete(concept_id),
        lambda: service.undelete(concept_id),
    ):
        version = service.version
        change()
        assert service.version > version
    assert {c.name for c in service.concepts() if c.kind != "preset"} == {"buccaneer", "sailor 2", "sailor 3", "mixed"}
    assert service.snapshot().run.name == "buccaneer"
    assert len(final_texts(compare(service, copies[2].id))) == 2
    service.delete(concept_id)
    assert service.snapshot().run is None


def test_a_refused_import_changes_nothing(service, tmp_path):
    before, version = service.concepts(), service.version
    (tmp_path / "bad.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(LineasError, match="bad"):
        service.import_concept(tmp_path / "bad.safetensors")
    assert (service.concepts(), service.version) == (before, version)


def test_snapshots_scan_no_disk(service, monkeypatch):
    teach(service)

    def scan(*args, **kwargs):
        raise AssertionError("the disk was scanned")

    for name in ("iterdir", "glob", "open", "read_text", "read_bytes"):
        monkeypatch.setattr(Path, name, scan)
    began = time.perf_counter()
    for _ in range(100):
        assert service.snapshot().run.name == "sailor"
    assert time.perf_counter() - began < 1.0


def test_an_interrupted_run_is_resumed_after_a_restart(service, tmp_path, tiny_model, slow_steps):
    run_id = service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=10)
    wait_for(lambda: service.snapshot().run.step >= 3)
    service.close()
    again = StudioService(root=tmp_path / "home")
    again.start(load=False)
    snapshot = again.snapshot()
    assert (snapshot.run.id, snapshot.run.state) == (run_id, "interrupted")
    with pytest.raises(LineasError, match="No model"):
        again.resume(run_id)
    again.use_model(make_model("gpt2"))
    with pytest.raises(LineasError, match="Load that one first"):
        again.resume(run_id)
    again.use_model(tiny_model)
    again.resume(run_id)
    wait_until_idle(again)
    assert again.snapshot().run.state == "done"
    again.close()


def test_a_run_of_another_process_is_left_alone(service, tmp_path):
    other = RunStore(tmp_path / "home")
    run = other.create(RunSpec("theirs", tuple(SOURCE), tuple(TARGET)))
    run.update(state="running")
    assert [record.state for record in service.runs()] == ["running"]
    with pytest.raises(LineasError, match="Stop it there"):
        service.cancel(run.id)
    with pytest.raises(LineasError, match="being taught already"):
        service.resume(run.id)
    second = StudioService(root=tmp_path / "home")
    second.start(load=False)
    assert second.snapshot().run is None
    assert run.record.state == "running"
    second.close()
    run.release()


def test_a_run_resumed_after_kill_9_ends_in_the_same_map(service, tmp_path, slow_steps):
    """A real process is killed during training; this one resumes, and gets the map of an undisturbed training."""
    program = tmp_path / "teach.py"
    program.write_text(
        "import signal, sys, time\n"
        "from pathlib import Path\n"
        "from tiny import SOURCE, TARGET, make_model\n"
        "import lineas.training.trainer, lineas.training.gradients\n"
        "lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0\n"
        "real = lineas.training.gradients.backward\n"
        "lineas.training.gradients.backward = lambda *a, **k: (time.sleep(0.1), real(*a, **k))[1]\n"
        "from lineas.service.service import StudioService\n"
        "service = StudioService(root=Path(sys.argv[1]))\n"
        "service.start(load=False)\n"
        "service.use_model(make_model('llama'))\n"
        "run_id = service.teach('sailor', '\\n'.join(SOURCE), '\\n'.join(TARGET), steps=40, seed=7)\n"
        "while service.snapshot().run.step < 5: time.sleep(0.01)\n"
        "print(run_id, flush=True)\n"
        "signal.pause()\n"
    )
    tests = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests / 'helpers'}", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path / "home")], stdout=subprocess.PIPE, text=True, env=environment
    )
    run_id = process.stdout.readline().strip()
    assert run_id
    assert service.runs()[0].state == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert service.runs()[0].state == "interrupted"
    service.resume(run_id)
    wait_until_idle(service)
    resumed = service.steering_map(f"run:{run_id}")
    whole = service.steering_map(teach(service, "whole", steps=40, seed=7))
    assert [point.step for point in service.metrics(run_id)] == list(range(1, 41))
    assert isinstance(resumed, SteeringMap)
    for site in whole.sites:
        assert torch.equal(resumed.scale[site], whole.scale[site])
        assert torch.equal(resumed.shift[site], whole.shift[site])
