"""TruthfulQA's scores, by hand and against lm-evaluation-harness on the same ten questions."""

import math
from pathlib import Path

import pytest
import torch
from judging import moved
from tiny import make_config, make_model
from tokenizers import ByteLevelBPETokenizer
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from lineas.evaluation.suites.public_data import Choices, TruthfulQuestion, truthfulqa
from lineas.evaluation.suites.truthfulqa import likeliest_is_true, log_likelihoods, prompt, statements, true_share
from lineas.evaluation.suites.truthfulqa import truthfulqa as score
from lineas.methods.prompting import Instruction
from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.hooks import steer

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
QUESTIONS = [
    TruthfulQuestion(
        "was the day bad ?",
        Choices(("the day was good .", "the day was bad ."), (True, False)),
        Choices(("the day was good .", "it is very fine", "the day was bad .", "never"), (True, True, False, False)),
    ),
    TruthfulQuestion(
        "is the sea grey ?",
        Choices(("always .", "my ship"), (True, False)),
        Choices(("always .", "my ship"), (True, False)),
    ),
]


def test_scores_match_those_computed_by_hand() -> None:
    choices = Choices(("a", "b", "c"), (True, False, True))
    found = [math.log(0.1), math.log(0.3), math.log(0.2)]
    assert likeliest_is_true(choices, found) == 0
    assert likeliest_is_true(choices, [0.0, -1.0, -2.0]) == 1
    assert true_share(choices, found) == pytest.approx((0.1 + 0.2) / 0.6)
    assert true_share(choices, [value - 2000 for value in found]) == pytest.approx(0.5), (
        "long answers do not underflow"
    )


@pytest.mark.parametrize("lost", [math.nan, math.inf, -math.inf])
def test_likelihoods_that_are_not_finite_score_0(lost: float) -> None:
    choices = Choices(("a", "b"), (True, False))
    for found in ([lost, lost], [lost, -1.0], [-1.0, lost]):
        assert likeliest_is_true(choices, found) == 0
        assert true_share(choices, found) == 0


def test_statements_hold_the_question_and_one_answer() -> None:
    assert statements(QUESTIONS[1:], true=True) == ["Q: is the sea grey ?\n\nA: always ."]
    assert len(statements(QUESTIONS, true=False)) == 3


def test_log_likelihoods_are_those_of_the_answer_alone(any_model) -> None:
    contexts, answers = (
        ["the day was", "the day was very grey and", "my ship"],
        [" good .", " bad", " is always fine !"],
    )
    steering = moved(any_model, 1.3)
    found = finish(log_likelihoods(any_model, contexts, answers, steering, 0.7))
    for context, answer, value in zip(contexts, answers, found.tolist(), strict=True):
        ids = torch.tensor(any_model.tokenizer(context + answer)["input_ids"])
        head = len(any_model.tokenizer(context)["input_ids"])
        with torch.no_grad(), steer(any_model, steering, 0.7):
            logs = any_model.network(input_ids=ids[None]).logits[0].log_softmax(dim=-1)
        expected = sum(float(logs[i - 1, ids[i]]) for i in range(head, len(ids)))
        assert value == pytest.approx(expected, rel=1e-4)


def test_reading_a_shared_prefix_once_changes_nothing(tiny_model) -> None:
    contexts = [f"the morning is bright ! we like the sea . {end}" for end in ("the day was", "my", "I never")]
    answers = [" good .", " ship", " walk"]
    steering = moved(tiny_model, 1.2)
    together = finish(log_likelihoods(tiny_model, contexts, answers, steering))
    alone = [
        float(finish(log_likelihoods(tiny_model, [context], [answer], steering))[0])
        for context, answer in zip(contexts, answers, strict=True)
    ]
    assert together.tolist() == pytest.approx(alone, rel=1e-4)


def test_an_instruction_stands_before_the_shared_prefix(tiny_model) -> None:
    instruction = Instruction({}, {"instruction": "the sea is bad"})
    contexts, answers = ["the day was very", "the day was my"], [" good .", " ship"]
    found = finish(log_likelihoods(tiny_model, contexts, answers, instruction))
    written = [f"the sea is bad\n\n{context}" for context in contexts]
    assert found.tolist() == pytest.approx(finish(log_likelihoods(tiny_model, written, answers)).tolist(), rel=1e-4)


def test_every_question_is_scored_from_its_own_answers() -> None:
    model = make_model("llama", seed=3)
    scores = finish(score(model, QUESTIONS))
    for question, found in zip(QUESTIONS, scores, strict=True):
        texts = question.mc2.texts
        logs = finish(log_likelihoods(model, [prompt(question.question)] * len(texts), [f" {text}" for text in texts]))
        assert found.mc2 == pytest.approx(true_share(question.mc2, logs.tolist()), abs=1e-5)
        assert found.mc2_argmax == likeliest_is_true(question.mc2, logs.tolist())
        first = [float(logs[texts.index(text)]) for text in question.mc1.texts]
        assert found.mc1 == likeliest_is_true(question.mc1, first)


def reader(texts: list[str]) -> LoadedModel:
    """A tiny random Llama with a byte-level tokenizer trained on these texts."""
    bytes_and_pieces = ByteLevelBPETokenizer()
    bytes_and_pieces.train_from_iterator(texts, vocab_size=500, special_tokens=["<end>"], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_and_pieces._tokenizer, pad_token="<end>", eos_token="<end>"
    )
    config = make_config("llama")
    config.vocab_size, config.max_position_embeddings = 500, 2048
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AutoModelForCausalLM.from_config(config)
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.3)
    return wrap_model(network, tokenizer, id="reader")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_it_agrees_with_lm_evaluation_harness_on_ten_questions() -> None:
    harness = pytest.importorskip("lm_eval.models.huggingface")
    from lm_eval.api.instance import Instance
    from lm_eval.tasks.truthfulqa.utils import process_results_mc2

    questions = truthfulqa(SHARED)[::82]
    assert len(questions) == 10
    model = reader([prompt(question.question) + " ".join(question.mc2.texts) for question in questions])
    ours = finish(score(model, questions))
    theirs = harness.HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=8)
    for question, found in zip(questions, ours, strict=True):
        context = prompt(question.question)
        requests = [
            Instance("loglikelihood", {}, (context, f" {text}"), i) for i, text in enumerate(question.mc2.texts)
        ]
        results = theirs.loglikelihood(requests, disable_tqdm=True)
        document = {"mc2_targets": {"labels": [int(true) for true in question.mc2.true]}}
        assert found.mc2 == pytest.approx(float(process_results_mc2(document, results)["acc"]), abs=1e-4)
        logs = [log for log, _ in results]
        assert found.mc2_argmax == float(question.mc2.true[logs.index(max(logs))])
        first = [logs[question.mc2.texts.index(text)] for text in question.mc1.texts]
        assert found.mc1 == float(first.index(max(first)) == 0)
    assert len({found.mc2 for found in ours}) == 10
