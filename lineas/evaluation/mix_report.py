"""Who is heard in a mix: each concept's judge compares the mix's answers with the concept's own and the plain model's."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

from lineas.evaluation.advice import point_of
from lineas.evaluation.findings import Interval, StrengthPoint
from lineas.evaluation.metrics.bootstrap import gain_interval
from lineas.evaluation.metrics.effect import Score, report, text_scores
from lineas.evaluation.verdict import is_noticed
from lineas.models.loaded import LoadedModel
from lineas.training.events import Reading

CLEAR = 0.5
"""Share of its rise alone below which a concept is heard only faintly in a mix."""

NoJudge = Literal["unknown", "few", "alike"]
"""Why a concept has no judge: its examples are not on this computer, they are too few, or both sides sound alike to it."""
Level = Literal["heard", "faint", "drowned", "silent"]


@dataclass(frozen=True)
class Heard:
    """How clearly the judge of a concept hears it.

    Attributes:
        plain: mean score of the plain model's answers, 0 to 1.
        alone, mixed: its rise in the answers of the concept alone, and in those of the mix, paired by question.
    """

    plain: float
    alone: Interval
    mixed: Interval

    @property
    def level(self) -> Level:
        """How clearly the concept is heard in the mix.

        "heard"; "faint": less than half as much as alone; "drowned": hardly in the mix, but alone; "silent": hardly even alone.
        """
        if not is_noticed(self.mixed):
            return "drowned" if is_noticed(self.alone) else "silent"
        return "faint" if self.mixed.mean < CLEAR * self.alone.mean else "heard"


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
        judge if isinstance(judge, str) else _heard(*(text_scores(judge, row) for row in (plain, own, mixed)))
        for judge, own in zip(judges, alone, strict=True)
    )
    return MixReport(found, point_of(1.0, reports[1], reports[0]))


def _heard(plain: list[float], alone: list[float], mixed: list[float]) -> Heard:
    return Heard(sum(plain) / len(plain), gain_interval(plain, alone), gain_interval(plain, mixed))
