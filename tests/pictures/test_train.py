"""Training on pictures: the distance falls, closing leaves nothing behind, resuming gives the same map, errors say what to do."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_pipelines import tiny

from lineas.errors import LineasError
from lineas.pictures.model import PictureModel
from lineas.pictures.recipes import PICTURE_RECIPES, picture_recipe
from lineas.pictures.sampling import Drawing
from lineas.pictures.train import fit, train
from lineas.training.events import Done, Started, Step

SOURCE = [f"a house {i}" for i in range(6)]
TARGET = [f"a house {i} at night" for i in range(5)]


@pytest.fixture(scope="module")
def model() -> PictureModel:
    return tiny("stable-diffusion")


@pytest.mark.parametrize("recipe", PICTURE_RECIPES)
@pytest.mark.parametrize("drawing", [Drawing(1), Drawing(4)], ids=["one step", "four steps"])
def test_the_distance_falls(model: PictureModel, recipe: str, drawing: Drawing) -> None:
    events = list(train(model, SOURCE, TARGET, replace(picture_recipe(recipe), steps=10), drawing=drawing))
    assert [event.step for event in events if isinstance(event, Step)] == list(range(1, 11))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.loss_end < (0.9 if recipe == "quick" else 0.999) * done.loss_start
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_resuming_gives_the_same_map(model: PictureModel, tmp_path: Path) -> None:
    recipe = replace(picture_recipe("quick"), steps=6)
    whole = fit(model, SOURCE, TARGET, recipe)
    for event in train(model, SOURCE, TARGET, recipe):
        if isinstance(event, Step) and event.step == 3:
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


def test_too_few_prompts(model: PictureModel) -> None:
    with pytest.raises(LineasError, match="at least 4"):
        fit(model, SOURCE[:3], TARGET)


def test_unknown_recipe(model: PictureModel) -> None:
    with pytest.raises(LineasError, match="no recipe 'thorough' for pictures"):
        fit(model, SOURCE, TARGET, "thorough")
