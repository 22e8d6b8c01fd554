"""A server over the tiny model with two ready-made concepts, on a port of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from maps import random_map
from openai import OpenAI

from lineas.data.presets import Preset
from lineas.models.loaded import LoadedModel
from lineas.server.serve import application
from lineas.service.service import StudioService

Serve = Callable[..., str]


@pytest.fixture
def service(lineas_home: Path, tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioService]:
    """The service with two concepts, whose recommended strengths are 0.75 and 0.5; Cheerful is best said as well."""
    presets = []
    for seed, (key, strength, mode) in enumerate((("pirate", "0.75", "show"), ("cheerful", "0.5", "both"))):
        path = lineas_home.parent / f"{key}.safetensors"
        words = {"name": key.title(), "recommended_strength": strength, "mode": mode, "base_model": tiny_model.id}
        random_map(tiny_model.sites, seed, size=0.2).with_metadata(**words).save(path)
        presets.append(Preset(key, key.title(), "", f"be {'good' if seed else 'bad'} .", (), (), (), map_path=path))
    monkeypatch.setattr("lineas.data.presets.load_presets", lambda: presets)
    service = StudioService(root=lineas_home, health_checks=False)
    service.start(load=False)
    service.use_model(tiny_model)
    yield service
    service.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(service, api_key=None)`` serves until the test ends, and returns the address."""
    servers = []

    def start(service: StudioService, api_key: str | None = None) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application(service, "127.0.0.1", api_key), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(service: StudioService, serve: Serve) -> Iterator[OpenAI]:
    with OpenAI(base_url=serve(service), api_key="none", max_retries=0, timeout=60) as client:
        yield client
