"""Padding that changes nothing: whether a model's answer is the same beside a longer prompt, and which rows go together if not."""

from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel

from lineas.models.loaded import LoadedModel

PROBE_TOKENS = 12
"""Length of the longer of the two prompts that are tried; the other has half of it."""
_EXACT: WeakKeyDictionary[PreTrainedModel, bool] = WeakKeyDictionary()


def groups(model: LoadedModel, mask: Tensor) -> list[list[int]]:
    """Divide the rows of a batch into groups that can be decoded together: one, or one for each length of the prompts.

    Args:
        mask: attention mask of the prompts, shape (rows, tokens), padded on the left.
    """
    lengths = mask.sum(dim=1).tolist()
    if len(set(lengths)) == 1 or _pads_exactly(model):
        return [list(range(len(lengths)))]
    return [[row for row, own in enumerate(lengths) if own == length] for length in sorted(set(lengths))]


def _pads_exactly(model: LoadedModel) -> bool:
    """Whether two tokens after a padded prompt have the logits that they have without padding.

    Models that count positions from the beginning of the padding (the decoders of BART and its kin) have others.
    """
    network = model.network
    if network not in _EXACT:
        size = network.config.get_text_config().vocab_size
        ids = torch.arange(2 * PROBE_TOKENS, device=model.device).view(2, -1) % size
        mask = torch.ones_like(ids)
        mask[1, : PROBE_TOKENS // 2] = 0
        try:
            padded, alone = _logits(network, ids, mask)[1], _logits(network, ids[1:, PROBE_TOKENS // 2 :])[0]
            tolerance = 1e-3 if model.dtype == torch.float32 else 0.1
            _EXACT[network] = bool((padded - alone).abs().max() <= tolerance * alone.std())
        except Exception:  # a model that cannot pad at all
            _EXACT[network] = False
    return _EXACT[network]


@torch.no_grad()
def _logits(network: PreTrainedModel, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    """Logits of two tokens after each row; float32, shape (rows, 2, vocabulary)."""
    settings = GenerationConfig(
        max_new_tokens=2, do_sample=False, pad_token_id=0, output_logits=True, return_dict_in_generate=True
    )
    mask = torch.ones_like(ids) if mask is None else mask
    said = network.generate(input_ids=ids, attention_mask=mask, generation_config=settings)  # type: ignore[operator]
    logits: Tensor = torch.stack(said.logits, dim=1).float()
    return logits
