"""Which words the concept brought: how much likelier it makes each token of an answer than the plain model does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.generation.thoughts import steered_positions
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer


@dataclass(frozen=True)
class TintedText:
    """A piece of an answer, and log p(with the concept) − log p(plain) of its tokens, in nats."""

    text: str
    ratio: float


def tint(
    model: LoadedModel, prompt: str, rows: Sequence[Row], answers: Sequence[Sequence[int]], sampling: Sampling
) -> list[list[TintedText]]:
    """Compare two rows on each other's answers: every answer is read once by the plain and once by the steered row, in one batch.

    Args:
        rows: the plain row and the steered one.
        answers: for each of them, the token ids of its answer.

    Returns:
        for each answer its text in pieces, which are tokens, or more where a character takes several.
    """
    told = [[token for token in ids if token not in model.end_tokens] for ids in answers]
    pairs = [replace(row, begun=tuple(ids)) for ids in told for row in rows]
    room = replace(sampling, max_new_tokens=1)
    batch = encode(model, [prompt] * len(pairs), pairs, room)
    maps = [None if row.instruction else row.map for row in pairs]
    longest = max(map(len, told))
    with torch.no_grad(), steer(model, maps, [row.strength for row in pairs], steered_positions(model, pairs, room)):
        # an answer's tokens are predicted from the place before the first one on
        logits = model.network(**batch, logits_to_keep=longest + 1).logits[:, :-1].float()
    likely = logits.log_softmax(-1)
    found = []
    for number, ids in enumerate(told):
        at = torch.tensor(ids, device=likely.device, dtype=torch.long)[:, None]
        plain, steered = (likely[2 * number + side, longest - len(ids) :].gather(-1, at)[:, 0] for side in (0, 1))
        found.append(_pieces(model, ids, (steered - plain).tolist()))
    return found


def _pieces(model: LoadedModel, ids: Sequence[int], ratios: Sequence[float]) -> list[TintedText]:
    """The text of the tokens one by one. A token whose text is not yet a beginning of the whole text joins the next one."""
    whole = str(model.tokenizer.decode(list(ids), skip_special_tokens=True))
    pieces, shown, joined = [], 0, 0.0
    for number, ratio in enumerate(ratios, 1):
        joined += ratio
        text = str(model.tokenizer.decode(list(ids[:number]), skip_special_tokens=True))
        if whole.startswith(text) and len(text) > shown:
            pieces.append(TintedText(text[shown:], joined))
            shown, joined = len(text), 0.0
    return pieces
