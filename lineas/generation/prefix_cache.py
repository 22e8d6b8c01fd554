"""Prompts that were read before are not read again: their keys and values, row by row, as steered as the row was.

Another strength needs another reading, since what a site changes goes into all later blocks; but the plain row beside a slider
that moves, and every row of "once more, with other dice", are as they were.
"""

from collections import OrderedDict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer

MOST_TOKENS = 2048
"""Of prompts that are remembered, all rows together. On the default model a token takes 46 kB."""

RowKey = tuple[tuple[int, ...], int, float]
"""A prompt's token ids, which map or adapter steers it (0: none), and how strongly."""
Layers = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, shape (heads, tokens, width)."""


class PrefixCache:
    """The rows that were read last."""

    def __init__(self) -> None:
        # the map is kept beside its row, so that its id is not given to another one
        self._rows: OrderedDict[RowKey, tuple[Layers, Steering | None]] = OrderedDict()

    def get(self, key: RowKey) -> Layers | None:
        if key not in self._rows:
            return None
        self._rows.move_to_end(key)
        return self._rows[key][0]

    def put(self, key: RowKey, layers: Layers, steering: Steering | None) -> None:
        self._rows[key] = layers, steering
        while sum(len(ids) for ids, _, _ in self._rows) > MOST_TOKENS and len(self._rows) > 1:
            self._rows.popitem(last=False)

    def clear(self) -> None:
        self._rows.clear()


_CACHES: WeakKeyDictionary[LoadedModel, PrefixCache] = WeakKeyDictionary()


def cache_of(model: LoadedModel) -> PrefixCache:
    """The prompts that this model has read; they go when it goes."""
    return _CACHES.setdefault(model, PrefixCache())


def recall(
    model: LoadedModel, batch: dict[str, Tensor], maps: Sequence[Steering | None], strengths: Sequence[float]
) -> DynamicCache | None:
    """What ``generate`` would make of each row's prompt but its last token, for ``past_key_values``; or None where that cannot be.

    Args:
        batch: input_ids and attention_mask, padded on the left.
        maps, strengths: of each row; an instruction is in the prompt already.
    """
    prompts = [tuple(ids[mask.bool()].tolist()) for ids, mask in zip(*batch.values(), strict=True)]
    seen, cache = cache_of(model), DynamicCache(config=model.network.config)
    if min(map(len, prompts)) < 2 or not all(isinstance(layer, DynamicLayer) for layer in cache.layers):
        return None
    keys: list[RowKey] = [
        (ids[:-1], id(m) if m is not None and s != 0 else 0, s if m is not None else 0.0)
        for ids, m, s in zip(prompts, maps, strengths, strict=True)
    ]
    if sum(len(ids) for ids, _, _ in set(keys)) > MOST_TOKENS:
        return None
    wanted = {key: row for row, key in reversed(list(enumerate(keys))) if seen.get(key) is None}
    for length in {len(ids) for ids, _, _ in wanted}:  # rows of one length need neither padding nor positions
        rows = {key: row for key, row in wanted.items() if len(key[0]) == length}
        ids = torch.tensor([list(key[0]) for key in rows], device=model.device)
        with steer(model, [maps[row] for row in rows.values()], [strengths[row] for row in rows.values()]):
            read = model.network.base_model(input_ids=ids, use_cache=True).past_key_values
        if not all(layer.keys.shape[-2] == length for layer in read.layers):  # a window that has moved on
            return None
        for i, (key, row) in enumerate(rows.items()):
            # copies: a view of one row would keep those of all others in memory
            seen.put(key, [(layer.keys[i].clone(), layer.values[i].clone()) for layer in read.layers], maps[row])
    longest = max(len(ids) for ids, _, _ in keys)
    known = [layers for key in keys if (layers := seen.get(key)) is not None]
    for number in range(len(cache.layers)):
        k, v = (torch.stack([_padded(layers[number][side], longest) for layers in known]) for side in (0, 1))
        cache.update(k, v, number)
    return cache


def _padded(rows: Tensor, length: int) -> Tensor:
    """With zeros on the left, which the attention mask hides."""
    return functional.pad(rows, (0, 0, length - rows.shape[-2], 0))
