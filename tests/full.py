"""Fill a real disk at every place of what a studio writes, make room again, and look: ``python -m tests.full``.

The home folder stands on a small disk of its own (a tmpfs in a mount namespace, Linux only). At first it has no room, then a block
more each time, until all fits. With so much room a concept is taught and examined, and maps are imported, copied, renamed, noted,
packed, deleted and restored. Each of these has to be done, or refused in a sentence that says that the disk is full. Then there is
room again, a second studio starts on the same home, and

- what was said to be done is there, with the same numbers and sentences,
- a training that the disk stopped is resumed and ends in the map, bit for bit, of one that was never disturbed,
- nothing half written is left over.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "helpers")]

import torch
from polling import wait_for
from studio_home import assert_nothing_left_over, assert_same, open_studio, resume_all, teach, undisturbed
from tiny import make_model

import lineas.training.trainer
from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage import archive

BLOCK = 4096
"""Bytes in which the disk gives room."""
INSIDE = "LINEAS_SMALL_DISK"
"""The environment variable that names the small disk to the process inside the namespace."""


def main(blocks: int) -> int:
    """Fill the disk with so many blocks more left each time, until everything fits; returns the exit code."""
    disk = Path(os.environ[INSIDE])
    torch.set_num_threads(1)
    lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    counts: Counter[str] = Counter()
    model = make_model("llama")
    with tempfile.TemporaryDirectory() as scratch:  # on another disk
        theirs = Path(scratch) / "theirs.safetensors"
        undisturbed(Path(scratch) / "home", model, theirs)
        for free in count(0, blocks * BLOCK):
            found = fill(disk, free, model, theirs)
            shutil.rmtree(disk / "home")
            counts += Counter(disks=1, **found)
            print(f"{free // 1024} KiB free: {found}", flush=True)
            if found["examined"] and not found["refused"]:
                break
    print(json.dumps(counts))
    return 0


def fill(disk: Path, free: int, model: LoadedModel, theirs: Path) -> dict[str, int]:
    """Do everything with ``free`` bytes of room, look with room again; returns how much was done, refused, resumed and examined."""
    home, reference = disk / "home", SteeringMap.load(theirs)
    service = open_studio(home, model)
    before = service.import_concept(theirs).id
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - free)
    done, refused = work(service, theirs, before, disk / "mine.lineas")
    service.close()
    examined = len([*home.glob("runs/*/health.json")])
    ballast.unlink()

    packed = disk / "mine.lineas"
    assert packed.exists() == ("pack" in done)
    if packed.exists():
        assert_same(archive.read(packed), reference)
        packed.unlink()
    assert not [file.name for file in disk.iterdir() if file != home], "left over beside the home"
    service = open_studio(home, model)
    concepts = {concept.id: concept for concept in service.concepts()}
    for deed in ("import", "copy"):
        assert deed not in done or done[deed] in concepts, f"what was done with {deed} is lost"
    assert "rename" not in done or concepts[before].name == done["rename"]
    assert "note" not in done or concepts[before].note == done["note"]
    assert "teach" not in done or any(run.id == done["teach"] for run in service.runs()), "the training is lost"
    resumed = resume_all(service, reference)
    for concept in service.concepts():
        if concept.kind == "map":
            assert_same(service.steering_map(concept.id), reference)
    wait_for(lambda: service.snapshot().queue_length == 0)
    assert_nothing_left_over(home, service)
    service.close()
    return {"done": len(done), "refused": refused, "resumed": resumed, "examined": examined}


def work(service: StudioService, theirs: Path, before: str, packed: Path) -> tuple[dict[str, str], int]:
    """Try everything that writes; returns what each deed that succeeded made, and how many were refused."""
    done: dict[str, str] = {}
    refused = 0

    def attempt(deed: str, act: Callable[[], str]) -> None:
        nonlocal refused
        try:
            done[deed] = act()
        except LineasError as error:
            assert "disk is full" in str(error), error
            refused += 1

    def learn() -> str:
        run = teach(service)
        wait_for(lambda: service._queue.job is None and not service._queue._unchecked)  # taught and examined
        state = service.snapshot().run
        assert state.state == "done" or (state.state == "failed" and "disk is full" in state.error), state
        return run

    def pack() -> str:
        archive.write(packed, service.steering_map(before), None)
        return str(packed)

    def give_back() -> str:
        service.delete(before)
        service.undelete(before)
        return before

    attempt("import", lambda: service.import_concept(theirs).id)
    attempt("teach", learn)
    attempt("copy", lambda: service.duplicate(before).id)
    attempt("rename", lambda: service.rename(before, "mine").name)
    attempt("note", lambda: service.annotate(before, "a note " * 200).note)
    attempt("pack", pack)
    attempt("delete and restore", give_back)
    return done, refused


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.full", description=__doc__)
    parser.add_argument("--blocks", type=int, default=1, help="blocks of 4 KiB by which the room grows each time")
    flags = parser.parse_args()
    if INSIDE in os.environ:
        sys.exit(main(flags.blocks))
    with tempfile.TemporaryDirectory() as mounted:
        mount = 'mount -t tmpfs -o size=8m none "$0" && exec "$@"'
        command = [
            "unshare",
            "--mount",
            "--map-root-user",
            "sh",
            "-c",
            mount,
            mounted,
            sys.executable,
            "-m",
            "tests.full",
        ]
        sys.exit(subprocess.run([*command, *sys.argv[1:]], env=os.environ | {INSIDE: mounted}).returncode)
