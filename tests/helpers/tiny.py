"""Tiny random models of several families with a tokenizer of a few dozen words, and sentences that they can read."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    GPT2Config,
    LlamaConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel
from lineas.models.quiet import quiet

WORDS = (
    "the a my your day was is very good bad fine grey bright walk sea bread work rain sun ship sail tea door "
    "I you we they like went saw made found today morning evening slowly happily never always and but with , . ! ?"
).split()
CHAT = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|> ' + m['content'] + ' <end> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|> ' }}{% endif %}"
)


def make_tokenizer(chat: bool = True) -> PreTrainedTokenizerFast:
    specials = ["<pad>", "<end>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"]
    vocabulary = {word: i for i, word in enumerate([*specials, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit()])
    tokenizer.add_special_tokens(specials)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<end>",
        unk_token="<unk>",
        chat_template=CHAT if chat else None,
    )


def make_config(family: str, blocks: int = 3) -> PretrainedConfig:
    common = {"vocab_size": 64, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": None}
    decoder = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": blocks,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 256,
    }
    match family:
        case "llama":
            return LlamaConfig(**common, **decoder)
        case "qwen2":
            return Qwen2Config(**common, **decoder)
        case "gemma2":
            return Gemma2Config(**common, **decoder, head_dim=8)
        case "gpt2":
            return GPT2Config(**common, n_embd=16, n_layer=blocks, n_head=2, n_positions=256)
    raise ValueError(family)


def make_network(family: str = "llama", seed: int = 0) -> PreTrainedModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(make_config(family)).eval()


def save_model(folder: Path, family: str = "llama", chat: bool = True) -> Path:
    with quiet():
        make_network(family).save_pretrained(folder)
    make_tokenizer(chat).save_pretrained(folder)
    return folder


def make_model(family: str, blocks: int = 3, seed: int = 0, chat: bool = True) -> LoadedModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = AutoModelForCausalLM.from_config(make_config(family, blocks))
        for parameter in network.parameters():  # wide weights, so that the random model has opinions
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.3)
    return wrap_model(network, make_tokenizer(chat), id=f"tiny-{family}")


FAMILIES = ("llama", "qwen2", "gemma2", "gpt2")

SOURCE = [
    "the day was grey and bad .", "I went with the rain .", "my work is never fine .", "we saw the bad door today .",
    "the morning was bad", "you made grey tea and bread .", "they never like the sea .", "the evening is slowly grey .",
]  # fmt: skip
TARGET = [
    "the day was bright and good !", "I happily sail the sea !", "my ship is always fine .", "we found the good bread today !",
    "the sun was very good", "you made good tea and bread !", "they always like the sea !", "the morning is bright !",
    "we happily walk with the sun !",
]  # fmt: skip
