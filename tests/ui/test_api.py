"""The endpoints for scripts, through Gradio's own client, curl and MCP, with a tiny model that is really trained and asked."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_answers import FakeAnswers
from gradio_client import Client
from gradio_client.exceptions import AppError
from polling import wait_for
from small_presets import PRESETS
from studio_server import OpenStudio, open_studio
from tiny import SOURCE, TARGET

from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.ui.context import Context
from lineas.ui.pages.compare import record
from lineas.ui.pages.compare.record import Question
from lineas.ui.server import open_page
from lineas.ui.studio import build


@pytest.fixture
def studio(real_service: StudioService, open_with: Callable[..., OpenStudio]) -> OpenStudio:
    return open_with(real_service)


@pytest.fixture
def client(studio: OpenStudio) -> Client:
    return Client(studio.url, verbose=False)


def teach(client: Client, **settings: Any) -> dict[str, Any]:
    given = {"name": "bright", "source": SOURCE, "target": TARGET, "steps": 6, **settings}
    return dict(client.predict(**given, api_name="/teach"))


def test_taught_listed_and_compared(client: Client, studio: OpenStudio) -> None:
    job = client.submit("bright", SOURCE, TARGET, "quick", 80, 1, api_name="/teach")  # by position, as a form would
    done = job.result(timeout=60)
    assert (done["state"], done["step"], done["of"]) == ("done", 80, 80) and done["distance"] < done["distance_start"]
    states = [report["state"] for report in job.outputs()]
    assert states[-1] == "done" and set(states) <= {"queued", "running", "done"}

    listed = client.predict(api_name="/concepts")
    assert [concept["name"] for concept in listed if concept["kind"] == "run"] == ["bright"]
    assert listed[0]["id"] == done["concept"] and listed[0]["recommended_strength"] == 1.0

    asked = {"prompt": "your day", "length": 30, "seed": 5, "variety": 2.0, "api_name": "/compare"}
    told = client.predict(concept="Bright", strength=2, instruction="be bright", **asked)
    assert set(told) == {"original", "steered", "instructed", "tokens", "warning"}
    assert told["original"] and told["steered"] != told["original"] and told["instructed"] and len(told["tokens"]) == 3
    assert client.predict(concept=done["concept"], strength=2, instruction="be bright", **asked) == told
    off = client.predict(concept="bright", strength=0, **asked)
    assert off["steered"] == off["original"] == told["original"] and off["instructed"] is None
    alone = client.predict(**asked)
    assert alone["steered"] is None and alone["original"] == told["original"]


def test_a_concept_is_shown_said_or_both(client: Client, studio: OpenStudio) -> None:
    concept = teach(client, steps=20)["concept"]
    asked = {"prompt": "your day", "concept": concept, "strength": 2, "length": 20, "seed": 6, "api_name": "/compare"}
    shown = client.predict(instruction="be good", **asked)
    said = client.predict(instruction="be good", mode="say", **asked)
    both = client.predict(instruction="be good", mode="both", third=False, **asked)
    assert said["steered"] == said["instructed"] == shown["instructed"]
    assert both["steered"] not in (shown["steered"], said["steered"], shown["original"]) and both["instructed"] is None
    with pytest.raises(AppError, match="'bright' has no instruction of its own"):
        client.predict(mode="both", **asked)
    path = studio.service.run_store.get(concept.removeprefix("run:")).map_path
    SteeringMap.load(path).with_metadata(instruction="be good", mode="both").save(path)
    assert client.predict(mode="both", **asked) == both
    [listed] = [c for c in client.predict(api_name="/concepts") if c["id"] == concept]
    assert (listed["instruction"], listed["mode"]) == ("be good", "both")


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_a_request_of_an_older_version_gets_the_same_answers(client: Client, studio: OpenStudio) -> None:
    """With the nine values that it had, or with fewer; Gradio alone would refuse both."""
    asked = ["your day", teach(client)["concept"], 1.5, "", "be good", 7, 9, 0.7, True]
    expected = client.predict(*asked, api_name="/compare")
    assert expected["instructed"] is not None
    for values in (asked, asked[:7]):
        script = record.curl(Question("x"), studio.url)
        old = script.replace(json.dumps({"data": list(Question("x").values().values())}), json.dumps({"data": values}))
        assert old != script
        done = subprocess.run(["bash", "-c", old], capture_output=True, text=True, timeout=60)
        data = next(line for line in done.stdout.splitlines() if line.startswith("data: [{"))
        assert json.loads(data.removeprefix("data: ")) == [expected]


def test_a_comparison_that_is_cancelled_ends_midway(client: Client, studio: OpenStudio, answers: FakeAnswers) -> None:
    answers.go_on.clear()
    job = client.submit("your day", api_name="/compare")
    wait_for(lambda: studio.service.answers.count == 1 and answers.asked)
    wait_for(lambda: job.communicator and job.communicator.event_id)  # without it, the client cancels nothing
    job.cancel()
    wait_for(lambda: studio.service.answers.count == 0)
    answers.go_on.set()
    assert client.predict("my day", api_name="/compare")["original"]  # the studio goes on


def test_who_comes_when_the_line_is_full_is_told_their_place(
    studio: OpenStudio, answers: FakeAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words that Gradio's page shows for a refusal, its ``detail``; for the status 503 it would show its own."""
    monkeypatch.setattr("lineas.ui.server.MOST_WAITING", 2)
    answers.go_on.clear()

    def ask() -> httpx.Response:
        return httpx.post(f"{studio.url}gradio_api/call/compare", json={"data": ["your day"]})

    line = studio.blocks._queue
    assert all(ask().status_code == 200 for _ in range(8))  # as many as are answered at once
    wait_for(lambda: len(line) == 0)
    assert all(ask().status_code == 200 for _ in range(2))
    refused = ask()
    assert refused.status_code == 429
    assert refused.json()["detail"].startswith("2 questions are waiting already, so yours would be number 3 in line.")
    answers.go_on.set()
    wait_for(lambda: len(line) == 0 and studio.service.answers.count == 0)
    assert ask().status_code == 200


def test_a_wrong_question_is_refused_in_a_sentence(client: Client) -> None:
    for wrong, said in (
        ({"mode": "sing"}, "mode must be show, say or both, not 'sing'"),
        ({"concept": "<b>nobody"}, "There is no concept '<b>nobody'"),
        ({"strength": 3}, "strength must be a number from 0 to 2"),
        ({"strength": "much"}, "not 'much'"),
        ({"prompt": "  "}, "The prompt is empty"),
        ({"prompt": None}, "prompt must be a text"),
        ({"length": 10**9}, "length must be"),
        ({"seed": -1}, "seed must be"),
        ({"prompt": "the day " * 200}, "too long"),
    ):
        with pytest.raises(AppError) as refused:
            client.predict(**{"prompt": "your day", **wrong}, api_name="/compare")
        assert said in str(refused.value), wrong


def test_wrong_examples_or_settings_are_refused_in_a_sentence(client: Client, studio: OpenStudio) -> None:
    for wrong, said in (
        ({"source": []}, "has no sentences"),
        ({"source": [1, 2]}, "source must be a list of sentences"),
        ({"recipe": "slow"}, "no recipe 'slow'"),
        ({"steps": -3}, "steps must be a number"),
        ({"target": SOURCE}, "do not differ"),
    ):
        with pytest.raises(AppError) as refused:
            teach(client, **wrong)
        assert said in str(refused.value) and studio.service.runs() == [], wrong


def test_a_training_that_fails_says_why(client: Client, studio: OpenStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("CUDA out of memory")
        yield

    monkeypatch.setattr("lineas.training.trainer.train", train)
    with pytest.raises(AppError) as refused:
        teach(client)
    assert "ran out of memory" in str(refused.value)


def test_nothing_else_can_be_called(client: Client) -> None:
    named = client.view_api(return_format="dict")["named_endpoints"]  # type: ignore[index]
    assert set(named) == {"/concepts", "/compare", "/teach"}
    parameters = [p["parameter_name"] for p in named["/compare"]["parameters"]]
    assert parameters == [
        *(
            "prompt",
            "concept",
            "strength",
            "system",
            "instruction",
            "seed",
            "length",
            "variety",
            "chat",
            "mode",
            "third",
        )
    ]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_code_for_curl_runs(client: Client, studio: OpenStudio) -> None:
    concept = teach(client)["concept"]
    asked = Question("the 'day' \"was\"", concept, 1.5, "I like the sea", "be bright", 7, 9)
    script = record.curl(asked, studio.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    events = dict(zip(*[iter(done.stdout.split("\n"))] * 2, strict=False))
    assert "event: complete" in done.stdout, (done.stdout, done.stderr, events)
    data = next(line for line in done.stdout.splitlines() if line.startswith("data: [{"))
    [told] = json.loads(data.removeprefix("data: "))
    expected = client.predict(asked.prompt, concept, 1.5, asked.system, asked.instruction, 7, 9, api_name="/compare")
    assert told == expected


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_code_for_curl_signs_in_where_the_studio_asks_for_it(real_service: StudioService, tmp_path: Path) -> None:
    blocks = build(Context(real_service, PRESETS, auth=True))
    _, url, _ = open_page(blocks, real_service, auth=("anna", "se&cret"))
    try:
        script = record.curl(Question("your day"), url, auth=True)
        assert script.count("-b cookies") == 2
        refused = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert "event:" not in refused.stdout
        script = script.replace("NAME", "anna").replace("PASSWORD", "se&cret")
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert "event:" in done.stdout, (done.stdout, done.stderr)
    finally:
        blocks.close()
    assert "cookies" not in record.curl(Question("your day"), url)


def test_language_models_may_compare_and_list(real_service: StudioService) -> None:
    pytest.importorskip("mcp", reason="pip install 'gradio[mcp]' to test the tools of language models")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    studio = open_studio(real_service, mcp=True)

    async def use() -> tuple[dict[str, Any], Any]:
        async with (
            streamable_http_client(f"{studio.url.rstrip('/')}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("compare", {"prompt": "your day", "length": 8})
            return tools, answer

    try:
        with ThreadPoolExecutor(1) as pool:  # this thread may have the event loop of a browser that other tests opened
            tools, answer = pool.submit(asyncio.run, use()).result()
    finally:
        studio.blocks.close()
    assert set(tools) == {"compare", "concepts"}
    assert "steered by a concept" in tools["compare"].description
    assert "as it was taught" in tools["compare"].inputSchema["properties"]["strength"]["description"]
    assert not answer.isError and "original" in answer.content[0].text
