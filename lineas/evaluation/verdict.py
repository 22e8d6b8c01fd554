"""One plain verdict from the measures of a health card: pure functions and all thresholds."""

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
MIN_AUC = 0.7
"""AUC below which the two sides count as not distinguishable."""
MIN_SENTENCES = 8
"""Sentences a side below which neither separability nor single examples are judged."""
MIN_GAIN = 0.1
"""Fall of the target loss, in nats a token, below which a map counts as weak."""
MIN_EFFECT = 0.08
"""Rise of the judge's score below which nobody would notice the style."""
MAX_DAMAGE = 1.5
"""Rise of the Wikipedia loss, in nats a token, above which the language is lost."""
UNREADABLE_LOSS = 7.0
"""Next-token loss of text that is not language, in nats a token, under the plain model: random words have 8 to 9, pirates 4.6."""
MAX_ADDED_REPETITION = 0.25
"""Rise of the repetition over the plain text's above which text counts as repeating itself."""
MAX_ADDED_EMPTY = 0.25
"""Rise of the share of empty answers above which the text is broken."""
MAX_PERPLEXITY_RATIO = 12.0
"""Perplexity relative to the plain text above which text is broken, if it also exceeds that of the target sentences."""


@dataclass(frozen=True)
class Judgement:
    """A verdict and the reason for it, in one to three sentences."""

    verdict: Verdict
    reason: str


def identical(source: Sequence[str], target: Sequence[str]) -> bool:
    """True if both sides hold the same sentences, in any order."""
    return {" ".join(text.split()) for text in source} == {" ".join(text.split()) for text in target}


IDENTICAL = Judgement("same", "Both sides hold the same sentences, so there is nothing to learn from them.")


def first_verdict(separability: float, fewest: int, best: Recommendation) -> Judgement:
    """Verdict from losses alone, before any text is generated.

    Args:
        separability: AUC with which the model's own activations tell the sides apart.
        fewest: number of sentences on the smaller side.
        best: the recommended strength.
    """
    if fewest >= MIN_SENTENCES and separability < MIN_AUC:
        return Judgement(
            "same",
            f"Your two sides are too much alike: the side of a sentence can be told in {separability:.0%} of pairs, and guessing "
            "gives 50%. Put sentences on the target side that sound clearly different.",
        )
    if best.curve and best.curve[0].target_loss > UNREADABLE_LOSS:
        return Judgement(
            "breaks",
            "The model can hardly read your target sentences: they look like words in no order. Steering towards them breaks the "
            "text. Use whole sentences.",
        )
    if best.damage > MAX_DAMAGE:
        return Judgement(
            "breaks",
            "Even at the best strength the model loses its grip on ordinary sentences. Use more, and more varied, examples.",
        )
    if best.gain < MIN_GAIN:
        return Judgement(
            "weak",
            "With this concept, your target sentences are hardly more natural for the model than before. Make the two sides differ "
            "more in style and less in topic, or add examples.",
        )
    return Judgement(
        "works",
        f"At strength {best.strength:g} your target sentences become clearly more natural for the model, and ordinary sentences "
        "stay almost as natural as before.",
    )


def final_verdict(
    first: Judgement,
    judge_auc: float | None,
    plain: TextReport,
    steered: TextReport,
    target_perplexity: float,
    held_out: HeldOut | None,
) -> Judgement:
    """Verdict from the text at the recommended strength and the independent judge's scores (``judge_auc`` None: no judge)."""
    reliable = judge_auc is not None and judge_auc >= MIN_AUC
    if first.verdict == "breaks" or (first.verdict == "same" and not reliable):
        return first
    if problem := text_problem(plain, steered, target_perplexity):
        return Judgement("breaks", problem)
    carries_over = held_out is not None and held_out.carries_over
    more = " It also works on sentences that were not used for teaching." if carries_over else ""
    if reliable and steered.gain is not None and steered.score is not None and plain.score is not None:
        scores = f"from {plain.score.mean:.0%} to {steered.score.mean:.0%}"
        if steered.gain.low <= 0 or steered.gain.mean < MIN_EFFECT:
            return Judgement(
                "weak",
                f"In answers to neutral questions an independent judge finds little of your style ({scores}). Try a higher "
                "strength, or add examples that show the style more clearly.",
            )
        return Judgement(
            "works",
            f"In answers to neutral questions an independent judge finds clearly more of your style ({scores}), and the text stays "
            f"readable.{more}",
        )
    return first if first.verdict != "works" else Judgement("works", f"{first.reason} The text stays readable.{more}")


def text_problem(plain: TextReport, steered: TextReport, target_perplexity: float) -> str:
    """What is wrong with the steered text, in a sentence or two; empty if nothing is."""
    before, after = plain.statistics, steered.statistics
    if after.empty > before.empty + MAX_ADDED_EMPTY:
        problem = f"{after.empty:.0%} of the steered answers are empty."
    elif after.repetition > before.repetition + MAX_ADDED_REPETITION:
        problem = f"The steered model repeats itself: {after.repetition:.0%} of its text is repetition."
    elif steered.perplexity > MAX_PERPLEXITY_RATIO * plain.perplexity and steered.perplexity > target_perplexity:
        problem = "The steered answers fall apart: the model finds them stranger than your own target sentences."
    else:
        return ""
    return f"{problem} Use a lower strength, or more varied examples."


def best_readable(
    candidates: Sequence[tuple[float, TextReport]], plain: TextReport, target_perplexity: float
) -> tuple[float, TextReport]:
    """The first strength and report whose text is not broken; the last if all are."""
    for strength, report in candidates:
        if not text_problem(plain, report, target_perplexity):
            return strength, report
    return candidates[-1]
