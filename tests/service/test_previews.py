"""Previews during a training, which do not change it."""

import threading
from pathlib import Path

import pytest
import torch
from tiny import SOURCE, TARGET

import lineas.generation.generate
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel
from lineas.service.previews import TOKENS, Previews, preview_steps
from lineas.service.queue import TrainingQueue
from lineas.service.training_job import run_training
from lineas.steering.map import SteeringMap
from lineas.storage import Preview, Run, RunSpec, RunStore
from lineas.training.events import Done, Started, Step
from lineas.ui.components.question import sampling

PROMPT = "the day was"


def spec(preview: str = PROMPT, steps: int = 10) -> RunSpec:
    return RunSpec("bright", tuple(SOURCE), tuple(TARGET), settings={"steps": steps}, preview=preview)


def train(store: RunStore, model: LoadedModel, spec: RunSpec) -> Run:
    """Train a run in a queue to its end."""
    ended = threading.Event()
    queue = TrainingQueue(lambda: None, lambda run: ended.set(), health_checks=False)
    queue.start()
    run = store.create(spec)
    queue.submit(run, model)
    assert ended.wait(60)
    queue.close()
    return run


def test_previews_are_few_and_include_the_first_and_last_step() -> None:
    assert sorted(preview_steps(40)) == [0, 10, 20, 30, 40]
    assert len(preview_steps(1000)) == 5 and {0, 1000} <= preview_steps(1000)
    assert preview_steps(1) == {0, 1}


def test_the_map_is_the_same_with_and_without_previews(tmp_path: Path, tiny_model: LoadedModel) -> None:
    store = RunStore(tmp_path)
    with_preview, without = (train(store, tiny_model, spec(prompt)) for prompt in (PROMPT, ""))
    assert [preview.step for preview in with_preview.previews()] == [0, 2, 5, 8, 10]
    assert without.previews() == [] and not without.previews_path.exists()
    a, b = (SteeringMap.load(run.map_path) for run in (with_preview, without))
    assert all(
        torch.equal(a.scale[site], b.scale[site]) and torch.equal(a.shift[site], b.shift[site]) for site in a.sites
    )


def test_a_preview_is_what_the_model_answers_at_that_step(tmp_path: Path, tiny_model: LoadedModel) -> None:
    run = train(RunStore(tmp_path), tiny_model, spec())
    rows = [Row(), Row(SteeringMap.load(run.map_path))]
    [[plain, taught]] = generate(
        tiny_model, [PROMPT], rows, sampling(0, TOKENS, 0.7, "chat")
    )  # a fresh Compare page's
    assert (run.previews()[0].text, run.previews()[-1].text) == (plain.text, taught.text)
    assert not any(module._forward_hooks for module in tiny_model.network.modules())


def test_a_preview_draws_no_random_number(tmp_path: Path, tiny_model: LoadedModel) -> None:
    run = RunStore(tmp_path).create(spec())
    before = torch.get_rng_state()
    assert Previews(run, tiny_model, threading.Event()).after(Started(10, 0, 1.0))
    assert torch.equal(before, torch.get_rng_state())


def test_a_resumed_training_continues_its_previews(tmp_path: Path, tiny_model: LoadedModel) -> None:
    run = RunStore(tmp_path).create(spec())
    stop = threading.Event()
    previews = Previews(run, tiny_model, stop)
    assert previews.after(Started(10, 0, 1.0)) and not previews.after(Started(10, 0, 1.0))
    again = Previews(run, tiny_model, stop)
    assert not again.after(Started(10, 0, 1.0)) and not again.after(Started(10, 4, 1.0))
    assert not again.after(Step(3, 10, 1.0, 1.0, 0.0, 0.0))
    done = Done(SteeringMap({}, {}), 1.0, 1.0, 1.0, 10, "finished", "")
    stop.set()
    assert not again.after(done)  # cut off, so it is not kept
    stop.clear()
    assert again.after(done)
    assert [preview.step for preview in run.previews()] == [0, 10]


def test_a_failing_preview_ends_the_previews_and_not_the_training(
    tmp_path: Path, tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail(*args: object, **kwargs: object) -> None:
        calls.append(args)
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(lineas.generation.generate, "generate", fail)
    run = train(RunStore(tmp_path), tiny_model, spec())
    assert run.record.state == "done" and run.map_path.exists()
    assert len(calls) == 1 and run.previews() == []
    assert "no more previews" in run.log_tail() and "OutOfMemoryError" in run.log_tail()


def test_a_question_that_is_too_long_is_reported_in_the_log(tmp_path: Path, tiny_model: LoadedModel) -> None:
    run = train(RunStore(tmp_path), tiny_model, spec("the day " * 200))
    assert run.record.state == "done" and "too long" in run.log_tail()


def test_a_training_without_a_queue_makes_no_previews(tmp_path: Path, tiny_model: LoadedModel) -> None:
    run = RunStore(tmp_path).create(spec())
    assert run_training(run, tiny_model).state == "done" and run.previews() == []


def test_a_damaged_previews_file_is_still_read(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create(spec())
    for preview in (Preview(0, "plain\u2028text"), Preview(8, "first"), Preview(8, "<b>later</b>")):
        run.add_preview(preview)
    with run.previews_path.open("a") as file:
        file.write('{"step": 16, "te')
    assert run.previews() == [Preview(0, "plain\u2028text"), Preview(8, "<b>later</b>")]
    assert RunStore(tmp_path).get(run.id).record.preview == PROMPT
