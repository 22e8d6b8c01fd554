"""Ready scorers and utility, on tiny models and cases done by hand."""

import json
import math
from pathlib import Path

import pytest
import torch
from tiny import WORDS, make_tokenizer
from transformers import BertConfig, BertForSequenceClassification

from lineas.errors import LineasError
from lineas.evaluation.metrics.scorers import classifier, scorer_named
from lineas.evaluation.suites.utility import (
    BLIMP_FILE,
    Pair,
    Question,
    blimp,
    load_blimp,
    load_mmlu,
    mmlu,
    mmlu_prompt,
    mmlu_row,
)
from lineas.models.progress import finish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def save_classifier(place, labels):
    """A random classifier with these labels."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=6 + len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(place)
    make_tokenizer().save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_classifier(tmp_path_factory.mktemp("classifier"), ["dull", "bright"])


def test_a_classifier_from_a_folder(folder):
    texts = ["the sea was bright .", "grey", "the day was very good and fine and bright !"] * 7
    bright, dull = classifier(str(folder)), classifier(str(folder), "dull")
    assert all(math.isclose(a + b, 1, abs_tol=1e-5) for a, b in zip(bright(texts), dull(texts), strict=True))
    assert len(bright(texts)) == 21
    assert bright(texts)[1] == pytest.approx(bright(["grey"])[0], abs=1e-5), "padding changes nothing"
    assert bright([]) == []
    assert scorer_named(f"{folder}:dull")(["grey"]) == pytest.approx(dull(["grey"]))


def test_a_label_that_is_not_there(folder):
    with pytest.raises(LineasError, match=r"has no label 'angry'. It has dull, bright\."):
        scorer_named(f"{folder}:angry")


def test_of_many_labels_one_must_be_named(tmp_path):
    place = save_classifier(tmp_path, ["anger", "fear", "joy"])
    with pytest.raises(LineasError, match=r"tells 3 things apart: anger, fear, joy\. Say which .*:anger'\."):
        scorer_named(str(place))
    assert scorer_named(f"{place}:joy").name == f"{place}:joy"


def test_a_scorer_is_named_after_its_label(folder):
    assert scorer_named(str(folder)).name == f"{folder}:bright"


@pytest.mark.parametrize("name", ["nobody/no-such-model", "/no/such/folder"])
def test_a_scorer_that_cannot_be_loaded(name):
    with pytest.raises(LineasError, match=f"The scorer '{name}' cannot be loaded"):
        scorer_named(name)


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(LineasError, match="cannot be loaded: it is no text-classification folder"):
        scorer_named(str(tmp_path))


@pytest.mark.parametrize(("name", "package"), [("toxicity", "alt-profanity-check"), ("sentiment", "vaderSentiment")])
def test_a_missing_package_is_named(name, package, monkeypatch):
    def refuse(module):
        raise ImportError(module)

    monkeypatch.setattr("lineas.evaluation.metrics.scorers.import_module", refuse)
    with pytest.raises(LineasError, match=f"needs the package {package}.*pip install {package}"):
        scorer_named(name)


def test_sentiment():
    pytest.importorskip("vaderSentiment")
    bad, good = scorer_named("sentiment")(["This is a terrible, sad day.", "What a wonderful, happy day!"])
    assert -1 <= bad < -0.3 < 0.3 < good <= 1


def test_toxicity():
    pytest.importorskip("profanity_check")
    kind, rude = scorer_named("toxicity")(["What a lovely garden.", "You stupid idiot, shut up."])
    assert 0 <= kind < 0.3 < 0.7 < rude <= 1
    assert scorer_named("toxicity")([]) == []


# ---- utility


def test_blimp_counts_the_likelier_sentence(tiny_model):
    a, b = "the day was very good .", "good the very was . day"
    pairs = [Pair("order", a, b), Pair("order", b, a), Pair("same", a, a)]
    found = finish(blimp(tiny_model, pairs))
    assert found.mean == pytest.approx((1 + 0 + 0.5) / 3)  # one of the two orders, and half for equal ones
    assert finish(blimp(tiny_model, pairs[:1])).mean + finish(blimp(tiny_model, pairs[1:2])).mean == 1


def test_mmlu_prompt():
    easy = Question("high_school_biology", "What is a dog?", ("plant", "animal", "stone", "star"), 1)
    hard = Question("high_school_biology", "What is a fern?", ("plant", "animal", "stone", "star"), 0)
    assert mmlu_prompt(hard, [easy]) == (
        "The following are multiple choice questions (with answers) about high school biology.\n\n"
        "What is a dog?\nA. plant\nB. animal\nC. stone\nD. star\nAnswer: B\n\n"
        "What is a fern?\nA. plant\nB. animal\nC. stone\nD. star\nAnswer:"
    )


def test_mmlu_takes_the_likeliest_letter(tiny_model, monkeypatch):
    monkeypatch.setattr(
        "lineas.evaluation.suites.utility.LETTERS", ["sea", "sun", "ship", "bread"]
    )  # words that it knows
    questions = [Question("x", "the day was", ("a", "my", "your", "very"), answer) for answer in range(4)]
    assert finish(mmlu(tiny_model, questions, {})).mean == 0.25  # the same prompt four times: one letter is taken


def test_mmlu_keeps_the_question_where_there_is_little_room(tiny_model):
    """The model reads 256 tokens, each solved question has some sixty."""
    question = Question("x", "the day was", ("a", "my", "your", "very"), 0)
    solved = [Question("x", "the sea " * 25, ("a", "my", "your", "very"), 1)] * 5
    row = mmlu_row(tiny_model, question, solved).tolist()
    assert row == tiny_model.tokenizer(mmlu_prompt(question, solved[:3]))["input_ids"]
    assert len(tiny_model.tokenizer(mmlu_prompt(question, solved[:4]))["input_ids"]) > tiny_model.max_tokens
    long = Question("x", "the sea " * 200, ("a", "my", "your", "very"), 0)
    row = mmlu_row(tiny_model, long, solved).tolist()
    assert row == tiny_model.tokenizer(mmlu_prompt(long, []))["input_ids"][-256:]
    assert (
        mmlu_row(tiny_model, question, solved[:2]).tolist()
        == (tiny_model.tokenizer(mmlu_prompt(question, solved[:2]))["input_ids"])
    )


def test_a_missing_data_folder(tmp_path):
    for load in (load_blimp, load_mmlu):
        with pytest.raises(LineasError, match=r"is missing. Give the folder that holds it with --data\."):
            load(tmp_path)


def test_damaged_data(tmp_path):
    (tmp_path / "blimp").mkdir()
    (tmp_path / BLIMP_FILE).write_text('{"uid": "a"}\n')
    with pytest.raises(LineasError, match="is damaged, or not the data"):
        load_blimp(tmp_path)


def test_a_part_of_the_data_is_taken_evenly(tmp_path):
    (tmp_path / "blimp").mkdir()
    rows = [{"uid": f"p{i // 10}", "good": f"a {i}", "bad": "b"} for i in range(100)]
    (tmp_path / BLIMP_FILE).write_text("\n".join(map(json.dumps, rows)))
    assert [pair.phenomenon for pair in load_blimp(tmp_path, 10)] == [f"p{i}" for i in range(10)]
    assert len(load_blimp(tmp_path)) == 100


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
def test_the_real_files_are_read():
    assert len({pair.phenomenon for pair in load_blimp(DATA, 67)}) == 67
    questions, solved = load_mmlu(DATA, 57)
    assert len({question.subject for question in questions}) > 30
    assert {len(examples) for examples in solved.values()} == {5}
