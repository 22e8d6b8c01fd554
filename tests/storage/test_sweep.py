"""What a killed process left is removed at the next start, and nothing else; names are unique across processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from maps import random_map

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.storage import ConceptStore, RunSpec, RunStore, sweep

SPEC = RunSpec("pirate", ("a",) * 4, ("b",) * 4)


def test_drafts_and_unborn_runs_go_and_everything_else_stays(lineas_home: Path) -> None:
    store = RunStore(lineas_home)
    runs = [store.create(SPEC) for _ in range(4)]
    held, left, unborn, damaged = runs
    for run in runs[1:]:
        run.release()
    for run in (held, left):
        (run.folder / ".checkpoint.safetensors.0a1b2c3d.part").write_bytes(b"half")
    unborn.target_path.unlink()
    damaged.update(started="2026-01-01", state="interrupted")
    damaged.source_path.unlink()
    (lineas_home / "runs" / "empty").mkdir()
    maps = lineas_home / "maps"
    maps.mkdir()
    for name in (".mine-1.safetensors.0a1b2c3d.part", "mine-1.safetensors", ".hidden"):
        (maps / name).write_bytes(b"x")
    old, new = (lineas_home / "uploads" / name for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, time.time() - 90_000))
    sweep(ConceptStore(lineas_home, RunStore(lineas_home), lambda: []))
    assert {path.name for path in (lineas_home / "runs").iterdir()} == {held.id, left.id, damaged.id}
    assert [*held.folder.glob(".*.part")] and not [*left.folder.glob(".*.part")]  # it may be writing at this moment
    assert {path.name for path in maps.iterdir()} == {"mine-1.safetensors", ".hidden"}
    assert [path.name for path in (lineas_home / "uploads").iterdir()] == ["new"]
    assert left.claim()
    for run in (held, left):
        run.release()


def test_a_home_that_is_not_there_is_not_made(lineas_home: Path) -> None:
    sweep(ConceptStore(lineas_home, RunStore(lineas_home), lambda: []))
    assert not lineas_home.exists()


def test_eight_processes_at_once_choose_eight_names(lineas_home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from lineas.storage import *\n"
        "home = Path(sys.argv[1]); runs = RunStore(home); concepts = ConceptStore(home, runs, lambda: [])\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "for _ in range(4):\n"
        "    with concepts.naming():\n"
        "        name = concepts.unique_name('pirate')\n"
        "        runs.create(RunSpec(name, ('a',) * 4, ('b',) * 4)).release()\n"
    )
    command = [sys.executable, "-c", code, str(lineas_home), str(time.time() + 3)]
    processes = [subprocess.Popen(command, cwd=Path(__file__).parents[2]) for _ in range(8)]
    assert [process.wait(120) for process in processes] == [0] * 8
    names = [run.record.name for run in RunStore(lineas_home).runs()]
    assert sorted(names, key=lambda name: (len(name), name)) == ["pirate", *(f"pirate {i}" for i in range(2, 33))]


def test_a_home_that_cannot_be_written_refuses_a_name_in_a_sentence(
    lineas_home: Path, tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    lineas_home.write_text("a file stands here")
    concepts = ConceptStore(lineas_home, RunStore(lineas_home), lambda: [])
    with pytest.raises(LineasError, match="LINEAS_HOME"):
        concepts.add(random_map(tiny_model.sites), "mine")
