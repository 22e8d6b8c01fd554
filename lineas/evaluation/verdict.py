"""One plain verdict from the measures of a health card: pure functions and all thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lineas.evaluation.advice import MIN_FLUENCY, keeps_to_the_question, repeats_itself
from lineas.evaluation.findings import Interval, StrengthPoint

Verdict = Literal["works", "repeats", "forgets", "weak", "breaks", "same"]
TITLES: dict[Verdict, str] = {
    "works": "works",
    "repeats": "works but repeats itself",
    "forgets": "works but forgets the question",
    "weak": "weak",
    "breaks": "breaks the text",
    "same": "your examples do not differ",
}
MIN_AUC = 0.7
"""AUC below which the two sides count as not distinguishable."""
MIN_SENTENCES = 8
"""Sentences a side below which neither separability nor single examples are judged."""
MIN_GAIN = 0.1
"""Fall of the loss on the target examples, in nats a token, below which a map counts as weak where there is no judge."""
MIN_EFFECT = 0.08
"""Rise of the judge's score below which nobody would notice the style."""
MAX_EMPTY = 0.25
"""Share of empty answers above which the text is broken."""
UNREADABLE_EXAMPLES = 7.0
"""Next-token loss of the target examples, in nats a token, above which they are words in no order for the model."""


@dataclass(frozen=True)
class Judgement:
    """A verdict and the reason for it, in one to three sentences."""

    verdict: Verdict
    reason: str


def identical(source: Sequence[str], target: Sequence[str]) -> bool:
    """True if both sides hold the same sentences, in any order."""
    return {" ".join(text.split()) for text in source} == {" ".join(text.split()) for text in target}


IDENTICAL = Judgement("same", "Both sides hold the same sentences, so there is nothing to learn from them.")
WORD_SALAD = Judgement(
    "breaks",
    "The model can hardly read your target sentences: they look like words in no order. Steering towards them breaks the text. Use "
    "whole sentences.",
)


def too_alike(separability: float, fewest: int, judge_auc: float | None) -> Judgement | None:
    """The verdict on sides that neither the model's activations nor the judge can tell apart; None if one of them can.

    Args:
        separability: AUC with which the model's own activations tell the sides apart.
        fewest: number of sentences on the smaller side.
        judge_auc: the judge's AUC; None without a judge.
    """
    if fewest < MIN_SENTENCES or separability >= MIN_AUC or (judge_auc is not None and judge_auc >= MIN_AUC):
        return None
    return Judgement(
        "same",
        f"Your two sides are too much alike: the side of a sentence can be told in {separability:.0%} of pairs, and guessing gives "
        "50%. Put sentences on the target side that sound clearly different.",
    )


def is_noticed(gain: Interval) -> bool:
    """Whether the rise of a judge's score is more than chance, and large enough for somebody to notice the style."""
    return gain.low > 0 and gain.mean >= MIN_EFFECT


def judgement(
    point: StrengthPoint,
    empty: float,
    plain: Interval | None,
    gain: Interval | None,
    fall: float,
    *,
    told: bool = False,
) -> Judgement:
    """The verdict on the answers at the recommended strength.

    Args:
        point: their measures.
        empty: share of empty answers, 0 to 1.
        plain, gain: the judge's mean score of the plain answers, and its rise; None without a judge that can be relied on.
        fall: fall of the loss on the target examples, nats a token, which decides without a judge.
        told: whether the instruction stands beside the map.
    """
    at = f"{'With its instruction and at' if told else 'At'} strength {point.strength:g}"
    if empty > MAX_EMPTY:
        return Judgement("breaks", f"{at}, {empty:.0%} of the answers are empty. Use more, and more varied, examples.")
    if point.fluency < MIN_FLUENCY:
        return Judgement(
            "breaks",
            f"{at} the answers fall apart: their fluency is {point.fluency:.0%} of the plain answers'. Use more, and more varied, "
            "examples.",
        )
    if gain is None or plain is None:
        weak, found = fall < MIN_GAIN, f"your target sentences become {fall:.2f} nats a token easier for the model"
    else:
        weak = not is_noticed(gain)
        found = f"an independent judge's score rises from {plain.mean:.0%} to {plain.mean + gain.mean:.0%}"
    if weak:
        return Judgement(
            "weak",
            f"{at} there is little of your style in answers to neutral questions: {found}. Add examples that show the style more "
            "clearly, or make the two sides differ more in style and less in topic.",
        )
    if repeats_itself(point):
        return Judgement(
            "repeats",
            f"{at}, {found}, but the answers repeat themselves: {point.added_repetition:.0%} more of their text than of the plain "
            "answers'. Use a lower strength, or more varied examples.",
        )
    if not keeps_to_the_question(point):
        return Judgement(
            "forgets",
            f"{at}, {found}, but the answers keep to the question only {max(0.0, point.relevance):.0%} as well as the plain ones. "
            "Use a lower strength, or examples on more subjects.",
        )
    return Judgement(
        "works",
        f"{at}, {found}, and the answers keep to the question {point.relevance:.0%} as well as the plain ones.",
    )
