"""A stock architecture that holds folded weights: the model's own, with its biases switched on, or Llama."""

import copy
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig, PretrainedConfig, PreTrainedModel

from lineas.errors import LineasError

LLAMA_LIKE = ("mistral", "phi3", "qwen2")
"""Families that compute what Llama does, as long as they have no attention window, and whose own classes lack biases."""
LLAMA_ROPES = ("default", "linear", "llama3", "yarn")
"""Kinds of rotary positions that Llama computes as these families do at every length."""


def stock_network(network: PreTrainedModel, state: Mapping[str, Tensor]) -> PreTrainedModel:
    """Put folded weights into a network that transformers loads without any code of ours. Its tensors are those of ``state``.

    Args:
        network: the plain network.
        state: its state dict, with changed values and biases that it may lack.

    Raises:
        LineasError: no stock architecture has these biases.
    """
    config: PretrainedConfig | None = with_biases(network.config, state.keys() - network.state_dict().keys())
    if config is None:
        config, state = as_llama(network.config, state)
    config.dtype = torch.float32
    stock = _empty(config)
    missing = stock.state_dict().keys() - state.keys()
    zeros = {name: torch.zeros(stock.get_parameter(name).shape) for name in missing if name.endswith(".bias")}
    stock.load_state_dict({**state, **zeros}, assign=True)
    stock.tie_weights()
    stock.generation_config = copy.deepcopy(network.generation_config)
    stock.eval().requires_grad_(False)
    return stock


def with_biases(config: PretrainedConfig, wanted: Iterable[str]) -> PretrainedConfig | None:
    """A copy of a config with the switches on that make these biases; None where the architecture has no such switches."""
    wanted = set(wanted)
    result = copy.deepcopy(config)
    if not wanted:
        return result
    plain = _names(config)
    for key, value in config.to_dict().items():
        if "bias" in key and value is False:
            tried = copy.deepcopy(config)
            setattr(tried, key, True)
            if wanted & (_names(tried) - plain):
                setattr(result, key, True)
    return result if wanted <= _names(result) else None


def as_llama(config: PretrainedConfig, state: Mapping[str, Tensor]) -> tuple[LlamaConfig, dict[str, Tensor]]:
    """Rewrite a model as a Llama with biases in its MLP.

    Raises:
        LineasError: it does not compute what Llama does.
    """
    family = config.model_type
    if family not in LLAMA_LIKE:
        raise LineasError(f"the architecture {family!r} has no biases where the map's shift must go.")
    if getattr(config, "sliding_window", None) is not None:
        raise LineasError(
            f"the architecture {family!r} has no biases where the map's shift must go, and Llama's, which has them, lacks this "
            f"model's attention window of {config.sliding_window:,} tokens."
        )
    rope = config.rope_parameters or {}
    if (kind := rope.get("rope_type", "default")) not in LLAMA_ROPES or rope.get("partial_rotary_factor", 1.0) != 1.0:
        raise LineasError(f"this {family!r} model counts positions ({kind!r}) in a way that Llama does not.")
    known = LlamaConfig().to_dict().keys() - {"model_type", "architectures", "transformers_version", "pretraining_tp"}
    given = {key: value for key, value in config.to_dict().items() if key in known}
    tensors = _split(config, state)
    llama = LlamaConfig(**given)
    llama.mlp_bias = True
    llama.attention_bias = any(".self_attn." in name and name.endswith(".bias") for name in tensors)
    return llama, tensors


def _split(config: PretrainedConfig, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Phi-3's fused projections as separate ones."""
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    key_rows = config.num_key_value_heads * head
    parts = {
        "qkv_proj": (("q_proj", "k_proj", "v_proj"), (config.num_attention_heads * head, key_rows, key_rows)),
        "gate_up_proj": (("gate_proj", "up_proj"), (config.intermediate_size,) * 2),
    }
    tensors: dict[str, Tensor] = {}
    for name, tensor in state.items():
        path, _, kind = name.rpartition(".")
        before, _, layer = path.rpartition(".")
        if layer in parts:
            names, sizes = parts[layer]
            rows = tensor.split(list(sizes))
            tensors |= {f"{before}.{own}.{kind}": part.clone() for own, part in zip(names, rows, strict=True)}
        else:
            tensors[name] = tensor
    return tensors


def _names(config: PretrainedConfig) -> set[str]:
    return {name for name, _ in _empty(config).named_parameters()}


def _empty(config: PretrainedConfig) -> PreTrainedModel:
    """A network without weights."""
    with torch.device("meta"):
        network: PreTrainedModel = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    return network
