"""A tiny config of every architecture that transformers can load as a causal language model."""

import dataclasses
import inspect
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from lineas.models.quiet import quiet

ARCHITECTURES = tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
"""Model types of transformers' mapping for causal language models."""
MOST_WEIGHTS = 3_000_000
"""A model with more is not tiny: its config has a size that is not known here."""

VOCABULARY = 128
_WIDTHS = {
    32: ("hidden_size", "d_model", "n_embd", "out_hidden_size", "embed_dim"),
    48: (
        "intermediate_size", "intermediate_size_mlp", "dense_intermediate_size", "ffn_dim", "decoder_ffn_dim", "encoder_ffn_dim",
        "ffn_hidden_size", "dff", "dim_ff",
    ),
    24: (
        "moe_intermediate_size", "expert_ffn_hidden_size", "shared_expert_intermediate_size", "shared_intermediate_size",
        "moe_shared_expert_intermediate_size",
    ),
    16: ("kv_lora_rank", "q_lora_rank", "index_topk", "lora_rank", "linear_key_head_dim", "linear_value_head_dim"),
    8: (
        "head_dim", "dim_head", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim", "index_head_dim", "sliding_window",
        "local_attention", "state_size", "chunk_size", "mamba_d_state", "mamba_d_head", "mamba_n_heads", "mamba_chunk_size",
        "global_head_dim", "hidden_size_per_layer_input",
    ),
    4: (
        "num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads", "encoder_attention_heads", 
        "num_experts", "num_local_experts", "n_routed_experts", "rotary_dim", "mamba_dt_rank",
    ),
    2: (
        "num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers", "encoder_layers", "num_key_value_heads",
        "num_experts_per_tok", "moe_topk", "index_n_heads", "mamba_expand", "depth", "linear_num_key_heads",
        "linear_num_value_heads",
    ),
    1: ("n_group", "topk_group", "mamba_n_groups"),
    256: ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_seq_length", "model_max_length"),
}  # fmt: skip
_SIZES: dict[str, Any] = {name: size for size, names in _WIDTHS.items() for name in names}
_SIZES |= dict.fromkeys(("vocab_size", "vocab_size_per_layer_input"), VOCABULARY)
_TOKENS: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1, "forced_eos_token_id": None}
_LATENT: dict[str, Any] = {"head_dim": None, "num_key_value_heads": 4}
_LATENT_ATTENTION = (
    "axk1", "axk2", "deepseek_v2", "deepseek_v3", "deepseek_v32", "glm4_moe_lite", "glm_moe_dsa", "longcat_flash", "minicpm3",
    "youtu",
)  # fmt: skip
_OWN: dict[str, dict[str, Any]] = dict.fromkeys(_LATENT_ATTENTION, _LATENT)
_FOUR: dict[str, Any] = {"num_hidden_layers": 4}
"""Every fourth block has an attention; without one, transformers cannot decode."""
_OWN |= {
    "bailing_hybrid": {**_LATENT, "layer_types": ["linear_attention", "full_attention"]},
    "bamba": {"attn_layer_indices": [1]},
    "blt": {"encoder_hash_byte_group_vocab": 64, "encoder_hash_byte_group_size": [3]},
    "cohere_compass_text": {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 1e4}}},
    "dbrx": {
        "attn_config": {"kv_n_heads": 2, "clip_qkv": 8, "rope_theta": 1e4},
        "ffn_config": {"hidden_size": 32, "ffn_hidden_size": 48},
    },
    "dots1": {"n_shared_experts": 1},
    "dots3_note_text": {"num_key_value_heads": 4},
    "falcon_h1": {"mamba_n_heads": 4, "mamba_d_ssm": 32},
    "gemma3n_text": {
        "num_kv_shared_layers": 0, "laurel_rank": 8, "layer_types": ["sliding_attention", "full_attention"],
        "activation_sparsity_pattern": [0.0, 0.0],
    },
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "window_size": 8},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "kimi_linear": {**_LATENT, "layer_types": ["linear_attention", "full_attention"], "linear_head_dim": 8},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"]},
    "lfm3": _FOUR,
    "longcat_flash": {"num_key_value_heads": 4, "head_dim": 8},
    "mamba2": {"num_heads": 8, "n_groups": 1, "expand": 2},
    "qwen3_5": {"text_config": _FOUR},
    "qwen3_5_moe": {"text_config": _FOUR},
    "qwen3_5_moe_text": _FOUR,
    "qwen3_5_text": _FOUR,
    "qwen3_next": _FOUR,
    "qwen4_exp": {"text_config": _FOUR},
    "qwen4_exp_text": _FOUR,
    "recurrent_gemma": {"num_hidden_layers": 3},
    "reformer": {
        "axial_pos_embds": False, "attention_head_size": 8, "feed_forward_size": 48, "attn_layers": ["local", "local"],
    },
    "roc_bert": {
        "shape_vocab_size": 16, "pronunciation_vocab_size": 16, "enable_pronunciation": False, "enable_shape": False,
    },
    "xlm": {"emb_dim": 32, "n_heads": 4, "causal": True, "is_encoder": True},
    "xmod": {"default_language": "en_XX"},
    "zamba": {"num_hidden_layers": 3, "layers_block_type": ["mamba", "hybrid", "hybrid"]},
    "zamba2": {"layers_block_type": ["mamba", "hybrid"], "mamba_headdim": 8, "n_mamba_heads": 8, "mamba_ngroups": 1},
    "zaya": {"num_experts_per_tok": 1},
}  # fmt: skip


_COMPLETE = ("attn_config", "ffn_config")
"""Parts of a config that are given whole."""


def tiny_config(architecture: str) -> PretrainedConfig:
    """A config of this model type with every known size made small.

    Raises:
        Exception: the sizes do not fit together in this architecture.
    """
    return _small(CONFIG_MAPPING[architecture], _OWN.get(architecture, {}))


def _small(kind: type[PretrainedConfig], own: dict[str, Any]) -> PretrainedConfig:
    known = _fields(kind)
    chosen = {name: value for name, value in (_SIZES | _TOKENS | {"is_decoder": True}).items() if name in known}
    chosen |= own
    for name, part in kind.sub_configs.items():
        if part is AutoConfig:
            part = type(getattr(kind(), name))
        if issubclass(part, PretrainedConfig) and name not in _COMPLETE:
            chosen[name] = _small(part, own.get(name, {}))
    return kind(**{name: value for name, value in chosen.items() if value is not None or name.endswith("token_id")})


def _fields(kind: type[PretrainedConfig]) -> set[str]:
    fields = {field.name for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
    return fields | set(inspect.signature(kind.__init__).parameters)


def tiny_network(architecture: str) -> PreTrainedModel:
    """A random network whose matrices are wide, so that it has opinions.

    Raises:
        Exception: it cannot be built from a config alone, or not in this size.
    """
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(1)
        config = tiny_config(architecture)
        with torch.device("meta"):
            count = sum(parameter.numel() for parameter in AutoModelForCausalLM.from_config(config).parameters())
        if count > MOST_WEIGHTS:
            raise ValueError(f"{count:,} weights, since some of its sizes are fixed")
        network = AutoModelForCausalLM.from_config(config).eval()
        for parameter in network.parameters():
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=0.3)
    return network
