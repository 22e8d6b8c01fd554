"""Answers at many strengths and with a mix, and what they are worth, from the workbench as a page asks it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import SHORT, last, teach
from tiny import make_model

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import Workbench


@pytest.fixture
def bench(lineas_home: Path, tiny_model: LoadedModel) -> Iterator[Workbench]:
    """In a home without the judge's model."""
    bench = Workbench(root=lineas_home, examine=False)
    bench.start(load=False)
    bench.use_model(tiny_model)
    yield bench
    bench.close()


def test_answers_at_every_strength_and_what_they_are_worth(bench: Workbench) -> None:
    sailor, stop = teach(bench), threading.Event()
    prompts, strengths = ["the day was", "I walk with"], [0.0, 0.5, 1.0]
    *_, answers = bench.questions.at_strengths(prompts, sailor, strengths, SHORT, stop=stop)
    assert len(answers) == 6
    assert last(bench.questions.compare(prompts[1], None, 0.0, SHORT, stop=threading.Event())) == [answers[3].text]
    texts = [[answer.text for answer in answers[i :: len(strengths)]] for i in range(len(strengths))]
    # the answers have ended, and nobody said stop: the same event goes on to the measuring
    report = bench.questions.strength_report(sailor, strengths, texts, stop=stop)
    assert report is not None and not report.judged
    assert [point.strength for point in report.points] == strengths
    assert report.points[0].effect == 0 and all(0 <= point.fluency <= 1 for point in report.points)
    assert not bench.snapshot().comparing


def test_measuring_stops_when_told(bench: Workbench) -> None:
    sailor, stop = teach(bench), threading.Event()
    stop.set()
    assert bench.questions.strength_report(sailor, [0.0, 1.0], [["a day"], ["a sea"]], stop=stop) is None


def test_a_mix_is_answered_as_it_is_kept(bench: Workbench) -> None:
    parts = [(teach(bench, "one", seed=1), 0.5), (teach(bench, "two", seed=2), 1.5)]
    tried = last(bench.questions.compare_mix("the day was", parts, SHORT, stop=threading.Event()))
    kept = bench.mix(parts, "both")
    assert last(bench.questions.compare("the day was", kept.id, 1.0, SHORT, stop=threading.Event())) == tried
    pairs, push = bench.overlaps(parts)
    assert list(pairs) == [(0, 1)] and -1 <= pairs[0, 1].whole <= 1 and push > 0


def test_concepts_of_different_models_do_not_mix(bench: Workbench) -> None:
    one = teach(bench, "one")
    bench.use_model(make_model("gpt2"))
    parts = [(one, 1.0), (teach(bench, "two"), 1.0)]
    for ask in (bench.overlaps, lambda parts: bench.mix(parts, "both")):
        with pytest.raises(LineasError, match="cannot be mixed"):
            ask(parts)
