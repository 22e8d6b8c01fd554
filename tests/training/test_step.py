"""One step: the rate's cosine, sparsity, the support that is kept, and the best parameters."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lineas.steering.map import SMALLEST_SCALE
from lineas.steering.site import Site
from lineas.training.checkpoint import DIVERGED, TrainingState
from lineas.training.loss import Distance, SourceCache
from lineas.training.optimizers import USUAL_SIZE, optimizer_for
from lineas.training.parameters import Parameters
from lineas.training.recipes import Recipe
from lineas.training.step import LAST_RATE, take_step

SITES = (Site("early", 4, 0), Site("late", 4, 1))
# the activations of the late site are three times as large as those of the early one
TARGET = torch.cat([torch.ones(6, 4), 3 * torch.ones(6, 4)], dim=1)
SGD = Recipe("test", "sgd", 0.1, steps=10)


def begin(recipe: Recipe) -> tuple[TrainingState, Distance]:
    parameters, distance = Parameters(SITES, torch.device("cpu")), Distance(SITES, TARGET)
    optimizer = optimizer_for(recipe, parameters, TARGET)
    return TrainingState(parameters, optimizer, SourceCache(distance, torch.zeros(6, 8)), {}), distance


def step(state: TrainingState, recipe: Recipe, distance: Distance, grad: float = 1.0) -> None:
    for tensor in state.parameters.tensors():
        tensor.grad = torch.full_like(tensor, grad)
    take_step(state, recipe, distance)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "site-adam"])
def test_a_shift_moves_in_proportion_to_the_size_of_its_site_s_activations(optimizer: str) -> None:
    recipe = replace(SGD, optimizer=optimizer, by_site=True)
    state, distance = begin(recipe)
    step(state, recipe, distance)
    early, late = (-float(state.parameters.shift[site.name].detach()[0]) for site in SITES)
    assert late / early == pytest.approx(3, rel=1e-4)
    assert early == pytest.approx(0.1 / USUAL_SIZE, rel=1e-4)  # the activations of the early site have size 1
    scales = [1 - float(state.parameters.scale[site.name].detach()[0]) for site in SITES]
    assert scales == pytest.approx([0.1, 0.1], rel=1e-4)


def test_without_by_site_all_shifts_have_one_rate() -> None:
    state, distance = begin(SGD)
    step(state, SGD, distance)
    assert [float(state.parameters.shift[site.name].detach()[0]) for site in SITES] == pytest.approx([-0.1, -0.1])


def test_the_rate_falls_along_a_cosine_to_a_thousandth() -> None:
    state, distance = begin(SGD)
    rates = []
    for _ in range(SGD.steps):
        before = state.parameters.shift["early"].detach().clone()
        step(state, SGD, distance)
        rates.append(float((before - state.parameters.shift["early"].detach())[0]) / SGD.learning_rate)
    expected = [LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * i / 10)) / 2 for i in range(10)]
    assert rates == pytest.approx(expected, abs=1e-5)
    assert rates[0] == pytest.approx(1) and LAST_RATE == 1e-3
    assert state.step == 10 and state.ending(SGD) == "finished"


def test_support_is_ranked_by_how_far_a_coordinate_moves_an_activation() -> None:
    """A factor counts as much as the activations that it scales are large; a shift counts as it is."""
    recipe = replace(SGD, learning_rate=1e-9, support=37.5)
    state, distance = begin(recipe)
    state.step = recipe.steps - 1
    with torch.no_grad():
        state.parameters.scale["early"].copy_(torch.tensor([1.2, 1.0, 1.0, 1.0]))  # moves activations of 1 by 0.2
        state.parameters.scale["late"].copy_(torch.tensor([1.1, 0.9, 1.0, 1.0]))  # moves activations of 3 by 0.3
        state.parameters.shift["late"].copy_(torch.tensor([0.0, 0.0, -0.25, 0.15]))
    step(state, recipe, distance)
    moved = {
        site: [
            bool(m)
            for m in ((state.parameters.scale[site] - 1).abs() > 1e-5) | (state.parameters.shift[site].abs() > 1e-5)
        ]
        for site in ("early", "late")
    }
    assert moved == {"early": [False] * 4, "late": [True, True, True, False]}


def test_the_support_shrinks_to_what_is_wanted_until_half_way() -> None:
    recipe = replace(SGD, support=25.0)
    kept = []
    for made in (0, 2, 4, 9):
        state, distance = begin(recipe)
        state.step = made
        with torch.no_grad():
            for tensor in state.parameters.scale.values():
                tensor.copy_(1 + torch.arange(1, 5) / 10)
        step(state, recipe, distance, grad=0.0)
        kept.append(sum(int((scale != 1).sum()) for scale in state.parameters.scale.values()))
    assert kept == [5, 2, 2, 2]


def test_a_scale_stays_above_zero() -> None:
    state, distance = begin(SGD)
    step(state, SGD, distance, grad=100.0)
    assert all(bool((scale == SMALLEST_SCALE).all()) for scale in state.parameters.scale.values())


def test_sparsity_shrinks_a_displacement_by_the_step_just_taken() -> None:
    recipe = replace(SGD, sparsity=0.5)
    state, distance = begin(recipe)
    step(state, recipe, distance)
    # −0.1 by the gradient, −0.05 after the soft threshold 0.1 · 0.5; the group's norm 0.1 shrinks by 0.1 · 0.5 · √4 to nothing
    assert [float(t.detach().abs().max()) for t in state.parameters.shift.values()] == [0.0, 0.0]
    recipe = replace(SGD, sparsity=0.25)
    state, distance = begin(recipe)
    step(state, recipe, distance)
    # 0.1 − 0.025 = 0.075, norm 0.15, shrunk by 0.05 to two thirds
    for tensor in (*state.parameters.shift.values(), *(scale - 1 for scale in state.parameters.scale.values())):
        torch.testing.assert_close(tensor.detach(), torch.full((4,), -0.05))


def loss_by_loss(losses: list[float]) -> tuple[TrainingState, list[Tensor]]:
    """A training whose parameters are set to the number of each step, with the loss of that step."""
    state, _ = begin(SGD)
    for number, loss in enumerate(losses):
        with torch.no_grad():
            for tensor in state.parameters.tensors():
                tensor.fill_(number)
        state.note(loss)
        state.step += 1
    return state, state.parameters.tensors()


@pytest.mark.parametrize("end", [11.0, math.nan, math.inf])
def test_a_training_that_diverges_ends_with_its_best_parameters(end: float) -> None:
    state, now = loss_by_loss([1.0, 0.5, 0.1, 4.0, 9.0, end])
    assert state.diverged and state.ending(SGD) == "diverged"
    assert state.best_step == 2
    assert all(float(tensor.detach()[0]) == 2 for tensor in now)


def test_ten_times_the_first_loss_is_not_astray_yet() -> None:
    state, now = loss_by_loss([1.0, DIVERGED])
    assert not state.diverged and float(now[0].detach()[0]) == 1


def test_a_loss_that_hardly_falls_is_no_progress() -> None:
    state, _ = loss_by_loss([1.0, *[0.9995] * 5])
    assert state.best_step == 0
    state, _ = loss_by_loss([1.0, *[0.99] * 5])
    assert state.best_step > 0


def test_a_plateau_is_patience_steps_without_progress() -> None:
    patient = replace(SGD, steps=100, patience=3)
    state, _ = loss_by_loss([1.0, 1.0, 1.0, 1.0])
    assert state.step - state.best_step == 4 and state.ending(patient) == "plateau"
    state, _ = loss_by_loss([1.0, 1.0, 1.0])
    assert state.ending(patient) is None
