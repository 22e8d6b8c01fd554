"""The sites of each family."""

import time
from dataclasses import replace

import pytest
import torch
from tiny import FAMILIES, SOURCE, TARGET, make_model, make_tokenizer

from lineas import LineasError, fit, steer
from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.sites import SITE_SETS, best_sites, find_blocks, find_sites
from lineas.steering.site import module_widths
from lineas.training.recipes import recipe_named
from tests.architectures.configs import tiny_network

LLAMA, GPT2 = "model.layers.{}.", "transformer.h.{}."
EXPECTED = {
    ("llama", "default"): [LLAMA + "post_attention_layernorm"],
    ("llama", "norms"): [LLAMA + "input_layernorm", LLAMA + "post_attention_layernorm"],
    ("llama", "attention"): [LLAMA + "self_attn"],
    ("llama", "mlp"): [LLAMA + "mlp"],
    ("llama", "blocks"): ["model.layers.{}"],
    ("qwen2", "default"): [LLAMA + "post_attention_layernorm"],
    ("gemma2", "default"): [LLAMA + "pre_feedforward_layernorm"],
    ("gemma2", "paper"): [LLAMA + "post_attention_layernorm", LLAMA + "post_feedforward_layernorm"],
    ("gpt2", "default"): [GPT2 + "ln_2"],
    ("gpt2", "paper"): [GPT2 + "ln_2"],
    ("gpt2", "norms"): [GPT2 + "ln_1", GPT2 + "ln_2"],
    ("gpt2", "attention"): [GPT2 + "attn"],
    ("gpt2", "mlp"): [GPT2 + "mlp"],
    ("gpt2", "blocks"): ["transformer.h.{}"],
}


@pytest.mark.parametrize(("family", "pattern"), EXPECTED)
def test_a_named_set_has_the_expected_sites(family: str, pattern: str) -> None:
    found = find_sites(make_model(family, blocks=2).network, pattern)
    assert [site.name for site in found] == [name.format(i) for i in range(2) for name in EXPECTED[family, pattern]]
    assert {site.width for site in found} == {16}
    assert [site.depth for site in found] == sorted(site.depth for site in found)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_set_is_found_in_forward_order(family: str) -> None:
    network = make_model(family).network
    order = list(module_widths(network))
    for pattern in SITE_SETS:
        positions = [order.index(site.name) for site in find_sites(network, pattern)]
        assert positions == sorted(positions)
        assert positions


def test_a_regular_expression_selects_sites(tiny_model: LoadedModel) -> None:
    found = find_sites(tiny_model.network, r"layers\.[02]\.mlp$")
    assert [(site.name, site.depth) for site in found] == [("model.layers.0.mlp", 0), ("model.layers.2.mlp", 2)]
    assert find_sites(tiny_model.network, r"mlp\.up_proj$")[0].width == 24


def test_a_pattern_without_a_match_lists_the_modules(tiny_model: LoadedModel) -> None:
    with pytest.raises(LineasError, match=r"'transformer.h'.*Choose one of default, .*model\.layers\.N\.mlp \(3\)"):
        find_sites(tiny_model.network, "transformer.h")
    with pytest.raises(LineasError, match=r"'\*oops' is not a pattern"):
        find_sites(tiny_model.network, "*oops")


@pytest.mark.parametrize("pattern", ["(.*)*x$", "(?:(?:.*)+)+#", "(a|a)*" * 20 + "$x", ".*" * 400 + "!"])
def test_no_pattern_takes_long(tiny_model: LoadedModel, pattern: str) -> None:
    """Backtracking would hold the interpreter, and with it the whole studio, for years."""
    began = time.perf_counter()
    with pytest.raises(LineasError, match=r"No part of this model matches|is not a pattern"):
        find_sites(tiny_model.network, pattern)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("pattern", ["(?=look)ahead", r"(same)\1", "(" * 5000, "a{1000}{1000}{1000}", "["])
def test_what_no_linear_search_can_do_is_refused_in_a_sentence(tiny_model: LoadedModel, pattern: str) -> None:
    with pytest.raises(LineasError, match="is not a pattern that can be searched for"):
        find_sites(tiny_model.network, pattern)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_module_at_once_can_be_trained(family: str) -> None:
    """Neither the head, whose rows are picked, nor what has one row for the whole batch is a site."""
    model = make_model(family)
    steering_map = fit(model, SOURCE, TARGET, replace(recipe_named("quick"), steps=1), sites=".*")
    assert len(steering_map.sites) > len(model.sites)
    with steer(model, steering_map, 1.0):
        model.network(torch.tensor([[6, 7, 8]]))


def test_a_module_that_never_fires_is_no_site() -> None:
    """A forward pass that bypasses a module (here by calling its ``forward``) never runs the hook that would steer it."""
    network = make_model("llama").network
    for layer in network.model.layers:
        norm = layer.post_attention_layernorm
        layer._modules.pop("post_attention_layernorm")
        layer.post_attention_layernorm = norm.forward
        layer.bypassed_norm = norm
    assert not [site for site in find_sites(network, "norms") if "bypassed" in site.name]
    with pytest.raises(LineasError, match="No part of this model"):
        find_sites(network, "bypassed_norm")


def test_a_model_without_the_wanted_sites_gets_the_best_that_fire_and_says_so() -> None:
    opt = wrap_model(tiny_network("opt"), make_tokenizer())
    assert [site.name for site in opt.sites] == [f"model.decoder.layers.{i}" for i in range(2)]
    assert best_sites(opt.network)[0] == "blocks"
    [note] = opt.notes
    assert note.startswith("This model has no sites 'default' (") and note.endswith("; 'blocks' take their place.")
    with pytest.raises(LineasError, match="No part of this model matches the sites 'default'"):
        find_sites(opt.network, "default")
    assert len(fit(opt, SOURCE, TARGET, replace(recipe_named("paper"), steps=1)).sites) == 2

    gemma = tiny_network("gemma3n_text")  # its blocks return several streams at once
    assert best_sites(gemma, "blocks")[0] == "mlp-norms"
    assert find_blocks(gemma) == ["model.layers.0", "model.layers.1"]


def test_blocks_without_a_site_are_counted() -> None:
    network = wrap_model(tiny_network("zamba2"), make_tokenizer())
    assert network.notes == ("1 of its 2 blocks have no site of the set 'default' and are not steered there.",)
    assert make_model("llama").notes == ()


def test_a_model_in_which_nothing_can_be_steered_is_refused() -> None:
    with pytest.raises(LineasError, match="No part of this model can be steered: nothing in it returns one vector"):
        wrap_model(tiny_network("xlnet"), make_tokenizer())


def test_the_dry_run_leaves_nothing_behind(tiny_model: LoadedModel) -> None:
    module_widths(tiny_model.network)
    assert not any(module._forward_hooks for module in tiny_model.network.modules())
    assert not any(parameter.requires_grad for parameter in tiny_model.network.parameters())
    assert torch.is_grad_enabled()
