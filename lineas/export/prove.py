"""The proof of an export: what was written is loaded again by stock means, and must give the steered model's logits."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from transformers import PreTrainedModel

from lineas.errors import LineasError
from lineas.evaluation.metrics.prompts import QUESTIONS
from lineas.export.base import Base
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap

PROMPTS = 3
"""Number of neutral questions among the prompts."""
RANDOM_TOKENS = 64
"""Length of one more prompt, of random tokens, which reaches parts of the vocabulary that questions do not."""
ROUNDING = 2e-5
"""Largest difference of a logit that is rounding in float32, as a share of the largest logit; on the built-in model it is 2e-6."""
MARGIN = 2.0
"""How many times the difference that the format makes by itself an export in a shorter format may show."""


@dataclass(frozen=True)
class Proof:
    """How near an export is to the steered model.

    Attributes:
        difference: largest difference of a logit.
        limit: largest difference that is rounding.
        effect: largest difference of a logit between the steered and the plain model.
        tokens: number of positions that were compared.
    """

    difference: float
    limit: float
    effect: float
    tokens: int

    @property
    def holds(self) -> bool:
        return self.difference <= self.limit  # False for NaN


@dataclass(frozen=True)
class Reference:
    """The steered model's logits, to compare an export with; float32, shape (tokens, vocabulary) for each prompt."""

    prompts: Sequence[Tensor]
    steered: Sequence[Tensor]
    effect: float
    base: Base
    steering_map: SteeringMap

    @classmethod
    def of(cls, base: Base, steering_map: SteeringMap) -> "Reference":
        """Compute it with the hooks that the studio uses; the map is at its strength."""
        prompts = _prompts(base)
        plain = logits(base.model.network, prompts)
        with steer(base.model, steering_map):
            steered = logits(base.model.network, prompts)
        return cls(prompts, steered, _difference(plain, steered), base, steering_map)

    @property
    def rounding(self) -> float:
        """Largest difference of a logit that is rounding in float32."""
        return ROUNDING * max(float(one.abs().max()) for one in self.steered)

    def rounded(self, change: Callable[[PreTrainedModel], Callable[[], object]]) -> float:
        """Largest difference of a logit that a shorter format makes by itself: in the network with hooks.

        Args:
            change: rounds the network in place, and returns what undoes that.
        """
        network = self.base.model.network
        with ExitStack() as stack:
            stack.callback(change(network))
            stack.enter_context(steer(self.base.model, self.steering_map))
            return _difference(logits(network, self.prompts), self.steered)

    def compare(self, network: PreTrainedModel, format_makes: float = 0.0) -> Proof:
        """Compare a network that was loaded from what was written.

        Args:
            format_makes: what ``rounded`` measured.
        """
        difference = _difference(logits(network, self.prompts), self.steered)
        limit = max(self.rounding, MARGIN * format_makes)
        return Proof(difference, limit, self.effect, sum(len(one) for one in self.steered))


def to_dtype(dtype: torch.dtype) -> Callable[[PreTrainedModel], Callable[[], object]]:
    """A ``change`` for ``Reference.rounded``: compute with parameters in another dtype, which they came in."""

    def change(network: PreTrainedModel) -> Callable[[], None]:
        _cast(network, dtype)
        return partial(_cast, network, torch.float32)

    return change


def _cast(network: PreTrainedModel, dtype: torch.dtype) -> None:
    """Cast the parameters only: buffers, such as the angles of positions, are exact in float32 alone, and loaded like that."""
    for parameter in network.parameters():
        parameter.data = parameter.data.to(dtype)


def proven(proof: Proof, what: str) -> Proof:
    """Return a proof that holds.

    Raises:
        LineasError: it does not hold.
    """
    if not proof.holds:
        raise LineasError(
            f"The {what} does not behave like the steered model (its logits are up to {proof.difference:.3g} off, and rounding "
            f"explains {proof.limit:.3g}), so it was deleted. Please report this with the name of the model; the map file itself "
            "works in LinEAS."
        )
    return proof


@torch.no_grad()
def logits(network: PreTrainedModel, prompts: Sequence[Tensor]) -> list[Tensor]:
    """Logits of each prompt by itself: float32, shape (tokens, vocabulary)."""
    return [network(input_ids=ids[None], use_cache=False).logits[0].float() for ids in prompts]


def _prompts(base: Base) -> list[Tensor]:
    """Token ids of neutral questions, written as the model wants them, and random ones; int64, shape (tokens,) each."""
    one = Sampling(max_new_tokens=1)
    asked = [encode(base.model, [question], [Row()], one)["input_ids"][0] for question in QUESTIONS[:PROMPTS]]
    vocabulary = base.model.network.config.get_text_config().vocab_size
    length = min(RANDOM_TOKENS, base.model.max_tokens)
    return [*asked, torch.randint(vocabulary, (length,), generator=torch.Generator().manual_seed(0))]


def _difference(one: Sequence[Tensor], other: Sequence[Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))
