"""One plain verdict from the measures of a health card. Pure functions; every threshold is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lineas.evaluation.findings import HeldOut, TextReport
from lineas.evaluation.recommend import Recommendation

Verdict = Literal["works", "weak", "breaks", "same"]
TITLES: dict[Verdict, str] = {
    "works": "works",
    "weak": "weak",
    "breaks": "breaks the text",
    "same": "your examples do not differ",
}
ALIKE = 0.7
"""AUC below which two sides cannot be told apart."""
ENOUGH_TO_TELL = 8
SMALL_GAIN = 0.1
"""Fall of the target loss, in nats a token, below which a map has hardly learnt to speak like the target."""
SMALL_EFFECT = 0.08
"""Rise of the judge's probability below which nobody would notice."""
GREAT_DAMAGE = 1.5
"""Rise of the Wikipedia loss, in nats a token, with which language is lost."""
UNREADABLE = 7.0
"""Next-token loss of the plain model, in nats a token, of sentences that are none: words drawn by lot have 8 to 9, pirates 4.6."""
MORE_REPETITION = 0.25
MANY_EMPTY = 0.25
TIMES_AS_ODD = 12.0
"""Perplexity of the steered text over the plain text's, where it also exceeds that of the target sentences."""


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    reason: str


def identical(source: Sequence[str], target: Sequence[str]) -> bool:
    """The same sentences on both sides, in whatever order."""
    return {" ".join(text.split()) for text in source} == {" ".join(text.split()) for text in target}


IDENTICAL = Judgement("same", "The same sentences stand on both sides, so there is nothing to learn from them.")


def first_look(separability: float, fewest: int, strength: Recommendation) -> Judgement:
    """From losses alone, before a word was generated.

    Args:
        separability: AUC with which the model's own activations tell the sides apart.
        fewest: number of sentences on the smaller side.
    """
    if fewest >= ENOUGH_TO_TELL and separability < ALIKE:
        return _alike(separability)
    if strength.curve and strength.curve[0].target_loss > UNREADABLE:
        return Judgement(
            "breaks",
            "The sentences that you want it to talk like are hardly readable for the model: they look like words in no order. "
            "Steering towards them takes the text apart. Use whole sentences.",
        )
    if strength.damage > GREAT_DAMAGE:
        return Judgement(
            "breaks",
            "Even at the strength that suits it best the model loses its grip on ordinary sentences. Use more, and more varied, "
            "examples.",
        )
    if strength.gain < SMALL_GAIN:
        return Judgement(
            "weak",
            "Steered, the model finds your target sentences hardly more natural than before. Make the two sides differ more "
            "clearly in style and less in topic, or add examples.",
        )
    return Judgement(
        "works",
        f"At strength {strength.strength:g} your target sentences become clearly more natural for the model, and ordinary "
        "sentences hardly less so.",
    )


def final_look(
    first: Judgement,
    judge_auc: float | None,
    plain: TextReport,
    steered: TextReport,
    target_perplexity: float,
    held_out: HeldOut | None,
) -> Judgement:
    """With what was generated at the recommended strength, and the independent judge's opinion (None: there is no judge)."""
    reliable = judge_auc is not None and judge_auc >= ALIKE
    if first.verdict == "breaks" or (first.verdict == "same" and not reliable):
        return first
    if trouble := broken(plain, steered, target_perplexity):
        return Judgement("breaks", trouble)
    carried = (
        " Sentences that were not used for teaching moved the right way, too."
        if held_out and held_out.carries_over
        else ""
    )
    if reliable and steered.gain is not None and steered.score is not None and plain.score is not None:
        scores = f"from {plain.score.mean:.0%} to {steered.score.mean:.0%}"
        if steered.gain.low <= 0 or steered.gain.mean < SMALL_EFFECT:
            return Judgement(
                "weak",
                f"In answers to neutral questions an independent judge hears little of your style ({scores}). Try a higher "
                "strength, or add examples that show the style more clearly.",
            )
        return Judgement(
            "works",
            f"In answers to neutral questions an independent judge hears clearly more of your style ({scores}), and the text "
            f"stays readable.{carried}",
        )
    if first.verdict != "works":
        return first
    return Judgement("works", f"{first.reason} The text stays readable.{carried}")


def broken(plain: TextReport, steered: TextReport, target_perplexity: float) -> str:
    """What is wrong with steered text, in a sentence; empty where nothing is."""
    before, after = plain.statistics, steered.statistics
    if after.empty > before.empty + MANY_EMPTY:
        return f"Steered, {after.empty:.0%} of the answers are empty. Use a lower strength, or more varied examples."
    if after.repetition > before.repetition + MORE_REPETITION:
        return (
            f"Steered, the model repeats itself: {after.repetition:.0%} of the text is said again and again. Use a lower "
            "strength, or more varied examples."
        )
    if steered.perplexity > TIMES_AS_ODD * plain.perplexity and steered.perplexity > target_perplexity:
        return (
            "Steered, the answers fall apart: they are stranger to the model than your own target sentences. Use a lower "
            "strength, or more varied examples."
        )
    return ""


def best_readable(
    candidates: Sequence[tuple[float, TextReport]], plain: TextReport, target_perplexity: float
) -> tuple[float, TextReport]:
    """The first of several strengths, with its report, at which the text is not broken; the last where it always is."""
    for strength, report in candidates:
        if not broken(plain, report, target_perplexity):
            return strength, report
    return candidates[-1]


def _alike(auc: float) -> Judgement:
    return Judgement(
        "same",
        f"Nothing tells your two sides apart (guessing the side of a sentence succeeds in {auc:.0%} of pairs, chance is 50%). Put "
        "sentences on the target side that sound clearly different.",
    )
