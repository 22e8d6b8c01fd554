"""What a training minimises, and on which sentences: the recipe's loss, step by step."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from transformers import DynamicCache

from lineas.models.loaded import LoadedModel
from lineas.training.answer_context import after
from lineas.training.batching import minibatch
from lineas.training.checkpoint import TrainingState
from lineas.training.distributed import Ranks
from lineas.training.gradients import backward_that_fits, tokens_that_fit
from lineas.training.loss import Distance, before_and_after
from lineas.training.recipes import Recipe


@dataclass
class Objective:
    """Transport distance plus α times the language anchor.

    Attributes:
        source, target: token rows of the sentences.
        distance: to the target, at the steered sites.
        before: the distance at each site before any step.
        ranks: the processes that share each step's sentences.
        context: what was read before each sentence and is not steered; None for nothing.
    """

    model: LoadedModel
    recipe: Recipe
    seed: int
    source: list[Tensor]
    target: list[Tensor]
    distance: Distance
    before: dict[str, float]
    ranks: Ranks
    context: DynamicCache | None = None

    def __post_init__(self) -> None:
        self._budget = self.ranks.smallest(tokens_that_fit(self.model))

    def backward(self, state: TrainingState) -> tuple[float, float]:
        """Give the parameters the gradient of the next step's loss.

        Returns:
            the loss on the step's few sentences, and the transport distance of the whole source side.
        """
        recipe = self.recipe
        chosen = minibatch(len(self.source), recipe.source_batch, self.seed, state.step)
        anchors = minibatch(len(self.target), recipe.anchor_batch, self.seed + 1, state.step) if recipe.anchor else []
        # with the anchor the two losses must be of one size; without it this is the paper's loss at the reference code's scale
        weight = 1 / max(state.distance_start, 1e-12) if recipe.anchor else 1.0
        with after(self.model, self.context):
            value, lm_loss, self._budget = backward_that_fits(
                self.model,
                state.cache.loss(state.cache.places(chosen, state.step * recipe.source_batch)),
                state.parameters,
                [self.source[i] for i in chosen],
                [self.target[i] for i in anchors],
                weight,
                recipe.anchor,
                self._budget,
                self.ranks,
            )
        return weight * value + recipe.anchor * lm_loss, value

    def metrics(self, state: TrainingState, means: Tensor, seconds: float) -> dict[str, Any]:
        """What a map's metadata tells of its training.

        Args:
            means: site means of all source sentences with the finished map.
        """
        return {
            "distance_start": state.distance_start,
            "distance_end": float(self.distance(means)),
            "steps": state.step,
            "seconds": round(seconds, 2),
            "stopped": state.ending(self.recipe),
            "sites": before_and_after(self.before, self.distance.by_site(means)),
        }
