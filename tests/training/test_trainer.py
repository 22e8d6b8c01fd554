"""Algorithm 1: what it minimises, that it is reproducible, and that it leaves the model alone."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tiny import SOURCE, TARGET, make_model

from lineas import LineasError, Recipe, SteeringMap, fit, steer, train
from lineas.methods import METHODS, train_with
from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.events import Checkpoint, Done, Event, Started, Step
from lineas.training.gradients import backward
from lineas.training.loss import Distance, SourceCache
from lineas.training.parameters import Parameters
from lineas.training.recipes import RECIPES, recipe_named
from lineas.training.wasserstein import wasserstein2

PLAIN = Recipe("test", "adam", 1e-2, 12)
ANCHORED = replace(PLAIN, source_batch=4, anchor=0.3, anchor_batch=3)


def done(events: list[Event]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


def same(one: SteeringMap, other: SteeringMap) -> bool:
    return all(
        torch.equal(one.scale[s], other.scale[s]) and torch.equal(one.shift[s], other.shift[s]) for s in one.sites
    )


def sites(steering_map: SteeringMap) -> dict[str, list[float]]:
    """Each site's distance, plain and steered, as the map's file tells it."""
    return dict(json.loads(steering_map.metadata["metrics"])["sites"])


def pooled_by_hand(model: LoadedModel, sentences: list[str]) -> list[torch.Tensor]:
    """Each site's mean over each sentence alone: no batch, no padding, and transformers' own hidden states are not used."""
    columns = []
    for site in model.sites:
        rows = []
        for sentence in sentences:
            kept = []
            handle = model.network.get_submodule(site.name).register_forward_hook(
                lambda m, i, o, kept=kept: kept.append(o)
            )
            model.network(**model.tokenizer(sentence, return_tensors="pt"))
            handle.remove()
            rows.append(kept[0][0].mean(dim=0))
        columns.append(torch.stack(rows))
    return columns


def test_the_distance_is_the_reference_loss_computed_by_hand(any_model: LoadedModel) -> None:
    started = next(e for e in train(any_model, SOURCE, TARGET, PLAIN) if isinstance(e, Started))
    source, target = pooled_by_hand(any_model, SOURCE), pooled_by_hand(any_model, TARGET)
    by_hand = 32 * torch.stack([wasserstein2(s, t).mean() for s, t in zip(source, target, strict=True)]).mean()
    assert started.distance == pytest.approx(float(by_hand), rel=1e-4)


@pytest.mark.parametrize("recipe", [PLAIN, ANCHORED, replace(PLAIN, optimizer="sgd", learning_rate=0.05)])
def test_training_brings_the_source_nearer(any_model: LoadedModel, recipe: Recipe) -> None:
    events = list(train(any_model, SOURCE, TARGET, recipe, name="bright"))
    end = done(events)
    assert end.loss_end < 0.9 * end.loss_start
    assert [e.step for e in events if isinstance(e, Step)] == list(range(1, 13))
    assert end.map.name == "bright"
    with steer(any_model, end.map):
        steered = pooled_by_hand(any_model, SOURCE)
    target = pooled_by_hand(any_model, TARGET)
    left = 32 * torch.stack([wasserstein2(s, t).mean() for s, t in zip(steered, target, strict=True)]).mean()
    assert end.loss_end == pytest.approx(float(left), rel=1e-3)
    plain = pooled_by_hand(any_model, SOURCE)
    told = sites(end.map)
    for site, was, now, wanted in zip(any_model.sites, plain, steered, target, strict=True):
        by_hand = [32 * float(wasserstein2(means, wanted).mean()) for means in (was, now)]
        assert told[site.name] == pytest.approx(by_hand, rel=2e-3)


def test_the_curve_of_small_batches_starts_and_ends_at_the_distance_of_all(any_model: LoadedModel) -> None:
    events = list(train(any_model, SOURCE, TARGET, replace(ANCHORED, source_batch=2, steps=24)))
    steps = [event.distance for event in events if isinstance(event, Step)]
    end = done(events)
    assert steps[0] == pytest.approx(end.loss_start, rel=0.25)
    assert steps[-1] == pytest.approx(end.loss_end, rel=0.25)


def test_the_time_left_is_that_of_steps(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Reading, and the plain model's answer that Teach shows meanwhile, take seconds once; an earlier sitting, too."""
    now = [0.0]
    for module in ("training.trainer", "models.progress"):
        monkeypatch.setattr(f"lineas.{module}.time", SimpleNamespace(perf_counter=lambda: now[0]))

    def left(resume_from: Path | None) -> list[float]:
        told = []
        for event in train(tiny_model, SOURCE, TARGET, PLAIN, resume_from=resume_from):
            if isinstance(event, Started):
                now[0] += 100.0
            elif isinstance(event, Step) and event.state:
                now[0] += 3.0
                told.append(event.eta)
                event.state.save(tmp_path / f"{event.step}.safetensors")
        return told

    expected = [3 * (step - 1) / step * (12 - step) for step in range(2, 11)]
    assert left(None)[1:] == [pytest.approx(seconds) for seconds in (*expected, 3.0, 0.0)]
    assert left(tmp_path / "6.safetensors")[1] == pytest.approx(3 / 2 * 4)


def test_the_same_seed_gives_the_same_map_and_another_seed_another(tiny_model: LoadedModel) -> None:
    first = fit(tiny_model, SOURCE, TARGET, ANCHORED, seed=3)
    assert same(first, fit(tiny_model, SOURCE, TARGET, ANCHORED, seed=3))
    assert not same(first, fit(tiny_model, SOURCE, TARGET, ANCHORED, seed=4))


def test_the_model_is_left_as_it_was_between_any_two_events() -> None:
    model = make_model("llama")
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    random_state = torch.random.get_rng_state()
    for _ in train(model, SOURCE, TARGET, ANCHORED):
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.network.modules())
        assert torch.is_grad_enabled()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.network.state_dict().items())
    assert not any(p.requires_grad or p.grad is not None for p in model.network.parameters())
    assert torch.equal(torch.random.get_rng_state(), random_state)


def test_few_sentences_are_compared_as_a_part_of_all(tiny_model: LoadedModel) -> None:
    generator = torch.Generator().manual_seed(0)
    width = sum(site.width for site in tiny_model.sites)
    means, target, fresh = (torch.randn(n, width, generator=generator) for n in (9, 7, 3))
    distance = Distance(tiny_model.sites, target)
    latest = SourceCache(distance, means)
    where = latest.places([6, 0, 4], first=12)
    assert where == [6, 0, 4]
    (few := fresh.clone()).requires_grad_()
    value = latest.loss(where)(few)
    value.backward()
    (whole := means.index_copy(0, torch.tensor(where), fresh)).requires_grad_()
    distance(whole).backward()
    moved = means + (fresh - means[where]).mean(dim=0)  # what is told: the others moved as these did
    assert value.item() == pytest.approx(distance(moved.index_copy(0, torch.tensor(where), fresh)).item())
    assert torch.allclose(few.grad, whole.grad[where] * 9 / 3)
    assert torch.equal(latest.means[where], fresh) and torch.equal(latest.means[1], means[1])


def test_of_very_many_sentences_the_oldest_make_room(tiny_model: LoadedModel) -> None:
    width = sum(site.width for site in tiny_model.sites)
    latest = SourceCache(Distance(tiny_model.sites, torch.zeros(4, width)), torch.zeros(100, width))
    assert len(latest.means) == SourceCache.LIMIT
    places = [place for step in range(16) for place in latest.places([99, 3, 64, 0], first=4 * step)]
    assert places == list(range(SourceCache.LIMIT))


def test_twice_the_same_sentences_change_neither_distance_nor_steps(tiny_model: LoadedModel) -> None:
    once = list(train(tiny_model, SOURCE, TARGET, PLAIN))
    twice = list(train(tiny_model, SOURCE * 2, TARGET * 2, PLAIN))
    assert done(twice).loss_start == pytest.approx(done(once).loss_start, rel=1e-4)
    assert done(twice).loss_end == pytest.approx(done(once).loss_end, rel=0.02)


@pytest.mark.parametrize("recipe", [PLAIN, ANCHORED, replace(PLAIN, optimizer="sgd"), replace(ANCHORED, support=20.0)])
def test_resuming_gives_the_uninterrupted_map(
    tiny_model: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: Recipe
) -> None:
    monkeypatch.setattr("lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    whole = fit(tiny_model, SOURCE, TARGET, recipe)
    events = train(tiny_model, SOURCE, TARGET, recipe)
    for event in events:
        if isinstance(event, Checkpoint) and event.step == 5:
            event.save(tmp_path / "checkpoint.safetensors")
            break
    events.close()
    resumed = list(train(tiny_model, SOURCE, TARGET, recipe, resume_from=tmp_path / "checkpoint.safetensors"))
    assert [e.step for e in resumed if isinstance(e, Step)] == list(range(6, 13))
    assert same(done(resumed).map, whole)
    assert sites(done(resumed).map) == sites(whole)


def test_a_checkpoint_of_another_training_is_refused(
    tiny_model: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.training.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    checkpoint = next(e for e in train(tiny_model, SOURCE, TARGET, PLAIN) if isinstance(e, Checkpoint))
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.save(path)
    with pytest.raises(LineasError, match="other sentences or settings"):
        list(train(tiny_model, SOURCE[:-1], TARGET, PLAIN, resume_from=path))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(LineasError, match="cannot be read"):
        list(train(tiny_model, SOURCE, TARGET, PLAIN, resume_from=path))


def test_a_training_that_goes_astray_is_stopped_and_the_best_map_kept(tiny_model: LoadedModel) -> None:
    events = list(train(tiny_model, SOURCE, TARGET, replace(PLAIN, optimizer="sgd", learning_rate=1e4, steps=30)))
    end = done(events)
    assert end.stopped == "diverged"
    assert "diverged" in end.message
    assert end.loss_end <= end.loss_start
    assert all(bool(torch.isfinite(t).all()) for t in end.map.scale.values())


def test_a_plateau_ends_the_training(tiny_model: LoadedModel) -> None:
    end = done(list(train(tiny_model, SOURCE, TARGET, replace(PLAIN, learning_rate=1e-9, steps=200, patience=5))))
    assert end.stopped == "plateau"
    assert end.steps < 20


def test_sparsity_and_wanted_support(tiny_model: LoadedModel) -> None:
    dense = fit(tiny_model, SOURCE, TARGET, PLAIN)
    sparse = fit(tiny_model, SOURCE, TARGET, replace(PLAIN, sparsity=0.1))
    assert dense.support() == 1.0
    assert 0 < sparse.support() < 0.9
    assert fit(tiny_model, SOURCE, TARGET, replace(PLAIN, sparsity=1e6)).support() == 0
    assert fit(tiny_model, SOURCE, TARGET, replace(PLAIN, support=25.0)).support() == pytest.approx(0.25, abs=0.02)


def test_only_the_chosen_sites_get_a_map(tiny_model: LoadedModel) -> None:
    assert fit(tiny_model, SOURCE, TARGET, PLAIN, sites=r"layers\.1\.mlp$").sites == ("model.layers.1.mlp",)


def test_small_gradients_survive_float16() -> None:
    def gradients(dtype: torch.dtype) -> torch.Tensor:
        model = make_model("llama")
        model.network.to(dtype)
        model = wrap_model(model.network, model.tokenizer, id="tiny")
        rows = tokenize(model, SOURCE, 64), tokenize(model, TARGET, 64)
        distance = Distance(model.sites, read_at_once(model, model.sites, rows[1]))
        parameters = Parameters(model.sites, model.device)
        backward(model, distance, parameters, *rows, 1e-6, 1e-6)
        return torch.cat([tensor.grad for tensor in parameters.tensors() if tensor.grad is not None])

    single, half = gradients(torch.float32), gradients(torch.float16)
    assert torch.cosine_similarity(single, half, dim=0) > 0.99
    assert float(half.norm()) == pytest.approx(float(single.norm()), rel=0.05)


def test_a_model_that_overflows_is_named() -> None:
    model = make_model("llama")
    with torch.no_grad():
        model.network.get_submodule(model.sites[0].name).weight.fill_(torch.inf)
    with pytest.raises(LineasError, match=r"'tiny-llama' overflows in float32.*Choose another model"):
        fit(model, SOURCE, TARGET)


def test_too_few_sentences_and_wrong_settings() -> None:
    model = make_model("llama")
    with pytest.raises(LineasError, match="source side has 3 sentences; at least 4"):
        fit(model, SOURCE[:3], TARGET)
    with pytest.raises(LineasError, match="target side has 0 sentences"):
        fit(model, SOURCE, [])
    with pytest.raises(LineasError, match=r"no recipe 'fast'. Choose one of quick, thorough, paper"):
        fit(model, SOURCE, TARGET, "fast")
    for wrong in ({"steps": 0}, {"sparsity": -1.0}, {"support": 0.0}, {"support": 101.0}):
        with pytest.raises(LineasError):
            recipe_named("quick", **wrong)
    assert recipe_named("paper", steps=7) == replace(RECIPES["paper"], steps=7)


@pytest.mark.parametrize("method", ["mean_act", "lin_act"])
def test_sequential_methods_match_every_site_in_turn(any_model: LoadedModel, method: str) -> None:
    """Each site's steered mean is the target's, read through the earlier maps: by construction, and only if they were on."""
    end = done(list(train_with(method, any_model, SOURCE, TARGET, PLAIN)))
    with steer(any_model, end.map):
        steered = pooled_by_hand(any_model, SOURCE)
    names = [site.name for site in any_model.sites]
    for i, ours in enumerate(steered):
        earlier = SteeringMap(*({name: part[name] for name in names[:i]} for part in (end.map.scale, end.map.shift)))
        with steer(any_model, earlier):
            target = pooled_by_hand(any_model, TARGET)[i]
        torch.testing.assert_close(ours.mean(dim=0), target.mean(dim=0), rtol=1e-3, atol=1e-3)
    assert end.loss_end < end.loss_start
    assert end.map.metadata["method"] == method
    before, after = zip(*sites(end.map).values(), strict=True)
    assert sum(before) / len(before) == pytest.approx(end.loss_start, rel=1e-3)
    assert sum(after) / len(after) == pytest.approx(end.loss_end, rel=1e-3)


def test_an_unknown_method_is_named(tiny_model: LoadedModel) -> None:
    with pytest.raises(LineasError, match=f"no method 'magic'. Choose one of {', '.join(METHODS)}"):
        train_with("magic", tiny_model, SOURCE, TARGET, PLAIN)
