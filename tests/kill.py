"""Kill -9 at random moments of everything that writes, start again, and look: ``python -m tests.kill --times 50``.

Each time a process of its own trains a model (a checkpoint after every step), waits for the health check of every second concept,
and meanwhile imports maps, renames, deletes and restores them, and says what is done. It is killed at a random moment. A second
process starts a studio on the same home and checks:

- what was said to be done is there, with the same numbers and sentences,
- a training that was interrupted is resumed and ends in the map, bit for bit, of one that was never disturbed,
- nothing half done is left over.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "helpers")]

import torch
from polling import wait_for
from studio_home import assert_nothing_left_over, assert_same, open_studio, resume_all, teach, undisturbed
from tiny import make_model

import lineas.training.trainer
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap

LONGEST = {"tiny": (0.1, 0.5, 2.0, 8.0), "default": (2.0, 10.0, 40.0)}
"""Seconds after which a worker is killed at the latest, one of these each time, so that its beginning is killed often, too."""


def main(times: int, seed: int, kind: str) -> int:
    """Kill as often as asked; returns the exit code."""
    torch.set_num_threads(1)
    lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    moments = random.Random(seed)
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        model = make_model("llama") if kind == "tiny" else load_model("default", device="cpu")
        theirs = Path(scratch) / "theirs.safetensors"
        _in_process(lambda: _reference(home, model, theirs), Path(scratch) / "reference")
        for number in range(times):
            told = Path(scratch) / f"told-{number}"
            worker = _fork(lambda: _work(home, model, theirs), told)
            wait_for(lambda file=told: file.exists() and file.stat().st_size)
            time.sleep(moments.random() * moments.choice(LONGEST[kind]))
            os.kill(worker, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(worker, 0)[1]) == signal.SIGKILL, "the worker ended by itself: see above"
            found = _in_process(lambda file=told: _check(home, model, theirs, _lines(file)), Path(scratch) / "checked")
            for name, count in found[-1].items():
                counts[name] = counts.get(name, 0) + count
            print(f"kill {number + 1} of {times}: {found[-1]}", flush=True)
    print(json.dumps({"kills": times, "seed": seed, **counts}))
    return 0


def _work(home: Path, model: LoadedModel, theirs: Path) -> Iterator[dict[str, Any]]:
    """Do everything that writes, again and again, and say what is done when it is done."""
    yield {"did": "start"}
    service = open_studio(home, model)
    for number in count(1):
        run = teach(service)
        yield {"did": "teach", "id": run}
        while service.snapshot().run.state != "done":
            concept = service.import_concept(theirs).id
            yield {"did": "import", "id": concept}
            service.rename(concept, f"mine {time.monotonic_ns()}")
            yield {"did": "rename", "id": concept}
            service.delete(concept)
            yield {"did": "delete", "id": concept}
            if len(service.concepts()) % 2:  # the others stay in the trash
                service.undelete(concept)
                yield {"did": "undelete", "id": concept}
        yield {"did": "done", "id": run}
        if number % 2:
            wait_for((home / "runs" / run / "health.json").exists, seconds=600)
            yield {"did": "examine", "id": run}


def _check(home: Path, model: LoadedModel, theirs: Path, told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Start again, and look at what there is; raises if anything is lost, changed or left over."""
    service = open_studio(home, model)
    runs = {record.id: record for record in service.runs()}
    counts = {"trainings": 0, "resumed": 0, "examining": 0, "examined": 0, "imports": 0, "deletions": 0}
    reference = SteeringMap.load(theirs)
    for id in [line["id"] for line in told if line["did"] == "teach"]:
        assert id in runs, f"the training {id} is lost"
        counts["trainings"] += 1
    for line in told:
        assert line["did"] != "done" or runs[line["id"]].state == "done", f"{line['id']} was done"
        if line["did"] == "examine":
            assert (home / "runs" / line["id"] / "health.json").exists(), f"{line['id']} has lost its health card"
            counts["examined"] += 1
    deeds = [line["did"] for line in told]
    counts["examining"] = int("done" in deeds[-1:] and deeds.count("done") % 2)
    assert all(record.state in ("done", "interrupted") for record in runs.values()), runs
    counts["resumed"] = resume_all(service, reference)
    last = {line["id"]: line["did"] for line in told if line["did"] in ("import", "rename", "delete", "undelete")}
    present = {concept.id for concept in service.concepts()}
    for id, did in last.items():  # the deed after the last one that was told may be done or not
        counts["imports"] += 1
        if id not in present:
            assert did in ("rename", "delete"), f"{id} is lost after {did}"
            service.undelete(id)
            counts["deletions"] += 1
        assert_same(service.steering_map(id), reference)
    assert_nothing_left_over(home, service)
    service.close()
    for folder in ("runs", "maps", "trash"):
        shutil.rmtree(home / folder, ignore_errors=True)
    yield counts


def _reference(home: Path, model: LoadedModel, theirs: Path) -> Iterator[dict[str, Any]]:
    undisturbed(home, model, theirs)
    shutil.rmtree(home / "runs")
    yield {"did": "reference"}


def _fork(work: Callable[[], Iterator[dict[str, Any]]], told: Path) -> int:
    """Run ``work`` in a copy of this process, which has no threads; every line that it yields is on the disk before it goes on."""
    if (process := os.fork()) == 0:
        try:
            with told.open("a") as file:
                for line in work():
                    file.write(json.dumps(line) + "\n")
                    file.flush()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return process


def _in_process(work: Callable[[], Iterator[dict[str, Any]]], told: Path) -> list[dict[str, Any]]:
    told.unlink(missing_ok=True)
    _, status = os.waitpid(_fork(work, told), 0)
    if status != 0:
        raise SystemExit("something was lost, changed or left over: see above")
    return _lines(told)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.kill", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", dest="kind", choices=LONGEST, default="tiny")
    sys.exit(main(**vars(parser.parse_args())))
