"""Who is heard in a mix: each concept's judge compares the mix's answers with the concept's own and the plain model's."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

from lineas.evaluation.advice import point_of
from lineas.evaluation.findings import StrengthPoint
from lineas.evaluation.metrics.effect import Score, report, text_scores
from lineas.evaluation.verdict import MIN_EFFECT
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading

CLEAR = 0.5
"""Share of its rise alone below which a concept is heard only faintly in a mix."""

NoJudge = Literal["unknown", "few", "alike"]
"""Why a concept has no judge: its examples are not on this computer, they are too few, or both sides sound alike to it."""
Level = Literal["heard", "faint", "drowned", "silent"]


@dataclass(frozen=True)
class Heard:
    """Mean scores, 0 to 1, that a concept's judge gives to the answers of the plain model, of the concept alone, and of the mix."""

    plain: float
    alone: float
    mixed: float

    @property
    def level(self) -> Level:
        """How clearly the concept is heard in the mix.

        "heard"; "faint": less than half as much as alone; "drowned": hardly in the mix, but alone; "silent": hardly even alone.
        """
        alone, mixed = self.alone - self.plain, self.mixed - self.plain
        if mixed < MIN_EFFECT:
            return "silent" if alone < MIN_EFFECT else "drowned"
        return "faint" if mixed < CLEAR * alone else "heard"


@dataclass(frozen=True)
class MixReport:
    """Findings about a mix.

    Attributes:
        concepts: in the order of the mix.
        text: how well the mix's answers read and keep to their questions; its ``effect`` is the share of changed words.
    """

    concepts: tuple[Heard | NoJudge, ...]
    text: StrengthPoint


def measure_mix(
    model: LoadedModel,
    prompts: Sequence[str],
    texts: Sequence[Sequence[str]],
    judges: Sequence[Score | NoJudge],
) -> Generator[Reading, None, MixReport]:
    """Measure answers to the same prompts; a few texts are read between two events.

    Args:
        texts: [row][prompt]: of the plain model, of the mix, and of each of its concepts alone.
        judges: of each concept.
    """
    plain, mixed, *alone = texts
    reports = yield from report(model, prompts, [plain, mixed])
    found = tuple(
        judge if isinstance(judge, str) else Heard(*(_mean(text_scores(judge, row)) for row in (plain, own, mixed)))
        for judge, own in zip(judges, alone, strict=True)
    )
    return MixReport(found, point_of(1.0, reports[1], reports[0]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
