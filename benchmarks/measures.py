"""Measures that several suites take, all through the library's own evaluation."""

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lineas.evaluation.compare_methods import SHARES, sample
from lineas.evaluation.metrics.cost import perplexities, sentence_losses
from lineas.evaluation.metrics.effect import MEASURING, Score, answers, median_of, text_scores
from lineas.evaluation.metrics.text_statistics import text_statistics
from lineas.evaluation.recommend import Recommendation
from lineas.evaluation.strength_range import dial, recommend_in_range, strength_of_damage
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.adapter import Steering
from lineas.training.batching import tokenize

WIKI_TOKENS = 50
SAME_COST = 0.1
"""Rise of the Wikipedia loss, in nats a token, at which methods are set beside each other: a tenth more perplexity."""
UNHARMED = 1.15
"""Times plain Wikipedia perplexity, up to which a method's effect at λ = 1 counts as one on language that is still whole."""
RESAMPLES = 500
NO_DIAL = ("prompting",)
"""Methods without a cost. A sentence of Wikipedia begins after nothing where the tokenizer puts no token first, and after an
instruction it begins after words: its first ones come more easily, which is no merit of the words."""


def wikipedia_perplexity(
    model: LoadedModel, sentences: Sequence[str], steering: Steering | None, strength: float
) -> float:
    """Mean over sentences of exp(mean loss of a token), of up to 50 tokens: the paper's measure."""
    rows = tokenize(model, sentences, WIKI_TOKENS)
    losses = finish(sentence_losses(model, rows, steering, strength))
    return statistics.mean(math.exp(loss / (len(row) - 1)) for loss, row in zip(losses.tolist(), rows, strict=True))


def own_strength(model: LoadedModel, steering: Steering, target: Sequence[str]) -> Recommendation:
    """The strength that losses recommend within the method's own range."""
    return finish(recommend_in_range(model, steering, *sample(target)))


def strength_at_same_cost(best: Recommendation) -> float:
    plain = best.curve[0].wiki_loss
    return strength_of_damage([(point.strength, point.wiki_loss - plain) for point in best.curve], SAME_COST)


def continuations(
    model: LoadedModel, prompts: Sequence[str], steering: Steering | None, strength: float, sampling: Sampling
) -> list[str]:
    [texts] = finish(answers(model, prompts, [Row(steering, strength)], sampling))
    return texts


def judged(
    model: LoadedModel,
    prompts: Sequence[str],
    rows: Sequence[Row],
    scores: Sequence[Score],
    seed: int,
    tokens: int,
    chat: bool | None = None,
) -> list[dict[str, Any]]:
    """For each row its strength, each judge's score of every answer, every answer's perplexity, and word statistics."""
    texts = finish(answers(model, prompts, rows, replace(MEASURING, seed=seed, max_new_tokens=tokens, chat=chat)))
    measured = []
    for row, said in zip(rows, texts, strict=True):
        counted = text_statistics(said)
        measured.append(
            {
                "strength": row.strength,
                "scores": [[round(value, 4) for value in text_scores(score, said)] for score in scores],
                "perplexities": _perplexities(model, said),
                "distinct_2": counted.distinct_2,
                "repetition": counted.repetition,
                "example": said[0][:300],
            }
        )
    return measured


def along(model: LoadedModel, steering: Steering, target: Sequence[str]) -> tuple[Recommendation, list[Row]]:
    """A method's own recommended strength, and rows at that and then at some more of its range."""
    best = own_strength(model, steering, target)
    others = [best.curve[-1].strength * share for share in SHARES] if dial(steering) else []
    return best, [Row(steering, strength) for strength in (best.strength, *others)]


def median_perplexity(values: Sequence[float | None]) -> float:
    return median_of([value for value in values if value is not None])


def percentile_interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    ordered = sorted(values)
    return ordered[int(0.025 * len(ordered))], ordered[min(len(ordered) - 1, int(0.975 * len(ordered)))]


def resamples(count: int, seeds: int = 1) -> list[list[int]]:
    """Which answers to ``count`` prompts each of many resamples holds; always the same ones, so that methods stay paired.

    Args:
        seeds: that answered them all, one after the other; a prompt is drawn with the answers of all, which are alike.
    """
    drawn = random.Random(0)
    chosen = [[drawn.randrange(count) for _ in range(count)] for _ in range(RESAMPLES)]
    return [[seed * count + prompt for seed in range(seeds) for prompt in some] for some in chosen]


def chance_between(share: float, count: int) -> float:
    """The difference that two shares of ``count`` answers each seldom exceed (5 %) where only chance tells them apart.

    Args:
        share: of either; as of two more and two fewer answers (Agresti and Coull 1998), since none of 60 is not certainly none.
    """
    share = (share * count + 2) / (count + 4)
    return 1.96 * math.sqrt(2 * share * (1 - share) / count)


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean ± standard deviation over seeds; of one seed the value alone."""
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


def _perplexities(model: LoadedModel, texts: Sequence[str]) -> list[float | None]:
    return [round(value, 2) if math.isfinite(value) else None for value in finish(perplexities(model, texts))]
