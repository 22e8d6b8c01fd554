"""What clients send: bodies of requests to the server, and values of the studio's endpoints, with a tiny model that answers."""

import asyncio
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
from maps import random_map
from starlette.testclient import TestClient
from tiny import SOURCE, TARGET, make_model

from lineas.errors import LineasError
from lineas.server.app import create_app
from lineas.service.service import StudioService
from lineas.ui import api
from lineas.ui.context import Context
from tests.fuzz.mutate import VALUES, dumps, mutate_bytes, mutate_value
from tests.fuzz.runner import Case

BODIES = {
    "/chat/completions": {
        "model": "pirate@0.5", "messages": [{"role": "system", "content": "be bright"}, {"role": "user", "content": "my day"}],
        "max_tokens": 3, "temperature": 0.5, "top_p": 0.9, "seed": 1, "n": 1, "stop": ["sea"], "stream": False,
        "steering": {"concept": "pirate", "mode": "both", "instruction": "be good", "scope": "answer"}, "repetition_penalty": 1.1,
    },
    "/completions": {
        "model": "pirate", "prompt": ["the day", "my sea"], "max_tokens": 3, "stream_options": {"include_usage": True},
    },
}  # fmt: skip
VALUES_OF = {
    "compare": ("my day", "pirate", 1.0, "", "be good", 0, 3, 0.8, True, "show", True),
    "teach": ("bright", SOURCE[:4], TARGET[:4], "quick", 1, 0),
}
_LONG = (2**31, 2**32 - 1, 2**62, 2**63)
"""Lengths and steps that are refused anyway; smaller numbers may be right, and then take their time."""


def make(folder: Path) -> Case:
    service = StudioService(root=folder / "home", health_checks=False)
    service.start(load=False)
    model = make_model("llama")
    service.use_model(model)
    random_map(model.sites, 0, size=0.2).with_metadata(name="Pirate", base_model=model.id).save(
        folder / "pirate.safetensors"
    )
    service.import_concept(folder / "pirate.safetensors")
    client = TestClient(create_app(service, None), base_url="http://127.0.0.1", raise_server_exceptions=False)
    endpoints = _endpoints(service)

    def case(draw: random.Random) -> None:
        if draw.random() < 0.5:
            _post(client, draw)
        else:
            name = draw.choice(list(endpoints))
            _call(name, endpoints[name], draw, VALUES_OF.get(name, ()))

    return case


def _endpoints(service: StudioService) -> dict[str, Callable[..., Any]]:
    """The studio's endpoints, as Gradio calls them."""
    with gr.Blocks() as blocks:
        api.offer(Context(service, []))
    return {fn.api_name: fn.fn for fn in blocks.fns.values() if fn.api_name in api.ENDPOINTS}


def _post(client: TestClient, draw: random.Random) -> None:
    path = draw.choice(list(BODIES))
    data = dumps(mutate_value(draw, BODIES[path]))
    if draw.random() < 0.1:
        data = mutate_bytes(draw, data)
    reply = client.post(path, content=data, headers={"Content-Type": "application/json"})
    if reply.status_code == 200:
        if not reply.headers["content-type"].startswith("text/event-stream"):
            assert all(isinstance(choice, dict) for choice in reply.json()["choices"])
        return
    assert 400 <= reply.status_code < 500, f"{reply.status_code}: {reply.text[:500]} for {data[:500]!r}"
    raise LineasError(reply.json()["error"]["message"])


def _call(name: str, endpoint: Callable[..., Any], draw: random.Random, values: tuple[Any, ...]) -> None:
    changed = list(values)
    for _ in range(draw.randint(1, 2) if values else 0):
        at = draw.randrange(len(changed))
        changed[at] = draw.choice(
            [value for value in VALUES if not isinstance(value, int) or value in _LONG or value < 3]
        )
    try:
        result = endpoint(*changed)
        json.dumps([*result] if name == "teach" else _awaited(result) if name == "compare" else result)
    except gr.Error as error:
        raise LineasError(str(error.message)) from error


def _awaited(work: Any) -> Any:
    """The result of a coroutine, run in a thread of its own: a browser test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()
