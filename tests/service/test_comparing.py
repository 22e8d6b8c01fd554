"""Nothing is decoded twice: what was answered is remembered, goes on, and is decoded ahead of the slider."""

import threading
from dataclasses import replace

import pytest
import torch
from polling import wait_for
from service_actions import teach

from lineas import generate
from lineas.generation.prompts import answer_spans, encode
from lineas.generation.sampling import Sampling
from lineas.service.comparing import Comparison
from lineas.service.family_safe import is_family_safe
from lineas.steering.hooks import steer

SAMPLING = Sampling(max_new_tokens=30, temperature=1.0, seed=4, whole_sentences=True)


@pytest.fixture
def decoded(monkeypatch):
    """The number of rows of every decode, with what each row had already."""
    import lineas.generation.streaming

    real, batches = lineas.generation.streaming.stream, []

    def stream(model, prompt, rows, *args, **options):
        batches.append([len(row.begun) for row in rows])
        yield from real(model, prompt, rows, *args, **options)

    monkeypatch.setattr("lineas.generation.streaming.stream", stream)
    return batches


def final(service, asked):
    *_, answers = service.answers.answer(asked, threading.Event())
    return answers


def test_the_original_is_asked_once_and_answers_go_on(service, tiny_model, decoded):
    concept_id = teach(service, steps=5)
    asked = Comparison("tell me my day", concept_id, 1.0, SAMPLING)
    first = final(service, asked)
    assert decoded == [[0, 0]]
    moved = final(service, replace(asked, strength=1.5))
    assert moved[0] == first[0] and decoded[1:] == [[0]]
    stream = service.answers.answer(asked, threading.Event())
    assert stream.known == first == list(stream)[-1] and len(decoded) == 2
    longer = replace(asked, sampling=replace(SAMPLING, max_new_tokens=60))
    on = final(service, longer)
    went_on = [len(answer.ids) for answer in first if answer.ending != "itself"]
    assert went_on and decoded[2:] == [went_on]
    [alone] = generate(tiny_model, [asked.prompt], longer.rows(service.steering_map(concept_id)), longer.sampling)
    assert on == alone
    assert final(service, asked) == first, "a shorter answer is the beginning of the longer one"
    final(service, replace(asked, sampling=replace(SAMPLING, seed=5)))
    assert len(decoded[-1]) == 2, "another seed has other answers"


def test_what_was_stopped_goes_on_and_neighbours_are_decoded_ahead(service, tiny_model, decoded):
    concept_id = teach(service, steps=5)
    asked = Comparison("tell me my day", concept_id, 1.0, replace(SAMPLING, seed=2))
    whole = generate(tiny_model, [asked.prompt], asked.rows(service.steering_map(concept_id)), asked.sampling)[0]
    stop = threading.Event()
    stream = service.answers.answer(asked, stop)
    next(stream)
    stop.set()
    list(stream)
    assert final(service, asked) == whole
    places = [0.9, 0.95, 1.05, 0.0, 1.5]
    service.answers.look_ahead(asked, places[:3], places[3:])
    wait_for(lambda: not any(t.name == "lineas-ahead" for t in threading.enumerate()))
    ahead = len(decoded)
    assert decoded[-2:] == [[0, 0, 0], [0]]  # at strength 0 the plain answer is known
    known = service.answers.known(asked, [0.7, *places])
    assert [*known] == places and all(answer.done and answer.text for answer in known.values())
    for strength in places:
        rows = replace(asked, strength=strength).rows(service.steering_map(concept_id))
        assert [final(service, replace(asked, strength=strength))[1]] == generate(
            tiny_model, [asked.prompt], rows[1:], asked.sampling
        )[0]
    assert len(decoded) == ahead, "all were known"
    service.answers.look_ahead(asked, [0.5])
    service.free_model()  # what is decoded ahead does not keep the model


def test_words_are_compared_on_each_others_answers(service, tiny_model):
    """The numbers are those of a pass of their own for each; where nothing is steered they are 0; the pieces are the text."""
    concept_id = teach(service, steps=20)
    asked = Comparison("tell me my day", concept_id, 1.5, SAMPLING)
    answers = final(service, asked)
    tints = service.answers.word_tints(asked, [answer.ids for answer in answers])
    assert max(abs(piece.ratio) for pieces in tints for piece in pieces) > 0.01
    for answer, pieces in zip(answers, tints, strict=True):
        assert "".join(piece.text for piece in pieces).startswith(answer.text)
    off = replace(asked, strength=0.0)
    for pieces in service.answers.word_tints(off, [answer.ids for answer in answers]):
        assert all(abs(piece.ratio) < 1e-5 for piece in pieces)
    ids = [token for token in answers[1].ids if token not in tiny_model.end_tokens]
    likely = []
    for row in asked.rows(service.steering_map(concept_id)):
        begun = replace(row, begun=tuple(ids))
        batch = encode(tiny_model, [asked.prompt], [begun], Sampling(max_new_tokens=1))
        spans = answer_spans(tiny_model, [begun], SAMPLING)
        with torch.no_grad(), steer(tiny_model, [row.map], [row.strength], spans):
            logits = tiny_model.network(**batch).logits[0, -len(ids) - 1 : -1].log_softmax(-1)
        likely.append(logits.gather(-1, torch.tensor(ids)[:, None])[:, 0])
    expected = (likely[1] - likely[0]).cumsum(0)
    found = torch.tensor([piece.ratio for piece in tints[1]]).cumsum(0)  # tokens without a text join the next one
    assert len(found) > 15 and all((expected - so_far).abs().min() < 1e-4 for so_far in found)


@pytest.mark.parametrize(
    ("text", "safe"),
    [("Arr, matey! Grog and rum for the wench.", True), ("She is gay and a god of the sea.", True), ("", True),
     ("What a shitty day.", False), ("He is an a$$hole", False), ("Assess the class.", True)],
)  # fmt: skip
def test_which_texts_are_family_safe(text, safe):
    assert is_family_safe(text) == safe
