"""Short runs of the hard tests that are commands; docs/reliability.md holds what their long runs found."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CAN_MOUNT = (
    shutil.which("unshare") is not None
    and not subprocess.run(["unshare", "--mount", "--map-root-user", "true"], capture_output=True).returncode
)


def run(module: str, *flags: str) -> Any:
    command = [sys.executable, "-m", module, *flags]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it copies processes")
def test_nothing_is_lost_by_kill_9() -> None:
    found = run("tests.kill", "--times", "3")
    assert found["kills"] == 3 and found["trainings"] >= 1


@pytest.mark.skipif(not CAN_MOUNT, reason="it mounts a small disk in a namespace of its own")
def test_a_full_disk_loses_nothing() -> None:
    found = run("tests.full", "--blocks", "5")
    assert found["done"] and found["refused"] and found["resumed"] and found["examined"]


def test_a_crowd_and_a_training_share_a_model() -> None:
    found = run("tests.load", "--clients", "8", "--requests", "60")
    assert found["faults"] == [] and found["different_texts"] > 40
