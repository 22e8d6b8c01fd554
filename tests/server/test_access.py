"""Who may use the server, and what it says to those who ask for the impossible."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import APIError, APIStatusError, AuthenticationError, OpenAI, RateLimitError
from polling import wait_for
from ports import free_port

import lineas.generation.generate
from lineas.cli import main
from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.server.access import check_address, chosen_key
from lineas.service.service import StudioService
from lineas.service.shared_batches import MOST_WAITING

DAY: list[Any] = [{"role": "user", "content": "my day"}]

IMPOSSIBLE = [
    ({"model": "nobody"}, 404, "no model or concept 'nobody'. There are: tiny-llama, Pirate"),
    ({"model": "pirate+nobody@1"}, 404, "'nobody'"),
    ({"model": "pirate@strong"}, 400, "'pirate@strong' has no strength"),
    ({"model": "pirate@2.5"}, 400, "from 0 to 2"),
    ({"model": "pirate+cheerful", "steering": {"strength": 1}}, 400, "several concepts"),
    ({"model": "pirate", "steering": {"strenght": 1}}, 400, "'steering.strenght' is not known here"),
    ({"model": "pirate+cheerful", "steering": {"mode": "say"}}, 400, "has no instruction of its own"),
    ({"temperature": 3}, 400, "'temperature' cannot be '3': input should be less than or equal to 2"),
    ({"max_tokens": 253}, 400, "prompt is too long"),
    ({"messages": []}, 400, "'messages'"),
    ({"messages": [{"role": "assistant", "content": "the day"}]}, 400, "last message must be the user's"),
    ({"messages": [{"role": "user", "content": " "}]}, 400, "prompt is empty"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "'messages.0.content"),
    ({"messages": None}, 400, "'messages' cannot be 'None'"),
    ({"tools": [{"type": "function"}]}, 400, "'tools' is not supported"),
    ({"response_format": {"type": "json_object"}}, 400, "'response_format' can only be text"),
]


@pytest.mark.parametrize(("asked", "status", "words"), IMPOSSIBLE, ids=[words for *_, words in IMPOSSIBLE])
def test_the_impossible_is_refused_in_a_sentence(client: OpenAI, asked: Any, status: int, words: str) -> None:
    asked = {"model": "tiny-llama", "messages": DAY, "max_tokens": 4} | asked
    answer = httpx.post(f"{client.base_url}chat/completions", json=asked)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert words in error["message"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == ("model_not_found" if status == 404 else None)


def test_other_addresses_methods_and_bodies(client: OpenAI) -> None:
    for answer, status, words in (
        (httpx.get(f"{client.base_url}nothing"), 404, "/v1/chat/completions"),
        (httpx.get(f"{client.base_url}completions"), 405, "Use POST"),
        (httpx.post(f"{client.base_url}completions", content=b"{"), 400, "no JSON object"),
        (httpx.post(f"{client.base_url}completions", content=b"[" * 100_000), 400, "no JSON object"),
        (httpx.post(f"{client.base_url}completions", content=b" " * 4_000_001), 413, "larger than 4 MB"),
        (httpx.post(f"{client.base_url}completions", json={"model": "pirate", "prompt": [1, 2]}), 400, "'prompt"),
    ):
        assert answer.status_code == status
        assert words in answer.json()["error"]["message"]


def test_a_model_that_is_not_there_yet(client: OpenAI, service: StudioService) -> None:
    service.free_model()
    answer = httpx.post(f"{client.base_url}chat/completions", json={"model": "pirate", "messages": DAY})
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert "No model is loaded" in answer.json()["error"]["message"]


def test_a_key_opens_the_server(service: StudioService, serve: Any) -> None:
    url = serve(service, "se&cret")
    right, wrong = (OpenAI(base_url=url, api_key=key, max_retries=0) for key in ("se&cret", "se&cre"))
    assert len([*right.models.list()]) == 3
    with pytest.raises(AuthenticationError, match="missing or wrong"):
        wrong.chat.completions.create(model="pirate", messages=DAY)
    assert httpx.get(f"{url}/models").status_code == 401
    assert httpx.get(f"{url}/models", headers={"Authorization": "Basic se&cret"}).status_code == 401
    away = {"Authorization": "Bearer se&cret", "Origin": "https://elsewhere.example"}
    there = httpx.get(f"{url}/models", headers=away)
    assert there.status_code == 200 and there.headers["access-control-allow-origin"] == "*"


def test_guesses_of_a_key_take_longer_and_longer(
    service: StudioService, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.server.guard.LONGEST_WAIT", 3.0)
    url = serve(service, "secret")

    def guess(key: str) -> int:
        return httpx.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"}).status_code

    with ThreadPoolExecutor(20) as guessers:
        answers = [*guessers.map(guess, map(str, range(60)))]
    assert answers.count(401) <= 10 and answers.count(429) >= 50
    refused = httpx.get(f"{url}/models", headers={"Authorization": "Bearer secret"})
    assert refused.status_code == 429 and "Try again in" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "null",
        "http://127.0.0.1.elsewhere.example",
        "http://localhost:3000",
        "http://127.0.0.1:9",
    ],
)
def test_without_a_key_pages_of_other_sites_are_kept_out(client: OpenAI, origin: str) -> None:
    answer = httpx.get(f"{client.base_url}models", headers={"Origin": origin})
    assert answer.status_code == 403 and "other sites" in answer.json()["error"]["message"]
    own = f"{client.base_url.scheme}://{client.base_url.host}:{client.base_url.port}"
    assert httpx.get(f"{client.base_url}models", headers={"Origin": own}).status_code == 200
    assert httpx.get(f"{client.base_url}models", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_crowd_is_asked_to_come_again(client: OpenAI, service: StudioService, tiny_model: LoadedModel) -> None:
    def ask() -> None:
        client.chat.completions.create(model="pirate", messages=DAY, max_tokens=2, n=16)

    with tiny_model.lock:
        crowd = [threading.Thread(target=ask) for _ in range(MOST_WAITING // 16)]
        for one in crowd:
            one.start()
        wait_for(lambda: service.answers.count == MOST_WAITING)
        with pytest.raises(
            RateLimitError, match="64 answers are waiting already, so yours would be number 65 in line"
        ) as refused:
            ask()
        assert refused.value.response.headers["retry-after"]
    for one in crowd:
        one.join()
    ask()
    assert service.answers.count == 0


@pytest.mark.parametrize("stream", [True, False])
def test_whoever_hangs_up_stops_their_own_answer_only(
    client: OpenAI, service: StudioService, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    real, listeners = lineas.generation.generate.Listener.put, []

    def put(listener: Any, value: Any) -> None:
        time.sleep(0.02)
        listeners.append(listener)
        real(listener, value)

    monkeypatch.setattr("lineas.generation.listener.Listener.put", put)
    asked: dict[str, Any] = {"model": "pirate@0", "messages": DAY, "max_tokens": 200, "temperature": 2.0}
    monkeypatch.setattr(LoadedModel, "end_tokens", property(lambda model: set()))  # only its limit ends an answer
    with pytest.raises((httpx.ReadTimeout, StopIteration)):
        body = httpx.Client(timeout=0.5)
        with body.stream("POST", f"{client.base_url}chat/completions", json={**asked, "stream": stream}) as answer:
            next(answer.iter_lines())
            raise StopIteration
    stays = client.chat.completions.create(**asked | {"max_tokens": 30})
    assert stays.usage and stays.usage.completion_tokens == 30
    wait_for(lambda: service.answers.count == 0)
    assert len(listeners[0].tokens[0]) < 200


def test_a_failure_reaches_everyone_in_the_batch(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: Any) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory")

    monkeypatch.setattr(lineas.generation.generate, "decode", decode)
    with pytest.raises(APIStatusError, match="computer ran out of memory") as whole:
        client.chat.completions.create(model="pirate", messages=DAY, n=2)
    assert whole.value.status_code == 500
    with pytest.raises(APIError, match="computer ran out of memory"):
        for _ in client.chat.completions.create(model="pirate", messages=DAY, stream=True):
            pass


def test_where_a_server_may_listen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("LINEAS_API_KEY", raising=False)
    with pytest.raises(LineasError, match="so it needs a key: add --api-key"):
        check_address("0.0.0.0", free_port(), chosen_key(None))
    monkeypatch.setenv("LINEAS_API_KEY", "se&cret")
    assert chosen_key(None) == "se&cret" and chosen_key("other") == "other"
    check_address("0.0.0.0", free_port(), "se&cret")
    with pytest.raises(LineasError, match="An API key is a word"):
        chosen_key(" se cret")
    assert main(["serve", "--port", "70000"]) == 1
    assert "A port is a number" in capsys.readouterr().err


def test_the_studio_serves_as_well_behind_its_sign_in(service: StudioService) -> None:
    from lineas.ui.context import Context
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    blocks = build(Context(service, [], auth=True))
    _, url, _ = open_page(blocks, service, "anna:se&cret", server_port=free_port(), auth=("anna", "se&cret"))
    try:
        assert httpx.get(f"{url}v1/models").status_code == 401
        client = OpenAI(base_url=f"{url}v1", api_key="anna:se&cret", max_retries=0)
        assert client.chat.completions.create(model="pirate", messages=DAY, max_tokens=3).choices[0].message.content
        assert httpx.get(f"{url}v1/models", headers={"Host": "elsewhere.example"}).status_code == 400
        assert httpx.get(url).status_code == 200
    finally:
        blocks.close()


def test_the_studio_s_key_is_its_own_or_its_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lineas.ui.launch import launch

    monkeypatch.setenv("LINEAS_HOME", str(tmp_path))
    monkeypatch.delenv("LINEAS_API_KEY", raising=False)
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    keys = []
    monkeypatch.setattr("lineas.ui.server.serve", lambda *_, api_key, **others: keys.append(api_key))
    for options in ({}, {"auth": "anna:secret"}, {"auth": "anna:secret", "api_key": "other"}):
        launch(port=free_port(), **options)  # type: ignore[arg-type]
    assert keys == [None, "anna:secret", "other"]
