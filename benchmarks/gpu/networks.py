"""Llamas of random weights, with a tokenizer of numbered words, so that nothing has to be fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from lineas.models.hardware import estimate_memory, free_memory
from lineas.models.load import wrap_model
from lineas.models.loaded import LoadedModel

WORDS = 400
GRAPH_BYTES = 12 * 1024**3
"""Memory that is left for the graph of a step and the keys and values of answers."""


@dataclass(frozen=True)
class Size:
    """A network to measure.

    Attributes:
        parameters: about how many weights.
        config: settings of ``LlamaConfig``; empty for the default model.
    """

    name: str
    parameters: int
    config: Mapping[str, int | bool] = field(default_factory=dict)


def _llama(
    width: int, inner: int, depth: int, heads: int, keys: int, vocabulary: int, tied: bool = True
) -> dict[str, int | bool]:
    return {
        "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": depth, "num_attention_heads": heads,
        "num_key_value_heads": keys, "vocab_size": vocabulary, "tie_word_embeddings": tied, "max_position_embeddings": 2048,
    }  # fmt: skip


SIZES = (
    Size("default model", 135_000_000),
    Size("random Llama, 0.1 B", 135_000_000, _llama(576, 1536, 30, 9, 3, 49_152)),
    Size("random Llama, 1.2 B", 1_240_000_000, _llama(2048, 8192, 16, 32, 8, 128_256)),
    Size("random Llama, 8 B", 8_030_000_000, _llama(4096, 14_336, 32, 32, 8, 128_256, tied=False)),
)
QUICK = Size("random Llama, tiny", 300_000, _llama(64, 128, 4, 4, 2, 512))


def fits(size: Size, dtype: torch.dtype, device: torch.device) -> bool:
    room = GRAPH_BYTES if device.type == "cuda" else 0
    return estimate_memory(size.parameters, dtype) + room <= free_memory(device)


def random_model(size: Size, dtype: torch.dtype, device: torch.device) -> LoadedModel:
    """Build a network on its device, the same for every dtype but for rounding."""
    torch.manual_seed(0)
    config = LlamaConfig(**size.config, pad_token_id=0, eos_token_id=None, bos_token_id=None)
    with torch.device(device):
        network = AutoModelForCausalLM.from_config(config, dtype=dtype)
    vocabulary = {word: i for i, word in enumerate(("<pad>", "<unk>", *(f"w{i}" for i in range(WORDS))))}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", unk_token="<unk>")
    return wrap_model(network, tokenizer, id=size.name)


def sentences(count: int, seed: int, words: int = 16) -> list[str]:
    """Sentences of random words, none of them twice."""
    generator = torch.Generator().manual_seed(seed)
    # each side has words of its own, so that there is something to learn
    drawn = torch.randint(WORDS // 2, (count, words), generator=generator) + (seed % 2) * (WORDS // 2)
    return [" ".join(f"w{word}" for word in row) for row in drawn.tolist()]


def synchronised(device: torch.device) -> None:
    """Wait for the card, whose work goes on after a call has returned."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
