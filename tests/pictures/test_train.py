"""Training on pictures: the distance falls, closing leaves nothing behind, resuming gives the same map, errors say what to do."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_pipelines import tiny
from torch import nn

from lineas.errors import LineasError
from lineas.methods.closed_form import linear_fit
from lineas.pictures.activations import site_means
from lineas.pictures.baselines import fit_with
from lineas.pictures.model import PictureModel
from lineas.pictures.recipes import picture_recipe
from lineas.pictures.sampling import Drawing
from lineas.pictures.train import fit, noisy_rows, train
from lineas.steering.intercept import affine
from lineas.training.events import Done, Started, Step

SOURCE = [f"a house {i}" for i in range(6)]
TARGET = [f"a house {i} at night" for i in range(5)]


@pytest.fixture(scope="module")
def model() -> PictureModel:
    return tiny("stable-diffusion")


@pytest.mark.parametrize(
    ("recipe", "drawing"),
    [("quick", Drawing(1)), ("quick", Drawing(4)), ("paper", Drawing(1))],
    ids=["quick", "quick, four steps", "paper"],
)
def test_the_distance_falls(model: PictureModel, recipe: str, drawing: Drawing) -> None:
    events = list(train(model, SOURCE, TARGET, replace(picture_recipe(recipe), steps=4), drawing=drawing))
    assert [event.step for event in events if isinstance(event, Step)] == list(range(1, 5))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.loss_end < (0.9 if recipe == "quick" else 0.999) * done.loss_start
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_resuming_gives_the_same_map(model: PictureModel, tmp_path: Path) -> None:
    recipe = replace(picture_recipe("quick"), steps=4)
    whole = fit(model, SOURCE, TARGET, recipe)
    for event in train(model, SOURCE, TARGET, recipe):
        if isinstance(event, Step) and event.step == 2:
            assert event.state is not None
            event.state.save(tmp_path / "checkpoint")
            break
    *_, done = train(model, SOURCE, TARGET, recipe, resume_from=tmp_path / "checkpoint")
    assert isinstance(done, Done)
    for site in whole.sites:
        assert torch.equal(whole.scale[site], done.map.scale[site])
        assert torch.equal(whole.shift[site], done.map.shift[site])
    with pytest.raises(LineasError, match="other sentences or settings"):
        next(event for event in train(model, SOURCE, TARGET, recipe, seed=1, resume_from=tmp_path / "checkpoint")
             if isinstance(event, Started))  # fmt: skip


def test_a_step_that_runs_out_of_memory_is_taken_in_parts(model: PictureModel) -> None:
    """At first the blocks are computed again, then fewer pictures keep a graph; the map is the same."""
    recipe = replace(picture_recipe("quick"), steps=3)
    whole = fit(model, SOURCE, TARGET, recipe)
    most, tried = 2, list[tuple[int, bool]]()

    def fill(network: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if torch.is_grad_enabled():
            tried.append((len(inputs[0]), bool(network.is_gradient_checkpointing)))
            if len(inputs[0]) > most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    handle = model.network.register_forward_pre_hook(fill)
    try:
        parts = fit(model, SOURCE, TARGET, recipe)
        assert tried == [(4, False), (4, True), *[(2, True)] * 6]
        for site in whole.sites:
            assert torch.allclose(whole.scale[site], parts.scale[site], atol=1e-4)
            assert torch.allclose(whole.shift[site], parts.shift[site], atol=1e-4)
        most = 0
        with pytest.raises(torch.OutOfMemoryError):
            fit(model, SOURCE, TARGET, recipe)
    finally:
        handle.remove()


def test_lin_act_reads_both_sides_through_its_earlier_maps(model: PictureModel) -> None:
    """The last site's line is fitted to what both sides are there once all other sites are steered."""
    made = fit_with("lin_act", model, SOURCE, TARGET, seed=3)
    *earlier, last = model.sites
    changes = {site.name: affine(made.scale[site.name], made.shift[site.name], site.axis) for site in earlier}
    with torch.no_grad():
        source, target = (site_means(model, [last], noisy_rows(side, 3), Drawing(1), {}) for side in (SOURCE, TARGET))
        plain = linear_fit(source, target)
        source, target = (
            site_means(model, model.sites, noisy_rows(side, 3), Drawing(1), changes)[:, -last.width :]
            for side in (SOURCE, TARGET)
        )
    scale, shift = linear_fit(source, target)
    assert torch.allclose(made.scale[last.name], scale, atol=1e-4)
    assert torch.allclose(made.shift[last.name], shift, atol=1e-4)
    assert not torch.allclose(scale, plain[0], atol=1e-2)
    assert made.metadata["method"] == "lin_act"


def test_too_few_prompts(model: PictureModel) -> None:
    with pytest.raises(LineasError, match="at least 4"):
        fit(model, SOURCE[:3], TARGET)


def test_unknown_recipe(model: PictureModel) -> None:
    with pytest.raises(LineasError, match="no recipe 'thorough' for pictures"):
        fit(model, SOURCE, TARGET, "thorough")
