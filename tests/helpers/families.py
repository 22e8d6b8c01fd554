"""Tiny configs of architectures whose caches and positions differ from a plain Llama's."""

from transformers import (
    BambaConfig,
    BartConfig,
    BloomConfig,
    FalconConfig,
    FalconH1Config,
    Gemma3TextConfig,
    JambaConfig,
    Lfm2Config,
    MambaConfig,
    MistralConfig,
    MptConfig,
    PretrainedConfig,
    Zamba2Config,
)

VOCABULARY = 64
_TOKENS = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": None, "eos_token_id": 1}
_DECODER = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}
_STATE = {"mamba_d_state": 8, "mamba_d_head": 8, "mamba_n_heads": 8, "mamba_n_groups": 1, "mamba_chunk_size": 8}


def unusual_config(family: str) -> PretrainedConfig:
    """A tiny config of a family with states, sliding windows, or unusual positions."""
    match family:
        case "bamba":
            return BambaConfig(**_TOKENS, **_DECODER, **_STATE, attn_layer_indices=[1])
        case "bart":
            heads = {f"{side}_attention_heads": 4 for side in ("encoder", "decoder")}
            layers = {f"{side}_layers": 2 for side in ("encoder", "decoder")}
            return BartConfig(**_TOKENS, **heads, **layers, d_model=32, is_decoder=True, forced_eos_token_id=None)
        case "bloom":
            return BloomConfig(**_TOKENS, hidden_size=32, n_layer=2, n_head=4)
        case "falcon-alibi":
            return FalconConfig(**_TOKENS, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, alibi=True)
        case "falcon-h1":
            return FalconH1Config(**_TOKENS, **_DECODER, **{**_STATE, "mamba_n_heads": 4}, mamba_d_ssm=32)
        case "gemma3":
            return Gemma3TextConfig(**_TOKENS, **_DECODER, head_dim=8, sliding_window=8)
        case "jamba":
            return JambaConfig(
                **_TOKENS, **_DECODER, num_experts=2, mamba_d_state=8, attn_layer_period=2, attn_layer_offset=1
            )
        case "lfm2":
            return Lfm2Config(**_TOKENS, **_DECODER, full_attn_idxs=[1])
        case "mamba":
            return MambaConfig(**_TOKENS, hidden_size=32, num_hidden_layers=2, state_size=8)
        case "mistral-window":
            return MistralConfig(**_TOKENS, **_DECODER, sliding_window=8)
        case "mpt":
            return MptConfig(**_TOKENS, d_model=32, n_heads=4, n_layers=2, max_seq_len=128)
        case "zamba2":
            sizes = {"mamba_d_state": 8, "mamba_headdim": 8, "n_mamba_heads": 8, "mamba_ngroups": 1, "chunk_size": 8}
            return Zamba2Config(**_TOKENS, **_DECODER, **sizes, layers_block_type=["mamba", "hybrid"])
    raise ValueError(family)


UNUSUAL = (
    "bamba", "bart", "bloom", "falcon-alibi", "falcon-h1", "gemma3", "jamba", "lfm2", "mamba", "mistral-window", "mpt", "zamba2",
)  # fmt: skip
