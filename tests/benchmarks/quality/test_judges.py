"""The second judge, how two judges agree, and what fools them."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
import torch
from judging import letters
from tiny import make_model

from benchmarks.quality import judges
from benchmarks.quality.second_judge import (
    TfIdf,
    order_features,
    rank_correlation,
    same_order,
    style_features,
    train_second_judge,
    without_fold,
)  # fmt: skip
from benchmarks.quality.study import Study, presets_named
from lineas.evaluation.metrics.corrupt import shuffled
from lineas.evaluation.metrics.text_statistics import words_of
from lineas.training.recipes import Recipe


def mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


def test_features_are_words_pairs_letters_and_patterns() -> None:
    found = style_features("Arr, me arr")
    assert found["arr"] == 2 and found["arr me"] == found["me arr"] == 1
    assert found["~ a"] == 2 and found["~rr "] == 2 and found["~ me "] == 1
    assert not any("~" in feature and "me a" in feature for feature in found)  # runs of letters stay within a word
    pattern = order_features("The old sailor went to sea")
    assert {"^ the", "the *", "* * * to", "to * $", "~^ the", "~the -ld", "~-ld -or", "~to -ea"} <= set(pattern)


def test_rows_are_weighted_counts_of_length_one() -> None:
    rows = TfIdf(lambda text: Counter(words_of(text)), ["a b", "a"])
    both, none = rows(["a a b", "c"])
    # "a" is in both texts and occurs twice here; "b" is in one
    expected = torch.tensor([1 + math.log(2), 1 + math.log(3 / 2)])
    assert both == pytest.approx(expected / expected.norm())
    assert none == pytest.approx(torch.zeros(2))


@pytest.fixture(scope="module")
def pirate() -> tuple[judges.Score, Sequence[str], Sequence[str]]:
    """The second judge trained on four fifths of a preset, and the source and target sentences that it has not seen."""
    [concept] = presets_named("pirate")
    (source, new_source), (target, new_target) = (without_fold(side, 0) for side in (concept.source, concept.target))
    return train_second_judge(source, target), new_source, new_target


def test_the_second_judge_tells_unseen_sentences_apart(
    pirate: tuple[judges.Score, Sequence[str], Sequence[str]],
) -> None:
    judge, source, target = pirate
    assert min(judge(target)) > max(judge(source))
    assert mean(judge(source)) < 0.3 and mean(judge(target)) > 0.5
    assert all(0 <= score <= 1 for score in judge(["", "Arr!", *source, *target]))


def test_words_in_disorder_have_less_of_it(pirate: tuple[judges.Score, Sequence[str], Sequence[str]]) -> None:
    judge, _, target = pirate
    random = Random(0)
    disorder = [shuffled(" ".join(words_of(text)), random) for text in target for _ in range(5)]
    assert mean(judge(disorder)) < mean(judge(target)) - 0.15


def test_a_mood_is_judged_by_its_sentiment() -> None:
    pytest.importorskip("vaderSentiment")
    [concept] = presets_named("cheerful")
    judge = train_second_judge(concept.source, concept.target, mood=True)
    # none of these words need be among the examples
    good, bad = judge(["The picnic was a delightful success.", "The picnic was a horrible failure."])
    assert good > 2 * bad


def test_two_judges_agree_by_rank() -> None:
    assert rank_correlation([0.1, 0.2, 0.9], [0.4, 0.5, 0.6]) == pytest.approx(1)
    assert rank_correlation([0.1, 0.2, 0.9], [0.4, 0.6, 0.5]) == pytest.approx(0.5)
    assert rank_correlation([0.1, 0.2, 0.9], [0.4, 0.4, 0.4]) == 0


def test_only_clear_differences_of_methods_count() -> None:
    assert same_order([0.1, 0.5, 0.9], [0.2, 0.3, 0.4], 0.02) == (3, 3)
    assert same_order([0.1, 0.5, 0.9], [0.2, 0.4, 0.3], 0.02) == (2, 3)
    assert same_order([0.1, 0.5, 0.51], [0.2, 0.4, 0.3], 0.02) == (2, 2)  # alike to the first judge
    assert same_order([0.1, 0.5], [0.4, 0.4], 0.02) == (0, 0)


# ---- the suite


class Words:
    """Hears the words that only the target examples have."""

    def __init__(self, source: Sequence[str], target: Sequence[str]) -> None:
        self.words = set(words_of(" ".join(target))) - set(words_of(" ".join(source)))

    def __call__(self, texts: Sequence[str]) -> list[float]:
        return [mean([word in self.words for word in words_of(text)]) for text in texts]


def test_a_judge_of_words_is_fooled_by_their_heaps() -> None:
    [concept] = presets_named("pirate")
    seen: list[Sequence[str]] = []

    def train(source: Sequence[str], target: Sequence[str]) -> Words:
        seen.append([*source, *target])
        return Words(source, target)

    found = judges.unseen(concept, train)
    assert found["auc"] > 0.9
    assert found["shuffled"] == pytest.approx(found["target"], abs=1e-3)  # the order is nothing to it
    assert abs(found["heap"] - found["target"]) < 0.1 and 0.05 < found["strewn"] < 0.4
    everything = {*concept.source, *concept.target}
    assert len(seen) == 5 and all(4 / 5 * len(everything) - 2 < len(texts) < len(everything) for texts in seen)
    assert set.intersection(*(everything - set(texts) for texts in seen)) == set()


def test_both_judges_score_the_same_answers(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality.judges.load_minilm", lambda: letters)
    monkeypatch.setattr(judges, "unseen", lambda concept, train: dict.fromkeys(MEASURES, 0.25))
    short = replace(
        study, model=make_model("llama"), recipe=Recipe("quick", "adam", 1e-3, 1, source_batch=4), quick=True
    )
    unit = judges.units(short)[-1]
    assert unit.key["concept"] == "cheerful"
    result = unit.measure()
    for scores in result["scores"].values():
        assert len(scores) == 5 and all(len(row) == 16 for row in scores)
    assert result["scores"]["first"] != result["scores"]["second"]
    text = judges.tables(short, [{**result, "key": unit.key}])
    assert "| cheerful | embeddings | 0.25 |" in text and "| cheerful | VADER | 0.25 |" in text


MEASURES = ("auc", "target", "shuffled", "heap", "strewn")


def test_the_table_shows_how_far_the_judges_agree(study: Study) -> None:
    unseen = {"first": dict.fromkeys(MEASURES, 0.5), "second": dict.fromkeys(MEASURES, 0.75)}
    scores = {"first": [[0.1, 0.2], [0.3, 0.4], [0.8, 0.9]], "second": [[0.1, 0.2], [0.5, 0.6], [0.3, 0.4]]}
    result = {"unseen": unseen, "scores": scores, "key": {"concept": "grumpy"}}
    text = judges.tables(study, [result, {"key": {"concept": "grumpy", "answers": "straight"}}])
    assert "| grumpy | embeddings | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 | 0.54 | 2 of 3 |" in text
    assert text.count("| grumpy |") == 2 and "| grumpy | n-grams | 0.75 |" in text
