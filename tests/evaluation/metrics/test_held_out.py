"""The short training on a part of the examples."""

import pytest
from tiny import SOURCE, TARGET

from lineas.evaluation.findings import HeldOut
from lineas.evaluation.metrics.cost import MAX_TOKENS, sentence_losses, token_mean
from lineas.evaluation.metrics.held_out import held_out, split
from lineas.methods import train_to_end, train_with
from lineas.models.progress import finish
from lineas.steering.hooks import steer
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.loss import Distance


def test_every_fifth_sentence_is_held_out():
    taught, left = split([str(i) for i in range(11)])
    assert left == ["4", "9"]
    assert len(taught) == 9


def test_examples_carry_over_when_both_measures_fall():
    assert HeldOut(2, 1.0, 0.9, 4.0, 3.9).carries_over
    assert not HeldOut(2, 1.0, 0.9, 4.0, 4.1).carries_over


def test_held_out_sentences_are_measured_with_and_without_the_trained_map(any_model):
    (source, source_left), (target, target_left) = split(SOURCE * 3), split(TARGET * 3)
    found = finish(held_out(any_model, SOURCE * 3, TARGET * 3, method="mean_act"))
    steering = finish(train_to_end(train_with("mean_act", any_model, source, target)))
    source_rows, target_rows = (tokenize(any_model, side, MAX_TOKENS) for side in (source_left, target_left))
    distance = Distance(any_model.sites, read_at_once(any_model, any_model.sites, target_rows))
    assert found.sentences == len(target_left)
    for strength, measured in ((0.0, found.distance_before), (1.0, found.distance_after)):
        with steer(any_model, steering, strength):
            means = read_at_once(any_model, any_model.sites, source_rows)
        assert measured == pytest.approx(float(distance(means)), rel=1e-4)
    for strength, measured in ((0.0, found.loss_before), (1.0, found.loss_after)):
        losses = finish(sentence_losses(any_model, target_rows, steering, strength))
        assert measured == pytest.approx(token_mean(losses, target_rows), rel=1e-4)
    assert found.distance_after != found.distance_before
