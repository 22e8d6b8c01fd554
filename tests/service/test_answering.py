"""Answers, alone and during a training; at many strengths and with a mix; and a graphics card that is lost."""

import threading
import time
from dataclasses import dataclass, replace

import pytest
import torch
from polling import wait_for
from service_actions import SHORT, SOURCE_TEXT, TARGET_TEXT, compare, final_texts, teach, wait_until_idle
from tiny import SOURCE, TARGET, make_model

import lineas.training.gradients
import lineas.training.trainer
from lineas.errors import LineasError
from lineas.evaluation.findings import Interval
from lineas.evaluation.metrics.bootstrap import mean_interval
from lineas.evaluation.metrics.effect import EVAL_SAMPLING
from lineas.evaluation.mix_report import Heard
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.service.answering import MIX_QUESTIONS, MIX_TOKENS

DEVICE_ERROR = "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"


@dataclass
class FakeJudge:
    """Hears whether a text says "good"."""

    reliable: bool

    def __call__(self, texts):
        return [float("good" in text) for text in texts]


def test_a_comparison_answers_plain_steered_and_extra_rows(service, tiny_model):
    concept_id = teach(service, steps=20)
    plain, steered = final_texts(compare(service, concept_id, 2.0))
    assert [plain] == final_texts(compare(service, None))
    assert plain != steered
    assert final_texts(compare(service, concept_id, 0.0)) == [plain, plain]
    three = final_texts(compare(service, concept_id, 2.0, extra_rows=[Row(system="be good .")]))
    assert three[:2] == [plain, steered]
    assert len(three) == 3
    for answers in compare(service, concept_id):
        assert len(answers) == 2


def test_a_concept_is_shown_said_or_both(service):
    concept_id, words = teach(service, steps=20), "be good ."
    plain, shown = final_texts(compare(service, concept_id, 2.0))
    said = final_texts(compare(service, concept_id, 2.0, mode="say", instruction=words))
    alone = final_texts(compare(service, None, extra_rows=[Row(system=words)]))
    assert said == alone == final_texts(compare(service, concept_id, 0.0, mode="both", instruction=words))
    assert said[0] == plain != said[1]
    both = final_texts(compare(service, concept_id, 2.0, mode="both", instruction=words))
    assert both[0] == plain and both[1] not in (plain, shown, said[1])
    assert final_texts(compare(service, concept_id, 2.0, instruction=words)) == [plain, shown]


def test_a_snapshot_shows_whether_an_answer_is_being_written(service, tiny_model):
    assert not service.snapshot().comparing
    version = service.version
    answers = compare(service, None)
    next(answers)
    assert service.snapshot().comparing
    answers.close()
    assert not service.snapshot().comparing
    assert service.version == version + 2
    assert not tiny_model.lock.locked


def test_the_stop_event_ends_an_answer(service):
    stop = threading.Event()
    answers = service.answers.compare("the day", None, 1.0, Sampling(max_new_tokens=200, seed=2), stop=stop)
    next(answers)
    stop.set()
    final = list(answers)
    assert not final or final[-1][0].tokens < 200
    assert not service.snapshot().comparing


def test_maps_of_other_models_are_refused_or_warned_about(service, tiny_model):
    concept_id = teach(service)
    twin, stranger = make_model("llama", seed=5), make_model("gpt2")
    service.use_model(twin)
    answers = compare(service, concept_id)
    assert "other weights" in answers.warning
    assert len(final_texts(answers)) == 2
    service.use_model(stranger)
    with pytest.raises(LineasError, match="does not fit"):
        compare(service, concept_id)
    with pytest.raises(LineasError, match="no concept"):
        compare(service, "run:nothing")
    service.use_model(tiny_model)
    assert compare(service, concept_id).warning is None


def test_errors_of_an_answer_become_sentences(service, monkeypatch):
    with pytest.raises(LineasError, match="prompt is empty"):
        list(service.answers.compare(" ", None, 1.0, SHORT, stop=threading.Event()))

    def broken(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")
        yield

    monkeypatch.setattr("lineas.generation.streaming.stream", broken)
    with pytest.raises(LineasError, match="graphics card ran out of memory"):
        list(compare(service, None))
    assert not service.snapshot().comparing


def test_answers_during_a_training_change_neither(service, slow_steps):
    """The map is bit for bit the same with and without answers in between, and so are the texts."""
    older = teach(service, "older", steps=6)
    quiet = service.steering_map(teach(service, "quiet", steps=12, seed=4))
    expected = final_texts(compare(service, older, 1.5))
    run_id = service.teach("busy", SOURCE_TEXT, TARGET_TEXT, steps=12, seed=4)
    wait_for(lambda: service.snapshot().run.step >= 2)
    during = 0
    while service.snapshot().run.state == "running":
        service.answers._memories.clear()  # decoded anew, not remembered
        assert final_texts(compare(service, older, 1.5)) == expected
        during += 1
    assert during >= 2
    wait_until_idle(service)
    busy = service.steering_map(f"run:{run_id}")
    for site in quiet.sites:
        assert torch.equal(busy.scale[site], quiet.scale[site])
        assert torch.equal(busy.shift[site], quiet.shift[site])


def test_an_answer_starts_within_one_step(service, slow_steps, monkeypatch):
    # an answer keeps the model's lock, so that only the wait for its first token is tested
    monkeypatch.setattr("lineas.generation.listener.SECONDS_PER_TURN", 100.0)
    run_id = service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=100)
    wait_for(lambda: service.snapshot().run.step >= 2)
    for _ in range(3):
        before = len(slow_steps)
        service.answers._memories.clear()
        answers = compare(service, None)
        next(answers)
        assert len(slow_steps) - before <= 1
        answers.close()
        time.sleep(0.05)
    service.cancel(run_id)
    wait_until_idle(service)


def test_training_leaves_the_process_as_it_was(service, tiny_model):
    state, grad = torch.get_rng_state(), torch.is_grad_enabled()
    concept_id = teach(service)
    list(compare(service, concept_id))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled() == grad
    assert not any(p.requires_grad or p.grad is not None for p in tiny_model.network.parameters())
    assert not tiny_model.network.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in tiny_model.network.modules())


def test_a_graphics_card_lost_in_an_answer_breaks_the_model(service, tiny_model, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.generation.streaming, "decode", fail)
    with pytest.raises(LineasError, match="stopped answering"):
        final_texts(compare(service, None))
    state = service.snapshot().model
    assert state.phase == "broken" and "Restart" in state.sentence
    monkeypatch.undo()
    for attempt in (
        lambda: service.teach("x", SOURCE_TEXT, TARGET_TEXT),
        lambda: compare(service, None),
        lambda: service.load_model("default"),
    ):
        with pytest.raises(LineasError, match="stopped answering"):
            attempt()
    service.free_model()
    assert service.snapshot().model.phase == "broken"  # until the process ends


def test_a_graphics_card_lost_in_a_training_breaks_the_model(service, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.training.gradients, "backward", fail)
    run_id = service.teach("x", SOURCE_TEXT, TARGET_TEXT)
    wait_for(lambda: service.snapshot().model.phase == "broken")
    record = service.run_store.get(run_id).record
    assert record.state == "failed" and record.resumable and "Restart" in record.error


def test_answers_at_every_strength_are_measured(service):
    sailor, stop = teach(service), threading.Event()
    prompts, strengths = ["the day was", "I walk with"], [0.0, 0.5, 1.0]
    *_, answers = service.answers.at_strengths(prompts, sailor, strengths, SHORT, stop=stop)
    assert len(answers) == 6
    assert final_texts(service.answers.compare(prompts[1], None, 0.0, SHORT, stop=stop)) == [answers[3].text]
    texts = [[answer.text for answer in answers[i :: len(strengths)]] for i in range(len(strengths))]
    # the answers have ended and nobody set the event, so it also serves the measuring
    report = service.answers.strength_report(sailor, strengths, prompts, texts, stop=stop)
    assert report is not None and not report.judged
    assert [point.strength for point in report.points] == strengths
    assert report.points[0].effect == 0 and all(0 <= point.fluency <= 1 for point in report.points)
    assert not service.snapshot().comparing


def test_the_stop_event_ends_measuring(service):
    sailor, stop = teach(service), threading.Event()
    stop.set()
    assert service.answers.strength_report(sailor, [0.0, 1.0], ["the day"], [["a day"], ["a sea"]], stop=stop) is None


def test_a_mix_is_answered_as_it_is_saved(service):
    parts = [(teach(service, "one", seed=1), 0.5), (teach(service, "two", seed=2), 1.5)]
    tried = final_texts(service.answers.compare_mix("the day was", parts, SHORT, stop=threading.Event()))
    kept = service.mix(parts, "both")
    assert final_texts(compare(service, kept.id)) == tried
    pairs = service.answers.overlaps(parts)
    assert list(pairs) == [(0, 1)] and abs(pairs[0, 1].whole) <= 1 + 1e-9


def test_a_mix_is_answered_beside_its_parts(service):
    parts = [(teach(service, "one", seed=1), 0.5), (teach(service, "two", seed=2), 1.5)]
    answers = service.answers
    prompts, texts = answers.mix_prompts(), final_texts(answers.mix_beside_parts(parts, stop=threading.Event()))
    assert len(prompts) == MIX_QUESTIONS and len(texts) == 4 * len(prompts)
    sampling = replace(EVAL_SAMPLING, max_new_tokens=MIX_TOKENS)
    stop = threading.Event()
    for number, prompt in enumerate(prompts):
        mix = final_texts(answers.compare_mix(prompt, parts, sampling, stop=stop))
        alone = [final_texts(answers.compare(prompt, *part, sampling, stop=stop))[1] for part in parts]
        assert texts[4 * number : 4 * number + 4] == [*mix, *alone]


def test_judges_say_who_is_heard(service, monkeypatch):
    made, loaded = [], []

    def judge(source, target, embed):
        made.append((source, target, embed))
        return FakeJudge(reliable=len(made) == 1)

    monkeypatch.setattr("lineas.evaluation.metrics.judge.train_judge", judge)
    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", lambda progress: loaded.append(progress))
    one, two = teach(service, "one"), teach(service, "two")
    ids = [one, two, service.mix([(one, 1.0)], "no examples").id]
    few = service.teach("few", SOURCE_TEXT, "\n".join(TARGET[:5]), steps=1)
    wait_until_idle(service)
    prompts = service.answers.mix_prompts()
    plain, good = ["the day was grey ."] * len(prompts), ["the day was good ."] * len(prompts)
    half = len(prompts) // 2
    texts = [plain, [*good[:half], *plain[half:]], good, plain, plain, plain]
    gain = mean_interval([1.0] * half + [0.0] * half)
    report = service.answers.mix_report([*ids, f"run:{few}"], texts, stop=threading.Event())
    assert report.concepts == (Heard(0.0, Interval(1, 1, 1), gain), "alike", "unknown", "few")
    assert [(list(source), list(target)) for source, target, _ in made] == [(SOURCE, TARGET)] * 2
    assert 0 < report.text.fluency <= 1 and not service.snapshot().comparing
    assert service.answers.mix_report(ids[:1], texts[:3], stop=threading.Event()).concepts == report.concepts[:1]
    assert len(made) == 2  # a judge is trained once


def test_the_download_of_the_judges_can_be_stopped_and_can_fail(service, monkeypatch):
    one, stop = teach(service, "one"), threading.Event()
    texts = [["the day ."] * MIX_QUESTIONS] * 3

    def download(progress):
        progress("Fetching …", 0.1)
        stop.set()
        progress("Fetching …", 0.2)
        raise AssertionError("it went on")

    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", download)
    assert service.answers.mix_report([one], texts, stop=stop) is None

    def fail(progress):
        raise LineasError("no network")

    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", fail)
    with pytest.raises(LineasError, match="no network"):
        service.answers.mix_report([one], texts, stop=threading.Event())
    assert not service.snapshot().comparing


def test_concepts_of_different_models_do_not_mix(service):
    one = teach(service, "one")
    service.use_model(make_model("gpt2"))
    parts = [(one, 1.0), (teach(service, "two"), 1.0)]
    for mix in (service.answers.overlaps, lambda parts: service.mix(parts, "both")):
        with pytest.raises(LineasError, match="cannot be mixed"):
            mix(parts)
