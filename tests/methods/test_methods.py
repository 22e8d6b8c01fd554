"""Tests that every method passes: its map or adapter steers, has no effect at strength 0, can be saved, and leaves no trace."""

import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from maps import random_map
from tiny import SOURCE, TARGET, make_model

from lineas import LineasError, generate, steer
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.methods import METHODS, MIN_TEXT_STEPS, train_with
from lineas.methods.load import load_steering
from lineas.methods.reft import TrainedEdit
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Done, Event, Started, Step
from lineas.training.recipes import recipe_named

RECIPE = recipe_named("quick", steps=4)
IDS = torch.tensor([[6, 7, 8, 9, 10], [11, 12, 13, 14, 15], [6, 7, 8, 9, 10]])
SAMPLING = Sampling(max_new_tokens=8, temperature=1.0, top_p=1.0, repetition_penalty=1.0)
NEEDS_TRL = pytest.mark.skipif(find_spec("trl") is None, reason="the extra 'rl' is not installed")
ALL = [pytest.param(name, marks=NEEDS_TRL) if name == "lora_rl" else name for name in METHODS]
FAMILIES = ("llama", "gpt2")


def fit(method: str, model: LoadedModel) -> Steering:
    done = list(train_with(method, model, SOURCE, TARGET, RECIPE, seed=3, name="bright"))[-1]
    assert isinstance(done, Done)
    return done.map


def logits(model: LoadedModel) -> torch.Tensor:
    with torch.no_grad():
        return model.network(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits


class Trace:
    """The state of a model; ``check`` asserts that it has not changed."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.modules = [name for name, _ in model.network.named_modules()]
        self.tensors = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
        self.config = model.network.config.to_dict()
        self.padding = model.tokenizer.padding_side

    def check(self) -> None:
        network = self.model.network
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
        assert [name for name, _ in network.named_modules()] == self.modules
        assert all(torch.equal(tensor, self.tensors[name]) for name, tensor in network.state_dict().items())
        assert not any(p.requires_grad or p.grad is not None for p in network.parameters())
        assert not network.training
        assert network.config.to_dict() == self.config
        assert self.model.tokenizer.padding_side == self.padding


class Fitted:
    def __init__(self, method: str, model: LoadedModel) -> None:
        self.method, self.model = method, model
        self.trace, self.plain = Trace(model), logits(model)
        self.events: list[Event] = []
        for event in train_with(method, model, SOURCE, TARGET, RECIPE, seed=3, name="bright"):
            self.trace.check()
            self.events.append(event)
        done = self.events[-1]
        assert isinstance(done, Done)
        self.steering: Steering = done.map


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> LoadedModel:
    return make_model(request.param)


@pytest.fixture(scope="module", params=ALL)
def fitted(request: pytest.FixtureRequest, model: LoadedModel) -> Fitted:
    return Fitted(request.param, model)


def test_a_training_yields_its_steps_and_ends_with_the_steering(fitted: Fitted) -> None:
    steps = [event for event in fitted.events if isinstance(event, Step)]
    started = [event for event in fitted.events if isinstance(event, Started)]
    done = fitted.events[-1]
    assert isinstance(done, Done) and len(started) == 1
    assert [step.step for step in steps] == list(range(1, started[0].of + 1)) and done.steps == len(steps)
    assert fitted.steering.name == "bright"
    assert fitted.steering.metadata["method"] == fitted.method
    assert fitted.steering.metadata["base_model_fingerprint"] == fitted.model.fingerprint


def test_it_steers_and_leaves_no_trace(fitted: Fitted) -> None:
    with steer(fitted.model, fitted.steering):
        assert not torch.allclose(logits(fitted.model), fitted.plain)
    assert torch.equal(logits(fitted.model), fitted.plain)
    fitted.trace.check()


def test_errors_and_cancelled_trainings_leave_no_trace(fitted: Fitted) -> None:
    with pytest.raises(ZeroDivisionError), steer(fitted.model, fitted.steering):
        raise ZeroDivisionError
    events = train_with(fitted.method, fitted.model, SOURCE, TARGET, RECIPE)
    next(events)
    events.close()
    fitted.trace.check()
    assert not [thread for thread in threading.enumerate() if thread.name == "lineas-rl"]


def test_strength_0_is_the_plain_model_bit_for_bit(fitted: Fitted) -> None:
    with steer(fitted.model, fitted.steering, 0.0):
        assert torch.equal(logits(fitted.model), fitted.plain)
    rows = [Row(), Row(fitted.steering, 0.0)]
    plain, zero = generate(fitted.model, ["the day was"], rows, SAMPLING)[0]
    assert plain == zero


def test_a_saved_and_loaded_steering_acts_the_same(fitted: Fitted, tmp_path: Path) -> None:
    fitted.steering.with_metadata(description="a day at sea").save(tmp_path / "it.safetensors")
    loaded = load_steering(tmp_path / "it.safetensors")
    assert type(loaded) is type(fitted.steering) and loaded.metadata["description"] == "a day at sea"
    assert loaded.widths == fitted.steering.widths
    for strength in (0.5, 1.0):
        with steer(fitted.model, loaded, strength):
            from_file = logits(fitted.model)
        with steer(fitted.model, fitted.steering, strength):
            assert torch.equal(from_file, logits(fitted.model))


def test_the_same_seed_gives_the_same_steering(fitted: Fitted) -> None:
    with steer(fitted.model, fitted.steering):
        first = logits(fitted.model)
    with steer(fitted.model, fit(fitted.method, fitted.model)):
        assert torch.equal(first, logits(fitted.model))


def test_an_answer_does_not_depend_on_the_other_rows(fitted: Fitted) -> None:
    steered, other = Row(fitted.steering, 1.0), Row(random_map(fitted.model.sites), 0.7)
    prompts = ["the day was", "I went"]
    together = generate(fitted.model, prompts, [Row(), other, steered, Row(fitted.steering, 0.5)], SAMPLING)
    alone = generate(fitted.model, prompts, [steered], SAMPLING)
    plain = generate(fitted.model, prompts, [Row()], SAMPLING)
    assert [answers[2] for answers in together] == [answers[0] for answers in alone]
    assert [answers[0] for answers in together] == [answers[0] for answers in plain]


def test_another_thread_sees_the_plain_model(fitted: Fitted) -> None:
    seen: list[torch.Tensor] = []
    with steer(fitted.model, fitted.steering):
        thread = threading.Thread(target=lambda: seen.append(logits(fitted.model)))
        thread.start()
        thread.join()
    assert torch.equal(seen[0], fitted.plain)


def test_too_few_sentences_are_refused(fitted: Fitted) -> None:
    with pytest.raises(LineasError, match="at least 4"):
        list(train_with(fitted.method, fitted.model, SOURCE[:3], TARGET))


@pytest.mark.parametrize("method", ["reft", "lora"])
@pytest.mark.parametrize(("steps", "at"), [(4, 2), (1, 1)])
def test_a_diverged_training_is_an_error(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch, method: str, steps: int, at: int
) -> None:
    monkeypatch.setattr(f"lineas.methods.{method}.LEARNING_RATE", float("inf"))
    trace = Trace(model)
    with pytest.raises(LineasError, match=f"diverged at step {at}: .*Fewer steps"):
        list(train_with(method, model, SOURCE, TARGET, recipe_named("quick", steps=steps)))
    trace.check()


@pytest.mark.parametrize("method", ["reft", "lora"])
def test_a_named_recipe_takes_the_minimum_of_text_steps(model: LoadedModel, method: str) -> None:
    for recipe, steps in (("quick", MIN_TEXT_STEPS), (RECIPE, RECIPE.steps)):
        *_, last = train_with(method, model, SOURCE, TARGET, recipe)
        assert isinstance(last, Done) and last.steps == steps


def test_an_edit_acts_on_the_outputs_device() -> None:
    assert TrainedEdit(16)(torch.empty(1, 2, 16, device="meta")).device.type == "meta"


def test_an_unknown_method_is_an_error_that_names_all() -> None:
    with pytest.raises(LineasError, match=r"'magic'.*caa"):
        train_with("magic", make_model("llama"), SOURCE, TARGET)


def test_rows_with_maps_and_adapters_share_a_batch(any_model: LoadedModel) -> None:
    reft, lora, a_map = fit("reft", any_model), fit("lora", any_model), random_map(any_model.sites)
    with steer(any_model, [reft, a_map, lora], [1.0, 0.5, 2.0]):
        rows = logits(any_model)
    for i, (steering, strength) in enumerate([(reft, 1.0), (a_map, 0.5), (lora, 2.0)]):
        with steer(any_model, steering, strength):
            torch.testing.assert_close(rows[i], logits(any_model)[i])


def test_an_adapter_of_another_model_is_refused(model: LoadedModel) -> None:
    other = make_model("qwen2" if model.id == "tiny-gpt2" else "gpt2")
    for method in ("reft", "lora", "lin_act_clamp"):
        with pytest.raises(LineasError, match=f"made for '{model.id}'"), steer(other, fit(method, model)):
            pass


def test_other_files_are_refused(tmp_path: Path, tiny_model: LoadedModel) -> None:
    path = tmp_path / "it.safetensors"
    with pytest.raises(LineasError, match="no file"):
        load_steering(path)
    path.write_bytes(b"not a tensor")
    with pytest.raises(LineasError, match=r"it\.safetensors.*no safetensors file"):
        load_steering(path)
    good = fit("reft", tiny_model)
    site = next(iter(good.tensors))
    bad = dict(good.tensors[site])
    del bad["bias"]
    type(good)({site: bad}).save(path)
    with pytest.raises(LineasError, match="instead of rotate, weight, bias"):
        load_steering(path)
    type(good)({site: {"rotate": torch.full((4, 16), torch.nan)}}).save(path)
    with pytest.raises(LineasError, match="finite"):
        load_steering(path)


def test_without_trl_the_error_says_what_to_install(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(LineasError, match=r"pip install trl"):
        list(train_with("lora_rl", tiny_model, SOURCE, TARGET))


@NEEDS_TRL
def test_a_scorer_is_the_reward(tiny_model: LoadedModel) -> None:
    seen: list[str] = []

    def score(texts: list[str]) -> list[float]:
        seen.extend(texts)
        return [float(len(text)) for text in texts]

    done = list(train_with("lora_rl", tiny_model, SOURCE, TARGET, RECIPE, scorer=score))[-1]
    assert isinstance(done, Done)
    assert -done.loss_start == pytest.approx(sum(map(len, seen[:16])) / 16)
