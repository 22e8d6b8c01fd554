"""Prompts that were read before are not read again: their keys and values, row by row, as steered as the row was.

Another strength needs another reading, since what a site changes goes into all later blocks; but the plain row beside a slider
that moves, and every row that is asked again with another seed, are as they were. Of a conversation that was read as far as its
last question, what came since is read.
"""

from collections import OrderedDict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache, GenerationConfig
from transformers.cache_utils import DynamicLayer

from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer

MOST_TOKENS = 2048
"""Length of all prompts that are kept together. On the default model a token takes 46 kB."""
PROBE_TOKENS = 12
"""Length of the prompts by which a model's cache is tried."""
PROBE_UNREAD = 3
"""How many of their tokens are read after the cache: more than one, as for a steered answer's header."""

RowKey = tuple[tuple[int, ...], int, float]
"""A prompt's token ids, which map or adapter steers it (0: none), and how strongly."""
Layers = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, shape (heads, tokens, width)."""


class PrefixCache:
    """The prompts that a model read last, row by row.

    Attributes:
        exact: whether the model computes the same with what is kept as without; None until it was tried.
    """

    def __init__(self) -> None:
        # the map is kept beside its row, so that its id is not given to another one
        self._rows: OrderedDict[RowKey, tuple[Layers, Steering | None]] = OrderedDict()
        self.exact: bool | None = None

    def get(self, key: RowKey) -> Layers | None:
        if key not in self._rows:
            return None
        self._rows.move_to_end(key)
        return self._rows[key][0]

    def beginning(self, key: RowKey) -> tuple[int, Layers]:
        """The longest beginning of this prompt that is kept for the same steering: its length, and its keys and values."""
        ids, steered_by, strength = key
        fitting = [
            known
            for known in self._rows
            if known[1:] == (steered_by, strength) and len(known[0]) < len(ids) and ids[: len(known[0])] == known[0]
        ]
        longest = max(fitting, key=lambda known: len(known[0]), default=None)
        return (len(longest[0]), self._rows[longest][0]) if longest else (0, [])

    def put(self, key: RowKey, layers: Layers, steering: Steering | None) -> None:
        self._rows[key] = layers, steering
        while sum(len(ids) for ids, _, _ in self._rows) > MOST_TOKENS and len(self._rows) > 1:
            self._rows.popitem(last=False)


_CACHES: WeakKeyDictionary[LoadedModel, PrefixCache] = WeakKeyDictionary()


def cache_of(model: LoadedModel) -> PrefixCache:
    """The model's cache, which goes when the model goes."""
    return _CACHES.setdefault(model, PrefixCache())


def recall(
    model: LoadedModel,
    batch: dict[str, Tensor],
    maps: Sequence[Steering | None],
    strengths: Sequence[float],
    unread: int = 1,
) -> DynamicCache | None:
    """Keys and values of each row's prompt but its last tokens, for ``past_key_values``; read now where they are not kept.

    Args:
        batch: input_ids and attention_mask, padded on the left.
        maps, strengths: what steers the reading of each row; an instruction is in the prompt already.
        unread: number of last tokens to leave to the caller.

    Returns:
        None where a prompt is too short or too long, or the model cannot continue from keys and values exactly: hybrid models
        keep a state that no padding fits, and some models count positions from the beginning of the padding.
    """
    seen = cache_of(model)
    if seen.exact is None:
        seen.exact = _is_exact(model)
    return _recall(model, batch, maps, strengths, unread) if seen.exact else None


def _is_exact(model: LoadedModel) -> bool:
    """Whether two rows of unequal length, continued by two tokens, have the same logits with and without the cache."""
    ids = (
        torch.arange(2 * PROBE_TOKENS, device=model.device).view(2, -1)
        % model.network.config.get_text_config().vocab_size
    )
    mask = torch.ones_like(ids)
    mask[1, : PROBE_TOKENS // 2] = 0
    settings = GenerationConfig(
        max_new_tokens=2, do_sample=False, pad_token_id=0, output_logits=True, return_dict_in_generate=True
    )
    try:
        known = _recall(model, {"input_ids": ids, "attention_mask": mask}, [None, None], [0.0, 0.0], PROBE_UNREAD)
        plain, cached = (
            torch.stack(
                model.network.generate(  # type: ignore[operator]
                    input_ids=ids, attention_mask=mask, past_key_values=past, generation_config=settings
                ).logits
            ).float()
            for past in (None, known)
        )
    except Exception:  # whatever stops a model from this is no obstacle to reading its prompts anew
        return False
    tolerance = 1e-3 if model.dtype == torch.float32 else 0.1
    return known is not None and bool((plain - cached).abs().max() <= tolerance * plain.std())


def _recall(
    model: LoadedModel,
    batch: dict[str, Tensor],
    maps: Sequence[Steering | None],
    strengths: Sequence[float],
    unread: int,
) -> DynamicCache | None:
    prompts = [tuple(ids[mask.bool()].tolist()) for ids, mask in zip(*batch.values(), strict=True)]
    seen, cache = cache_of(model), DynamicCache(config=model.network.config)
    if min(map(len, prompts)) <= unread or not all(isinstance(layer, DynamicLayer) for layer in cache.layers):
        return None
    keys: list[RowKey] = [
        (ids[:-unread], id(m) if m is not None and s != 0 else 0, s if m is not None else 0.0)
        for ids, m, s in zip(prompts, maps, strengths, strict=True)
    ]
    if sum(len(ids) for ids, _, _ in set(keys)) > MOST_TOKENS:
        return None
    wanted = {key: row for row, key in reversed(list(enumerate(keys))) if seen.get(key) is None}
    begun = {key: seen.beginning(key) for key in wanted}
    # rows of one length that go on from one length need neither padding nor positions
    for length, known_length in {(len(key[0]), begun[key][0]) for key in wanted}:
        rows = {key: row for key, row in wanted.items() if (len(key[0]), begun[key][0]) == (length, known_length)}
        ids = torch.tensor([list(key[0][known_length:]) for key in rows], device=model.device)
        past = DynamicCache(config=model.network.config)
        for number in range(len(cache.layers) if known_length else 0):
            k, v = (torch.stack([begun[key][1][number][side] for key in rows]) for side in (0, 1))
            past.update(k, v, number)
        with steer(model, [maps[row] for row in rows.values()], [strengths[row] for row in rows.values()]):
            read = model.network.base_model(input_ids=ids, past_key_values=past, use_cache=True).past_key_values
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
