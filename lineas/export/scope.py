"""What folding changes for a concept that steers only its answers: weights steer everything that is read, too."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from lineas.errors import LineasError
from lineas.evaluation.metrics.cost import losses_in_context, tokenize_after_context, wiki_sentences
from lineas.evaluation.metrics.effect import answers, neutral_prompts, text_scores
from lineas.evaluation.metrics.embeddings import load_minilm
from lineas.evaluation.metrics.judge import train_judge
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.steering.map import SteeringMap

SENTENCES = 24
"""Number of Wikipedia sentences whose loss is measured."""
QUESTIONS = 8
"""Number of neutral questions whose answers are judged."""
MAX_EXAMPLES = 64


@dataclass(frozen=True)
class ScopeChange:
    """A concept of scope "answer" as it was taught, and folded.

    Attributes:
        cost_answer, cost_everything: rise of the loss on Wikipedia sentences after a neutral question, nats a token.
        effect_plain, effect_answer, effect_everything: mean score of a judge, 0 to 1; None without examples or without the judge.
    """

    cost_answer: float
    cost_everything: float
    effect_plain: float | None = None
    effect_answer: float | None = None
    effect_everything: float | None = None

    @property
    def sentence(self) -> str:
        found = (
            "This concept steers only what the model says. Folded into weights it also steers what the model reads: neutral text "
            f"then costs {self.cost_everything:+.2f} nats a token instead of {self.cost_answer:+.2f}"
        )
        if self.effect_plain is None or self.effect_answer is None or self.effect_everything is None:
            return (
                f"{found}. Its effect was not measured, because its examples, or the judge, are not on this computer."
            )
        return (
            f"{found}, and an independent judge hears the style in {self.effect_everything:.0%} of the answers instead of "
            f"{self.effect_answer:.0%} (plain: {self.effect_plain:.0%}; {QUESTIONS} questions)."
        )


def measure_scope(
    model: LoadedModel, steering_map: SteeringMap, examples: tuple[Sequence[str], Sequence[str]]
) -> ScopeChange:
    """Measure cost and effect of both scopes with few sentences; a minute on two cores for the built-in model.

    Args:
        steering_map: at its strength.
        examples: source and target, for the judge; empty where unknown.
    """
    rows = [Row(), Row(steering_map, scope="answer"), Row(steering_map, scope="everything")]
    sentences = tokenize_after_context(model, wiki_sentences()[:SENTENCES])
    count = sum(map(len, sentences))
    plain, *costs = (float(finish(losses_in_context(model, sentences, row)).sum()) / count for row in rows)
    effects: list[float] = []
    with suppress(LineasError):  # too few examples, or the judge's network is not here and cannot be fetched
        source, target = examples
        judge = train_judge(source[:MAX_EXAMPLES], target[:MAX_EXAMPLES], load_minilm())
        texts = finish(answers(model, neutral_prompts(model)[:QUESTIONS], rows))
        effects = [sum(text_scores(judge, row)) / len(row) for row in texts]
    return ScopeChange(*(cost - plain for cost in costs), *effects)
