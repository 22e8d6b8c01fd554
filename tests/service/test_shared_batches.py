"""Requests that share batches: who goes with whom, in which order, and beside what else the model does."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from polling import wait_for

import lineas.generation.generate
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.service import shared_batches
from lineas.service.service import StudioService


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of each batch that was decoded."""
    found: list[list[int]] = []
    real = lineas.generation.generate.decode

    def decode(model: Any, prompts: Any, rows: Any, samplings: Any, *others: Any) -> None:
        found.append([sampling.seed for sampling in samplings])
        real(model, prompts, rows, samplings, *others)

    monkeypatch.setattr(lineas.generation.generate, "decode", decode)
    return found


def ask(service: StudioService, seed: int, tokens: int = 3, count: int = 1, done: Callable[..., None] = print) -> Any:
    wanted = [("the day", Row(), Sampling(tokens, seed=seed + i)) for i in range(count)]
    return service.answers.submit(wanted, done)[0]


def test_what_waits_goes_together_in_the_order_of_asking(
    service: StudioService, tiny_model: LoadedModel, batches: list[list[int]]
) -> None:
    with tiny_model.lock:
        for seed in range(5):
            ask(service, seed)
    service.answers.wait_until_idle()
    assert batches == [[0, 1, 2, 3, 4]]


def test_a_batch_has_as_many_tokens_as_fit_and_one_request_always(
    service: StudioService, tiny_model: LoadedModel, batches: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_batches, "TOKENS_AT_ONCE", 60)
    with tiny_model.lock:
        for seed, tokens in enumerate((3, 3, 40, 3, 100, 3)):
            ask(service, seed, tokens)
    service.answers.wait_until_idle()
    assert batches == [[0, 1], [2], [3], [4], [5]]


def test_who_left_is_not_decoded_and_too_many_are_refused(
    service: StudioService, tiny_model: LoadedModel, batches: list[list[int]]
) -> None:
    with tiny_model.lock:
        ask(service, 0, count=32)
        for request in ask(service, 100, count=32):
            request.stop.set()
        with pytest.raises(queue.Full):
            ask(service, 200)
    service.answers.wait_until_idle()
    assert batches == [[*range(32)]]
    ask(service, 300)
    service.answers.wait_until_idle()


def test_a_short_request_does_not_wait_for_the_end_of_a_long_one(
    service: StudioService, tiny_model: LoadedModel, batches: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.generation.listener.SECONDS_PER_TURN", 0.01)
    ended, go_on, real = [], threading.Event(), lineas.generation.generate.Listener.put

    def put(listener: Any, value: Any) -> None:
        if len(listener.tokens[0]) == 20:
            go_on.wait(60)
        real(listener, value)

    monkeypatch.setattr("lineas.generation.listener.Listener.put", put)
    ask(service, 0, 200, done=lambda choice, answer: ended.append("long"))
    wait_for(lambda: batches)
    ask(service, 1, 3, done=lambda choice, answer: ended.append("short"))
    go_on.set()
    service.answers.wait_until_idle()
    assert ended == ["short", "long"]


def test_the_model_is_not_taken_away_from_those_who_wait(service: StudioService, tiny_model: LoadedModel) -> None:
    with tiny_model.lock:
        ask(service, 0)
        assert service.snapshot().comparing
        with pytest.raises(Exception, match="An answer is being written"):
            service.free_model()
    service.answers.wait_until_idle()
    service.free_model()
