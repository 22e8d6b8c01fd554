"""Who is heard in a mix."""

import pytest

from lineas.evaluation.findings import Interval
from lineas.evaluation.mix_report import Heard, measure_mix
from lineas.evaluation.strength_sweep import measure_sweep
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish


def heard(plain: float, alone: float, mixed: float, spread: float = 0.05) -> Heard:
    """Scores, with intervals that reach this far to both sides."""
    rises = (Interval(score - plain, score - plain - spread, score - plain + spread) for score in (alone, mixed))
    return Heard(plain, *rises)


@pytest.mark.parametrize(
    ("plain", "alone", "mixed", "level"),
    [
        (0.2, 0.6, 0.5, "heard"),
        (0.2, 0.6, 0.9, "heard"),  # another concept helps
        (0.2, 0.9, 0.3, "faint"),
        (0.2, 0.6, 0.27, "drowned"),
        (0.2, 0.27, 0.27, "silent"),
        (0.2, 0.27, 0.5, "heard"),
        (0.9, 0.95, 0.92, "silent"),  # the plain model sounds like it already
    ],
)
def test_a_concept_is_heard_as_far_as_its_score_rises(plain: float, alone: float, mixed: float, level: str) -> None:
    assert heard(plain, alone, mixed).level == level


def test_a_rise_that_may_be_chance_is_not_heard() -> None:
    assert heard(0.2, 0.6, 0.4, spread=0.3).level == "drowned"
    assert heard(0.2, 0.4, 0.4, spread=0.3).level == "silent"


def test_each_judge_reads_the_plain_answers_those_of_its_concept_and_those_of_the_mix(tiny_model: LoadedModel) -> None:
    prompts = ["the day", "my ship"]
    plain, mixed = ["the day was grey .", "my ship was grey ."], ["the sea was good .", "my ship was good ."]
    sea, good = ["the sea was grey .", "we like the sea ."], ["the day was good .", "my ship was good ."]
    asked: list[str] = []

    def hears_sea(texts: list[str]) -> list[float]:
        asked.extend(texts)
        return [float("sea" in text) for text in texts]

    found = finish(measure_mix(tiny_model, prompts, [plain, mixed, sea, good], [hears_sea, "few"]))
    assert found.concepts == (Heard(0.0, Interval(1, 1, 1), Interval(0.5, 0, 1)), "few")
    assert asked == [*plain, *sea, *mixed]  # never those of the other concept
    # the text is measured as on Strengths
    assert found.text == finish(measure_sweep(tiny_model, [0.0, 1.0], prompts, [plain, mixed])).points[1]
