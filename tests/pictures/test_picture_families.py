"""Six families of pipelines: every site fires, the gradient reaches it, strength 0 is the plain picture, maps are kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_pipelines import FAMILIES, tiny

from lineas.errors import LineasError
from lineas.pictures.activations import Row, site_means
from lineas.pictures.generate import generate, steer
from lineas.pictures.model import PictureModel
from lineas.pictures.recipes import picture_recipe
from lineas.pictures.sampling import Drawing, call_pipeline, negative_inputs
from lineas.pictures.train import fit
from lineas.steering.map import SteeringMap
from lineas.training.parameters import Parameters

PROMPTS = [f"a house {word}" for word in ("here", "there", "now", "then")]
WANTED = [f"{prompt} at night" for prompt in PROMPTS]
SITES = {"stable-diffusion": 33, "sdxl": 33, "sd3": 8, "flux": 4, "pixart": 5, "aura-flow": 6}
"""Counted in each architecture by hand; in FLUX blocks, else norms of a picture's or text's stream, none inside another."""


@pytest.fixture(params=FAMILIES, scope="module")
def model(request: pytest.FixtureRequest) -> PictureModel:
    return tiny(request.param)


def random_map(model: PictureModel) -> SteeringMap:
    torch.manual_seed(1)
    widths = {site.name: site.width for site in model.sites}
    return SteeringMap(
        {site: 1 + 0.3 * torch.randn(width) for site, width in widths.items()},
        {site: 0.3 * torch.randn(width) for site, width in widths.items()},
    )


def latents(model: PictureModel, guidance: float = 0.0, rows: int = 3) -> torch.Tensor:
    with torch.no_grad():
        found = call_pipeline(model.pipeline, model.inputs(["a house"] * rows), [5] * rows, 2, guidance, "latent")
    assert isinstance(found, torch.Tensor)
    return found


@pytest.mark.parametrize("steps", [1, 4])
def test_every_site_fires_and_the_gradient_reaches_it(model: PictureModel, steps: int) -> None:
    assert len(model.sites) == SITES[model.id]
    parameters = Parameters(model.sites, torch.device("cpu"))
    means = site_means(model, model.sites, [Row("a", 0), Row("b", 1)], Drawing(steps), parameters.changes())
    assert means.shape == (2, sum(site.width for site in model.sites))
    means.square().sum().backward()
    for site in model.sites:
        for tensor in (parameters.scale[site.name], parameters.shift[site.name]):
            assert tensor.grad is not None and tensor.grad.shape == (site.width,), site
            assert bool((tensor.grad != 0).any()), site


def test_a_graph_of_less_memory_gives_the_same_gradient(model: PictureModel) -> None:
    """Blocks are computed again on the way back, also when nobody intercepts them any more."""
    kept: list[int] = []
    found: list[list[torch.Tensor]] = []
    for recompute in (False, True):
        parameters, stored = Parameters(model.sites, torch.device("cpu")), dict[int, int]()

        def pack(tensor: torch.Tensor, stored: dict[int, int] = stored) -> torch.Tensor:
            stored[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            rows = [Row("a", 0), Row("b", 1)]
            means = site_means(model, model.sites, rows, Drawing(2), parameters.changes(), recompute=recompute)
        means.square().sum().backward()
        kept.append(sum(stored.values()))
        found.append([means.detach(), *(tensor.grad for tensor in parameters.tensors() if tensor.grad is not None)])
    assert kept[1] < kept[0] / 3
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("guidance", [0.0, 4.0])
def test_rows_have_a_strength_each_and_zero_is_the_plain_picture(model: PictureModel, guidance: float) -> None:
    one = random_map(model)
    plain = latents(model, guidance)
    with steer(model, one, [0.0, 0.5, 1.0]):
        rows = latents(model, guidance)
    with steer(model, one, [1.0, 1.0, 1.0]):
        full = latents(model, guidance)
    assert torch.equal(rows[0], plain[0])
    assert torch.allclose(rows[2], full[0], atol=1e-4), "a row is steered as if it were alone"
    assert (rows[1] - plain[1]).abs().max() > 1e-3
    assert (rows[1] - rows[2]).abs().max() > 1e-3
    assert torch.equal(latents(model, guidance), plain), "nothing stays behind"


def test_a_map_is_learned_saved_and_refused_elsewhere(model: PictureModel, tmp_path: Path) -> None:
    learned = fit(model, PROMPTS, WANTED, replace(picture_recipe("quick"), steps=3), name="night")
    assert learned.metadata["pipeline"] == type(model.pipeline).__name__
    learned.save(tmp_path / "night.safetensors")
    again = SteeringMap.load(tmp_path / "night.safetensors")
    assert again.metadata == {**learned.metadata, "format": "lineas-map", "format_version": "1"}
    for maps in (learned, again):
        first, second = (
            np.asarray(p.image) for p in generate(model, ["a house"], maps, [0.0, 1.0], drawing=Drawing(1))
        )
        assert (first != second).any()
    other = tiny("flux" if model.id != "flux" else "sd3")
    with pytest.raises(LineasError, match="does not fit"), steer(other, again, [1.0]):
        pass


def test_a_negative_prompt_needs_guidance() -> None:
    model = tiny("stable-diffusion")
    with pytest.raises(LineasError, match="works by guidance"):
        next(generate(model, ["a house"], negative="at night"))
    flux = negative_inputs(tiny("flux").pipeline, "at night", 2, 4.0)
    assert flux == {"negative_prompt": ["at night"] * 2, "true_cfg_scale": 4.0}, "FLUX takes its guidance as a number"


def test_channels_are_steered_where_they_are() -> None:
    """A map of one channel of a convolution's norm moves that channel, everywhere and nothing else."""
    model = tiny("stable-diffusion")
    site = next(site for site in model.sites if site.axis == 1)
    shift = torch.zeros(site.width)
    shift[3] = 2.0
    seen: list[torch.Tensor] = []
    module = model.network.get_submodule(site.name)
    with steer(model, SteeringMap({site.name: torch.ones(site.width)}, {site.name: shift}), [0.0, 1.0]):
        handle = module.register_forward_hook(lambda module, inputs, output: seen.append(output))
        latents(model, rows=2)
        handle.remove()
    moved = (seen[0][1] - seen[0][0]).amax(dim=(1, 2)), (seen[0][1] - seen[0][0]).amin(dim=(1, 2))
    assert all(torch.allclose(part, shift, atol=1e-5) for part in moved)


def test_flux_is_steered_where_its_picture_is() -> None:
    """The last block returns the text's stream first, which nothing reads any more."""
    model = tiny("flux")
    last = model.sites[-1]
    torch.manual_seed(2)
    moved = SteeringMap({last.name: torch.ones(last.width)}, {last.name: torch.randn(last.width)})
    plain = latents(model)
    with steer(model, moved, [1.0, 1.0, 1.0]):
        assert (latents(model) - plain).abs().max() > 1e-2
