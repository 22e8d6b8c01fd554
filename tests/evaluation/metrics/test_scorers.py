"""Scorers of text, on tiny classifiers and on the real packages where they are installed."""

import math

import pytest
import torch
from tiny import WORDS, make_tokenizer
from transformers import BertConfig, BertForSequenceClassification

from lineas.errors import LineasError
from lineas.evaluation.metrics.scorers import classifier, scorer_named


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


def test_a_classifier_is_loaded_from_a_folder(folder):
    texts = ["the sea was bright .", "grey", "the day was very good and fine and bright !"] * 7
    bright, dull = classifier(str(folder)), classifier(str(folder), "dull")
    assert all(math.isclose(a + b, 1, abs_tol=1e-5) for a, b in zip(bright(texts), dull(texts), strict=True))
    assert len(bright(texts)) == 21
    assert bright(texts)[1] == pytest.approx(bright(["grey"])[0], abs=1e-5), "padding changes nothing"
    assert bright([]) == []
    assert scorer_named(f"{folder}:dull")(["grey"]) == pytest.approx(dull(["grey"]))


def test_an_unknown_label_is_an_error(folder):
    with pytest.raises(LineasError, match=r"has no label 'angry'. It has dull, bright\."):
        scorer_named(f"{folder}:angry")


def test_with_many_labels_one_must_be_named(tmp_path):
    place = save_classifier(tmp_path, ["anger", "fear", "joy"])
    with pytest.raises(LineasError, match=r"has 3 labels: anger, fear, joy\. Add the one .*:anger'\."):
        scorer_named(str(place))
    assert scorer_named(f"{place}:joy").name == f"{place}:joy"


def test_a_scorer_is_named_after_its_label(folder):
    assert scorer_named(str(folder)).name == f"{folder}:bright"


@pytest.mark.parametrize("name", ["nobody/no-such-model", "/no/such/folder"])
def test_a_missing_model_is_an_error(name):
    with pytest.raises(LineasError, match=f"The scorer '{name}' cannot be loaded"):
        scorer_named(name)


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(LineasError, match="cannot be loaded: it is no text-classification folder"):
        scorer_named(str(tmp_path))


@pytest.mark.parametrize(("name", "package"), [("toxicity", "alt-profanity-check"), ("sentiment", "vaderSentiment")])
def test_a_missing_package_is_named(name, package, monkeypatch):
    def refuse(module):
        raise ImportError(module)

    monkeypatch.setattr("lineas.evaluation.metrics.scorers.import_module", refuse)
    with pytest.raises(LineasError, match=f"needs the package {package}.*pip install {package}"):
        scorer_named(name)


def test_sentiment_is_higher_for_happy_text():
    pytest.importorskip("vaderSentiment")
    bad, good = scorer_named("sentiment")(["This is a terrible, sad day.", "What a wonderful, happy day!"])
    assert -1 <= bad < -0.3 < 0.3 < good <= 1


def test_toxicity_is_higher_for_insults():
    pytest.importorskip("profanity_check")
    kind, rude = scorer_named("toxicity")(["What a lovely garden.", "You stupid idiot, shut up."])
    assert 0 <= kind < 0.3 < 0.7 < rude <= 1
    assert scorer_named("toxicity")([]) == []
