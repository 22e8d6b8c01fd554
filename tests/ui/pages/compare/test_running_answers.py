"""Answers that are being written on Compare: cancelled, stopped, or left by a page that was closed."""

from threading import Event, Thread
from typing import Any

from comparing import ask
from handlers import REQUEST, by_id, handler
from polling import wait_for

from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService


def test_a_new_question_cancels_the_running_answer(blocks: Any, service: StudioService) -> None:
    """The cancelled answer must not free the buttons or freeze the panels, which belong to the new one."""
    first = ask(blocks, length=200, name="live")
    next(first), next(first)
    second = ask(blocks, length=200, name="live")
    next(second)
    assert len(list(first)) <= 1
    last = by_id(list(second)[-1])
    assert last["compare-button"]["interactive"] and "till sundown." in last["steered-output"]
    assert not service.snapshot().comparing


def test_a_question_that_is_cancelled_while_it_waits_is_not_decoded(tiny_model: LoadedModel) -> None:
    lock, stop = tiny_model.lock, Event()
    got: list[Any] = []
    lock.acquire()
    answers = stream(tiny_model, "your day", [Row()], Sampling(max_new_tokens=5), stop=stop)
    thread = Thread(target=lambda: got.extend(answers))
    thread.start()
    wait_for(lambda: lock.waiting)
    stop.set()
    lock.release()
    thread.join(30)
    assert got == [] and not lock.locked


def test_closing_the_page_ends_the_answer(blocks: Any, service: StudioService) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    assert service.snapshot().comparing
    answers.close()
    assert not service.snapshot().comparing


def test_stop_ends_the_answer_at_the_next_word(blocks: Any) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    handler(blocks, "stop", "compare")(REQUEST)
    rest = [by_id(updates) for updates in answers]
    assert len(rest) <= 2 and rest[-1]["compare-button"]["interactive"]
