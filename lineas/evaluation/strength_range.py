"""The range of useful strengths of each method: λ = 1 is hardly noticeable for one method and destroys the text for another.

The range ends where Wikipedia sentences cost between ``MIN_DAMAGE`` and ``MAX_DAMAGE`` nats a token more than in the plain model.
These limits are the same for all methods, so that methods can be compared.
"""

import math
from collections.abc import Generator, Sequence

from lineas.evaluation.metrics.cost import losses_in_context, tokenize_after_context, wiki_sentences
from lineas.evaluation.suites.public_data import take_evenly
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Adapter, Steering
from lineas.training.events import Reading

SENTENCES = 12
"""Number of target and of Wikipedia sentences from which a strength is read; the same at every strength, so that few are enough."""
MIN_DAMAGE, MAX_DAMAGE = 0.3, 1.0
MIN_STRENGTH, MAX_STRENGTH = 1 / 32, 32.0
MAX_STRENGTH_OF = {"aura": 1.0}
"""Methods with an upper limit by definition: AurA cannot silence a unit more than completely."""
MAX_TRIES = 12
"""Strengths to try; if the damage still jumps past the limits, the range ends at the last strength below them."""


def cost_sentences(target: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A few target and Wikipedia sentences from which a strength is read, always the same."""
    return take_evenly(target, SENTENCES), wiki_sentences()[:SENTENCES]


def has_strength(steering: Steering) -> bool:
    """False for an instruction, which is either there or not."""
    return not (isinstance(steering, Adapter) and steering.instruction)


def range_end(model: LoadedModel, steering: Steering, wiki: Sequence[str]) -> Generator[Reading, None, float]:
    """End of a method's range, by doubling or halving λ = 1 and then bisecting until the damage lies between the limits."""
    rows = tokenize_after_context(model, wiki)
    count = sum(map(len, rows))
    plain = float((yield from losses_in_context(model, rows, Row())).sum())
    limit = MAX_STRENGTH_OF.get(steering.metadata.get("method", ""), MAX_STRENGTH)
    strength, below, above = 1.0, 0.0, math.inf
    for _ in range(MAX_TRIES):
        losses = yield from losses_in_context(model, rows, Row(steering, strength))
        damage = (float(losses.sum()) - plain) / count
        if not damage <= MAX_DAMAGE and strength > MIN_STRENGTH:  # also if it is NaN
            above = strength
        elif damage < MIN_DAMAGE and strength < limit:
            below = strength
        else:
            return strength
        strength = strength / 2 if not below else strength * 2 if above == math.inf else math.sqrt(below * above)
    return below or MIN_STRENGTH
