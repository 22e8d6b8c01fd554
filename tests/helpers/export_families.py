"""Tiny random models of the families that an export may meet, saved in folders."""

from pathlib import Path

import torch
from families import unusual_config
from tiny import make_tokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    GptOssConfig,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Olmo2Config,
    Phi3Config,
    PhiConfig,
    PretrainedConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    SmolLM3Config,
    StableLmConfig,
)

from lineas.models.quiet import quiet

_TOKENS = {"vocab_size": 64, "pad_token_id": 0, "bos_token_id": None, "eos_token_id": 1}
_DECODER = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 256,
}
_HEAD = {"head_dim": 8}
_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}

TEXT = "The ship was slow, but in 1907 they sailed it 3,000 miles! It's fine."
"""What the byte-level tokenizer has learned to read."""
CHAT = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
SHORT = "llama-16-bit"
"""A Llama whose files hold bfloat16."""
EVERY = (
    "bamba", "bart", "bloom", "falcon-alibi", "falcon-h1", "gemma", "gemma2", "gemma3", "gpt-neox", "gpt-oss", "gpt2", "granite",
    "jamba", "lfm2", "llama", SHORT, "mamba", "mistral", "mistral-window", "mixtral", "mpt", "olmo2", "phi", "phi3", "qwen2",
    "qwen2-tied", "qwen3", "qwen3-moe", "smollm3", "stablelm", "zamba2",
)  # fmt: skip
AS_LLAMA = ("mistral", "phi3", "qwen2", "qwen2-tied")
"""Families that are written as Llama."""
_NO_BIASES = {
    "gemma", "gemma2", "gemma3", "gpt-oss", "jamba", "lfm2", "mistral-window", "mixtral", "mpt", "olmo2", "qwen3", "qwen3-moe",
}  # fmt: skip
NO_CHECKPOINT = {"norms": _NO_BIASES, "blocks": _NO_BIASES | {"stablelm"}}
"""Kind of map → families that have no biases where its shift must go."""
NO_ADAPTER = {
    "norms": {"gpt-oss", "jamba", "mixtral", "olmo2", "qwen3-moe"},
    "blocks": {"gemma2", "gemma3", "gpt-oss", "jamba", "mamba", "mixtral", "olmo2", "qwen3-moe"},
}
"""Kind of map → families in which no linear layer can take its shift, or none that PEFT adapts."""
for _refused in (NO_CHECKPOINT, NO_ADAPTER):
    _refused["both"] = _refused["norms"] | _refused["blocks"]


def config_of(family: str) -> PretrainedConfig:
    match family:
        case "llama" | "llama-16-bit":
            return LlamaConfig(**_TOKENS, **_DECODER)
        case "granite":
            return GraniteConfig(**_TOKENS, **_DECODER, residual_multiplier=0.5, embedding_multiplier=3.0)
        case "smollm3":
            return SmolLM3Config(**_TOKENS, **_DECODER)
        case "gpt2":
            return GPT2Config(**_TOKENS, n_embd=16, n_layer=3, n_head=2, n_positions=256)
        case "gpt-neox":
            return GPTNeoXConfig(**_TOKENS, **{**_DECODER, "num_key_value_heads": 2})
        case "stablelm":
            return StableLmConfig(**_TOKENS, **_DECODER)
        case "phi":
            return PhiConfig(**_TOKENS, **_DECODER)
        case "qwen2":
            return Qwen2Config(**_TOKENS, **_DECODER)
        case "qwen2-tied":
            return Qwen2Config(**_TOKENS, **_DECODER, tie_word_embeddings=True)
        case "mistral":
            return MistralConfig(**_TOKENS, **_DECODER, **_HEAD, sliding_window=None)
        case "mistral-window":
            return MistralConfig(**_TOKENS, **_DECODER, **_HEAD, sliding_window=8)
        case "phi3":
            return Phi3Config(**_TOKENS, **_DECODER, sliding_window=None)
        case "qwen3":
            return Qwen3Config(**_TOKENS, **_DECODER, **_HEAD)
        case "gemma":
            return GemmaConfig(**_TOKENS, **_DECODER, **_HEAD)
        case "gemma2":
            return Gemma2Config(**_TOKENS, **_DECODER, **_HEAD)
        case "gpt-oss":
            return GptOssConfig(**_TOKENS, **_DECODER, **_HEAD, **_EXPERTS)
        case "mixtral":
            return MixtralConfig(**_TOKENS, **_DECODER, **_EXPERTS)
        case "qwen3-moe":
            return Qwen3MoeConfig(
                **_TOKENS, **_DECODER, **_HEAD, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=12
            )
        case "olmo2":
            return Olmo2Config(**_TOKENS, **_DECODER)
    return unusual_config(family)


def save_family(folder: Path, family: str) -> Path:
    """Save a tiny model with wide random weights, norms and biases included, so that nothing in it is 0 or 1."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AutoModelForCausalLM.from_config(config_of(family))
        for name, parameter in network.named_parameters():
            if parameter.ndim == 1:
                parameter.data += 0.3 * torch.randn_like(parameter)
            elif "embed" not in name:
                torch.nn.init.normal_(parameter, std=0.3)
    with quiet():
        (network.bfloat16() if family == SHORT else network).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return folder


def save_chatting(folder: Path, family: str) -> Path:
    """Save a tiny model with a byte-level tokenizer, as most of today's models have."""
    save_family(folder, family)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        [TEXT] * 3, trainers.BpeTrainer(vocab_size=60, special_tokens=["<|im_start|>", "<|im_end|>"])
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", chat_template=CHAT)
    fast.save_pretrained(folder)
    return folder
