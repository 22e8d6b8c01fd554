"""Which rows of a batch may be decoded together, so that each one's answer is the same as alone."""

from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel

from lineas.models.loaded import LoadedModel

PROBE_TOKENS = 12
"""Length of the longer of the two prompts that are tried; the other has half of it."""
_PADS: WeakKeyDictionary[PreTrainedModel, bool] = WeakKeyDictionary()
_BATCHES: WeakKeyDictionary[PreTrainedModel, bool] = WeakKeyDictionary()


def groups(model: LoadedModel, mask: Tensor) -> list[list[int]]:
    """Divide the rows of a batch into groups that can be decoded together: all, those alike in length, or each alone.

    Args:
        mask: attention mask of the prompts, shape (rows, tokens), padded on the left.
    """
    lengths = mask.sum(dim=1).tolist()
    rows = list(range(len(lengths)))
    if len(rows) == 1:
        return [rows]
    if not _batches_exactly(model):
        return [[row] for row in rows]
    if len(set(lengths)) == 1 or _pads_exactly(model):
        return [rows]
    return [[row for row in rows if lengths[row] == length] for length in sorted(set(lengths))]


def _pads_exactly(model: LoadedModel) -> bool:
    """Whether a padded prompt has the logits that it has without padding.

    Models that count positions from the beginning of the padding (the decoders of BART and its kin) have others.
    """
    if model.network not in _PADS:
        _PADS[model.network] = _is_as_alone(model, PROBE_TOKENS // 2)
    return _PADS[model.network]


def _batches_exactly(model: LoadedModel) -> bool:
    """Whether a prompt beside another of its length has the logits that it has alone. RWKV's rows see each other's states."""
    if model.network not in _BATCHES:
        _BATCHES[model.network] = _is_as_alone(model, 0)
    return _BATCHES[model.network]


def _is_as_alone(model: LoadedModel, padding: int) -> bool:
    """Whether the second of two rows, with so much padding, is continued as it is alone."""
    ids = torch.arange(2 * PROBE_TOKENS, device=model.device).view(2, -1)
    ids = ids % model.network.config.get_text_config().vocab_size
    mask = torch.ones_like(ids)
    mask[1, :padding] = 0
    try:
        beside, alone = _logits(model.network, ids, mask)[1], _logits(model.network, ids[1:, padding:])[0]
    except Exception:  # a model that cannot do it at all
        return False
    tolerance = 1e-3 if model.dtype == torch.float32 else 0.1
    return bool((beside - alone).abs().max() <= tolerance * alone.std())


@torch.no_grad()
def _logits(network: PreTrainedModel, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    """Logits of three tokens after each row; float32, shape (rows, 3, vocabulary)."""
    settings = GenerationConfig(
        max_new_tokens=3,
        min_new_tokens=3,
        do_sample=False,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )
    mask = torch.ones_like(ids) if mask is None else mask
    said = network.generate(input_ids=ids, attention_mask=mask, generation_config=settings)  # type: ignore[operator]
    logits: Tensor = torch.stack(said.logits, dim=1).float()
    return logits
