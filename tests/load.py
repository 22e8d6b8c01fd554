"""Many clients and one training on a tiny model: ``python -m tests.load --clients 20 --requests 500``, or ``--seconds 1800``.

Every answer has to be the one that its client gets alone, waiting has to be fair, the training has to go on, memory has to stay
flat, and whoever comes when the line is full has to be told their place in it.
"""

import argparse
import itertools
import json
import math
import random
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "helpers")]

import httpx
import psutil
import torch
import uvicorn
from maps import random_map
from polling import wait_for
from ports import free_port
from tiny import SOURCE, TARGET, WORDS, make_model

import benchmarks.report
import lineas.data.presets
from lineas.data.presets import Preset
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.server.serve import application
from lineas.service.service import StudioService
from lineas.service.shared_batches import MOST_WAITING

WARM_UP = 50
"""Requests after which memory is looked at for the first time."""
MOST_GROWTH = 0.05
MOST_WAIT = 2.0
"""How many times the mean a client may wait on average."""
MOST_LOOKED_AT = 2000
"""Number of texts that are compared with those of the same requests alone; of more, every second, third … one."""
PARTS = 10
"""Lines of the table that ``--write`` makes."""


class Reply(NamedTuple):
    """One request and what became of it.

    Attributes:
        at: seconds since the first request.
        memory: bytes of the process, which the clients are part of.
        step: of the training.
    """

    number: int
    client: int
    at: float
    wait: float
    text: str
    memory: int
    step: int


def main(clients: int, requests: int, seconds: float | None, seed: int, write: bool) -> int:
    """Ask as often, or for as long, as wanted; returns the exit code, 1 if anything is not as it should be."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        model = make_model("llama")
        service = _studio(Path(scratch), model)
        server, url = _serve(service)
        try:
            replies = _crowd(service, url, clients, None if seconds else requests, seconds, seed)
            found = _found(service, model, replies, seed)
            found["place_in_line"] = _told_their_place(model, service, url)
        finally:
            server.should_exit = True
            service.close()
    faults = {
        "mix-ups": found["mix_ups"] > 0,
        "unfair waiting": found["longest_mean_wait"] > MOST_WAIT * found["mean_wait"],
        "memory grows": found["memory_growth"] > MOST_GROWTH,
        "the training stands still": found["steps"] < 2,
        "no place in line": found["place_in_line"] != MOST_WAITING + 1,
    }
    if write:
        table = _table(replies)
        benchmarks.report.write_tables("load", f"{table}\n\n{benchmarks.report.stamp('tests.load')}")
    told = [name for name, seen in faults.items() if seen]
    print(json.dumps({"clients": clients, "requests": len(replies), "seed": seed, **found, "faults": told}))
    return int(any(faults.values()))


def _crowd(
    service: StudioService, url: str, clients: int, requests: int | None, seconds: float | None, seed: int
) -> list[Reply]:
    """Let clients ask one question after the other while a training goes on."""
    replies: list[Reply] = []
    process = psutil.Process()
    numbers, guard = iter(range(requests) if requests else itertools.count()), threading.Lock()
    run = service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=1_000_000)
    wait_for(lambda: service.snapshot().run.step > 0)
    began = time.monotonic()

    def client(number: int) -> None:
        with httpx.Client(timeout=600) as http:
            while seconds is None or time.monotonic() - began < seconds:
                with guard:
                    if (i := next(numbers, None)) is None:
                        return
                asked_at = time.monotonic()
                answer = http.post(f"{url}/completions", json=_question(i, seed))
                now, text = time.monotonic(), answer.json()["choices"][0]["text"]
                memory, step = process.memory_info().rss, service.snapshot().run.step
                replies.append(Reply(i, number, now - began, now - asked_at, text, memory, step))

    with ThreadPoolExecutor(clients) as crowd:
        list(crowd.map(client, range(clients)))
    service.cancel(run)
    wait_for(lambda: service.snapshot().run.state == "cancelled")
    return replies


def _found(service: StudioService, model: LoadedModel, replies: list[Reply], seed: int) -> dict[str, Any]:
    concepts = (concept for concept in service.concepts() if concept.kind == "preset")
    maps = {concept.name: service.steering_map(concept.id) for concept in concepts}
    looked_at = replies[:: math.ceil(len(replies) / MOST_LOOKED_AT)]
    mix_ups = sum(reply.text != _alone(model, maps, _question(reply.number, seed)) for reply in looked_at)
    waits: dict[int, list[float]] = {}
    for reply in replies:
        waits.setdefault(reply.client, []).append(reply.wait)
    means = [statistics.mean(one) for one in waits.values()]
    memory = [reply.memory for reply in replies[WARM_UP:] or replies]
    edge = max(1, len(memory) // 5)
    growth = statistics.median(memory[-edge:]) / statistics.median(memory[:edge]) - 1
    return {
        "seconds": round(replies[-1].at, 1), "looked_at": len(looked_at), "mix_ups": mix_ups,
        "different_texts": len({reply.text for reply in replies}), "steps": replies[-1].step - replies[0].step,
        "mean_wait": round(statistics.mean(means), 3), "longest_mean_wait": round(max(means), 3),
        "longest_wait": round(max(reply.wait for reply in replies), 3), "memory_mb": round(memory[-1] / 1e6),
        "memory_growth": round(growth, 4),
    }  # fmt: skip


def _table(replies: list[Reply]) -> str:
    """Waiting, memory and the training's steps over time, in equal parts of it."""
    rows, step, part = [], replies[0].step, replies[-1].at / PARTS
    for i in range(PARTS):
        here = [reply for reply in replies if i * part < reply.at <= (i + 1) * part]
        if here:
            waits, memory = [reply.wait for reply in here], statistics.median(reply.memory for reply in here)
            row = (
                f"{(i + 1) * part / 60:.1f}",
                f"{len(here):,}",
                f"{statistics.mean(waits):.2f}",
                f"{max(waits):.2f}",
            )
            rows.append((*row, f"{here[-1].step - step:,}", f"{memory / 1e6:.0f}"))
            step = here[-1].step
    head = ("until minute", "answers", "mean wait, s", "longest wait, s", "training steps", "memory, MB")
    return benchmarks.report.table(head, rows)


def _question(i: int, seed: int) -> dict[str, Any]:
    chance = random.Random(f"{seed} {i}")
    strength = chance.choice((0, 0.5, 1, 1.5))
    return {
        "model": f"{chance.choice(('pirate', 'cheerful', 'poet'))}@{strength:g}",
        "prompt": " ".join(chance.choices(WORDS, k=chance.randint(2, 20))),
        "max_tokens": chance.randint(4, 40), "seed": i, "temperature": chance.choice((0.0, 0.7, 1.2)),
    }  # fmt: skip


def _alone(model: LoadedModel, maps: dict[str, Any], asked: dict[str, Any]) -> str:
    name, _, strength = asked["model"].partition("@")
    settings = {key: asked[key] for key in ("seed", "temperature")}
    sampling = Sampling(**settings, max_new_tokens=asked["max_tokens"], chat=False)
    return generate(model, [asked["prompt"]], [Row(maps[name.title()], float(strength))], sampling)[0][0].text


def _told_their_place(model: LoadedModel, service: StudioService, url: str) -> int:
    """Fill the line, and return the place that the next one is told; 0 for none."""
    wait_for(lambda: service.answers.count == 0)

    def ask(number: int) -> httpx.Response:
        return httpx.post(
            f"{url}/completions", json={"model": "pirate", "prompt": "the day", "max_tokens": 2}, timeout=600
        )

    with ThreadPoolExecutor(MOST_WAITING) as crowd:
        with model.lock:
            waiting = [crowd.submit(ask, number) for number in range(MOST_WAITING)]
            wait_for(lambda: service.answers.count == MOST_WAITING)
            said = ask(0).json()["error"]["message"]
        assert all(one.result().status_code == 200 for one in waiting)
    words = said.replace(".", " ").split()
    return int(words[words.index("number") + 1]) if "number" in words else 0


def _studio(folder: Path, model: LoadedModel) -> StudioService:
    presets = []
    for seed, name in enumerate(("Pirate", "Cheerful", "Poet")):
        path = folder / f"{name}.safetensors"
        random_map(model.sites, seed, size=0.2).with_metadata(name=name, base_model=model.id).save(path)
        presets.append(Preset(name.lower(), name, "", "be good .", (), (), (), map_path=path))
    lineas.data.presets.load_presets = lambda: presets
    service = StudioService(root=folder / "home", health_checks=False)
    service.start(load=False)
    service.use_model(model)
    return service


def _serve(service: StudioService) -> tuple[uvicorn.Server, str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application(service, "127.0.0.1", None), port=port, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    wait_for(lambda: server.started)
    return server, f"http://127.0.0.1:{port}/v1"


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.load", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--seconds", type=float, metavar="N", help="ask for so long, in place of a number of requests")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the curve into benchmarks/README.md")
    sys.exit(main(**vars(parser.parse_args())))
