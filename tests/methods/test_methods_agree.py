"""Every method against an independent reference: NumPy, SciPy, merged weights, or peft."""

import copy
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from tiny import SOURCE, TARGET, make_config, make_tokenizer
from transformers import AutoModelForCausalLM

from lineas import SteeringMap, record, steer
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.methods import recipe_for, train_with
from lineas.methods.aura import auroc, damping, mlp_linears
from lineas.methods.iti_c import direction_shift, logistic_fit
from lineas.methods.lin_act_clamp import ClampedMap
from lineas.methods.lora import LoRA, adapter_tensors, attention_linears, with_new_adapters
from lineas.methods.pooling import mean_after_first
from lineas.methods.prompting import Instruction, from_examples
from lineas.methods.reft import LoReFT
from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.sites import find_sites
from lineas.steering.adapter import Steering
from lineas.training.events import Done
from lineas.training.recipes import recipe_named

Array = NDArray[np.float64]
IDS = torch.tensor([[6, 7, 8, 9, 10, 11]])


def fit(method: str, model: LoadedModel, steps: int = 4, target: Sequence[str] = TARGET) -> Steering:
    recipe = recipe_for(method, recipe_named("quick", steps=steps))
    done = list(train_with(method, model, SOURCE, target, recipe))[-1]
    assert isinstance(done, Done)
    return done.map


def outputs(model: LoadedModel, sentences: Sequence[str], site: str) -> list[Array]:
    """A site's output for each sentence, read one at a time; each of shape (tokens, width)."""
    found = []
    for sentence in sentences:
        with record(model, [site]) as seen, torch.no_grad():
            model.network(input_ids=torch.tensor([model.tokenizer(sentence)["input_ids"]]))
        found.append(seen[site][0].double().numpy())
    return found


def means(model: LoadedModel, sentences: Sequence[str], site: str, first: int = 0) -> Array:
    return np.array([rows[first:].mean(axis=0) for rows in outputs(model, sentences, site)])


def close(found: torch.Tensor, expected: Array) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-4, atol=2e-5)


def test_caa_is_the_difference_of_means(any_model: LoadedModel) -> None:
    everywhere, middle = fit("caa", any_model), fit("caa_middle", any_model)
    assert isinstance(everywhere, SteeringMap) and isinstance(middle, SteeringMap)
    blocks = [site.name for site in find_sites(any_model.network, "blocks")]
    assert list(everywhere.sites) == blocks and list(middle.sites) == [blocks[1]]
    for block in blocks:
        source, target = means(any_model, SOURCE, block, first=1), means(any_model, TARGET, block, first=1)
        close(everywhere.shift[block], target.mean(axis=0) - source.mean(axis=0))
        close(everywhere.scale[block], np.ones(16))
    assert torch.equal(middle.shift[blocks[1]], everywhere.shift[blocks[1]])


def test_the_mean_after_the_first_token_needs_another() -> None:
    output, mask = torch.arange(12.0).reshape(2, 3, 2), torch.tensor([[True, True, False], [True, False, False]])
    assert mean_after_first(output, mask).tolist() == [[2.0, 3.0], [6.0, 7.0]]


def test_lin_act_is_a_line_through_sorted_samples(any_model: LoadedModel) -> None:
    target = TARGET[: len(SOURCE)]
    steering = fit("lin_act", any_model, target=target)
    assert isinstance(steering, SteeringMap)
    earlier: list[str] = []
    for site in steering.sites:
        before = SteeringMap({s: steering.scale[s] for s in earlier}, {s: steering.shift[s] for s in earlier})
        with steer(any_model, before):  # both sides, as in the authors' program
            here, wanted = means(any_model, SOURCE, site), means(any_model, target, site)
        for k in range(here.shape[1]):
            slope, offset = np.polyfit(np.sort(here[:, k]), np.sort(wanted[:, k]), 1)
            assert float(steering.scale[site][k]) == pytest.approx(slope, rel=2e-3, abs=2e-4)
            assert float(steering.shift[site][k]) == pytest.approx(offset, rel=2e-3, abs=2e-4)
        earlier.append(site)


def test_the_clamp_leaves_values_outside_the_sources_range(any_model: LoadedModel) -> None:
    steering = fit("lin_act_clamp", any_model)
    assert isinstance(steering, ClampedMap)
    site = steering.sites[0]
    source = means(any_model, SOURCE, site)
    parts = {name: tensor.double().numpy() for name, tensor in steering.tensors[site].items()}
    close(steering.tensors[site]["low"], source.min(axis=0))
    close(steering.tensors[site]["high"], source.max(axis=0))
    with record(any_model, [site]) as plain, torch.no_grad():
        any_model.network(input_ids=IDS)
    z = plain[site][0].double().numpy()
    inside = (parts["low"] <= z) & (z <= parts["high"])
    assert inside.any() and not inside.all()
    for strength in (0.5, 1.0):
        with steer(any_model, steering, strength), record(any_model, [site]) as steered, torch.no_grad():
            any_model.network(input_ids=IDS)
        moved = (1 - strength) * z + strength * (parts["scale"] * z + parts["shift"])
        close(steered[site][0], np.where(inside, moved, z))


def test_auroc_and_damping_match_their_definitions() -> None:
    generator = torch.Generator().manual_seed(0)
    source = torch.randint(0, 5, (9, 7), generator=generator).float()  # few values, many ties
    target = torch.randint(0, 5, (6, 7), generator=generator).float()
    expected = np.array(
        [
            np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a in source[:, k] for b in target[:, k]])
            for k in range(7)
        ]
    )
    close(auroc(source, target), expected)
    close(damping(source, target)[0], np.where(expected > 0.5, 1 - 2 * (expected - 0.5), 1.0))


def test_aura_dampens_by_the_maximum_response(any_model: LoadedModel) -> None:
    steering = fit("aura", any_model)
    assert isinstance(steering, SteeringMap)
    names = {site.name for site in mlp_linears(any_model.network, "default")}
    assert set(steering.sites) == names and all("mlp." in name for name in names)
    for site in steering.sites[:3]:
        source = torch.tensor(np.array([rows.max(axis=0) for rows in outputs(any_model, SOURCE, site)]))
        target = torch.tensor(np.array([rows.max(axis=0) for rows in outputs(any_model, TARGET, site)]))
        close(steering.scale[site], damping(source, target)[0].numpy())
        assert not steering.shift[site].any()


def test_the_classifier_is_scipys() -> None:
    generator = torch.Generator().manual_seed(1)
    source = torch.randn(20, 6, generator=generator) + 3
    target = torch.randn(15, 6, generator=generator) * 2 + 3.5
    points = np.concatenate([source.numpy(), target.numpy()]).astype(float)
    labels = np.array([-1.0] * 20 + [1.0] * 15)

    def loss(w: Array) -> float:
        return float(0.5 * w[:-1] @ w[:-1] + np.logaddexp(0, -labels * (points @ w[:-1] + w[-1])).sum())

    expected = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-8}).x
    weights, offset = logistic_fit(source, target)
    np.testing.assert_allclose(weights.numpy(), expected[:-1], atol=1e-5)
    assert float(offset) == pytest.approx(expected[-1], abs=1e-4)
    direction = expected[:-1] / np.linalg.norm(expected[:-1])
    close(direction_shift(source, target)[1], np.std(points @ direction) * direction)


def test_iti_c_shifts_attention_outputs(any_model: LoadedModel) -> None:
    steering = fit("iti_c", any_model)
    assert isinstance(steering, SteeringMap)
    assert list(steering.sites) == [site.name for site in find_sites(any_model.network, "attention")]
    for site in steering.sites:
        source, target = means(any_model, SOURCE, site), means(any_model, TARGET, site)
        shift = direction_shift(torch.tensor(source), torch.tensor(target))[1].numpy()
        np.testing.assert_allclose(steering.shift[site].numpy(), shift, rtol=1e-3, atol=1e-5)
        assert (target.mean(0) - source.mean(0)) @ steering.shift[site].numpy() > 0


def test_loreft_is_its_formula(any_model: LoadedModel) -> None:
    steering = fit("reft", any_model, steps=10)
    assert isinstance(steering, LoReFT)
    site = steering.sites[0]
    rotate, weight, bias = (steering.tensors[site][name].double().numpy() for name in LoReFT.parts)
    assert rotate.shape == (4, 16)
    np.testing.assert_allclose(rotate @ rotate.T, np.eye(4), atol=1e-5)
    with record(any_model, [site]) as plain, torch.no_grad():
        any_model.network(input_ids=IDS)
    h = plain[site][0].double().numpy()
    expected = np.array([row + 0.7 * rotate.T @ (weight @ row + bias - rotate @ row) for row in h])
    with steer(any_model, steering, 0.7), record(any_model, [site]) as steered, torch.no_grad():
        any_model.network(input_ids=IDS)
    close(steered[site][0], expected)
    assert np.abs(expected - h).max() > 1e-3


def test_lora_is_weights_plus_a_product(any_model: LoadedModel) -> None:
    steering = fit("lora", any_model)
    assert isinstance(steering, LoRA)
    linears = 2 if any_model.id == "tiny-gpt2" else 4
    assert len(steering.sites) == 3 * linears and all("attn" in site for site in steering.sites)
    merged = copy.deepcopy(any_model.network)
    for site, parts in steering.tensors.items():
        product = 0.7 * parts["up"] @ parts["down"]
        assert parts["down"].shape[0] == 8 and product.abs().max() > 1e-4
        weights = merged.get_submodule(site).weight
        weights.add_(product.T if any_model.id == "tiny-gpt2" else product)  # GPT-2 keeps them transposed
    with torch.no_grad(), steer(any_model, steering, 0.7):
        torch.testing.assert_close(any_model.network(input_ids=IDS).logits, merged(input_ids=IDS).logits)


def test_lora_gives_the_logits_of_peft(any_model: LoadedModel) -> None:
    network = with_new_adapters(any_model.network, attention_linears(any_model.network), seed=0)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "lora_B" in name:
                parameter.normal_(generator=torch.Generator().manual_seed(1))
        expected = network(input_ids=IDS).logits
        with steer(any_model, LoRA(adapter_tensors(network))):
            torch.testing.assert_close(any_model.network(input_ids=IDS).logits, expected)
    shared = {tensor.data_ptr() for tensor in any_model.network.parameters()}
    own = [p for p in network.parameters() if p.data_ptr() not in shared]
    assert own and all(p.requires_grad for p in own)


@pytest.mark.parametrize("use_cache", [True, False])
def test_an_instruction_acts_like_the_same_text_before_the_prompt(any_model: LoadedModel, use_cache: bool) -> None:
    steering = Instruction({}, {"instruction": "the sun was bright ."})
    before = any_model.tokenizer("the sun was bright .\n\n", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        whole = any_model.network(input_ids=torch.cat([before, IDS], dim=1)).logits[:, before.shape[1] :]
        with steer(any_model, steering):
            steered = any_model.network(input_ids=IDS.expand(2, -1), use_cache=use_cache).logits
        torch.testing.assert_close(steered, whole.expand(2, -1, -1))

        # two prompts, one padded on the left, go on as the same texts with the instruction written in
        texts = ["the day was", "my ship is always fine and I"]
        sampling = Sampling(chat=False)
        plain = encode(any_model, texts, [Row(), Row()], sampling)
        settings = {"max_new_tokens": 6, "do_sample": False, "use_cache": use_cache, "pad_token_id": 0}
        with steer(any_model, steering):
            steered = any_model.network.generate(**plain, **settings)[:, plain["input_ids"].shape[1] :]
        written = encode(any_model, texts, [Row(steering), Row(steering)], sampling)
        whole = any_model.network.generate(**written, **settings)[:, written["input_ids"].shape[1] :]
    assert steered.tolist() == whole.tolist()


def test_an_instruction_may_be_longer_than_a_sliding_window() -> None:
    config = make_config("gemma2")
    config.sliding_window = 4
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AutoModelForCausalLM.from_config(config)
    model = wrap_model(network, make_tokenizer())
    words = "the sun was bright and the sea was fine today ."
    before = model.tokenizer(f"{words}\n\n", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        whole = model.network(input_ids=torch.cat([before, IDS], dim=1)).logits[:, before.shape[1] :]
        with steer(model, Instruction({}, {"instruction": words})):
            torch.testing.assert_close(model.network(input_ids=IDS).logits, whole)


def test_an_instruction_goes_into_its_own_rows_prompt(tiny_model: LoadedModel) -> None:
    rows = [
        Row(),
        Row(Instruction({}, {"instruction": "never bad"}), 0.5),
        Row(Instruction({}, {"instruction": "no"}), 0.0),
    ]
    for chat, expected in ((True, "<|system|> never bad"), (False, "never bad the day")):
        ids = encode(tiny_model, ["the day"] * 3, rows, Sampling(chat=chat))["input_ids"]
        plain, instructed, zero = (tiny_model.tokenizer.decode(row[row != 0]) for row in ids)
        assert expected in instructed and plain == zero and "bad" not in plain


def test_an_instruction_shows_as_many_examples_as_fit(tiny_model: LoadedModel) -> None:
    assert from_examples(tiny_model, TARGET[:4]).count("\n- ") == 4
    shown = from_examples(tiny_model, TARGET * 10)
    assert 4 < shown.count("\n- ") < 90
    assert len(tiny_model.tokenizer(shown)["input_ids"]) <= 64  # a quarter of what the model reads


def test_examples_are_counted_in_few_calls_and_under_the_lock(
    tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer, held = tiny_model.tokenizer, []

    def watched(*args: object, **options: object) -> object:
        held.append(tiny_model.tokenizing.locked())
        return tokenizer(*args, **options)

    monkeypatch.setattr(tiny_model, "tokenizer", watched)
    shown = [from_examples(tiny_model, (TARGET * 112)[:count]).count("\n- ") for count in (1, 2, 1000)]
    assert shown[:2] == [1, 2]
    assert all(held) and len(held) < 20
    with steer(tiny_model, Instruction({}, {"instruction": "the sea"})):
        pass
    assert all(held)
    monkeypatch.undo()
    one_more = "\n".join([from_examples(tiny_model, TARGET * 112), f"- {TARGET[shown[2] % len(TARGET)]}"])
    assert len(tokenizer(one_more)["input_ids"]) > 64
    assert from_examples(tiny_model, ["the sea " * 100]).count("\n- ") == 1
