"""The health card of a trained map: what it does, what it costs, and one plain verdict. It can be written as JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lineas.data.typed_json import typed
from lineas.evaluation.findings import Interval, StrengthPoint, TextReport
from lineas.evaluation.metrics.changed_words import ChangedWord
from lineas.evaluation.metrics.text_statistics import TextStatistics
from lineas.evaluation.verdict import TITLES, Verdict

HowAdvised = Literal["show", "both"]
"""The map alone, or with the instruction beside it."""


@dataclass(frozen=True)
class AnswersReport:
    """Measures of the answers to the neutral prompts.

    Attributes:
        who: "plain", "steered" or "instruction".
        strength: λ of the steering; 0 for the others.
        score, gain: the judge's mean score, 0 to 1, and its rise over the plain model's answers; None without a judge.
        relevance: how far the answers keep to their questions, nats a token.
        perplexity: median after the questions, under the plain model; None if nothing could be measured.
    """

    who: str
    strength: float
    score: Interval | None
    gain: Interval | None
    relevance: Interval
    perplexity: float | None
    statistics: TextStatistics

    @classmethod
    def from_texts(cls, who: str, strength: float, report: TextReport) -> "AnswersReport":
        perplexity = report.perplexity if math.isfinite(report.perplexity) else None
        return cls(who, strength, report.score, report.gain, report.relevance, perplexity, report.statistics)


@dataclass(frozen=True)
class Sample:
    """A question, with the plain and the steered answer to it."""

    prompt: str
    plain: str
    steered: str


@dataclass(frozen=True)
class HealthCard:
    """Result of a health check.

    Attributes:
        verdict, reason: one of ``verdict.TITLES``, and the reason in a sentence or two.
        recommended_strength: λ to use the map at (``advice``).
        gain, damage: fall of the next-token loss on the target examples, and its rise on Wikipedia, by the map alone at that
            strength, nats a token.
        points: what the answers are like at each strength of the map alone, the plain model's first.
        mode: "both" where the answers are better with the instruction beside the map, at the recommended strength; else "show".
        strengths: the λ to use with each way that was tried, "show" and "both"; ``recommended_strength`` is that of ``mode``.
        separability: AUC with which the model's own activations tell the two sides apart, leaving each sentence out.
        judge_auc: cross-validated AUC of the independent judge; None without a judge, and ``judge`` says why.
        answers: measures of the answers to neutral prompts, the plain model's first.
        samples: the first questions with their answers.
        words: words that became more (z > 0) or less frequent in the answers.
        wrong_way: examples that sound like the other side, the worst first.
    """

    verdict: Verdict
    reason: str
    recommended_strength: float
    gain: float
    damage: float
    points: tuple[StrengthPoint, ...] = ()
    mode: HowAdvised = "show"
    strengths: Mapping[HowAdvised, float] = field(default_factory=dict)
    separability: float | None = None
    judge_auc: float | None = None
    judge: str = ""
    answers: tuple[AnswersReport, ...] = ()
    samples: tuple[Sample, ...] = ()
    words: tuple[ChangedWord, ...] = ()
    wrong_way: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return TITLES[self.verdict]

    def answers_of(self, who: str) -> AnswersReport | None:
        """Measures of "plain", "steered" or "instruction"; None if there are none."""
        return next((report for report in self.answers if report.who == who), None)

    def to_json(self) -> str:
        return json.dumps(_rounded(asdict(self)), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "HealthCard":
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: anything else, since any program may have written it; also a card of version 0.1, with other measures.
        """
        try:
            data = json.loads(text)
            damage = math.inf if data["damage"] is None else data["damage"]  # JSON has no infinity
            card: HealthCard = typed({**data, "damage": damage}, cls)
        except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError(f"not a health card: {error}") from error
        return card


def _rounded(value: Any) -> Any:
    """Round to four digits, enough for people; NaN and infinity, which JSON lacks, become None."""
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list | tuple) else value
