"""A text in front of everything that a network reads, given to its attention as cached keys and values."""

import copy
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel


@torch.no_grad()
def read_prefix(network: PreTrainedModel, ids: Tensor) -> DynamicCache:
    """Read a text once, for ``continuing``.

    Args:
        ids: token ids, int64, shape (tokens,), on the network's device.
    """
    read = DynamicCache(config=network.config)
    network(input_ids=ids[None], past_key_values=read, use_cache=True)
    return read


def prefixed(network: PreTrainedModel, ids: Tensor) -> AbstractContextManager[None]:
    """``continuing`` a text that is read now.

    Args:
        ids: as in ``read_prefix``.
    """
    return continuing(network, read_prefix(network, ids))


@contextmanager
def continuing(network: PreTrainedModel, prefix: DynamicCache) -> Iterator[None]:
    """Make every sequence continue what was read before, in this context and thread only.

    Only the keys and values of the prefix take part, so outputs keep the shapes of the plain network. ``generate`` works too.
    A cache that was begun outside of the context must not be passed in.
    """
    owner, length = threading.get_ident(), prefix.get_seq_length()

    def prepend(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if threading.get_ident() != owner:
            return None
        rows = len(inputs[0] if inputs else named["input_ids"])
        cache = named.get("past_key_values")
        if cache is None or cache.get_seq_length() == 0:
            cache = copy.deepcopy(prefix)
            cache.batch_repeat_interleave(rows)
        named = {**named, "past_key_values": cache}
        if (mask := named.get("attention_mask")) is not None:
            named["attention_mask"] = torch.cat([mask.new_ones(rows, length), mask], dim=1)
        if (positions := named.get("position_ids")) is not None:
            named["position_ids"] = positions + length
        return inputs, named

    handle = network.register_forward_pre_hook(prepend, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@torch.no_grad()
def continues_exactly(network: PreTrainedModel, ids: Tensor) -> bool:
    """Whether the network computes the same after ``prefixed(network, ids)`` as when it reads the tokens with what follows.

    Two rows are tried: models that keep a state instead of keys and values fail, some of them only with several rows.
    """
    more = ids[: max(1, len(ids) // 2)]
    rows = torch.stack([more, more.flip(0)])
    both = torch.cat([ids.repeat(2, 1), rows], dim=1)
    try:
        with prefixed(network, ids):
            after = network(input_ids=rows, use_cache=False).logits.float()
        whole = network(input_ids=both, use_cache=False).logits[:, len(ids) :].float()
    except Exception:  # whatever stops a model from this is no obstacle to reading everything anew
        return False
    tolerance = 1e-3 if network.dtype == torch.float32 else 0.1
    return bool((after - whole).abs().max() <= tolerance * whole.std())
