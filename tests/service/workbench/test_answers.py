"""Answers, alone and while the workbench teaches, and a graphics card that is lost."""

import threading
import time

import pytest
import torch
from polling import LEFT, RIGHT, SHORT, compare, last, teach, wait_until_idle
from tiny import make_model
from waiting import wait_for

import lineas.models.load
import lineas.training.trainer
from lineas.errors import LineasError
from lineas.generation.generate import Row, Sampling

DEVICE_ERROR = "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"


def test_rows_of_a_comparison(bench, tiny_model):
    concept_id = teach(bench, steps=20)
    plain, steered = last(compare(bench, concept_id, 2.0))
    assert [plain] == last(compare(bench, None))
    assert plain != steered
    assert last(compare(bench, concept_id, 0.0)) == [plain, plain]
    three = last(compare(bench, concept_id, 2.0, extra_rows=[Row(system="be good .")]))
    assert three[:2] == [plain, steered]
    assert len(three) == 3
    for answers in compare(bench, concept_id):
        assert len(answers) == 2


def test_comparing_shows_and_ends(bench):
    assert not bench.snapshot().comparing
    version = bench.version
    answers = compare(bench, None)
    next(answers)
    assert bench.snapshot().comparing
    answers.close()
    assert not bench.snapshot().comparing
    assert bench.version == version + 2
    assert not bench.lock.locked


def test_stop_ends_an_answer(bench):
    stop = threading.Event()
    answers = bench.questions.compare("the day", None, 1.0, Sampling(max_new_tokens=200, seed=2), stop=stop)
    next(answers)
    stop.set()
    final = list(answers)
    assert not final or final[-1][0].tokens < 200
    assert not bench.snapshot().comparing


def test_maps_of_other_models(bench, tiny_model):
    concept_id = teach(bench)
    twin, stranger = make_model("llama", seed=5), make_model("gpt2")
    bench.use_model(twin)
    answers = compare(bench, concept_id)
    assert "other weights" in answers.warning
    assert len(last(answers)) == 2
    bench.use_model(stranger)
    with pytest.raises(LineasError, match="does not fit"):
        compare(bench, concept_id)
    with pytest.raises(LineasError, match="no concept"):
        compare(bench, "run:nothing")
    bench.use_model(tiny_model)
    assert compare(bench, concept_id).warning is None


def test_errors_of_an_answer_are_sentences(bench, monkeypatch):
    with pytest.raises(LineasError, match="prompt is empty"):
        list(bench.questions.compare(" ", None, 1.0, SHORT, stop=threading.Event()))

    def broken(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")
        yield

    monkeypatch.setattr("lineas.generation.generate.stream", broken)
    with pytest.raises(LineasError, match="graphics card ran out of memory"):
        list(compare(bench, None))
    assert not bench.snapshot().comparing


def test_answering_while_teaching_changes_neither(bench, slow_steps):
    """The map is the same to the bit with and without answers in between, and so are the answers' texts."""
    older = teach(bench, "older", steps=6)
    quiet = bench.steering_map(teach(bench, "quiet", steps=12, seed=4))
    expected = last(compare(bench, older, 1.5))
    run_id = bench.teach("busy", LEFT, RIGHT, steps=12, seed=4)
    wait_for(lambda: bench.snapshot().run.step >= 2)
    during = 0
    while bench.snapshot().run.state == "running":
        assert last(compare(bench, older, 1.5)) == expected
        during += 1
    assert during >= 2
    wait_until_idle(bench)
    busy = bench.steering_map(f"run:{run_id}")
    for site in quiet.sites:
        assert torch.equal(busy.scale[site], quiet.scale[site])
        assert torch.equal(busy.shift[site], quiet.shift[site])


def test_an_answer_starts_within_one_step(bench, slow_steps, monkeypatch):
    monkeypatch.setattr(
        "lineas.generation.sampling.SECONDS_OF_A_TURN", 100.0
    )  # so that only its beginning is looked at
    run_id = bench.teach("sailor", LEFT, RIGHT, steps=100)
    wait_for(lambda: bench.snapshot().run.step >= 2)
    for _ in range(3):
        before = len(slow_steps)
        answers = compare(bench, None)
        next(answers)
        assert len(slow_steps) - before <= 1
        answers.close()
        time.sleep(0.05)
    bench.cancel(run_id)
    wait_until_idle(bench)


def test_teaching_leaves_the_process_as_it_was(bench, tiny_model):
    state, grad = torch.get_rng_state(), torch.is_grad_enabled()
    concept_id = teach(bench)
    list(compare(bench, concept_id))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled() == grad
    assert not any(p.requires_grad or p.grad is not None for p in tiny_model.network.parameters())
    assert not tiny_model.network.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in tiny_model.network.modules())


def test_a_graphics_card_that_is_lost_in_an_answer(bench, tiny_model, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.generation.generate, "_generate", fail)
    with pytest.raises(LineasError, match="stopped answering"):
        last(compare(bench, None))
    state = bench.snapshot().model
    assert state.phase == "broken" and "Restart" in state.sentence
    monkeypatch.undo()
    for attempt in (
        lambda: bench.teach("x", LEFT, RIGHT),
        lambda: compare(bench, None),
        lambda: bench.load_model("default"),
    ):
        with pytest.raises(LineasError, match="stopped answering"):
            attempt()
    bench.free_model()
    assert bench.snapshot().model.phase == "broken"  # until the process ends


def test_a_graphics_card_that_is_lost_in_a_training(bench, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.training.trainer, "backward", fail)
    run_id = bench.teach("x", LEFT, RIGHT)
    wait_for(lambda: bench.snapshot().model.phase == "broken")
    record = bench.store.get(run_id).record
    assert record.state == "failed" and record.resumable and "Restart" in record.error
