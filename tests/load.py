"""Many clients and one training on a tiny model: ``python -m tests.load --clients 20 --requests 500``.

Every answer has to be the one that its client gets alone, waiting has to be fair, the training has to go on, memory has to stay
flat, and whoever comes when the line is full has to be told their place in it.
"""

import argparse
import gc
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "helpers")]

import httpx
import psutil
import torch
import uvicorn
from maps import random_map
from polling import wait_for
from ports import free_port
from tiny import SOURCE, TARGET, WORDS, make_model

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


def main(clients: int, requests: int, seed: int) -> int:
    """Ask as often as wanted; returns the exit code, 1 if anything is not as it should be."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        model = make_model("llama")
        service = _studio(Path(scratch), model)
        server, url = _serve(service)
        try:
            found = _load(service, model, url, clients, requests, random.Random(seed))
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
    print(
        json.dumps(
            {
                "clients": clients,
                "requests": requests,
                "seed": seed,
                **found,
                "faults": [k for k, v in faults.items() if v],
            }
        )
    )
    return int(any(faults.values()))


def _load(
    service: StudioService, model: LoadedModel, url: str, clients: int, requests: int, chance: random.Random
) -> dict[str, Any]:
    asked = [_question(i, chance) for i in range(requests)]
    answers: list[str] = [""] * requests
    waits: list[list[float]] = [[] for _ in range(clients)]
    memory: list[int] = []
    process = psutil.Process()
    next_one, guard = iter(range(requests)), threading.Lock()
    run = service.teach("sailor", "\n".join(SOURCE), "\n".join(TARGET), steps=100_000)
    wait_for(lambda: service.snapshot().run.step > 0)
    first_step, began = service.snapshot().run.step, time.monotonic()

    def client(number: int) -> None:
        with httpx.Client(timeout=600) as http:
            while True:
                with guard:
                    if (i := next(next_one, None)) is None:
                        return
                    if i >= WARM_UP and i % 10 == 0:
                        memory.append(process.memory_info().rss)
                asked_at = time.monotonic()
                answer = http.post(f"{url}/completions", json=asked[i])
                waits[number].append(time.monotonic() - asked_at)
                answers[i] = answer.json()["choices"][0]["text"]

    with ThreadPoolExecutor(clients) as crowd:
        list(crowd.map(client, range(clients)))
    seconds = time.monotonic() - began
    steps = service.snapshot().run.step - first_step
    service.cancel(run)
    wait_for(lambda: service.snapshot().run.state == "cancelled")
    gc.collect()
    maps = {
        concept.name: service.steering_map(concept.id) for concept in service.concepts() if concept.kind == "preset"
    }
    mix_ups = sum(answers[i] != _alone(model, maps, asked[i]) for i in range(requests))
    means = [statistics.mean(one) for one in waits if one]
    edge = max(1, len(memory) // 5)
    growth = statistics.median(memory[-edge:]) / statistics.median(memory[:edge]) - 1
    return {
        "seconds": round(seconds, 1), "mix_ups": mix_ups, "different_texts": len(set(answers)), "steps": steps,
        "mean_wait": round(statistics.mean(means), 3), "longest_mean_wait": round(max(means), 3),
        "longest_wait": round(max(map(max, filter(None, waits))), 3), "memory_mb": round(memory[-1] / 1e6),
        "memory_growth": round(growth, 4),
    }  # fmt: skip


def _question(i: int, chance: random.Random) -> dict[str, Any]:
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
    parser.add_argument("--seed", type=int, default=0)
    sys.exit(main(**vars(parser.parse_args())))
